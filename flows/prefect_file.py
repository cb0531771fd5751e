"""`python -m flows.prefect_file`: the office's deployments as `deploy/prefect.yaml`.

Owns how `flows.deployments`' table is written for `prefect deploy`, for offices that
have a Prefect and a work pool of their own. Imports Prefect.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml
from prefect.schedules import Schedule

from flows.deployments import NAME, OFFERED, Offered

WORK_POOL = "letters"

HEAD = """\
# The deployments of an office, for a Prefect of your own: run from the folder above,
#
#   prefect work-pool create letters --type process --base-job-template deploy/work-pool.json
#   prefect --no-prompt deploy --all --prefect-file deploy/prefect.yaml
#
# The template lets nobody who starts a run choose its command or environment.
# Where the pool is called otherwise, write its name at `work_pool` below.
# Workers find this software installed, so there is nothing to pull; they need LETTERS_OFFICE.
#
# Written by `python -m flows.prefect_file > deploy/prefect.yaml` from flows/deployments.py.

"""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def prefect_file() -> str:
    """Write the file; the same table, the same bytes."""
    told = {
        "name": "letters",
        # Said of all: an office's workers have the flows installed.
        **{action: [] for action in ("build", "push", "pull")},
        "deployments": [_deployment(offered) for offered in OFFERED],
    }
    return HEAD + yaml.dump(told, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=98)


def _deployment(offered: Offered) -> dict[str, Any]:
    return {
        "name": NAME,
        "entrypoint": offered.entrypoint,
        "description": offered.description,
        "tags": [offered.tag],
        "schedules": [] if offered.schedule is None else [_schedule(offered.schedule)],
        "work_pool": {"name": WORK_POOL},
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    if schedule.cron is not None:
        return {"cron": schedule.cron, "timezone": schedule.timezone}
    if schedule.interval is not None:
        return {"interval": int(schedule.interval.total_seconds())}
    raise ValueError(f"A schedule that the file has no words for: {schedule}")


if __name__ == "__main__":
    sys.stdout.write(prefect_file())
