"""From the passkey's confirmation to the last copy accepted, served by `letters serve`.

The inspector is a script: it opens the page, posts the decision, and answers with the
software key. Twenty letters one after another, by runs that begin warm and by Prefect's
own way of starting them; then twenty at once.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from benchmarks.measures import Spread
from benchmarks.sample import INSPECTOR
from benchmarks.tables import NO_TARGET, Table, at_most, shown_spread
from letters.signoff import from_base64url
from tasks.signoff.inspectors import sample_key
from tasks.signoff.links import signing_url
from tests.served import ServedOffice, served

LETTERS = 20
TARGET_SECONDS = 10.0
READY_SECONDS = 30.0
COLD_SERVER = "from benchmarks.cold_runs import main; main()"
PAUSE_SECONDS = 1.0


class Timed(NamedTuple):
    """Where the seconds of one letter went."""

    resume: float
    """The sign-off kept, and the run told to go on."""
    poll: float
    """Until the runner took it up."""
    start: float
    """A process for it, Prefect and the flow in it."""
    steps: float
    """Until the last copy was accepted."""

    @property
    def whole(self) -> float:
        """From the confirmation to the last copy."""
        return sum(self)


def measure() -> list[Table]:
    """Measure both ways of starting runs, and a burst."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as office:
        ready = [office.ready_seconds]
        warm = _one_after_another(office)
        burst = _at_once(office)
        office.end()
        office.begin()
        ready.append(office.ready_seconds)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), COLD_SERVER) as office:
        cold = _one_after_another(office)
    return [_ready(*ready), _whole(warm, cold, burst), _breakdown(warm, cold, burst)]


def _one_after_another(office: ServedOffice) -> list[Timed]:
    timed = []
    for _ in range(LETTERS):
        run, reference = office.waiting()
        time.sleep(PAUSE_SECONDS)  # an inspector reads; Prefect's server comes to rest
        confirmed = approve(office, reference)
        office.wait(run, "Issued")
        timed.append(_timed(office, run, reference, confirmed))
    return timed


def _at_once(office: ServedOffice) -> list[Timed]:
    waiting = [office.waiting() for _ in range(LETTERS)]
    time.sleep(PAUSE_SECONDS)
    confirmed = {run: approve(office, reference) for run, reference in waiting}
    for run, _ in waiting:
        office.wait(run, "Issued", seconds=120)
    return [_timed(office, run, reference, confirmed[run]) for run, reference in waiting]


def approve(served_office: ServedOffice, reference: str) -> datetime:
    """Approve on the signing page; return the moment of the confirmation."""
    office = served_office.office
    inspector = office.register.inspector(INSPECTOR)
    assert inspector is not None  # noqa: S101
    key, _ = sample_key(office, inspector)
    origin = office.settings.signing.origin
    link = signing_url(office, reference, 1, INSPECTOR)
    with httpx.Client(headers={"Origin": origin}, trust_env=False, timeout=30) as browser:
        browser.get(link).raise_for_status()
        asked = browser.post(f"{link}/decision", data={"decision": "approve", "comments": ""})
        asked.raise_for_status()
        sealed = re.search(r'name="sealed" value="([^"]*)"', asked.text)
        options = re.search(r'id="passkey-options">(.*?)</script>', asked.text, re.S)
        assert sealed, asked.text  # noqa: S101
        assert options, asked.text  # noqa: S101
        question: dict[str, Any] = json.loads(options[1])
        answer = key.assert_(  # noqa: PT009 -- WebAuthn calls it an assertion
            from_base64url(question["challenge"]), rp_id="localhost", origin=origin
        )
        form = {
            "sealed": unescape(sealed[1]),
            "response": json.dumps(answer),
            "decision": "approve",
            "comments": "",
        }
        confirmed = datetime.now(UTC)
        answered = browser.post(f"{link}/confirm", data=form)
        assert answered.has_redirect_location, answered.text  # noqa: S101
    return confirmed


def _timed(office: ServedOffice, run: str, reference: str, confirmed: datetime) -> Timed:
    states = office.api("GET", f"/flow_run_states/?flow_run_id={run}")
    at = {s["name"]: datetime.fromisoformat(s["timestamp"].replace("Z", "+00:00")) for s in states}
    accepted = max(
        datetime.fromisoformat(entry.at)
        for entry in office.case(reference).chain.entries()
        if entry.event == "outcome"
    )
    moments = (confirmed, at["Resuming"], at["Pending"], at["Running"], accepted)
    return Timed(*((b - a).total_seconds() for a, b in pairwise(moments)))


def _ready(new: float, used: float) -> Table:
    return Table(
        "`letters serve`, from its start until its links are printed",
        ("office", "s", "target", ""),
        tuple(
            (title, f"{seconds:.1f}", *at_most(seconds, READY_SECONDS, "s"))
            for title, seconds in (("a new one", new), ("one in use", used))
        ),
        ("Once each, from cold; looked at every 0.1 s.",),
    )


def _whole(warm: list[Timed], cold: list[Timed], burst: list[Timed]) -> Table:
    def row(title: str, timed: list[Timed], *, has_target: bool) -> tuple[str, ...]:
        spread = Spread.of(one.whole for one in timed)
        target = at_most(spread.p95, TARGET_SECONDS, "s p95") if has_target else NO_TARGET
        return (title, *shown_spread(spread), *target)

    return Table(
        f"From the passkey's confirmation to the last copy accepted, {LETTERS} letters",
        ("contender", "n", "min s", "median s", "p95 s", "target", ""),
        (
            row("one after another", warm, has_target=True),
            row("the same, each run a new `python -m prefect.engine`", cold, has_target=False),
            row(f"{LETTERS} confirmed one right after another", burst, has_target=True),
        ),
        (
            "`letters serve` on its embedded Prefect (SQLite), polling twice a second, four"
            " letters side by side.",
            "Confirmed on the signing page over HTTP with a sample inspector's software key.",
        ),
    )


def _breakdown(warm: list[Timed], cold: list[Timed], burst: list[Timed]) -> Table:
    def row(title: str, timed: list[Timed]) -> tuple[str, ...]:
        parts = (Spread.of(getattr(one, part) for one in timed) for part in Timed._fields)
        return (title, *(f"{spread.median:.2f} / {spread.p95:.2f}" for spread in parts))

    return Table(
        "Where these seconds go (median / p95)",
        ("contender", "kept and resumed", "poll", "process and imports", "steps"),
        (
            row("one after another", warm),
            row("the same, each run a new `python -m prefect.engine`", cold),
            row(f"{LETTERS} confirmed one right after another", burst),
        ),
        (
            "Kept and resumed: the page resumes the run itself, and waits for no housekeeping.",
            "Poll: every half second instead of Prefect's ten seconds.",
            "Process and imports: runs are forked from a process that has imported everything.",
            "Steps: no heartbeat thread to wait for, one client a run, Prefect's transactions in"
            " turn, so that none is refused and tried again two seconds later.",
        ),
    )
