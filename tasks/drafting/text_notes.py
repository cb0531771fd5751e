"""What the reader of plain text sets aside and what it is not sure of.

The one table of doubts: a doubt blocks where what is printed, or who gets it,
depends on a reading that the source doesn't settle.
"""

from __future__ import annotations

from letters.problem import Doubt

IS_BLOCKING = {
    # The letterhead and page numbers: nothing printed depends on them.
    "letterhead-removed": False,
    "letterhead-run-together": False,
    "letterhead-misspelt": False,
    "page-numbers-removed": False,
    "page-number-unclear": True,
    "footnote-removed": True,
    # The head.
    "date-unclear": True,
    "salutation-missing": True,
    "addressee-unclear": True,
    "addressees-run-together": True,
    "addressee-role-unknown": True,
    "contact-line-removed": True,
    # Which letter it is.
    "kind-from-headings": True,
    "kind-unknown": True,
    "authority-inferred": True,
    "authority-unknown": True,
    # The body.
    "subject-unclear": True,
    "page-break-joined": True,
    "paragraph-split": True,
    "heading-without-blank-line": True,
    "item-without-dash": True,
    "dash-in-text": True,
    "hyphen-at-line-end": True,
    "closing-by-wording": False,  # the same words in the same order either way
    "closing-unclear": True,
    # The end.
    "signatory-run-together": True,
    "signatory-title-joined": True,
    "signatory-unclear": True,
    "text-below-signature": True,
    "copies-run-together": True,
    "copies-unclear": True,
    "copy-line-joined": True,
}

LONGEST_READ_CHARACTERS = 240


class Notes:
    """Doubts in the order they came up, leftovers by the lines they stood on."""

    def __init__(self) -> None:
        self._doubts: list[Doubt] = []
        self._leftovers: list[tuple[int, str]] = []

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

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """All doubts, in the order they came up."""
        return tuple(self._doubts)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """All that was set aside, in the order of the source."""
        return tuple(text for _, text in sorted(self._leftovers, key=lambda each: each[0]))


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
