"""The process from which the campaign's commands are forked; run as a script by `Commands`.

It is that of the other fault tests, but for two things: SendGrid takes samples here,
and a command may be told to die by the clock.
"""

from __future__ import annotations

import os
import signal
import threading

from tasks.mailing import sendgrid
from tests.faults import commands
from tests.faults.campaign.offices import AskedSendGrid

KILL_AFTER = "FAULTS_KILL_AFTER"


def command(arguments: list[str]) -> int:
    """Be the command `letters`, for so many seconds at most."""
    seconds = os.environ.pop(KILL_AFTER, "")
    if seconds:
        fate = threading.Timer(float(seconds), os.kill, (os.getpid(), signal.SIGKILL))
        fate.daemon = True
        fate.start()
    return commands.command(arguments)


if __name__ == "__main__":
    sendgrid.SendGrid = AskedSendGrid  # type: ignore[misc]
    commands.WHAT["command"] = command
    commands.main()
