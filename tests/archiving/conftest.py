"""For all tests of archiving in this process."""

import os

import pytest


@pytest.fixture(autouse=True)
def nothing_waits_for_the_disk(monkeypatch):
    """Syncing guards against a machine that loses power; no test here switches one off."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
