"""The verbs `letters correct` and `letters withdraw`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desk.failures import Exit
from desk.printing import err, print_json, say
from desk.verbs.check import print_problems, shown_problem
from desk.verbs.issue import issue_intake
from letters.change import Change
from tasks.case.case import Case, open_case
from tasks.case.intake import Intake, take_in
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_correction, order_withdrawal
from tasks.drafting.draft import compose_draft
from tasks.drafting.draft_files import draft_bytes


def correct_letter(
    office: Office,
    reference: str,
    draft: Path,
    *,
    reason: str,
    sign_as: Sequence[str],
    as_json: bool,
) -> int:
    """Order that a draft corrects an issued letter, and take it as far as it will go."""
    case = open_case(office, reference)
    data = draft_bytes(draft, limit_bytes=office.settings.limits.draft_bytes)
    intake = take_in(office, data, draft.suffix.lower().lstrip("."))
    name = intake.original_name
    composition = compose_draft(office, intake.get(name), name)
    if composition.letter is None or composition.is_blocked:
        if as_json:
            problems = [shown_problem(p, composition) for p in composition.problems]
            print_json({"outcome": "Blocked", "problems": problems})
        else:
            print_problems("The draft", composition)
            say("Nothing was ordered: correct the draft first.", style="bold yellow")
        return Exit.BLOCKED
    run = StepRun(case, STEP)
    order_correction(run, intake, composition.letter, reason=reason)
    _tell(case, as_json=as_json)
    return issue_intake(office, intake, sign_as=sign_as, as_json=as_json)


def withdraw_letter(
    office: Office, reference: str, *, reason: str, sign_as: Sequence[str], as_json: bool
) -> int:
    """Order that an issued letter is withdrawn, and take the notice as far as it will go."""
    case = open_case(office, reference)
    intake: Intake = order_withdrawal(StepRun(case, STEP), reason=reason)
    _tell(case, as_json=as_json)
    return issue_intake(office, intake, sign_as=sign_as, as_json=as_json)


def _tell(case: Case, *, as_json: bool) -> None:
    change: Change | None = case.rounds().change
    if change is None:
        return
    line = (
        f"Ordered: the {change.kind} of {case.reference} r{change.revision}. That letter holds"
        " until what replaces it is signed and archived."
    )
    err.print(line, markup=False) if as_json else say(line)
