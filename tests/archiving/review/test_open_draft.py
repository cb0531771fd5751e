"""The open draft of an annual review: filled in, read back to the word, and blocked at first."""

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reviews import (
    OLD,
    TEXTS,
    WAIVED,
    WESTMERE,
    a_review,
    a_reviewed_letter,
    an_area,
    an_empty_review,
)

from letters.printable import first_unprintable
from letters.register import Contact
from letters.year import AsOf, DamagedRow
from tasks.archiving.review.draft_markdown import as_heading, as_passage
from tasks.archiving.review.open_draft import (
    ADDRESS,
    DATE,
    JUDGEMENT,
    MOST_CHARACTERS,
    SIGNATORY,
    open_draft,
    open_draft_name,
)
from tasks.case.case import Case
from tasks.drafting.draft import compose_draft
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.register_files import load_register
from tests.issuing import (
    CONFIG,
    REFERENCE,
    SAMPLE_DRAFT,
    SAMPLE_OFFICE,
    a_sample_office,
    issue,
    submit,
)

KINDS = load_kinds(CONFIG / "kinds")
KIND = KINDS["annual-review"]
REGISTER = load_register(SAMPLE_OFFICE)
DAY = "23 January 2012"


def a_draft(review=None, *, kind=KIND, register=REGISTER):
    return open_draft(review or a_review(), kind=kind, register=register).decode()


def read(text):
    return read_markdown(text, source="open.md", kinds=tuple(KINDS.values()))


def dated(text):
    assert text.count(f"'{DATE}'") == 1
    return text.replace(f"'{DATE}'", DAY)


def written(text, grade="performs well"):
    """The draft as an inspector completes it."""
    assert f"'{SIGNATORY}'" in text
    text = dated(text).replace(f"'{SIGNATORY}'", "Harriet Elmsley")
    text = text.replace(f"'{ADDRESS}'", "Director of Children’s Services")
    text = text.replace(JUDGEMENT, "Children are kept safe, and the service knows itself well.")
    return re.sub(r"\[Insert the grade[^]]*\]", grade, text)


def sections_of(text):
    return {
        section.heading: [passage.text for passage in section.passages]
        for section in read(text).sections
    }


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path, kinds=KINDS, register=REGISTER)


def blocking(office, text):
    composition = compose_draft(office, text.encode(), "open.md")
    return sorted((p.code, p.place) for p in composition.problems if p.is_blocking)


# What the checks say of it.

LEFT_OPEN = [
    ("grade-missing", ""),
    ("placeholder", "addressees/1"),
    ("placeholder", "judgement/1"),
    ("placeholder", "judgement/2"),
    ("placeholder", "signatories/1"),
    ("signatory-unknown", "signatories/1"),
]


def test_what_blocks_it_is_what_an_inspector_has_to_write_and_nothing_else(office):
    text = a_draft()

    assert blocking(office, text) == [("date-unreadable", "date")]
    assert blocking(office, dated(text)) == LEFT_OPEN
    assert compose_draft(office, written(text).encode(), "open.md").problems == ()


@pytest.mark.parametrize("grade", KIND.grades)
def test_each_grade_completes_it(office, grade):
    assert blocking(office, written(a_draft(), grade)) == []


def test_without_areas_those_are_to_be_written_too(office):
    text = a_draft(an_empty_review())

    assert blocking(office, dated(text)) == sorted(
        [*LEFT_OPEN, ("placeholder", "areas-for-development/1")]
    )
    assert blocking(office, written(text)) == [("placeholder", "areas-for-development/1")]
    assert sections_of(text)["Inspections in the year"] == [
        "We did not inspect the services of Westmere Borough Council in 2011."
    ]


def test_a_letter_that_does_not_hold_or_cannot_be_read_is_left_to_the_inspector(office):
    waits = a_reviewed_letter("CRA-WESTMERE-2011-12-01", None, days=None, state="awaiting-sign-off")
    damaged = DamagedRow(reference="CRA-WESTMERE-2011-05-01", code="chain-broken", message="Gap.")
    disposed = DamagedRow(reference="CRA-WESTMERE-2011-06-01", code="disposed", message="Gone.")
    text = a_draft(a_review(letters=(waits,), damaged=(damaged, disposed)))

    assert sections_of(text)["Inspections in the year"] == [
        "[Check the letter CRA-WESTMERE-2011-12-01, which does not hold: awaiting sign off.]",
        "[Check the letter CRA-WESTMERE-2011-05-01: the archive can’t tell of it.]",
    ]
    assert [code for code, _ in blocking(office, written(text))] == ["placeholder"] * 2
    nobody = a_draft(a_review(letters=(), damaged=(damaged,)))
    assert "did not inspect" not in nobody


def test_of_a_letter_disposed_of_nobody_says_that_there_was_no_inspection(office):
    disposed = DamagedRow(reference="CRA-WESTMERE-2011-06-01", code="disposed", message="Gone.")
    yearly = DamagedRow(reference="ANR-WESTMERE-2011", code="disposed", message="Gone.")

    text, of_none = (
        a_draft(a_review(letters=(), damaged=damaged)) for damaged in ((disposed,), (yearly,))
    )

    assert sections_of(text)["Inspections in the year"] == [
        "[Check the letter CRA-WESTMERE-2011-06-01: it was disposed of, and the archive can’t tell"
        " of it.]"
    ]
    assert [code for code, _ in blocking(office, written(text))] == ["placeholder"]
    assert sections_of(of_none)["Inspections in the year"] == [
        "We did not inspect the services of Westmere Borough Council in 2011."
    ]


def test_when_no_power_is_known_the_inspector_says_it(office):
    at = AsOf(seq=1, at="2013-01-09T07:30:00.000Z")
    text = a_draft(a_review(as_of=at)).replace(f"'{DATE}'", "23 January 2013")

    assert ("placeholder", "opening/1") in blocking(office, text)


def test_it_reaches_a_pack_once_it_is_written(office):
    issued = Case.letter(*issue(office, SAMPLE_DRAFT))
    asked = [each for each in issued.passages() if each.place.startswith("areas-for-development/")]
    areas = tuple(
        an_area(text, place=place, reference=REFERENCE, date=issued.date) for place, text in asked
    )
    text = written(a_draft(a_review(raised=areas, ended=(), still_open=areas)))

    # The areas that are still open stand there again word for word: that says so.
    assert blocking(office, text) == []
    case, revision = submit(office, text.encode())

    assert case.reference == "ANR-WESTMERE-2011"
    assert case.pack(revision) is not None
    assert case.letter(revision).sections[-1].passages == issued.sections[-1].passages


# What it says.


def test_it_is_addressed_to_those_whom_the_register_names():
    reading = read(a_draft())

    assert (reading.kind, reading.authority) == ("annual-review", "westmere")
    assert [(one.role, one.name, one.lines) for one in reading.addressees] == [
        ("director", "Ms Siân Prydderch", (ADDRESS, WESTMERE.name))
    ]
    assert [copy.line for copy in reading.copies] == [
        "Łukasz Wierzbicki, Chief Executive, Westmere Borough Council",
        "Professor Zoë Lindqvist, Safeguarding Board Chair, Westmere Borough Council",
        "Councillor Mrs Noreen Fairhurst MBE, Lead Member, Westmere Borough Council",
        "Martin Ashgrove, Department",
    ]
    assert {copy.role for copy in reading.copies} == set(KIND.copy_roles)


def test_names_of_any_kind_stand_in_the_front_matter():
    names = ("Yes", "null", "- Ann #1: “B”", "'", "1.5", "[a]", "& Co", "*ann")
    register = REGISTER.model_copy(
        update={
            "contacts": tuple(
                Contact(authority="westmere", role="lead-member", name=name, email=None)
                for name in names
            )
        }
    )

    reading = read(a_draft(register=register))

    assert tuple(copy.name for copy in reading.copies) == names
    assert reading.addressees == ()


@pytest.mark.parametrize(
    ("at", "power", "title"),
    [
        pytest.param(
            "2012-01-09T07:30:00.000Z",
            "It is made under section 138 of the Education and Inspections Act 2006.",
            "Her Majesty's Inspector",
            id="while section 138 was law",
        ),
        pytest.param(
            "2023-01-09T07:30:00.000Z",
            "It is made in line with the framework for the inspection of local authority"
            " children's services.",
            "His Majesty's Inspector",
            id="under the framework",
        ),
        pytest.param(
            "2014-01-09T07:30:00.000Z",
            "[Insert the power under which the review is made.]",
            "Her Majesty's Inspector",
            id="when there was neither",
        ),
        pytest.param(
            None,
            "It is made under section 138 of the Education and Inspections Act 2006.",
            "Her Majesty's Inspector",
            id="at the end of the year when nothing says as of when",
        ),
    ],
)
def test_power_and_title_are_those_of_the_day(at, power, title):
    reading = read(a_draft(a_review(as_of=AsOf(at=at))))

    assert reading.opening[0].text.endswith(power)
    assert [one.title for one in reading.signatories] == [title]


def test_the_year_s_inspections_are_told_a_paragraph_each():
    text = sections_of(a_draft())["Inspections in the year"]

    kind = "Annual unannounced inspection of contact, referral and assessment arrangements"
    assert text == [
        f"{kind}, until 9 March 2011: our letter of 4 April 2011 (CRA-WESTMERE-2011-03-08) told of"
        " 18 findings, 3 of them areas for development.",
        f"{kind}, until 14 September 2011: our letter of 24 October 2011"
        " (CRA-WESTMERE-2011-09-13) told of 10 findings, 1 of them areas for development.",
    ]


def test_it_rests_on_letters_about_the_year_s_inspections_whenever_they_were_sent():
    (opening,) = read(a_draft()).opening

    assert (
        " It rests on our letters about inspections that began in that year, and on what has been"
        " done since about what earlier ones asked for. " in opening.text
    )


def test_progress_tells_the_years_what_is_open_and_what_was_answered():
    text = sections_of(a_draft())["Progress since the last review"]

    assert text == [
        "In 2009, 5 areas for development were raised and 3 answered or closed; 4 were left"
        " open. In 2010, 4 areas for development were raised and 3 answered or closed;"
        " 3 were left open. In 2011, 4 areas for development were raised and 3"
        " answered or closed; 4 are open now.",
        "Still open, and set out below, are areas that these letters raised:"
        " CRA-WESTMERE-2009-06-16 of 14 July 2009 (1 area).",
        f"“{TEXTS[4]}” Raised on 1 March 2010 (CRA-WESTMERE-2010-02-02), answered in our letter"
        " of 4 April 2011 (CRA-WESTMERE-2011-03-08).",
        "“The team in Wellgate is short of two workers.” Raised on 1 March 2010"
        " (CRA-WESTMERE-2010-02-02), closed with our letter of 4 April 2011"
        " (CRA-WESTMERE-2011-03-08).",
        f"“{TEXTS[1]}” Raised on 4 April 2011 (CRA-WESTMERE-2011-03-08), answered in our letter"
        " of 24 October 2011 (CRA-WESTMERE-2011-09-13).",
    ]


def test_of_a_corrected_letter_the_days_it_tells_now_are_quoted():
    until = date(2011, 3, 10)
    letter = a_reviewed_letter().model_copy(update={"inspected_until": until})

    (told,) = sections_of(a_draft(a_review(letters=(letter,))))["Inspections in the year"]

    assert ", until 10 March 2011: our letter of 4 April 2011" in told


def test_a_withdrawn_letter_is_named_and_a_sample_among_real_ones_is_not():
    letters = tuple(
        a_reviewed_letter(f"CRA-WESTMERE-2011-03-0{n}", None).model_copy(update={"left_out": why})
        for n, why in enumerate(("withdrawn", "sample"), start=1)
    )

    assert sections_of(a_draft(a_review(letters=letters)))["Inspections in the year"] == [
        "[Check the letter CRA-WESTMERE-2011-03-01, which does not hold: withdrawn.]"
    ]


def test_why_an_area_was_waived_is_told_to_the_house_and_not_in_the_letter():
    area = an_area("One.", end=WAIVED, **OLD)

    assert WAIVED.why not in a_draft(a_review(ended=(area,)))


def test_a_kind_without_grades_asks_for_none_and_only_its_own_sections_stand():
    sections = tuple(rule for rule in KIND.sections if rule.key != "earlier-areas")
    kind = KIND.model_copy(update={"grades": (), "sections": sections})

    text = a_draft(kind=kind)

    assert "Insert the grade" not in text
    assert [*sections_of(text)] == ["Judgement", "Inspections in the year", "Areas for development"]


def test_of_more_areas_than_a_draft_can_hold_the_rest_is_left_to_be_added(office):
    areas = tuple(an_area(f"{number} {'words ' * 500}".strip()) for number in range(60))
    text = a_draft(a_review(raised=areas, still_open=areas))

    told = sections_of(text)["Areas for development"]
    assert sum(map(len, told)) < MOST_CHARACTERS
    assert told[-1] == f"[Add the other {60 - len(told) + 1} areas: they stand in the dossier.]"
    places = [place for code, place in blocking(office, written(text)) if code == "placeholder"]
    assert places == [f"areas-for-development/{len(told)}"]


def test_the_file_is_named_after_authority_and_year():
    assert open_draft_name(a_review()) == "westmere-annual-review-2011.md"


# Words of earlier letters are read back as they were.

WORDS = st.lists(
    st.text(
        st.one_of(
            st.sampled_from("#-+*_\\<>/!?()[]{}.0123456789`~|&;=\"'“” “abcXYZ"),
            st.characters(exclude_categories=("C", "Z")),
        ),
        min_size=1,
        max_size=12,
    ).filter(
        lambda word: first_unprintable(word) is None and word == word.strip() and " " not in word
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=5))
@example(texts=["---", "- - -", "# One", "1. Two", "***", "<b>x</b>", "a\\", "+", "## #", "1)"])
@example(texts=["*a* _b_ \\*c", "&amp; <!-- x", "12. [a](b)", "> q", "```", "a ---"])
def test_areas_are_read_back_to_the_word(texts):
    areas = tuple(an_area(text, number) for number, text in enumerate(texts, start=1))

    reading = read(a_draft(a_review(raised=areas, still_open=areas, ended=())))

    (section,) = [each for each in reading.sections if each.heading == "Areas for development"]
    assert [passage.text for passage in section.passages] == texts
    assert {(passage.style, passage.emphasis) for passage in section.passages} == {("item", ())}


@settings(max_examples=100, deadline=None)
@given(heading=WORDS, text=WORDS)
@example(heading="a #", text="---")
@example(heading="#", text="0")
@example(heading="##", text="0")
def test_headings_and_paragraphs_are_read_back_to_the_word(heading, text):
    reading = read(f"---\n---\n\n# {as_heading(heading)}\n\n{as_passage(text)}\n")

    assert reading.subject == heading
    assert [(passage.style, passage.text) for passage in reading.opening] == [("paragraph", text)]


def test_a_text_of_several_lines_stays_one_item():
    areas = (an_area("One.\n\n## Judgement\n\nperforms excellently"),)

    text = a_draft(a_review(raised=areas, still_open=areas, ended=()))

    assert sections_of(text)["Areas for development"] == ["One. ## Judgement performs excellently"]


def test_nothing_is_said_to_answer_an_earlier_area():
    assert read(a_draft()).answers == ()
