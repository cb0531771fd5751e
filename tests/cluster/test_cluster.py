"""An office on several machines: real parts on one machine, and a worker killed in the middle."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "cluster"
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


def cluster(*arguments, **environment):
    told = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "LETTERS"))}
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env={**told, "PYTHON": sys.executable, "ARCHIVE": "folder", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def office(tmp_path):
    """PostgreSQL, Redis, Prefect in two processes, a desk, two workers."""
    if os.geteuid() == 0 and not Path(os.devnull).stat().st_mode & stat.S_IWOTH:
        pytest.skip(f"PostgreSQL refuses root, and its own user can't write to {os.devnull} here.")
    fetched = cluster("fetch")
    if fetched.returncode:
        pytest.skip(fetched.stderr.strip())
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
