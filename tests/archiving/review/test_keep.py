"""Reviews as they are kept: once for what they tell, whole or not at all, by whoever is first."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count

import pytest

from flows.verification import verify_office
from tasks.archiving.review.keep import (
    ReviewDamaged,
    authority_record,
    files_of,
    keep_review,
    last_review,
    last_summary,
    whole_record,
)
from tasks.archiving.review.year import gather, open_year
from tasks.case.chain import ChainBroken
from tasks.case.ledger import ledger_of
from tasks.case.record import ObjectForeign
from tests.archiving.review.reviewing import (
    at,
    files_made,
    is_current,
    issue_in,
    next_january,
    no_files,
    review_one_year,
    review_year,
)
from tests.issuing import as_another_process, copied
from tests.issuing import files_of as all_files_of

os_link = os.link

PLACE = "reviews/2008/authorities/westmere"


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    root = tmp_path_factory.mktemp("letters") / "office"
    issue_in(root, 2008, "One is late.")
    return root


@pytest.fixture
def root(letters, tmp_path):
    return copied(letters, tmp_path / "office")


@pytest.fixture
def office(root):
    return next_january(root, 2008)


def gathered(office, year=2008):
    (westmere,) = office.register.authorities
    return gather(office, westmere, open_year(office, year))


def overdue_by_now(office):
    """The same, as it would be told when something of it is another."""
    told = gathered(office)
    (letter,) = told.letters
    row = letter.row.model_copy(update={"bounced": letter.row.bounced + 1})
    return told.model_copy(update={"letters": (letter.model_copy(update={"row": row}),)})


def test_a_review_is_kept_with_its_files_and_named_by_its_chain(office):
    told = gathered(office)

    kept = keep_review(office, told, files_made)

    assert (kept.review, kept.number) == (told, 1)
    assert last_review(office, 2008, "westmere") == kept
    assert sorted(files_of(authority_record(office, 2008, "westmere"), 1)) == [
        *("charts/areas.svg", "dossier.csv", "dossier.pdf", "review.json")
    ]
    assert [key.removeprefix(f"{PLACE}/") for key in office.store.list(PLACE)] == [
        *("1/charts/areas.svg", "1/dossier.csv", "1/dossier.pdf", "1/review.json"),
        *(f"audit/0000000{n}.json" for n in (1, 2, 3)),
    ]


def test_nothing_is_kept_of_what_nobody_has_reviewed(office):
    assert last_review(office, 2008, "westmere") is None
    assert last_summary(office, 2008) is None
    assert not is_current(office, gathered(office))


def test_what_tells_the_same_is_neither_kept_nor_made_again(office):
    kept = keep_review(office, gathered(office), files_made)
    ledger_of(office).append("ledger", "anchored", detail={})  # as of later

    again = gathered(office)

    assert again.as_of != kept.review.as_of
    assert is_current(office, again)
    assert keep_review(office, again, no_files) == kept


def test_what_tells_otherwise_is_kept_beside_it_and_holds(office):
    first = keep_review(office, gathered(office), files_made)

    second = keep_review(office, overdue_by_now(office), files_made)

    assert (first.number, second.number) == (1, 2)
    assert last_review(office, 2008, "westmere") == second
    assert office.store.exists(f"{PLACE}/1/dossier.pdf")
    assert keep_review(office, gathered(office), files_made).number == 3


def test_a_second_run_over_a_year_keeps_nothing_new(office):
    review_year(office, 2008)
    before = all_files_of(office)

    review_year(as_another_process(office), 2008, make_files=no_files)

    assert all_files_of(office) == before


def test_the_year_is_entered_into_the_ledger_once_with_the_end_of_its_chain(office):
    kept = review_year(office, 2008)
    review_year(office, 2008)

    (entry,) = (e for e in ledger_of(office).entries() if e.event == "reviewed")
    seq, head = whole_record(office, 2008).chain.head()
    assert entry.detail == {
        "year": 2008,
        "number": 1,
        "object": "reviews/2008/whole/1/review.json",
        "sha256": kept.sha256,
        "review_seq": seq,
        "review_head": head,
    }


def test_what_was_laid_in_by_hand_is_not_taken_for_a_review(office):
    path = office.store.root / PLACE / "1" / "review.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}")

    with pytest.raises(ObjectForeign):
        keep_review(office, gathered(office), files_made)


def test_a_file_laid_in_by_hand_is_not_taken_for_a_dossier(office):
    path = office.store.root / PLACE / "1" / "dossier.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF another")

    with pytest.raises(ObjectForeign):
        keep_review(office, gathered(office), files_made)


def test_a_review_that_was_altered_is_refused(office):
    keep_review(office, gathered(office), files_made)
    path = office.store.root / PLACE / "1" / "review.json"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"One is late", b"All is well"))

    with pytest.raises(ReviewDamaged):
        last_review(as_another_process(office), 2008, "westmere")


def test_a_review_whose_end_was_cut_off_its_chain_is_refused(office):
    keep_review(office, gathered(office), files_made)
    (office.store.root / PLACE / "audit" / "00000003.json").unlink()

    with pytest.raises(ChainBroken):
        last_review(as_another_process(office), 2008, "westmere")


def test_of_many_processes_that_keep_the_same_year_one_number_comes(office):
    reviews = [gathered(as_another_process(office)) for _ in range(4)]

    def keep(review):
        return keep_review(as_another_process(office), review, files_made)

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(keep, reviews))

    assert {each.number for each in kept} == {1}
    assert {each.sha256 for each in kept} == {last_review(office, 2008, "westmere").sha256}
    assert verify_office(office).differences == ()


def test_files_are_made_of_the_review_that_another_process_began_with(office, monkeypatch):
    first = gathered(office)
    ledger_of(office).append("ledger", "anchored", detail={})
    second = gathered(office)
    with pytest.raises(AssertionError):
        keep_review(office, first, no_files)  # ended before anything was made of it

    seen = []
    kept = keep_review(office, second, lambda review: seen.append(review) or files_made(review))

    assert seen == [first] != [second]
    assert (kept.review, kept.number) == (first, 1)


class Killed(BaseException):
    """The process ends here: nothing catches it."""


def killed_at(office, monkeypatch, number, when):
    """Review the year until just before or after its `number`th file; tell whether it came there.

    An archive changes by files that are linked to their names.
    """
    numbers = count(1)

    def link(source, target, **folders):
        is_here = next(numbers) == number
        if is_here and when == "before":
            raise Killed
        os_link(source, target, **folders)
        if is_here:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        try:
            review_year(office, 2008)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_anywhere_nothing_differs_and_the_next_run_completes_the_year(
    letters, tmp_path, monkeypatch, when
):
    for number in count(1):
        root = copied(letters, tmp_path / f"{number}")
        if not killed_at(next_january(root, 2008), monkeypatch, number, when):
            break
        later = at(root, date(2009, 2, 2))
        assert verify_office(later).differences == (), number
        ledger_of(later).append("ledger", "anchored", detail={})

        kept = review_year(later, 2008)

        report = verify_office(as_another_process(later))
        assert (report.differences, report.open_objects) == ((), ()), number
        assert (kept.number, report.unanchored_entries) == (1, 0), number
        assert last_review(later, 2008, "westmere").number == 1, number
        review_year(as_another_process(later), 2008, make_files=no_files)
        entered = [e for e in ledger_of(later).entries() if e.event == "reviewed"]
        assert len(entered) == 1, number
    assert number > 12


def test_a_number_begun_with_what_is_no_longer_so_is_left_behind(office):
    with pytest.raises(AssertionError):
        keep_review(office, gathered(office), no_files)

    kept = keep_review(office, overdue_by_now(office), files_made)

    assert kept.number == 2
    report = verify_office(office)
    assert (report.differences, report.open_objects) == (
        (),
        # The first is no complete number's, the second no summary's.
        (f"{PLACE}/1/review.json", f"{PLACE}/2/review.json"),
    )


def test_a_review_of_which_no_files_could_be_made_is_kept_and_made_again(office):
    told = gathered(office)

    first = keep_review(office, told, lambda _: {})
    second = keep_review(office, told, files_made)

    assert (first.review, first.number) == (told, 1)
    assert (second.review, second.number) == (told, 2)
    assert keep_review(office, told, no_files) == second


def test_what_another_step_announced_in_the_same_chain_is_no_review(office):
    record = authority_record(office, 2008, "westmere")
    record.chain.append("lay-draft", "announced", detail={"name": "draft.md", "sha256": "1" * 64})

    assert keep_review(office, gathered(office), files_made).number == 1


def test_an_authority_whose_review_is_damaged_is_told_in_the_year_s_summary(root):
    issue_in(root, 2009, "Two is slow.")
    review_year(next_january(root, 2008), 2008)
    office = next_january(root, 2009)
    path = office.store.root / PLACE / "1" / "review.json"
    path.unlink()

    kept = review_one_year(office, 2009)

    assert [(one.authority.code, one.code) for one in kept.review.not_reviewed] == [
        ("westmere", "review-damaged")
    ]
    assert kept.review.reviews == ()
