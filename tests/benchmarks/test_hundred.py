"""The office of a hundred, with six: nothing is lost between the drafts folder and the database."""

from collections import Counter

import pytest

from benchmarks.hundred import office_of


@pytest.mark.slow
def test_every_letter_is_issued_and_every_task_run_is_there_after_the_end():
    figures = office_of(6, waiting=3)

    assert figures.issued == 6
    assert figures.runs == Counter({"Issued": 6})
    assert figures.recorded_task_runs == figures.expected_task_runs
    assert figures.unfinished_task_runs == 0
    assert [part.name for part in figures.parts] == ["server", "serving", "runs"]
    assert all(part.end_bytes <= part.peak_bytes for part in figures.parts)
