"""The verb `letters check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desk.failures import Exit
from desk.printing import print_json, print_table, say
from letters.compose import Composition
from letters.errors import LettersError
from letters.problem import DraftUnreadable, Problem
from tasks.case.office import Office
from tasks.drafting.draft import compose_draft
from tasks.drafting.submitted import draft_bytes


def check_draft(office: Office, draft: Path, *, as_json: bool) -> int:
    """Print the problems of a draft."""
    composition = composed(office, draft)
    letter = composition.letter
    if as_json:
        print_json(
            {
                "draft": str(draft.absolute()),
                "reference": None if letter is None else letter.reference,
                "content_code": None if letter is None else letter.content_code,
                "is_blocked": composition.is_blocked,
                "problems": [shown_problem(problem) for problem in composition.problems],
                "doubts_cleared": [d.model_dump(mode="json") for d in composition.doubts_cleared],
            }
        )
    else:
        print_problems(draft.name, composition)
    return Exit.BLOCKED if composition.is_blocked else Exit.DONE


def composed(office: Office, draft: Path) -> Composition:
    """Read, compose and check the draft's file. One that can't be read is one problem."""
    try:
        data = draft_bytes(draft, limit_bytes=office.settings.limits.draft_bytes)
    except DraftUnreadable as error:
        return Composition(problems=(unreadable(error),))
    return compose_draft(office, data, draft.name)


def unreadable(error: LettersError) -> Problem:
    """Tell a failure to read as the problem that it is."""
    return Problem(
        code=error.code, place=error.where, message=f"{error.message} {error.remedy}".strip()
    )


def shown_problem(problem: Problem) -> dict[str, Any]:
    """Tell a problem as JSON."""
    return {
        "code": problem.code,
        "place": problem.place,
        "message": problem.message,
        "blocking": problem.is_blocking,
    }


def print_problems(name: str, composition: Composition) -> None:
    """Print the problems, those that block first."""
    letter = composition.letter
    if not composition.problems and letter is not None:
        say(f"{name}: nothing is wrong. {letter.reference}, content code {letter.content_code}")
        return
    print_table(
        f"{name}: {'blocked' if composition.is_blocked else 'not blocked'}",
        ("place", "code", "", "problem"),
        [
            (p.place or "letter", p.code, "blocks" if p.is_blocking else "warning", p.message)
            for p in sorted(composition.problems, key=lambda p: not p.is_blocking)
        ],
    )
