"""Adds an entry to a list of a draft's front matter, and leaves all else as it stands.

For what people answer for: clearances, and answers to earlier areas. The words of
the draft are never touched.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from letters.errors import UsageError
from letters.problem import DraftUnreadable
from tasks.drafting.limits import decode_draft
from tasks.drafting.markdown.front_matter import FENCE, FrontMatter
from tasks.drafting.markdown.reader import read_markdown


class DraftNotChanged(UsageError):
    """An entry can't be added to the draft; it is as it was."""

    code = "draft-not-changed"


def demand_room(path: Path) -> None:
    """Refuse a draft that has no front matter by its kind of file. Raises DraftNotChanged."""
    if path.suffix.lower() != ".md":
        made = str(path.with_suffix(".md"))
        raise DraftNotChanged(
            "Only the office's Markdown drafts have room for this.",
            where=str(path),
            remedy=f"Make one: letters draft {shlex.quote(str(path))} -o {shlex.quote(made)}",
            code="draft-not-markdown",
        )


def add_entry(path: Path, key: str, entry: Mapping[str, str], *, limit_bytes: int) -> None:
    """Add an entry to the list under a key of the front matter, at its end.

    The file is replaced at once or not at all. Raises DraftNotChanged,
    DraftUnreadable.
    """
    demand_room(path)
    path = path.resolve()  # a link stays a link
    data = path.read_bytes()
    text = decode_draft(data, name=path.name, limit_bytes=limit_bytes)
    changed = with_entry(text, key, entry, source=path.name)
    before = read_markdown(text, source=path.name)
    after = read_markdown(changed, source=path.name)
    added: dict[str, tuple[()]] = {"clearances": (), "answers": (), "sources": ()}
    if before.model_copy(update=added) != after.model_copy(update=added):
        raise DraftNotChanged(
            "The entry would change the draft's words.",
            where=str(path),
            remedy=f"Write it by hand under `{key}:` in the front matter.",
        )
    if b"\r\n" in data:
        changed = changed.replace("\n", "\r\n")
    _replace(path, changed.encode())


def with_entry(text: str, key: str, entry: Mapping[str, str], *, source: str) -> str:
    """Return a draft's text with one more entry under a key of its front matter.

    Raises DraftUnreadable, and DraftNotChanged where the list is written in one line.
    """
    lines = text.split("\n")
    end = next(
        (number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == FENCE), 0
    )
    if lines[0].rstrip() != FENCE or not end:
        raise DraftUnreadable(
            "The draft has no front matter.",
            where=f"{source}, line 1",
            remedy=f"Begin it with a line {FENCE}, keys, and another line {FENCE}.",
            code="front-matter-missing",
        )
    matter = FrontMatter("\n".join(lines[1:end]), first_line=2, source=source)
    standing = matter.top.list_at(key)
    if standing is not None and standing.is_in_one_line:
        raise DraftNotChanged(
            f"The list under “{key}” stands in one line.",
            where=f"{source}, line {standing.last_line}",
            remedy="Write each of its entries on lines of its own, begun with a dash.",
        )
    margin = " " * (2 if standing is None else standing.margin)
    written = yaml.safe_dump(
        dict(entry), sort_keys=False, allow_unicode=True, width=10**6, default_style='"'
    )
    pairs = [line.replace('"', "", 2) for line in written.rstrip("\n").split("\n")]
    block = [f"{margin}- {pairs[0]}", *(f"{margin}  {pair}" for pair in pairs[1:])]
    if standing is None:
        return "\n".join([*lines[:end], f"{key}:", *block, *lines[end:]])
    last = standing.last_line
    while not lines[last - 1].strip():
        last -= 1  # a list's end reaches to what follows
    return "\n".join([*lines[:last], *block, *lines[last:]])


def _replace(path: Path, data: bytes) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError as error:
        raise DraftNotChanged(
            f"The draft can't be written: {error.strerror}.",
            where=str(path),
            remedy="See whether file and folder are yours to write.",
        ) from None
