"""The table of states and commands, cell by cell, as the office decided it."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.case import (
    REFUSALS,
    TABLE,
    Cell,
    Command,
    CommandRefused,
    Holdings,
    State,
    demand,
    state_of,
    table_in_markdown,
)

# A row a state, a column a command, written out by hand: `*` opens a revision,
# a word in brackets is a refusal.
DECIDED = """
                  submit-same       submit-new       block            prepare           approve-in-part   approve           return            confirm           archive        hold             release          lapse            close          correct      withdraw
drafted           drafted           superseded*      blocked          awaiting-sign-off (not-prepared)    (not-prepared)    (not-prepared)    (not-signed)      (not-signed)   (not-signed)     (not-signed)     (not-signed)     (not-signed)   (not-issued) (not-issued)
blocked           drafted           drafted          blocked          (not-prepared)    (not-prepared)    (not-prepared)    (not-prepared)    (not-prepared)    (not-prepared) (not-prepared)   (not-prepared)   (not-prepared)   (not-prepared) (not-issued) (not-issued)
awaiting-sign-off awaiting-sign-off superseded*      (not-signed)     awaiting-sign-off awaiting-sign-off signed            returned          awaiting-sign-off (not-signed)   (not-signed)     (not-signed)     (not-signed)     (not-signed)   (not-issued) (not-issued)
returned          returned          returned*        (returned)       (returned)        (already-decided) (already-decided) (already-decided) (returned)        (returned)     (returned)       (returned)       (returned)       (returned)     (not-issued) (not-issued)
superseded        (superseded)      (superseded)     (superseded)     (superseded)      (superseded)      (superseded)      (superseded)      (superseded)      (superseded)   (superseded)     (superseded)     (superseded)     (superseded)   (superseded) (superseded)
signed            signed            (already-signed) (already-signed) (already-signed)  (already-decided) (already-decided) (already-decided) signed            archived       (not-archived)   (not-held)       (not-held)       (not-archived) (not-issued) (not-issued)
held              held              (already-signed) (already-signed) (already-signed)  (already-decided) (already-decided) (already-decided) held              held           held             archived         returned         (held)         (not-issued) (not-issued)
archived          archived          (already-signed) (already-signed) (already-signed)  (already-decided) (already-decided) (already-decided) archived          archived       held             (not-held)       (not-held)       issued         (not-issued) (not-issued)
issued            issued            (already-issued) (already-issued) (already-issued)  (already-decided) (already-decided) (already-decided) (already-issued)  issued         (already-issued) (already-issued) (already-issued) issued         corrected*   withdrawn*
corrected         corrected         (corrected)      (corrected)      (corrected)       (already-decided) (already-decided) (already-decided) (corrected)       (corrected)    (corrected)      (corrected)      (corrected)      (corrected)    (corrected)  (corrected)
withdrawn         withdrawn         (withdrawn)      (withdrawn)      (withdrawn)       (already-decided) (already-decided) (already-decided) (withdrawn)       (withdrawn)    (withdrawn)      (withdrawn)      (withdrawn)      (withdrawn)    (withdrawn)  (withdrawn)
"""  # noqa: E501


def decided_cells():
    header, *rows = DECIDED.strip("\n").splitlines()
    commands = [Command(word) for word in header.split()]
    for row in rows:
        state, *cells = row.split()
        for command, cell in zip(commands, cells, strict=True):
            yield pytest.param(State(state), command, cell, id=f"{command} when {state}")


@pytest.mark.parametrize(("state", "command", "decided"), list(decided_cells()))
def test_each_cell_is_as_decided(state, command, decided):
    cell = TABLE[state][command]

    if decided.startswith("("):
        assert cell == Cell(None, decided.strip("()"))
        with pytest.raises(CommandRefused) as raised:
            demand(state, command, where="CRA-WESTMERE-2011-03-08 r1")
        assert raised.value.code == decided.strip("()")
    else:
        assert cell == Cell(State(decided.rstrip("*")), opens_revision=decided.endswith("*"))
        assert demand(state, command, where="x") == cell


def test_the_table_decided_covers_every_cell_once():
    assert sorted((p.values[0], p.values[1]) for p in decided_cells()) == sorted(
        (state, command) for state in State for command in Command
    )


def test_every_refusal_says_something_and_is_used():
    used = {cell.refusal for row in TABLE.values() for cell in row.values() if cell.refusal}

    assert used == set(REFUSALS)
    assert all(said for said, _ in REFUSALS.values())


def test_the_docs_print_the_table_as_it_is():
    docs = Path(__file__).parents[2] / "docs" / "states.md"

    assert table_in_markdown() in docs.read_text("utf-8")


@pytest.mark.parametrize(
    ("holdings", "state"),
    [
        pytest.param(Holdings(), State.DRAFTED, id="a letter alone is drafted"),
        pytest.param(Holdings(has_pack=True), State.AWAITING_SIGN_OFF, id="a pack waits"),
        pytest.param(
            Holdings(has_pack=True, has_later_revision=True),
            State.SUPERSEDED,
            id="a waiting pack with a later revision is superseded",
        ),
        pytest.param(
            Holdings(has_later_revision=True),
            State.SUPERSEDED,
            id="a letter without a pack is superseded too",
        ),
        pytest.param(
            Holdings(has_pack=True, decision="return"), State.RETURNED, id="a return is kept"
        ),
        pytest.param(
            Holdings(has_pack=True, decision="return", has_later_revision=True),
            State.RETURNED,
            id="a returned revision stays returned when a later one comes",
        ),
        pytest.param(
            Holdings(has_pack=True, decision="approve"), State.SIGNED, id="an approval signs"
        ),
        pytest.param(
            Holdings(has_pack=True, decision="approve", has_later_revision=True),
            State.SIGNED,
            id="an approval outlives a later revision",
        ),
        pytest.param(
            Holdings(has_pack=True, decision="approve", has_manifest=True),
            State.ARCHIVED,
            id="a manifest archives",
        ),
        pytest.param(
            Holdings(has_pack=True, decision="approve", has_manifest=True, is_held=True),
            State.HELD,
            id="a held letter is archived but not sent",
        ),
        pytest.param(
            Holdings(has_pack=True, decision="approve", has_manifest=True, is_delivered=True),
            State.ISSUED,
            id="ended deliveries issue",
        ),
        pytest.param(
            Holdings(
                has_pack=True,
                decision="approve",
                has_manifest=True,
                is_delivered=True,
                replaced_by="correction",
            ),
            State.CORRECTED,
            id="a correction replaces what was issued",
        ),
        pytest.param(
            Holdings(has_manifest=True, is_delivered=True, replaced_by="withdrawal"),
            State.WITHDRAWN,
            id="a withdrawal replaces what was issued",
        ),
    ],
)
def test_a_state_is_told_from_what_the_case_holds(holdings, state):
    assert state_of(holdings) == state
