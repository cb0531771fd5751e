"""How good the checks are, measured with the real letters.

`python -m tests.checks_measured` prints the tables and writes docs/checks-measured.md.
`--missed` lists every planted fault that wasn't found; `--letters` and `--variants` make
the measurement smaller.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from letters.checks import CHECKS
from tests.checks_measured.measured import (
    FALSE_BLOCKING_AT_MOST,
    VERDICTS,
    Told,
    beyond_the_checks,
    false_blocking,
    problems_as_they_stand,
    real_mistakes,
)
from tests.checks_measured.planting import PLANTERS, SEED, Planted, plant_all
from tests.checks_measured.real_letters import names, read_by_the_product

PAGE = Path(__file__).parents[2] / "docs" / "checks-measured.md"

LISTED_BELOW_PERCENT = 95

HEAD = (
    "# How good the checks are",
    "",
    "Written by `python -m tests.checks_measured` from 41 published letters of an inspectorate"
    " (40 focused visits and joint inspections of 2017 to 2025, one unannounced inspection of"
    " 2010), which lie outside the repository.",
    "The letters are taken as they truly stand, from data made by hand, so that the checks are"
    " judged and not the readers.",
    "What each check looks for: [checks.md](checks.md).",
)

HOW_PLANTED = (
    "",
    "## Faults planted",
    "",
    "One fault at a time is planted in a letter, and the letter composed and checked.",
    "Found: the check tells something new, at the passage or field where the fault is, and of its"
    " words where it names words.",
    "The faults are written from what people do wrong, in several ways each, and chosen by a"
    " seed; those who wrote them didn't look at how the checks look for them.",
    "Where a stricter check tells the same fault (a drafter's note in brackets as a placeholder),"
    " it counts as found.",
    "Annual reviews, of which none was published, are made of the findings of other letters.",
    "Checks were mended where they missed something, so the table is of wordings that they were"
    " mended for.",
    "Of wordings that were new to them they found, before that, 94.8 % (2,053 of 2,165, all"
    " checks), then 91.4 % (1,179 of 1,290) and 92.7 % (1,196 of 1,290) where a fault can be"
    " worded in many ways: expect as much of drafts to come.",
    "",
    "| check | | planted | in letters | found | |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    letters = names()[: options.letters]
    told = problems_as_they_stand()
    read = problems_as_they_stand(read_by_the_product)
    planted = list(plant_all(seed=options.seed, variants=options.variants, letters=letters))
    lines = [*HEAD, *as_they_stand(told), *as_read(told, read), *of_planted(planted)]
    if options.missed:
        lines += [repr(each) for each in planted if not each.is_found]
    elif not options.letters:
        PAGE.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))  # noqa: T201


def as_they_stand(told: Sequence[Told]) -> Iterator[str]:
    """Tell what came of the letters as they stand."""
    blocking = [each for each in told if each.problem.is_blocking]
    false = false_blocking(told)
    found = {each.at for each in told}
    mistakes = real_mistakes()
    count = sum(mistake in found for mistake in mistakes)
    yield from (
        "",
        "## The letters as they stand",
        "",
        f"{len(blocking)} blocking problems are told of the {len(names())} letters, {len(false)} "
        f"of them false: {len(false) / len(names()):.2f} a letter (at most "
        f"{FALSE_BLOCKING_AT_MOST} is the aim).",
    )
    if false:
        yield f"False: {_listed(false)}."
    yield from (
        f"Of {len(mistakes)} real mistakes that a reader found in them and that a check is for, "
        f"{count} are told.",
        "Mistakes of published letters of which none stands in these: dated before the inspection;"
        " “Her” after September 2022; an acronym misspelt.",
        "",
        "| letter | mistake | at | told |",
        "| --- | --- | --- | --- |",
    )
    for mistake in sorted(mistakes):
        is_told = "yes" if mistake in found else "**no**"
        yield f"| {mistake.letter} | `{mistake.code}` | {mistake.place} | {is_told} |"
    yield from _warnings(told)
    yield from (
        "",
        "Mistakes in them that no check is for:",
        "",
        *(f"- {each.letter}, {each.place}: {each.what}" for each in beyond_the_checks()),
    )


def as_read(told: Sequence[Told], read: Sequence[Told]) -> Iterator[str]:
    """Tell what is told otherwise of the letters as the product's own reader reads them."""
    otherwise = set(_said(told)) ^ set(_said(read))
    same = len(names()) - len({letter for letter, _ in otherwise})
    yield from (
        "",
        "## Through the product's own reader",
        "",
        f"Of {same} of the {len(names())} letters the same is told when the product reads their"
        " text itself (its doubts cleared).",
        *(f"- {letter}: {said}" for letter, said in sorted(otherwise)),
    )


def _said(told: Sequence[Told]) -> Iterator[tuple[str, str]]:
    return ((each.at.letter, f"`{each.at.code}` at {each.at.place}") for each in told)


def _warnings(told: Sequence[Told]) -> Iterator[str]:
    warnings = [each for each in told if not each.problem.is_blocking]
    total = Counter(each.verdict for each in warnings)
    yield from (
        "",
        f"{len(warnings)} warnings are told, {len(warnings) / len(names()):.1f} a letter; each was"
        " judged by reading it.",
        "",
        f"| warning | told | {' | '.join(VERDICTS)} |",
        f"| --- | ---: |{' ---: |' * len(VERDICTS)}",
    )
    by_code = defaultdict(list)
    for each in warnings:
        by_code[each.at.code].append(each.verdict)
    for code, verdicts in sorted(by_code.items()):
        yield _row(f"`{code}`", len(verdicts), *(verdicts.count(each) or "" for each in VERDICTS))
    yield _row("all", len(warnings), *(total[each] or "" for each in VERDICTS))


def of_planted(planted: Sequence[Planted]) -> Iterator[str]:
    """Tell what was planted and found, by check."""
    yield from HOW_PLANTED
    severity = {check.code: "blocks" if check.is_blocking else "warns" for check in CHECKS}
    below = []
    for planter in PLANTERS:
        rows = [each for each in planted if each.code == planter.code]
        found = sum(each.is_found for each in rows)
        percent = 100 * found / len(rows) if rows else 0
        if percent < LISTED_BELOW_PERCENT:
            below.append((planter.code, rows))
        yield _row(
            f"`{planter.code}`",
            severity.get(planter.code, "stops"),
            len(rows),
            len({each.letter for each in rows}),
            found,
            f"{percent:.1f} %",
        )
    found = sum(each.is_found for each in planted)
    yield _row("all", "", len(planted), "", found, f"{100 * found / len(planted):.1f} %")
    yield from ("", f"The seed is {SEED}; “stops” is told while composing, before any check.")
    if below:
        yield from ("", f"Below {LISTED_BELOW_PERCENT} %, and what was missed:", "")
        yield from (f"- `{code}`: {_missed(rows)}" for code, rows in below)
    beside = Counter((each.code, code) for each in planted for code in each.blocks_beside)
    if beside:
        yield from ("", "Other blocking problems that a planted fault brought with it:", "")
        yield from (
            f"- `{code}` told of `{of}`: {count}" for (of, code), count in beside.most_common()
        )


def _missed(rows: Sequence[Planted]) -> str:
    told = Counter(each.planted for each in rows if not each.is_found)
    return "; ".join(f"{count} × {planted}" for planted, count in told.most_common(6))


def _listed(told: Sequence[Told]) -> str:
    return "; ".join(f"`{each.at.code}` in {each.at.letter}, {each.at.place}" for each in told)


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.checks_measured")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--letters", type=int)
    parser.add_argument("--variants", type=int, default=2)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
