"""Verification by an auditor on another machine, and while the office goes on: no false alarm."""

from dataclasses import replace

import pytest

from flows.verification import verify_office
from tasks.archiving.findings import UNNOTED_AT_MOST, Findings
from tasks.archiving.verify_pdf import PdfCheck
from tasks.case.case import Case
from tasks.case.witness import Witness
from tests.archiving.locking_folder import settings_that_lock
from tests.issuing import REFERENCE, a_sample_office, as_another_process, copied, issue


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    case, _ = issue(office)
    assert len(case.chain.entries()) > UNNOTED_AT_MOST
    return office


def in_a_bucket(office, **changes):
    """The office as one whose archive is a bucket; here nobody asks where its objects lie."""
    settings = settings_that_lock(office.root, "none")
    return replace(as_another_process(office), settings=settings, **changes)


@pytest.mark.parametrize("reference", [None, REFERENCE], ids=["the archive", "one letter"])
def test_without_any_witness_an_archive_in_a_bucket_is_whole(office, tmp_path, reference):
    report = verify_office(
        in_a_bucket(office, witness=Witness(tmp_path / "none")), reference=reference
    )

    assert (report.differences, report.unwitnessed_entries) == ((), ())
    assert report.is_without_witness


def test_with_its_witness_nothing_of_that_is_told(office):
    report = verify_office(in_a_bucket(office))

    assert (report.differences, report.is_without_witness) == ((), False)


@pytest.mark.parametrize("is_bucket", [True, False], ids=["in a bucket", "in a folder"])
def test_one_chain_s_record_that_is_gone_differs(office, tmp_path, is_bucket):
    root = copied(office.root, tmp_path / "copy")
    chain = Case(office, REFERENCE).chain.prefix
    (root / "witness" / f"{chain}.heads").unlink()
    there = a_sample_office(root)

    report = verify_office(in_a_bucket(there) if is_bucket else there)

    assert [d.object for d in report.differences] == [f"witness of {chain}"]
    assert not report.is_without_witness


def test_in_a_folder_a_witness_that_is_gone_as_a_whole_differs(office, tmp_path):
    there = replace(as_another_process(office), witness=Witness(tmp_path / "none"))

    report = verify_office(there)

    assert f"witness of {Case(office, REFERENCE).chain.prefix}" in {
        d.object for d in report.differences
    }
    assert not report.is_without_witness


def test_a_seal_that_was_introduced_after_the_ledger_was_read_is_believed(office):
    case, found = Case(office, REFERENCE), Findings()
    named_by_then = []

    PdfCheck(office, named_by_then, found).check(case, 1, case.pack(1), case.chain.entries())

    assert (found.differences, found.checked["seals"]) == ([], 1)
