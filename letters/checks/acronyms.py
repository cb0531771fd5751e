"""Acronyms: spelt out once, used afterwards, and always the same.

One is spelt out where it follows its words, as a rule in brackets, or where brackets after
it say what it is. Words without it, elsewhere, don't say that it stands for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from string import ascii_uppercase
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.checks.wording import body_texts
from letters.letter import Letter

_HOUSEHOLD = """
HMI ILACS NHS GP DfE GCSE COVID UK EU US BBC IT ICT TV ID MP PC PDF AM PM SMART OBE MBE
"""
HOUSEHOLD = frozenset(_HOUSEHOLD.split())
"""What an inspectorate doesn't spell out: its own inspectors and framework, and what
everybody reads in the newspaper. “SMART” is a word by now, as plans are."""

OWN = frozenset(("HMI", "ILACS"))
"""The inspectorate's own names: they may be introduced and not used."""

_FIELD = """
CAMHS CSE DCS EHCP FGM IRO JTAI LADO LSCB MAPPA MARAC MASH NEET PLO SEND UASC YJS YOT
"""
OF_THE_FIELD = HOUSEHOLD | frozenset(_FIELD.split())
"""What else such letters may speak of: to be spelt out once, but what comes near to it and
is not spelt out is a slip of the pen."""

_ACRONYM = re.compile(r"(?<![\w@./&])([A-Z]{2,10}|[A-Z][a-z][A-Z])s?(?![\w@]|[./]\w)")
_REFERENCE = re.compile(r"\b[A-Z]+(?:-[A-Z0-9]+)+-\d{4}(?:-\d\d-\d\d)?\b")
"""A letter's own name, such as ANR-WESTMERE-2011."""
_NUMERAL = re.compile(r"[IVX]{2,}")
_IN_BRACKETS = re.compile(r"\(['‘“]?([\w-]+?)s?['’”]?\)")
_EXPLAINED = re.compile(r"s?(?:[’']s)? \([^()]+ [^()]+\)")
_OF_A_NAME = re.compile(r" (?:programme|project|initiative|scheme)s?\b")
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with", "under")
)
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 16
_LOOK_BACK_CHARACTERS = 200
MOST_USES = 500
"""Of acronyms so many are looked at: the real letters have 120 at most."""
_CALLED = re.compile(
    r" (arrangements|board|framework|group|hub|meetings?|model|office|panel|programme|project|"
    r"services?|team|tool)[\W_]*$",
    re.IGNORECASE,
)
"""What often follows the words of an acronym, and has no letter in it."""


class _Use(NamedTuple):
    """One place where an acronym stands."""

    acronym: str
    place: str
    start: int
    end: int
    text: str

    @property
    def is_in_brackets(self) -> bool:
        """Whether it stands alone in brackets, as after its words: `safeguarding hub (MASH)`."""
        opening = self.text.rfind("(", 0, self.start)
        match = _IN_BRACKETS.match(self.text, opening) if opening >= 0 else None
        return match is not None and match.end() > self.end

    @property
    def is_name(self) -> bool:
        """Whether it is what a programme is called: `the PAUSE programme`."""
        return _OF_A_NAME.match(self.text, self.end) is not None

    @property
    def is_explained_after(self) -> bool:
        """Whether brackets right after it say what it is."""
        return _EXPLAINED.match(self.text, self.start + len(self.acronym)) is not None

    @property
    def is_spelt_before(self) -> bool:
        """Whether the words right before it begin with its letters."""
        return any(_is_spelt_by(words, self.acronym) for words in self.words_before)

    @property
    def words_before(self) -> tuple[str, ...]:
        """What stands before it, and that without a closing “team” of which it has no letter."""
        before = self.text[max(0, self.start - _LOOK_BACK_CHARACTERS) : self.start]
        called = _CALLED.search(before)
        if called is None or called[1][0].casefold() == self.acronym[-1].casefold():
            return (before,)
        return before, before[: called.start()]


class _Uses(NamedTuple):
    """All acronyms of a letter, each with its uses in order."""

    of: dict[str, list[_Use]]
    defined: frozenset[str]
    """Those that follow their own words somewhere."""
    introduced: frozenset[str]
    """Those that stand in brackets, or are explained in some, by whatever words."""


@check(
    "acronym-undefined",
    blocks=False,
    source="Plain language: parents and young people read these letters, too.",
)
def acronym_undefined(letter: Letter, given: Given) -> Iterator[Found]:
    """An acronym is never spelt out."""
    uses = _uses_in(letter)
    known = uses.defined | uses.introduced | HOUSEHOLD
    for acronym, (first, *_) in uses.of.items():
        is_name = all(use.is_name for use in uses.of[acronym])
        is_slip = _near(acronym, uses) and not _has_its_words(letter, acronym)
        if acronym in known or is_name or is_slip:
            continue
        yield Found(
            first.place,
            f"“{acronym}” is never spelt out. Write its words where it stands first, and the "
            "acronym in brackets after them.",
            first.start,
            first.end,
        )


@check("acronym-unused", blocks=False, source="Plain language: no acronym for a single use.")
def acronym_unused(letter: Letter, given: Given) -> Iterator[Found]:
    """An acronym is introduced and never used."""
    for acronym, (first, *more) in _uses_in(letter).of.items():
        if not more and acronym not in OWN and first.is_in_brackets:
            yield Found(
                first.place,
                f"“{acronym}” is introduced here and never used. Take it out, with its brackets.",
                first.start,
                first.end,
            )


@check("acronym-misspelt", blocks=False, source="A published acronym with a letter wrong.")
def acronym_misspelt(letter: Letter, given: Given) -> Iterator[Found]:
    """An acronym differs by a letter or a swap from one that is spelt out, or from its words."""
    uses = _uses_in(letter)
    for acronym, found in uses.of.items():
        meant = _near(acronym, uses)
        if not meant and found[0].is_in_brackets and acronym not in uses.defined | HOUSEHOLD:
            meant = _by_its_words(found[0])
        if meant and not _has_its_words(letter, acronym):
            for use in found:
                yield Found(
                    use.place,
                    f"“{acronym}” looks like a slip for “{meant}”. Correct it, or spell it out "
                    "if it is another.",
                    use.start,
                    use.end,
                )


def _uses_in(letter: Letter) -> _Uses:
    of: dict[str, list[_Use]] = {}
    for use in islice(_each_use(letter), MOST_USES):
        of.setdefault(use.acronym, []).append(use)
    return _Uses(
        of=of,
        defined=frozenset(a for a, found in of.items() if any(u.is_spelt_before for u in found)),
        introduced=frozenset(
            acronym
            for acronym, found in of.items()
            if any(use.is_in_brackets or use.is_explained_after for use in found)
        ),
    )


def _each_use(letter: Letter) -> Iterator[_Use]:
    for place, text in body_texts(letter):
        references = [match.span() for match in _REFERENCE.finditer(text)]
        for match in _ACRONYM.finditer(text) if not text.isupper() else ():
            is_of_reference = any(start <= match.start() < end for start, end in references)
            if not (is_of_reference or _NUMERAL.fullmatch(match[1])):
                yield _Use(match[1], place, match.start(), match.end(), text)


def _near(acronym: str, uses: _Uses) -> str:
    """Find the acronym that one was meant to be: another one, a letter or a swap away."""
    if len(acronym) < 3 or acronym in OF_THE_FIELD:
        return ""
    count = len(uses.of[acronym])
    known = {other for other, found in uses.of.items() if len(found) > count}
    # Of three letters too many acronyms are one letter away from another.
    known |= {other for other in OF_THE_FIELD if len(other) > 3 < len(acronym)}
    if acronym in uses.defined:
        # What its words spell as well: “inspection of local authority … services (LACS)”.
        words = [words for use in uses.of[acronym] for words in use.words_before]
        known = {other for other in known if any(_is_spelt_by(each, other) for each in words)}
    else:
        known |= uses.defined
    if acronym not in uses.introduced:
        known |= {other for other in uses.introduced if len(uses.of[other]) >= count}
    return min((o for o in known if len(o) > 2 and _is_one_off(acronym, o)), default="")


def _is_one_off(one: str, other: str) -> bool:
    """Whether two differ by one letter (other, missing, too many) or by a swap of neighbours."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    first, *more = (i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    is_swap = one[first : first + 2] == other[first : first + 2][::-1]
    return not more or (more == [first + 1] and is_swap)


def _by_its_words(use: _Use) -> str:
    """Find what an acronym should be by the words before it: a swap, or one letter other."""
    acronym = use.acronym
    swapped = (
        acronym[:i] + acronym[i + 1] + acronym[i] + acronym[i + 2 :]
        for i in range(len(acronym) - 1)
    )
    replaced = (
        acronym[:i] + letter + acronym[i + 1 :]
        for i in range(len(acronym) if len(acronym) > 2 else 0)
        for letter in ascii_uppercase
    )
    others = [other for other in (*swapped, *replaced) if other != acronym]
    return next((o for words in use.words_before for o in others if _is_spelt_by(words, o)), "")


def _is_spelt_by(before: str, acronym: str) -> bool:
    """Whether the words at the end of a text begin with an acronym's letters, in order.

    Small words may be passed over, and so may what follows a hyphen.
    """
    words = [
        (match[0][0].casefold(), match[0].casefold() in _SMALL_WORDS or _follows_hyphen(match))
        for match in _WORD.finditer(before)
        if match[0] not in ("s", "S")  # of a genitive
    ]
    return _spell(words[-_MOST_WORDS:], acronym.casefold())


def _follows_hyphen(match: re.Match[str]) -> bool:
    return match.start() > 0 and match.string[match.start() - 1] in "-‑"


def _spell(words: list[tuple[str, bool]], letters: str) -> bool:
    left = {len(letters)}
    for initial, may_be_passed in reversed(words):
        # It begins with a word of weight: “of local authority …” begins no acronym with O.
        used = {
            count - 1
            for count in left
            if letters[count - 1] == initial and (count > 1 or not may_be_passed)
        }
        if 0 in used:
            return True
        left = used | left if may_be_passed else used
    return False


def _has_its_words(letter: Letter, acronym: str) -> bool:
    """Whether a run of words with capitals, anywhere, begins with an acronym's letters."""
    small = "|".join(_SMALL_WORDS)
    initials = (rf"{initial.upper()}[^\W\d_]+" for initial in acronym)
    run = re.compile(r"\b" + rf"[\W_]+(?:(?:{small})[\W_]+)*".join(initials))
    return any(run.search(text) for _, text in letter.printed_texts())


CHECKS = (acronym_undefined, acronym_unused, acronym_misspelt)
