"""Words and addresses in the headers of an e-mail: what comes out is what went in.

The policies of `email.policy` lose spaces where they fold long headers, and where
they don't fold they write encoded words longer than RFC 2047 §2 allows. So words
come folded from here, by the older `email.header`.
"""

from __future__ import annotations

import re
import unicodedata
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.headerregistry import Address
from email.message import Message

from letters.errors import LettersError

LONGEST_ENCODED_LINE = 76
"""RFC 2047 §2: of a line with encoded words; one word has up to 75."""

_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
_ONE_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that no header may hold: line ends of every kind, and half characters."""


class MessageRefused(LettersError):
    """An e-mail can't be written so that it arrives as it was approved."""

    code = "message-refused"


def mailbox(header: str, name: str, address: str) -> str:
    """Write one mailbox (RFC 5322 §3.4) through `Address`, which quotes what must be quoted.

    Raises MessageRefused.
    """
    try:
        told = Address(_one_line(header, name), addr_spec=token(header, address))
    except (ValueError, MessageError, IndexError) as error:
        raise MessageRefused(
            f"The header {header} can't hold this name or address: {error}.",
            remedy="Correct it in the register or the settings.",
        ) from error
    if _is_plain(told.display_name):
        return str(told)
    return f"{folded(header, told.display_name)}\n <{told.addr_spec}>"


def folded(header: str, text: str) -> str:
    """Write words for a header, as encoded words unless they are plain. Raises MessageRefused."""
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(_one_line(header, text), charset, LONGEST_ENCODED_LINE, header).encode()


def token(header: str, text: str) -> str:
    """Return `text` if it is ASCII without spaces. Raises MessageRefused."""
    if _TOKEN.fullmatch(text) is None:
        raise MessageRefused(
            f"The header {header} takes ASCII without spaces, not {text[:80]!r}.",
            remedy="Correct it in the register or the settings.",
        )
    return text


def header_of(message: Message, name: str) -> str:
    """Read the one header of that name, unfolded. Raises ValueError for none or several."""
    values = message.get_all(name, [])
    if len(values) != 1:
        raise ValueError(f"{len(values)} headers {name} instead of one")
    return re.sub(r"\r?\n(?=[ \t])", "", str(values[0]))


def decoded(words: str) -> str:
    """Read what `folded` wrote, unfolded. Raises ValueError, LookupError, MessageError."""
    return str(make_header(decode_header(words)))


def _is_plain(text: str) -> bool:
    """Whether every reader gets `text` back as it is, spaces included, without encoding."""
    words = text.split()
    return (
        text.isascii()
        and "=?" not in text
        and text == " ".join(words)
        and all(len(word) < LONGEST_ENCODED_LINE for word in words)
    )


def _one_line(header: str, text: str) -> str:
    """Refuse what could end a header and begin another."""
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in _ONE_LINE:
            raise MessageRefused(
                f"The header {header} can't hold character {place}, U+{ord(character):04X}:"
                " it is no printable character of one line.",
                remedy="Take it out of the subject, the register or the settings.",
            )
    return text
