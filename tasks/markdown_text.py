"""Text as Markdown: what is read on the page is what was typed, and nothing else.

Every punctuation mark of ASCII is escaped (CommonMark 0.31 §2.4): each of them begins
something in some reader's dialect, were it only the dot that makes `www.` a link.
Markup made of values is only what `link` and `code` make, of what can't break out of it.
"""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_SPACE = re.compile(r"[\s\ufeff]+")  # Browsers count the byte order mark as a space.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%-]*)*")
_CODE = re.compile(r"[A-Za-z0-9._/:…-]+")


class Markdown(str):
    """Markup of our own making: it stands as it is."""

    __slots__ = ()


def escaped(value: object) -> str:
    """Write a value as one line of text; control and half characters become U+FFFD."""
    if isinstance(value, Markdown):
        return value
    line = _SPACE.sub(" ", str(value)).strip()
    return _PUNCTUATION.sub(r"\\\g<0>", _UNSHOWN.sub("\N{REPLACEMENT CHARACTER}", line))


def link(text: str, url: str) -> Markdown:
    """Link to a page of our own by a plain http or https address. Raises ValueError.

    Prefect's pages show the backslashes of a link's text: let it have no punctuation.
    """
    if _URL.fullmatch(url) is None:
        raise ValueError("a link is made of a plain http or https address only")
    return Markdown(f"[{escaped(text)}](<{url}>)")


def code(text: str) -> Markdown:
    """Show a hash, a key or the name of an object in type of one width. Raises ValueError."""
    if _CODE.fullmatch(text) is None:
        raise ValueError("code is made of letters, digits, dots, colons, slashes and hyphens only")
    return Markdown(f"`{text}`")
