"""`letters serve` with automations that fire within seconds instead of days."""

from datetime import timedelta
from functools import partial

import flows.deployments
import flows.serving
import flows.warm_runs
from desk.command_line import main as letters
from flows.automations import Windows, register_automations
from flows.deployments import Offered
from flows.heartbeats import beating
from flows.remind import remind
from flows.tell_office import tell_of_bounce, tell_of_failure

COMMAND = "from tests.flows.hasty_office import main; main()"

TEN_SECONDS = timedelta(seconds=10)
"""Prefect lets nothing proactive be quicker."""

OURS = [Offered(flow, "letters", "") for flow in (remind, tell_of_failure, tell_of_bounce)]


def main() -> None:
    flows.serving.register_automations = partial(
        register_automations, windows=Windows(sign_off=TEN_SECONDS, heartbeat=TEN_SECONDS)
    )
    flows.warm_runs.beating = partial(beating, every_seconds=2)
    there = {offered.flow.name for offered in flows.deployments.OFFERED}
    flows.deployments.OFFERED += tuple(one for one in OURS if one.flow.name not in there)
    letters()
