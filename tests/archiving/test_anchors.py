"""The ledger's head goes out of the house, and tells when its past was written anew."""

import shutil
import subprocess
from email import message_from_bytes, policy

import pytest

from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.errors import UsageError
from tasks.archiving.anchors import anchor_ledger
from tasks.archiving.timestamps import (
    StampInvalid,
    StampUnavailable,
    check_stamp,
    request_stamp,
    trusted_certificates,
)
from tasks.case.ledger import ledger_of
from tasks.mailing.ledger_mail import send_anchor
from tests.archiving.forging import all_laid, entries_of, relinked, with_another_actor
from tests.issuing import a_sample_office, as_another_process, submit
from tests.mailing.post_room import FakeProvider
from tests.offices import some_settings
from tests.time_stamps import an_authority

MAILBOX = "anchors@elsewhere.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with an_authority(tmp_path_factory.mktemp("authority")) as authority:
        yield authority


@pytest.fixture
def make(tmp_path, authority):
    """Make an office with a waiting letter that anchors its ledger in these ways."""

    def make(*, is_mailed=True, is_stamped=False, is_trusted=True, **overrides):
        anchors = {"mailbox": MAILBOX} if is_mailed else {}
        if is_stamped:
            anchors |= {"tsa_url": authority.url}
        if is_trusted:
            (tmp_path / "tsa.pem").write_bytes(authority.root_pem)
            anchors |= {"tsa_trust_file": "tsa.pem"}
        settings = some_settings(tmp_path, anchors=anchors)
        office = a_sample_office(tmp_path, settings=settings, **overrides)
        submit(office)
        ledger_of(office).append("ledger", "opened", detail={"reference": "of another letter"})
        return office

    return make


def anchored(office):
    return anchor_ledger(as_another_process(office), send_anchor=send_anchor)


def differences(office, **outside):
    report = verify_office(as_another_process(office), **outside)
    return [(d.code, d.object) for d in report.differences]


def unanchored(office):
    report = verify_office(as_another_process(office))
    assert report.differences == ()
    return report.unanchored_in_ledger


def test_an_office_without_a_mailbox_and_an_authority_anchors_nothing(make):
    office = make(is_mailed=False)
    before = ledger_of(office).head()

    assert anchored(office) is None

    assert ledger_of(office).head() == before
    assert unanchored(office) == before[0] > 0


def test_the_head_goes_to_the_mailbox_announced_and_noted(make):
    office = make()
    seq, head = ledger_of(office).head()

    done = anchored(office)

    assert (done.seq, done.head, done.mailed, done.stamp) == (seq, head, "accepted", "")
    announced, noted = as_another_process(office).chain("ledger").entries()[-2:]
    (path,) = (office.root / "outbox" / "notices").glob(f"{noted.detail['send_id']}.eml")
    assert announced.detail == {
        "of": f"notices/{path.name}",
        "sha256": sha256_hex(path.read_bytes()),
    }
    assert noted.event == "anchor-sent"
    assert noted.detail == {"seq": seq, "head": head, "send_id": path.stem, "result": "accepted"}
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (message["To"], message["X-Ledger-Head"]) == (MAILBOX, f"{seq}:{head}")
    for part in message.walk():
        if part.get_content_maintype() == "text":
            assert f"letters verify --head {seq}:{head}" in part.get_content()
    assert unanchored(office) == len(["announced", "anchor-sent"])


@pytest.mark.parametrize("ways", [{}, {"is_stamped": True}], ids=["by e-mail", "by both ways"])
def test_nothing_goes_out_when_nothing_but_anchors_came_since(make, ways):
    office = make(**ways)
    anchored(office)
    before = ledger_of(as_another_process(office)).head()

    assert anchored(office) is None
    assert ledger_of(as_another_process(office)).head() == before

    ledger_of(as_another_process(office)).append("ledger", "opened", detail={})
    assert anchored(office).seq == before[0] + 1


def test_an_anchor_that_was_not_taken_is_sent_again(make):
    office = make(notices=FakeProvider("not-accepted"))
    assert anchored(office).mailed == "not-accepted"

    assert anchored(office).mailed == "not-accepted"

    assert unanchored(office) == len(ledger_of(as_another_process(office)).entries())


def test_a_time_stamp_is_kept_entered_and_checked_by_a_stranger(make, tmp_path, authority):
    office = make(is_mailed=False, is_stamped=True)
    seq, head = ledger_of(office).head()

    done = anchored(office)

    assert done.stamp == f"anchors/{seq:08d}-{head[:16]}.tsr"
    entry = as_another_process(office).chain("ledger").entries()[-1]
    assert entry.event == "anchored"
    assert (entry.detail["seq"], entry.detail["head"]) == (seq, head)
    assert unanchored(office) == len(["announced", "anchored"])
    stamped = ["-data", f"ledger/{seq:08d}.json", "-in", done.stamp]
    checked = subprocess.run(
        ["openssl", "ts", "-verify", *stamped, "-CAfile", str(tmp_path / "tsa.pem")],
        cwd=office.store.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in checked.stdout + checked.stderr


def test_a_time_stamp_by_whom_nobody_trusts_anchors_nothing(make):
    office = make(is_mailed=False, is_stamped=True, is_trusted=False)

    anchored(office)

    assert unanchored(office) == len(ledger_of(as_another_process(office)).entries())


def test_an_authority_that_is_not_the_trusted_one_is_refused(make, tmp_path, authority):
    office = make(is_mailed=False, is_stamped=True)
    other = tmp_path / "other"
    other.mkdir()
    with an_authority(other) as stranger:
        (tmp_path / "tsa.pem").write_bytes(stranger.root_pem)

    with pytest.raises(StampInvalid, match="Nobody who is trusted"):
        anchored(office)

    assert office.store.list("anchors") == []


@pytest.mark.parametrize("is_trusted", [True, False], ids=["trusted", "trusted by nobody"])
def test_a_stamp_over_another_hash_is_invalid(authority, tmp_path, is_trusted):
    (tmp_path / "tsa.pem").write_bytes(authority.root_pem)
    trust = trusted_certificates(tmp_path / "tsa.pem") if is_trusted else ()
    response = request_stamp(authority.url, "ab" * 32)

    assert check_stamp(response, "ab" * 32, trust).is_trusted is is_trusted
    with pytest.raises(StampInvalid, match="over another hash"):
        check_stamp(response, "cd" * 32, trust)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN NOTHING-----\n", None])
def test_a_trust_file_without_certificates_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "tsa.pem").write_bytes(content)

    with pytest.raises(UsageError) as refused:
        trusted_certificates(tmp_path / "tsa.pem")

    assert refused.value.code == "trust-file-unreadable"


ANSWERS = {
    "an error": (lambda *_: (500, "text/plain", b"no"), StampUnavailable),
    "something else": (lambda *_: (200, "application/timestamp-reply", b"no"), StampUnavailable),
    "an altered stamp": (
        lambda s, c, body: (s, c, body[:-1] + bytes([body[-1] ^ 1])),
        StampInvalid,
    ),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_authority_that_answers_otherwise_leaves_nothing_and_is_asked_again(
    make, authority, what
):
    office = make(is_stamped=True)
    authority.broken, expected = ANSWERS[what]
    try:
        with pytest.raises(expected):
            anchored(office)
    finally:
        authority.broken = None
    assert office.store.list("anchors") == []

    done = anchored(office)

    # The e-mail went the first time; the stamp is made up for.
    assert (done.mailed, bool(done.stamp)) == ("", True)


# What the anchors tell.


def rewritten(office):
    """The ledger written anew from its start; the witness's record went with it."""
    shutil.rmtree(office.witness.root)
    return relinked(entries_of(office, "ledger"), with_another_actor)


def heads_told(office, code):
    return {key for told, key in differences(office) if told == code}


def test_a_ledger_written_anew_is_told_by_the_e_mail_in_the_outbox(make):
    office = make()
    done = anchored(office)

    with all_laid(office, rewritten(office)):
        assert f"ledger/{done.seq:08d}.json" in heads_told(office, "anchor-differs")


def test_a_ledger_written_anew_is_told_by_its_time_stamp(make):
    office = make(is_mailed=False, is_stamped=True)
    done = anchored(office)

    anew = rewritten(office)
    with all_laid(office, anew):
        assert f"ledger/{done.seq:08d}.json" in heads_told(office, "anchor-differs")
    new_head = sha256_hex(anew[f"ledger/{done.seq:08d}.json"])

    def claiming_the_new_head(fields):
        """The forger puts the new head where the stamped one stood."""
        detail = fields["detail"]
        if detail.get("head") == done.head:
            fields = {**fields, "detail": {**detail, "head": new_head}}
        return with_another_actor(fields)

    with all_laid(office, relinked(entries_of(office, "ledger"), claiming_the_new_head)):
        assert done.stamp in heads_told(office, "anchor-differs")


@pytest.mark.parametrize("way", ["written anew", "cut off", "as it was"])
def test_a_ledger_is_held_to_the_head_that_somebody_outside_kept(make, way):
    office = make(is_mailed=False)
    seq, head = ledger_of(office).head()
    entries = entries_of(office, "ledger")
    laid = {
        "written anew": lambda: rewritten(office),
        "cut off": lambda: shutil.rmtree(office.witness.root) or {list(entries)[-1]: None},
        "as it was": dict,
    }[way]()
    code = {"written anew": "anchor-differs", "cut off": "cut-off", "as it was": None}[way]

    with all_laid(office, laid):
        found = differences(office, heads=(f"{seq}:{head.upper()}",))

    assert ((code, f"ledger/{seq:08d}.json") in found) is (code is not None)
    assert bool(found) is (code is not None)


# The chain of the provider's batches.


def test_the_ledger_sees_the_chain_of_events_before_it_goes_out(make, tmp_path):
    office = make(is_mailed=True)
    events = office.chain("events/audit")
    events.append("webhook", "received", detail={})
    seen = events.head()

    anchored(office)

    entries = as_another_process(office).chain("ledger").entries()
    (entry,) = (entry for entry in entries if entry.event == "events-seen")
    assert (entry.detail["seq"], entry.detail["head"]) == seen
    assert anchored(office) is None
    shutil.rmtree(office.witness.root)
    with all_laid(office, relinked(entries_of(office, "events/audit"), with_another_actor)):
        assert "events/audit/00000001.json" in heads_told(office, "anchor-differs")
    with all_laid(office, dict.fromkeys(entries_of(office, "events/audit"))):
        assert "events/audit/00000001.json" in heads_told(office, "cut-off")


def test_an_office_that_anchors_nowhere_writes_nothing_of_events_into_its_ledger(make):
    office = make(is_mailed=False)
    office.chain("events/audit").append("webhook", "received", detail={})
    before = ledger_of(office).head()

    assert anchored(office) is None

    assert ledger_of(as_another_process(office)).head() == before
