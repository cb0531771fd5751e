"""`letters serve` with automations that fire within seconds instead of days."""

from datetime import timedelta
from functools import partial

import flows.serving
import flows.warm_runs
from desk.command_line import main as letters
from flows.automations import Windows, register_automations
from flows.heartbeats import beating

COMMAND = "from tests.flows.hasty_office import main; main()"

TEN_SECONDS = timedelta(seconds=10)
"""Prefect lets nothing proactive be quicker."""


def main() -> None:
    flows.serving.register_automations = partial(
        register_automations, windows=Windows(sign_off=TEN_SECONDS, heartbeat=TEN_SECONDS)
    )
    flows.warm_runs.beating = partial(beating, every_seconds=2)
    letters()
