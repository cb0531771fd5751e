"""Questions on their way to the browser and back, under the office's mark.

Owns how they are written and for how long they are taken back. Nothing is
remembered in between: whichever process is there reads the question again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from pydantic import ValidationError

from letters.canonical import canonical_json
from letters.refusals import ChallengeMismatch, QuestionExpired, QuestionInvalid
from letters.register import Inspector
from letters.signoff import Statement, base64url, from_base64url
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.sealing import is_mark, mark

QUESTION_LIFE = timedelta(minutes=10)
"""Between a question and its answer."""


def sealed_question(office: Office, statement: Statement, comments: str) -> str:
    """Write what an inspector is asked to sign, so that it is known again."""
    said = {"statement": statement.model_dump(mode="json"), "comments": comments}
    return f"{base64url(canonical_json(said))}.{mark(office, 'question', said)}"


def opened(
    case: Case, revision: int, inspector: Inspector, sealed: str, *, signatory: int | None = None
) -> tuple[Statement, str]:
    """Read a question that came back to the page it was asked on.

    Raises QuestionInvalid, QuestionExpired, ChallengeMismatch.
    """
    where = f"{case.reference} r{revision}"
    written, _, claimed = sealed.rpartition(".")
    try:
        said = json.loads(from_base64url(written))
        is_own = is_mark(claimed, case.office, "question", said)
        statement, comments = Statement.model_validate(said["statement"]), str(said["comments"])
    except (ValueError, TypeError, LookupError, RecursionError, ValidationError):
        is_own = False
    if not is_own:
        raise QuestionInvalid(
            "What came back with the answer is not what the office asked.",
            where=where,
            remedy="Open the signing page anew and decide again.",
        )
    asked_about = (statement.reference, statement.revision, statement.inspector)
    if (*asked_about, statement.signatory) != (case.reference, revision, inspector.id, signatory):
        of = "" if statement.signatory is None else f", for signatory {statement.signatory}"
        raise ChallengeMismatch(
            f"The question was {statement.inspector}'s, about {statement.reference}"
            f" r{statement.revision}{of}.",
            where=where,
            remedy="Open the signing page of this letter and decide there.",
        )
    if case.office.clock() - datetime.fromisoformat(statement.at) > QUESTION_LIFE:
        raise QuestionExpired(
            "The answer came more than ten minutes after the question.",
            where=where,
            remedy="Open the signing page anew and decide again.",
        )
    return statement, comments
