"""Heartbeats of runs: as long as their process, and followed by its end."""

import asyncio
from types import SimpleNamespace

import pytest


@pytest.fixture
def beats(engine, monkeypatch):
    """Runs a block of so many seconds with a beat every tenth; returns what was sent."""
    from flows import heartbeats

    sent = []

    class Client:
        def __init__(self, **_):
            pass

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            pass

        async def emit(self, event):
            sent.append(event)
            if beat.fails:
                raise OSError("Prefect is away")

    monkeypatch.setattr(heartbeats, "get_events_client", Client)
    run = SimpleNamespace(id="a-run", name="A run", deployment_id="a-deployment")

    def beat(until):
        async def block():
            async with heartbeats.beating(run, every_seconds=0.01):
                while len(sent) < until:
                    await asyncio.sleep(0.001)

        asyncio.run(block())
        return sent

    beat.fails = False
    return beat


def test_a_short_run_sends_nothing(beats):
    assert beats(0) == []


def test_a_long_run_beats_and_its_end_is_told(beats):
    sent = beats(3)

    assert [event.event for event in sent][:3] == ["prefect.flow-run.heartbeat"] * 3
    assert [event.event for event in sent if event.event == "letters.run.process-ended"] == [
        sent[-1].event
    ]
    assert {event.resource.id for event in sent} == {"prefect.flow-run.a-run"}
    assert {related.id for event in sent for related in event.related} == {
        "prefect.deployment.a-deployment"
    }


def test_a_heartbeat_that_can_t_be_sent_stops_nothing(beats):
    beats.fails = True

    assert len(beats(2)) >= 3
