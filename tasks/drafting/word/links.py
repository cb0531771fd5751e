"""Links in a paragraph: a letter is printed, so that where a link leads must be read.

A link whose words are its target is text. Of another, the target is proposed
in brackets behind the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tasks.drafting.word.text import Sign, signs_of

_SCHEME = re.compile(r"(?:https?://|mailto:)?(?:www\.)?", re.IGNORECASE)


class Link(NamedTuple):
    """Signs that lead somewhere."""

    start: int
    end: int
    target: str


def put_targets(
    signs: Sequence[Sign], links: Sequence[Link], doubt: Callable[[str, str, str], None]
) -> list[Sign]:
    """Put the target behind each link that doesn't say it; `doubt(code, read, proposed)`."""
    told: list[Sign] = []
    at = 0
    for start, end, target in _merged(links):
        while end > start and signs[end - 1].text.isspace():
            end -= 1
        text = "".join(each.text for each in signs[start:end]).strip()
        if not text or _plain(text) == _plain(target):
            continue
        said = re.sub(r"^mailto:", "", target, flags=re.IGNORECASE)
        doubt("link-target", text, f"{text} ({said})")
        told += [*signs[at:end], *signs_of(f" ({said})")]
        at = end
    return [*told, *signs[at:]]


def _merged(links: Sequence[Link]) -> list[Link]:
    """Put together what Word has cut in two."""
    merged: list[Link] = []
    for link in sorted(links):
        before = merged[-1] if merged else None
        if before is not None and before.end == link.start and before.target == link.target:
            merged[-1] = Link(before.start, link.end, link.target)
        elif before is None or before.end <= link.start:
            merged.append(link)
    return merged


def _plain(address: str) -> str:
    """Return an address as people write it: without its scheme, `www.` and last slash."""
    return _SCHEME.sub("", address.strip(), count=1).rstrip("/").casefold()
