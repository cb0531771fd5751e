"""A person's name as it is printed: titles, the name itself, honours after it.

Names are never changed. They are taken apart for one purpose only: to greet an
addressee by title and surname, and to see whether a draft's greeting is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_TITLES = {
    **{title.casefold(): title for title in ("Mr", "Mrs", "Ms", "Miss", "Mx", "Dr")},
    **{title.casefold(): title for title in ("Professor", "Councillor", "Reverend", "Alderman")},
    **{title.casefold(): title for title in ("Sir", "Dame", "Lord", "Lady", "Baroness")},
    "madam": "Madam",
    "prof": "Professor",
    "cllr": "Councillor",
    "rev": "Reverend",
    "revd": "Reverend",
}
_GREETED_BY_FORENAME = frozenset({"Sir", "Dame"})
_HONOURS = frozenset(
    (
        *("MBE", "OBE", "CBE", "KBE", "DBE", "GBE", "BEM", "CB", "CMG", "QPM", "KPM"),
        *("JP", "DL", "KC", "QC", "MP", "PhD", "MA", "BA", "MSc", "BSc", "FRSA"),
        *("MB", "ChB", "BM", "BS", "BCh", "DCH", "FRCA", "FRCP", "FRCPCH", "MRCP", "RGN"),
    )
)
_PARTICLES = frozenset(
    (
        *("van", "von", "der", "den", "de", "del", "di", "da", "du", "la", "le"),
        *("ap", "ab", "al", "el", "bin", "ibn", "st"),
    )
)


class PrintedName(NamedTuple):
    """A name taken apart, each word as it stood but for a closing full stop or comma."""

    titles: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def surname(self) -> str:
        """The last word, and the particles before it: `van der Berg`."""
        start = len(self.words) - 1
        while start > 1 and self.words[start - 1].casefold() in _PARTICLES:
            start -= 1
        return " ".join(self.words[max(start, 0) :])

    @property
    def greeting(self) -> str:
        """How the person is greeted: title and surname, or the whole name without a title."""
        if not self.titles or not self.words:
            return " ".join((*self.titles, *self.words))
        if self.titles[0] in _GREETED_BY_FORENAME:
            return f"{self.titles[0]} {self.words[0]}"
        return f"{self.titles[0]} {self.surname}"

    def is_greeted_as(self, greeted: PrintedName) -> bool:
        """Whether a greeting by title fits: none of its titles is another's, nor the surname."""
        if self.titles and not set(greeted.titles) <= set(self.titles):
            return False
        if greeted.titles and greeted.titles[0] in _GREETED_BY_FORENAME:
            return greeted.words[:1] == self.words[:1]
        return bool(greeted.words) and self.words[-len(greeted.words) :] == greeted.words


def parse_name(printed: str) -> PrintedName:
    """Take a printed name apart: `Councillor Mrs Sheila Clarke MBE`."""
    words = [word.strip(",.") for word in re.sub("[’ʼ]", "'", printed).split()]
    words = [word for word in words if word]
    titles = []
    while words and words[0].casefold() in _TITLES:
        titles.append(_TITLES[words.pop(0).casefold()])
    while len(words) > 1 and words[-1] in _HONOURS:
        words.pop()
    return PrintedName(tuple(titles), tuple(words))


def greeting_of(names: Sequence[str]) -> str:
    """Greet several people in one breath: `Ms Ash, Dr Birch and Mr Cole`."""
    greetings = [parse_name(name).greeting for name in names]
    if len(greetings) < 2:
        return "".join(greetings)
    return f"{', '.join(greetings[:-1])} and {greetings[-1]}"
