"""A draft submitted again: what waits stays as packed, other reasons are another pack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.record import StepRun, attempt_step
from tasks.drafting.draft import Blocked, Drafted, compose_draft, draft
from tasks.drafting.markdown.entries import with_entry
from tasks.rendering.pack import prepare
from tests.issuing import REFERENCE, SHORT_DRAFT, a_sample_office

NEARBY = SHORT_DRAFT.replace(b"8 and 9 March 2011", b"10 and 11 March 2011")
NEARBY_REFERENCE = "CRA-WESTMERE-2011-03-10"


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


def submit(office, data: bytes) -> Drafted | Blocked:
    return attempt_step(StepRun(take_in(office, data, "md"), "draft-letter"), draft, lambda _: None)


def pack(office, drafted: Drafted) -> None:
    case = Case(office, drafted.reference)
    attempt_step(StepRun(case, "prepare-pack"), prepare, lambda _: None, drafted.revision)


def overridden(office, data: bytes, why: str) -> bytes:
    """The draft with everything that blocks it overridden."""
    text = data.decode()
    for problem in _blocking(office, data):
        entry = {
            "code": problem.code,
            "place": problem.place,
            "why": why,
            "words": problem.binding,
        }
        text = with_entry(text, "cleared", entry, source="draft.md")
    return text.encode()


def _blocking(office, data: bytes) -> Iterator:
    return (p for p in compose_draft(office, data, "draft.md").problems if p.is_blocking)


def test_a_letter_that_waits_is_not_stopped_by_one_that_came_later(office):
    waiting = submit(office, SHORT_DRAFT)
    pack(office, waiting)
    assert isinstance(submit(office, NEARBY), Blocked)
    assert submit(office, overridden(office, NEARBY, "Another visit.")) == Drafted(
        NEARBY_REFERENCE, 1
    )

    assert [p.code for p in _blocking(office, SHORT_DRAFT)] == ["reference-near-another"]
    assert submit(office, SHORT_DRAFT) == waiting


def test_one_that_has_no_pack_yet_is_stopped(office):
    submit(office, SHORT_DRAFT)
    submit(office, overridden(office, NEARBY, "Another visit."))

    assert isinstance(submit(office, SHORT_DRAFT), Blocked)


def test_the_reasons_stand_in_the_pack_and_other_ones_are_another_revision(office):
    pack(office, submit(office, SHORT_DRAFT))
    first = submit(office, overridden(office, NEARBY, "Another visit."))
    pack(office, first)

    second = submit(office, overridden(office, NEARBY, "Another team's visit."))
    pack(office, second)

    assert (first.revision, second.revision) == (1, 2)
    case = Case(office, NEARBY_REFERENCE)
    assert [
        [(p.code, p.why) for p in case.pack(revision).problems_overridden] for revision in (1, 2)
    ] == [
        [("reference-near-another", "Another visit.")],
        [("reference-near-another", "Another team's visit.")],
    ]


def test_a_reason_given_after_the_pack_opens_a_revision_that_can_be_signed(office):
    pack(office, submit(office, SHORT_DRAFT))
    submit(office, overridden(office, NEARBY, "Another visit."))

    late = submit(office, overridden(office, SHORT_DRAFT, "So it is."))
    pack(office, late)

    case = Case(office, REFERENCE)
    assert late.revision == 2
    assert case.pack(2).problems_overridden == case.problems_overridden(2) != ()


def test_a_letter_that_comes_too_near_another_later_needs_a_reason_of_its_own(office):
    submit(office, SHORT_DRAFT)
    data = overridden(office, NEARBY, "Another visit than 8 March.")
    third = SHORT_DRAFT.replace(b"8 and 9 March 2011", b"14 and 15 March 2011")
    submit(office, overridden(office, third, "Yet another."))

    codes = [p.code for p in _blocking(office, data)]

    assert codes == ["reference-near-another"]


def test_a_damaged_letter_of_the_authority_is_a_problem_to_answer_for(office, monkeypatch):
    from tasks.case.case import CaseDamaged

    def damaged(*_):
        raise CaseDamaged("It isn't the one that was issued.", where="cases/x", remedy="Verify.")

    monkeypatch.setattr("tasks.drafting.draft.earlier_letter", damaged)

    assert [p.code for p in _blocking(office, SHORT_DRAFT)] == ["earlier-letter-damaged"]
    assert isinstance(submit(office, overridden(office, SHORT_DRAFT, "Seen on paper.")), Drafted)
