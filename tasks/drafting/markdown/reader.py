"""Reads the office's own form of a draft: YAML front matter, then Markdown.

Which keys the front matter has is here; how it is read, in `front_matter`; the
words below it, in `markdown_body`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from letters.kind import Kind
from letters.letter import Addressee, Frozen, Signatory
from letters.problem import Doubt, DraftUnreadable
from letters.reading import Answer, Clearance, CopyLine, Reading, ReadSection, Source
from letters.sectioning import key_sections
from tasks.drafting.extent import refuse_extent
from tasks.drafting.markdown.body import CLOSING, MarkdownBody
from tasks.drafting.markdown.front_matter import FENCE, FrontMatter, Mapping

KEYS = (
    *("kind", "authority", "date", "addressees", "salutation", "valediction"),
    *("signatories", "copies", "doubts", "cleared", "answers", "leftovers"),
)

Value = TypeVar("Value", bound=Frozen)


def read_markdown(text: str, *, source: str, kinds: Sequence[Kind] = ()) -> Reading:
    """Read a draft in the office's own form; `source` names it in messages.

    The kinds give sections their keys, by which the sources' places go.
    Words come out single-spaced, a line break inside a passage as a space.
    Raises DraftUnreadable, whose `where` names the line.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    end = _end_of_front_matter(lines, source)
    matter = FrontMatter("\n".join(lines[1:end]), first_line=2, source=source)
    body = MarkdownBody(lines[end + 1 :], first_line=end + 2, source=source)
    top = matter.top
    top.allow(KEYS)
    reading = Reading(
        kind=top.words("kind"),
        authority=top.words("authority"),
        date=top.words("date"),
        addressees=tuple(_addressee(entry, matter) for entry in top.mappings("addressees")),
        salutation=top.words("salutation"),
        subject=body.subject,
        opening=tuple(body.opening),
        sections=tuple(
            ReadSection(heading=heading, passages=tuple(passages), level=level)
            for heading, level, passages in body.sections
        ),
        closing=tuple(body.closing),
        valediction=top.words("valediction"),
        signatories=tuple(_signatory(entry, matter) for entry in top.mappings("signatories")),
        copies=tuple(_copy(entry) for entry in top.mappings("copies")),
        doubts=tuple(_doubt(entry, matter) for entry in top.mappings("doubts")),
        clearances=tuple(_clearance(entry, matter) for entry in top.mappings("cleared")),
        answers=tuple(_answer(entry, matter) for entry in top.mappings("answers")),
        leftovers=tuple(top.texts("leftovers")),
    )
    refuse_extent(reading, source=source)
    kind = next((kind for kind in kinds if kind.id == reading.kind), None)
    keys = key_sections(reading, kind).keys
    numbers = [*_lines_of_front_matter(top), *_lines_of_body(body, keys)]
    sources = tuple(Source(place=place, line=n, text=lines[n - 1]) for place, n in numbers)
    return reading.model_copy(update={"sources": sources})


def _lines_of_front_matter(top: Mapping) -> Iterator[tuple[str, int]]:
    for key in ("kind", "authority", "date"):
        yield from ((key, line) for line in top.lines_at(key))
    for key in ("addressees", "salutation", "valediction", "signatories", "copies"):
        if key in ("salutation", "valediction"):
            yield from ((key, line) for line in top.lines_at(key))
            continue
        for number, entry in enumerate(top.mappings(key), start=1):
            yield from ((f"{key}/{number}", line) for line in entry.own_lines())


def _lines_of_body(body: MarkdownBody, keys: Sequence[str]) -> Iterator[tuple[str, int]]:
    parts = {0: "opening", CLOSING: "closing", **dict(enumerate(keys, start=1))}
    for part, number, first, last in body.spans:
        place = f"{parts[part]}/{number}" if number else parts[part] if part else "subject"
        yield from ((place, line) for line in range(first, last + 1))


def _end_of_front_matter(lines: Sequence[str], source: str) -> int:
    if lines[0].rstrip() != FENCE:
        raise DraftUnreadable(
            "The draft has no front matter.",
            where=f"{source}, line 1",
            remedy=f"Begin it with a line {FENCE}, keys such as `kind:` and `date:`, and another "
            f"line {FENCE}.",
            code="front-matter-missing",
        )
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            return number
    raise DraftUnreadable(
        "The front matter doesn't end.",
        where=f"{source}, line 1",
        remedy=f"Put a line {FENCE} below its last key.",
        code="front-matter-unclosed",
    )


def _addressee(entry: Mapping, matter: FrontMatter) -> Addressee:
    entry.allow(("role", "name", "lines"))
    fields = {
        "role": entry.words("role", is_required=True),
        "name": entry.words("name", is_required=True),
        "lines": tuple(entry.lines("lines")),
    }
    return _checked(Addressee, fields, entry, matter)


def _signatory(entry: Mapping, matter: FrontMatter) -> Signatory:
    entry.allow(("name", "title"))
    fields = {key: entry.words(key, is_required=True) for key in ("name", "title")}
    return _checked(Signatory, fields, entry, matter)


def _copy(entry: Mapping) -> CopyLine:
    entry.allow(("role", "name", "line"))
    return CopyLine(
        line=entry.words("line", is_required=True),
        role=entry.words("role"),
        name=entry.words("name"),
    )


def _doubt(entry: Mapping, matter: FrontMatter) -> Doubt:
    entry.allow(("code", "place", "read", "proposed", "blocking"))
    fields = {
        "code": entry.words("code", is_required=True),
        "place": entry.words("place"),
        "read": entry.verbatim("read"),
        "proposed": entry.verbatim("proposed"),
        "is_blocking": entry.claim("blocking", default=True),
    }
    return _checked(Doubt, fields, entry, matter)


def _clearance(entry: Mapping, matter: FrontMatter) -> Clearance:
    entry.allow(("code", "place", "why", "words", "by", "at"))
    fields = {
        **{key: entry.words(key, is_required=True) for key in ("code", "why", "words")},
        **{key: entry.verbatim(key) for key in ("place", "by", "at")},
    }
    return _checked(Clearance, fields, entry, matter)


def _answer(entry: Mapping, matter: FrontMatter) -> Answer:
    keys = ("area", "asked", "place", "words")
    entry.allow(keys)
    fields = {key: entry.words(key, is_required=True) for key in keys}
    return _checked(Answer, fields, entry, matter)


def _checked(
    model: type[Value], fields: dict[str, Any], entry: Mapping, matter: FrontMatter
) -> Value:
    try:
        return model.model_validate(fields)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        matter.refuse_line(
            f"“{first['loc'][0]}” can't stand in a letter: {first['msg']}.",
            entry.line,
            "front-matter-value",
            "Roles are lower-case words joined by hyphens; a printed line has at most 400 "
            "characters.",
        )
