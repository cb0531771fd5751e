"""The seal: appended, valid, without harm to what the file claims, and stamped or not made."""

import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import outloud
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tasks.archiving.verify_seal import describe_seal, seal_faults
from tasks.case.record import is_transient
from tasks.rendering.pdf import render_pdf
from tasks.rendering.seal import SealUntrusted, TimeStampUnavailable, seal
from tasks.rendering.seal_keys import SealingKey, sealing_key
from tasks.templating import TEMPLATES
from tests.offices import an_office
from tests.rendering.said import Heard
from tests.rendering.test_pdf_document import LETTERS
from tests.time_stamps import ISSUING, a_certificate, a_key, an_authority, pem_of

PROFILES = ["B-B", "B-T", "B-LTA"]


@pytest.fixture(scope="module")
def tsa(tmp_path_factory):
    with an_authority(tmp_path_factory.mktemp("tsa")) as authority:
        yield authority


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    office = an_office(tmp_path_factory.mktemp("office"), clock=lambda: datetime.now(UTC))
    return sealing_key(office)


@pytest.fixture
def sealed(tsa, key):
    """Seal a PDF in one of the profiles."""

    def seal_it(pdf, profile="B-B", **changes):
        told = {
            "profile": profile,
            "tsa_url": tsa.url,
            "trust": tsa.root_pem,
            "reason": "As approved",
            "at": datetime.now(UTC),
        }
        return seal(pdf, changes.pop("key", key), **told | changes)

    tsa.broken = None
    return seal_it


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("letter", list(LETTERS.values())[:3], ids=list(LETTERS)[:3])
def test_what_was_claimed_of_the_file_still_holds(tmp_path, sealed, letter, profile):
    pdf = render_pdf(letter)
    file = tmp_path / "sealed.pdf"

    file.write_bytes(sealed(pdf, profile))

    result = outloud.check(str(file))
    assert (result.error, [str(finding) for finding in result.findings]) == (None, [])
    before, after = Heard(pdf), Heard(file.read_bytes())
    assert after.words == before.words
    assert after.tags == [*before.tags, *["Form"] * (2 if profile == "B-LTA" else 1)]
    if profile != "B-LTA":  # pyHanko tells in it that something came after the seal
        assert after.pdf.Root.Metadata.read_bytes() == before.pdf.Root.Metadata.read_bytes()
        assert dict(after.pdf.docinfo) == dict(before.pdf.docinfo)
    with after.pdf.open_metadata(update_docinfo=False) as claims:
        assert claims["pdfuaid:part"] == "1"
        assert (claims["pdfaid:part"], claims["pdfaid:conformance"]) == ("2", "A")
    assert after.pdf.pdf_version == "1.7"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_field_is_not_to_be_seen_nor_hidden_from_those_who_listen(sealed, profile):
    pdf = Heard(sealed(render_pdf(LETTERS["a letter of three pages"]), profile)).pdf

    fields = list(pdf.Root.AcroForm.Fields)
    assert [str(field.TU) for field in fields] == [
        "Electronic seal of the office",
        *(["Time stamp of the document"] if profile == "B-LTA" else []),
    ]
    for field in fields:
        assert [int(edge) for edge in field.Rect] == [0, 0, 0, 0]
        # Printed and not hidden: ISO 19005-2, 6.3.2.
        assert int(field.F) & 0b100111 == 0b100
        assert "/AP" not in field
    last = pdf.pages[-1]
    assert [annotation.objgen for annotation in last.Annots] == [field.objgen for field in fields]


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_appended_and_valid_and_permits_nothing(sealed, key, tsa, profile):
    pdf = render_pdf(LETTERS["a letter of one page"])
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)

    done = sealed(pdf, profile, at=at)

    assert done.startswith(pdf)
    for roots in ((), (tsa.root_pem,)):
        assert seal_faults(done, certificates=[key.certificate_pem], trust_roots=roots, at=at) == ()
    with pikepdf.open(io.BytesIO(done)) as opened:
        (reference,) = opened.Root.Perms.DocMDP.Reference
        assert (reference.TransformMethod, reference.TransformParams.P) == ("/DocMDP", 1)
    facts = describe_seal(done)
    assert (facts.profile, facts.sealed_at, facts.certificate) == (profile, at, key.fingerprint)
    assert (facts.stamped_at is None) == (profile == "B-B")
    assert facts.is_development


def test_the_seal_says_why(sealed):
    done = sealed(render_pdf(LETTERS["a letter of one page"]), reason="As approved – r1")

    with pikepdf.open(io.BytesIO(done)) as opened:
        assert str(opened.Root.Perms.DocMDP.Reason) == "As approved – r1"


@pytest.fixture(scope="module")
def an_rsa_key():
    """As an authority issues it: under a root of its own."""
    root_key, private = a_key(), rsa.generate_private_key(65537, 2048)
    root = a_certificate("Root of seals", root_key, usages=ISSUING)
    certificate = a_certificate("Inspectorate", private, issuer=root, issuer_key=root_key)
    return SealingKey(certificate, (root,), private)


@pytest.mark.parametrize("profile", PROFILES)
def test_an_rsa_key_under_a_root_seals(sealed, tsa, an_rsa_key, profile):
    at, trust = datetime.now(UTC), tsa.root_pem + pem_of(an_rsa_key.issuers[0])

    done = sealed(render_pdf(LETTERS["a letter of one page"]), profile, key=an_rsa_key, trust=trust)

    told = {"certificates": [an_rsa_key.certificate_pem], "at": at}
    assert seal_faults(done, **told) == seal_faults(done, **told, trust_roots=[trust]) == ()
    assert seal_faults(done, **told, trust_roots=[tsa.root_pem]) != ()
    assert not describe_seal(done).is_development


# The time-stamp authority.


def earlier_answer(tsa):
    """An answer to something that was asked before."""
    kept = []

    def answer(status, content_type, body):
        kept.append(body)
        return status, content_type, kept[0]

    return answer


def with_body(change):
    return lambda _: lambda status, content_type, body: (status, content_type, change(body))


def flipped(body):
    middle = len(body) - 20  # within the signature
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


REFUSED = bytes.fromhex("30053003020102")

BROKEN = {
    "an error of the server": lambda _: lambda *told: (500, *told[1:]),
    "too many requests": lambda _: lambda *told: (429, *told[1:]),
    "a page instead of a time stamp": lambda _: lambda *_: (200, "text/html", b"<p>Log in"),
    "bytes that mean nothing": with_body(lambda _: b"\x00\x01nothing"),
    "half an answer": with_body(lambda body: body[: len(body) // 2]),
    "nothing": with_body(lambda _: b""),
    "a refusal": with_body(lambda _: REFUSED),
    "a time stamp of something else": earlier_answer,
    "an altered time stamp": with_body(flipped),
}


@pytest.mark.parametrize("profile", ["B-T", "B-LTA"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_without_a_time_stamp_there_is_no_seal(sealed, tsa, broken, profile):
    tsa.broken = broken(tsa)

    with pytest.raises(TimeStampUnavailable) as failure:
        sealed(render_pdf(LETTERS["a letter of one page"]), profile)

    assert is_transient(failure.value)
    assert (failure.value.code, failure.value.where) == ("time-stamp-unavailable", tsa.url)


def test_an_authority_that_is_not_there_is_asked_again_later(sealed):
    with pytest.raises(TimeStampUnavailable):
        sealed(render_pdf(LETTERS["a letter of one page"]), "B-T", tsa_url="http://127.0.0.1:1/")


@pytest.mark.parametrize("profile", ["B-T", "B-LTA"])
@pytest.mark.parametrize("trust", [b"", "another"], ids=["nobody", "somebody else"])
def test_an_authority_that_nobody_vouches_for_is_refused(sealed, an_rsa_key, profile, trust):
    trust = pem_of(an_rsa_key.issuers[0]) if trust else b""

    with pytest.raises(SealUntrusted) as refusal:
        sealed(render_pdf(LETTERS["a letter of one page"]), profile, trust=trust)

    assert not is_transient(refusal.value)


def test_a_certificate_that_nobody_vouches_for_gets_no_time_stamp(sealed, tsa, an_rsa_key):
    with pytest.raises(SealUntrusted, match="could not be sealed as B-T"):
        sealed(render_pdf(LETTERS["a letter of one page"]), "B-T", key=an_rsa_key)


def test_without_time_stamps_nobody_is_asked(sealed, tsa):
    asked = tsa.asked

    sealed(render_pdf(LETTERS["a letter of one page"]))

    assert tsa.asked == asked


def test_what_seals_nothing_does_not_import_what_seals():
    program = (
        "import sys, desk.command_line, tasks.rendering.pack, tasks.archiving.verify\n"
        "print([name for name in ('pyhanko', 'aiohttp', 'pypdfium2') if name in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=TEMPLATES.parent,
    )

    assert run.stdout == "[]\n"
