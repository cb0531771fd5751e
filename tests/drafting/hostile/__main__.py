"""Tries all hostile drafts and prints, as Markdown, what became of them."""

from __future__ import annotations

import sys
from collections import Counter

from tests.drafting.hostile.batch import try_all
from tests.drafting.hostile.every import every
from tests.drafting.hostile.trial import MOST_MEMORY_BYTES, MOST_SECONDS, Outcome, is_harmless

INTRODUCTION = f"""\
# What becomes of hostile drafts

Written by `python -m tests.drafting.hostile`, which makes {{number}} hostile drafts and takes \
each the whole way, in a process of its own: read apart, composed, checked; where it makes a \
letter, rendered as PDF, HTML, text and e-mails.
Each must be refused or come out as the words that it is. None may read a file beside the office, \
write outside it, start a program, call by network, end in anything but an error that says what \
to do, take more than {MOST_SECONDS} seconds of the processor, or more than \
{MOST_MEMORY_BYTES // 1_000_000} MB of memory.

Refused: it makes no letter, and the codes say why. Blocked: it makes a letter that can't go on as \
it is. Composed: what is hostile in it is words like others, printed as they stand.

| family | drafts | refused | blocked | composed | refused with | slowest, s | largest, MB |
| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |
"""


def main() -> int:
    """Print the table; end with 1 if any draft did harm."""
    names = list(every())
    outcomes = try_all(names)
    families: dict[str, list[Outcome]] = {}
    for name, draft in every().items():
        families.setdefault(draft.family, []).append(outcomes[name])
    print(INTRODUCTION.format(number=len(names)), end="")  # noqa: T201
    for family, tried in families.items():
        print(_row(family, tried))  # noqa: T201
    print(_row("all", [*outcomes.values()], with_codes=False))  # noqa: T201
    harmful = [name for name, outcome in outcomes.items() if not is_harmless(outcome)]
    print(f"\nDid harm: {', '.join(harmful) or 'none'}.")  # noqa: T201
    return 1 if harmful else 0


def _row(family: str, tried: list[Outcome], *, with_codes: bool = True) -> str:
    endings = Counter(outcome.ending for outcome in tried)
    codes = Counter(
        code for outcome in tried if outcome.ending == "refused" for code in outcome.codes
    )
    told = ", ".join(f"{code} {number}" for code, number in codes.most_common()) * with_codes
    cells = (
        *(family, len(tried)),
        *(endings[ending] for ending in ("refused", "blocked", "composed")),
        told,
        f"{max(outcome.seconds for outcome in tried):.1f}",
        f"{max(outcome.memory_bytes for outcome in tried) / 1e6:.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
