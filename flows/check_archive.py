"""The archive is re-hashed slice by slice, and the ledger's head sent out of the house.

A letter's slice follows from its reference, a day's from the date: nothing is
remembered, and within `slices` days every letter has its turn. The ledger, keys,
seals, time stamps and the provider's batches are checked every time. Imports Prefect.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any, NamedTuple

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.office import open_office
from flows.troubles import Troubles
from flows.verification import verify_office
from letters.report import Report
from tasks.archiving.anchors import Anchored, anchor_ledger
from tasks.archiving.locking import lock_office, lock_what_came_later
from tasks.case.case import all_cases
from tasks.case.office import Office
from tasks.mailing.ledger_mail import send_anchor, tell_differences
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

SLICES = 28
"""Four weeks: what was altered is found within them, at 1/28 of the work a day."""

CLEAN, DIFFERS, NOT_ANCHORED = "Clean", "Differs", "NotAnchored"

SHOWN_AT_MOST = 200
"""Differences in the artifact; `letters verify` tells all."""


class ArchiveCheck(NamedTuple):
    """What one day's check found and did."""

    number: int
    """Which slice, from 1."""
    slices: int
    report: Report
    anchored: Anchored | None
    troubles: tuple[str, ...]
    """Anchors that couldn't be sent, and notices."""

    @property
    def state_name(self) -> str:
        """What the run is called."""
        if not self.report.is_clean:
            return DIFFERS
        return NOT_ANCHORED if self.troubles else CLEAN

    def __str__(self) -> str:
        """Say it in one line, and one for each difference and each trouble."""
        report = self.report
        told = (
            f"Slice {self.number} of {self.slices}: {report.cases} letters, {report.objects}"
            f" objects, {len(report.differences)} differences."
        )
        head = f"The ledger's head went out: entry {self.anchored.seq}." if self.anchored else ""
        differences = (f"{d.code}: {d.object}: {d.message}" for d in report.differences)
        return "\n".join(filter(None, (told, head, *self.troubles, *differences)))


@flow(name="check-archive", persist_result=False)
def check_archive(slices: int = SLICES) -> State[Any]:
    """Re-hash today's slice of the archive, and send the ledger's head out of the house.

    Args:
        slices: In how many parts the archive is checked, one a day; 1 checks all of it now.

    """
    check = check_slice(open_office(is_register_needed=False), slices=slices)
    _show(check)
    make = Completed if check.state_name == CLEAN else Failed
    return make(name=check.state_name, message=str(check))


def check_slice(office: Office, *, slices: int = SLICES) -> ArchiveCheck:
    """Check the slice of the office's day, tell what is new of it, and anchor the ledger."""
    number = office.clock().date().toordinal() % slices
    report = verify_office(office, is_chosen=lambda one: slice_of(one, slices) == number)
    troubles, anchored = Troubles(), None
    with troubles.met("locking what came after letters were closed"):
        for case in all_cases(office):
            if slice_of(case.reference, slices) == number:
                lock_what_came_later(case)
    with troubles.met("locking what belongs to no letter"):
        lock_office(office)
    with troubles.met("telling the office"):
        tell_differences(office, [(d.code, d.object, d.message) for d in report.differences])
    with troubles.met("anchoring the ledger"):
        anchored = anchor_ledger(office, send_anchor=send_anchor)
    if anchored is not None and anchored.mailed not in ("", "accepted"):
        troubles.note("anchoring the ledger", f"the e-mail to the mailbox is {anchored.mailed}")
    return ArchiveCheck(number + 1, slices, report, anchored, tuple(troubles.told))


def slice_of(name: str, slices: int) -> int:
    """Tell to which slice a letter, or a draft that was taken in, belongs; from 0."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()) % slices


def _show(check: ArchiveCheck) -> None:
    try:
        create_markdown_artifact(
            key="check-archive",
            markdown=render_markdown_template(
                "artifacts/archive_check.md.j2",
                check=check,
                report=check.report,
                differences=check.report.differences[:SHOWN_AT_MOST],
            ),
            description="What was checked, and what differs",
        )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("The check of the archive can't be shown: %s", error)
