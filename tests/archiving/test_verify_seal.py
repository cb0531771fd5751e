"""What a seal is judged by: anything done to a sealed file, or by another, is refused."""

import io
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

import tasks.rendering.seal
from tasks.archiving.verify_seal import SealUnreadable, describe_seal, seal_faults
from tasks.rendering.pdf import render_pdf
from tasks.rendering.seal import seal
from tasks.rendering.seal_keys import SealingKey, sealing_key
from tests.offices import an_office
from tests.rendering.test_pdf_document import a_long_letter
from tests.time_stamps import SIGNING, a_certificate, a_key, an_authority, pem_of

NOW = datetime.now(UTC)
FLIPS = 60


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return sealing_key(an_office(tmp_path_factory.mktemp("office"), clock=lambda: NOW))


@pytest.fixture(scope="module")
def tsa(tmp_path_factory):
    with an_authority(tmp_path_factory.mktemp("tsa")) as authority:
        yield authority


@pytest.fixture(scope="module")
def pdf():
    return render_pdf(a_long_letter())


@pytest.fixture(scope="module")
def sealed(pdf, key):
    return sealed_with(pdf, key)


@pytest.fixture(scope="module")
def lasting(pdf, key, tsa):
    return sealed_with(pdf, key, profile="B-LTA", tsa_url=tsa.url, trust=tsa.root_pem)


def sealed_with(pdf, key, **changes):
    told = {"profile": "B-B", "tsa_url": "", "trust": b"", "reason": "As approved", "at": NOW}
    return seal(pdf, key, **told | changes)


def another_key(usages=SIGNING, **told):
    private = a_key()
    return SealingKey(a_certificate("Somebody", private, usages=usages, **told), (), private)


def faults(data, *keys, **told):
    return seal_faults(
        data, certificates=[key.certificate_pem for key in keys], **{"at": NOW, **told}
    )


def test_a_sealed_file_is_without_fault(sealed, lasting, key):
    assert faults(sealed, key) == faults(lasting, key) == ()
    assert faults(sealed, another_key(), key) == ()


# Damage.


@pytest.mark.parametrize("number", range(FLIPS))
def test_no_flipped_bit_is_accepted(sealed, key, number):
    chance = random.Random(number)  # noqa: S311 - the same each time
    place, data = chance.randrange(len(sealed)), bytearray(sealed)
    data[place] ^= 1 << chance.randrange(8)

    assert faults(bytes(data), key) != ()


def test_no_flipped_bit_of_what_the_seal_added_is_accepted(sealed, pdf, key):
    chance = random.Random(0)  # noqa: S311
    for _ in range(FLIPS):
        place, data = chance.randrange(len(pdf), len(sealed)), bytearray(sealed)
        data[place] ^= 1 << chance.randrange(8)

        assert faults(bytes(data), key) != (), place


def test_no_flipped_bit_of_what_no_signature_covers_is_accepted(sealed, key):
    # The versions and the list of hashes, with which the signature begins.
    start = sealed.index(b"/Contents <") + len(b"/Contents <")
    for place in range(start, start + 90):
        for bit in range(3):
            data = bytearray(sealed)
            data[place] ^= 1 << bit

            assert faults(bytes(data), key) != (), (place - start, bit)


def test_no_flipped_bit_before_the_document_time_stamp_is_accepted(lasting, pdf, key):
    chance = random.Random(0)  # noqa: S311
    own = lasting.rindex(b"/Contents <", 0, lasting.rindex(b"/ETSI.RFC3161"))
    for _ in range(20):
        place, data = chance.randrange(len(pdf), own), bytearray(lasting)
        data[place] ^= 1 << chance.randrange(8)

        assert faults(bytes(data), key) != (), place


def test_no_truncated_file_is_accepted(lasting, sealed, key):
    for data in (sealed, lasting):
        ends = [found.end() for found in re.finditer(rb"%%EOF\n?|endobj\n?|startxref\n?", data)]
        for end in {0, 1, len(data) - 1, *ends, *(end - 1 for end in ends)} - {len(data)}:
            assert faults(data[:end], key) != (), end


@pytest.mark.parametrize("added", [b"%", b"\n", b"\n%%EOF\n", b"\x00"], ids=repr)
def test_nothing_comes_after_the_seal(sealed, lasting, key, added):
    assert faults(sealed + added, key) != ()
    assert faults(lasting + added, key) != ()


@pytest.mark.parametrize("data", [b"", b"nothing", b"%PDF-1.7\n%%EOF\n"], ids=repr)
def test_what_is_no_pdf_is_invalid_in_words(data, key):
    (fault,) = faults(data, key)

    assert fault.startswith("The seal is invalid: it can't be read (")
    with pytest.raises(SealUnreadable):
        describe_seal(data)


def test_a_file_without_a_seal_has_a_fault(pdf, key):
    assert faults(pdf, key) == ("The PDF bears no seals instead of one.",)
    with pytest.raises(SealUnreadable):
        describe_seal(pdf)


# Updates.


def page_of(writer, number=0):
    return writer.root["/Pages"]["/Kids"][number].get_object()


def with_annotation(writer):
    annotation = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Text"),
            pdf_name("/Contents"): generic.pdf_string("Not so"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (9, 9, 99, 99))),
        }
    )
    page = page_of(writer)
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(annotation)])
    writer.update_container(page)


def with_a_page_replaced(writer):
    page = page_of(writer)
    page["/Contents"] = page_of(writer, 1).raw_get("/Contents")
    writer.update_container(page)


def with_contents_replaced(writer):
    reference = page_of(writer).raw_get("/Contents").reference
    stream = generic.StreamObject(stream_data=b"BT ET")
    writer.objects[(reference.generation, reference.idnum)] = stream


def with_a_page_dropped(writer):
    pages = writer.root["/Pages"]
    pages["/Kids"] = generic.ArrayObject(list(pages["/Kids"])[1:])
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def with_an_action(writer):
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {
            pdf_name("/S"): pdf_name("/JavaScript"),
            pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
        }
    )
    writer.update_root()


def with_another_language(writer):
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()


UPDATES = {
    "an annotation": with_annotation,
    "another page in a page's place": with_a_page_replaced,
    "other contents of a page": with_contents_replaced,
    "a page less": with_a_page_dropped,
    "an action": with_an_action,
    "another language": with_another_language,
}


def updated(data, update):
    writer, changed = IncrementalPdfFileWriter(io.BytesIO(data)), io.BytesIO()
    update(writer)
    writer.write(changed)
    return changed.getvalue()


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_an_update_after_the_seal_is_refused(sealed, lasting, key, update):
    assert faults(updated(sealed, update), key) != ()
    assert faults(updated(lasting, update), key) != ()


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_an_update_that_was_sealed_too_is_refused(pdf, key, update):
    found = faults(sealed_with(updated(pdf, update), key), key)

    assert found == ("The seal is not the first thing that was added to the approved file.",)


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_an_update_that_came_with_the_seal_is_refused(pdf, key, monkeypatch, update):
    add_field = tasks.rendering.seal._add_field

    def add_more(writer, *told):
        add_field(writer, *told)
        update(writer)

    monkeypatch.setattr(tasks.rendering.seal, "_add_field", add_more)
    data = sealed_with(pdf, key)

    assert data.startswith(pdf)
    found = faults(data, key)
    assert found != ()
    assert all(fault.endswith("along with the seal.") for fault in found)


# Other seals.


def test_another_certificate_s_seal_is_refused(pdf, key):
    (fault, untrusted) = faults(sealed_with(pdf, another_key()), key)

    assert fault == (
        "It was sealed with a certificate that the office's ledger doesn't introduce:"
        " Common Name: Somebody."
    )
    assert untrusted.startswith("The seal is not valid: ")


def test_a_certificate_of_the_same_name_is_refused(pdf, key, tmp_path):
    twin = sealing_key(an_office(tmp_path, clock=lambda: NOW))

    assert faults(sealed_with(pdf, twin), key) != ()


def signed_again(data, key, **told):
    """Sign as anyone may with another program, by whatever rules."""

    class Lax(signers.PdfSigner):
        def _enforce_certification_constraints(self, reader):
            pass

    meta = signers.PdfSignatureMetadata(
        **{"field_name": "Another", "subfilter": fields.SigSeedSubFilter.PADES, **told}
    )
    signed = io.BytesIO()
    Lax(meta, tasks.rendering.seal._Signer(key)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(data)), output=signed
    )
    return signed.getvalue()


@pytest.mark.parametrize("is_the_same", [True, False], ids=["the same key", "another key"])
def test_two_seals_are_refused(sealed, key, is_the_same):
    second = key if is_the_same else another_key()

    found = faults(signed_again(sealed, second), key, second)

    assert found == ("The PDF bears 2 seals instead of one.",)


def test_a_signature_that_certifies_nothing_is_refused(pdf, key):
    assert "The document was changed after it was sealed, or the seal permits changes." in faults(
        signed_again(pdf, key), key
    )


def test_a_seal_that_permits_changes_is_refused(pdf, key):
    data = signed_again(pdf, key, certify=True, docmdp_permissions=fields.MDPPerm.FILL_FORMS)

    assert "The document was changed after it was sealed, or the seal permits changes." in faults(
        data, key
    )


@pytest.mark.parametrize(
    ("at", "is_valid"),
    [
        pytest.param(NOW, True, id="while it was valid"),
        pytest.param(NOW - timedelta(days=2), False, id="before it was valid"),
        pytest.param(NOW + timedelta(days=4000), False, id="after it ran out"),
    ],
)
def test_the_certificate_had_to_be_valid_when_it_sealed(sealed, key, at, is_valid):
    assert (faults(sealed, key, at=at) == ()) == is_valid


def test_a_certificate_for_something_else_seals_nothing(pdf):
    other = another_key(usages={"key_encipherment": True})

    assert faults(sealed_with(pdf, other), other) != ()


def test_those_who_are_trusted_vouch_for_certificate_and_time_stamps(pdf, lasting, key, tsa):
    other = another_key()
    data = sealed_with(pdf, other)

    assert faults(data, other) == ()
    assert faults(data, other, trust_roots=[tsa.root_pem]) != ()
    assert faults(data, other, trust_roots=[other.certificate_pem]) == ()
    assert faults(lasting, key, trust_roots=[tsa.root_pem]) == ()
    assert faults(lasting, key, trust_roots=[pem_of(other.certificate)]) != ()


def test_a_seal_tells_who_sealed_when_and_what_it_is_worth(sealed, key):
    facts = describe_seal(sealed)

    assert facts._asdict() == {
        "signer": "Common Name: DEVELOPMENT — proves nothing about who sealed",
        "certificate": key.fingerprint,
        "sealed_at": NOW.replace(microsecond=0),
        "stamped_at": None,
        "profile": "B-B",
        "is_development": True,
    }
