"""Words as the Markdown of drafts: read back, they are these words.

Only what the reader of drafts would take for markup gets a backslash, so that a person can
read and edit them. What that reader takes for markup is the drafting step's matter.
"""

from __future__ import annotations

import re

import yaml

from tasks.markdown_text import Markdown

_MARKUP = re.compile(r"[\\*_]|<(?=[A-Za-z/!?])")
_BEGINS_BLOCK = re.compile(r"#|[-+*](?:\s|$)|([-*_])(?:\s*\1)*\s*$")
_BEGINS_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def as_passage(text: str) -> Markdown:
    """Write words so that they are read as one passage, and as these words."""
    line = re.sub(r"[ \t\n\f\r]+", " ", text).strip()
    plain = _MARKUP.sub(r"\\\g<0>", line)
    if _BEGINS_BLOCK.match(plain):
        return Markdown(f"\\{plain}")
    return Markdown(
        _BEGINS_NUMBERED.sub(r"\1\\\2", plain, count=1) if _BEGINS_NUMBERED.match(plain) else plain
    )


def as_heading(text: str) -> Markdown:
    """Write words so that they are read as a heading: its last # would be taken for markup."""
    plain = as_passage(text)
    is_taken = plain.endswith("#") and plain != "\\#"
    return Markdown(f"{plain[:-1]}\\#") if is_taken else plain


def as_value(words: str) -> Markdown:
    """Write words as a value of the front matter."""
    told = yaml.safe_dump(words, allow_unicode=True, width=float("inf"))
    return Markdown(told.removesuffix("...\n").rstrip("\n"))
