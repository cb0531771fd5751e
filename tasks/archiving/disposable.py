"""What would go if a class were disposed of now, and what stands against it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from letters.disposal import IN_WORDS, Keeping, Named
from letters.errors import UsageError
from tasks.archiving.certificates import certificates_of, disposed_record, is_completed
from tasks.archiving.holding import is_on_hold
from tasks.archiving.retention import (
    Since,
    day_of_draft,
    days_of_case,
    keys_of_case,
    keys_of_draft,
    named,
    since_closed,
    since_taken_in,
)
from tasks.case.case import Case, case_missing
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.case.store import DisposingStore, LockingStore


class DisposalRefused(UsageError):
    """Something stands against letting it go: nothing was changed."""

    code = "disposal-refused"


class Lot(NamedTuple):
    """What would go, as it lies there now."""

    since: Since
    fields: dict[str, Any]
    objects: tuple[Named, ...]


def lot_of(office: Office, of: str, keeping: Keeping) -> Lot:
    """Gather what would go. Raises DisposalRefused for all that stands against it."""
    disposing_store(office)
    for certificate in certificates_of(office, of):
        if not is_completed(office, certificate.number):
            raise DisposalRefused(
                f"Certificate {certificate.number} is not carried out to its end.",
                where=of,
                remedy=f"Do that first: `letters dispose --approve {certificate.number}`.",
                code="disposal-unfinished",
            )
    if of.startswith("intake/"):
        since, due_on, keys, recorded = _of_draft(office, of, keeping)
    else:
        since, due_on, keys, recorded = _of_case(Case(office, of), keeping)
    if not keys:
        raise DisposalRefused(
            f"Nothing is left of {IN_WORDS[keeping]}.",
            where=of,
            remedy="`letters dispose` lists what is due.",
            code="nothing-left",
        )
    if office.clock().date() < due_on:
        raise DisposalRefused(
            f"It is kept until {due_on} ({IN_WORDS[keeping]}).",
            where=of,
            remedy="Wait for that day. How long is said by the letter's kind, in [retention].",
            code="not-due",
        )
    objects = named(office, keys)
    for each in objects:
        _require_free(office, each, recorded)
    fields = {"since": since.day, "due_on": due_on, "closing": since.closing}
    return Lot(since, fields, objects)


_Gathered = tuple[Since, date, list[str], dict[str, str]]


def _of_case(case: Case, keeping: Keeping) -> _Gathered:
    if not case.exists:
        raise case_missing(case.office, case.reference)
    if is_on_hold(case):
        raise DisposalRefused(
            "The letter is on legal hold.",
            where=case.reference,
            remedy="It is for who asked for the hold to release it: `letters release`.",
            code="case-held",
        )
    since = since_closed(case)
    if since is None:
        if disposed_record(case) is not None:
            raise DisposalRefused(
                "The record is disposed of already.", where=case.reference, code="nothing-left"
            )
        raise DisposalRefused(
            "The letter is open: it is not sent to everybody, or is being corrected.",
            where=case.reference,
            remedy=f"`letters show {case.reference}` tells for whom it waits.",
            code="case-open",
        )
    day = days_of_case(case, since)[keeping]
    return since, day, keys_of_case(case, keeping), case.recorded()


def _of_draft(office: Office, of: str, keeping: Keeping) -> _Gathered:
    intake = Intake(office, of.removeprefix("intake/"))
    since = since_taken_in(intake)
    if since is None:
        became = intake.became()
        raise DisposalRefused(
            f"The draft became {became[0]}: it goes with that letter's working papers."
            if became
            else "The office has taken in no such draft.",
            where=of,
            remedy="`letters dispose` lists what is due.",
            code="draft-missing" if became is None else "draft-became-letter",
        )
    if keeping is not Keeping.WORKING:
        raise DisposalRefused(
            "A draft that became no letter is working papers, and nothing else.",
            where=of,
            remedy="Give --class working.",
            code="class-wrong",
        )
    return since, day_of_draft(office, since), keys_of_draft(intake), intake.recorded()


def _require_free(office: Office, each: Named, recorded: dict[str, str]) -> None:
    """Refuse an object that its chain doesn't name so, or that the store keeps."""
    if recorded.get(each.key) != each.sha256:
        raise DisposalRefused(
            "It is not what the trail names: whatever happened to it must be found out first.",
            where=each.key,
            remedy="Run `letters verify`, and keep what differs as evidence.",
            code="not-as-recorded",
        )
    if not isinstance(office.store, LockingStore):
        return
    lock = office.store.locked(each.key)
    if lock is not None and lock.until > office.clock():
        raise DisposalRefused(
            f"The store keeps it locked until {lock.until:%Y-%m-%d %H:%M} UTC, under {lock.mode}.",
            where=each.key,
            remedy="Wait for that day.",
            code="object-locked",
        )
    if office.store.is_held(each.key):
        raise DisposalRefused(
            "The store has it on legal hold.",
            where=each.key,
            remedy="Have the hold released by who asked for it.",
            code="object-held",
        )


def disposing_store(office: Office) -> DisposingStore:
    """Return the archive's store, from which objects can be removed. Raises DisposalRefused."""
    if not isinstance(office.store, DisposingStore):
        raise DisposalRefused(
            "The archive's store can't remove anything.",
            where=str(office.store),
            remedy="Dispose on a machine whose office has the archive itself.",
            code="store-keeps-all",
        )
    return office.store
