"""The body of a Markdown draft: subject, opening, sections, closing.

Of Markdown only paragraphs, headings, bulleted lists, emphasis and the thematic
break are markup; all else comes out as the text it is. What would be lost or could be
read in two ways is refused with its line, never repaired.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, NoReturn

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from letters.emphasis import Emphasised, Run, Style, emphasised
from letters.letter import Passage
from letters.problem import DraftUnreadable

_PARSER = MarkdownIt("zero", {"html": True}).enable(
    ["heading", "list", "hr", "escape", "emphasis", "html_block", "html_inline"]
)


CLOSING = -1


class Span(NamedTuple):
    """The lines on which a passage, a heading or the subject stood."""

    part: int
    """0 is the subject and the opening, then the sections from 1; CLOSING at the end."""
    number: int
    """Of the passage in its part; 0 is the heading, or the subject."""
    first: int
    last: int
    """Lines of the draft, from 1, both included."""


class MarkdownBody:
    """The words below the front matter, taken apart token by token."""

    def __init__(self, lines: list[str], *, first_line: int, source: str) -> None:
        self.subject = ""
        self.opening: list[Passage] = []
        self.sections: list[tuple[str, int, list[Passage]]] = []
        self.closing: list[Passage] = []
        self.spans: list[Span] = []
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
            if token.type == "html_block":
                self._refuse_html(token)
            if token.type == "heading_open":
                self._head(token, self._words(tokens[position + 1]).text)
                position += 3
            elif token.type == "paragraph_open":
                self._add("paragraph", self._words(tokens[position + 1]), token)
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
            self._add("item", self._words(inside[1]), item)
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
            self._note(token, 0)
            return
        if level > 3:
            self._refuse(
                "Headings go no deeper than ###.", token, "draft-heading-too-deep", "Write ###."
            )
        self._passages = []
        self.sections.append((heading, level - 1, self._passages))
        self._note(token, 0)

    def _begin_closing(self, token: Token) -> None:
        if self._is_closing:
            self._refuse(
                "The sections end once: there is a second break.",
                token,
                "draft-break-twice",
                "Delete one of the two lines ---.",
            )
        self._is_closing, self._passages = True, self.closing

    def _add(self, style: Literal["paragraph", "item"], words: Emphasised, token: Token) -> None:
        text, emphasis = words
        if not text:  # a line of other space only: no words are lost
            return
        try:
            self._passages.append(Passage(style=style, text=text, emphasis=emphasis))
        except ValidationError:
            self._refuse(
                f"The passage is too long: {len(text):,} characters.",
                token,
                "draft-passage-too-long",
                "Break it into paragraphs.",
            )

        self._note(token, len(self._passages))

    def _note(self, token: Token, number: int) -> None:
        first, end = token.map or (0, 1)
        while end > first + 1 and not self._lines[end - 1].strip():
            end -= 1  # a list's last item reaches to what follows
        part = CLOSING if self._is_closing else len(self.sections)
        self.spans.append(Span(part, number, self._first_line + first, self._first_line + end - 1))

    def _words(self, inline: Token) -> Emphasised:
        """Return an inline token's words; a backslash at a line's end is text, not a break."""
        runs: list[Run] = []
        bold = italic = 0
        for child in inline.children or ():
            if child.type == "html_inline":
                self._refuse_html(inline)
            bold += child.nesting if child.tag == "strong" else 0
            italic += child.nesting if child.tag == "em" else 0
            style: Style = (
                ("bold-italic" if italic else "bold") if bold else "italic" if italic else ""
            )
            if child.tag not in ("strong", "em"):
                runs.append(Run(child.content if child.type == "text" else "\\ ", style))
        return emphasised(runs)

    def _refuse_html(self, token: Token) -> NoReturn:
        self._refuse(
            "HTML can't stand in a draft.",
            token,
            "draft-html",
            "Take the tag out; or, if it is meant as text, put a backslash before its “<”.",
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
