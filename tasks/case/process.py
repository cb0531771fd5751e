"""Which process holds something, and whether it is gone for certain.

A process number says nothing without the place where it is counted: a PID namespace
of one boot of one machine. Even there the system uses it again; with the process's
start time it names one process. Nothing is ever concluded about another place, as
machines and containers may share a name.
"""

from __future__ import annotations

import getpass
import os
import socket
from functools import cache
from pathlib import Path

from letters.delivery import Owner


@cache
def host_name() -> str:
    """Return this machine's name, as claims and actors show it."""
    return socket.gethostname() or "localhost"


def this_process() -> Owner:
    """Name the running process; where the system doesn't tell enough, `started` is empty."""
    pid, place = os.getpid(), _place()
    try:
        start = _start_of(pid)
    except OSError:
        start = None
    started = f"{place}-{start}" if place and start else ""
    return Owner(host=host_name(), pid=pid, started=started)


def is_gone(owner: Owner) -> bool:
    """Whether the process has ended for certain; False for one of any other place."""
    place, _, start = owner.started.rpartition("-")
    if owner.host != host_name() or not place or place != _place():
        return False
    try:
        return _start_of(owner.pid) != start
    except OSError:
        return False


def this_actor() -> str:
    """Name who acts: the operating system's user and host, `anna@desk-3`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid-{os.getuid()}"
    return f"{user}@{host_name()}"


def _place() -> str:
    """Name where this process's number is counted: boot id and PID namespace; or nothing.

    Nothing too where /proc shows another namespace's processes (`unshare --pid`
    without a /proc of its own): our numbers are others' there.
    """
    try:
        if Path("/proc/self").readlink() != Path(str(os.getpid())):
            return ""
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _start_of(pid: int) -> str | None:
    """Give a process's start in clock ticks, None if it has ended. Raises OSError if it can't.

    Field 22 of /proc/<pid>/stat (proc(5)); the command's name before it may hold
    spaces and brackets, so that fields are counted after its last bracket. A
    zombie (state Z) can do nothing more and counts as ended.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        # /proc may hide other users' processes (its option hidepid); this finds them.
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        raise
    return None if fields[0] == "Z" else fields[19]
