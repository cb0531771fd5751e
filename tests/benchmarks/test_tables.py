"""What the benchmarks say of their figures. The figures themselves are never asserted."""

import pytest

from benchmarks.measures import Spread
from benchmarks.sample import authorities, draft_of, write_register
from benchmarks.tables import Table, at_least, at_most, markdown, shown_spread
from flows.office import open_office
from tasks.drafting.draft import compose_draft


def test_a_page_holds_its_preface_and_each_table_with_its_notes():
    table = Table(
        "Rendering",
        ("", "median ms", "target", ""),
        (("one | two", "9.0", "≤ 12 ms", "met"),),
        ("The first note.", "The second."),
    )

    page = markdown(["# Benchmarks", "", "In one run."], [table, table])

    section = [
        "",
        "## Rendering",
        "",
        "|  | median ms | target |  |",
        "| --- | ---: | ---: | ---: |",
        r"| one \| two | 9.0 | ≤ 12 ms | met |",
        "",
        "The first note.",
        "The second.",
    ]
    assert page.splitlines() == ["# Benchmarks", "", "In one run.", *section, *section]
    assert page.endswith("The second.\n")


def test_a_row_with_a_cell_too_few_is_refused():
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Table("Rendering", ("", "median ms"), (("Typst",),))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(at_most(11.9, 12, "ms"), ("≤ 12 ms", "met"), id="under a ceiling is met"),
        pytest.param(at_most(12, 12, "ms"), ("≤ 12 ms", "met"), id="at a ceiling is met"),
        pytest.param(at_most(0.61, 0.6, "s"), ("≤ 0.6 s", "missed"), id="over it is missed"),
        pytest.param(at_least(12, 12, "×"), ("≥ 12 ×", "met"), id="at a floor is met"),
        pytest.param(at_least(11.9, 12, "×"), ("≥ 12 ×", "missed"), id="under it is missed"),
    ],
)
def test_a_figure_is_judged_by_its_target(cells, expected):
    assert cells == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param([3.0], Spread(1, 3.0, 3.0, 3.0), id="one figure is all of them"),
        pytest.param([2, 1, 4, 3], Spread(4, 1, 2.5, 4), id="of a few, p95 is the largest"),
        pytest.param(range(20), Spread(20, 0, 9.5, 18), id="of twenty, p95 is the second largest"),
    ],
)
def test_a_series_is_summed_up(figures, expected):
    assert Spread.of(figures) == expected


def test_a_spread_is_shown_in_the_unit_asked_for():
    shown = shown_spread(Spread(20, 0.001, 0.0025, 0.01), scale=1000, digits=1)

    assert shown == ("20", "1.0", "2.5", "10.0")


def test_each_invented_authority_has_a_letter_of_its_own_with_nothing_wrong(tmp_path):
    names = authorities(3)
    write_register(tmp_path / "register", names)
    office = open_office(
        {"LETTERS_OFFICE": str(tmp_path), "LETTERS_REGISTER": str(tmp_path / "register")}
    )

    compositions = [compose_draft(office, draft_of(name), "draft.md") for name in names]

    assert [composition.problems for composition in compositions] == [()] * 3
    assert [composition.letter.reference for composition in compositions] == [
        name.reference for name in names
    ]
