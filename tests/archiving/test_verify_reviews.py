"""Verification of the annual reviews: whatever is altered, taken away or laid in is found."""

from __future__ import annotations

import shutil

import pytest

from flows.check_archive import slice_of
from flows.verification import JUDGES, verify_office
from letters.canonical import sha256_hex, stored_json
from tasks.archiving.retention import due
from tasks.archiving.review.keep import (
    keep_review,
    keep_summary,
    last_review,
    last_summary,
    whole_record,
)
from tasks.archiving.review.year import open_year, summarise
from tasks.archiving.verify import verify_archive, verify_letter
from tests.archiving.forging import laid
from tests.archiving.review.reviewing import (
    files_made,
    issue_in,
    next_january,
    no_files,
    reference_in,
    review_year,
)
from tests.archiving.test_disposal import disposed, later
from tests.issuing import as_another_process, copied

PLACE = "reviews/2009/authorities/westmere"
WHOLE = "reviews/2009/whole"


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """Two years that were reviewed."""
    root = tmp_path_factory.mktemp("reviewed") / "office"
    issue_in(root, 2008, "It was late.")
    issue_in(root, 2009, "It was slow.")
    review_year(next_january(root, 2009), 2009)
    return root


@pytest.fixture
def office(reviewed, tmp_path):
    return next_january(copied(reviewed, tmp_path / "office"), 2009)


def differences(office):
    report = verify_office(as_another_process(office))
    return [(one.code, one.object) for one in report.differences]


def altered(data):
    return data.replace(b"2", b"3", 1)


def test_nothing_differs_and_every_end_is_anchored(office):
    report = verify_office(office)

    assert (report.differences, report.open_objects, report.unanchored_entries) == ((), (), 0)
    assert report.cases == 2


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        pytest.param(f"{PLACE}/1/review.json", altered, "changed", id="a review is altered"),
        pytest.param(f"{PLACE}/1/dossier.pdf", altered, "changed", id="a dossier is altered"),
        pytest.param(f"{WHOLE}/1/review.json", altered, "changed", id="the summary is altered"),
        pytest.param(f"{WHOLE}/1/dossier.csv", altered, "changed", id="the year's dossier is"),
        pytest.param(f"{PLACE}/1/review.json", lambda _: None, "missing", id="a review is gone"),
        pytest.param(f"{PLACE}/1/charts/areas.svg", lambda _: None, "missing", id="a chart is"),
        pytest.param(f"{WHOLE}/1/review.json", lambda _: None, "missing", id="the summary is"),
    ],
)
def test_an_object_that_differs_is_found(office, name, change, code):
    with laid(office, name, change((office.store.root / name).read_bytes())):
        assert (code, name) in differences(office)
    assert differences(office) == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f"{PLACE}/1/other.pdf", id="beside a dossier"),
        pytest.param(f"{PLACE}/2/review.json", id="as another review"),
        pytest.param(f"{PLACE}/review.json", id="beside the numbers"),
        pytest.param("reviews/2009/authorities/eastmere/1/review.json", id="of another authority"),
        pytest.param("reviews/2010/whole/1/review.json", id="of another year"),
        pytest.param("reviews/2009/other/1/review.json", id="of nobody"),
        pytest.param("reviews/review.json", id="of no year"),
    ],
)
def test_what_is_laid_in_is_found(office, name):
    with laid(office, name, b"{}\n"):
        assert differences(office) == [("added", name)]


@pytest.mark.parametrize(
    ("place", "by"),
    [
        pytest.param(PLACE, "The year's summary has seen it", id="an authority's, by the summary"),
        pytest.param(WHOLE, "The ledger has seen it", id="the year's, by the ledger"),
    ],
)
def test_a_chain_cut_off_with_the_witness_s_record_is_found(office, place, by):
    chain = f"{place}/audit"
    first = (office.store.root / chain / "00000001.json").read_bytes()
    heads = office.root / "witness" / f"{chain}.heads"
    heads.write_text(f"1 {sha256_hex(first)}\n")
    for number in (2, 3):
        (office.store.root / chain / f"0000000{number}.json").unlink()

    report = verify_office(as_another_process(office))

    told = [(one.code, one.object) for one in report.differences if one.message.startswith(by)]
    assert told == [("cut-off", f"{chain}/00000003.json")]


def test_a_whole_record_that_is_gone_is_found(office):
    shutil.rmtree(office.store.root / PLACE)
    (office.root / "witness" / f"{PLACE}/audit.heads").unlink()

    assert ("cut-off", f"{PLACE}/audit/00000003.json") in differences(office)


def forge(office, **changes):
    """Add a review to an authority's chain, as its own step would."""
    told = last_review(office, 2009, "westmere").review.model_copy(update={"raised": (), **changes})
    return keep_review(office, told, files_made)


def test_a_review_that_no_summary_names_is_told_as_open(office):
    forge(office)

    report = verify_office(as_another_process(office))

    told = (report.differences, report.open_objects, report.unanchored_entries)
    assert told == ((), (f"{PLACE}/2/review.json",), 3)


def test_a_summary_that_the_ledger_does_not_name_is_told_as_open(office):
    told = last_summary(office, 2009).review.model_copy(update={"previous": ""})
    with pytest.raises(AssertionError):
        keep_summary(office, told, no_files)
    record = whole_record(office, 2009)
    objects = [
        {"object": record.key("2/review.json"), "sha256": sha256_hex(record.get("2/review.json"))}
    ]
    record.chain.append("keep-review", "kept", detail={"number": 2, "objects": objects})

    report = verify_office(as_another_process(office))

    assert (report.differences, report.open_objects) == ((), (f"{WHOLE}/2/review.json",))


def test_a_review_that_the_summary_saw_and_does_not_name_differs(office):
    opened = open_year(office, 2009)
    kept = last_review(office, 2009, "westmere")
    forge(office)
    keep_summary(office, summarise(office, opened, [kept]), files_made)

    assert differences(office) == [("added", f"{PLACE}/2/review.json")]


def test_a_review_between_two_that_were_named_is_told_as_open(office):
    forge(office)
    review_year(office, 2009)

    report = verify_office(as_another_process(office))

    told = (report.differences, report.open_objects, report.unanchored_entries)
    assert told == ((), (f"{PLACE}/2/review.json",), 0)


def test_a_slice_checks_the_records_that_are_its_own_and_calls_nothing_added(office):
    name = f"{PLACE}/1/dossier.pdf"
    for slices in (2, 3, 5):
        told = {}
        with laid(office, name, b"another"):
            for number in range(slices):
                report = verify_archive(
                    as_another_process(office),
                    judges=JUDGES,
                    is_chosen=lambda one: slice_of(one, slices) == number,  # noqa: B023
                )
                told[number] = [(one.code, one.object) for one in report.differences]
        own = slice_of(PLACE, slices)
        assert told == {n: [("changed", name)] if n == own else [] for n in range(slices)}


def test_a_letter_alone_is_verified_as_before(office):
    assert verify_letter(office, reference_in(2009), judges=JUDGES).differences == ()


def test_disposal_leaves_reviews_alone(office):
    office = later(office, 30)
    before = office.store.list("reviews")
    assert {each.of for each in due(office)} == {reference_in(2008), reference_in(2009)}

    disposed(office, of=reference_in(2009))

    assert office.store.list("reviews") == before
    assert differences(office) == []


def test_a_summary_of_another_layout_stops_no_verification(office):
    name = f"{WHOLE}/1/review.json"
    with laid(office, name, stored_json({"layout": 2})):
        assert ("changed", name) in differences(office)
