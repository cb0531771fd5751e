"""A draft becomes a revision of a letter's case: read, compose, check, freeze.

Which revision is decided by the table of states (`letters.case`); the letter and
its recipients are frozen in the case, so that no file edited later changes them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import NamedTuple

from letters.canonical import stored_json
from letters.case import Command, State, demand
from letters.compose import Composition, compose
from letters.earlier import EarlierLetter
from letters.errors import LettersError
from letters.facts import find_facts
from letters.known import Known
from letters.letter import Letter
from letters.problem import DraftUnreadable, Problem
from letters.recipient import FrozenRecipient, Recipient
from letters.reference import Reference
from tasks.case.case import Case, CaseDamaged, case_emptied, references_of
from tasks.case.change_orders import enter_change
from tasks.case.intake import WITHDRAWAL, Intake, carry_over
from tasks.case.ledger import enter, enter_decision
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.drafting.apart import read_apart
from tasks.drafting.change import as_change, opens_round, withdrawal
from tasks.drafting.earlier import earlier_letter
from tasks.drafting.likeness_index import alike
from tasks.templating import render_string

SALT_BYTES = 16

APPROVED = frozenset(
    {
        *(State.SIGNED, State.HELD, State.ARCHIVED, State.ISSUED),
        *(State.CORRECTED, State.WITHDRAWN),
    }
)

SAMPLE_IN_A_LIVE_OFFICE = Problem(
    code="sample-in-live-office",
    place="signatories",
    message="A sample inspector signs it, and this office is live: its e-mails leave the house"
    " ([mail] provider) or its objects are locked for years ([archive] lock). Name the real"
    ' inspector, or try things out in an office with provider = "outbox" and lock = "none".',
)


class Drafted(NamedTuple):
    """The revision that a draft is, new or known."""

    reference: str
    revision: int


class Blocked(NamedTuple):
    """A draft that can't go on, with every problem found."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(
            f"{problem.place or 'letter'}: {problem.message} [{problem.code}]"
            for problem in self.problems
            if problem.is_blocking
        )


def compose_draft(office: Office, data: bytes, name: str) -> Composition:
    """Read and check a draft's bytes without changing anything.

    A draft that can't be read comes back as a composition with that one problem.
    """
    try:
        reading = read_apart(
            data,
            name,
            register=office.register,
            kinds=tuple(office.kinds.values()),
            limit_bytes=office.settings.limits.draft_bytes,
        )
    except DraftUnreadable as error:
        return Composition(
            problems=(Problem(code=error.code, place=error.where, message=_told(error)),)
        )
    composition = compose(
        reading,
        register=office.register,
        kinds=office.kinds,
        letterhead=office.settings.letterhead,
        render_standard=render_string,
        find_facts=find_facts,
        known=Known(
            references=lambda reference: references_around(office, reference),
            earlier_letter=lambda letter: _earlier_letter(office, letter),
            alike=lambda letter: alike(office, letter, office.kinds[letter.kind]),
        ),
    )
    added = tuple(_problems_of_the_post(office, composition))
    return composition.model_copy(update={"problems": (*composition.problems, *added)})


def _earlier_letter(office: Office, letter: Letter) -> EarlierLetter | Problem | None:
    try:
        return earlier_letter(office, letter)
    except CaseDamaged as damaged:
        # Its areas can't be told; but another letter's damage must not stop this one for good.
        return Problem(
            code="earlier-letter-damaged",
            place="earlier",
            message=f"{damaged.message} {damaged.where}: {damaged.remedy} If its areas were looked"
            " at by other means, override this with the reason.",
            is_overridable=True,
        )


def _problems_of_the_post(office: Office, composition: Composition) -> Iterator[Problem]:
    """Find what would stop the letter at the very end, when it is to leave the house."""
    if composition.letter is not None and composition.letter.sample and office.is_live:
        yield SAMPLE_IN_A_LIVE_OFFICE
    for recipient in composition.recipients:
        if not office.provider.carries_name(recipient.name):
            yield Problem(
                code="name-not-carried",
                place=recipient.id,
                message=f"The e-mail provider can't write to “{recipient.name}”: it takes what"
                " stands after a comma or semicolon for another address. Write the name without"
                " them in contacts.csv; in the letter it may stay.",
            )


def draft(run: StepRun[Intake]) -> Drafted | Blocked:
    """Read the draft, check it, and find or open its revision.

    Raises CommandRefused where the case's state allows no new words.
    """
    intake = run.record
    office = intake.office
    name = intake.original_name
    approved = approved_revision(intake)
    if approved is not None:
        return approved
    if name.endswith(f".{WITHDRAWAL}"):
        return _open_revision(run, *withdrawal(intake), Composition())
    composition = compose_draft(office, intake.get(name), name)
    letter = composition.letter
    if letter is None or composition.is_blocked:
        if (waiting := _packed_revision(intake)) is not None:
            return waiting
        # With it the office's list of blocked drafts knows when a later draft went through.
        named = {} if letter is None else {"reference": letter.reference}
        run.note(
            "blocked",
            problems=[f"{p.code} at {p.place or 'letter'}" for p in composition.problems],
            **named,
        )
        return Blocked(composition.problems)
    case = Case(office, letter.reference)
    return _open_revision(run, case, *as_change(case, letter, composition.recipients), composition)


def _open_revision(
    run: StepRun[Intake],
    case: Case,
    letter: Letter,
    people: tuple[Recipient, ...],
    composition: Composition,
) -> Drafted | Blocked:
    """Find or open the revision that these words to these people are, and freeze it."""
    intake = run.record
    office, name = intake.office, intake.original_name
    recipients = freeze(letter.reference, people, secret=office.secret("recipients"))
    revision = revision_for(case, composition, letter, recipients, intake.draft_sha256)
    onward = run_at_case(run, case, letter, revision)
    # Announced: what another draft's run has stored and not yet named is no forgery.
    stored = onward.once_announced(f"r{revision}/letter.json", _letter_bytes(letter))
    if stored != _letter_bytes(letter):
        return draft(run)  # someone else opened this revision first: look again
    onward.once_announced(
        f"r{revision}/recipients.json",
        stored_json([r.model_dump(mode="json") for r in recipients]),
    )
    if composition.problems_overridden:  # before what says that all of it is told
        onward.once_announced(
            f"r{revision}/draft/overridden.json",
            stored_json([p.model_dump(mode="json") for p in composition.problems_overridden]),
        )
    onward.once_announced(
        f"r{revision}/draft/cleared.json",
        stored_json([d.model_dump(mode="json") for d in composition.doubts_cleared]),
    )
    onward.once_announced(f"r{revision}/draft/{name}", intake.get(name))
    onward.complete(reference=letter.reference, revision=revision, digest=letter.digest)
    if intake.became() != (letter.reference, revision):
        run.note("became", reference=letter.reference, revision=revision)
    return Drafted(letter.reference, revision)


def approved_revision(intake: Intake) -> Drafted | None:
    """Find the approved revision that the draft became, if it has come so far.

    What was approved goes out whatever the register, the kinds and the rules say by
    now: it isn't read again.
    """
    became = intake.became()
    if became is None:
        return None
    state = Case(intake.office, became[0]).state(became[1])
    return Drafted(*became) if state in APPROVED else None


def _packed_revision(intake: Intake) -> Drafted | None:
    """Find the revision that the draft became, if it has its pack.

    What waits for its inspector is not stopped by what came into the archive or the
    register since: it waits as it was packed.
    """
    became = intake.became()
    if became is None or Case(intake.office, became[0]).pack(became[1]) is None:
        return None
    return Drafted(*became)


def revision_for(
    case: Case,
    composition: Composition,
    letter: Letter,
    recipients: tuple[FrozenRecipient, ...],
    draft_sha256: str,
) -> int:
    """Find the revision that these words are, or the number of the one they open.

    Raises CommandRefused: after approval for other words but those by which a change was
    ordered, and for the words of an earlier revision. UsageError: for a letter that was
    disposed of.
    """
    revisions = case.revisions()
    if not revisions:
        if case.is_emptied:
            raise case_emptied(case)  # its reference is its name for good
        return 1
    latest = revisions[-1]
    state = case.state(latest)
    where = f"{case.reference} r{latest}"
    if _is_same(case, latest, composition, letter, recipients, state):
        demand(state, Command.SUBMIT_SAME, where=where)
        return latest
    for earlier in revisions[:-1]:
        if _is_same(case, earlier, composition, letter, recipients, State.SUPERSEDED):
            demand(State.SUPERSEDED, Command.SUBMIT_SAME, where=f"{case.reference} r{earlier}")
    may_open = state in {State.ISSUED, State.SUPERSEDED}
    ordered = opens_round(case, draft_sha256) if may_open else None
    if ordered is not None and state is State.SUPERSEDED:
        return latest + 1  # the change before gave way to this one
    demand(state, ordered or Command.SUBMIT_NEW, where=where)
    return latest + 1


def run_at_case(run: StepRun[Intake], case: Case, letter: Letter, revision: int) -> StepRun[Case]:
    """Go on at the case, opening it where needed and carrying over what came before."""
    onward = StepRun(case, run.step, attempt=run.attempt, of=run.of)
    if case.find_known(f"r{revision}/letter.json") is None:
        run.begin()
        onward = carry_over(run, case)
        for earlier in range(1, revision):
            enter_decision(onward, earlier)
        enter_change(onward)
    onward.once_announced("case.json", case.opening_bytes(letter))
    enter(onward, "opened", "case.json")
    return onward


def freeze(
    reference: str, recipients: tuple[Recipient, ...], *, secret: bytes
) -> tuple[FrozenRecipient, ...]:
    """Give each recipient the salt by which the pack tells the address.

    The salt comes from a secret of the office, so that the same letter has the
    same pack, and nobody outside can try addresses against its hashes.
    """
    return tuple(
        FrozenRecipient(
            **recipient.model_dump(),
            salt=hmac.digest(secret, f"{reference}\n{recipient.id}".encode(), hashlib.sha256).hex()[
                : 2 * SALT_BYTES
            ],
        )
        for recipient in recipients
    )


def references_around(office: Office, reference: Reference) -> tuple[str, ...]:
    """List the letters to the same authority of the year and of those beside it.

    By the names of their folders: nothing is read, however many letters there are.
    """
    years = range(int(reference.year) - 1, int(reference.year) + 2)
    return tuple(
        str(known)
        for year in years
        for known in references_of(office, reference.authority_code, year)
    )


def _is_same(
    case: Case,
    revision: int,
    composition: Composition,
    letter: Letter,
    recipients: tuple[FrozenRecipient, ...],
    state: State,
) -> bool:
    """Whether a revision holds these words, for these people and with these reasons.

    Once approved, the recipients are the approved ones whatever the register says, and
    the reasons those that the inspector read.
    """
    if case.letter(revision).digest != letter.digest:
        return False
    frozen = case.recipients(revision)
    is_open = state in {State.DRAFTED, State.AWAITING_SIGN_OFF, State.RETURNED, State.SUPERSEDED}
    if not is_open:
        return True
    return (not frozen or frozen == recipients) and _has_reasons(case, revision, composition)


def _has_reasons(case: Case, revision: int, composition: Composition) -> bool:
    """Whether a revision was drafted for these reasons; so it is while they aren't stored."""
    if case.find_known(f"r{revision}/draft/cleared.json") is None:
        return True
    return (
        case.doubts_cleared(revision) == composition.doubts_cleared
        and case.problems_overridden(revision) == composition.problems_overridden
    )


def _letter_bytes(letter: Letter) -> bytes:
    return stored_json(letter.model_dump(mode="json"))


def _told(error: LettersError) -> str:
    return f"{error.message} {error.remedy}".strip()
