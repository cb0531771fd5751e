"""The office's sealing key: made for development, read from PKCS#12, refused, introduced."""

import logging
import stat
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)

from tasks.case.ledger import ledger_of
from tasks.case.record import ObjectForeign
from tasks.mailing.outbox import Outbox
from tasks.rendering.seal_keys import SealKeyUnusable, introduce, seal_findings, sealing_key
from tests.offices import START, an_office, some_settings
from tests.time_stamps import ISSUING, SIGNING, a_certificate, a_key

PASSPHRASE = "correct-horse-battery"  # noqa: S105 - of files that a test makes
YEARS = (START - timedelta(days=30), START + timedelta(days=900))


class Post(Outbox):
    """A provider whose e-mails leave the house."""

    takes_samples = False


def a_pkcs12(folder, *, key=None, certificate=None, passphrase=PASSPHRASE, name="seal.p12"):
    """A file as an office gets it from its authority."""
    key = key or a_key()
    certificate = certificate or a_certificate("Inspectorate", key, valid=YEARS)
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    path = Path(folder, name)
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, protection))
    path.chmod(0o600)
    return certificate


def an_office_with_a_key(folder, *, passphrase=PASSPHRASE, file="seal.p12", **overrides):
    told = {"pkcs12_file": file, "passphrase": passphrase}
    return an_office(folder, settings=some_settings(folder, seal=told), **overrides)


def test_an_office_without_a_key_makes_one_that_says_what_it_is_worth(tmp_path):
    office = an_office(tmp_path)

    key = sealing_key(office)

    assert key.is_development
    assert key.certificate.subject.rfc4514_string() == (
        "CN=DEVELOPMENT — proves nothing about who sealed"
    )
    file = office.keys_folder / "seal-development.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sealing_key(an_office(tmp_path)) == key


def test_those_who_make_it_at_once_get_the_same(tmp_path):
    offices = [an_office(tmp_path) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(sealing_key, offices))

    assert {key.fingerprint for key in keys} == {keys[0].fingerprint}


def test_a_live_office_makes_none_and_refuses_one(tmp_path):
    office = an_office(tmp_path, provider=Post(tmp_path / "outbox"))

    with pytest.raises(SealKeyUnusable) as refusal:
        sealing_key(office)

    assert refusal.value.code == "seal-missing"
    assert not office.keys_folder.exists()


def test_the_key_of_a_pkcs12_file_is_the_offices_own(tmp_path):
    certificate = a_pkcs12(tmp_path)

    key = sealing_key(an_office_with_a_key(tmp_path, provider=Post(tmp_path / "outbox")))

    assert (key.certificate, key.is_development) == (certificate, False)
    assert key.not_after == certificate.not_valid_after_utc
    assert x509.load_pem_x509_certificate(key.certificate_pem) == certificate


def test_a_file_that_was_exchanged_is_read_anew(tmp_path):
    office = an_office_with_a_key(tmp_path)
    a_pkcs12(tmp_path)
    first = sealing_key(office)

    a_pkcs12(tmp_path, name="renewed.p12")
    (tmp_path / "renewed.p12").rename(tmp_path / "seal.p12")

    assert sealing_key(office) != first


def test_a_file_that_did_not_change_is_read_once(tmp_path, monkeypatch):
    office = an_office_with_a_key(tmp_path)
    a_pkcs12(tmp_path)
    first = sealing_key(office)

    monkeypatch.setattr(Path, "read_bytes", None)

    assert sealing_key(office) is first


SMALL_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused

UNUSABLE = {
    "no such file": (lambda _: None, "seal-key-missing"),
    "another passphrase": (
        lambda at: a_pkcs12(at, passphrase=PASSPHRASE.upper()),
        "seal-passphrase-wrong",
    ),
    "a file that is no PKCS#12": (
        lambda at: (at / "seal.p12").write_bytes(b"nothing"),
        "seal-passphrase-wrong",
    ),
    "a folder": (lambda at: (at / "seal.p12").mkdir(), "seal-key-missing"),
    "a certificate that ran out": (
        lambda at: with_certificate(at, valid=(START - timedelta(9), START - timedelta(1))),
        "seal-expired",
    ),
    "a certificate of tomorrow": (
        lambda at: with_certificate(at, valid=(START + timedelta(1), START + timedelta(9))),
        "seal-expired",
    ),
    "a certificate for something else": (
        lambda at: with_certificate(at, usages={"key_encipherment": True}),
        "seal-key-usage",
    ),
    "a certificate for issuing others": (
        lambda at: with_certificate(at, usages=ISSUING),
        "seal-key-usage",
    ),
    "a short RSA key": (lambda at: a_pkcs12(at, key=SMALL_RSA), "seal-key-unusable"),
}


def with_certificate(folder, *, valid=YEARS, usages=SIGNING):
    key = a_key()
    a_pkcs12(folder, key=key, certificate=a_certificate("Office", key, valid=valid, usages=usages))


@pytest.mark.parametrize(("prepare", "code"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_seal_is_refused_and_never_quoted(tmp_path, caplog, prepare, code):
    caplog.set_level(logging.DEBUG)
    prepare(tmp_path)
    office = an_office_with_a_key(tmp_path)

    with pytest.raises(SealKeyUnusable) as refusal:
        sealing_key(office)

    assert refusal.value.code == code
    assert refusal.value.remedy
    told = "".join(traceback.format_exception(refusal.value)) + caplog.text + repr(office)
    assert PASSPHRASE not in told


def test_a_key_without_a_certificate_is_refused(tmp_path):
    data = pkcs12.serialize_key_and_certificates(b"", a_key(), None, None, NoEncryption())
    (tmp_path / "seal.p12").write_bytes(data)

    with pytest.raises(SealKeyUnusable, match="lacks the key or its certificate"):
        sealing_key(an_office_with_a_key(tmp_path, passphrase=None))


@pytest.mark.parametrize(
    "usages",
    [{"digital_signature": True}, {"content_commitment": True}],
    ids=["digital signature", "non-repudiation"],
)
def test_either_key_usage_is_enough(tmp_path, usages):
    with_certificate(tmp_path, usages=usages)

    assert not sealing_key(an_office_with_a_key(tmp_path)).is_development


# The ledger.


def test_a_certificate_is_introduced_once(tmp_path):
    office = an_office(tmp_path)
    key = sealing_key(office)

    for _ in range(2):
        introduce(office, key)

    entries = [e for e in ledger_of(office).entries() if e.event == "seal-introduced"]
    place = f"seals/{key.fingerprint}.pem"
    assert [(e.detail["object"], e.detail["is_development"]) for e in entries] == [(place, True)]
    assert office.store.get(place) == key.certificate_pem


def test_a_certificate_that_was_laid_in_by_hand_is_not_introduced(tmp_path):
    office = an_office(tmp_path)
    key = sealing_key(office)
    office.store.put(f"seals/{key.fingerprint}.pem", b"another")

    with pytest.raises(ObjectForeign):
        introduce(office, key)


# The doctor.


def levels(office, now=START):
    return [(finding.level, finding.code) for finding in seal_findings(office, now)]


def test_the_doctor_makes_no_key(tmp_path):
    assert levels(an_office(tmp_path)) == [("warning", "seal-development")]
    assert not (tmp_path / "keys").exists()


def test_the_doctor_finds_a_live_office_without_a_key(tmp_path):
    office = an_office(tmp_path, provider=Post(tmp_path / "outbox"))

    assert levels(office) == [("failure", "seal-missing")]


def test_the_doctor_finds_what_cannot_seal(tmp_path):
    assert levels(an_office_with_a_key(tmp_path)) == [("failure", "seal-key-missing")]


@pytest.mark.parametrize(
    ("days_left", "level"),
    [
        pytest.param(61, "ok", id="sixty-one days before its end"),
        pytest.param(59, "warning", id="fifty-nine days before its end"),
    ],
)
def test_the_doctor_tells_when_the_certificate_ends(tmp_path, days_left, level):
    with_certificate(tmp_path, valid=(START - timedelta(1), START + timedelta(days_left)))

    assert levels(an_office_with_a_key(tmp_path)) == [(level, "seal-expires")]


def test_the_doctor_sees_a_file_that_others_can_read(tmp_path):
    a_pkcs12(tmp_path)
    (tmp_path / "seal.p12").chmod(0o640)

    assert levels(an_office_with_a_key(tmp_path)) == [
        ("ok", "seal-expires"),
        ("warning", "seal-file-open"),
    ]
