"""Who is written to and where, who gets a copy, who signs, and whether they are called rightly.

Whether the register has their posts and addresses is found while composing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.inspection import inspection_in
from letters.letter import Letter, day_in_words
from letters.printed_name import PrintedName, greeting_of, parse_name

_POSTCODE = re.compile(
    r"\b(?:[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y])"
    r" \d[ABD-HJLNP-UW-Z]{2}|GIR 0AA)$"
)
_LIKE_A_POSTCODE = re.compile(
    r"\b(?=[A-Za-z ]*\d)[A-Za-z]{1,2}\s?[\dOIl]{1,2}[A-Za-z]?[\s.-]*[\dOIl]?[A-Za-z\d]{0,4}[.,]?$"
)
_COLLECTIVE = frozenset({"All", "Colleague", "Colleagues", "Leaders", "Partners", "Partnership"})


@check("addressee-role-missing", blocks=True, source="The kind's file.", is_overridable=False)
def addressee_roles_missing(letter: Letter, given: Given) -> Iterator[Found]:
    """A post to which such letters are written is not among the addressees."""
    present = {addressee.role for addressee in letter.addressees}
    for role in given.kind.addressee_roles:
        if role not in present:
            yield Found(
                "addressees",
                f"The letter must be addressed to the {_post(role)}. Add the addressee.",
            )


@check("copy-role-missing", blocks=True, source="The kind's file.")
def copy_roles_missing(letter: Letter, given: Given) -> Iterator[Found]:
    """A post that gets a copy of such letters is not on the copy list."""
    present = {copy.role for copy in letter.copies}
    for role in given.kind.copy_roles:
        if role not in present:
            yield Found(
                "copies",
                f"The {_post(role)} is not on the copy list. Add a line with role and name as "
                "contacts.csv has them.",
            )


@check("salutation-of-another", blocks=True, source="Published letters greet by title and surname.")
def salutation_of_another(letter: Letter, given: Given) -> Iterator[Found]:
    """The salutation greets, by title or by full name, someone who isn't addressed."""
    if _greets_another(letter):
        yield Found(
            "salutation",
            f"“{letter.salutation}” doesn't greet "
            f"{' and '.join(addressee.name for addressee in letter.addressees)}. "
            f"Write: “{_expected_salutation(letter)}”.",
            *_greeted_span(letter),
        )


@check("salutation-unusual", blocks=False, source="Published letters greet by title or forename.")
def salutation_unusual(letter: Letter, given: Given) -> Iterator[Found]:
    """The salutation greets nobody by name, or by a forename that isn't the addressee's."""
    addressees = [parse_name(addressee.name) for addressee in letter.addressees]
    dear, names = _greeted(letter)
    by_forename = [name for name in names if not name.titles]
    if len(addressees) > 1:
        by_forename = [name for name in by_forename if not _is_collective(name)]
    if not _greets_another(letter) and (
        dear != "Dear"
        or not names
        or any(not any(_is_forename(a, name) for a in addressees) for name in by_forename)
    ):
        yield Found(
            "salutation",
            f"See whether “{letter.salutation}” is meant. "
            f"Expected: “{_expected_salutation(letter)}”.",
            0,
            len(letter.salutation),
        )


def _greeted(letter: Letter) -> tuple[str, list[PrintedName]]:
    dear, _, greeted = letter.salutation.strip().rstrip(",").partition(" ")
    return dear, [parse_name(name) for name in re.split(r",\s*|\s+and\s+", greeted) if name.strip()]


def _greets_another(letter: Letter) -> bool:
    """Whether a title or a forename is followed by another surname: certainly wrong."""
    addressees = [parse_name(addressee.name) for addressee in letter.addressees]
    _, names = _greeted(letter)
    titled = [name for name in names if name.titles]
    if any(not any(a.is_greeted_as(name) for a in addressees) for name in titled):
        return True
    whole = [name for name in names if not name.titles and len(name.words) > 1]
    return len(addressees) == 1 and any(
        name.surname[:1].isupper() and name.surname != addressees[0].surname for name in whole
    )


def _is_collective(greeted: PrintedName) -> bool:
    """Whether several are greeted together, as in `Dear local partnership`."""
    last = greeted.words[-1] if greeted.words else ""
    return not last.istitle() or len(greeted.words) > 2 or last in _COLLECTIVE


def _is_forename(addressee: PrintedName, greeted: PrintedName) -> bool:
    """Whether a greeting without a title takes its words from a name: not the surname alone."""
    is_surname_alone = len(addressee.words) > 1 and " ".join(greeted.words) == addressee.surname
    return set(greeted.words) <= set(addressee.words) and not is_surname_alone


def _greeted_span(letter: Letter) -> tuple[int, int]:
    """Return where the names of the greeting stand in the salutation."""
    match = re.match(r"(\s*\w+\s+)?(.*?)[\s,]*$", letter.salutation)
    return match.span(2) if match else (0, len(letter.salutation))


def _expected_salutation(letter: Letter) -> str:
    return f"Dear {greeting_of([addressee.name for addressee in letter.addressees])}"


@check(
    "signatory-unknown",
    blocks=True,
    source="Only an enrolled inspector can sign off.",
    is_overridable=False,
)
def signatories_unknown(letter: Letter, given: Given) -> Iterator[Found]:
    """A signatory is no inspector of the register, by exact printed name."""
    for number, signatory in enumerate(letter.signatories, start=1):
        if given.register.inspector_named(signatory.name) is None:
            known = ", ".join(inspector.name for inspector in given.register.inspectors)
            yield Found(
                f"signatories/{number}",
                f"The register has no inspector named “{signatory.name}” (it has: "
                f"{known or 'none'}). Correct the name, letter for letter, or add the inspector "
                "to inspectors.toml.",
                *_span_of(signatory.name, letter.texts_at(f"signatories/{number}")),
            )


@check(
    "signatory-title",
    blocks=True,
    source="The kind's file: inspectors are Her Majesty's until 8 September 2022, His since.",
)
def signatory_titles(letter: Letter, given: Given) -> Iterator[Found]:
    """An inspector signs, or is named in the opening, under a title not borne on that day."""
    if not given.kind.signatory_titles:
        return
    allowed = given.kind.titles_on(letter.date)
    write = f"Write: {' or '.join(allowed) or 'see the kind file'}."
    for number, signatory in enumerate(letter.signatories, start=1):
        if _plain(signatory.title) not in map(_plain, allowed):
            yield Found(
                f"signatories/{number}",
                f"On {day_in_words(letter.date)} {signatory.name} doesn't sign as "
                f"“{signatory.title}”. {write}",
                *_span_of(signatory.title, letter.texts_at(f"signatories/{number}")),
            )
    # On a visit before the change and in a letter after it, either is right.
    inspection = inspection_in(letter.facts)
    days = (letter.date, *(inspection or ()))
    borne = {_plain(title) for day in days for title in given.kind.titles_on(day)}
    for title in given.kind.signatory_titles:
        named = re.compile(rf"\b{re.escape(_plain(title.title))}s?\b", re.IGNORECASE)
        for number, passage in enumerate(letter.opening, start=1):
            for match in named.finditer(_plain(passage.text)):
                if _plain(title.title) not in borne:
                    yield Found(
                        f"opening/{number}",
                        f"On {day_in_words(letter.date)} there is no “{title.title}”. {write}",
                        *match.span(),
                    )


def _plain(text: str) -> str:
    """Set the apostrophe straight; each character keeps its place."""
    return text.replace("’", "'")


def _span_of(words: str, text: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


@check("postcode-malformed", blocks=False, source="BS 7666: the form of United Kingdom postcodes.")
def postcodes_malformed(letter: Letter, given: Given) -> Iterator[Found]:
    """An addressee's postcode hasn't the form of one."""
    for number, addressee in enumerate(letter.addressees, start=1):
        has_postcode = any(_POSTCODE.search(line.rstrip()) for line in addressee.lines)
        start = len(addressee.name) + 1
        for left, line in enumerate(addressee.lines, start=1 - len(addressee.lines)):
            match = _LIKE_A_POSTCODE.search(line.rstrip())
            # Behind other words it may be a box or a flat, unless it ends an address without one.
            is_meant = match is not None and (
                match.start() == 0 or (left >= -1 and not has_postcode)
            )
            if match is not None and is_meant and not _POSTCODE.search(line.rstrip()):
                yield Found(
                    f"addressees/{number}",
                    f"“{match[0]}” is no postcode. Write it as in CH41 4FD: capitals, one space, "
                    "and a figure and two letters after it.",
                    start + match.start(),
                    start + match.end(),
                )
            start += len(line) + 1


def _post(role: str) -> str:
    return f"{role.replace('-', ' ')} (role “{role}”)"


CHECKS = (
    addressee_roles_missing,
    copy_roles_missing,
    salutation_of_another,
    salutation_unusual,
    signatories_unknown,
    signatory_titles,
    postcodes_malformed,
)
