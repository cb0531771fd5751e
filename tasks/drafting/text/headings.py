"""Which lines of a plain text draft are headings: those the kind knows, and those so shaped."""

from __future__ import annotations

import difflib

from letters.kind import Kind, SectionRule
from tasks.drafting.text.words import plain

LONGEST_HEADING_CHARACTERS = 120
LONGEST_HEADING_IN_BLOCK_CHARACTERS = 60

_ENDS_NO_HEADING = (".", "!", ":", ";", ",")
_BEHIND_THE_END = "'\"’”)0123456789"
"""Closing quotation marks and brackets, and the mark of a footnote."""
_LIKE_A_KNOWN_ONE = 0.8
"""Share of letters alike: `Strenghts` is `Strengths`, `Next steps` is neither."""


class Headings:
    """The headings of a kind's sections; none where the kind is unknown."""

    def __init__(self, kind: Kind | None) -> None:
        self._kind = kind
        rules = kind.sections if kind else ()
        self._names = [plain(name) for rule in rules for name in (rule.heading, *rule.known_as)]
        self._longest = max(map(len, self._names), default=0) + len("?12")
        self._beginnings = tuple({name.partition(" ")[0] for name in self._names})

    def rule_of(self, text: str) -> SectionRule | None:
        """Find the section that a heading names."""
        # Asked of every line: most are told by their length or first word.
        if len(text) > self._longest or not plain(text).startswith(self._beginnings):
            return None
        return self._kind.section_headed(text) if self._kind else None

    def is_known(self, text: str) -> bool:
        """Whether a text is the heading of one of the kind's sections."""
        return self.rule_of(text) is not None

    def is_near_known(self, text: str) -> bool:
        """Whether a text is almost the heading of a section: misspelt, perhaps."""
        return bool(difflib.get_close_matches(plain(text), self._names, 1, _LIKE_A_KNOWN_ONE))


def is_shaped_like_heading(text: str) -> bool:
    """Whether a text is short, begins with a capital, and is no sentence."""
    return (
        len(text) <= LONGEST_HEADING_CHARACTERS
        and text[0].isupper()
        and not text.rstrip(_BEHIND_THE_END).endswith(_ENDS_NO_HEADING)
        and ". " not in text
    )
