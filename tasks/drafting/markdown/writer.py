"""Writes a reading as a draft in the office's own form, to be read, changed and compared.

`read_markdown(write_markdown(reading))` is the reading again, as long as its
words are single-spaced and no line of the letter's head holds an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from letters.emphasis import runs_of
from letters.letter import Passage
from letters.reading import Reading
from tasks.drafting.markdown.front_matter import FENCE

_MARKS = {"": "", "bold": "**", "italic": "*", "bold-italic": "***"}
_HEADING = re.compile(r"#")
_BULLET = re.compile(r"[-+*](?:\s|$)")
_BREAK = re.compile(r"([-*_])(?:\s*\1)*\s*$")  # after an item's own dash, two more are enough
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def write_markdown(reading: Reading) -> str:
    """Write a reading as a Markdown draft, one line a passage; empty fields are left out."""
    fields = _front_matter(reading)
    matter = yaml.dump(
        fields,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=float("inf"),
    )
    blocks = [f"{FENCE}\n{matter if fields else ''}{FENCE}", *_blocks(reading)]
    return "\n\n".join(blocks) + "\n"


def _front_matter(reading: Reading) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": reading.kind,
        "authority": reading.authority,
        "date": reading.date,
        "addressees": [
            _filled({"role": each.role, "name": each.name, "lines": list(each.lines)})
            for each in reading.addressees
        ],
        "salutation": reading.salutation,
        "valediction": reading.valediction,
        "signatories": [{"name": each.name, "title": each.title} for each in reading.signatories],
        "copies": [
            _filled({"role": each.role, "name": each.name, "line": each.line})
            for each in reading.copies
        ],
        "doubts": [
            {
                "code": each.code,
                "place": each.place,
                "read": each.read,
                "proposed": each.proposed,
                "blocking": _Claim(each.is_blocking),
            }
            for each in reading.doubts
        ],
        "cleared": [_filled(each.model_dump()) for each in reading.clearances],
        "answers": [each.model_dump() for each in reading.answers],
        "leftovers": list(reading.leftovers),
    }
    return _filled(fields)


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}


def _blocks(reading: Reading) -> Iterator[str]:
    if reading.subject:
        yield f"# {_escaped_heading(reading.subject)}"
    yield from _passages(reading.opening)
    for section in reading.sections:
        yield f"{'#' * (section.level + 1)} {_escaped_heading(section.heading)}".rstrip()
        yield from _passages(section.passages)
    if reading.closing:
        yield FENCE
        yield from _passages(reading.closing)


def _passages(passages: Iterable[Passage]) -> Iterator[str]:
    items: list[str] = []
    for passage in passages:
        if passage.style == "item":
            items.append(f"- {_marked(passage)}")
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield _marked(passage)
    if items:
        yield "\n".join(items)


def _marked(passage: Passage) -> str:
    """Write a passage with the marks of its emphasis."""
    runs = runs_of(passage)
    if not passage.emphasis:
        return _escaped(passage.text)
    text = "".join(f"{(mark := _MARKS[run.style])}{_plain(run.text)}{mark}" for run in runs)
    # Emphasis is no sign of a list or break: its marks stand at words.
    return text if runs[0].style else _begun(text)


def _escaped(text: str) -> str:
    """Escape what would be markup."""
    return _begun(_plain(text))


def _plain(text: str) -> str:
    """Escape emphasis, and a sign that would begin HTML."""
    return re.sub(r"[\\*_]|<(?=[A-Za-z/!?])", r"\\\g<0>", text)


def _begun(text: str) -> str:
    """Escape signs at the beginning of the line."""
    if any(sign.match(text) for sign in (_HEADING, _BULLET, _BREAK)):
        return f"\\{text}"
    return _NUMBER.sub(r"\1\\\2", text, count=1) if _NUMBER.match(text) else text


def _escaped_heading(text: str) -> str:
    escaped = _escaped(text)
    # CommonMark 4.2: a closing sequence of # is dropped, unless the last is escaped.
    if escaped.endswith("#") and not escaped.endswith("\\#"):
        return f"{escaped[:-1]}\\#"
    return escaped


class _Claim:
    """A yes or no, written without the quotation marks of a string."""

    def __init__(self, claim: bool) -> None:
        self.word = "yes" if claim else "no"


class _Dumper(yaml.SafeDumper):
    """Indents the entries of a list, as people write them."""

    # PyYAML passes `indentless` by name.
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _represent_claim(dumper: yaml.SafeDumper, claim: _Claim) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:bool", claim.word)


_Dumper.add_representer(_Claim, _represent_claim)
