"""“Did you mean …?”: the known word nearest to a misspelt one, for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, or list them all where none is near.

    Returns a whole sentence, and an empty text where nothing is known.
    """
    choices = {choice.casefold(): choice for choice in known}
    if not choices:
        return ""
    nearest = difflib.get_close_matches(word.casefold(), choices, n=1)
    if nearest:
        return f"Did you mean “{choices[nearest[0]]}”?"
    return f"Known: {', '.join(sorted(choices.values()))}."
