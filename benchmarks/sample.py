"""What is measured on: the sample letter, other words as long as its own, and other authorities.

Owns the variations; how a draft becomes a letter is the product's.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import ROOT
from letters.letter import Letter, Passage

SAMPLE = ROOT / "config" / "sample_office"
INSPECTOR = "helmsley"

_FIRST = (
    "Quill",
    "Sedge",
    "Marl",
    "Osier",
    "Teasel",
    "Bracken",
    "Thrush",
    "Rowan",
    "Heron",
    "Sorrel",
)
_LAST = ("mere", "combe", "holt", "stead", "wold", "garth", "ford", "ham", "field", "ley")
_FURTHER = ("worth", "bury", "wick", "ton", "den", "cliffe")


class Authority(NamedTuple):
    """An invented authority, in whose name the sample's is changed."""

    code: str
    name: str

    @property
    def reference(self) -> str:
        """The reference of its letter."""
        return f"CRA-{self.code.upper()}-2011-03-08"

    def in_place_of_the_sample(self, text: str) -> str:
        """Write this authority wherever a text names the sample's."""
        return text.replace("Westmere", self.name).replace("westmere", self.code)


def draft_path() -> Path:
    """Find the sample draft."""
    (path,) = SAMPLE.glob("*.md")
    return path


def authorities(count: int) -> tuple[Authority, ...]:
    """Invent authorities: each has a letter of its own from the sample draft."""
    names = [
        *(first + last for first, last in product(_FIRST, _LAST)),
        *(first + last for first, last in product(_FIRST, _FURTHER)),
    ]
    if count > len(names):
        raise ValueError(f"There are names for {len(names)} authorities, not for {count}.")
    return tuple(Authority(name.lower(), name) for name in names[:count])


def draft_of(authority: Authority) -> bytes:
    """Write the sample draft in another authority's name."""
    return authority.in_place_of_the_sample(draft_path().read_text("utf-8")).encode()


def write_register(folder: Path, names: tuple[Authority, ...]) -> None:
    """Write the sample's register for these authorities."""
    folder.mkdir(parents=True)
    for name in ("authorities.csv", "contacts.csv"):
        head, *rows = (SAMPLE / name).read_text("utf-8").splitlines()
        own = [row for row in rows if "westmere" in row]
        everyones = [row for row in rows if row not in own]
        written = [authority.in_place_of_the_sample(row) for authority in names for row in own]
        (folder / name).write_text("\n".join([head, *written, *everyones, ""]), "utf-8")
    (folder / "inspectors.toml").write_bytes((SAMPLE / "inspectors.toml").read_bytes())


def with_other_words(letter: Letter, number: int) -> Letter:
    """Change every paragraph, keeping its words: each letter is set as if never seen before."""

    def turned(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        return tuple(passage.model_copy(update={"text": _turned(passage.text, number)})
                     for passage in passages)  # fmt: skip

    return letter.model_copy(
        update={
            "opening": turned(letter.opening),
            "closing": turned(letter.closing),
            "sections": tuple(
                section.model_copy(update={"passages": turned(section.passages)})
                for section in letter.sections
            ),
        }
    )


def _turned(text: str, number: int) -> str:
    words = text.split()
    start = number % len(words)
    return " ".join(words[start:] + words[:start])
