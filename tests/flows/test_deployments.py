"""What an office offers: the table, the file for `prefect deploy`, and the two being the same."""

import asyncio
import inspect
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.cli.deploy._schedules import _schedule_config_to_deployment_schedule
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flows import load_flow_from_entrypoint

from flows.deployments import NAME, OFFERED, deployments
from flows.prefect_file import WORK_POOL, prefect_file

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "deploy" / "prefect.yaml"
TOLD = yaml.safe_load(FILE.read_text("utf-8"))

by_flow = pytest.mark.parametrize(
    "offered", OFFERED, ids=[offered.flow.name for offered in OFFERED]
)
in_the_file = pytest.mark.parametrize(
    "told", TOLD["deployments"], ids=[told["entrypoint"] for told in TOLD["deployments"]]
)


def test_the_file_says_what_the_table_says():
    assert FILE.read_text("utf-8") == prefect_file()


def test_each_flow_is_offered_once():
    names = [offered.flow.name for offered in OFFERED]

    assert len(set(names)) == len(names)


def test_the_file_reads_as_prefect_reads_it_and_leaves_nothing_to_fill_in():
    read = PrefectYamlModel.model_validate(TOLD)

    assert len(read.deployments) == len(OFFERED)
    assert "{{" not in FILE.read_text("utf-8")
    # None would have Prefect make up a step that changes into a folder of ours.
    assert (read.build, read.push, read.pull) == ([], [], [])


@in_the_file
def test_a_deployment_of_the_file_fits_its_flow(told):
    flow = load_flow_from_entrypoint(told["entrypoint"], use_placeholder_flow=False)

    assert told["entrypoint"] == f"{flow.fn.__module__}.{flow.fn.__name__}"
    assert set(told) == {"name", "entrypoint", "description", "tags", "schedules", "work_pool"}
    for schedule in told["schedules"]:
        _schedule_config_to_deployment_schedule(schedule)


@by_flow
def test_what_runs_by_itself_needs_no_parameters(offered):
    required = [
        parameter.name
        for parameter in inspect.signature(offered.flow.fn).parameters.values()
        if parameter.default is parameter.empty
    ]

    assert offered.schedule is None or required == []


@by_flow
def test_each_parameter_is_typed_and_described_and_named_by_words_alone(offered):
    signature = inspect.signature(offered.flow.fn)
    (deployment,) = (d for d in deployments() if d.flow_name == offered.flow.name)
    schema = deployment._parameter_openapi_schema.model_dump()

    assert list(schema["properties"]) == list(signature.parameters)
    assert len(schema["properties"]) <= 3
    for name, parameter in schema["properties"].items():
        assert parameter.get("description"), f"{name} is not described in the docstring"
        assert "type" in parameter or "anyOf" in parameter, f"{name} has no type"


@by_flow
def test_each_page_tells_people_what_it_does(offered):
    assert offered.description.strip()
    assert all(len(line) <= 100 for line in offered.description.splitlines())


@pytest.mark.slow
def test_prefect_deploys_the_file_as_the_table_is_served(engine):
    """The command itself, on a Prefect of its own; then the table over it, changing nothing."""
    with get_client(sync_client=True) as client:
        pool = WorkPoolCreate(name=WORK_POOL, type="process").model_dump(mode="json")
        with suppress(PrefectHTTPStatusError):  # another test of this server may have made it
            client._client.post("/work_pools/", json=pool)

        deployed = subprocess.run(
            [
                *(sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"),
                *("--prefect-file", str(FILE.relative_to(ROOT))),
            ],
            cwd=ROOT,
            env=os.environ.copy(),
            capture_output=True,
            text=True,
            timeout=120,
        )

        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        by_file = {flow: _kept(client, flow) for flow in _names()}
        assert {told["work_pool"] for told in by_file.values()} == {WORK_POOL}
        for deployment in deployments():
            asyncio.run(_apply(deployment))
        by_table = {flow: _kept(client, flow) for flow in _names()}
        without_pool = {"work_pool": None}
        assert {k: v | without_pool for k, v in by_file.items()} == {
            k: v | without_pool for k, v in by_table.items()
        }
        for flow in _names():
            client.delete_deployment(client.read_deployment_by_name(f"{flow}/{NAME}").id)


async def _apply(deployment):
    await deployment.aapply()


def _names():
    return [offered.flow.name for offered in OFFERED]


def _kept(client, flow):
    """What Prefect keeps of a deployment that both ways must agree on."""
    kept = client.read_deployment_by_name(f"{flow}/{NAME}")
    return {
        "entrypoint": kept.entrypoint,
        "description": kept.description,
        "tags": kept.tags,
        "schedules": [
            (getattr(one.schedule, "cron", None), getattr(one.schedule, "interval", None))
            for one in kept.schedules
        ],
        "parameters": kept.parameter_openapi_schema,
        "pull_steps": kept.pull_steps or None,
        "work_pool": kept.work_pool_name,
    }
