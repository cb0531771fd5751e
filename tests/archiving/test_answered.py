"""What a letter says became of earlier areas: kept with its revision, signed, and verified."""

from __future__ import annotations

import pytest

from flows.verification import verify_office
from letters.canonical import sha256_hex, stored_json
from letters.earlier import AnsweredArea, EarlierAnswered
from tasks.archiving.locking import Keeping, keeping_of
from tasks.archiving.retention import keys_of_case
from tasks.case.case import Case, CaseDamaged
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tasks.drafting.draft import compose_draft
from tests.archiving.forging import forged
from tests.archiving.review.reviewing import (
    WHY,
    answering,
    draft_in,
    in_april,
    issue_in,
    reference_in,
)
from tests.archiving.test_changes import ordered, sent
from tests.archiving.test_disposal import disposed, later
from tests.issuing import as_another_process, copied, issue

LATE, SLOW = "One is late.", "Two is slow."
NAME = "r1/draft/answered.json"


@pytest.fixture(scope="module")
def two_years(tmp_path_factory):
    """A letter that asks for two things, and one that answers the first and waives the second."""
    root = tmp_path_factory.mktemp("two") / "office"
    issue_in(root, 2008, LATE, SLOW)
    issue_in(root, 2009, waived=("areas-for-development/2",))
    return root


@pytest.fixture
def case(two_years, tmp_path):
    office = in_april(copied(two_years, tmp_path / "office"), 2009)
    return Case(office, reference_in(2009))


def of(text):
    return sha256_hex(text.encode())


def test_each_area_is_told_with_what_answers_it_or_why_nothing_needs_to(case):
    assert case.earlier_answered(1) == EarlierAnswered(
        reference=reference_in(2008),
        areas=(
            AnsweredArea(area="areas-for-development/1", asked=of(LATE), place="strengths/1"),
            AnsweredArea(area="areas-for-development/2", asked=of(SLOW), why=WHY),
        ),
    )


def test_a_letter_of_whom_nothing_was_asked_tells_nothing(case):
    first = Case(case.office, reference_in(2008))

    assert first.earlier_answered(1) is None
    assert not case.store.exists(first.key(NAME))


def test_it_is_kept_before_what_says_that_all_of_a_draft_is_told(case):
    told = [e.detail.get("object", "").rpartition("/")[2] for e in case.chain.entries()]

    assert told.index("answered.json") < told.index("cleared.json")


def test_it_is_working_papers_and_goes_with_them(case):
    assert keeping_of(NAME, 1) is Keeping.WORKING
    assert case.key(NAME) in keys_of_case(case, Keeping.WORKING)
    office = later(case.office, 30)

    disposed(office, of=case.reference)

    assert Case(as_another_process(office), case.reference).earlier_answered(1) is None
    assert verify_office(as_another_process(office)).differences == ()


def test_while_an_area_is_answered_nowhere_nothing_is_told_of_any(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE, SLOW)
    office = in_april(root, 2009)
    none, all_ = draft_in(2009), answering(office, draft_in(2009))
    area = b"areas-for-development/2"
    assert area in all_

    told = [
        compose_draft(office, data, "draft.md").earlier_answered
        for data in (none, all_.replace(area, b"areas-for-development/3"), all_)
    ]

    assert [each is None for each in told] == [True, True, False]


def test_a_draft_submitted_again_is_the_same_revision(case):
    data = case.get("r1/draft/original.md")

    again, revision = issue(case.office, data)

    assert (again.reference, revision, again.revisions()) == (case.reference, 1, [1])


def test_a_correction_tells_it_anew(case):
    data = case.get("r1/draft/original.md").replace(b"Please pass on", b"We ask you to pass on")
    revision = sent(case, ordered(case, data, reason="It was put otherwise."))

    assert case.earlier_answered(revision) == case.earlier_answered(1)


def test_a_withdrawal_answers_nothing(case):
    revision = sent(case, order_withdrawal(StepRun(case, STEP), reason="It was another's."))

    assert case.earlier_answered(revision) is None


def test_what_can_t_be_read_is_told_as_damage(case):
    (case.store.root / case.key(NAME)).unlink()
    run = StepRun(case, "draft-letter")
    run.put_announced("r2/draft/answered.json", b"[]")

    with pytest.raises(CaseDamaged):
        case.earlier_answered(2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(of(LATE), of("Another"), id="what was asked"),
        pytest.param("strengths/1", "strengths/2", id="the passage"),
        pytest.param(WHY, "Another reason.", id="the reason"),
        pytest.param(reference_in(2008), reference_in(2007), id="the letter that asked"),
    ],
)
def test_told_otherwise_than_it_was_signed_is_found_though_every_hash_fits(
    case, tmp_path, old, new
):
    file = f"archive/{case.key(NAME)}"
    office = forged(
        case.office, tmp_path / "forged", file, lambda d: d.replace(old.encode(), new.encode())
    )

    found = [(one.code, one.object) for one in verify_office(office).differences]

    assert ("pack-differs", case.key(NAME)) in found


def test_it_lies_there_as_it_is_told(case):
    told = case.earlier_answered(1)
    assert told is not None
    assert stored_json(told.model_dump(mode="json")) == case.get(NAME)
