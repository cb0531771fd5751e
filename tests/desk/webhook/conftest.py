"""An office whose provider has a key, and its webhook."""

from __future__ import annotations

import os

import pytest
from starlette.testclient import TestClient

from desk.webhook.app import create_webhook
from tests.offices import an_office, some_settings
from tests.provider_batches import public_key


@pytest.fixture(autouse=True)
def nothing_waits_for_the_disk(monkeypatch):
    """Syncing guards against a machine that loses power; no test here switches one off."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def office(tmp_path):
    settings = some_settings(tmp_path, webhook={"public_key": public_key()})
    return an_office(tmp_path, settings=settings)


@pytest.fixture
def stored():
    """The keys that were handed on."""
    return []


@pytest.fixture
def client(office, stored):
    """Speaks to the webhook without a network; leaving it ends the serving."""
    with TestClient(create_webhook(lambda: office, on_stored=stored.append)) as client:
        yield client
