"""From a reading to a letter: words, problems, recipients, reference."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.addressing import find_recipients, unused
from letters.canonical import sha256_hex
from letters.inspection import inspection_in
from letters.known import NOTHING_KNOWN
from letters.letter import Addressee, Fact, Passage, Section, Signatory
from letters.problem import Doubt
from letters.reading import Clearance, CopyLine, Reading, ReadSection
from letters.recipient import Recipient
from tasks.drafting.register_files import load_register
from tests.letters.readings import (
    KIND,
    KINDS,
    LETTERHEAD,
    OPENING,
    POSTS,
    WESTMERE,
    a_contact,
    a_director,
    a_read_section,
    a_reading,
    a_register,
    composed,
    copy_lines,
    paragraphs,
    told,
)

ELMSLEY = Signatory(name="Harriet Elmsley", title="Her Majesty’s Inspector")
REYNE = Signatory(name="Tobias Reyne", title="Her Majesty’s Inspector")


def test_the_letter_says_what_the_draft_said():
    letter = composed().letter

    assert letter is not None
    assert letter.model_dump(exclude={"facts"}) == {
        "layout": 1,
        "reference": "CRA-WESTMERE-2011-03-08",
        "kind": "unannounced-inspection",
        "kind_title": KIND.title,
        "authority": WESTMERE.model_dump(),
        "sample": True,
        "letterhead": LETTERHEAD.model_dump(),
        "date": date(2011, 4, 4),
        "addressees": (a_director().model_dump(),),
        "salutation": "Dear Ms Prydderch",
        "subject": f"{KIND.title} in Westmere Borough Council",
        "opening": ({"style": "paragraph", "text": OPENING},),
        "sections": tuple(
            {
                "key": key,
                "heading": heading,
                "passages": tuple({"style": "item", "text": text} for text in texts),
                "level": 1,
            }
            for key, heading, texts in (
                ("strengths", "Strengths", ["Calls are answered at once."]),
                (
                    "satisfactory-practice",
                    "Satisfactory practice",
                    ["Children are seen.", "Staff are trained."],
                ),
                (
                    "areas-for-development",
                    "Areas for development",
                    ["Reasons are seldom written down."],
                ),
            )
        ),
        "closing": ({"style": "paragraph", "text": "We shall come back to these areas."},),
        "valediction": "Yours sincerely",
        "signatories": (ELMSLEY.model_dump(),),
        "copies": tuple(copy.model_dump() for copy in copy_lines()),
        "composed": (),
    }
    assert [(fact.kind, fact.place) for fact in letter.facts] == [
        ("inspection-dates", "opening/1"),
        ("statutory-basis", "opening/1"),
    ]


def test_a_draft_without_fault_has_no_problem_and_all_recipients():
    composition = composed()

    assert composition.problems == ()
    assert not composition.is_blocked
    assert composition.recipients == tuple(
        Recipient(id=role, role=role, name=name, email=email) for _, role, name, email in POSTS
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"kind": "unanounced-inspection"},
            [("kind-unknown", "kind", "blocks")],
            id="an unknown kind",
        ),
        pytest.param(
            {"kind": ""},
            [("kind-missing", "kind", "blocks")],
            id="no kind",
        ),
        pytest.param(
            {"authority": "eastmere"},
            [("authority-unknown", "authority", "blocks")],
            id="an unknown authority",
        ),
        pytest.param(
            {"authority": ""}, [("authority-missing", "authority", "blocks")], id="no authority"
        ),
        pytest.param({"date": " "}, [("date-missing", "date", "blocks")], id="no date"),
        pytest.param(
            {"date": "4 April 20111"},
            [("date-unreadable", "date", "blocks")],
            id="a year of five digits",
        ),
        pytest.param(
            {"date": "31 April 2011"},
            [("date-unreadable", "date", "blocks")],
            id="a day that doesn't exist",
        ),
        pytest.param(
            {"copies": (*copy_lines(), CopyLine(line="Jo Ash, Chair"))},
            [("recipient-unclear", "copies/5", "blocks")],
            id="a copy to nobody knows whom",
        ),
        pytest.param(
            {"copies": (CopyLine(line="x", role="department"), *copy_lines()[:3])},
            [
                ("recipient-unclear", "copies/1", "blocks"),
                ("copy-role-missing", "copies", "blocks"),
            ],
            id="a role without a name, where the other rules are asked all the same",
        ),
        pytest.param(
            {"opening": paragraphs("We inspected in the spring.")},
            [("inspection-dates-missing", "opening", "blocks")],
            id="no inspection days, so no reference",
        ),
        pytest.param({"opening": ()}, [("opening-missing", "opening", "blocks")], id="no opening"),
        pytest.param(
            {"addressees": ()}, [("addressee-missing", "addressees", "blocks")], id="no addressee"
        ),
        pytest.param({"subject": ""}, [("subject-missing", "subject", "blocks")], id="no subject"),
        pytest.param(
            {"signatories": ()},
            [("signatory-missing", "signatories", "blocks")],
            id="no signatory",
        ),
        pytest.param(
            {"subject": "x" * 401},
            [("field-invalid", "subject", "blocks")],
            id="a subject longer than a line can be",
        ),
        pytest.param(
            {"sections": (a_read_section("", "x"), *a_reading().sections)},
            [
                ("section-unknown", "section-1", "blocks"),
                ("field-invalid", "sections/1/heading", "blocks"),
            ],
            id="a heading without words",
        ),
        pytest.param(
            {
                "kind": "review",
                "authority": "eastmere",
                "date": "",
                "signatories": (),
                "doubts": (Doubt(code="line-joined", place="strengths/1", read="a", proposed="b"),),
            },
            [
                ("line-joined", "strengths/1", "blocks"),
                ("kind-unknown", "kind", "blocks"),
                ("authority-unknown", "authority", "blocks"),
                ("date-missing", "date", "blocks"),
                ("signatory-missing", "signatories", "blocks"),
            ],
            id="everything at once",
        ),
    ],
)
def test_what_keeps_a_letter_from_being_built(changes, expected):
    composition = composed(a_reading(**changes))

    assert told(composition.problems) == expected
    assert composition.letter is None
    assert composition.is_blocked


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"sections": (*a_reading().sections, a_read_section("Leadership", "Good."))},
            [("section-unknown", "leadership", "blocks")],
            id="a section that the kind doesn't know",
        ),
        pytest.param(
            {"sections": (*a_reading().sections, a_read_section("Team A", "Good.", level=3))},
            [],
            id="a subsection may have any heading",
        ),
        pytest.param(
            {"sections": (*a_reading().sections, a_read_section("Opening", "Good."))},
            [("section-unknown", "opening-2", "blocks")],
            id="a section called like another part",
        ),
        pytest.param(
            {"sections": (*a_reading().sections, a_read_section("STRENGTHS:", "More."))},
            [("section-twice", "strengths-2", "blocks")],
            id="a section that stands twice",
        ),
        pytest.param(
            {"salutation": "Dear Mr Cooper", "date": "9 April 2011", "valediction": "Yours"},
            [
                ("date-not-working-day", "date", "warns"),
                ("deadline-passed", "date", "warns"),
                ("salutation-of-another", "salutation", "blocks"),
                ("valediction-wrong", "valediction", "blocks"),
            ],
            id="what the checks find",
        ),
        pytest.param(
            {"copies": copy_lines()[1:]},
            [("copy-role-missing", "copies", "blocks")],
            id="someone who gets no copy",
        ),
    ],
)
def test_what_is_wrong_with_a_letter_that_can_be_built(changes, expected):
    composition = composed(a_reading(**changes))

    assert told(composition.problems) == expected
    assert composition.letter is not None


def test_sections_keep_their_headings_and_have_keys_of_their_own():
    read = ("Areas of strength:", "Über Practice!", "Strengths", "???")
    letter = composed(a_reading(sections=tuple(a_read_section(h, "x") for h in read))).letter

    assert letter is not None
    assert [(section.key, section.heading) for section in letter.sections] == [
        ("strengths", "Areas of strength:"),
        ("uber-practice", "Über Practice!"),
        ("strengths-2", "Strengths"),
        ("section-4", "???"),
    ]


# Standard words


@pytest.mark.parametrize(
    ("left_out", "places", "words"),
    [
        ("salutation", ("salutation",), "Dear Ms Prydderch"),
        ("valediction", ("valediction",), "Yours sincerely"),
        (
            "closing",
            ("closing/1",),
            (
                Passage(
                    style="paragraph",
                    text="When we next inspect how Westmere Borough Council safeguards children, "
                    "we shall look in particular at what has been done about the areas for "
                    "development set out in this letter.",
                ),
            ),
        ),
    ],
)
def test_standard_words_stand_only_where_the_draft_leaves_them_out(left_out, places, words):
    empty = () if left_out == "closing" else ""
    composition = composed(a_reading(**{left_out: empty}))

    assert composition.problems == ()
    assert composition.letter is not None
    assert getattr(composition.letter, left_out) == words
    assert composition.letter.composed == places


def test_a_closing_of_several_paragraphs_is_as_many_passages():
    standard = KIND.standard.model_copy(update={"closing": "One\nline.\n\n{{ short_name }}.\n\n"})
    kinds = {KIND.id: KIND.model_copy(update={"standard": standard})}
    letter = composed(a_reading(closing=()), kinds=kinds).letter

    assert letter is not None
    assert letter.closing == paragraphs("One line.", "Westmere.")
    assert letter.composed == ("closing/1", "closing/2")


def test_a_kind_without_a_standard_closing_leaves_the_letter_without():
    standard = KIND.standard.model_copy(update={"closing": None})
    kinds = {KIND.id: KIND.model_copy(update={"standard": standard})}
    letter = composed(a_reading(closing=()), kinds=kinds).letter

    assert letter is not None
    assert (letter.closing, letter.composed) == ((), ())


@pytest.mark.parametrize(
    ("signatories", "is_sample"),
    [((ELMSLEY,), True), ((REYNE,), False), ((REYNE, ELMSLEY), True)],
    ids=["a sample inspector", "a real one", "one of two is a sample inspector"],
)
def test_a_letter_that_a_sample_inspector_signs_is_a_sample(signatories, is_sample):
    letter = composed(a_reading(signatories=signatories)).letter

    assert letter is not None
    assert letter.sample is is_sample


# Doubts and what is cleared


def a_clearance(code: str, place: str, *, words: str) -> Clearance:
    return Clearance(code=code, place=place, why="Seen by HMI.", words=sha256_hex(words.encode()))


def test_doubts_are_problems_until_they_are_cleared():
    open_doubt = Doubt(code="line-joined", place="strengths/1", read="a b", proposed="ab")
    doubt = Doubt(code="date-split", place="date", read="x", proposed="y")
    harmless = Doubt(code="word", place="opening/1", read="x", proposed="y", is_blocking=False)
    clearance = a_clearance("date-split", "date", words="4 April 2011\nx\ny")

    composition = composed(a_reading(doubts=(open_doubt, doubt, harmless), clearances=(clearance,)))

    assert told(composition.problems) == [
        ("line-joined", "strengths/1", "blocks"),
        ("word", "opening/1", "warns"),
    ]
    assert composition.problems[0].message == (
        "Read: “a b”. Proposed: “ab”. "
        "Correct the draft where that is wrong; then clear the doubt with a reason "
        "(`letters clear`)."
    )
    cleared = doubt.model_copy(update={"accepted": True, "why": "Seen by HMI."})
    assert composition.doubts_cleared == (cleared,)


# The reference


def test_only_the_opening_tells_when_the_inspection_was():
    days = {"first": "2011-03-08", "last": "2011-03-09"}
    earlier, own = (
        Fact(kind="inspection-dates", place=place, start=0, end=1, value=value)
        for place, value in (("strengths/1", {"first": "x", "last": "x"}), ("opening/2", days))
    )

    assert inspection_in([earlier]) is None
    assert inspection_in([earlier, own]) == (date(2011, 3, 8), date(2011, 3, 9))


@pytest.mark.parametrize(
    ("known", "is_near"),
    [
        ("CRA-WESTMERE-2011-03-08", False),
        ("CRA-WESTMERE-2011-03-09", True),
        ("CRA-WESTMERE-2011-02-08", True),
        ("CRA-WESTMERE-2011-05-07", True),
        ("CRA-WESTMERE-2011-05-08", False),
        ("CRA-WESTMERE-2011-01-06", False),
        ("CRA-EASTMERE-2011-03-09", False),
        ("JTAI-WESTMERE-2011-03-09", False),
        ("CRA-WESTMERE-NORTH-2011-03-09", False),
        ("CRA-WESTMERE-2011", False),
    ],
)
def test_another_letter_within_60_days_blocks(known, is_near):
    composition = composed(known=NOTHING_KNOWN._replace(references=lambda _: [known]))

    expected = [("reference-near-another", "opening", "blocks")] if is_near else []
    assert told(composition.problems) == expected


def test_every_near_letter_is_told():
    known = ["CRA-WESTMERE-2011-03-01", "CRA-WESTMERE-2011-03-09"]
    composition = composed(known=NOTHING_KNOWN._replace(references=lambda _: known))
    assert [problem.message for problem in composition.problems] == [
        f"The letter would be CRA-WESTMERE-2011-03-08, but there is {reference}, whose inspection "
        f"began {away} away. If it is the same inspection, give its days in the opening as that "
        "letter does; if it is another, override this with the reason."
        for reference, away in zip(known, ["7 days", "1 day"], strict=True)
    ]


def by_year(subject):
    kinds = {KIND.id: KIND.model_copy(update={"reference_by": "year", "statutory_basis": ()})}
    reading = a_reading(subject=subject, opening=paragraphs("It was a good year."))
    return composed(reading, kinds=kinds)


@pytest.mark.parametrize("year", [2009, 2010, 2011])
def test_a_kind_may_be_named_by_the_year_that_its_letter_is_about(year):
    composition = by_year(f"Annual review of Westmere, {year}")

    assert composition.problems == ()
    assert composition.letter is not None
    assert composition.letter.reference == f"CRA-WESTMERE-{year}"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        pytest.param("Annual review of Westmere", "no one year", id="none"),
        pytest.param("Annual review of Westmere, 2009 and 2010", "no one year", id="two"),
        pytest.param(
            "Annual review of Westmere, 2010/2011",
            "no one year",
            id="a year from spring to spring",
        ),
        pytest.param("Annual review of Westmere, 2012", "names 2012, which was", id="one to come"),
        pytest.param(
            "Annual review of Westmere, 2008", "names 2008, more than 2 years", id="one long past"
        ),
        pytest.param("Annual review of Westmere, file 20104", "no one year", id="any number"),
    ],
)
def test_a_yearly_letter_whose_heading_names_no_one_year_is_blocked(subject, told):
    (problem,) = by_year(subject).problems

    assert (problem.code, problem.place) == ("year-not-named", "subject")
    assert told in problem.message
    assert "dated in 2011 is about one of the years 2009 to 2011" in problem.message


@pytest.mark.parametrize("named", ["westmere", "Westmere", "WESTMERE BOROUGH COUNCIL"])
def test_an_authority_goes_by_code_or_name(named):
    assert composed(a_reading(authority=named)).problems == ()


# Recipients


def test_a_person_outside_the_register_blocks_and_the_row_to_add_is_told():
    copies = (*copy_lines()[:3], CopyLine(line="x", role="department", name="Ash, Jo"))
    composition = composed(a_reading(copies=copies))

    (problem,) = composition.problems
    assert (problem.code, problem.place) == ("recipient-not-in-register", "copies/4")
    assert problem.message == (
        "“Ash, Jo” doesn't hold the post “department” for Westmere Borough Council in the "
        "register; there it is held by Martin Ashgrove. Correct the name in the draft, letter for "
        "letter, or add to contacts.csv the row: "
        'westmere,department,"Ash, Jo",<e-mail address>'
    )
    assert [recipient.role for recipient in composition.recipients] == [p[1] for p in POSTS[:4]]


@pytest.mark.parametrize(
    "name",
    ["Ms Siân Pryderch", "ms siân prydderch", "Siân Prydderch", "Martin Ashgrove"],
    ids=["misspelt", "in other case", "without the title", "who holds another post"],
)
def test_role_and_name_must_both_agree(name):
    reading = a_reading(addressees=(a_director(name),), salutation=f"Dear {name}")
    problems = [problem for problem in composed(reading).problems if problem.is_blocking]
    assert told(tuple(problems)) == [("recipient-not-in-register", "addressees/1", "blocks")]


def test_a_post_without_address_blocks():
    register = a_register(
        a_contact("westmere", "lead-member", POSTS[3][2], None), without=POSTS[3][2]
    )
    (problem,) = composed(register=register).problems

    assert (problem.code, problem.place) == ("recipient-without-address", "copies/3")
    assert problem.message == (
        "The register has no e-mail address for Councillor Noreen Fairhurst MBE. In contacts.csv, "
        "fill in the column email of the row: westmere,lead-member,"
        "Councillor Noreen Fairhurst MBE,"
    )


def test_two_recipients_of_one_address_block_whatever_its_case():
    register = a_register(
        a_contact("westmere", "lead-member", POSTS[3][2], "DIRECTOR@westmere.example"),
        without=POSTS[3][2],
    )
    composition = composed(register=register)

    assert told(composition.problems) == [("recipient-twice", "copies/3", "blocks")]
    assert len(composition.recipients) == 4


def test_a_role_that_repeats_is_numbered():
    register = a_register(a_contact("westmere", "director", "Mr Tom Birch", "tom@w.example"))
    reading = a_reading(
        addressees=(a_director(), a_director("Mr Tom Birch")),
        salutation="Dear Ms Prydderch and Mr Birch",
    )
    composition = composed(reading, register=register)

    assert composition.problems == ()
    assert [recipient.id for recipient in composition.recipients] == [
        "director",
        "director-2",
        *(role for _, role, _, _ in POSTS[1:]),
    ]


@given(st.lists(st.sampled_from(["a", "a-2", "a-3", "b"]), max_size=8))
def test_recipients_never_share_an_id(roles):
    people = [(role, f"Person {number}") for number, role in enumerate(roles)]
    register = a_register(
        *(a_contact("westmere", role, n, f"p{i}@w.example") for i, (role, n) in enumerate(people))
    )
    recipients, problems = find_recipients(
        [Addressee(role=role, name=name) for role, name in people],
        [],
        register=register,
        authority=WESTMERE,
    )

    assert problems == ()
    assert [(r.role, r.name) for r in recipients] == people
    assert len({r.id for r in recipients}) == len(people)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [([], "a"), (["b"], "a"), (["a"], "a-2"), (["a", "a-2"], "a-3"), (["a", "a-3"], "a-2")],
)
def test_unused(taken, expected):
    assert unused("a", taken) == expected


def test_subsections_below_the_second_level_are_of_the_second():
    sections = (*a_reading().sections, a_read_section("Deep", "x", level=4))
    letter = composed(a_reading(sections=sections)).letter
    assert letter is not None
    assert letter.sections[-1] == Section(
        key="deep", heading="Deep", passages=(Passage(style="item", text="x"),), level=2
    )


# The letter that the product was conceived from

SHARED = Path(__file__).parents[3] / "shared"


WIRRAL_COPIES = (
    ("chief-executive", "Stephen Maddox"),
    ("safeguarding-board-chair", "Dennis Charlton"),
    ("lead-member", "Councillor Mrs Sheila Clarke MBE"),
    ("department", "Andrew Spencer"),
)


def the_wirral_draft() -> Reading:
    """The public letter, its sections taken by their headings, nothing put right."""
    text = (SHARED / "letters" / "wirral-2010-08-18.txt").read_text(encoding="utf-8")
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    subject, strengths, practice, development, end = (
        blocks.index(next(b for b in blocks if b.startswith(begin)))
        for begin in ("Annual", "Strengths", "Satisfactory", "Areas for", "Yours")
    )
    items = [
        tuple(Passage(style="item", text=t) for t in re.split(r"(?:^| )- ", " ".join(part)) if t)
        for part in (
            blocks[strengths + 1 : practice],
            blocks[practice + 1 : development],
            blocks[development + 1 : end - 1],
        )
    ]
    return Reading(
        kind="unannounced-inspection",
        authority="wirral",
        date=blocks[1],
        addressees=(
            Addressee(
                role="director",
                name="Mr Howard Cooper",
                lines=("Director of Children's Services", "Wirral Metropolitan Borough Council"),
            ),
        ),
        salutation=blocks[subject - 1],
        subject=blocks[subject],
        opening=paragraphs(*blocks[subject + 1 : strengths]),
        sections=tuple(
            ReadSection(heading=blocks[at], passages=found)
            for at, found in zip((strengths, practice, development), items, strict=True)
        ),
        closing=paragraphs(blocks[end - 1]),
        valediction=blocks[end],
        signatories=(Signatory(name="Jenny Gwilt", title="Her Majesty's Inspector"),),
        copies=tuple(CopyLine(line=name, role=role, name=name) for role, name in WIRRAL_COPIES),
    )


# The public letters are no part of the product: without them there is nothing to collect.
if SHARED.is_dir():

    def test_the_letter_the_product_was_conceived_from_has_no_problem():
        composition = composed(
            the_wirral_draft(), register=load_register(SHARED / "office-wirral"), kinds=KINDS
        )

        assert composition.problems == ()
        assert composition.letter is not None
        assert composition.letter.reference == "CRA-WIRRAL-2010-07-20"
        assert [(r.id, r.name) for r in composition.recipients] == [
            ("director", "Mr Howard Cooper"),
            *WIRRAL_COPIES,
        ]
