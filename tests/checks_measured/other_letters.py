"""What an archive would know in which the other real letters lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from letters.known import NOTHING_KNOWN
from letters.letter import Authority, Letter
from letters.likeness import ALIKE_FROM, Alike, Sketch, likeness, sketch_of
from tests.checks_measured.real_letters import names, sound_draft


class _Sketched(NamedTuple):
    reference: str
    authority: Authority
    place: str
    sketch: Sketch


@cache
def _sketches() -> Mapping[int, tuple[_Sketched, ...]]:
    """Sketch all letters as if they lay in the archive: by band."""
    by_band = defaultdict(list)
    for name in names():
        draft = sound_draft(name)
        for place, text in draft.passages(*draft.keys):
            if sketch := sketch_of(text):
                for band in sketch.bands:
                    by_band[band].append(_Sketched(name, draft.authority, place, sketch))
    return {band: tuple(sketched) for band, sketched in by_band.items()}


def alike(letter: Letter) -> tuple[Alike, ...]:
    """Find what stands alike in the real letters to other authorities, as the archive does."""
    return tuple(_most_alike(letter))


def _most_alike(letter: Letter) -> Iterator[Alike]:
    for place, text in letter.passages():
        sketch = sketch_of(text)
        if sketch is None or place.startswith(("opening/", "closing/")):
            continue
        found = {each for band in sketch.bands for each in _sketches().get(band, ())}
        found = {each for each in found if each.authority.code != letter.authority.code}
        by_likeness = sorted(
            (-likeness(sketch, each.sketch), each.reference, each.place, each.authority.name)
            for each in found
        )
        if by_likeness and -by_likeness[0][0] >= ALIKE_FROM:
            share, reference, their_place, authority = by_likeness[0]
            yield Alike(
                place=place,
                reference=reference,
                authority=authority,
                their_place=their_place,
                likeness=-share,
            )


ARCHIVE_KNOWN = NOTHING_KNOWN._replace(alike=alike)
"""What an archive knows in which the other letters lie; what they asked for is left out,
since only the office can say where a letter answers it."""
