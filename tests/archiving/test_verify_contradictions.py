"""What contradicts itself is found, even where every hash and every chain was made to fit.

Here someone owns the whole office, its witness too: one object is changed, then
whatever names its hash, and whatever names the hash of that. What they can't do is
sign, or change the e-mails that have left the house.
"""

import json
import os

import pytest

from flows.verification import verify_office
from letters.canonical import stored_json
from letters.problem import Doubt
from tests.archiving.forging import CASE, forged
from tests.issuing import a_sample_office, do, issue, submit


def told_of(office):
    """What differs, but for the witness: the forgers of this file took it away."""
    return [
        difference
        for difference in verify_office(office).differences
        if not difference.object.startswith("witness of ")
    ]


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        issue(office)
    return office


def with_json(change):
    """Change a file as the JSON that it holds."""

    def changed(data):
        value = json.loads(data)
        change(value)
        return stored_json(value)

    return changed


def replaced(old, new):
    def changed(data):
        assert old in data
        return data.replace(old, new)

    return changed


def the_second(value, **changes):
    value[1].update(changes)


DOUBT = Doubt(code="unsure", place="addressees", read="Ada", proposed="Ida").model_dump()

OBJECTS = {
    "other words in the letter": (
        "r1/letter.json",
        replaced(b"keeps children safe", b"keeps children well"),
        "pack-differs",
    ),
    "another address of a recipient": (
        "r1/recipients.json",
        with_json(lambda value: the_second(value, email="someone@else.example")),
        "pack-differs",
    ),
    "a doubt that nobody cleared": (
        "r1/draft/cleared.json",
        with_json(lambda value: value.append(DOUBT)),
        "pack-differs",
    ),
    "another text": ("r1/letter.txt", replaced(b"safe", b"well"), "pack-differs"),
    "another page": ("r1/letter.html", replaced(b"safe", b"well"), "pack-differs"),
    "another PDF": ("r1/letter.pdf", lambda data: data + b"%", "seal-invalid"),
    "another covering e-mail": (
        "r1/emails/director.json",
        with_json(lambda value: value.update(text="Dear all,\n")),
        "pack-differs",
    ),
    "another pack": (
        "r1/pack.json",
        with_json(lambda value: value.update(pdf_sha256="0" * 64)),
        "sign-off-invalid",
    ),
    "another letter's pack": (
        "r1/pack.json",
        with_json(lambda value: value.update(revision=2)),
        "pack-differs",
    ),
    "another time of the sign-off": (
        "r1/signoff.json",
        with_json(lambda value: value["statement"].update(at="2011-03-14T09:00:00.999Z")),
        "sign-off-invalid",
    ),
    "an issue of another pack": (
        "issue-1.json",
        with_json(lambda value: value.update(pack="0" * 64)),
        "pack-differs",
    ),
    "an issue of another revision": (
        "issue-1.json",
        with_json(lambda value: value.update(revision=2)),
        "pack-differs",
    ),
    "nonsense for a manifest": ("r1/manifest.json", lambda data: b"[]\n", "unreadable"),
}


@pytest.mark.parametrize("what", OBJECTS)
def test_what_contradicts_the_pack_or_the_sign_off_is_found(issued, tmp_path, what):
    name, change, code = OBJECTS[what]
    office = forged(issued, tmp_path, f"{CASE}/{name}", change)

    found = {(d.code, f"archive/{d.object}") for d in told_of(office)}

    place = f"{CASE}/r1" if code == "unreadable" else f"{CASE}/{name}"
    expected = f"{CASE}/r1/signoff.json" if code == "sign-off-invalid" else place
    assert (code, expected) in found


def test_a_manifest_that_leaves_an_object_out_is_found(issued, tmp_path):
    change = with_json(lambda value: value["objects"].pop(0))
    office = forged(issued, tmp_path, f"{CASE}/r1/manifest.json", change)

    found = {(d.code, f"archive/{d.object}") for d in told_of(office)}

    assert ("added", f"{CASE}/r1/draft/cleared.json") in found


def test_a_manifest_that_names_another_object_is_found(issued, tmp_path):
    change = with_json(lambda value: value["objects"][0].update(sha256="0" * 64))
    office = forged(issued, tmp_path, f"{CASE}/r1/manifest.json", change)

    found = {(d.code, f"archive/{d.object}") for d in told_of(office)}

    assert ("pack-differs", f"{CASE}/r1/draft/cleared.json") in found


def test_an_archive_written_anew_is_found_by_each_email_that_was_sent(issued, tmp_path):
    """Whoever changes the first entry changes all heads; the e-mails carry the true ones."""
    entry = f"{CASE}/audit/00000001.json"
    office = forged(issued, tmp_path, entry, replaced(b"tester@desk", b"no-one@desk"))

    found = {(d.code, d.message.partition(" has")[0]) for d in told_of(office)}

    assert found == {
        ("anchor-differs", "The e-mail to the director"),
        ("anchor-differs", "The e-mail to the chief-executive"),
        ("anchor-differs", "A notice"),
        ("sent-differs", "The e-mail that the case gives is not the one it claims."),
    }


EMAILS = {
    "other words": replaced(b"Subject: ", b"Subject: Draft: "),
    "another recipient": replaced(b"director.children@", b"someone.else@"),
    "a header twice": lambda data: b"X-Case-Revision: 1\r\n" + data,
    "a head that isn't one": replaced(b"X-Case-Head: ", b"X-Case-Head: x"),
}


def claim_of(email):
    """How it is told that the case, written again, gives another e-mail."""
    case = CASE.removeprefix("archive/")
    return "sent-differs", f"{case}/r1/deliveries/{email.removesuffix('.eml')}/claim-1.json"


@pytest.mark.parametrize("what", EMAILS)
def test_a_sent_email_that_is_not_the_approved_one_is_found(issued, tmp_path, what):
    (email,) = (
        path.name
        for path in issued.outbox_folder.glob("*.eml")
        if b"director.children@" in path.read_bytes()
    )
    office = forged(issued, tmp_path, f"outbox/{email}", EMAILS[what], are_emails_forged=True)

    found = {(d.code, d.object) for d in told_of(office)}

    assert found == {("sent-differs", f"outbox/{email}"), claim_of(email)}


def test_an_email_that_carries_a_head_which_the_chain_never_had_is_found(issued, tmp_path):
    email = min(path.name for path in issued.outbox_folder.glob("*.eml"))

    def change(data):
        before, _, after = data.partition(b"X-Case-Head: ")
        return before + b"X-Case-Head: 9" + after

    office = forged(issued, tmp_path, f"outbox/{email}", change, are_emails_forged=True)

    cut, other = sorted(told_of(office), key=lambda difference: difference.code)
    assert cut.code == "cut-off"
    assert cut.message.startswith("The e-mail to the ")
    assert (other.code, other.object) == claim_of(email)


def test_a_letter_that_is_archived_without_an_approval_is_found(tmp_path):
    office = a_sample_office(tmp_path)
    case, revision = submit(office)

    do("archive-letter", case, lambda run: run.once("r1/manifest.json", lambda: b"{}\n"))

    found = {(d.code, d.object) for d in told_of(office)}
    assert ("sign-off-invalid", case.key(f"r{revision}/signoff.json")) in found
