"""Sketches of passages: what they share is what the passages share, nearly."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from letters.likeness import (
    ALIKE_FROM,
    BANDS,
    FEWEST_WORDS,
    HASHES_KEPT,
    Sketch,
    likeness,
    sketch_of,
)
from tests.letters.checking import cases

PASSAGE = (
    "Social workers know the children they work with well and visit them often. Plans are clear "
    "and are looked at again when things change, so that most children live more safely. "
    "Managers read what is written down and talk about it in supervision, though not always in "
    "time for the next meeting of those who help the family."
)
OTHER = (
    "The front door of the service answers within a day, and calls by the police are read by two "
    "experienced managers before anybody decides. Parents are asked for their consent, and where "
    "it is not needed the reasons are recorded by whoever took the call that morning."
)


def a_sketch(text: str) -> Sketch:
    sketch = sketch_of(text)
    assert sketch is not None
    return sketch


@pytest.mark.parametrize(
    ("text", "is_alike"),
    cases(
        {
            "the same passage": (PASSAGE, True),
            "another case, another apostrophe, other stops": (
                PASSAGE.upper().replace(",", ";"),
                True,
            ),
            "three words changed": (
                PASSAGE.replace("often", "seldom").replace("clear", "dim").replace("talk", "speak"),
                True,
            ),
            "a sentence added": (f"{PASSAGE} This was not always so in Westmere.", True),
            "another passage": (OTHER, False),
            "the same words in another order": (" ".join(sorted(PASSAGE.split())), False),
        }
    ),
)
def test_alike(text, is_alike):
    found = likeness(a_sketch(PASSAGE), a_sketch(text))

    assert (found >= ALIKE_FROM) == is_alike
    assert bool(set(a_sketch(PASSAGE).bands) & set(a_sketch(text).bands)) == is_alike


def test_a_short_passage_has_no_sketch():
    words = PASSAGE.split()

    assert sketch_of(" ".join(words[: FEWEST_WORDS - 1])) is None
    assert sketch_of(" ".join(words[:FEWEST_WORDS])) is not None


def test_a_sketch_stays_small_however_long_the_passage_is():
    sketch = a_sketch(" ".join(f"word{number}" for number in range(4000)))

    assert len(sketch.hashes) == HASHES_KEPT
    assert len(sketch.bands) == BANDS
    assert all(0 <= band < 2**63 for band in sketch.bands)


passages = st.lists(st.sampled_from(OTHER.split()), min_size=FEWEST_WORDS, max_size=60).map(
    " ".join
)


@given(passages)
def test_a_passage_is_wholly_like_itself(text):
    assert likeness(a_sketch(text), a_sketch(text)) == 1.0


@given(passages, passages)
def test_likeness_is_the_same_from_either_side(one, other):
    assert likeness(a_sketch(one), a_sketch(other)) == likeness(a_sketch(other), a_sketch(one))


@given(passages, passages)
def test_of_passages_with_few_pairs_it_is_exact(one, other):
    pairs_of_one = set(pairwise(one.casefold().replace(",", "").replace(".", "").split()))
    pairs_of_other = set(pairwise(other.casefold().replace(",", "").replace(".", "").split()))
    assume(len(pairs_of_one | pairs_of_other) <= HASHES_KEPT)

    expected = len(pairs_of_one & pairs_of_other) / len(pairs_of_one | pairs_of_other)

    assert likeness(a_sketch(one), a_sketch(other)) == expected


def test_sketches_are_the_same_in_every_process_and_version():
    """Else every cache would have to be made anew: see SKETCHED_AS."""
    assert a_sketch(PASSAGE).hashes[:3] == (13680585, 17061384, 43855656)
