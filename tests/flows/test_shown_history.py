"""The page of a run that tells the letter's story: in brief, limited, without an address."""

from __future__ import annotations

import pytest

from letters.signoff import Decision
from tasks.archiving.runs import STEP, ends, keep_run
from tasks.case.record import StepRun
from tests.issuing import REFERENCE, a_sample_office, do, in_other_words, issue
from tests.run_histories import a_history, a_state

pytestmark = pytest.mark.slow


@pytest.fixture
def artifacts(engine):
    """The module, imported when there is a Prefect for it."""
    import flows.artifacts

    return flows.artifacts


@pytest.fixture
def shown(artifacts, monkeypatch):
    """Show a case's history; return the rows of the page, and the page."""

    def shown(case):
        made = {}
        monkeypatch.setattr(artifacts, "create_markdown_artifact", lambda **told: made.update(told))
        artifacts.show_history(case)
        assert made["key"] == f"{REFERENCE}-history".lower()
        page = made["markdown"].replace("\\", "")
        rows = [line for line in page.splitlines() if line.startswith("| 20")]
        return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows], page

    return shown


def test_a_run_s_page_tells_the_story_with_the_return_and_what_prefect_knew(shown, tmp_path):
    office = a_sample_office(tmp_path)
    issue(office, decision=Decision.RETURN)
    case, _ = issue(office, in_other_words())
    history = a_history(states=[a_state("Running"), a_state("AwaitingSignOff")])
    do(STEP, case, keep_run, history, ends(history))

    rows, page = shown(case)

    told = [(row[2], row[3], row[-1].rstrip(" |")) for row in rows]
    assert ("sign-off", "completed", "decision return, inspector helmsley") in told
    assert ("sign-off", "completed", "decision approve, inspector helmsley") in told
    assert [row[3] for row in rows if row[1] == "prefect"] == ["Running", "AwaitingSignOff"]
    assert "left out" not in page
    assert "SAMPLE" in page


def test_of_a_long_story_the_end_is_shown_and_addresses_are_masked(shown, artifacts, tmp_path):
    case, _ = issue(a_sample_office(tmp_path))
    for number in range(artifacts.HISTORY_ROWS_AT_MOST):
        StepRun(case, "render-letter", attempt=2, of=4).fail(
            ConnectionError(f"{number}: <anna.bell@inspectorate.example>"), again_in_seconds=1
        )

    rows, page = shown(case)

    assert len(rows) == artifacts.HISTORY_ROWS_AT_MOST
    assert "earlier rows are left out" in page
    assert "anna.bell@" not in page
    assert f"{artifacts.HISTORY_ROWS_AT_MOST - 1}: " in rows[-1][-1]


def test_it_writes_nothing_into_the_case(artifacts, shown, tmp_path):
    case, _ = issue(a_sample_office(tmp_path))
    before = case.names()

    shown(case)

    assert case.names() == before
