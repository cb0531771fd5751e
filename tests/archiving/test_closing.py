"""Closing in three: what was closed, the receipt for it, and the anchor that covers both."""

from dataclasses import replace

import pytest

from flows.verification import verify_office
from tasks.archiving.archive import RecordIncomplete, anchor, archive, close
from tasks.case.case import Case
from tasks.mailing.notices import NoticeUndelivered, send_receipt
from tasks.mailing.post import post
from tasks.rendering.pack import render_approved
from tests.issuing import a_sample_office, decide, do, files_of, send_out, submit
from tests.mailing.post_room import FakeProvider


@pytest.fixture
def sent(tmp_path):
    """A case whose letter has gone out, and which isn't closed yet."""
    case, revision = submit(a_sample_office(tmp_path))
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    for recipient in case.recipients(revision):
        do("email-recipient", case, post, revision, recipient.id)
    return case


def ledger_of(case):
    """The heads of the case that its ledger's `closed` entries saw."""
    return [
        (entry.detail["case_seq"], entry.detail["case_head"])
        for entry in case.office.chain("ledger").entries()
        if entry.event == "closed"
    ]


def unanchored(case):
    """How many entries nothing anchors; nothing may differ."""
    report = verify_office(case.office)
    assert (report.differences, report.open_objects) == ((), ())
    return report.unanchored_entries


def test_the_ledger_s_entry_is_the_last_of_a_case_and_anchors_all_of_it(sent):
    assert do("close-case", sent, close, 1)
    assert (ledger_of(sent), sent.closed()["revision"]) == ([], 1)
    assert unanchored(sent) > 0

    do("send-receipt", sent, send_receipt, 1)
    assert ledger_of(sent) == []
    # The receipt tells the chain's head: only what came after it is left.
    assert unanchored(sent) == len(["announced", "notified", "completed"])

    do("anchor-case", sent, anchor, 1)
    assert ledger_of(sent) == [sent.chain.head()]
    assert unanchored(sent) == 0


def test_a_closed_and_anchored_case_is_written_to_no_more(sent):
    send_out(sent, 1)
    before = files_of(sent.office)

    assert send_out(sent, 1)

    assert files_of(sent.office) == before


def test_a_receipt_that_could_be_sent_only_later_is_anchored_too(sent):
    unwilling = replace(sent.office, notices=FakeProvider("not-accepted"))
    assert send_out(Case(unwilling, sent.reference), 1)
    assert len(ledger_of(sent)) == 1
    assert unanchored(sent) == 0

    send_out(sent, 1)

    assert len(ledger_of(sent)) == 2
    assert unanchored(sent) == 0
    before = files_of(sent.office)
    send_out(sent, 1)
    assert files_of(sent.office) == before


@pytest.mark.parametrize("revision", [1, 2])
def test_what_is_not_closed_is_not_anchored(sent, revision):
    if revision == 2:
        do("close-case", sent, close, 1)

    with pytest.raises(RecordIncomplete, match="not closed by this revision"):
        do("anchor-case", sent, anchor, revision)

    assert ledger_of(sent) == []


def test_a_letter_is_closed_though_no_receipt_can_be_sent(sent):
    unwilling = Case(replace(sent.office, notices=FakeProvider("refused")), sent.reference)

    do("close-case", unwilling, close, 1)
    with pytest.raises(NoticeUndelivered):
        do("send-receipt", unwilling, send_receipt, 1)
    do("anchor-case", unwilling, anchor, 1)

    assert unanchored(unwilling) == 0
