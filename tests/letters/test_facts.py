"""Facts: the spans point at the words, and only at words that say them."""

from __future__ import annotations

import pytest

from letters.facts import UnclearDate, find_facts, find_unclear_dates
from letters.letter import Placed


def facts_in(text: str, kind: str) -> list[tuple[str, dict[str, str]]]:
    """Return the words and the value of each fact of a kind."""
    return [
        (text[fact.start : fact.end], fact.value)
        for fact in find_facts([Placed("opening/1", text)])
        if fact.kind == kind
    ]


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        pytest.param(
            "This letter is about the inspection which was conducted on 20 and 21 July 2010.",
            "20 and 21 July 2010",
            "2010-07-20",
            "2010-07-21",
            id="conducted on two days",
        ),
        pytest.param(
            "The focused visit to Westmere children’s services on 24 October 2018 went well.",
            "24 October 2018",
            "2018-10-24",
            "2018-10-24",
            id="a visit on one day",
        ),
        pytest.param(
            "This inspection took place from 9 to 13 December 2024. It was carried out by us.",
            "9 to 13 December 2024",
            "2024-12-09",
            "2024-12-13",
            id="from the first to the last",
        ),
        pytest.param(
            "Between 30 March and 2 April 2026, Ofsted undertook a joint inspection of services.",
            "30 March and 2 April 2026",
            "2026-03-30",
            "2026-04-02",
            id="between days of two months, before the word inspection",
        ),
        pytest.param(
            "The visit took place over two days, 3 and 4 May 2021.",
            "3 and 4 May 2021",
            "2021-05-03",
            "2021-05-04",
            id="over two days, then the days",
        ),
        pytest.param(
            "The focused visit (3–4 May 2021) looked at care leavers.",
            "3–4 May 2021",
            "2021-05-03",
            "2021-05-04",
            id="in brackets after the visit",
        ),
        pytest.param(
            "The inspection of 3 to 5 May 2021 went well.",
            "3 to 5 May 2021",
            "2021-05-03",
            "2021-05-05",
            id="the inspection of these days",
        ),
        pytest.param(
            "The inspection dates were 3, 4 and 7 May 2021.",
            "3, 4 and 7 May 2021",
            "2021-05-03",
            "2021-05-07",
            id="the dates were",
        ),
        pytest.param(
            "The inspection began on Monday 3 May 2021 and was completed on Friday 7 May 2021.",
            "3 May 2021 and was completed on Friday 7 May 2021",
            "2021-05-03",
            "2021-05-07",
            id="began on one day and was completed on another",
        ),
        pytest.param(
            "Following the last inspection in 2019, this visit was on 3 May 2021.",
            "3 May 2021",
            "2021-05-03",
            "2021-05-03",
            id="after speaking of the last inspection",
        ),
        pytest.param(
            "We looked at care. It took place between 3 and 5 May 2021.",
            "3 and 5 May 2021",
            "2021-05-03",
            "2021-05-05",
            id="it took place",
        ),
        pytest.param(
            "Inspectors visited on Tuesday 20 July 2010.",
            "20 July 2010",
            "2010-07-20",
            "2010-07-20",
            id="with the day of the week",
        ),
    ],
)
def test_inspection_days_are_found(text: str, words: str, first: str, last: str) -> None:
    assert facts_in(text, "inspection-dates") == [(words, {"first": first, "last": last})]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Send your plan by 3 December 2018, before our visit.", id="a deadline"),
        pytest.param("The report appeared on 8 August 2018.", id="a sentence about no inspection"),
        pytest.param(
            "The last inspection, on 5 June 2008, found the same.", id="the last inspection"
        ),
        pytest.param(
            "Since the previous focused visit, leaders met on 5 June 2008.",
            id="a day after a previous visit",
        ),
        pytest.param("On 5 June 2008 the next inspection was planned.", id="the next inspection"),
        pytest.param(
            "The report of the inspection comes within 20 days of 5 June 2008.",
            id="days from a day",
        ),
        pytest.param(
            "The letter was sent on 8 August 2018. The inspection went well.",
            id="an inspection in the next sentence",
        ),
        pytest.param(
            "The inspection went well. The letter was sent on 8 August 2018.",
            id="an inspection in the sentence before",
        ),
    ],
)
def test_other_days_are_no_inspection_days(text: str) -> None:
    assert facts_in(text, "inspection-dates") == []


@pytest.mark.parametrize(
    ("text", "words", "act", "section"),
    [
        pytest.param(
            "It was carried out under section 138 of the Education and Inspections Act 2006.",
            "section 138 of the Education and Inspections Act 2006",
            "Education and Inspections Act 2006",
            "138",
            id="a section",
        ),
        pytest.param(
            "This is done under section 20(1)(a) of the Children Act 2004, as amended.",
            "section 20(1)(a) of the Children Act 2004",
            "Children Act 2004",
            "20(1)(a)",
            id="a paragraph of a section",
        ),
        pytest.param(
            "See sections 17 and 47 of the Children Act 1989.",
            "sections 17 and 47 of the Children Act 1989",
            "Children Act 1989",
            "17 and 47",
            id="two sections",
        ),
        pytest.param(
            "under s. 138 of Education and Inspections Act 2006",
            "s. 138 of Education and Inspections Act 2006",
            "Education and Inspections Act 2006",
            "138",
            id="a section shortened, an article left out",
        ),
        pytest.param(
            "under section 3A of the Children (Leaving Care) Act 2000",
            "section 3A of the Children (Leaving Care) Act 2000",
            "Children (Leaving Care) Act 2000",
            "3A",
            id="an Act with brackets",
        ),
        pytest.param(
            "under section 138 of the Education & Inspections Act, 2006.",
            "section 138 of the Education & Inspections Act, 2006",
            "Education and Inspections Act 2006",
            "138",
            id="an Act with an ampersand and a comma",
        ),
        pytest.param(
            "under the Children Act 2004, section 20.",
            "the Children Act 2004, section 20",
            "Children Act 2004",
            "20",
            id="the Act first",
        ),
    ],
)
def test_the_statutory_basis_is_found(text: str, words: str, act: str, section: str) -> None:
    assert facts_in(text, "statutory-basis") == [(words, {"act": act, "section": section})]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("under the Children Act 2004", id="an Act without a section"),
        pytest.param("section 138 of the framework", id="a section of no Act"),
        pytest.param("section 138 of the Children Act 20046", id="a year of five digits"),
    ],
)
def test_half_a_basis_is_none(text: str) -> None:
    assert facts_in(text, "statutory-basis") == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        pytest.param(
            "60 children's files, one private fostering file and nine staff supervision files "
            "were seen.",
            [
                ("60 children's files", "60", "children's files"),
                ("one private fostering file", "1", "private fostering file"),
                ("nine staff supervision files", "9", "staff supervision files"),
            ],
            id="an enumeration",
        ),
        pytest.param(
            "We read 60 children’s files.",
            [("60 children’s files", "60", "children’s files")],
            id="a typographic apostrophe",
        ),
        pytest.param(
            "We sampled 12 social workers’ case records.",
            [("12 social workers’ case records", "12", "social workers’ case records")],
            id="a plural possessive",
        ),
        pytest.param(
            "Twenty-one cases were tracked.",
            [("Twenty-one cases", "21", "cases")],
            id="a hyphenated number at the beginning",
        ),
        pytest.param(
            "A hundred files and one hundred and twenty records were seen.",
            [
                ("A hundred files", "100", "files"),
                ("one hundred and twenty records", "120", "records"),
            ],
            id="hundreds in words",
        ),
        pytest.param("We saw 1,250 cases.", [("1,250 cases", "1250", "cases")], id="thousands"),
        pytest.param(
            "We looked at nine case files.",
            [("nine case files", "9", "case files")],
            id="two nouns",
        ),
        pytest.param("The 11 integrated multi-agency area teams work well.", [], id="teams"),
        pytest.param("In 2010 records were poor.", [], id="a year"),
        pytest.param("In one case the records were poor.", [], id="the idiom in one case"),
        pytest.param("The one case study was good.", [], id="a case that is no record"),
        pytest.param("We held 60 case discussions.", [], id="discussions"),
        pytest.param("Section 47 cases are prompt.", [], id="a section of an Act"),
        pytest.param("Two thousand files were seen.", [], id="thousands in words are not read"),
        pytest.param("Sixty of the files were seen.", [], id="words between"),
        pytest.param("CH41 files and 4.5 files", [], id="digits in other words"),
    ],
)
def test_counts_are_of_records(text: str, counts: list[tuple[str, str, str]]) -> None:
    expected = [(words, {"number": number, "of": of}) for words, number, of in counts]

    assert facts_in(text, "count") == expected


def test_facts_stand_in_reading_order_with_their_places() -> None:
    passages = [
        Placed("opening/1", "The inspection was on 20 July 2010. We saw 60 files."),
        Placed("strengths/1", "All nine files were good."),
    ]

    facts = find_facts(passages)

    assert [(fact.place, fact.kind) for fact in facts] == [
        ("opening/1", "inspection-dates"),
        ("opening/1", "count"),
        ("strengths/1", "count"),
    ]


def test_unclear_dates_are_returned_with_their_reason() -> None:
    passages = [
        Placed("opening/1", "The visit was on 31 June 2010, by 6 November 20205."),
        Placed("opening/2", "The visit was on 13 and 14 July. Reply by 30 June."),
    ]

    assert find_unclear_dates(passages) == (
        UnclearDate(place="opening/1", start=17, end=29, text="31 June 2010", reason="no-such-day"),
        UnclearDate(
            place="opening/1", start=34, end=50, text="6 November 20205", reason="no-such-year"
        ),
        UnclearDate(
            place="opening/2", start=17, end=31, text="13 and 14 July", reason="year-missing"
        ),
    )
    assert [fact for fact in find_facts(passages) if fact.kind == "inspection-dates"] == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "20 and ",
        "20 July ",
        "section 1 of the A A A A ",
        "60 a a a a a files ",
        "in 20205 ",
        "1",
        "a",
    ],
)
def test_a_megabyte_of_repetition_is_read_to_its_end(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))

    find_facts([Placed("opening/1", text)])
