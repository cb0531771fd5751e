"""The words themselves: the valediction, and what was left unfinished in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.kind import Kind
from letters.letter import Letter, Placed
from letters.problem import Problem

_PLACEHOLDER = re.compile(
    r"""
      \[ \s* (?: name | date | day | month | year | number | no\.? | title | authority | council
             | local\ authority | area | director | address | details | text | sentence
             | (?: insert | add | delete | check | confirm | complete | tbc | tba | tbd | x{1,} )
               \b [^\]]*
         ) \s* \] (?! \( )  # a link's text is markup, not a blank
    | \b [Xx]{2,} \b
    | \b (?: TBC | TBA | TBD ) \b
    | \b [A-Za-z]+ \(s\)
    | «[^»]*»
    | \?{2,} | _{3,}
    | \b lorem\ ipsum \b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKUP = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|</?[A-Za-z][^<>]*>")
_BRACKETED = re.compile(r"\[[^\]]*\]")
_DOUBLED = re.compile(r"\b([^\W\d_]+)\s+\1\b", re.IGNORECASE)


def valediction(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find a valediction not the kind's. Source: “Your sincerely” in published letters."""
    written = letter.valediction.strip().rstrip(",")
    if written != kind.standard.valediction:
        yield Problem(
            code="valediction-wrong",
            place="valediction",
            message=f"The letter closes with “{letter.valediction}”. Write: "
            f"{kind.standard.valediction}",
        )


def placeholders(letter: Letter) -> Iterator[Problem]:
    """Find what was left to be filled in or chosen. Source: a published “area(s)”."""
    for place, text in _written_texts(letter):
        for match in _PLACEHOLDER.finditer(text):
            yield Problem(
                code="placeholder",
                place=place,
                message=f"“{match[0]}” was left open. Write what belongs there.",
            )


def template_markup(letter: Letter) -> Iterator[Problem]:
    """Find markup: it is printed as it stands, and rarely meant. Source: text stays text."""
    for place, text in _written_texts(letter):
        if match := _MARKUP.search(text):
            yield _look(
                "template-markup",
                place,
                f"“{match[0]}” will be printed as it stands: it looks like markup.",
            )


def bracketed_text(letter: Letter) -> Iterator[Problem]:
    """Find square brackets: a drafter's note, or an insertion in a quotation.

    Source: drafting habit; none of the published letters has a bracket.
    """
    for place, text in _written_texts(letter):
        for match in _BRACKETED.finditer(text):
            if not _PLACEHOLDER.search(text, match.start(), match.end() + 1):
                yield _look("bracketed-text", place, f"“{match[0]}” may be a note to yourself.")


def doubled_words(letter: Letter) -> Iterator[Problem]:
    """Find words that stand twice. Source: a published “that that”; “had had” can be right."""
    for place, text in _written_texts(letter):
        for match in _DOUBLED.finditer(text):
            if match[1].casefold() != "had":
                yield _look("doubled-word", place, f"“{match[0]}”: a word stands twice.")


def _look(code: str, place: str, message: str) -> Problem:
    return Problem(
        code=code, place=place, message=f"{message} See whether it is meant.", is_blocking=False
    )


def _written_texts(letter: Letter) -> Iterator[Placed]:
    """Yield all that the draft's author wrote: neither the letterhead nor what is composed."""
    ours = {"reference", "letterhead", "date", "valediction"}
    return (placed for placed in letter.printed_texts() if placed.place not in ours)
