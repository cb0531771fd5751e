"""An office on several machines: real parts on one machine, and a worker killed in the middle."""

import json
import os
import stat
import subprocess
import sys

import pytest

from tests.cluster.script import cluster, skip_where_it_cannot_start

LETTERS = 4

PUBLISHING_SECONDS = 11
"""Longer than the publisher's clock is set by default."""

# As the API does with what the runs send: each of their connections has a publisher.
PUBLISH = """
import asyncio, json, sys, time
from uuid import uuid4
from prefect.server.utilities.messaging import create_publisher
from prefect_redis.client import get_async_redis_client

TOPIC = "events-of-this-test"

async def publish(until):
    count = 0
    async with create_publisher(topic=TOPIC, deduplicate_by="id") as publisher:
        while time.monotonic() < until:
            count += 1
            await publisher.publish_data(b"{}", {"id": uuid4().hex})
            await asyncio.sleep(0.001)
    return count

async def main():
    until = time.monotonic() + int(sys.argv[1])
    sent = sum(await asyncio.gather(*(publish(until) for _ in range(40))))
    client = get_async_redis_client()
    (stream,) = [key async for key in client.scan_iter(match=f"*{TOPIC}*", _type="stream")]
    print(json.dumps([sent, await client.xlen(stream)]))

asyncio.run(main())
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path):
    """PostgreSQL, Redis, Prefect in two processes, a desk, two workers."""
    skip_where_it_cannot_start()
    try:
        started = cluster("start", tmp_path / "cluster")
        assert started.returncode == 0, started.stderr
        yield tmp_path / "cluster"
    finally:
        cluster("stop", tmp_path / "cluster")


def test_letters_are_issued_once_though_a_worker_is_killed(office):
    loaded = cluster("load", office, LETTERS, "--dead-seconds", 1)
    told = loaded.stdout + loaded.stderr

    assert loaded.returncode == 0, told
    assert "Worker b was killed" in told
    assert f"{LETTERS} Issued" in told
    assert cluster("status", office).returncode == 0

    open_to_others = [
        path
        for path in (office, *office.iterdir())
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    assert open_to_others == []

    assert_no_event_is_lost(office)
    ended = cluster("stop", office)
    assert ended.returncode == 0, ended.stderr
    assert "is down" in cluster("status", office).stdout


def assert_no_event_is_lost(office):
    """What the API publishes for the runs all comes to lie in Redis."""
    lines = (office / "server.env").read_text().splitlines()
    told = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    published = subprocess.run(
        [sys.executable, "-c", PUBLISH, str(PUBLISHING_SECONDS)],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert published.returncode == 0, published.stderr
    sent, lying = json.loads(published.stdout)
    assert sent > 1000
    assert lying == sent
