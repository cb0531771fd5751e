"""The work pool as it is deployed: what whoever starts a run may say of its process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from tests.deploy.parts import containers
from tests.deploy.proxy import DEPLOY

pytestmark = pytest.mark.slow

HOSTILE = {"command": "sh -c id", "env": {"PYTHONPATH": "/tmp"}, "working_dir": "/tmp"}


@pytest.fixture
def prefect(engine):
    from prefect.settings import get_current_settings

    secret = get_current_settings().api.auth_string.get_secret_value()
    with httpx.Client(base_url=engine.api_url, auth=tuple(secret.split(":", 1))) as client:
        yield client


def test_a_run_that_says_how_its_process_is_to_be_is_refused(prefect):
    template = json.loads((DEPLOY / "work-pool.json").read_text())
    pool = {"name": "narrow", "type": "process", "base_job_template": template}
    made = prefect.post("/work_pools/", json=pool)
    assert made.status_code == 201, made.text
    flow = prefect.post("/flows/", json={"name": "issue-letter"}).json()["id"]
    told = {"name": "narrow", "flow_id": flow, "work_pool_name": "narrow"}
    deployment = prefect.post("/deployments/", json=told).json()["id"]

    answers = {
        name: prefect.post(
            f"/deployments/{deployment}/create_flow_run",
            json={"job_variables": {name: value}},
        ).status_code
        for name, value in HOSTILE.items()
    }

    assert answers == dict.fromkeys(HOSTILE, 422)
    assert prefect.post(f"/deployments/{deployment}/create_flow_run", json={}).status_code == 201


def test_the_set_up_makes_the_pool_and_the_deployments_as_often_as_it_is_done(prefect, tmp_path):
    (script,) = {one.command[-1] for one in containers() if one.command[:1] == ("sh",)}
    script = script.replace("/opt/letters/deploy", str(DEPLOY))
    told = yaml.safe_load((DEPLOY / "prefect.yaml").read_text())["deployments"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    for _ in range(2):
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    pool = prefect.get("/work_pools/letters").json()
    assert pool["base_job_template"] == json.loads((DEPLOY / "work-pool.json").read_text())
    wanted = {"work_pools": {"name": {"any_": ["letters"]}}}
    made = prefect.post("/deployments/filter", json=wanted).json()
    assert sorted(one["entrypoint"] for one in made) == sorted(one["entrypoint"] for one in told)
    assert {str(one["pull_steps"]) for one in made} <= {"None", "[]"}
