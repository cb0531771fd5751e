"""What a run needs, imported before there is a run. Imports Prefect."""

import prefect.flow_engine
import prefect.main  # noqa: F401

import flows.check_archive
import flows.check_deliveries
import flows.housekeeping
import flows.issue_letter
import flows.remind
import flows.tell_office  # noqa: F401
import tasks.rendering.seal  # noqa: F401
