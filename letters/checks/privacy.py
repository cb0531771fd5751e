"""Numbers and addresses of persons, which no published letter may show.

Names, and groups so small that their members are known, are `persons`' matter; e-mail
addresses are `addresses`'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.checks.wording import body_texts
from letters.letter import MONTHS, Letter

SOURCE = "UK GDPR, art. 5(1)(c): no more of a person than is needed."

_TEN_DIGITS = re.compile(r"(?<![\d+])(\d{3})([ -]?)(\d{3})\2(\d{4})(?!\d)", re.ASCII)
_SAID_TO_BE_NHS = re.compile(r"\bNHS(?: (?:number|no\.?|id))?[:\s(]{0,3}(?:is |was )?$", re.I)

_MONTH = "|".join((*MONTHS, *(f"{month[:3]}\\.?" for month in MONTHS), "Sept"))
_DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH}),?(?: (?:19|20)\d\d)?"
    rf"|(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    r"|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d)"
)
_BIRTH = re.compile(
    r"(?:\b(?:born|birth|birthday|D\.?O\.?B|turn(?:ed|s|ing)? (?:\d{1,2}|eighteen|sixteen))\b\.?"
    r"|(?<![\w.])b\.)"
    rf"(?P<between>[^.;!?\n]{{0,40}}?)(?<![\w/]){_DAY}(?![\w/])",
    re.IGNORECASE,
)
_OF_MANY = re.compile(r"\b(?:since|after|before|between|from|until|till|by)\b", re.IGNORECASE)

_POSTCODE = re.compile(r"(?<![A-Z\d])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}(?![A-Z\d])")
_CAPITAL = r"[A-Z][\w’'.-]{0,30}"
_HOUSE = r"(?:[Ff]lat \d{1,3}[A-Za-z]?,? )?(?:No\. ?)?(?<![\d/,£-])\b\d{1,3}[A-Za-z]?,?"
_STREET = re.compile(
    rf"{_HOUSE} (?!(?:Family|Crown|County|Youth|High) Court\b)(?:{_CAPITAL} ){{1,4}}"
    r"(?:Street|St|Road|Rd|Lane|Avenue|Ave|Crescent|Terrace|Drive|Close|Grove|Mews|Gardens|Green|"
    r"Way|Court|Place|Square|Walk|Row|Hill|Rise|Parade|View|Park|Croft|Vale)\b"
)
_BEFORE_POSTCODE = re.compile(rf"{_HOUSE}(?:,? {_CAPITAL}){{1,10}},? $")
_LONGEST_ADDRESS = 120

_TELEPHONE = re.compile(
    r"(?<![\w.,£])(?:(?:\+|00)44[ .-]?(?:\(0\)[ .-]?)?|\(?0)(?:\d[ ().-]{0,2}){8,9}\d(?!\w)",
    re.ASCII,
)


@check("nhs-number", blocks=True, source=SOURCE)
def nhs_number(letter: Letter, given: Given) -> Iterator[Found]:
    """A number may be somebody's NHS number: it has ten digits, and the last one fits."""
    for place, text in body_texts(letter):
        for match in _TEN_DIGITS.finditer(text):
            start, end = match.span()
            is_said = _SAID_TO_BE_NHS.search(text, max(0, start - 30), start)
            if is_said or _is_nhs_number(match[1] + match[3] + match[4]):
                message = f"“{match[0]}” may be somebody's NHS number. Take it out."
                yield Found(place, message, start, end)


@check("birth-date", blocks=True, source=SOURCE)
def birth_date(letter: Letter, given: Given) -> Iterator[Found]:
    """The text says on which day somebody was born."""
    for place, text in body_texts(letter):
        for match in _BIRTH.finditer(text):
            if not _OF_MANY.search(match["between"]):
                message = f"“{match[0]}” says when somebody was born. Take it out, or write an age."
                yield Found(place, message, match.start(), match.end())


@check("home-address", blocks=True, source=SOURCE)
def home_address(letter: Letter, given: Given) -> Iterator[Found]:
    """A postal address stands in the text: house and street, or a postcode.

    The letterhead's and the addressees' may be said again.
    """
    lines = (*letter.letterhead.lines, *(x for a in letter.addressees for x in a.lines))
    known = _bare(" ".join(lines))
    for place, text in body_texts(letter):
        for start, end in _addresses(text):
            written = text[start:end]
            if _bare(written) not in known:
                message = f"“{written}” is a postal address. Take it out, unless it is an office's."
                yield Found(place, message, start, end)


@check("telephone-number", blocks=True, source=SOURCE)
def telephone_number(letter: Letter, given: Given) -> Iterator[Found]:
    """A telephone number stands in the text that isn't the letterhead's."""
    known = re.sub(r"\D", "", " ".join(letter.letterhead.lines))
    for place, text in body_texts(letter):
        for match in _TELEPHONE.finditer(text):
            if re.sub(r"\D", "", match[0]) not in known:
                message = (
                    f"“{match[0].strip()}” is a telephone number. Take it out: how to reach an "
                    "office stands in the letterhead."
                )
                yield Found(place, message, match.start(), match.end())


def _is_nhs_number(digits: str) -> bool:
    """Whether the tenth digit fits the nine before it, modulo 11 (NHS Data Dictionary)."""
    weighted = (
        int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)
    )
    return -sum(weighted) % 11 == int(digits[9]) and len(set(digits)) > 1


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find house and street, with the postcode after them or without, and postcodes alone."""
    streets = [match.span() for match in _STREET.finditer(text)]
    for match in _POSTCODE.finditer(text):
        since = max(0, match.start() - _LONGEST_ADDRESS)
        before = _BEFORE_POSTCODE.search(text, since, match.start())
        start = before.start() if before else match.start()
        streets = [street for street in streets if not since <= street[0] < match.end()]
        yield start, match.end()
    yield from streets


CHECKS = (nhs_number, birth_date, home_address, telephone_number)
