"""Notices that are laid out while they are verified differ in nothing."""

from dataclasses import replace

import pytest

from letters.recipient import send_id
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.verify_notices import announced_notices, check_notices
from tasks.case.case import Case
from tasks.mailing.message import case_head_of
from tasks.mailing.notices import notify_inspectors
from tests.issuing import do
from tests.mailing.post_room import FakeProvider, Killed, a_case, a_recipient
from tests.offices import an_office

SIGNER = ("rpike", "Rowan Pike", "r.pike@inspectorate.example", "http://localhost:8377/sign/x")


def tell(case):
    do("notify-inspectors", case, notify_inspectors, 1, (SIGNER,))


def checked(case, chain):
    """Check the notices by a chain as it was read before; return what was found and anchored."""
    found = Findings()
    seqs = list(check_notices(case.office, chain, case_head_of, found))
    return found.report(cases=1), seqs


@pytest.fixture
def case(tmp_path):
    """A case whose notice was announced by a process that died before it laid it out."""
    office = an_office(tmp_path)
    a_case(office)
    dead = Case(replace(office, notices=FakeProvider("killed before")), a_case(office).reference)
    with pytest.raises(Killed):
        tell(dead)
    return Case(office, dead.reference)


def read(case):
    return VerifiedChain(case.office, case.chain.prefix, Findings())


def test_a_notice_that_was_announced_and_not_laid_out_is_no_difference(case):
    report, seqs = checked(case, read(case))

    assert (report.differences, report.emails_picked_up, seqs) == ((), (), [])


def test_a_notice_that_was_announced_anew_since_the_chain_was_read_is_no_difference(case):
    before = read(case)
    tell(case)

    report, seqs = checked(case, before)

    assert [len(hashes) for hashes in announced_notices(read(case)).values()] == [2]
    assert (report.differences, report.emails_picked_up) == ((), ())
    assert seqs > [len(before.entries)]


def test_a_notice_is_never_taken_for_a_delivery(case):
    tell(case)

    (path,) = case.office.notices.folder.glob("*.eml")

    assert path.stem != send_id(case.reference, 1, SIGNER[2])
    assert path.stem != send_id(case.reference, 1, a_recipient().email)
