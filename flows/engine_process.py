"""The process in which an office's own Prefect server lives.

Run as a script by `flows.engine`, never imported: it serves Prefect's API on a
socket it inherits, and ends itself when nobody uses it any more. Its settings
come by the environment, since a command line can be read by every user of the
machine. Starting, joining and stopping it are left to `flows.engine`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

LOOK_SECONDS = 15


def serve(listener: socket.socket) -> None:
    """Serve Prefect's API on `listener` until SIGTERM, then flush and return."""
    import uvicorn
    from prefect.server.api.server import create_app

    write_in_turn()
    config = uvicorn.Config(
        create_app(final=True),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listener])


def write_in_turn() -> None:
    """Have each of Prefect's transactions take its turn to write before it reads.

    Begun as Prefect begins most of them, SQLite refuses a transaction at its first
    write if another wrote since it began to read: at once, however long it was told
    to wait. Clients then get a 503, or a state is lost to a 500. Begun IMMEDIATE
    they wait for one another.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction
    setattr(  # noqa: B010 - said as what it is: a method replaced
        AioSqliteConfiguration,
        "begin_transaction",
        lambda self, session, *_, **__: begin(self, session, with_for_update=True),
    )


def end_when_unused(turn: Path, users: Path) -> None:
    """Send this process SIGTERM as soon as no living process uses it.

    Its users stop it when they leave; but all of them may have been killed, or the
    office removed. Whoever starts or joins holds `turn` until it holds `users`, so
    both free at once means nobody. `turn` stays held until this process has ended:
    the next command waits for that, then starts anew.
    """
    is_used = True
    with ExitStack() as locks:
        while is_used:
            time.sleep(LOOK_SECONDS)
            is_used = turn.parent.is_dir() and not _try_locks(turn, users, locks)
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait()


def _try_locks(turn: Path, users: Path, kept: ExitStack) -> bool:
    with ExitStack() as locks:
        for path in (turn, users):
            file = locks.enter_context(path.open("ab"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        kept.push(locks.pop_all())
    return True


def main() -> None:
    """Serve. Arguments: the inherited descriptors of socket and own lock; the other two locks."""
    listener, living = (int(number) for number in sys.argv[1:3])
    turn, users = (Path(path) for path in sys.argv[3:])
    os.write(living, str(os.getpid()).encode())
    os.umask(0o077)
    threading.Thread(target=end_when_unused, args=(turn, users), daemon=True).start()
    serve(socket.socket(fileno=listener))


if __name__ == "__main__":
    main()
