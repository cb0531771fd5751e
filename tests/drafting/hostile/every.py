"""All hostile drafts, by the sentence that names each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain

from tests.drafting.hostile import (
    characters,
    markups,
    paths,
    phrases,
    sizes,
    structures,
    words,
)
from tests.drafting.hostile.drafts import Hostile


@cache
def every() -> Mapping[str, Hostile]:
    """Return the drafts of all families; no two have the same name."""
    drafts = list(
        chain(
            sizes.sizes(),
            sizes.counts(),
            sizes.lists_of_the_head(),
            characters.encodings(),
            characters.characters(),
            characters.names(),
            characters.floods(),
            structures.yaml(),
            structures.markdown_nesting(),
            phrases.phrases(),
            markups.markups(),
            markups.headers(),
            paths.values(),
            paths.names(),
            words.hostile_words(),
        )
    )
    by_id = {draft.id: draft for draft in drafts}
    if len(by_id) != len(drafts):
        raise ValueError("two hostile drafts have the same name")
    return by_id
