"""The authority: that the letter calls it by its name, and names no other.

Whether the register knows the authority at all is found while composing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.letter import Authority, Letter, Placed

_TYPES = ("Metropolitan", "Borough", "City", "County", "District", "Unitary", "Royal", "Council")
_TYPE = rf"(?:{'|'.join(_TYPES)})\b"
_OF = r"(?:(?:London|Royal|Metropolitan) )?(?:Borough|City|County) of (?:the )?"
# Words of authorities' names that stand in other names, too.
_GENERIC = frozenset(
    (*map(str.casefold, _TYPES), "london", "central", "north", "south", "east", "west", "upon")
)
# Names that are words, too: alone, something must stand before them that stands before places.
_ALSO_WORDS = frozenset(("Barking", "Bath", "Bury", "Reading", "Slough", "Stoke", "Wells"))
_PART_OF_A_NAME = frozenset(
    ("Central", "County", "East", "Greater", "Mid", "New", "North", "Old", "Royal", "South", "West")
)
_AS_AUTHORITY = re.compile(
    r"(?:['’]s?)? (?:(?:local authority )?children['’]s (?:services|social care)"
    rf"|{_TYPE}|council\b|borough\b|local authority)"
)
_OF_OTHERS = re.compile(
    r"\b(?:neighbour\w*|other (?:local )?authorit\w+|conference|regional|merge[dr]\w*)\b", re.I
)
_LOOK_AROUND = 400  # characters, about a sentence
_TOKEN = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


@check("authority-name-varies", blocks=False, source="A published “St Helen’s”; authorities.csv.")
def authority_name_varies(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter's authority is called by another name than the register's, or is misspelt."""
    own = letter.authority
    known = {
        token.casefold()
        for authority in given.register.authorities
        for token in _tokens(" ".join(_names_of(authority)))
    }
    texts = list(_texts(letter))
    counted = Counter(token.casefold() for _, text in texts for token in _tokens(text))
    for place, text in texts:
        forms = set(_other_forms(text, own))
        slips = set(_misspelt(text, own, known, counted))
        of_forms = {at for start, end in forms for at in range(start, end)}
        for start, end in sorted(forms | {slip for slip in slips if slip[0] not in of_forms}):
            yield Found(
                place,
                f"“{text[start:end]}” doesn't agree with the register's “{own.name}”. Write the "
                "name as it is there.",
                start,
                end,
            )


@check("authority-of-another", blocks=False, source="Letters made from another authority's.")
def authority_of_another(letter: Letter, given: Given) -> Iterator[Found]:
    """Another authority of the register is named."""
    own = letter.authority
    others = _others(given.register.authorities, own)
    if not others.by_name:
        return
    for place, text in _texts(letter):
        masked = others.own.sub(lambda match: "\0" * len(match[0]), text)
        for match in others.any.finditer(masked):
            another = others.by_name[_plain(match[0])]
            is_whole = _plain(match[0]) == _plain(another.name)
            is_in_prose = not place.startswith(("addressees/", "copies/"))
            if _is_meant(masked, match, is_whole=is_whole, is_in_prose=is_in_prose):
                yield Found(
                    place,
                    f"“{match[0]}” is another authority ({another.name}); the letter is about "
                    f"{own.name}. See whether it is meant.",
                    *match.span(),
                )


def _texts(letter: Letter) -> Iterator[Placed]:
    """Yield what may name authorities; the names of people are blanked."""
    for number, addressee in enumerate(letter.addressees, start=1):
        lines = (" " * len(addressee.name), *addressee.lines)
        yield Placed(f"addressees/{number}", "\n".join(lines))
    yield Placed("subject", letter.subject)
    yield from (Placed(section.key, section.heading) for section in letter.sections)
    yield from letter.passages()
    for number, copy in enumerate(letter.copies, start=1):
        yield Placed(f"copies/{number}", copy.line.replace(copy.name, " " * len(copy.name)))


def _names_of(authority: Authority) -> tuple[str, ...]:
    """List an authority's names, the longest first: whole, the place's, and short."""
    place = re.sub(rf"(?: {_TYPE})+$", "", authority.name)
    place = re.sub(r"^(?:London|Royal|Metropolitan) Borough of ", "", place)
    return tuple(sorted({authority.name, place, authority.short_name}, key=len, reverse=True))


class _Others(NamedTuple):
    own: re.Pattern[str]
    any: re.Pattern[str]
    by_name: dict[str, Authority]


@lru_cache(maxsize=64)
def _others(authorities: tuple[Authority, ...], own: Authority) -> _Others:
    """Make the patterns of the authority's own names and of all others', longest first."""
    ours = [_plain(name) for name in _names_of(own)]
    by_name = {
        _plain(name): authority
        for authority in authorities
        if authority.code != own.code
        for name in _names_of(authority)
        if _plain(name) not in ours
    }
    return _Others(_any_of(ours), _any_of(by_name), by_name)


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    patterns = (re.escape(name).replace(r"\ and\ ", r"\ (?:and|&)\ ") for name in longest_first)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])")


def _plain(name: str) -> str:
    return name.replace(" & ", " and ").replace("’", "'")


def _is_meant(text: str, match: re.Match[str], *, is_whole: bool, is_in_prose: bool) -> bool:
    """Whether a name stands for the authority, and is no part of another name."""
    before = text[max(0, match.start() - _LOOK_AROUND) : match.start()]
    after = text[match.end() : match.end() + _LOOK_AROUND]
    if re.match(r" (?:and|&) \0", after) or re.search(r"\0,? (?:and|&) $", before):
        return False  # a body of both: "Cambridgeshire and Peterborough Combined Authority"
    if is_whole or _AS_AUTHORITY.match(after) or re.search(rf"\b{_OF}$", before):
        return True
    if not is_in_prose or re.match(r" [A-Z]", after):
        return False  # a place of a postal address; a company, a road
    sentence = re.split(r"[.!?]\s", before)[-1]
    previous = re.search(r"([A-Z][\w’'-]*) $", sentence)
    if previous and (previous[1] in _PART_OF_A_NAME or previous.start() > 0):
        return False
    if match[0] in _ALSO_WORDS and not re.search(r"\b(?:in|to|for|by|with|at|across) $", sentence):
        return False
    return not _OF_OTHERS.search(sentence + re.split(r"[.!?]\s", after)[0])


def _other_forms(text: str, own: Authority) -> Iterator[tuple[int, int]]:
    """Find the authority's name with another type, other signs, or without its capitals."""
    registered = _plain(own.name)
    for name in _names_of(own):
        form = re.compile(rf"(?P<of>\b{_OF})?(?<![\w./@-]){_loose(name)}(?![\w/@-]|\.\w)", re.I)
        whole = form.search(registered)
        if whole is None or re.search(_TYPE, whole["name"]):
            continue  # a short name that is no part of the whole, or the whole itself
        types_registered = _types_at(registered, whole.end())
        for match in form.finditer(text):
            said, types = _plain(match["name"]), _types_at(text, match.end())
            of = match["of"] or ""
            if said != whole["name"] and not (said.isupper() or said.title() in _ALSO_WORDS):
                yield match.span("name")
            elif not (
                _agree_in_types(types, types_registered, whole["of"])
                and (whole["of"] or of).casefold().endswith(of.casefold())
            ):
                yield match.start(), match.end() + len("".join(f" {word}" for word in types))


def _types_at(text: str, start: int) -> list[str]:
    """List the types that follow a place's name: `Metropolitan Borough Council`."""
    following = re.compile(rf"(?: {_TYPE})+").match(text, start)
    return following[0].split() if following else []


def _loose(name: str) -> str:
    """Make a pattern of a name that lets its signs vary: `St Helen’s`, `Stockton on Tees`."""
    words = [word for word in re.split(r"[ &-]+", _plain(name)) if word != "and"]
    loose = (re.sub(r"(?<=\w\w)s$", "['’]?s", re.escape(word)) for word in words)
    return rf"(?P<name>{r'(?: |-|&|and|[.])+'.join(loose)})"


def _agree_in_types(said: list[str], registered: list[str], of: str | None) -> bool:
    """Whether `Metropolitan Borough Council` after the name is the register's, or shortened."""
    return (
        said == registered[: len(said)]
        or said in (["Council"], [*registered, "Council"])
        or (not registered and len(said) == 1 and said[0] in (of or ""))
    )


def _tokens(text: str) -> list[str]:
    return [re.sub("['’]s?$", "", token) for token in _TOKEN.findall(text)]


def _misspelt(
    text: str, own: Authority, known: set[str], counted: Counter[str]
) -> Iterator[tuple[int, int]]:
    """Find words that are one of the authority's name but for a letter or two."""
    tokens = {token for name in _names_of(own) for token in _tokens(name) if not token.isupper()}
    names = {each for each in tokens if len(each) >= 4 and each.casefold() not in _GENERIC}
    for match in _TOKEN.finditer(text):
        word = re.sub("['’]s?$", "", match[0])
        if len(word) < 4 or word.casefold() in known:
            continue
        before = text[max(0, match.start() - 60) : match.start()]
        previous = re.search(r"[^.!?:]\s([A-Z][\w’'-]*) $", before)
        if previous and previous[1].casefold() not in known and len(word) < 9 and word.istitle():
            continue  # a person's surname, or a part of another name
        # A word at a sentence's beginning may be any; so may one that is used again.
        is_first = not before.strip() or bool(re.search(r"[.!?:\n]\s*$", before))
        is_rare = counted[word.casefold()] == 1 and not is_first
        if any(_is_slip(word, name, is_rare=is_rare) for name in names or tokens):
            yield match.start(), match.start() + len(word)


def _is_slip(word: str, name: str, *, is_rare: bool) -> bool:
    """Whether a word is a name misspelt, and no word of its own; short ones may well be."""
    if abs(len(word) - len(name)) > 2 or len(name) < 4:
        return False
    has_odd_capital = not word[1:].islower() and not word.isupper()
    is_changed_first = word[0] != name[0] and word[1:] == name[1:]
    if not (word[0].isupper() or has_odd_capital or is_changed_first or word == name[1:]):
        return False
    slips = _slips(word.casefold(), name.casefold())
    if word == name[1:] or has_odd_capital:
        return slips <= 2
    if word[0] != name[0]:
        return slips == 1 and is_rare and len(name) >= 6
    if slips == 2:
        return len(name) >= 8 or (is_rare and len(name) >= 6)
    return slips == 1 and (is_rare or len(name) >= 6)


def _slips(word: str, name: str) -> int:
    """Count the letters that are left out, added, changed, or swapped with the next one."""
    rows = [list(range(len(name) + 1))]
    for i, letter in enumerate(word, start=1):
        row = [i]
        for j, other in enumerate(name, start=1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other))
            if i > 1 and j > 1 and (word[i - 2], letter) == (other, name[j - 2]):
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


CHECKS = (authority_name_varies, authority_of_another)
