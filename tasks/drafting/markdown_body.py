"""The body of a Markdown draft: subject, opening, sections, closing.

Of Markdown only paragraphs, headings, bulleted lists and the thematic break are
markup; all else comes out as the text it is. What would be lost or could be
read in two ways is refused with its line, never repaired.
"""

from __future__ import annotations

from typing import Literal, NoReturn

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from letters.letter import Passage
from letters.problem import DraftUnreadable
from tasks.drafting.front_matter import single_spaced

_PARSER = MarkdownIt("zero").enable(["heading", "list", "hr", "escape"])


class MarkdownBody:
    """The words below the front matter, taken apart token by token."""

    def __init__(self, lines: list[str], *, first_line: int, source: str) -> None:
        self.subject = ""
        self.opening: list[Passage] = []
        self.sections: list[tuple[str, int, list[Passage]]] = []
        self.closing: list[Passage] = []
        self._lines = lines
        self._first_line = first_line
        self._source = source
        self._passages = self.opening
        self._has_subject = self._is_closing = False
        self._read(_PARSER.parse("\n".join(lines)))

    def _read(self, tokens: list[Token]) -> None:
        position = 0
        previous = ""
        while position < len(tokens):
            token = tokens[position]
            self._demand_blank_line(token, previous)
            previous = token.type
            if token.type == "heading_open":
                self._head(token, _words(tokens[position + 1]))
                position += 3
            elif token.type == "paragraph_open":
                self._add("paragraph", _words(tokens[position + 1]), token)
                position += 3
            elif token.type == "hr":
                self._begin_closing(token)
                position += 1
            elif token.type == "bullet_list_open":
                position = self._list(tokens, position + 1)
            else:
                self._refuse(
                    "A numbered list would lose its numbers.",
                    token,
                    "draft-numbered-list",
                    "Begin each item with a dash, or write the number as text: 1\\. and so on.",
                )

    def _list(self, tokens: list[Token], position: int) -> int:
        while tokens[position].type == "list_item_open":
            item, *inside = tokens[position : position + 5]
            kinds = [token.type for token in inside]
            if kinds[0] == "list_item_close":
                self._refuse("The item is empty.", item, "draft-item-empty", "Delete its dash.")
            if kinds != ["paragraph_open", "inline", "paragraph_close", "list_item_close"]:
                self._refuse(
                    "An item of a list is one paragraph, with nothing nested in it.",
                    item,
                    "draft-item-nested",
                    "Write one item for each thing, all at the margin.",
                )
            self._add("item", _words(inside[1]), item)
            position += 5
        return position + 1

    def _head(self, token: Token, heading: str) -> None:
        level = int(token.tag[1:])
        if self._is_closing:
            self._refuse(
                "A heading can't follow the break that ends the sections.",
                token,
                "draft-heading-misplaced",
                "Delete the line --- above, or put it below the last section.",
            )
        if level == 1:
            if self._has_subject or self.opening or self.sections:
                self._refuse(
                    "The subject (#) stands once, before everything else.",
                    token,
                    "draft-subject-misplaced",
                    "Write ## for a section.",
                )
            self.subject, self._has_subject = heading, True
            return
        if level > 3:
            self._refuse(
                "Headings go no deeper than ###.", token, "draft-heading-too-deep", "Write ###."
            )
        self._passages = []
        self.sections.append((heading, level - 1, self._passages))

    def _begin_closing(self, token: Token) -> None:
        if self._is_closing:
            self._refuse(
                "The sections end once: there is a second break.",
                token,
                "draft-break-twice",
                "Delete one of the two lines ---.",
            )
        self._is_closing, self._passages = True, self.closing

    def _add(self, style: Literal["paragraph", "item"], text: str, token: Token) -> None:
        if not text:  # a line of other space only: no words are lost
            return
        try:
            self._passages.append(Passage(style=style, text=text))
        except ValidationError:
            self._refuse(
                f"The passage is too long: {len(text):,} characters.",
                token,
                "draft-passage-too-long",
                "Break it into paragraphs.",
            )

    def _demand_blank_line(self, token: Token, previous: str) -> None:
        """Refuse what may be a wrapped line that begins with a dash, hash or number by chance."""
        above = token.map[0] - 1 if token.map else -1
        if (
            previous in ("paragraph_open", "bullet_list_open")
            and above >= 0
            and self._lines[above].strip()
        ):
            self._refuse(
                "This line may belong to the passage above, or begin something new.",
                token,
                "draft-blank-line-missing",
                "Put a blank line above it; or, if it goes on, put a backslash before its first "
                "sign.",
            )

    def _refuse(self, message: str, token: Token, code: str, remedy: str) -> NoReturn:
        line = self._first_line + (token.map[0] if token.map else 0)
        raise DraftUnreadable(
            message, where=f"{self._source}, line {line}", remedy=remedy, code=code
        )


def _words(inline: Token) -> str:
    """Return an inline token's text; a backslash at a line's end is text, not a break."""
    return single_spaced(
        "".join(child.content if child.type == "text" else "\\ " for child in inline.children or ())
    )
