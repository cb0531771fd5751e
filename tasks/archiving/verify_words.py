"""Verification of a PDF's words: what its pages say, to another program, is the letter.

PDFium reads everything that is painted, page by page. The letter says which words these
must be, in which order, and that there is nothing between them but the running lines of
each page. How it looks is for the hash of the approved file, and for the seal.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

import pypdfium2

from letters.letter import Letter, Passage, day_in_words, words

SAMPLE_MARK = "SAMPLE — not an official letter"
BULLET = "•"

LONG_WORD = 30
"""Characters from which on a word may be broken at a line's end (templates/letter.typ)."""

LINE_END_HYPHEN = "\ufffe"
"""What PDFium makes of a hyphen at a line's end, together with the end."""

_LIGATURES = re.compile("[\ufb00-\ufb4f]")
"""PDFium takes them apart, whether the font or the letter put them together."""

_CONTEXT_WORDS = 6

# PDFium is not made for threads.
_reading = Lock()


class _Word(NamedTuple):
    text: str
    begins_line: bool


class _Stretch(NamedTuple):
    """Words that follow one another."""

    words: list[str]
    is_in_columns: bool = False
    """Set side by side: what comes first depends on where a page ends."""


def words_missing(pdf: bytes, letter: Letter) -> tuple[str, ...]:
    """Tell where a PDF first says other words than the letter; nothing where it says just those.

    What can't be read says other words.
    """
    try:
        pages = _pages(pdf)
    except (pypdfium2.PdfiumError, ValueError) as error:
        return (f"The PDF's pages can't be read: {error}.",)
    said: list[_Word] = []
    for number, page in enumerate(pages, start=1):
        body = _without_running_lines(page, letter, f"Page {number} of {len(pages)}")
        if body is None:
            return (f"Page {number} of {len(pages)} doesn't bear the letter's running lines.",)
        said += body
    place = 0
    for stretch in _stretches(letter):
        end, difference = _follow(stretch.words, said, place)
        if difference:
            gathered = _gather(stretch.words, said, place) if stretch.is_in_columns else None
            if gathered is None:
                return (difference,)
            end = gathered
        place = end
    if place < len(said):
        return (f"After the letter's last word the PDF says “{_shown(said[place:])}”.",)
    return ()


def _pages(pdf: bytes) -> list[list[_Word]]:
    with _reading:
        document = pypdfium2.PdfDocument(pdf)
        try:
            texts = [page.get_textpage().get_text_range() for page in document]
        finally:
            document.close()
    return [
        [
            _Word(text, begins_line=place == 0)
            for line in re.split(r"[\r\n]+", _plain(page.replace(LINE_END_HYPHEN, "-\n")))
            for place, text in enumerate(words([line]))
        ]
        for page in texts
    ]


def _without_running_lines(page: list[_Word], letter: Letter, number: str) -> list[_Word] | None:
    head = words([SAMPLE_MARK]) if letter.sample else []
    foot = words([letter.reference, number])
    texts, end = [word.text for word in page], len(page) - len(foot)
    is_framed = texts[: len(head)] == head and texts[max(end, 0) :] == foot
    return page[len(head) : end] if is_framed else None


def _stretches(letter: Letter) -> Iterator[_Stretch]:
    """Lay out the letter's words as they are printed, a bullet before each item of a list."""
    head, addressees, signatories = letter.letterhead, letter.addressees, letter.signatories
    yield _stretch([head.organisation, *head.lines, day_in_words(letter.date)])
    yield _stretch([text for one in addressees for text in (one.name, *one.lines)], addressees)
    body = [letter.salutation, letter.subject, *_printed(letter.opening)]
    for section in letter.sections:
        body += [section.heading, *_printed(section.passages)]
    yield _stretch([*body, *_printed(letter.closing), letter.valediction])
    yield _stretch([text for one in signatories for text in (one.name, one.title)], signatories)
    yield _stretch(["Copy:", *(copy.line for copy in letter.copies)] if letter.copies else [])


def _stretch(texts: list[str], people: tuple[object, ...] = ()) -> _Stretch:
    return _Stretch(words([_plain(text) for text in texts]), is_in_columns=len(people) > 1)


def _printed(passages: tuple[Passage, ...]) -> Iterator[str]:
    for passage in passages:
        if passage.style == "item":
            yield BULLET
        yield passage.text


def _follow(expected: list[str], said: list[_Word], start: int) -> tuple[int, str]:
    """Go through words that are expected in order; return where they end, or the difference."""
    place = start
    for number, word in enumerate(expected):
        found, place = _next(said, place, word)
        if found != word:
            before = " ".join(expected[max(number - _CONTEXT_WORDS, 0) : number])
            after = f"After “{before}” the" if before else "The"
            return place, f"{after} letter says “{word}”, the PDF “{found}”."
    return place, ""


def _next(said: list[_Word], place: int, expected: str) -> tuple[str, int]:
    """Take the next word, which may go on in the lines below."""
    found = ""
    while place < len(said) and found != expected:
        if found and not _may_go_on(found, said[place], expected):
            break
        found += said[place].text
        place += 1
    return found, place


def _may_go_on(found: str, below: _Word, expected: str) -> bool:
    """Whether a line may have ended within a word: hardly ever between two letters."""
    is_between_letters = found[-1].isalnum() and below.text[0].isalnum()
    may_be_broken = len(expected) >= LONG_WORD or not is_between_letters
    return below.begins_line and may_be_broken and expected.startswith(found)


def _gather(expected: list[str], said: list[_Word], start: int) -> int | None:
    """Take as much text, in whatever order; return where it ends if it has the same letters."""
    text, place = "".join(expected), start
    found = ""
    while place < len(said) and len(found) < len(text):
        found += said[place].text
        place += 1
    return place if Counter(found) == Counter(text) else None


def _plain(text: str) -> str:
    return _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def _shown(said: list[_Word]) -> str:
    return " ".join(word.text for word in said[:_CONTEXT_WORDS])
