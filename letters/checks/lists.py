"""Lists: their items end alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from letters.checks.rule import Found, Given, check
from letters.letter import Letter, Passage

_NAMED = {".": "a full stop", ";": "a semicolon", ",": "a comma", "": "no full stop"}
_TWICE = "a full stop before its brackets and one after them"
_DOUBLED = "two full stops"
_AND = re.compile(r"[;,]\s+(?:and|or)$", re.IGNORECASE)
_REMARK = re.compile(r"([.;,]?)\s*\([^()]*\)(\.?)$")


@check("list-punctuation", blocks=False, source="Published lists with one item unlike the others.")
def list_punctuation(letter: Letter, given: Given) -> Iterator[Found]:
    """An item of a list ends otherwise than the rest of its list.

    Either every item ends with a full stop, or none does; or the last alone, after items
    that end with nothing, a semicolon or a comma.
    """
    areas = (
        ("opening", letter.opening),
        *((section.key, section.passages) for section in letter.sections),
        ("closing", letter.closing),
    )
    for area, passages in areas:
        numbered = list(enumerate(passages, start=1))
        for style, run in groupby(numbered, key=lambda each: each[1].style):
            items = list(run)
            if style == "item" and len(items) > 1:
                yield from _unlike(area, items)


def _unlike(area: str, items: Sequence[tuple[int, Passage]]) -> Iterator[Found]:
    endings = [_ending(passage.text) for _, passage in items]
    usual = min(_NAMED, key=lambda each: len(_others(endings, each)))
    if endings == ["", "."] and items[0][1].text[0].isupper():
        usual = "."  # two sentences: a list of phrases begins in lower case
    for index in _others(endings, usual):
        number, passage = items[index]
        is_last = index == len(items) - 1
        end = len(passage.text)
        yield Found(
            f"{area}/{number}",
            f"This item ends with {_NAMED.get(endings[index], endings[index])}, others of its list "
            f"with {_NAMED[usual]}. End it with {_NAMED['.' if is_last else usual]}.",
            end - 1,
            end,
        )


def _others(endings: Sequence[str], usual: str) -> list[int]:
    """List the items that end otherwise, where `usual` is how those before the last end."""
    last = len(endings) - 1
    return [
        index
        for index, ending in enumerate(endings)
        if ending != (usual if index < last else ".") and not (ending == usual == "")
    ]


def _ending(text: str) -> str:
    """Tell how an item ends: full stop, semicolon, comma or nothing, a remark after it apart."""
    plain = text.rstrip().rstrip("’'”\"")
    if joined := _AND.search(plain):
        return plain[joined.start()]
    if remark := _REMARK.search(plain):
        if remark[1] and remark[2]:
            return _TWICE
        return remark[1] or remark[2] or ("." if plain.endswith(".)") else "")
    if plain.endswith("..") and not plain.endswith("..."):
        return _DOUBLED
    last = plain[-1:]
    return "." if last in ".!?…:" else last if last in ";," else ""


CHECKS = (list_punctuation,)
