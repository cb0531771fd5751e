"""Readings for tests: the draft of a letter to Westmere, and the office that gets it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from letters.compose import Composition, compose
from letters.facts import find_facts
from letters.letter import Addressee, Authority, Letter, Letterhead, Passage, Signatory
from letters.problem import Problem
from letters.reading import CopyLine, Reading, ReadSection
from letters.register import Contact, Inspector, Register
from tasks.drafting.kind_files import load_kinds
from tasks.templating import render_string

KINDS = load_kinds(files("config") / "kinds")
KIND = KINDS["unannounced-inspection"]
LETTERHEAD = Letterhead(organisation="Inspectorate of Children’s Services")
WESTMERE = Authority(code="westmere", name="Westmere Borough Council", short_name="Westmere")
OPENING = (
    "This letter says what inspectors found on 8 and 9 March 2011. The inspection was carried out "
    "under section 138 of the Education and Inspections Act 2006."
)
POSTS = (
    ("westmere", "director", "Ms Siân Prydderch", "director@westmere.example"),
    ("westmere", "chief-executive", "Łukasz Wierzbicki", "chief.executive@westmere.example"),
    ("westmere", "safeguarding-board-chair", "Zoë Lindqvist", "chair@board.example"),
    ("westmere", "lead-member", "Councillor Noreen Fairhurst MBE", "member@westmere.example"),
    ("*", "department", "Martin Ashgrove", "letters@department.example"),
)


def a_contact(authority: str, role: str, name: str, email: str | None) -> Contact:
    return Contact(authority=authority, role=role, name=name, email=email)


def a_register(*more: Contact, without: str = "", **changes: Any) -> Register:
    """The register, with more contacts, and without those of one name."""
    contacts = [a_contact(*post) for post in POSTS if post[2] != without]
    fields: dict[str, Any] = {
        "authorities": (WESTMERE,),
        "contacts": (*contacts, *more),
        "inspectors": (
            Inspector(id="helmsley", name="Harriet Elmsley", email="h@i.example", sample=True),
            Inspector(id="treyne", name="Tobias Reyne", email="t@i.example"),
        ),
    }
    return Register(**(fields | changes))


def paragraphs(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(style="paragraph", text=text) for text in texts)


def a_read_section(heading: str, *items: str, level: int = 1) -> ReadSection:
    passages = tuple(Passage(style="item", text=item) for item in items)
    return ReadSection(heading=heading, passages=passages, level=level)


def a_director(name: str = "Ms Siân Prydderch", role: str = "director") -> Addressee:
    return Addressee(role=role, name=name, lines=("Westmere Borough Council",))


def copy_lines() -> tuple[CopyLine, ...]:
    return tuple(CopyLine(line=f"{n}, {role}", role=role, name=n) for _, role, n, _ in POSTS[1:])


def a_reading(**changes: Any) -> Reading:
    """A draft without fault, all its words its own."""
    fields: dict[str, Any] = {
        "kind": "unannounced-inspection",
        "authority": "westmere",
        "date": "4 April 2011",
        "addressees": (a_director(),),
        "salutation": "Dear Ms Prydderch",
        "subject": f"{KIND.title} in Westmere Borough Council",
        "opening": paragraphs(OPENING),
        "sections": (
            a_read_section("Strengths", "Calls are answered at once."),
            a_read_section("Satisfactory practice", "Children are seen.", "Staff are trained."),
            a_read_section("Areas for development", "Reasons are seldom written down."),
        ),
        "closing": paragraphs("We shall come back to these areas."),
        "valediction": "Yours sincerely",
        "signatories": (Signatory(name="Harriet Elmsley", title="Her Majesty’s Inspector"),),
        "copies": copy_lines(),
    }
    return Reading(**(fields | changes))


def composed(reading: Reading | None = None, **changes: Any) -> Composition:
    arguments: dict[str, Any] = {
        "register": a_register(),
        "kinds": KINDS,
        "letterhead": LETTERHEAD,
        "render_standard": render_string,
        "find_facts": find_facts,
    }
    return compose(reading or a_reading(), **(arguments | changes))


def a_letter(**changes: Any) -> Letter:
    """The letter of that draft, with other parts, its facts found anew."""
    letter = composed().letter
    assert letter is not None
    changed = Letter.model_validate({**dict(letter), **changes})
    return changed.model_copy(update={"facts": find_facts(changed.passages())})


def an_opening(days: str, *, basis: str = "section 138 of the Education and Inspections Act 2006"):
    return {
        "opening": paragraphs(
            f"The inspection took place on {days}. It was carried out under {basis}."
        )
    }


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    """Each problem as code, place, and whether it blocks."""
    return [(p.code, p.place, "blocks" if p.is_blocking else "warns") for p in problems]
