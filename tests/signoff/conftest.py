"""For all tests of signing in this process."""

import os

import pytest

from tests.signoff.signing_room import SigningRoom


@pytest.fixture(autouse=True)
def nothing_waits_for_the_disk(monkeypatch):
    """Syncing guards against a machine that loses power; no test here switches one off."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def room(tmp_path):
    return SigningRoom(tmp_path)
