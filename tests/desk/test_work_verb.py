"""The parts of an office on several machines, where they can't begin."""

import shutil
from pathlib import Path

import pytest

from desk.command_line import run
from flows.office import open_office
from tasks.case.keys import require_same_keys

SAMPLE = Path(__file__).parents[2] / "config" / "sample_office"
NOWHERE = "http://127.0.0.1:9/api"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An office that isn't there yet, and no Prefect."""
    shutil.copytree(SAMPLE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Secrets that were made elsewhere."""
    (tmp_path / "keys").mkdir()
    for name in ("recipients", "signing"):
        (tmp_path / "keys" / f"{name}.secret").write_bytes(name.encode() * 8)
    monkeypatch.setenv("LETTERS_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.mark.parametrize("verb", ["work", "desk"])
def test_without_a_prefect_that_is_shared_it_says_what_to_name(verb, capsys, tmp_path):
    assert run([verb]) == 2
    assert "prefect-not-named" in capsys.readouterr().err
    assert not (tmp_path / "office").exists()


@pytest.mark.parametrize("verb", ["work", "desk"])
def test_a_machine_with_other_secrets_begins_nothing(verb, capsys, keys, monkeypatch):
    require_same_keys(open_office())
    (keys / "signing.secret").write_bytes(b"another")
    monkeypatch.setenv("PREFECT_API_URL", NOWHERE)
    assert run([verb]) != 0
    assert "keys-differ" in capsys.readouterr().err


def test_keys_that_are_not_mounted_are_told(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("LETTERS_KEYS", str(tmp_path / "nowhere"))
    assert run(["list"]) == 2
    assert "keys-missing" in capsys.readouterr().err


def test_the_doctor_tells_of_other_secrets(capsys, keys):
    require_same_keys(open_office())
    (keys / "recipients.secret").write_bytes(b"another")
    run(["doctor", "--json"])
    assert '"keys-differ"' in capsys.readouterr().out
