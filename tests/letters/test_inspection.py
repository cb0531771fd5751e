"""When inspections took place: what the openings of the real letters say.

The letters lie outside the repository; where they are missing, there is nothing
to test.
"""

from __future__ import annotations

from datetime import date

import pytest

from letters.facts import find_facts
from letters.inspection import Inspection, inspection_fact, inspection_in
from letters.letter import Placed
from tests.drafting.truth_of import LETTERS, expected_of

DAYS = {
    "bcp-2020-11-27": ("2020-10-13", "2020-10-13"),
    "bexley-2025-03-14": ("2025-02-13", "2025-02-14"),
    "buckinghamshire-2022-11-16": ("2022-10-12", "2022-10-13"),
    "cambridgeshire-2020-03-05": ("2020-02-11", "2020-02-12"),
    "cambridgeshire-2025-08-29": ("2025-07-29", "2025-07-30"),
    "central-bedfordshire-2024-03-26": ("2024-02-20", "2024-02-21"),
    "cheshire-west-jtai-2017-11-10": ("2017-09-25", "2017-09-29"),
    "city-of-london-2018-11-16": ("2018-10-24", "2018-10-24"),
    "darlington-2023-11-28": ("2022-10-24", "2023-10-25"),  # so it stands there
    "derby-2021-08-09": ("2021-06-30", "2021-07-01"),
    "dudley-2025-11-20": ("2025-10-21", "2025-10-22"),
    "durham-2021-08-23": None,  # without its year
    "hackney-2019-03-04": ("2019-02-05", "2019-02-06"),
    "hackney-2022-10-26": ("2022-09-21", "2022-09-22"),
    "halton-2018-08-16": ("2018-07-24", "2018-07-25"),
    "haringey-2020-01-21": ("2019-12-17", "2019-12-18"),
    "hounslow-2025-08-29": ("2025-07-29", "2025-07-30"),
    "isle-of-wight-2021-09-07": ("2021-07-28", "2021-07-29"),
    "islington-2022-11-23": ("2022-10-19", "2022-10-20"),
    "kingston-upon-thames-2022-06-23": ("2022-05-17", "2022-05-18"),
    "lambeth-2021-12-01": ("2021-10-27", "2021-10-28"),
    "lincolnshire-2018-05-11": ("2018-04-17", "2018-04-17"),
    "manchester-2018-10-10": ("2018-09-17", "2018-09-18"),
    "milton-keynes-2024-01-12": ("2023-11-15", "2023-11-16"),
    "norfolk-jtai-2025-02-27": ("2024-12-09", "2024-12-13"),
    "north-somerset-2025-11-06": ("2025-10-07", "2025-10-08"),
    "peterborough-2023-05-09": ("2023-03-01", "2023-03-02"),
    "redbridge-2019-01-17": ("2018-12-12", "2018-12-13"),
    "sefton-2021-05-10": ("2021-03-10", "2021-03-11"),
    "south-gloucestershire-2022-10-20": ("2022-09-14", "2022-09-15"),
    "st-helens-2018-08-08": ("2018-07-11", "2018-07-12"),
    "stockton-on-tees-2022-10-26": ("2022-09-21", "2022-09-22"),
    "telford-and-wrekin-2018-10-11": ("2018-09-18", "2018-09-18"),
    "telford-and-wrekin-2022-05-26": ("2022-04-20", "2022-04-21"),
    "trafford-2018-08-02": ("2018-07-10", "2018-07-11"),
    "trafford-2021-05-10": ("2021-03-08", "2021-03-09"),
    "wakefield-2018-03-22": ("2018-02-27", "2018-02-28"),
    "warrington-2018-02-23": ("2018-01-31", "2018-02-01"),
    "wirral-2010-08-18": ("2010-07-20", "2010-07-21"),
    "wirral-2022-03-01": ("2022-01-25", "2022-01-26"),
    "wirral-2024-10-17": ("2024-09-17", "2024-09-18"),
}

needs_letters = pytest.mark.skipif(not LETTERS.is_dir(), reason="the real letters are not here")


@needs_letters
def test_every_real_letter_is_listed():
    assert sorted(DAYS) == sorted(path.stem for path in LETTERS.glob("*.txt"))


@needs_letters
@pytest.mark.parametrize("letter", DAYS)
def test_the_days_of_a_real_letter(letter):
    opening = expected_of(letter).opening
    passages = [Placed(f"opening/{n}", each.text) for n, each in enumerate(opening, start=1)]
    days = DAYS[letter]
    expected = days and Inspection(*map(date.fromisoformat, days))
    assert inspection_in(find_facts(passages)) == expected


TEXT = "The inspection was on 8 March 2011."


@pytest.mark.parametrize(
    ("passages", "place"),
    [
        pytest.param([("opening/2", TEXT)], "opening/2", id="the opening says it"),
        pytest.param(
            [("opening/1", TEXT), ("opening/2", TEXT)], "opening/1", id="the first counts"
        ),
        pytest.param([("strengths/1", TEXT)], None, id="a finding doesn't"),
    ],
)
def test_only_the_opening_says_when_the_inspection_was(passages, place):
    fact = inspection_fact(find_facts(Placed(*each) for each in passages))
    assert (fact and fact.place) == place
