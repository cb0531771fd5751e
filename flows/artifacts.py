"""What a run shows of its letter on Prefect's pages: the proof, the sign-off, the record, the post.

Artifacts are for reading, and prove nothing; the case holds the evidence. One that can't
be made is logged and stops no letter. Addresses are masked: whoever reaches Prefect's
database reads them. Imports Prefect.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate

from letters.compose import Composition
from letters.decisions import Part
from letters.draft_lines import line_of
from letters.letter import day_in_words
from letters.problem import Problem
from letters.recipient import masked, send_id
from letters.signoff import Decision, SignOff
from tasks.archiving.story import in_brief, shown_history, shown_row
from tasks.case.case import Case
from tasks.case.intake import Intake
from tasks.drafting.draft import compose_draft
from tasks.rendering.words import SAMPLE_MARK, parts
from tasks.signoff.inspectors import short_id
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

HISTORY_ROWS_AT_MOST = 150
"""`letters history` tells all."""

_TITLES = {Decision.APPROVE: "Approved", Decision.RETURN: "Returned"}


def show_proof(
    case: Case,
    revision: int,
    signers: Sequence[tuple[str, str]],
    *,
    flow_run_id: UUID | None = None,
) -> None:
    """Show what a run waits for: who may sign (name, link to the signing page), and what.

    It is the current run, or the one of that id.
    """

    def values() -> dict[str, Any]:
        pack = case.pack(revision)
        decisions = case.decisions(revision)
        return {
            "signers": signers,
            "signed": str(decisions) if decisions.is_joint else "",
            "pack": None if pack is None else pack.sha256,
            "recipients": [
                {"name": r.name, "role": r.role, "address": masked(r.email)}
                for r in case.recipients(revision)
            ],
            "doubts": case.doubts_cleared(revision),
            "problems": () if pack is None else pack.problems_overridden,
            "parts": parts(case.letter(revision)),
        }

    said = "Who may sign, and the letter as proofed"
    _show(case, revision, "proof", said, values, flow_run_id=flow_run_id)


def show_problems(intake: Intake) -> None:
    """Show on the current run's page what keeps its draft from going on, and where it stands."""

    def told(composition: Composition, problem: Problem) -> dict[str, Any]:
        line = line_of(problem, composition.sources, composition.words)
        place = problem.place or "the draft"
        return {
            "where": place if line is None else f"line {line.number}, {place}",
            "message": problem.message,
            "code": problem.code,
            "line": "" if line is None else f"“{line.text.strip()}”",
        }

    try:
        name = intake.original_name
        composition = compose_draft(intake.office, intake.get(name), name)
        markdown = render_markdown_template(
            "artifacts/draft_problems.md.j2",
            blocking=[told(composition, p) for p in composition.problems if p.is_blocking],
            others=[told(composition, p) for p in composition.problems if not p.is_blocking],
        )
        create_markdown_artifact(
            key=f"draft-{intake.draft_sha256[:12]}-problems",
            markdown=markdown,
            description="What keeps the draft from going on, and where it stands",
        )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("The problems of %s can't be shown: %s", intake.draft_sha256[:12], error)


def show_sign_off(case: Case, revision: int) -> None:
    """Show who decided what, when, with which key; and the comments of a return."""

    def values() -> dict[str, Any]:
        return {
            "sign_offs": [
                _sign_off(part, sign_off)
                for part in case.decisions(revision).parts
                for sign_off in part.sign_offs
            ]
        }

    _show(case, revision, "sign-off", "Who decided what, and with which key", values)


def show_manifest(case: Case, revision: int) -> None:
    """Show the objects of the archived record with their hashes."""

    def values() -> dict[str, Any]:
        return {"manifest": json.loads(case.get(f"r{revision}/manifest.json"))}

    _show(case, revision, "manifest", "What was archived, with its hashes", values)


def show_deliveries(case: Case, revision: int) -> None:
    """Show what is known of each e-mail at this moment."""

    def values() -> dict[str, Any]:
        return {"deliveries": _deliveries(case, revision)}

    _show(case, revision, "deliveries", "What became of each e-mail", values)


def show_history(case: Case) -> None:
    """Show how the letter came to where it is: its trail, and what Prefect knew of ended runs.

    What went well is told in brief; of a long story, its end.
    """

    def values() -> dict[str, Any]:
        rows = [shown_row(row) for row in in_brief(shown_history(case))]
        return {
            "rows": [
                row._replace(detail=masked(row.detail)) for row in rows[-HISTORY_ROWS_AT_MOST:]
            ],
            "left_out": max(0, len(rows) - HISTORY_ROWS_AT_MOST),
        }

    _show(case, case.revisions()[-1], "history", "How the letter came to where it is", values)


def _show(
    case: Case,
    revision: int,
    what: str,
    description: str,
    values: Callable[[], dict[str, Any]],
    *,
    flow_run_id: UUID | None = None,
) -> None:
    """Make the artifact `<reference>-<what>` of the current flow run, or of another."""
    try:
        letter = case.letter(revision)
        markdown = render_markdown_template(
            f"artifacts/{what.replace('-', '_')}.md.j2",
            letter=letter,
            revision=revision,
            date=day_in_words(letter.date),
            mark=SAMPLE_MARK if letter.sample else "",
            **values(),
        )
        key = f"{case.reference}-{what}".lower()
        # Prefect's pages read descriptions as Markdown too: no values in them.
        if flow_run_id is None:
            create_markdown_artifact(key=key, markdown=markdown, description=description)
            return
        with get_client(sync_client=True) as client:
            client.create_artifact(
                ArtifactCreate(
                    key=key,
                    type="markdown",
                    description=description,
                    data=markdown,
                    flow_run_id=flow_run_id,
                )
            )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("%s r%d: its %s can't be shown: %s", case.reference, revision, what, error)


def _sign_off(part: Part, sign_off: SignOff) -> dict[str, Any]:
    is_confirmation = sign_off is not part.sign_offs[0]
    title = _TITLES[sign_off.statement.decision]
    return {
        "title": "Confirmed with another key" if is_confirmation else title,
        "signatory": "" if part.number is None else f"{part.name} (number {part.number})",
        "statement": sign_off.statement,
        "at": _minute(sign_off.statement.at),
        "enrolment": sign_off.enrolment,
        "enrolled_at": _minute(sign_off.enrolment.at),
        "key": short_id(sign_off.credential_id),
        "entitled_as": sign_off.entitled_as,
        "claimed_name": sign_off.claimed_name,
        "comments": sign_off.comments.strip().splitlines(),
    }


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"


def _deliveries(case: Case, revision: int) -> list[dict[str, Any]]:
    states = case.delivery_states(revision)
    return [
        {
            "role": r.role,
            "name": r.name,
            "address": masked(r.email),
            "state": states[r.id],
            "attempts": len(case.attempts(revision, send_id(case.reference, revision, r.email))),
        }
        for r in case.recipients(revision)
    ]
