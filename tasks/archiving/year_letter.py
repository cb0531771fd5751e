"""One letter of a year: the row, what was decided and what was tried, as its case tells.

Each thing told has to lie as the case's chain names it. What no case says (who cleared a
doubt, when) is told as far as it does: by whom and when the draft was submitted that
holds the clearance. What was cleared and why the pack says, which was signed and is kept when
the draft is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from letters.audit import AuditEntry, Moment, moment_text
from letters.canonical import sha256_hex
from letters.deadline import accepted_at, deadline_of
from letters.delivery import Attempt, DeliveryState, delivery_state
from letters.events import Progress
from letters.holds import Held
from letters.problem import Doubt, Problem
from letters.recipient import FrozenRecipient, send_id
from letters.signoff import Decision
from letters.year import DecisionRow, LetterRow, Signed, StepRow, What
from tasks.case.case import Case, CaseDamaged
from tasks.case.chain import ChainBroken
from tasks.case.rounds import Issue, closing_name

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""By then every claim has run out: what has no outcome is in doubt, whenever one looks."""

TOLD_OF = re.compile(
    r"r\d+/(?:(?:letter|recipients|pack|signoff[^/]*|manifest|held|released)\.json"
    r"|draft/(?:cleared|overridden)\.json|deliveries/[^/]+/[^/]+\.json)"
    r"|(?:issue|closed|change)[^/]*\.json"
)
"""The objects of a case of which rows are made."""

ADDRESS = re.compile(r"[^\s<>()\[\],;:“”\"]+@[^\s<>()\[\],;:“”\"]+")
LEFT_OUT = "[address]"


class LetterTold(NamedTuple):
    """What is told of one letter."""

    letter: LetterRow
    decisions: tuple[DecisionRow, ...]
    steps: tuple[StepRow, ...]


class _Delivery(NamedTuple):
    revision: int
    recipient: FrozenRecipient
    attempts: tuple[Attempt, ...]


def tell_letter(case: Case) -> LetterTold | None:
    """Tell of a letter; None of a case that a killed run opened and put no letter in.

    Raises CaseDamaged, ChainBroken, the errors of the store, and ValueError or KeyError for
    what no step of this product wrote.
    """
    _require_as_named(case)
    revisions = case.revisions()
    if not revisions:
        if not case.exists:
            raise _damaged("The ledger knows this letter, and it is gone.", case, "")
        if not case.chain.entries():  # whoever opens a case writes that first
            raise _damaged("The case's trail is gone.", case, "audit")
        return None
    rounds = case.rounds()
    issues = [
        issue
        for issue in rounds.issues
        # What was held until its date no longer fitted was never sent: it is no issue.
        if case.has_manifest(issue.revision) and rounds.replaced_by(issue.revision) != "new-date"
    ]
    deliveries = [
        _Delivery(issue.revision, one, _attempts(case, issue.revision, one))
        for issue in issues
        for one in case.recipients(issue.revision)
    ]
    steps = tuple(_steps(case, deliveries))
    decisions = tuple(
        sorted(
            (
                *_sign_offs(case),
                *_reasons(case),
                *_settlements(case, deliveries),
                *_changes(case),
            ),
            key=lambda row: (row.at or "", row.what, row.code, row.about),
        )
    )
    row = _row(case, issues[0] if issues else None, deliveries, decisions, steps)
    return LetterTold(row, decisions, steps)


def without_addresses(text: str) -> str:
    """Leave e-mail addresses out of what a person wrote, and put it on one line."""
    return ADDRESS.sub(LEFT_OUT, " ".join(text.split()))


def _row(
    case: Case,
    issue: Issue | None,
    deliveries: list[_Delivery],
    decisions: tuple[DecisionRow, ...],
    steps: tuple[StepRow, ...],
) -> LetterRow:
    last = case.revisions()[-1]
    revision = last if issue is None else issue.revision
    letter, decided = case.letter(revision), case.decisions(revision)
    kind = case.office.kinds.get(letter.kind)
    deadline = None if kind is None else deadline_of(letter, kind)
    sign_offs = [
        Signed(signer=part.signer, at=part.sign_offs[0].statement.at) for part in decided.approved
    ]
    accepted = [_accepted_at(case, one) for one in deliveries if one.revision == revision]
    known = sorted(at for at in accepted if at is not None)
    states = Counter(delivery_state(one.attempts, END_OF_TIME) for one in deliveries)
    counts = Counter(decision.what for decision in decisions)
    seq, head = case.chain.head()
    return LetterRow(
        reference=case.reference,
        authority=letter.authority.name,
        kind=letter.kind,
        is_sample=letter.sample,
        state=str(case.state(last)),
        rounds=len(case.revisions()),
        revision=revision,
        inspected_until=None if deadline is None else deadline.last_inspection_day,
        drafted_at=_happened(case.chain.known_entries()[0]),
        packed_at=_named_at(case, f"r{revision}/pack.json"),
        sign_offs=tuple(sign_offs),
        signed_at=max(one.at for one in sign_offs)
        if decided.decision is Decision.APPROVE
        else None,
        archived_at=_named_at(case, f"r{revision}/manifest.json"),
        first_accepted_at=known[0] if known else None,
        last_accepted_at=known[-1] if known and len(known) == len(accepted) else None,
        issued_at=None if issue is None else _named_at(case, closing_name(issue.number)),
        held_by=", ".join(_holds(case)),
        deadline_working_days=None if deadline is None else deadline.working_days,
        returns=counts["returned"],
        overrides=counts["override"],
        clearances=counts["clearance"],
        retries=sum(step.retries for step in steps),
        settlements=counts["settlement"],
        recipients=len(deliveries),
        attempts=sum(len(one.attempts) for one in deliveries),
        in_doubt=states[DeliveryState.UNKNOWN],
        refused=states[DeliveryState.REFUSED],
        bounced=sum(bool(_progress(case, one).flags) for one in deliveries),
        replacements=counts["correction"] + counts["withdrawal"],
        case_head=f"{seq}:{head}",
    )


def _sign_offs(case: Case) -> Iterator[DecisionRow]:
    for revision in case.revisions():
        for part in case.decisions(revision).parts:
            for sign_off in part.sign_offs:
                statement, name = sign_off.statement, sign_off.enrolment.name
                what: What = "returned" if statement.decision is Decision.RETURN else "approved"
                yield DecisionRow(
                    reference=case.reference,
                    revision=revision,
                    what=what if sign_off is part.sign_offs[0] else "confirmed",
                    who=name if name == part.name else f"{name} for {part.name}",
                    at=statement.at,
                    why=without_addresses(sign_off.comments),
                )


def _reasons(case: Case) -> Iterator[DecisionRow]:
    """Tell what was cleared and overridden, with the reasons; once, in whatever round it stood."""
    told: set[tuple[str, ...]] = set()
    for revision in case.revisions():
        doubts, problems = _answered_for(case, revision)
        clearances = [one for one in doubts if one.accepted]
        found: list[tuple[What, str, str, str]] = [
            *(("clearance", one.code, one.place, one.why) for one in clearances),
            *(("override", one.code, one.place, one.why) for one in problems),
        ]
        for what, code, place, why in found:
            if (what, code, place, why) in told:
                continue
            told.add((what, code, place, why))
            name = "cleared" if what == "clearance" else "overridden"
            entry = _naming(case, f"r{revision}/draft/{name}.json")
            yield DecisionRow(
                reference=case.reference,
                revision=revision,
                what=what,
                code=code,
                about=place,
                who="" if entry is None else f"submitted by {entry.actor}",
                at=None if entry is None else _happened(entry),
                why=without_addresses(why),
            )


def _answered_for(case: Case, revision: int) -> tuple[tuple[Doubt, ...], tuple[Problem, ...]]:
    pack = case.pack(revision)
    if pack is not None:
        return pack.doubts_cleared, pack.problems_overridden
    # A run that was killed may have left a round without it.
    if case.find_known(f"r{revision}/draft/cleared.json") is None:
        return (), ()
    return case.doubts_cleared(revision), case.problems_overridden(revision)


def _settlements(case: Case, deliveries: list[_Delivery]) -> Iterator[DecisionRow]:
    for one in deliveries:
        for attempt in one.attempts:
            if attempt.settlement is not None:
                yield DecisionRow(
                    reference=case.reference,
                    revision=one.revision,
                    what="settlement",
                    code=attempt.settlement.ends_as,
                    about=one.recipient.id,
                    who=attempt.settlement.actor,
                    at=attempt.settlement.at,
                    why=without_addresses(attempt.settlement.why),
                )


def _changes(case: Case) -> Iterator[DecisionRow]:
    """Tell which letters were ordered to be corrected, withdrawn or dated anew."""
    for _, change in sorted(case.rounds().changes.items()):
        yield DecisionRow(
            reference=case.reference,
            revision=change.revision,
            what=change.kind.value,
            who=change.actor,
            at=moment_text(datetime.fromisoformat(change.at)),
            why=without_addresses(change.reason),
        )


def _holds(case: Case) -> Iterator[str]:
    """Name the periods for which the letter was held, released or not."""
    for revision in case.revisions():
        held = case.find_vouched(f"r{revision}/held.json")
        if held is not None:
            yield Held.model_validate_json(held).period.name


def _steps(case: Case, deliveries: list[_Delivery]) -> Iterator[StepRow]:
    """Count attempts after the first, and failures; of a delivery, its claims are its attempts."""
    retries, failures = Counter[str](), Counter[str]()
    errors: dict[str, set[str]] = {}
    for entry in case.chain.known_entries():
        retries[entry.step] += entry.event == "started" and entry.attempt > 1
        if entry.event == "failed":
            failures[entry.step] += 1
            errors.setdefault(entry.step, set()).add(str(entry.detail.get("error", "")))
    retries["email-recipient"] += sum(max(0, len(one.attempts) - 1) for one in deliveries)
    for step in sorted(retries):
        if retries[step] or failures[step]:
            yield StepRow(
                reference=case.reference,
                step=step,
                retries=retries[step],
                failures=failures[step],
                errors=tuple(sorted(errors.get(step, ()))),
            )


def _accepted_at(case: Case, one: _Delivery) -> Moment | None:
    """Tell when a copy was accepted, or was proven or decided to have been; None before."""
    found = accepted_at(one.attempts)
    if found is not None:
        return moment_text(found)
    identity = send_id(case.reference, one.revision, one.recipient.email)
    told = case.provider_events(one.revision, identity) if one.attempts else ()
    return min((event.at for event in told if event.is_proof_of_acceptance), default=None)


def _attempts(case: Case, revision: int, recipient: FrozenRecipient) -> tuple[Attempt, ...]:
    return case.attempts(revision, send_id(case.reference, revision, recipient.email))


def _progress(case: Case, one: _Delivery) -> Progress:
    identity = send_id(case.reference, one.revision, one.recipient.email)
    return Progress.of(case.provider_events(one.revision, identity))


def _named_at(case: Case, name: str) -> Moment | None:
    entry = _naming(case, name)
    return None if entry is None else _happened(entry)


def _naming(case: Case, name: str) -> AuditEntry | None:
    """Find the entry that first names an object of the case."""
    key = case.key(name)
    entries = case.chain.known_entries()
    return next((entry for entry in entries if entry.detail.get("object") == key), None)


def _happened(entry: AuditEntry) -> Moment:
    """Tell when it happened: for what came before the case, when that was."""
    return str(entry.detail.get("intake_at", entry.at))


def _require_as_named(case: Case) -> None:
    """Raise unless all that is told of lies as the chain names it, and the chain has no gap."""
    # Listed before the chain is read: whoever works on the letter adds entries meanwhile.
    lying = sum(name.startswith("audit/") for name in case.names())
    case.chain.require_whole()
    named = case.recorded()
    if lying > len(case.chain.known_entries()):
        raise ChainBroken(
            "Its chain has a gap.",
            where=case.chain.prefix,
            remedy=f"`letters verify {case.reference}` names all that differs.",
        )
    for key, sha256 in named.items():
        name = key.removeprefix(case.key(""))
        folder, is_of_draft, _ = name.partition("/draft/")
        if not TOLD_OF.fullmatch(name) or (
            is_of_draft and case.key(f"{folder}/pack.json") in named
        ):
            continue
        data = case.find(name)
        if data is None:
            raise _damaged("An object is gone; the chain names it.", case, name)
        if sha256_hex(data) != sha256:
            raise _damaged("An object has other bytes than the chain names.", case, name)


def _damaged(message: str, case: Case, name: str) -> CaseDamaged:
    return CaseDamaged(
        message,
        where=case.key(name),
        remedy=f"`letters verify {case.reference}` names all that differs.",
    )
