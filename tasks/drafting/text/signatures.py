"""Who signs a letter in plain text: names and titles, also those side by side.

A name and a title that ran together are told apart by the kind's titles, never by guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from letters.letter import Signatory
from tasks.drafting.text.columns import columns_of, has_columns
from tasks.drafting.text.lines import Block, SourceLine, blocks_of
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.words import begins_with, straight

LONGEST_SIGNATURE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signatory, with the lines that say so and the doubt that this leaves."""

    signatory: Signatory
    lines: tuple[SourceLine, ...]
    doubt: str = ""


def read_signatories(
    lines: Sequence[SourceLine], inspectors: Sequence[str], titles: Sequence[str], notes: Notes
) -> tuple[Signatory, ...]:
    """Read name and title of each signatory; what is neither is left over with a doubt."""
    kept = _without_text(lines, notes)
    is_side_by_side = any(map(has_columns, kept))
    if not is_side_by_side:
        signatures = list(_signatures(kept, inspectors, titles, notes))
    else:
        signatures = [
            signature
            for column in columns_of(kept)
            for signature in _signatures(column, inspectors, titles, notes)
        ]
        signatures.sort(key=lambda each: (each.lines[0].number, each.lines[0].indent))
        notes.doubt(
            "signatures-side-by-side",
            "signatories",
            read=" / ".join(line.text for line in kept if line.text),
            proposed=" // ".join(
                f"{each.signatory.name} / {each.signatory.title}" for each in signatures
            ),
        )
    for number, signature in enumerate(signatures, start=1):
        place = f"signatories/{number}"
        notes.stood(place, signature.lines)
        if signature.doubt and not is_side_by_side:
            notes.doubt(
                signature.doubt,
                place,
                read=" / ".join(line.text for line in signature.lines),
                proposed=f"{signature.signatory.name} / {signature.signatory.title}",
            )
    return tuple(signature.signatory for signature in signatures)


def split_signature(
    text: str, inspectors: Sequence[str], titles: Sequence[str]
) -> Signatory | None:
    """Split `Jenny Gwilt Her Majesty's Inspector` where both halves are known."""
    for name in inspectors:
        title = text[len(name) :].strip(" ,")
        if begins_with(text, name) and _is_title(title, titles):
            return Signatory(name=text[: len(name)], title=title)
    return None


def _split_at_title(text: str, titles: Sequence[str]) -> Signatory | None:
    """Split a signature whose title is known, though its name isn't."""
    for title in titles:
        name = text[: -len(title)].strip(" ,")
        if name and _is_title(text[-len(title) :], [title]):
            return Signatory(name=name, title=text[-len(title) :])
    return None


def _without_text(lines: Sequence[SourceLine], notes: Notes) -> list[SourceLine]:
    """Leave out what is no signature: long lines and sentences."""
    left: set[int] = set()
    for block in blocks_of(lines):
        longest = max(len(line.text) for line in block.lines)
        if longest <= LONGEST_SIGNATURE_CHARACTERS and not block.text.endswith("."):
            continue
        left |= {id(line) for line in block.lines}
        for line in block.lines:
            notes.leave(line.number, line.text)
        notes.doubt(
            "text-below-signature",
            "signatories",
            read=block.text,
            proposed="Left out: nothing but names, titles and copies stands below a letter.",
        )
    return [line for line in lines if id(line) not in left]


def _signatures(
    lines: Sequence[SourceLine], inspectors: Sequence[str], titles: Sequence[str], notes: Notes
) -> Iterator[_Signature]:
    """Read the signatures that stand one below the other."""
    pending: list[SourceLine] = []
    office: list[SourceLine] = []
    blocks = list(_parted(blocks_of(lines), titles))
    for block, following in zip(blocks, (*blocks[1:], None), strict=False):
        if not pending and _is_office(block, following, inspectors, titles):
            office = list(block.lines)
            continue
        for line in block.lines:
            split = split_signature(line.text, inspectors, titles) or _split_at_title(
                line.text, titles
            )
            if split is not None and not pending:
                yield _Signature(split, (line,), "signatory-run-together")
            else:
                pending.append(line)
        if len(pending) > 1:
            yield _signature(pending, office)
            pending, office = [], []
    if left := [*office, *pending]:
        for line in left:
            notes.leave(line.number, line.text)
        notes.doubt(
            "signatory-unclear",
            "signatories",
            read=" / ".join(line.text for line in left),
            proposed="Neither a name with its title nor anything else: left out.",
        )


def _signature(lines: Sequence[SourceLine], office: Sequence[SourceLine]) -> _Signature:
    name, *rest = lines
    title = " ".join(line.text for line in rest)
    title = ", ".join((title, *(line.text for line in office)))
    doubt = "signatory-title-joined" if len(rest) + len(office) > 1 else ""
    return _Signature(Signatory(name=name.text, title=title), (*office, *lines), doubt)


def _is_office(
    block: Block, following: Block | None, inspectors: Sequence[str], titles: Sequence[str]
) -> bool:
    """Whether a line is the organisation for which the person below, past a gap, signs."""
    return (
        following is not None
        and len(block.lines) == 1
        and following.is_after_gap
        and len(following.lines) > 1
        and block.text not in inspectors
        and _split_at_title(block.text, titles) is None
        and not _is_title(following.lines[0].text, titles)
    )


def _parted(blocks: Iterable[Block], titles: Sequence[str]) -> Iterator[Block]:
    """Part a block before each name that follows a known title."""
    for block in blocks:
        begins = 0
        for at in range(2, len(block.lines)):
            if at - begins > 1 and _is_title(block.lines[at - 1].text, titles):
                yield Block(block.lines[begins:at], block.is_after_gap, block.is_after_page)
                begins = at
        yield Block(block.lines[begins:], block.is_after_gap, block.is_after_page)


def _is_title(text: str, titles: Sequence[str]) -> bool:
    return straight(text) in (straight(title) for title in titles)
