"""The authority's last letter: found by the names of its cases, read where it was issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from archived import EASTMERE, a_letter_of, an_archive_office, archive_letter, areas

from letters.canonical import stored_json
from letters.change import Change, ChangeKind
from letters.holds import Held, HoldPeriod
from letters.kind import SectionRule
from letters.letter import Placed
from tasks.case.case import CaseDamaged
from tasks.case.record import StepRun
from tasks.drafting.earlier import YEARS_LOOKED_BACK, earlier_letter
from tests.builders import a_paragraph, a_section, an_item
from tests.issuing import a_sample_office, issue
from tests.letters.checking import cases
from tests.offices import a_kind

RULES = (
    SectionRule(key="strengths", heading="Strengths"),
    SectionRule(key="areas-for-development", heading="Areas for development", raises_areas=True),
)
KINDS = {"unannounced-inspection": a_kind(sections=RULES)}
LAST, BEFORE_LAST = date(2011, 3, 14), date(2010, 3, 15)
TODAY = date(2012, 3, 14)


@pytest.fixture
def office(tmp_path):
    return an_archive_office(tmp_path, kinds=KINDS)


def earlier_of(office, *, before=TODAY, kinds=KINDS, authority="westmere"):
    """Find the last letter before one that is written on a day."""
    letter = a_letter_of(before)
    there = letter.authority.model_copy(update={"code": authority})
    letter = letter.model_copy(update={"authority": there, "reference": "CRA-X-2000-01-01"})
    return earlier_letter(replace(office, kinds=kinds), letter)


def found(office, **of):
    earlier = earlier_of(office, **of)
    return None if earlier is None else earlier.reference


def test_the_last_letter_and_its_areas_are_found(office):
    archive_letter(office, a_letter_of(BEFORE_LAST))
    strengths = a_section("Strengths", an_item("Calls are answered."))
    archive_letter(office, a_letter_of(LAST, strengths, areas("Write it down.", "Answer calls.")))

    earlier = earlier_of(office)

    assert earlier is not None
    assert (earlier.reference, earlier.date) == ("CRA-WESTMERE-2011-02-14", LAST)
    assert earlier.areas == (
        Placed("areas-for-development/1", "Write it down."),
        Placed("areas-for-development/2", "Answer calls."),
    )


@pytest.mark.parametrize(
    ("passages", "expected"),
    cases(
        {
            "of a list its items, without what leads to them": (
                (a_paragraph("These are they:"), an_item("One."), an_item("Two.")),
                [("areas-for-development/2", "One."), ("areas-for-development/3", "Two.")],
            ),
            "without a list the paragraphs": (
                (a_paragraph("One."), a_paragraph("Two.")),
                [("areas-for-development/1", "One."), ("areas-for-development/2", "Two.")],
            ),
            "none": ((), []),
        }
    ),
)
def test_areas(office, passages, expected):
    archive_letter(office, a_letter_of(LAST, a_section("Areas for development", *passages)))

    earlier = earlier_of(office)

    assert earlier is not None
    assert list(earlier.areas) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    cases(
        {
            "the last before today": (TODAY, "CRA-WESTMERE-2011-02-14"),
            "the one before the last letter, for itself": (LAST, "CRA-WESTMERE-2010-02-15"),
            "none before the first": (BEFORE_LAST, None),
            "none longer ago than is looked back": (
                date(2011 + YEARS_LOOKED_BACK + 1, 3, 14),
                None,
            ),
            "one as long ago as is looked back": (
                date(2011 + YEARS_LOOKED_BACK, 3, 14),
                "CRA-WESTMERE-2011-02-14",
            ),
        }
    ),
)
def test_which_letter_is_the_last(office, before, expected):
    archive_letter(office, a_letter_of(LAST))
    archive_letter(office, a_letter_of(BEFORE_LAST))

    assert found(office, before=before) == expected


def test_of_two_in_a_year_the_later_one_counts(office):
    archive_letter(office, a_letter_of(date(2011, 9, 12)))
    archive_letter(office, a_letter_of(LAST))

    assert found(office) == "CRA-WESTMERE-2011-08-12"


def test_a_letter_that_was_not_issued_asked_for_nothing(office):
    archive_letter(office, a_letter_of(LAST), is_issued=False)
    archive_letter(office, a_letter_of(BEFORE_LAST))

    assert found(office) == "CRA-WESTMERE-2010-02-15"


def test_the_revision_that_was_issued_is_read(office):
    archive_letter(office, a_letter_of(LAST, areas("As it was first.")), is_issued=False)
    archive_letter(office, a_letter_of(LAST, areas("As it went out.")), revision=2)

    earlier = earlier_of(office)

    assert earlier is not None
    assert earlier.areas == (Placed("areas-for-development/1", "As it went out."),)


def test_a_letter_that_is_held_back_asked_for_nothing_yet(office):
    archive_letter(office, a_letter_of(BEFORE_LAST))
    case = archive_letter(office, a_letter_of(LAST))
    period = HoldPeriod(name="Local elections", since=LAST, until=TODAY)
    held = Held(period=period, at="2011-03-14T09:00:00.000Z")
    run = StepRun(case, "hold-back-letter")
    run.once_announced("r1/held.json", stored_json(held.model_dump(mode="json")))

    assert found(office) == "CRA-WESTMERE-2010-02-15"

    run.once_announced("r1/released.json", stored_json({"layout": 1, "outcome": "sent"}))
    assert found(office) == case.reference


def corrected(office, letter, day):
    """Issue a correction of a letter, on a day of its own."""
    case = archive_letter(office, letter)
    run = StepRun(case, "change-letter")
    change = Change(
        kind=ChangeKind.CORRECTION,
        reference=letter.reference,
        revision=1,
        pack="0" * 64,
        reason="The day was wrong.",
        actor="anna@desk-3",
        at="2012-01-09T09:00:00.000Z",
    )
    run.once_announced("change-2.json", stored_json(change.model_dump(mode="json")))
    again = letter.model_copy(update={"date": day})
    run.once_announced("r2/letter.json", stored_json(again.model_dump(mode="json")))
    issue = {"layout": 1, "revision": 2, "pack": "0" * 64}
    run.once_announced("issue-2.json", stored_json(issue))
    run.once_announced("r2/manifest.json", stored_json({"layout": 1}))
    return again


def test_which_letter_is_the_earlier_one_their_first_issues_say(office):
    archive_letter(office, a_letter_of(LAST))
    again = corrected(office, a_letter_of(BEFORE_LAST), TODAY.replace(month=2))

    assert found(office) == "CRA-WESTMERE-2011-02-14"
    assert found(office, before=LAST) == "CRA-WESTMERE-2010-02-15"
    assert earlier_letter(office, again) is None


def test_letters_to_others_do_not_count(office):
    archive_letter(office, a_letter_of(LAST, authority=EASTMERE))

    assert found(office) is None
    assert found(office, authority="eastmere") == "CRA-EASTMERE-2011-02-14"


def test_letters_of_kinds_that_raise_no_areas_are_passed_over(office):
    archive_letter(office, a_letter_of(LAST, reference="ANR-WESTMERE-2011"))
    archive_letter(office, a_letter_of(BEFORE_LAST))
    kinds = {**KINDS, "annual-review": a_kind(id="annual-review", code="ANR")}

    assert found(office, kinds=kinds) == "CRA-WESTMERE-2010-02-15"


def test_a_letter_named_by_its_year_counts_by_its_day(office):
    archive_letter(office, a_letter_of(date(2011, 12, 1), reference="ANR-WESTMERE-2011"))
    archive_letter(office, a_letter_of(LAST))
    kinds = {**KINDS, "annual-review": a_kind(id="annual-review", code="ANR", sections=RULES)}

    assert found(office, kinds=kinds) == "ANR-WESTMERE-2011"
    assert found(office, kinds=kinds, before=date(2011, 6, 1)) == "CRA-WESTMERE-2011-02-14"


def test_where_no_kind_raises_areas_nothing_is_looked_for(office, monkeypatch):
    archive_letter(office, a_letter_of(LAST))
    monkeypatch.setattr(office.store, "list", None, raising=False)

    assert found(office, kinds={"unannounced-inspection": a_kind()}) is None


def test_a_letter_that_was_altered_is_refused_not_passed_over(office):
    key = archive_letter(office, a_letter_of(LAST)).key("r1/letter.json")
    office.store.objects[key] = office.store.objects[key].replace(b"Managers", b"Cleaners")

    with pytest.raises(CaseDamaged, match="letters verify CRA-WESTMERE-2011-02-14"):
        found(office)


def test_a_letter_that_was_really_issued_is_found(tmp_path):
    office = a_sample_office(tmp_path)
    case, _ = issue(office)

    earlier = earlier_of(office, kinds=office.kinds)

    assert earlier is not None
    assert earlier.reference == case.reference
    assert [area.place for area in earlier.areas] == ["areas-for-development/1"]


def test_a_letter_is_not_its_own_earlier_one(office):
    letter = a_letter_of(LAST, areas("Write it down."))
    archive_letter(office, letter)
    a_day_later = letter.model_copy(update={"date": TODAY})

    assert earlier_letter(office, a_day_later) is None
    assert found(office) == letter.reference


def test_what_lies_there_under_another_name_is_passed_over(office):
    archive_letter(office, a_letter_of(LAST, areas("Write it down.")))
    stray = office.root / "archive" / "cases" / "2012" / "westmere" / "junk"
    stray.mkdir(parents=True)
    (stray / "case.json").write_text("{}")

    assert found(office) == "CRA-WESTMERE-2011-02-14"
