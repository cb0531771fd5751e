"""What a provider tells, as fast as it can: taken, checked and kept, beside checking alone."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.measures import Spread
from benchmarks.processes import environment, python, run_process
from benchmarks.sample import authorities, write_register
from benchmarks.tables import NO_TARGET, Table, at_least, shown_spread
from benchmarks.webhook_process import BATCH, LETTERS, ROUNDS, SENDERS, Figures

TARGET_EVENTS_A_SECOND = 500


def measure() -> list[Table]:
    """Send the same batches in turn to an office that is served, and to the signature's check."""
    with tempfile.TemporaryDirectory() as folder:
        register, measured = Path(folder, "register"), Path(folder, "measured.json")
        write_register(register, authorities(LETTERS))
        run_process(
            python("-m", "benchmarks.webhook_process", "tell", folder, str(measured)),
            environment(LETTERS_REGISTER=str(register)),
        )
        figures: Figures = json.loads(measured.read_text())
    return [_table(figures)]


def _table(figures: Figures) -> Table:
    events = figures["events_a_round"]
    kept, checked = (
        Spread.of(events / seconds for seconds in figures[name])
        for name in ("kept_seconds", "checked_seconds")
    )
    applied = figures["applied"] / figures["applied_seconds"]
    return Table(
        "Events of a provider",
        ("contender", "n", "min events/s", "median events/s", "p95 events/s", "target", ""),
        (
            (
                "received, checked, kept and answered",
                *shown_spread(kept, digits=0),
                *at_least(kept.median, TARGET_EVENTS_A_SECOND, "events/s"),
            ),
            ("their signatures checked, and no more", *shown_spread(checked, digits=0), *NO_TARGET),
            ("applied to their cases meanwhile", "1", "", f"{applied:.0f}", "", *NO_TARGET),
        ),
        (
            f"{ROUNDS} rounds in turn of {events} events about {LETTERS} letters, in batches of"
            f" {BATCH} ({figures['bytes_a_batch'] / 1000:.0f} kB), by {SENDERS} senders on loopback"
            " who wait for each answer.",
            "Kept means synced to the disk and named in the chain. Applying goes on behind the"
            f" answers: {figures['applied']} events were in their cases, each in an object and an"
            f" entry of its own, {figures['applied_seconds']:.1f} s after the first was sent.",
        ),
    )
