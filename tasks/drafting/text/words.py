"""Words of a plain text draft: joined over line ends, compared, looked for by name.

Nothing here knows what a letter is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS_WITH_HYPHEN = re.compile(r"([^\W_]+)-$")
_BEGINS_WITH_WORD = re.compile(r"[^\W_]+")
_TERMINATED = re.compile(r"[.!?:;][\"'’”)\]]{0,3}\d{0,2}$")
_HYPHENATED_PREFIXES = frozenset(
    ("co", "ex", "long", "mid", "multi", "non", "post", "pre", "self", "well")
)


class Joined(NamedTuple):
    """Lines joined to a passage, and the words whose hyphen could be a mere line break's."""

    text: str
    unclear: tuple[tuple[str, str], ...]
    """As it stood (`infor- mation`), as it was read (`information`)."""


def join_lines(lines: Sequence[str], vocabulary: frozenset[str]) -> Joined:
    """Join lines by spaces; a word broken by a hyphen is read as the text has it elsewhere.

    The hyphen goes only where the whole word stands elsewhere without one, and
    that is unclear. It surely stays where the text hyphenates the word elsewhere, or has
    both its halves as words, behind a prefix such as `multi`, and beside a figure.
    """
    parts: list[str] = []
    unclear = []
    for line in lines:
        ends_open = bool(parts) and parts[-1].endswith("-")
        broken = _ENDS_WITH_HYPHEN.search(parts[-1][-80:]) if ends_open else None
        rest = _BEGINS_WITH_WORD.match(line) if broken else None
        if broken is None or rest is None:
            parts += [" ", line] if parts else [line]
            continue
        start, end = broken[1], rest[0]
        hyphenated, whole = f"{start}-{end}".casefold(), f"{start}{end}".casefold()
        if whole in vocabulary and hyphenated not in vocabulary:
            parts[-1] = parts[-1][:-1]
            unclear.append((f"{start}- {end}", f"{start}{end}"))
        elif whole in vocabulary or not _is_hyphenated(start, end, vocabulary):
            unclear.append((f"{start}- {end}", f"{start}-{end}"))
        parts.append(line)
    return Joined("".join(parts), tuple(unclear))


def _is_hyphenated(start: str, end: str, vocabulary: frozenset[str]) -> bool:
    first, second = start.casefold(), end.casefold()
    return (
        f"{first}-{second}" in vocabulary
        or {first, second} <= vocabulary
        or first in _HYPHENATED_PREFIXES
        or not (first + second).isalpha()
    )


def vocabulary_of(texts: Iterable[str]) -> frozenset[str]:
    """Collect the words of a text, and the parts of its hyphenated ones, in small letters."""
    words = set(_WORD.findall(plain(" ".join(texts))))
    return frozenset(words.union(*(word.split("-") for word in words if "-" in word)))


def near_word(word: str, vocabulary: frozenset[str]) -> str:
    """Find a known word that differs by one letter; empty where `word` itself is known."""
    plain = word.casefold()
    if plain in vocabulary:
        return ""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for at in range(len(plain) + 1):
        start, end = plain[:at], plain[at:]
        variants = [start + end[1:]] if end else []
        variants += [start + letter + end[1:] for letter in letters if end]
        variants += [start + letter + end for letter in letters]
        if len(end) > 1:
            variants.append(start + end[1] + end[0] + end[2:])
        for variant in variants:
            if variant in vocabulary:
                return variant
    return ""


def is_terminated(text: str) -> bool:
    """Whether a passage ends as sentences do, or announces what follows."""
    return bool(_TERMINATED.search(text[-8:]))


def plain(text: str) -> str:
    """Return a text for comparing: small letters, straight apostrophes."""
    return text.casefold().replace("’", "'")


def begins_with(text: str, name: str) -> bool:
    """Whether a text begins with a name, as whole words, whatever its apostrophes."""
    return (
        bool(name)
        and straight(text).startswith(straight(name))
        and not (text[len(name) : len(name) + 1].isalnum())
    )


def positions_of(name: str, text: str) -> list[int]:
    """Find where a name stands in a text, as whole words, whatever its apostrophes."""
    if straight(name) not in straight(text):
        return []
    pattern = rf"(?<!\w){re.escape(straight(name))}(?!\w)"
    return [match.start() for match in re.finditer(pattern, straight(text))]


def straight(text: str) -> str:
    """Return a text with straight apostrophes, of the same length."""
    return text.replace("’", "'")
