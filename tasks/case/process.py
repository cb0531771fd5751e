"""Which process holds something, and whether it is gone for certain.

A process number alone is reused by the system; with the process's start time it
names one process for as long as the machine is up. Nothing is ever concluded
about another machine.
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
    """Name the running process."""
    return Owner(host=host_name(), pid=os.getpid(), started=_started(os.getpid()))


def is_gone(owner: Owner) -> bool:
    """Whether the process has ended for certain; False for another machine's."""
    return owner.host == host_name() and _started(owner.pid) != owner.started


def this_actor() -> str:
    """Name who acts: the operating system's user and host, `anna@desk-3`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid-{os.getuid()}"
    return f"{user}@{host_name()}"


def _started(pid: int) -> str:
    """Give boot id and start time in clock ticks; empty where there is no such process.

    Field 22 of /proc/<pid>/stat (proc(5)); the command's name before it may hold
    spaces and brackets, so that fields are counted after its last bracket. A
    zombie (state Z) can do nothing more and counts as ended.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot[:8]}-{fields[19]}"
