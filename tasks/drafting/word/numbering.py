"""The lists of a Word file: which paragraphs are bulleted, and which number another has.

Word writes no numbers into the text: they are counted as it would, in lists
whose numbers are simple. A paragraph's list comes from itself or its styles.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from tasks.drafting.word.styles import Styles
from tasks.drafting.word.xml import Element, child, full, get, value_of, whole_number

_DEEPEST_LINK = 5


class Mark(NamedTuple):
    """What stands before a paragraph of a list."""

    style: Literal["bullet", "number", "unread"]
    text: str = ""
    """The number as it is shown: `1.`, `(2)`."""
    is_nested: bool = False
    """Whether its level is below the list's first."""


class Numbering:
    """Counts the numbers of one file's lists; asked paragraph by paragraph, in order."""

    def __init__(self, tree: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, Element] = {}
        self._abstract: dict[str, Element] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if tree is not None:
            for each in tree.iterchildren(full("w:num")):
                self._lists.setdefault(get(each, "w:numId"), each)
            for each in tree.iterchildren(full("w:abstractNum")):
                self._abstract.setdefault(get(each, "w:abstractNumId"), each)

    def mark(self, paragraph: Element) -> Mark | None:
        """Tell what stands before a paragraph; None where it is in no list."""
        told = self._styles.numbering(paragraph)
        if told is None or told[0] not in self._lists:
            return None
        number_id, said_level, style_id = told
        abstract_id, abstract = self._abstract_of(number_id)
        if abstract is None:
            return None
        level = _level_number(abstract, said_level, style_id)
        definition = _level(self._lists[number_id], abstract, level)
        count = self._count(number_id, abstract_id, level, definition)
        form = value_of(definition, "w:numFmt") or "decimal"
        shown = value_of(definition, "w:lvlText") or ""
        if form == "bullet":
            return Mark("bullet", is_nested=level > 0)
        if form == "none" or not shown:
            return None
        own = f"%{level + 1}"
        if form != "decimal" or shown.count("%") != 1 or own not in shown:
            return Mark("unread")
        return Mark("number", shown.replace(own, str(count)).strip(), is_nested=level > 0)

    def _abstract_of(self, number_id: str) -> tuple[str, Element | None]:
        """Find a list's definition, also by way of the style that it is linked to."""
        for _ in range(_DEEPEST_LINK):
            abstract_id = value_of(self._lists.get(number_id), "w:abstractNumId") or ""
            abstract = self._abstract.get(abstract_id)
            link = value_of(abstract, "w:numStyleLink")
            linked = self._styles.list_of(link) if link else None
            if linked is None or linked == number_id:
                return abstract_id, abstract
            number_id = linked
        return "", None

    def _count(
        self, number_id: str, abstract_id: str, level: int, definition: Element | None
    ) -> int:
        """Count on; lists that share a definition share its counts, unless one starts anew."""
        counts = self._counts.setdefault(abstract_id, {})
        start = whole_number(value_of(definition, "w:start"), otherwise=1)
        for override in self._lists[number_id].iterchildren(full("w:lvlOverride")):
            at = whole_number(get(override, "w:ilvl"), otherwise=0)
            restart = value_of(override, "w:startOverride")
            if at == level and restart is not None and (number_id, level) not in self._restarted:
                self._restarted.add((number_id, level))
                counts.pop(level, None)
                start = whole_number(restart, otherwise=start)
        counts[level] = counts[level] + 1 if level in counts else start
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        return counts[level]


def _level_number(abstract: Element, said: str | None, style_id: str) -> int:
    if said is not None:
        return whole_number(said, otherwise=0)
    for level in abstract.iterchildren(full("w:lvl")):
        if style_id and value_of(level, "w:pStyle") == style_id:
            return whole_number(get(level, "w:ilvl"), otherwise=0)
    return 0


def _level(listed: Element, abstract: Element, level: int) -> Element | None:
    overrides = (
        child(each, "w:lvl")
        for each in listed.iterchildren(full("w:lvlOverride"))
        if whole_number(get(each, "w:ilvl"), otherwise=0) == level
    )
    for found in (*overrides, *abstract.iterchildren(full("w:lvl"))):
        if found is not None and whole_number(get(found, "w:ilvl"), otherwise=0) == level:
            return found
    return None
