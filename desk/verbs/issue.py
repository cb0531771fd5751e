"""The verb `letters issue`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import typer

from desk.failures import Exit
from desk.issuing import Run, exit_code, issuing, progress, waits_for
from desk.printing import err, print_json, print_table, say
from desk.shown import comments_on, shown_deliveries, shown_letter
from desk.verbs.check import print_problems, shown_problem
from letters.case import CommandRefused, State
from letters.compose import Composition
from letters.errors import UsageError
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.intake import WITHDRAWAL, Intake, take_in
from tasks.case.office import Office
from tasks.drafting.change import withdrawal
from tasks.drafting.draft import compose_draft
from tasks.drafting.submitted import draft_bytes, draft_of, known_reference
from tasks.signoff.signing import sign_as_sample


def issue_draft(office: Office, draft: str, *, sign_as: Sequence[str], as_json: bool) -> int:
    """Take a draft, or an open letter, as far as it will go; return the exit code."""
    return issue_intake(office, _intake_of(office, draft), sign_as=sign_as, as_json=as_json)


def issue_intake(office: Office, intake: Intake, *, sign_as: Sequence[str], as_json: bool) -> int:
    """Take what was taken in as far as it will go; return the exit code."""
    if not _is_decided(_case_of(office, intake)):
        _require_sample(office, sign_as)

    def tell(line: str) -> None:
        err.print(line, markup=False) if as_json else say(line)

    with issuing(office, announce=tell) as run_flow, progress(lambda line: tell(f"  {line}")):
        run = run_flow(intake.draft_sha256)
        case = _case_of(office, intake)
        if run.name == "AwaitingSignOff" and case is not None:
            decided = _decide(case, sign_as, tell=tell, may_ask=not as_json)
            if decided:
                run = run_flow(intake.draft_sha256)
    code = exit_code(case, run)
    composition = _composed(office, intake) if code is Exit.BLOCKED else Composition()
    _print_end(case, run, code, composition, as_json=as_json)
    return code


def _intake_of(office: Office, draft: str) -> Intake:
    """Take in the draft's file; for a reference, find the draft of its latest revision."""
    path = Path(draft)
    reference = None if path.exists() else known_reference(draft)
    if reference is not None:
        return draft_of(office, reference)
    data = draft_bytes(path, limit_bytes=office.settings.limits.draft_bytes)
    return take_in(office, data, path.suffix.lower().lstrip("."))


def _case_of(office: Office, intake: Intake) -> Case | None:
    """Find the case that a draft belongs to, if it is one that can be read and has one."""
    became = intake.became()
    if became is not None:
        return Case(office, became[0])
    if intake.original_name.endswith(f".{WITHDRAWAL}"):
        return withdrawal(intake)[0]
    letter = _composed(office, intake).letter
    case = None if letter is None else Case(office, letter.reference)
    # A run that was killed may have opened the case and put no letter in it.
    return case if case is not None and case.revisions() else None


def _composed(office: Office, intake: Intake) -> Composition:
    """Read and check the draft once more, as the flow did."""
    name = intake.original_name
    return compose_draft(office, intake.get(name), name)


def _is_decided(case: Case | None) -> bool:
    """Whether the latest revision has its decision, so that nobody need sign any more.

    In a round that has no revision yet, somebody has to.
    """
    if case is None:
        return False
    latest = case.revisions()[-1]
    rounds = case.rounds()
    issue = rounds.issue_of(latest)
    is_of_an_earlier_round = issue is not None and issue.number != rounds.number
    return case.decisions(latest).decision is not None and not is_of_an_earlier_round


def _require_sample(office: Office, sign_as: Sequence[str]) -> None:
    sample = [inspector.id for inspector in office.register.inspectors if inspector.sample]
    for named in sign_as:
        if named not in sample:
            raise UsageError(
                f"“{named}” is no sample inspector.",
                where="--sign-as",
                remedy=f"Sample inspectors in this register: {', '.join(sample) or 'none'}.",
                code="not-a-sample-inspector",
            )


def _decide(
    case: Case, sign_as: Sequence[str], *, tell: Callable[[str], None], may_ask: bool
) -> bool:
    """Have the waiting revision signed where sample inspectors can; tell whether it's decided.

    Each in turn: those who were named, or else each whom a person at the terminal agrees to.
    """
    revision = case.revisions()[-1]
    if case.state(revision) is not State.AWAITING_SIGN_OFF:
        return True
    named = sign_as or (_agreed(case, revision) if may_ask and sys.stdin.isatty() else ())
    for inspector_id in named:
        tell(
            f"  signing as the SAMPLE inspector {inspector_id}: every page of this letter"
            " says SAMPLE"
        )
        try:
            sign_as_sample(
                case, revision, inspector_id=inspector_id, decision=Decision.APPROVE, comments=""
            )
        except CommandRefused:
            continue  # decided meanwhile, or before: the flow finds out what
    return case.state(revision) is not State.AWAITING_SIGN_OFF


def _agreed(case: Case, revision: int) -> Iterator[str]:
    """Ask for each sample inspector, one after the other, whether to sign as them."""
    letter = case.letter(revision)
    for inspector_id in waits_for(case, revision):
        if typer.confirm(
            f"{letter.reference} r{revision}, content code {letter.content_code}, waits for its"
            f" sign-off. Sign as the sample inspector {inspector_id} now?"
        ):
            yield inspector_id


def _print_end(
    case: Case | None, run: Run, code: Exit, composition: Composition, *, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                **({} if case is None else shown_letter(case)),
                "outcome": run.name,
                "message": run.message,
                "problems": [shown_problem(p, composition) for p in composition.problems],
                "exit_code": int(code),
            }
        )
        return
    say("")
    if code is Exit.BLOCKED:
        print_problems("The draft", composition)
        say("Nothing was begun: correct the draft and issue it again.", style="bold yellow")
        return
    say(f"{run.name}: {run.message}", style="bold green" if code is Exit.DONE else "bold yellow")
    if case is None or run.name in {"Refused", "Superseded"}:
        return  # what follows would speak of other words than those submitted
    _print_files(case)
    if code in (Exit.DONE, Exit.IN_DOUBT):
        print_table(
            "",
            ("role", "name", "state"),
            [(d["role"], d["name"], d["state"]) for d in shown_deliveries(case)],
        )
    _print_next(case, code)


def _print_files(case: Case) -> None:
    for label, path in shown_letter(case)["files"].items():
        if path is not None:
            say(f"  {label:<9}{path}")
    if any(delivery["eml"] for delivery in shown_deliveries(case)):
        say(f"  e-mails  {case.office.outbox_folder}")


def _print_next(case: Case, code: Exit) -> None:
    """Say what a person can do now."""
    revision = case.revisions()[-1]
    if code is Exit.IN_DOUBT:
        say(f"Settle what is in doubt: letters settle {case.reference} ROLE --as resend|sent")
    elif case.state(revision) is State.RETURNED:
        say(f"The inspector's comments: {comments_on(case.decisions(revision))}")
        say("Change the draft as they ask, and issue it again.")
    elif case.state(revision) is State.AWAITING_SIGN_OFF:
        say(f"Its signing page: letters sign {case.reference}")
        for sample in waits_for(case, revision):
            say(f"To try things out: letters sign {case.reference} --sign-as {sample}")
        say(f"Then send it with: letters issue {case.reference}")
    elif code is Exit.FAILED:
        say(f"Go on with: letters issue {case.reference}")
    say(f"  history  letters history {case.reference}")
    say(f"  proof that nothing was altered: letters verify {case.reference}")
