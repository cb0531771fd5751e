"""What changed between two letters: printed words kept, removed and added, part by part.

Owns the comparison only. How a change is shown, and which two revisions are
compared, is the signing page's to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from letters.letter import Letter, Passage, day_in_words
from letters.recipient import FrozenRecipient, normalised_address

MOST_WORD_PAIRS = 4_000_000
MOST_PASSAGE_PAIRS = 10_000
"""What is compared at most; beyond it all is told as rewritten.

The time grows with the pairs, and a draft may be as long as a book.
"""

ALIKE_FROM = 0.4
"""Of their words: from here on one passage is told as the other rewritten."""


class Run(NamedTuple):
    """Words that follow one another and share a fate."""

    fate: Literal["kept", "removed", "added"]
    words: str


class ChangedPassage(NamedTuple):
    """A paragraph or an item of a list, in which something may have changed."""

    style: Literal["paragraph", "item"]
    runs: tuple[Run, ...]

    @property
    def is_changed(self) -> bool:
        """Whether any word was removed or added."""
        return any(run.fate != "kept" for run in self.runs)


class ChangedPart(NamedTuple):
    """A part of the letter in which something changed, with all of its passages."""

    title: str
    passages: tuple[ChangedPassage, ...]


class ChangedRecipient(NamedTuple):
    """Someone who gets the letter now and didn't before, or the other way round."""

    fate: Literal["removed", "added", "readdressed"]
    recipient: FrozenRecipient


class _Part(NamedTuple):
    title: str
    passages: tuple[Passage, ...]


def changed_parts(before: Letter, after: Letter) -> tuple[ChangedPart, ...]:
    """Tell the parts of `after` whose printed words are others than in `before`, in its order.

    A section that `after` no longer has stands where it stood.
    """
    old, new = _parts(before), _parts(after)
    nothing = _Part("", ())
    changed = []
    for key in _merged(list(old), list(new)):
        was, now = old.get(key, nothing), new.get(key, nothing)
        passages = tuple(_changed_passages(was.passages, now.passages))
        if any(passage.is_changed for passage in passages):
            changed.append(ChangedPart(now.title or was.title, passages))
    return (*_changed_order(old, new), *changed)


def changed_recipients(
    before: Sequence[FrozenRecipient], after: Sequence[FrozenRecipient]
) -> tuple[ChangedRecipient, ...]:
    """Tell who no longer gets the letter, who gets it now, and who at another address."""
    old = {(person.role, person.name): person for person in before}
    new = {(person.role, person.name): person for person in after}
    return (
        *(ChangedRecipient("removed", old[key]) for key in old if key not in new),
        *(ChangedRecipient("added", new[key]) for key in new if key not in old),
        *(
            ChangedRecipient("readdressed", new[key])
            for key in new
            if key in old
            and normalised_address(old[key].email) != normalised_address(new[key].email)
        ),
    )


def _parts(letter: Letter) -> dict[str, _Part]:
    """Lay out all that is printed, but the reference, which is the letter's for life."""
    parts = {
        "letterhead": _Part(
            "Letterhead", _lines(letter.letterhead.organisation, *letter.letterhead.lines)
        ),
        "date": _Part("Date", _lines(day_in_words(letter.date))),
        "addressees": _Part(
            "Addressed to",
            _lines(*(line for a in letter.addressees for line in (a.name, *a.lines))),
        ),
        "salutation": _Part("Salutation", _lines(letter.salutation)),
        "subject": _Part("Subject", _lines(letter.subject)),
        "opening": _Part("Opening", letter.opening),
    }
    for section in letter.sections:
        key = f"section {section.key}"
        while key in parts:  # a kind may let a section stand twice
            key += " again"
        parts[key] = _Part(section.heading, (*_lines(section.heading), *section.passages))
    return parts | {
        "closing": _Part("Closing", letter.closing),
        "valediction": _Part("Valediction", _lines(letter.valediction)),
        "signatories": _Part(
            "Signed by", _lines(*(line for s in letter.signatories for line in (s.name, s.title)))
        ),
        "copies": _Part("Copy list", _lines(*(copy.line for copy in letter.copies))),
    }


def _changed_order(old: dict[str, _Part], new: dict[str, _Part]) -> Iterator[ChangedPart]:
    common = {key: part.title for key, part in old.items() if key in new}
    was = _lines(*common.values())
    now = _lines(*(common[key] for key in new if key in common))
    if was != now:
        yield ChangedPart("Order of the sections", tuple(_changed_passages(was, now)))


def _lines(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(style="paragraph", text=text) for text in texts)


def _merged(old: list[str], new: list[str]) -> Iterator[str]:
    """Yield each key once: those of `new` in their order, the others where they stood."""
    for tag, from_old, to_old, from_new, to_new in _opcodes(old, new):
        if tag != "equal":
            yield from (key for key in old[from_old:to_old] if key not in new)
        yield from new[from_new:to_new]


def _changed_passages(
    old: tuple[Passage, ...], new: tuple[Passage, ...]
) -> Iterator[ChangedPassage]:
    for tag, from_old, to_old, from_new, to_new in _opcodes(old, new):
        if tag == "equal":
            yield from (
                ChangedPassage(same.style, (Run("kept", same.text),))
                for same in new[from_new:to_new]
            )
            continue
        for was, now in _paired(old[from_old:to_old], new[from_new:to_new]):
            runs = _changed_words(was.text.split() if was else [], now.text.split() if now else [])
            either = now or was
            yield ChangedPassage(either.style if either else "paragraph", tuple(runs))


def _paired(
    old: Sequence[Passage], new: Sequence[Passage]
) -> list[tuple[Passage | None, Passage | None]]:
    """Pair each passage with the one it came from, in order, so that the most words agree."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    if len(old) * len(new) > MOST_PASSAGE_PAIRS:
        return [*((was, None) for was in old), *((None, now) for now in new)]
    likeness = _likeness(old, new)
    # best[i][j]: the most that old[i:] and new[j:] can agree.
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            pair = likeness[i][j]
            best[i][j] = max(
                best[i + 1][j], best[i][j + 1], pair + best[i + 1][j + 1] if pair else 0.0
            )
    pairs: list[tuple[Passage | None, Passage | None]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((old[i], None))
            i += 1
        else:
            pairs.append((None, new[j]))
            j += 1
    return [*pairs, *((was, None) for was in old[i:]), *((None, now) for now in new[j:])]


def _likeness(old: Sequence[Passage], new: Sequence[Passage]) -> list[list[float]]:
    """Tell for each pair which share of their words agrees; 0 for too few."""
    old_words = [Counter(passage.text.split()) for passage in old]
    new_words = [Counter(passage.text.split()) for passage in new]
    shares = [
        [2 * (was & now).total() / (was.total() + now.total() or 1) for now in new_words]
        for was in old_words
    ]
    return [[share if share >= ALIKE_FROM else 0.0 for share in row] for row in shares]


def _changed_words(old: list[str], new: list[str]) -> Iterator[Run]:
    for tag, from_old, to_old, from_new, to_new in _opcodes(old, new):
        if tag == "equal":
            yield Run("kept", " ".join(new[from_new:to_new]))
            continue
        if to_old > from_old:
            yield Run("removed", " ".join(old[from_old:to_old]))
        if to_new > from_new:
            yield Run("added", " ".join(new[from_new:to_new]))


def _opcodes(
    old: Sequence[object], new: Sequence[object]
) -> Sequence[tuple[str, int, int, int, int]]:
    if old == new:
        return [("equal", 0, len(old), 0, len(new))]
    if len(old) * len(new) > MOST_WORD_PAIRS:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
