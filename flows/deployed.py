"""What a Prefect that is shared offers of an office: the deployments made by `prefect deploy`.

Imports Prefect.
"""

from __future__ import annotations

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound

from flows.automations import register_automations
from flows.deployments import NAME, OFFERED
from flows.kept_runs import FLOW
from letters.errors import TransientError


class NotDeployed(TransientError):
    """Prefect has no deployment that issues letters."""

    code = "not-deployed"


def deployed() -> dict[str, UUID]:
    """Map the flows of the office that are deployed to their deployments' ids."""
    found = {}
    with get_client(sync_client=True) as client:
        for offered in OFFERED:
            name = offered.flow.name
            try:
                found[name] = client.read_deployment_by_name(f"{name}/{NAME}").id
            except ObjectNotFound:
                continue
    return found


def register_for_deployed() -> None:
    """Have the office's automations for what is deployed. Raises NotDeployed."""
    found = deployed()
    if FLOW not in found:
        raise NotDeployed(
            "Prefect has no deployment of this office yet.",
            where=f"{FLOW}/{NAME}",
            remedy="Run `prefect --no-prompt deploy --all --prefect-file deploy/prefect.yaml`.",
        )
    register_automations(found)
