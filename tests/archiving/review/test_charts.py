"""The charts of the annual review: they say in words what they show, and draw it the same."""

import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256

import pytest
from lxml import etree
from reviews import a_review, a_reviewed_letter, a_year, some_figures

from tasks.archiving.review.chart_days import MOST_ROWS, days_of_all, days_of_letters
from tasks.archiving.review.charts import areas_by_year, letters_by_state

AT = "2012-01-09T07:30:00.000Z"
SVG = "{http://www.w3.org/2000/svg}"


def texts_of(chart):
    return [
        element.text
        for element in etree.fromstring(chart.svg).iter(f"{SVG}text")
        if element.text is not None
    ]


def a_late_one(**changes):
    return a_reviewed_letter("CRA-WESTMERE-2011-09-13", days=28, **changes)


def one_on_its_way(**changes):
    return a_reviewed_letter(
        "CRA-WESTMERE-2011-12-13", None, days=None, inspected_until=date(2011, 12, 14), **changes
    )


def all_charts():
    review, year = a_review(), a_year(12)
    letters = [letter for each in year.authorities for letter in each.letters]
    return [
        areas_by_year([*review.history, review.figures]),
        days_of_letters(review.letters, AT),
        days_of_all(letters, AT),
        letters_by_state(letters),
    ]


def test_areas_by_year_are_told_year_by_year():
    chart = areas_by_year([some_figures(2010), some_figures(2011, raised=1, still_open=0)])

    assert chart.words == (
        "2010: 5 raised, 3 answered or waived, 4 left open."
        " 2011: 1 raised, 3 answered or waived, 0 left open."
    )
    assert {"2010", "2011", "5", "3", "4", "1", "0"} <= set(texts_of(chart))


def test_days_of_letters_are_told_letter_by_letter():
    letters = (
        a_reviewed_letter("ANR-WESTMERE-2011", inspected_until=None),
        a_reviewed_letter(),
        a_late_one(),
        one_on_its_way(),
        a_reviewed_letter("CRA-WESTMERE-2011-06-01", deadline_working_days=None),
    )

    chart = days_of_letters(letters, AT)

    assert chart.words == (
        "Working days, of those allowed. CRA 2011-03-08: 18 of 20. CRA 2011-09-13: 28 of 20, late."
        " CRA 2011-12-13: 15 so far of 20. CRA 2011-06-01: 18 without a deadline."
    )
    assert {"18", "28, late", "15 so far", "CRA 2011-03-08"} <= set(texts_of(chart))


def test_of_many_letters_those_that_took_longest_are_drawn():
    letters = [a_reviewed_letter(f"CRA-WESTMERE-2011-01-{n:02}", days=n) for n in range(1, 32)]

    chart = days_of_letters(letters, AT)

    assert chart.words.startswith("Drawn are the 30 letters that took longest, of 31.")
    assert len(re.findall("CRA ", chart.words)) == MOST_ROWS
    assert "CRA 2011-01-01" not in chart.words


def test_the_spread_of_days_is_told_for_each_deadline():
    letters = [
        *(a_reviewed_letter(days=days) for days in (18, 18, 20, 21)),
        a_reviewed_letter(deadline_working_days=60),
        one_on_its_way(),
        one_on_its_way(deadline_working_days=10),
    ]

    chart = days_of_all(letters, AT)

    assert chart.words == (
        "Of 4 letters with a deadline of 20 working days, 2 took 18, 1 took 20 and 1 took 21;"
        " 1 was late. Of 1 letter with a deadline of 60 working days, 1 took 18; none were late."
        " Not drawn: 2 letters not with everyone yet, 1 of them overdue."
    )
    assert {"deadline: 20", "deadline: 60"} <= set(texts_of(chart))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        pytest.param((18, 20, 21), "1 took 18, 1 took 20 and 1 took 21", id="a day a bar"),
        pytest.param(
            (18, 20, 21, 90),
            "2 took 16 to 20, 1 took 21 to 25 and 1 took 86 to 90",
            id="five days a bar",
        ),
        pytest.param(
            (1, 20, 21, 401),
            "2 took 1 to 20, 1 took 21 to 40 and 1 took 401 to 420",
            id="twenty days a bar",
        ),
    ],
)
def test_no_bar_holds_both_sides_of_a_deadline(days, words):
    chart = days_of_all([a_reviewed_letter(days=each) for each in days], AT)

    assert chart.words == (
        f"Of {len(days)} letters with a deadline of 20 working days, {words};"
        f" {len(days) - 2} {'was' if len(days) == 3 else 'were'} late."
    )


def test_letters_by_state_are_told_the_most_first():
    letters = [a_reviewed_letter()] * 3 + [one_on_its_way(state="awaiting-sign-off")]

    chart = letters_by_state(letters)

    assert chart.words == "3 issued and 1 awaiting sign off."


def test_a_letter_in_force_whose_correction_was_returned_stands_at_issued():
    chart = letters_by_state([a_reviewed_letter(state="returned")])

    assert chart.words == "1 issued."


def test_samples_left_out_of_the_figures_are_not_where_letters_stand():
    left_out = a_reviewed_letter(is_sample=True).model_copy(
        update={"date": None, "left_out": "sample"}
    )
    withdrawn = a_reviewed_letter(day=None).model_copy(update={"left_out": "withdrawn"})

    chart = letters_by_state([a_reviewed_letter(is_sample=True), left_out, withdrawn])

    assert chart.words == "1 issued and 1 withdrawn."
    assert letters_by_state([left_out]).svg == b""


NO_AREAS = some_figures(2011, raised=0, answered=0, still_open=0)
NO_INSPECTION = a_reviewed_letter(inspected_until=None)


@pytest.mark.parametrize(
    "chart",
    [
        pytest.param(areas_by_year([NO_AREAS]), id="no area"),
        pytest.param(days_of_letters((), AT), id="no letter of the authority"),
        pytest.param(days_of_letters([NO_INSPECTION], AT), id="no inspection"),
        pytest.param(days_of_all([one_on_its_way()], AT), id="nothing accepted"),
        pytest.param(letters_by_state(()), id="no letter at all"),
    ],
)
def test_where_there_is_nothing_to_show_the_words_say_so(chart):
    assert chart.svg == b""
    assert chart.words.startswith("There is nothing to draw: ")


def test_ten_years_are_drawn_with_as_many_objects_of_matplotlib_as_two(monkeypatch):
    from matplotlib.artist import Artist

    made = []
    init = Artist.__init__

    def count(artist, *args, **named):
        made.append(type(artist).__name__)
        init(artist, *args, **named)

    def objects_of(years):
        made.clear()
        chart = areas_by_year([some_figures(2000 + each) for each in range(years)])
        assert len(re.findall("<text", chart.svg.decode())) > 4 * years
        return Counter(made)

    monkeypatch.setattr(Artist, "__init__", count)

    assert objects_of(2)["PathPatch"] == 3
    assert objects_of(10) == objects_of(2)


def test_a_chart_is_a_picture_with_title_and_description():
    for chart in all_charts():
        root = etree.fromstring(chart.svg)

        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{chart.name}-title"
        assert [(root[n].tag, root[n].text) for n in (0, 1)] == [
            (f"{SVG}title", chart.title),
            (f"{SVG}desc", chart.words),
        ]
        assert root[0].get("id") == f"{chart.name}-title"


def test_a_chart_carries_no_script_no_style_sheet_and_nothing_from_elsewhere():
    for chart in all_charts():
        root = etree.fromstring(chart.svg)
        names = {etree.QName(element).localname for element in root.iter(f"{SVG}*")}

        assert names <= {
            *("svg", "title", "desc", "g", "path", "text", "use", "defs"),
            *("clipPath", "rect", "pattern"),
        }
        told = chart.svg.decode()
        assert set(re.findall(r'href="(.)', told)) <= {"#"}
        assert set(re.findall(r"url\((.)", told)) <= {"#"}


def test_the_ids_of_charts_in_one_page_differ():
    ids = [
        element.get("id")
        for chart in all_charts()[:1] + all_charts()[2:]
        for element in etree.fromstring(chart.svg).iter()
        if element.get("id")
    ]

    assert len(ids) == len(set(ids))


def test_axes_begin_at_zero_and_count_in_whole_numbers():
    small = areas_by_year([some_figures(2011, raised=1, answered=1, still_open=1)])

    assert {text for text in texts_of(small) if re.fullmatch(r"[\d.]+", text)} == {"0", "1", "2011"}


def test_a_chart_is_the_same_in_many_threads_and_in_another_process(tmp_path):
    ours = [chart.svg for chart in all_charts()]
    with ThreadPoolExecutor(4) as threads:
        theirs = list(threads.map(lambda _: [chart.svg for chart in all_charts()], range(4)))
    machine_s_own = tmp_path / "matplotlibrc"
    machine_s_own.write_text("axes.grid: True\nfont.size: 20\nsvg.hashsalt: other\n")
    told = (
        "import hashlib, sys; sys.path[:0] = ['.', 'tests/archiving/review'];"
        "from test_charts import all_charts;"
        "print(hashlib.sha256(b''.join(chart.svg for chart in all_charts())).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONHASHSEED": "1", "MATPLOTLIBRC": str(machine_s_own)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert theirs == [ours] * 4
    assert other.stdout.strip() == sha256(b"".join(ours)).hexdigest()
