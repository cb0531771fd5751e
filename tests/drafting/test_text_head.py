"""Plain text: letterhead, date, addressees; which kind of letter it is, about which authority."""

from __future__ import annotations

import pytest
from drafts import SUBJECT, a_kind, a_register, a_text, doubts_of, paragraph, read

from letters.letter import Addressee
from tasks.drafting.text.reader import read_text

HEAD = "8 March 2011\n\nMs Jo Ash\nWestmere Council\nTown Hall\n"
ASH = Addressee(role="director", name="Ms Jo Ash", lines=("Westmere Council", "Town Hall"))


@pytest.mark.parametrize(
    ("head", "date", "addressees", "leftovers", "doubts"),
    [
        pytest.param(
            "The Office\nTel 0300 123 1231\nwww.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office", "Tel 0300 123 1231", "www.office.example"),
            [("letterhead-removed", "letterhead")],
            id="a letterhead above the date",
        ),
        pytest.param(
            "The Office T 0300 1231231 a@office.example www.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office T 0300 1231231 a@office.example www.office.example",),
            [("letterhead-removed", "letterhead"), ("letterhead-run-together", "letterhead")],
            id="a letterhead run together",
        ),
        pytest.param(
            "Town     T 0300 1231231     a@office.example     www.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("Town T 0300 1231231 a@office.example www.office.example",),
            [("letterhead-removed", "letterhead")],
            id="a letterhead in columns",
        ),
        pytest.param(
            "sumarises@office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("sumarises@office.example",),
            [("letterhead-removed", "letterhead"), ("letterhead-misspelt", "letterhead")],
            id="a letterhead with a misspelt word",
        ),
        pytest.param(
            "The Office\nHigh Street\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office", "High Street"),
            [("letterhead-removed", "letterhead")],
            id="a letterhead without a telephone",
        ),
        pytest.param(
            "T 0300 1231231\n\nMs Jo Ash\nWestmere Council\nTown Hall",
            "",
            (ASH,),
            ("T 0300 1231231",),
            [("letterhead-removed", "letterhead")],
            id="no date",
        ),
        pytest.param(
            "Ms Jo Ash\nWestmere Council\n\n8 March 2011\nTown Hall",
            "8 March 2011",
            (ASH,),
            (),
            [("addressee-unclear", "addressees/1")],
            id="an address above and below the date",
        ),
        pytest.param(
            HEAD.replace("2011", "20111"),
            "8 March 20111",
            (ASH,),
            (),
            [("date-unclear", "date")],
            id="a date that is none",
        ),
        pytest.param(
            HEAD + "ash@westmere.example\n",
            "8 March 2011",
            (ASH,),
            ("ash@westmere.example",),
            [("contact-line-removed", "addressees")],
            id="an e-mail address in the address",
        ),
        pytest.param(
            "8 March 2011\n\nWestmere Council\nMs Jo Ash\nTown Hall",
            "8 March 2011",
            (ASH,),
            (),
            [("addressee-unclear", "addressees/1")],
            id="a name that stands second",
        ),
        pytest.param(
            "8 March 2011\n\nMr Al Elm\nWestmere Council\nTown Hall",
            "8 March 2011",
            (ASH.model_copy(update={"name": "Mr Al Elm"}),),
            (),
            [("addressee-role-inferred", "addressees/1")],
            id="a name that the register doesn't know",
        ),
        pytest.param(
            HEAD + "\nSam Birch\nWestmere Council",
            "8 March 2011",
            (
                ASH,
                Addressee(role="chief-executive", name="Sam Birch", lines=("Westmere Council",)),
            ),
            (),
            [],
            id="two addressees",
        ),
        pytest.param(
            "8 March 2011\n\nMs Jo Ash, Director, Westmere Council\nSam Birch, Chief Executive\n"
            "Kit Fell, Department",
            "8 March 2011",
            (
                Addressee(role="director", name="Ms Jo Ash", lines=("Director, Westmere Council",)),
                Addressee(role="chief-executive", name="Sam Birch", lines=("Chief Executive",)),
                Addressee(role="department", name="Kit Fell", lines=("Department",)),
            ),
            (),
            [],
            id="an addressee a line",
        ),
        pytest.param(
            "8 March 2011\n\nMs Jo Ash, Director, Westmere Council\nSam Birch, Chief Executive\n"
            "Robin Oak, Chief Constable",
            "8 March 2011",
            (
                Addressee(role="director", name="Ms Jo Ash", lines=("Director, Westmere Council",)),
                Addressee(role="chief-executive", name="Sam Birch", lines=("Chief Executive",)),
                Addressee(role="director", name="Robin Oak", lines=("Chief Constable",)),
            ),
            (),
            [
                ("addressee-role-inferred", "addressees/3"),
                ("addressees-run-together", "addressees"),
            ],
            id="an addressee a line, one of them unknown",
        ),
        pytest.param(
            "8 March 2011\n\nDirector of Services\nAl Oak\nTown Hall",
            "8 March 2011",
            (
                Addressee(
                    role="director", name="Al Oak", lines=("Director of Services", "Town Hall")
                ),
            ),
            (),
            [
                ("addressee-role-inferred", "addressees/1"),
                ("addressee-unclear", "addressees/1"),
            ],
            id="a post above a name that nobody knows",
        ),
        pytest.param(
            "8 March 2011\n\nMs Jo Ash           Sam Birch\nWestmere Council    Chief Executive\n"
            "Town Hall           Town Hall",
            "8 March 2011",
            (
                ASH,
                Addressee(
                    role="chief-executive",
                    name="Sam Birch",
                    lines=("Chief Executive", "Town Hall"),
                ),
            ),
            (),
            [("addressees-side-by-side", "addressees")],
            id="two addressees side by side",
        ),
    ],
)
def test_the_head_is_told_apart(
    head: str,
    date: str,
    addressees: tuple[Addressee, ...],
    leftovers: tuple[str, ...],
    doubts: list[tuple[str, str]],
) -> None:
    reading = read(a_text(head=head))

    assert (reading.date, reading.addressees, reading.leftovers) == (date, addressees, leftovers)
    found = [(code, place) for code, place in doubts_of(reading) if not code.startswith("auth")]
    assert sorted(found) == sorted(doubts)


@pytest.mark.parametrize(
    ("people", "addressees"),
    [
        pytest.param(
            "Sam Birch Chief Executive, Westmere Council, the Town Hall at the\nMarket Square\n"
            "Ms Jo Ash, Director\nKit Fell, Department",
            [
                (
                    "Sam Birch",
                    "Chief Executive, Westmere Council, the Town Hall at the Market Square",
                ),
                ("Ms Jo Ash", "Director"),
                ("Kit Fell", "Department"),
            ],
            id="joined",
        ),
        pytest.param(
            "Ms Jo Ash, Director of Services to Children at the Council of Westmere\n"
            "Kit Fell Department\nSam Birch, Chief Executive\nCouncillor Pat O'Dell, Lead Member",
            [
                ("Ms Jo Ash", "Director of Services to Children at the Council of Westmere"),
                ("Kit Fell", "Department"),
                ("Sam Birch", "Chief Executive"),
                ("Councillor Pat O'Dell", "Lead Member"),
            ],
            id="not joined where a known name begins",
        ),
    ],
)
def test_a_wrapped_line_in_a_list_of_addressees_is(
    people: str, addressees: list[tuple[str, ...]]
) -> None:
    body = "\n".join(["Children are seen promptly and alone where that is right for them"] * 5)

    reading = read(a_text(head=f"8 March 2011\n\n{people}", body=f"{body}\n\nB."))

    assert [(to.name, *to.lines) for to in reading.addressees] == addressees
    assert doubts_of(reading, "addressees-run-together") == []


def test_the_post_says_the_role_where_the_kind_has_several() -> None:
    kind = a_kind(addressee_roles=("director", "chief-constable", "probation-board"))
    head = "8 March 2011\n\nAl Oak\nDirector, Probation Board\n\nDr Ivy\nTown Hall"

    reading = read_text(a_text(head=head), register=a_register(), kinds=(kind,), source="draft.txt")

    assert [(to.name, to.role) for to in reading.addressees] == [
        ("Al Oak", "probation-board"),
        ("Dr Ivy", "director"),
    ]
    assert doubts_of(reading) == [
        ("addressee-role-inferred", "addressees/1"),
        ("addressee-role-unknown", "addressees/2"),
    ]


def test_a_text_without_salutation_keeps_every_word() -> None:
    reading = read(
        "Words.\n\nMore words.\n\nYours sincerely\n\nRobin Grey\nHer Majesty's Inspector\n"
    )

    assert reading.opening == (paragraph("Words."), paragraph("More words."))
    assert doubts_of(reading, "salutation-missing") == [("salutation-missing", "salutation")]


@pytest.mark.parametrize(
    ("subject", "kind", "doubts"),
    [
        pytest.param(SUBJECT.upper(), "unannounced-inspection", [], id="the title in capitals"),
        pytest.param("Inspection of Westmere", "", [("kind-unknown", "kind")], id="another title"),
        pytest.param(f"{SUBJECT}.", "unannounced-inspection", [], id="a full stop at the end"),
        pytest.param(
            SUBJECT.replace("inspection of", "inspection in Westmere of"),
            "unannounced-inspection",
            [],
            id="the authority within the title",
        ),
        pytest.param(
            f"We write about the {SUBJECT[0].lower()}{SUBJECT[1:]}.",
            "",
            [("kind-unknown", "kind"), ("subject-unclear", "subject")],
            id="a sentence that says the title",
        ),
    ],
)
def test_the_kind_is_told_by_the_subject(
    subject: str, kind: str, doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(subject=subject))

    assert (reading.kind, reading.subject, doubts_of(reading)) == (kind, subject, doubts)


def test_of_two_titles_the_longer_is_the_kind() -> None:
    kinds = (a_kind(), a_kind(id="short", code="SH", title="Annual unannounced inspection"))

    reading = read_text(a_text(), register=a_register(), kinds=kinds, source="draft.txt")

    assert (reading.kind, reading.doubts) == ("unannounced-inspection", ())


def test_the_kind_is_told_by_its_headings_with_a_doubt() -> None:
    headings = ("Strengths:", "Satisfactory practice", "Areas for development")
    body = "Opening.\n\n" + "\n\n".join(f"{heading}\n\n- a." for heading in headings)

    reading = read(a_text(subject="Inspection of Westmere", body=body))

    assert reading.kind == "unannounced-inspection"
    assert tuple(section.heading for section in reading.sections) == headings
    assert doubts_of(reading) == [("kind-from-headings", "kind")]


@pytest.mark.parametrize(
    ("council", "authority", "doubts"),
    [
        pytest.param("WESTMERE COUNCIL", "westmere", [], id="the name in capitals"),
        pytest.param("North Westmere Council", "north-westmere", [], id="a name in a longer one"),
        pytest.param("Council of Westmere", "westmere", [], id="the short name, as in the subject"),
        pytest.param(
            "Westmere Council, North Westmere Council",
            "north-westmere",
            [],
            id="the longer of two names",
        ),
        pytest.param(
            "Eastmere Council",
            "westmere",
            [("authority-inferred", "authority")],
            id="the subject's short name, another council in the address",
        ),
    ],
)
def test_the_authority_is_told_by_the_register(
    council: str, authority: str, doubts: list[tuple[str, str]]
) -> None:
    head = f"8 March 2011\n\nMs Jo Ash\nDirector\n{council}"

    reading = read(a_text(head=head))

    assert reading.authority == authority
    assert doubts_of(reading, "authority-inferred", "authority-unknown") == doubts


@pytest.mark.parametrize(
    "place", ["South Westmere", "Westmere East", "Westmere and Westmere Vale"], ids=str
)
def test_a_short_name_within_another_name_is_a_doubt(place: str) -> None:
    reading = read(
        a_text(head="8 March 2011\n\nMs Jo Ash", subject=SUBJECT.replace("Westmere", place))
    )

    found = doubts_of(reading, "authority-inferred")
    assert reading.authority == "westmere"
    # By itself it stands in the last one, once.
    assert (found == []) is place.startswith("Westmere and")


def test_two_authorities_of_one_short_name_are_not_chosen_between() -> None:
    register = a_register()
    first, second = register.authorities
    twin = second.model_copy(update={"name": "Westmere City", "short_name": "Westmere"})

    reading = read_text(
        a_text(head="8 March 2011\n\nMs Jo Ash\nWestmere"),
        register=register.model_copy(update={"authorities": (first, twin)}),
        kinds=(a_kind(),),
        source="draft.txt",
    )

    assert reading.authority == ""
    assert doubts_of(reading, "authority-unknown") == [("authority-unknown", "authority")]


def test_an_unknown_authority_is_a_blocking_doubt() -> None:
    reading = read(a_text(head="8 March 2011\n\nMs Jo Ash\nEastmere", subject="Inspection"))

    assert reading.authority == ""
    assert doubts_of(reading, "authority-unknown") == [("authority-unknown", "authority")]
