"""Letters for tests, of an authority and an inspectorate that don't exist.

A test names what it is about and leaves the rest to the builder.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from letters.letter import (
    Addressee,
    Authority,
    Copy,
    Letter,
    Letterhead,
    Passage,
    Section,
    Signatory,
)

WESTMERE = Authority(
    code="westmere", name="Westmere Metropolitan Borough Council", short_name="Westmere"
)
DIRECTOR = Addressee(
    role="director",
    name="Ms Ada Thornbury",
    lines=(
        "Director of Children’s Services",
        "Westmere Metropolitan Borough Council",
        "Weir House, 4 Mill Lane",
        "Westmere WM1 2AB",
    ),
)
INSPECTOR = Signatory(name="Rowan Pike", title="Her Majesty’s Inspector")
CHIEF_EXECUTIVE = Copy(
    role="chief-executive",
    name="Idris Vale",
    line="Idris Vale, Chief Executive, Westmere Metropolitan Borough Council",
)
BOARD_CHAIR = Copy(
    role="safeguarding-board-chair",
    name="Noor Castellan",
    line="Noor Castellan, Chair of the Westmere Safeguarding Children Board",
)


def a_paragraph(text: str) -> Passage:
    """A paragraph that says `text`."""
    return Passage(style="paragraph", text=text)


def an_item(text: str) -> Passage:
    """An item of a list that says `text`."""
    return Passage(style="item", text=text)


def a_section(heading: str, *passages: Passage, level: int = 1, key: str = "") -> Section:
    """A section keyed by its heading: `Areas for development` is `areas-for-development`."""
    return Section.model_validate(
        {
            "key": key or "-".join(heading.lower().split()),
            "heading": heading,
            "passages": passages,
            "level": level,
        }
    )


def a_letter(**changes: Any) -> Letter:
    """A letter of about a page, after an inspection on 14 and 15 February 2011."""
    fields: dict[str, Any] = {
        "reference": "CRA-WESTMERE-2011-02-14",
        "kind": "unannounced-inspection",
        "kind_title": "Unannounced inspection of contact, referral and assessment",
        "authority": WESTMERE,
        "sample": False,
        "letterhead": Letterhead(
            organisation="Inspectorate of Children’s Services",
            lines=("Lantern House", "12 Quay Street", "Port Ashby PA1 3QX", "T 01632 960100"),
        ),
        "date": date(2011, 3, 14),
        "addressees": (DIRECTOR,),
        "salutation": "Dear Ms Thornbury",
        "subject": "Annual unannounced inspection of contact, referral and assessment"
        " arrangements in Westmere",
        "opening": (
            a_paragraph(
                "This letter summarises the findings of the recent unannounced inspection of"
                " contact, referral and assessment arrangements within Westmere, which was"
                " conducted on 14 and 15 February 2011. The inspection was carried out under"
                " section 138 of the Education and Inspections Act 2006."
            ),
            a_paragraph(
                "From the evidence gathered, the following features of the service were identified:"
            ),
        ),
        "sections": (
            a_section(
                "Strengths",
                an_item("Referrals are looked at on the day on which they arrive."),
                an_item("Children are seen alone wherever that is right for them."),
            ),
            a_section(
                "Areas for development",
                an_item("Managers do not always record why they decided as they did."),
            ),
        ),
        "closing": (
            a_paragraph(
                "The areas for development identified above will be considered in any future"
                " inspection of services to safeguard children within your area."
            ),
        ),
        "valediction": "Yours sincerely",
        "signatories": (INSPECTOR,),
        "copies": (CHIEF_EXECUTIVE, BOARD_CHAIR),
    }
    return Letter(**(fields | changes))
