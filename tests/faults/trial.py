"""A letter whose process is killed at one point, and what must be true of it afterwards.

Owns the points of a letter's way, told by a run that records them, and which of them
are the same moment; how a killed letter is judged. Which points are tried, how the
letter is taken up again and against which Prefect server, is for the tests.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

from benchmarks.sample import Authority, write_register
from flows.office import open_office
from flows.verification import verify_office
from letters.case import State
from letters.report import Report
from tasks.case.case import Case
from tasks.case.faults import RECORD, VARIABLE
from tasks.case.office import Office
from tests.archiving.test_verify_after_interruption import not_sent_once
from tests.faults.commands import Commands, Ended
from tests.issuing import SHORT_DRAFT, SIGNATORY

DRAFT = "draft.md"

ELSEWHERE = "outside the steps"
"""What a command or a flow does between the steps: taking in, the sign-off, housekeeping."""

PARTS_BEGIN = ("prepare-pack", "render-letter", "email-recipient", "close-case")
"""The steps with which another part of the way begins; all parts take about as long."""

AT_ONCE = 4
"""Letters tried side by side: a command waits for Prefect about half of its time."""


class Moment(NamedTuple):
    """One state that a killed process can leave behind."""

    step: str
    point: str
    """The last of the points by which a process comes in this moment, and by whose name
    it comes whatever another process did before it."""


class Trial(NamedTuple):
    """An office in `folder` with one letter to one authority, like none other on its Prefect."""

    commands: Commands
    folder: Path
    authority: Authority
    prefect: Mapping[str, str]
    """The variables that name its Prefect server; none where the office starts its own."""

    @property
    def reference(self) -> str:
        """The letter's name for life."""
        return self.authority.reference

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this office has in its environment."""
        return {
            **self.prefect,
            "LETTERS_OFFICE": str(self.folder / "office"),
            "LETTERS_REGISTER": str(self.folder / "register"),
        }

    def office(self) -> Office:
        """Open the office as another process does."""
        return open_office(self.environment)

    def letters(self, *arguments: str, kill_at: str = "") -> Ended:
        """Run the command `letters` in a process of its own."""
        told = {VARIABLE: kill_at} if kill_at else {}
        return self.commands.letters(self.folder, *arguments, **self.environment, **told)

    def issue(self, *, kill_at: str = "") -> Ended:
        """Issue the letter with `letters issue`, the sample inspector signing it."""
        return self.letters("issue", DRAFT, "--sign-as", SIGNATORY, "--json", kill_at=kill_at)

    def recorded(self) -> list[str]:
        """Issue the letter to its end; return the points by which it came."""
        ended = self.issue(kill_at=f"{RECORD}{self.record}")
        assert ended.code == 0, ended.said
        return self.record.read_text().splitlines()

    @property
    def record(self) -> Path:
        """Where points are recorded."""
        return self.folder / "points.txt"


def a_trial(commands: Commands, folder: Path, town: str, prefect: Mapping[str, str]) -> Trial:
    """An office that has no letter yet, in a folder that isn't there yet, and a draft to `town`."""
    authority = Authority(town.lower(), town)
    write_register(folder / "register", (authority,))
    draft = authority.in_place_of_the_sample(SHORT_DRAFT.decode())
    (folder / DRAFT).write_text(draft, encoding="utf-8")
    return Trial(commands, folder, authority, prefect)


def moments(points: list[str]) -> Iterator[Moment]:
    """Tell which moments a recorded run consists of, one for all points that are the same.

    Two points that follow each other are the same moment unless something lasting is
    done between them: that which lies between `before-x` and `after-x`, or what Prefect
    is told between one step and the next.
    """
    step, cut = ELSEWHERE, 0
    numbered = []
    for before, point in zip(["", *points], points, strict=False):
        is_done = before.startswith("before-") and point == f"after-{before[len('before-') :]}"
        cut += is_done or before.startswith("step-ended")
        if point.startswith("step-begins"):
            step = point.split()[1]
        numbered.append((cut, step, point))
        if point.startswith("step-ended"):
            step = ELSEWHERE
    for (_, of_step), same in groupby(numbered, key=lambda each: each[:2]):
        points = [point for _, _, point in same]
        # A process counts all the notes it makes, in whatever step.
        yield Moment(of_step, ([point for point in points if "-note" not in point] or points)[-1])


def in_turn(moments: list[Moment]) -> list[list[Moment]]:
    """Say at which of a way's moments each letter is killed: at one in each part of the way.

    What is killed in a part is mended before the next begins.
    """
    steps = [moment.step for moment in moments]
    cuts = [0, *(steps.index(step) for step in PARTS_BEGIN), len(moments)]
    *before, end = (moments[begin:end] for begin, end in pairwise(cuts))
    # In the end only a process that did the whole way itself counts as the recorded one did.
    alone = [[moment] for moment in end if "#" in moment.point]
    end = [moment for moment in end if "#" not in moment.point]
    together = zip_longest(*before, end)
    return [[moment for moment in each if moment is not None] for each in together] + alone


def at_once(
    judge: Callable[[Trial, list[Moment]], list[str]],
    trials: Iterable[tuple[Trial, list[Moment]]],
) -> list[str]:
    """List what `judge` finds wrong with each letter; the offices of the others are removed.

    A letter comes with the moments at which it is killed, one after the other.
    """

    def judged(trial: Trial, moments: list[Moment]) -> list[str]:
        wrong = judge(trial, moments)
        if not wrong:
            shutil.rmtree(trial.folder)
        kills = ", then ".join(moment.point for moment in moments)
        return [f"killed {kills}: {told}" for told in wrong]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [told for wrong in pool.map(judged, *zip(*trials, strict=True)) for told in wrong]


def wrong_when_killed(killed: Ended, trial: Trial, at: Moment, *, kills: int = 1) -> list[str]:
    """List what is wrong with a letter whose process should have been killed at a moment.

    `kills` says how often it was killed by now.
    """
    if killed.code >= 0:
        return [f"{at.point}: not killed: it ended with {killed.code}: {killed.said}"]
    return [f"{at.point}: {told}" for told in not_whole(verify_office(trial.office()), kills)]


def wrong_when_issued(ended: Ended, trial: Trial, *, kills: int = 1) -> list[str]:
    """List what is wrong with a letter that was taken up again and should be out, once."""
    if ended.code != 0:
        return [f"issued again, it ended with {ended.code}: {ended.said}"]
    return [f"issued again: {told}" for told in not_issued_once(trial, kills=kills)]


def not_whole(report: Report, kills: int) -> list[str]:
    """List what `verify` found that no killed process may leave."""
    # Each process may have died before it told the witness of its last entry.
    unwitnessed = report.unwitnessed_entries
    return [str(difference) for difference in report.differences] + (
        [f"unwitnessed: {unwitnessed}"] if len(unwitnessed) > kills else []
    )


def not_issued_once(trial: Trial, *, kills: int = 1) -> list[str]:
    """List in what the letter is not issued exactly once, with one e-mail a recipient."""
    case = Case(trial.office(), trial.reference)
    report = verify_office(case.office)
    if any("/runs/" in key for key in report.open_objects):
        # A history that a process stored when it was killed: the next housekeeping names it,
        # which leaves what ended only now alone.
        keep_house_later(trial.office())
        report = verify_office(case.office)
    expected = {
        "revisions": ([1], case.revisions()),
        "state": (State.ISSUED, case.state(1)),
        "closed": (True, case.closed() is not None),
        "cases": (1, report.cases),
        "open objects": ((), report.open_objects),
        "unanchored entries": (0, report.unanchored_entries),
        "failures": (False, (case.office.root / "failures").exists()),
    }
    wrong = [f"{what}: {found}" for what, (right, found) in expected.items() if found != right]
    return not_whole(report, kills) + wrong + not_sent_once(case, 1) + not_told_once(case)


def keep_house_later(office: Office) -> None:
    """Do what housekeeping does in an hour about the histories of ended runs."""
    from flows.kept_runs import keep_ended_runs
    from flows.troubles import Troubles

    later = replace(office, clock=lambda: office.clock() + timedelta(hours=1))
    keep_ended_runs(later, Troubles())


def not_told_once(case: Case) -> list[str]:
    """List the notices that someone got twice, and the receipt if nobody got it."""
    told = Counter(
        (entry.detail["notice"], entry.detail["revision"], entry.detail["to"])
        for entry in case.chain.entries()
        if entry.event == "notified"
    )
    wrong = [f"notified {count} times: {notice}" for notice, count in told.items() if count > 1]
    laid_out = len(list((case.office.outbox_folder / "notices").glob("*.eml")))
    if laid_out != len(told):
        wrong.append(f"{laid_out} notices lie there for {sorted(told)}")
    return wrong + ([] if ("issued", 1, SIGNATORY) in told else ["no receipt"])


def prefect_of_this_process() -> dict[str, str]:
    """Return what a process needs in its environment to use the Prefect server that we use."""
    return {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}
