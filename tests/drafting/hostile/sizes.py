"""Drafts that are too large, too many, too deep."""

from __future__ import annotations

from collections.abc import Iterator

from tests.drafting.hostile.drafts import HEAD, MOST_BYTES, Hostile, markdown, text

MILLION = 1_000_000
LINES = 19_000
"""As many as just aren't refused for their number."""


def sizes() -> Iterator[Hostile]:
    """Yield drafts that are larger than any letter, at the usual limit and at the highest."""
    units = {
        "a paragraph of 10 MB": ("word ", "word ", 2 * MILLION),
        "a single word of 10 MB": ("x", "x", 10 * MILLION),
        "a paragraph of 10 MB, each line a sentence": (
            *("These are words.\n", "These are words.\n"),
            600_000,
        ),
        "a million short lines": ("a\n", "a\n", MILLION),
        "a million headings": ("## A\n\n", "Strengths\n\n", MILLION),
        "a million items": ("- a\n", "- a\n", MILLION),
        "a million blank lines": ("\n", "\n", MILLION),
        "a million form feeds": ("\f", "\f", MILLION),
        "a million page numbers": ("1\n\n", "\n\n1\n\n", MILLION),
    }
    for says, (unit, unit_of_text, times) in units.items():
        for limit_bytes, where in ((2 * MILLION, ""), (MOST_BYTES, ", where the limit is 50 MB")):
            yield Hostile(
                "size",
                f"{says} in Markdown{where}",
                lambda unit=unit, times=times: markdown(body=unit * times),
                limit_bytes=limit_bytes,
            )
            yield Hostile(
                "size",
                f"{says} in a text{where}",
                lambda unit=unit_of_text, times=times: text(inside=unit * times),
                "draft.txt",
                limit_bytes,
            )
    yield Hostile("size", "nothing at all", lambda: b"")
    yield Hostile("size", "60 MB of zeroes", lambda: bytes(60 * MILLION), "draft.txt")


def _as_many(unit: str) -> str:
    return (unit + "\n") * (LINES // (unit.count("\n") + unit.count("\f") + 1))


def counts() -> Iterator[Hostile]:
    """Yield drafts whose lines are just few enough to be read, each of a kind that costs most."""
    units = {
        "headings": ("## A", "Strengths"),
        "subheadings": ("### A", "A heading of its own"),
        "items": ("- a", "- a"),
        "items that are joined": ("- and so", "◼ and so\n\n\n"),
        "paragraphs": ("A.\n", "A.\n"),
        "thematic breaks": ("---\n", "---\n"),
        "valedictions": ("Yours sincerely\n", "Yours sincerely\n"),
        "salutations": ("Dear Ms Prydderch\n", "Dear Ms Prydderch\n"),
        "inspectors": ("Harriet Elmsley\n", "Harriet Elmsley\nHer Majesty’s Inspector\n"),
        "copies": ("Copy: Łukasz Wierzbicki\n", "Copy: Łukasz Wierzbicki\n"),
        "page numbers": ("Page 1 of 2\n", "\n1\n\f"),
        "footnotes": ("1 A note\n", "\n1\nA note\n"),
        "footnote marks": ("a word¹ and a word[2]", "a word¹ and a word[2] and a word3"),
        "lines that end in a hyphen": ("inspec-", "these are the findings of the inspec-"),
        "lines in columns": ("a      b      c", "Harriet Elmsley          Tobias Reyne"),
        "lines of tabs": ("a\t\t\tb", "a\t\t\tb"),
        "running heads": ("Westmere Borough Council\n", "\f Westmere Borough Council\n\n"),
    }
    for says, (unit, unit_of_text) in units.items():
        yield Hostile(
            "count", f"{says} in Markdown", lambda unit=unit: markdown(body=_as_many(unit))
        )
        yield Hostile(
            "count",
            f"{says} in a text",
            lambda unit=unit_of_text: text(inside=_as_many(unit)),
            "draft.txt",
        )
    for name, write in (("Markdown", markdown), ("a text", text)):
        key = "body" if write is markdown else "inside"
        yield Hostile(
            "count",
            f"lines indented ever deeper in {name}",
            lambda write=write, key=key: write(
                **{key: "".join(f"{' ' * n}- a\n" for n in range(1_800))}
            ),
            "draft.md" if write is markdown else "draft.txt",
        )
    yield Hostile(
        "count",
        "a text of nothing but names after its end",
        lambda: text(after="Łukasz Wierzbicki, Chief Executive\n" * LINES),
        "draft.txt",
    )
    yield Hostile(
        "count",
        "a text of nothing but addresses before its beginning",
        lambda: text(before="Westmere Borough Council\n" * LINES),
        "draft.txt",
    )


def lists_of_the_head() -> Iterator[Hostile]:
    """Yield front matters with more entries than any letter has."""
    entries = {
        "1,500 addressees": (
            "addressees",
            "  - role: director\n    name: Ms Siân Prydderch\n    lines: [a]\n",
            1500,
        ),
        "3,000 copies": ("copies", "  - role: director\n    name: A\n    line: A, of B\n", 3000),
        "3,000 signatories": ("signatories", "  - name: Harriet Elmsley\n    title: HMI\n", 3000),
        "2,500 doubts": (
            "doubts",
            "  - code: made-up\n    place: strengths/1\n    read: a\n",
            2500,
        ),
        "8,000 leftovers": ("leftovers", "  - some words\n", 8000),
        "2,000 clearances": (
            "cleared",
            "  - code: made-up\n    place: strengths/1\n    why: because\n",
            2000,
        ),
        "2,000 answers": ("answers", "  - area: strengths/1\n    place: strengths/1\n", 2000),
    }
    for says, (key, entry, number) in entries.items():
        others = "".join(
            line for line in HEAD.splitlines(keepends=True) if not line.startswith(f"{key}:")
        )
        if key in ("addressees", "copies", "signatories"):
            head, _, rest = HEAD.partition(f"{key}:\n")
            kept = rest.splitlines(keepends=True)
            while kept and kept[0].startswith(" "):
                kept.pop(0)
            others = head + "".join(kept)
        yield Hostile(
            "count",
            f"{says} in the front matter",
            lambda head=f"{others}{key}:\n{entry * number}": markdown(head=head),
        )
