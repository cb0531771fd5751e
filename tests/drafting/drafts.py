"""Builders for the tests of the readers."""

from __future__ import annotations

from datetime import date

from letters.kind import Kind, SectionRule, SignatoryTitle, Standard
from letters.letter import Authority, Passage
from letters.reading import Reading
from letters.register import Contact, Inspector, Register
from tasks.drafting.text.reader import read_text


def a_kind(**changes: object) -> Kind:
    """Return the kind of the yearly unannounced inspections."""
    fields: dict[str, object] = {
        "id": "unannounced-inspection",
        "code": "CRA",
        "title": "Annual unannounced inspection of contact, referral and assessment arrangements",
        "deadline_working_days": 20,
        "sections": (
            SectionRule(key="strengths", heading="Strengths", style="items"),
            SectionRule(
                key="satisfactory-practice", heading="Satisfactory practice", style="items"
            ),
            SectionRule(
                key="areas-for-development", heading="Areas for development", style="items"
            ),
        ),
        "statutory_basis": (),
        "signatory_titles": (
            SignatoryTitle(title="Her Majesty's Inspector", until=date(2022, 9, 8)),
            SignatoryTitle(title="His Majesty's Inspector", since=date(2022, 9, 9)),
        ),
        "copy_roles": ("chief-executive", "safeguarding-board-chair", "lead-member", "department"),
        "standard": Standard(closing="When we next inspect {{ authority }}, we shall look."),
    }
    return Kind.model_validate(fields | changes)


def a_register() -> Register:
    """Return the register of an office that writes to Westmere."""
    return Register(
        authorities=(
            Authority(code="westmere", name="Westmere Council", short_name="Westmere"),
            Authority(
                code="north-westmere", name="North Westmere Council", short_name="North Westmere"
            ),
        ),
        contacts=(
            Contact(authority="westmere", role="director", name="Ms Jo Ash", email=None),
            Contact(authority="westmere", role="chief-executive", name="Sam Birch", email=None),
            Contact(
                authority="westmere", role="lead-member", name="Councillor Pat O'Dell", email=None
            ),
            Contact(authority="north-westmere", role="chief-executive", name="Al Elm", email=None),
            Contact(authority="*", role="department", name="Kit Fell", email=None),
        ),
        inspectors=(Inspector(id="rgrey", name="Robin Grey", email="r@inspectorate.example"),),
    )


SUBJECT = (
    "Annual unannounced inspection of contact, referral and assessment arrangements in Westmere"
)


def a_text(
    *,
    head: str = "8 March 2011\n\nMs Jo Ash\nDirector of Children's Services\nWestmere Council\n",
    salutation: str = "Dear Ms Ash",
    subject: str = SUBJECT,
    body: str = "This letter summarises the findings.\n\nStrengths\n\n- One strength.\n",
    valediction: str = "Yours sincerely",
    tail: str = "Robin Grey\nHer Majesty's Inspector\n",
) -> str:
    """Write a letter in plain text, any part of it another one."""
    parts = (head, salutation, subject, body, valediction, tail)
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def read(text: str) -> Reading:
    """Read a plain text with the builders' kind and register."""
    return read_text(text, register=a_register(), kinds=(a_kind(),), source="draft.txt")


def doubts_of(reading: Reading, *codes: str) -> list[tuple[str, str]]:
    """Return code and place of the doubts, of all or of the codes named."""
    return [(d.code, d.place) for d in reading.doubts if not codes or d.code in codes]


LIST = "Opening.\n\nStrengths\n\n"

WRAPPED = (
    "The inspection looked at the quality of referral and of assessment in the area and\n"
    "found that most children are seen promptly and alone where that is right for them.\n"
    "Managers read what their staff write down and ask them about it in supervision now."
)
"""As a PDF's text is: lines of some 80 characters."""


def item(text: str) -> Passage:
    """Return an item of a list."""
    return Passage(style="item", text=text)


def paragraph(text: str) -> Passage:
    """Return a paragraph."""
    return Passage(style="paragraph", text=text)
