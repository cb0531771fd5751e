"""The software key of a sample inspector: its file, and that it is an authenticator."""

import os
import pickle
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from letters.signoff import base64url
from tasks.case.folder import FolderStore
from tasks.signoff.ceremony import creation_options, enrolment_from
from tasks.signoff.evidence import cose_key, public_key_of
from tasks.signoff.software_key import SoftwareKeyUnreadable, software_key

ROOT = Path(__file__).parents[2]
ORIGIN = "http://localhost:8010"


def enrolled(key):
    options = creation_options(
        inspector=key.inspector,
        name="Jenny Gwilt",
        challenge=b"c" * 32,
        rp_id="localhost",
        rp_name="Letters office",
    )
    return enrolment_from(
        key.register(options, origin=ORIGIN),
        challenge=b"c" * 32,
        inspector=key.inspector,
        name="Jenny Gwilt",
        rp_id="localhost",
        origin=ORIGIN,
        at=datetime(2010, 8, 1, 9, tzinfo=UTC),
        sample=True,
    )


def kept_in(folder):
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_for_its_owner_alone_and_nothing_else_is_left(tmp_path):
    umask = os.umask(0)
    try:
        software_key(tmp_path / "keys", "jgwilt")
    finally:
        os.umask(umask)

    assert mode(tmp_path / "keys") == 0o700
    assert kept_in(tmp_path / "keys") == ["jgwilt.pem"]
    assert mode(tmp_path / "keys/jgwilt.pem") == 0o600
    assert (tmp_path / "keys/jgwilt.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_the_same_file_is_the_same_key(tmp_path):
    first, again = software_key(tmp_path, "jgwilt"), software_key(tmp_path, "jgwilt")

    assert again.credential_id == first.credential_id
    assert len(first.credential_id) == 32
    assert software_key(tmp_path, "another").credential_id != first.credential_id


def test_a_key_that_is_there_is_never_replaced(tmp_path):
    software_key(tmp_path, "jgwilt")
    before = (tmp_path / "jgwilt.pem").read_bytes()

    software_key(tmp_path, "jgwilt")

    assert (tmp_path / "jgwilt.pem").read_bytes() == before


def test_who_loses_the_race_reads_the_winners_key(tmp_path, monkeypatch):
    winner = software_key(tmp_path, "jgwilt")
    monkeypatch.setattr(FolderStore, "find", lambda self, key: None)

    loser = software_key(tmp_path, "jgwilt")

    assert loser.credential_id == winner.credential_id
    assert kept_in(tmp_path) == ["jgwilt.pem"]


def test_processes_that_make_the_key_at_once_get_the_same(tmp_path):
    program = (
        "import sys; from pathlib import Path;"
        "from tasks.signoff.software_key import software_key;"
        "print('ready', flush=True); sys.stdin.readline();"
        "print(software_key(Path(sys.argv[1]), 'jgwilt').credential_id.hex())"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "keys")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    keys = [racer.communicate()[0].strip() for racer in racers]

    assert keys == [software_key(tmp_path / "keys", "jgwilt").credential_id.hex()] * 2
    assert kept_in(tmp_path / "keys") == ["jgwilt.pem"]


def test_the_private_key_shows_in_no_text_of_the_object(tmp_path):
    key = software_key(tmp_path, "jgwilt")

    assert repr(key) == str(key) == f"{key!s}" == "SoftwareKey(inspector='jgwilt')"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def as_a_file(private_key):
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda whole: b"", id="an empty file"),
        pytest.param(lambda whole: whole[:100], id="a file cut short"),
        pytest.param(lambda whole: b"secret words", id="a file of something else"),
        pytest.param(lambda whole: as_a_file(Ed25519PrivateKey.generate()), id="another kind"),
        pytest.param(
            lambda whole: as_a_file(generate_private_key(SECP384R1())), id="another curve"
        ),
    ],
)
def test_a_file_that_holds_no_such_key_is_refused_without_quoting_it(tmp_path, content):
    software_key(tmp_path, "jgwilt")
    path = tmp_path / "jgwilt.pem"
    path.write_bytes(content(path.read_bytes()))

    with pytest.raises(SoftwareKeyUnreadable) as refused:
        software_key(tmp_path, "jgwilt")

    assert str(refused.value) == (
        "The software key of jgwilt is not a P-256 private key. (jgwilt.pem)"
        " Put back the file, or remove it and enrol the new key that is then made."
    )
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("inspector", ["", "../jgwilt", "a/b", ".hidden", "Jenny Gwilt", "x\n"])
def test_an_id_that_could_be_a_path_names_no_key(tmp_path, inspector):
    with pytest.raises(SoftwareKeyUnreadable):
        software_key(tmp_path / "keys", inspector)

    assert list(tmp_path.iterdir()) == []


def test_registering_enrols_this_very_key(tmp_path):
    key = software_key(tmp_path, "jgwilt")
    private_key = load_pem_private_key((tmp_path / "jgwilt.pem").read_bytes(), password=None)

    enrolment = enrolled(key)

    assert enrolment.credential_id == base64url(key.credential_id)
    assert enrolment.public_key == base64url(cose_key(private_key.public_key()))
    assert public_key_of(enrolment) == private_key.public_key()
    assert (enrolment.inspector, enrolment.sample) == ("jgwilt", True)
    assert (enrolment.backup_eligible, enrolment.backed_up) == (False, False)
    assert (enrolment.rp_id, enrolment.origin) == ("localhost", ORIGIN)
    assert enrolment.at == "2010-08-01T09:00:00.000Z"
