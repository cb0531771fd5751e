"""What comes of the real letters as they stand: real mistakes found, and false problems.

What is a mistake was found by reading the letters (`real_mistakes.toml`); each warning was
judged by reading it (`judged_warnings.toml`). Both hold codes and places only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from letters.problem import Problem
from tests.checks_measured.draft import Draft
from tests.checks_measured.other_letters import ARCHIVE_KNOWN
from tests.checks_measured.real_letters import names, office, true_draft, with_days

HERE = Path(__file__).parent

FALSE_BLOCKING_AT_MOST = 0.3
"""False blocking problems a letter that an office would put up with."""

Verdict = Literal["true", "arguable", "false", "not judged"]
VERDICTS: tuple[Verdict, ...] = ("true", "arguable", "false", "not judged")


class At(NamedTuple):
    """A problem by what a data file may say of it."""

    letter: str
    code: str
    place: str


class Beyond(NamedTuple):
    """A mistake in a letter that no check is for."""

    letter: str
    place: str
    what: str


class Told(NamedTuple):
    """A problem that was told of a letter as it stands."""

    at: At
    problem: Problem
    verdict: Verdict
    """Whether it is right. A blocking one is, where it is a mistake listed by hand."""


def problems_as_they_stand(draft_of: Callable[[str], Draft] = true_draft) -> tuple[Told, ...]:
    """Tell every problem of every letter.

    A letter that has no day is asked again with one, so that the checks are asked, too.
    """
    told: dict[tuple[At, int | None], Told] = {}
    for letter in names():
        draft = draft_of(letter)
        problems = list(_problems(draft))
        if with_days(draft) is not draft:
            problems += _problems(with_days(draft))
        for problem in problems:
            at = At(letter, problem.code, problem.place)
            told.setdefault((at, problem.start), Told(at, problem, _verdict(at, problem)))
    return tuple(told.values())


@cache
def real_mistakes() -> tuple[At, ...]:
    """List the mistakes that stand in the letters."""
    return tuple(At(**row) for row in _rows("real_mistakes.toml", "mistake"))


@cache
def beyond_the_checks() -> tuple[Beyond, ...]:
    """List the mistakes that no check is for."""
    return tuple(Beyond(**row) for row in _rows("real_mistakes.toml", "beyond"))


@cache
def judged_warnings() -> dict[At, Verdict]:
    """Tell how each warning was judged."""
    rows = _rows("judged_warnings.toml", "warning")
    return {At(row["letter"], row["code"], row["place"]): _known(row["verdict"]) for row in rows}


def false_blocking(told: Iterable[Told]) -> tuple[Told, ...]:
    """List the problems that would stop a letter without reason."""
    return tuple(each for each in told if each.problem.is_blocking and each.verdict == "false")


def _verdict(at: At, problem: Problem) -> Verdict:
    if at in real_mistakes():
        return "true"
    return "false" if problem.is_blocking else judged_warnings().get(at, "not judged")


def _problems(draft: Draft) -> tuple[Problem, ...]:
    return office().composed(draft.reading, ARCHIVE_KNOWN).problems


def _rows(name: str, table: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = tomllib.loads((HERE / name).read_text("utf-8"))[table]
    return rows


def _known(verdict: str) -> Verdict:
    return next(each for each in VERDICTS if each == verdict)
