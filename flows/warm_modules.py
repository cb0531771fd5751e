# ruff: noqa: F401 - imported to be there
"""What a run needs, imported and read before there is a run. Imports Prefect.

What isn't is imported and compiled by every run anew: it was half of the time of a run's
process. Lazily imported are mainly the calendar's countries, Prefect's drawing of flows and
Jinja2; what a run still imports, `sys.modules` tells.
"""

import gc
import sqlite3

import anyio._backends._asyncio
import graphviz  # type: ignore[import-untyped]
import holidays.countries
import holidays.financial
import prefect.flow_engine
import prefect.main

import flows.deployments
import tasks.case.s3
import tasks.rendering.seal
from tasks.templating import load_templates

load_templates()

# What is there is never collected: the collector of a forked run needn't look through it, and
# so the pages stay shared (Python's own advice, gc.freeze).
gc.collect()
gc.freeze()
