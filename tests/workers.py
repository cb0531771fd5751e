"""Which tests share a worker when several workers run them (`pytest -n 4`), and which begin first.

A file's tests stay together, and so do all files whose tests share a server that takes
seconds to start. Those begin first: they wait more than they compute, and last longest.
"""

import re
from functools import cache
from pathlib import Path

SERVERS = ("served_office", "commands", "engine")
"""The fixtures that stand for a server, the one used longest first."""

LATE = re.compile(r"\bradosgw\b")
"""What comes up slowly where everything begins at once: files that ask for it come last."""


@cache
def shared_by(file: Path) -> str:
    """Name what the tests of a file share: a server, else the file."""
    source = file.read_text("utf-8")
    asks_for = (name for name in SERVERS if re.search(rf"def \w+\([^)]*\b{name}\b", source))
    return next(asks_for, str(file))


@cache
def is_late(file: Path) -> bool:
    """Whether a file's tests are to begin when the others have."""
    return LATE.search(file.read_text("utf-8")) is not None


def turn(item) -> int:
    """When a test's turn is: before all tests for which this is a higher number."""
    shared = shared_by(item.path)
    if shared in SERVERS:
        return SERVERS.index(shared)
    is_slow = item.get_closest_marker("slow") is not None
    return len(SERVERS) + (not is_slow) + 2 * is_late(item.path)


def scheduler(config, log):
    """Distribute the tests among the workers."""
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class ByServer(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return shared_by(config.rootpath / nodeid.partition("::")[0])

    # It would begin with the files that have most tests.
    config.option.loadscopereorder = False
    return ByServer(config, log)
