"""The sample letter as PDF, beside WeasyPrint on the same words.

Typst keeps what it has set: the same letter again costs a third of one with other
words. So both are measured, and the comparison is on other words each time.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import render_process
from benchmarks.measures import Cost, Spread, cost_of, in_turn
from benchmarks.processes import environment, python, run_process
from benchmarks.sample import SAMPLE, draft_path, with_other_words
from benchmarks.tables import Table, at_least, at_most, shown_megabytes, shown_spread
from flows.office import open_office
from letters.letter import Letter
from tasks.drafting.draft import compose_draft
from tasks.rendering.pages import render_html
from tasks.rendering.pdf import render_pdf

ROUNDS = 30
PROCESS_ROUNDS = 3

TYPST = "Typst, other words each time"
TYPST_AGAIN = "Typst, the same letter again"
WEASYPRINT = "WeasyPrint, other words each time"

TARGET_MS = 12
TARGET_RATIO = 12


def measure() -> list[Table]:
    """Render in turn in this process for the times; in processes of their own for the memory."""
    letter = sample_letter()
    costs = in_turn(_contenders(letter), ROUNDS)
    wall = {name: Spread.of(cost.wall_seconds for cost in costs[name]) for name in costs}
    cpu = {name: Spread.of(cost.cpu_seconds for cost in costs[name]) for name in costs}
    peaks = _peaks(letter)
    targets = {
        TYPST: at_most(wall[TYPST].median * 1000, TARGET_MS, "ms"),
        TYPST_AGAIN: at_most(wall[TYPST_AGAIN].median * 1000, TARGET_MS, "ms"),
        WEASYPRINT: at_least(wall[WEASYPRINT].median / wall[TYPST].median, TARGET_RATIO, "× Typst"),
    }
    return [
        Table(
            "The sample letter as PDF, warm",
            (
                "contender",
                "n",
                "min ms",
                "median ms",
                "p95 ms",
                "CPU ms",
                "× Typst",
                "target",
                "met?",
            ),
            tuple(
                (
                    name,
                    *shown_spread(wall[name], scale=1000, digits=1),
                    f"{cpu[name].median * 1000:.1f}",
                    f"{wall[name].median / wall[TYPST].median:.1f}",
                    *targets[name],
                )
                for name in (TYPST, TYPST_AGAIN, WEASYPRINT)
            ),
            (
                "“Other words”: the words of every paragraph in another order, since Typst keeps "
                "what it has set and no two letters say the same.",
                "WeasyPrint is given the letter's HTML, the same four font files and its PDF/UA-1 "
                "variant, and keeps its font configuration and style sheet; Typst writes PDF/UA-1 "
                "and PDF/A-2a.",
                "CPU: the median over all threads.",
            ),
        ),
        Table(
            "Peak memory of a process that renders ten letters",
            ("contender", "n", "median MB"),
            tuple(
                (name, str(PROCESS_ROUNDS), shown_megabytes(peaks[name].median)) for name in peaks
            ),
            ("The one loads the product's rendering, the other WeasyPrint alone.",),
        ),
    ]


def sample_letter() -> Letter:
    """Compose the sample draft."""
    office = open_office({"LETTERS_OFFICE": "nowhere", "LETTERS_REGISTER": str(SAMPLE)})
    path = draft_path()
    letter = compose_draft(office, path.read_bytes(), path.name).letter
    if letter is None:
        raise ValueError("The sample draft is no letter.")
    return letter


def _contenders(letter: Letter) -> dict[str, Callable[[int], Cost]]:
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    weasyprint = render_process.weasyprint_renderer()

    def typst_anew(number: int) -> Cost:
        return cost_of(partial(render_pdf, with_other_words(letter, number + 1)))

    def typst_again(_: int) -> Cost:
        return cost_of(partial(render_pdf, letter))

    def weasyprint_anew(number: int) -> Cost:
        return cost_of(partial(weasyprint, render_html(with_other_words(letter, number + 1))))

    for warm_up in (typst_again, weasyprint_anew):
        warm_up(ROUNDS)
    return {TYPST: typst_anew, TYPST_AGAIN: typst_again, WEASYPRINT: weasyprint_anew}


def _peaks(letter: Letter) -> dict[str, Spread]:
    peaks: dict[str, list[int]] = {"Typst": [], "WeasyPrint": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(render_process.LETTERS):
            varied = with_other_words(letter, number)
            Path(folder, f"{number}.json").write_text(varied.model_dump_json(), "utf-8")
            Path(folder, f"{number}.html").write_text(render_html(varied), "utf-8")
        for _ in range(PROCESS_ROUNDS):
            for name, found in peaks.items():
                command = python("-m", "benchmarks.render_process", name.lower(), folder)
                found.append(run_process(command, environment()).peak_bytes)
    return {name: Spread.of(found) for name, found in peaks.items()}
