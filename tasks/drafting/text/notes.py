"""What the reader of plain text sets aside, what it is not sure of, where words stood.

The one table of doubts: a doubt blocks where what is printed, or who gets it,
depends on a reading that the source doesn't settle.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter, itemgetter

from letters.problem import Doubt
from letters.reading import Source
from tasks.drafting.text.lines import SourceLine

IS_BLOCKING = {
    # What belongs to the page: nothing printed depends on it.
    "letterhead-removed": False,
    "letterhead-run-together": False,
    "letterhead-misspelt": False,
    "page-numbers-removed": False,
    "page-number-unclear": True,
    "running-heads-removed": True,
    # The head.
    "date-unclear": True,
    "salutation-missing": True,
    "addressee-unclear": True,
    "addressees-run-together": True,
    "addressees-side-by-side": True,
    "addressee-role-inferred": False,  # no address in the register: it can't go out unseen
    "addressee-role-unknown": True,
    "contact-line-removed": True,
    # Which letter it is.
    "kind-from-headings": True,
    "kind-unknown": True,
    "authority-inferred": True,
    "authority-unknown": True,
    # The body.
    "subject-unclear": True,
    "passage-over-pages": False,  # nothing but a page's end stands within the sentence
    "page-break-joined": True,
    "paragraph-split": True,
    "paragraph-without-blank-line": False,  # the line before it leaves room for its first word
    "heading-without-blank-line": True,
    "heading-unknown": False,  # a short line alone; only how large it is printed is open
    "item-without-dash": True,
    "paragraph-among-items": True,
    "dash-in-text": True,
    "hyphen-at-line-end": True,
    "footnote-moved": True,
    "closing-by-wording": False,  # the same words in the same order either way
    "closing-not-found": False,
    "closing-unclear": True,
    # The end.
    "signatory-run-together": True,
    "signatory-title-joined": True,
    "signatory-unclear": True,
    "signatures-side-by-side": True,
    "text-below-signature": True,
    "copies-run-together": True,
    "copies-unclear": True,
    "copy-line-joined": True,
}

LONGEST_READ_CHARACTERS = 240


class Notes:
    """Doubts in the order they came up, leftovers and sources by the lines they stood on."""

    def __init__(self) -> None:
        self._doubts: list[Doubt] = []
        self._leftovers: list[tuple[int, str]] = []
        self._sources: list[Source] = []

    def doubt(self, code: str, place: str, *, read: str, proposed: str) -> None:
        """Note that a passage was read in one of several ways."""
        self._doubts.append(
            Doubt(
                code=code,
                place=place,
                read=shorten(read),
                proposed=proposed,
                is_blocking=IS_BLOCKING[code],
            )
        )

    def leave(self, line_number: int, text: str) -> None:
        """Set a line of the source aside."""
        self._leftovers.append((line_number, text))

    def stood(self, place: str, lines: Iterable[SourceLine]) -> None:
        """Note on which lines the words of a place stood."""
        for line in lines:
            if line.text:
                source = Source(place=place, line=line.number, text=line.source)
                self._sources.append(source)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """All doubts, in the order they came up."""
        return tuple(self._doubts)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """All that was set aside, in the order of the source."""
        return tuple(text for _, text in sorted(self._leftovers, key=itemgetter(0)))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where all words stood, in the order of the source."""
        return tuple(sorted(self._sources, key=attrgetter("line")))


def shorten(text: str, longest: int = LONGEST_READ_CHARACTERS) -> str:
    """Shorten a text in its middle, at spaces where there are any."""
    if len(text) <= longest:
        return text
    half = longest // 2 - 2
    start, end = text[:half], text[-half:]
    return f"{start.rpartition(' ')[0] or start} … {end.partition(' ')[2] or end}"


def around_break(before: str, after: str) -> tuple[str, str]:
    """Quote the words around a break: as they stood, and joined."""
    end = shorten_start(before)
    start = after if len(after) <= 60 else f"{after[:60].rpartition(' ')[0] or after[:60]} …"
    return f"{end} [break] {start}", f"{end} {start}"


def shorten_start(text: str) -> str:
    """Keep the last words of a text."""
    if len(text) <= 60:
        return text
    return f"… {text[-60:].partition(' ')[2] or text[-60:]}"
