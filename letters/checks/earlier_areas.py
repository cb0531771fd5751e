"""What the authority's last letter asked for: this one says what became of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from letters.canonical import sha256_hex
from letters.checks.rule import Found, Given, check
from letters.earlier import UNANSWERED, areas_of, asked_by, place_of, quoted
from letters.letter import Letter, Placed
from letters.reading import Answer

_WORD = re.compile(r"[^\W\d_]{4,}")


@check(
    UNANSWERED,
    blocks=True,
    source="An area for development is followed up at the next visit.",
)
def earlier_area_unanswered(letter: Letter, given: Given) -> Iterator[Found]:
    """An area that the authority's last letter raised is answered nowhere in this one.

    One that this letter raises again word for word is still open, and needs no answer. Of
    the others the draft names the passage that answers it, with the hash of that passage's words:
    whoever edits those is asked again. Or a person overrides it, with the reason.
    """
    earlier = given.earlier
    if earlier is None:
        return
    passages = list(letter.passages())
    texts = dict(passages)
    raised_again = {tuple(area.text.split()) for area in areas_of(letter, given.kind)}
    for area in earlier.areas:
        if tuple(area.text.split()) in raised_again:
            continue
        answers = [answer for answer in given.answers if answer.area == area.place]
        if any(is_answered(area, answer, texts) for answer in answers):
            continue
        stale = [answer.place for answer in answers]
        nearest = _most_like(area.text, passages)
        proposed = nearest.place if nearest else "PLACE"
        yield Found(
            place_of(area),
            " ".join(
                (
                    asked_by(earlier, area, stale),
                    *(
                        (f"Nearest is {nearest.place}: “{quoted(nearest.text)}”.",)
                        if nearest
                        else ()
                    ),
                    f"If a passage does: letters answer DRAFT {area.place} {proposed}. If none "
                    "needs to: letters clear DRAFT earlier-area-unanswered --place "
                    f"{place_of(area)} --why REASON.",
                )
            ),
            about="",  # the area's words are those at its place
        )


def is_answered(area: Placed, answer: Answer, texts: Mapping[str, str]) -> bool:
    """Whether an answer is to this very area, by a passage whose words still stand there."""
    return (
        answer.area == area.place
        and answer.asked == sha256_hex(area.text.encode())
        and answer.place in texts
        and answer.words == sha256_hex(texts[answer.place].encode())
    )


def _most_like(area: str, passages: Sequence[Placed]) -> Placed | None:
    """Find the passage that shares most with an area, rarer words counting for more."""
    words_of = [set(_WORD.findall(passage.text.casefold())) for passage in passages]
    standing_in = Counter(word for words in words_of for word in words)
    wanted = set(_WORD.findall(area.casefold()))
    likest, most = None, 0.0
    for passage, words in zip(passages, words_of, strict=True):
        # Of two that share the same words the shorter one is more about them.
        shared = sum(1 / standing_in[word] for word in wanted & words) / (len(words) ** 0.5 or 1)
        if shared > most and not passage.place.startswith(("opening/", "closing/")):
            likest, most = passage, shared
    return likest


CHECKS = (earlier_area_unanswered,)
