"""`letters serve` where reminders are made as if every letter had waited four working days more.

The module is preloaded where runs are forked from, too: it changes what they see.
"""

from __future__ import annotations

import flows.remind
import flows.warm_runs
from letters.working_days import nth_working_day_after
from tasks.mailing.waited import Waited, waited

WORKING_DAYS = 4


def waited_longer(*given) -> Waited | None:
    """Tell how long a revision will have waited by then."""
    so_far = waited(*given)
    return so_far and so_far._replace(today=nth_working_day_after(so_far.today, WORKING_DAYS))


flows.remind.waited = waited_longer
flows.warm_runs.PRELOADED += (__name__,)


def main() -> None:
    from desk.command_line import main as letters

    letters()
