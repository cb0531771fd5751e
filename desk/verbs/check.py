"""The verb `letters check`: what is wrong with a draft, where, and what to do."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from desk.drafts import draft_file
from desk.failures import Exit
from desk.printing import counted, print_cells, print_json, say
from letters.compose import Composition
from letters.draft_lines import DraftLine, line_of
from letters.errors import LettersError
from letters.inspection import inspection_in
from letters.problem import DraftUnreadable, Problem
from letters.working_days import working_days_after
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
                "draft": str(draft_file(office, draft).absolute()),
                "reference": None if letter is None else letter.reference,
                "content_code": None if letter is None else letter.content_code,
                "is_blocked": composition.is_blocked,
                "working_days": _working_days(office, composition),
                "problems": [shown_problem(p, composition) for p in composition.problems],
                "doubts_cleared": [d.model_dump(mode="json") for d in composition.doubts_cleared],
                "problems_overridden": [
                    p.model_dump(mode="json") for p in composition.problems_overridden
                ],
            }
        )
    else:
        print_problems(draft.name, composition, days=_working_days(office, composition))
    return Exit.BLOCKED if composition.is_blocked else Exit.DONE


def composed(office: Office, draft: Path) -> Composition:
    """Read, compose and check the draft's file. One that can't be read is one problem."""
    draft = draft_file(office, draft)
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


def shown_problem(problem: Problem, composition: Composition) -> dict[str, Any]:
    """Tell a problem as JSON, with its line."""
    line = line_of(problem, composition.sources, composition.words)
    return {
        "code": problem.code,
        "place": problem.place,
        "message": problem.message,
        "blocking": problem.is_blocking,
        "line": None if line is None else line.number,
        "start": problem.start,
        "end": problem.end,
    }


def print_problems(
    name: str, composition: Composition, *, days: dict[str, int] | None = None
) -> None:
    """Print the problems by place, in the order of the letter, each with its line."""
    problems = composition.problems
    letter = composition.letter
    blocking = sum(problem.is_blocking for problem in problems)
    if not problems and letter is not None:
        told = [f"{name}: nothing is wrong. {letter.reference}"]
        told.append(f"content code {letter.content_code}")
    else:
        told = [f"{name}: {'blocked' if blocking else 'not blocked'}"]
        told.append(f"{counted(blocking, 'problem')} to correct or override")
        told.append(counted(len(problems) - blocking, "warning"))
        told += [letter.reference] if letter is not None else []
    if days is not None:
        told.append(
            f"dated {counted(days['used'], 'working day')} after the inspection, "
            f"{days['allowed']} allowed"
        )
    say(", ".join(told), style="bold")
    for doubt in composition.doubts_cleared:
        say(f"  cleared     {doubt.code} at {doubt.place or 'the letter'}: {doubt.why}")
    for problem in composition.problems_overridden:
        say(f"  overridden  {problem.code} at {problem.place or 'the letter'}: {problem.why}")
    for (place, line), group in groupby(
        sorted(_located(composition), key=lambda each: each[0]), key=lambda each: each[1:3]
    ):
        _print_place(place, line, [problem for *_, problem in group])


def _located(
    composition: Composition,
) -> list[tuple[tuple[float, int, int], str, DraftLine | None, Problem]]:
    """Sort key, place, line and problem; what has no line comes first, as what concerns all."""
    found = []
    for number, problem in enumerate(composition.problems):
        line = line_of(problem, composition.sources, composition.words)
        at = (-1.0 if line is None else float(line.number), problem.start or 0, number)
        found.append((at, problem.place, line, problem))
    return found


def _print_place(place: str, line: DraftLine | None, problems: list[Problem]) -> None:
    say("")
    if line is None:
        say(place or "the letter", style="bold")
    else:
        number = str(line.number)
        say(f"{place}, line {number}", style="bold")
        say(f"  {number} │ {line.text}")
        if line.caret:
            say(f"  {' ' * len(number)} │ {line.caret}", style="red")
    print_cells(
        [("blocks" if p.is_blocking else "warning", p.code, p.message) for p in problems],
    )


def _working_days(office: Office, composition: Composition) -> dict[str, int] | None:
    """Count from the last inspection day to the letter's date; None where there are no days."""
    letter = composition.letter
    inspection = None if letter is None else inspection_in(letter.facts)
    if letter is None or inspection is None or inspection.last > letter.date:
        return None
    return {
        "used": working_days_after(inspection.last, letter.date),
        "allowed": office.kinds[letter.kind].deadline_working_days,
    }
