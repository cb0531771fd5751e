"""Letters issued without Prefect: the flow's steps in the flow's order, as plain functions.

Loads nothing of Prefect. The order repeats `flows.issue_letter`, so that the one
difference between the two is Prefect itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.measures import Cost, cost_of
from benchmarks.sample import INSPECTOR, Authority, draft_of
from flows.office import open_office
from letters.signoff import Decision
from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.case.intake import Intake, take_in
from tasks.case.office import Office
from tasks.case.record import Record, StepRun, attempt_step
from tasks.drafting.draft import Blocked, draft
from tasks.mailing.notices import send_receipt
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tasks.signoff.decide import decisions_on
from tasks.signoff.signing import sign_as_sample

T = TypeVar("T")
RunOnce = Callable[[str], object]


class PlainSteps:
    """The steps of a letter, with the time that each call took."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def run_once(self, draft_sha256: str) -> None:
        """Do what one run of the flow does."""
        office = open_office()
        drafted = self._do("draft-letter", Intake(office, draft_sha256), draft)
        if isinstance(drafted, Blocked):
            raise ValueError(str(drafted))
        reference, revision = drafted

        def do(name: str, step: Callable[..., T], *args: object) -> T:
            return self._do(name, Case(office, reference), step, revision, *args)

        do("prepare-pack", prepare)
        if decisions_on(Case(office, reference), revision).decision is None:
            return
        do("render-letter", render_approved)
        do("archive-letter", archive)
        for recipient in Case(office, reference).recipients(revision):
            do("email-recipient", post, recipient.id)
        if do("close-case", close):
            do("send-receipt", send_receipt)
            do("anchor-case", anchor)

    def _do(self, name: str, at: Record, step: Callable[..., T], *args: object) -> T:
        began = time.perf_counter()
        # A step tells its own record's kind; which is at hand follows from the flow.
        run: StepRun[Any] = StepRun(at, name)
        result = attempt_step(run, step, lambda _: None, *args)
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)
        return result


def issue(office: Office, authority: Authority, run_once: RunOnce) -> None:
    """Take a draft from its bytes to issued, as `letters issue --sign-as` does."""
    intake = take_in(office, draft_of(authority), "md")
    run_once(intake.draft_sha256)
    case = Case(office, authority.reference)
    sign_as_sample(
        case,
        case.revisions()[-1],
        inspector_id=INSPECTOR,
        decision=Decision.APPROVE,
        comments="",
    )
    run_once(intake.draft_sha256)
    if Case(office, authority.reference).closed() is None:
        raise ValueError(f"{authority.reference} was not issued.")


def issue_block(root: Path, names: Sequence[Authority], run_once: RunOnce) -> list[Cost]:
    """Issue a letter for each authority in the office at `root`, and tell what each took."""
    os.environ["LETTERS_OFFICE"] = str(root)
    office = open_office()
    return [cost_of(partial(issue, office, name, run_once)) for name in names]
