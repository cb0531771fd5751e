"""`letters history`: the story as a table and as JSON, whole or in brief."""

import json

import pytest

from desk.command_line import run
from desk.verbs.tell import tell_history
from tasks.archiving.runs import STEP, ends, keep_run
from tasks.archiving.story import in_brief, shown_history
from tests.issuing import REFERENCE, a_sample_office, do, submit
from tests.run_histories import A_RUN, a_history, a_line, a_state

RUN = f"run {A_RUN[:8]}"


@pytest.fixture
def case(tmp_path):
    case, _ = submit(a_sample_office(tmp_path))
    return case


def keep(case, **overrides):
    history = a_history(**overrides)
    do(STEP, case, keep_run, history, ends(history))


def test_the_table_and_the_json_tell_of_both(case, capsys):
    keep(
        case,
        states=[a_state("Failed", message="First line.\nSecond line.")],
        logs=[a_line("x" * 64, "ERROR")],
    )

    assert tell_history(case.office, REFERENCE, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["source"] for row in told} == {"case", "prefect"}
    assert told == shown_history(case)

    assert tell_history(case.office, REFERENCE, as_json=False) == 0
    table = capsys.readouterr().out
    assert "First line." in table
    assert "Second line." not in table
    assert RUN in table


def test_in_brief_it_leaves_out_what_went_well(case, capsys):
    rows = in_brief(shown_history(case))

    code = run(["history", REFERENCE, "--brief", "--json", "--office", str(case.office.root)])

    assert (code, json.loads(capsys.readouterr().out)) == (0, rows)
