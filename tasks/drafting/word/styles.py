"""The styles of a Word file: what a paragraph or a run looks like, and is, through its styles.

Properties are looked for in the run or paragraph, then in its styles and those
they are based on, then in the document's defaults. Numbered from nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tasks.drafting.word.xml import Element, child, full, get, value_of, whole_number

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_OFF = ("0", "false", "off")
_BODY_TEXT_LEVEL = 9
_DEEPEST_CHAIN = 20


class Setting(NamedTuple):
    """Where the properties of a run stand."""

    properties: Element | None
    """The run's own."""
    of_paragraph: str | None
    """The id of the paragraph's style."""
    of_run: str | None
    """The id of the run's style."""


def setting_of(run: Element, style_of_paragraph: str | None) -> Setting:
    """Tell where the properties of a run are to be looked for."""
    properties = child(run, "w:rPr")
    return Setting(properties, style_of_paragraph, value_of(properties, "w:rStyle"))


class Styles:
    """All styles of one file, by id."""

    def __init__(self, tree: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self._chains: dict[str | None, list[Element]] = {}
        self._defaults: dict[str, str] = {}
        self._switched: dict[tuple[str, str | None, str | None], bool] = {}
        self._found: dict[tuple[str, str | None, str | None], Element | None] = {}
        self._document = child(tree, "w:docDefaults", "w:rPrDefault", "w:rPr")
        for style in () if tree is None else tree.iterchildren(full("w:style")):
            style_id = get(style, "w:styleId")
            self._styles.setdefault(style_id, style)
            if get(style, "w:default") not in ("", *_OFF):
                self._defaults.setdefault(get(style, "w:type"), style_id)

    def chain(self, style_id: str | None, kind: str = "paragraph") -> Sequence[Element]:
        """List a style and those that it is based on; the default one where it isn't known."""
        at = style_id if style_id in self._styles else self._defaults.get(kind)
        first = at
        if first not in self._chains:
            chain: list[Element] = []
            while at in self._styles and len(chain) < _DEEPEST_CHAIN:
                chain.append(self._styles[at])
                at = value_of(self._styles[at], "w:basedOn")
            self._chains[first] = chain
        return self._chains[first]

    def names(self, paragraph: Element) -> list[str]:
        """List the names of a paragraph's style and those it is based on."""
        return [value_of(style, "w:name") or "" for style in self._of(paragraph)]

    def heading_level(self, paragraph: Element) -> int | None:
        """Tell as a heading of which level the paragraph stands in Word's outline, from 1."""
        for properties in self._paragraph_properties(paragraph):
            level = value_of(properties, "w:outlineLvl")
            if level is not None:
                number = whole_number(level, otherwise=_BODY_TEXT_LEVEL)
                return number + 1 if number < _BODY_TEXT_LEVEL else None
        for name in self.names(paragraph):
            if found := _HEADING.fullmatch(name):
                return int(found[1])
        return None

    def numbering(self, paragraph: Element) -> tuple[str, str | None, str] | None:
        """Tell the list a paragraph belongs to: its id, the level, the style that says so.

        The level is None where nothing says it. None where it belongs to none.
        """
        number, level = None, None
        direct = child(paragraph, "w:pPr", "w:numPr")
        if direct is not None:
            number, level = value_of(direct, "w:numId"), value_of(direct, "w:ilvl")
        style_id = ""
        for style in self._of(paragraph):
            if number is not None:
                break
            properties = child(style, "w:pPr", "w:numPr")
            if properties is not None:
                number = value_of(properties, "w:numId")
                level = level or value_of(properties, "w:ilvl")
                style_id = get(style, "w:styleId")
        return None if number in (None, "", "0") else (str(number), level, style_id)

    def list_of(self, style_id: str) -> str | None:
        """Tell the id of the list that a style stands for."""
        return value_of(self._styles.get(style_id), "w:pPr", "w:numPr", "w:numId")

    def is_on(self, name: str, setting: Setting) -> bool:
        """Whether a run has a property such as `w:b` that is on or off.

        ECMA-376-1, 17.7.3: on in the paragraph's style and in the run's is off again.
        """
        direct = _switch(setting.properties, name)
        if direct is not None:
            return direct
        return self._is_on_by_style(name, setting.of_paragraph, setting.of_run)

    def property(self, name: str, setting: Setting) -> Element | None:
        """Find a property of a run such as `w:color`, the nearest."""
        direct = child(setting.properties, name)
        if direct is not None:
            return direct
        return self._property_by_style(name, setting.of_paragraph, setting.of_run)

    def paragraph_property(self, name: str, paragraph: Element) -> Element | None:
        """Find a property of a paragraph such as `w:framePr`, the nearest."""
        for properties in self._paragraph_properties(paragraph):
            found = child(properties, name)
            if found is not None:
                return found
        return None

    def _paragraph_properties(self, paragraph: Element) -> Iterator[Element | None]:
        yield child(paragraph, "w:pPr")
        yield from (child(style, "w:pPr") for style in self._of(paragraph))

    def _of(self, paragraph: Element) -> Sequence[Element]:
        return self.chain(value_of(paragraph, "w:pPr", "w:pStyle"))

    def _is_on_by_style(self, name: str, of_paragraph: str | None, of_run: str | None) -> bool:
        key = (name, of_paragraph, of_run)
        if key not in self._switched:
            by_paragraph = self._switched_in(name, self.chain(of_paragraph))
            by_run = self._switched_in(name, self.chain(of_run, "character"))
            is_default = bool(_switch(self._document, name))
            self._switched[key] = is_default or by_paragraph != by_run
        return self._switched[key]

    def _switched_in(self, name: str, chain: Sequence[Element]) -> bool:
        found = (_switch(child(style, "w:rPr"), name) for style in chain)
        return next((value for value in found if value is not None), False)

    def _property_by_style(
        self, name: str, of_paragraph: str | None, of_run: str | None
    ) -> Element | None:
        key = (name, of_paragraph, of_run)
        if key not in self._found:
            styles = (*self.chain(of_run, "character"), *self.chain(of_paragraph))
            places = (*(child(style, "w:rPr") for style in styles), self._document)
            found = (child(place, name) for place in places)
            self._found[key] = next((each for each in found if each is not None), None)
        return self._found[key]


def _switch(properties: Element | None, name: str) -> bool | None:
    value = value_of(properties, name)
    return None if value is None else value not in _OFF
