"""Runs one command and prints what it cost: wall and CPU seconds, peak memory, and when.

Run as a script, by an interpreter that has loaded next to nothing. The kernel counts
what the starting process occupied towards the peak of the one it starts (execve keeps
the high-water mark, getrusage(2) tells it), so the starter must be smaller than
whatever is measured.
"""

import os
import sys
import time


def main(error_file: str, command: list[str]) -> None:
    """Print began, ended (monotonic seconds), CPU seconds, peak in KiB and the exit code."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, error_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    began = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    ended = time.monotonic()
    cpu = usage.ru_utime + usage.ru_stime
    print(began, ended, cpu, usage.ru_maxrss, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
