"""Processes forked by multiprocessing's fork server, as those of the flows' runs are."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from tasks.drafting import apart
from tasks.drafting.apart import read_apart
from tests.offices import a_kind, a_register

DRAFT = next((Path(__file__).resolve().parents[2] / "config" / "sample_office").glob("*.md"))


def run_two() -> None:
    """Print for each of two runs whether its draft was read; whether they had one helper."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.drafting.helper_begun"])
    helpers = set()
    for _ in range(2):
        ours, theirs = context.Pipe()
        run = context.Process(target=_read_beside_a_thread, args=(theirs,))
        run.start()
        theirs.close()
        is_read, helper = ours.recv()
        run.join()
        helpers.add(helper)
        print(is_read)  # noqa: T201
    print("one" if len(helpers) == 1 else "several", "helper")  # noqa: T201


def _read_beside_a_thread(told: Connection) -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    reading = read_apart(
        DRAFT.read_bytes(),
        DRAFT.name,
        register=a_register(),
        kinds=(a_kind(),),
        limit_bytes=2_000_000,
    )
    end.set()
    thread.join()
    helper = apart._helper
    told.send((bool(reading.sections), helper.process.pid if helper else os.getpid()))
