"""References: taken apart, put together, and told from what is none."""

from __future__ import annotations

import pytest

from letters.errors import UsageError
from letters.reference import Reference


@pytest.mark.parametrize(
    ("text", "parts", "place"),
    [
        pytest.param(
            "CRA-WIRRAL-2010-07-20",
            ("CRA", "wirral", "2010-07-20"),
            "cases/2010/wirral/CRA-WIRRAL-2010-07-20",
            id="a day",
        ),
        pytest.param(
            "FV-NORTH-SOMERSET-2025-11-06",
            ("FV", "north-somerset", "2025-11-06"),
            "cases/2025/north-somerset/FV-NORTH-SOMERSET-2025-11-06",
            id="an authority of two words",
        ),
        pytest.param(
            "AR-WIRRAL-2010",
            ("AR", "wirral", "2010"),
            "cases/2010/wirral/AR-WIRRAL-2010",
            id="a year",
        ),
    ],
)
def test_a_reference_is_taken_apart_and_put_together(text, parts, place):
    reference = Reference.parse(text)

    assert (reference, str(reference), reference.case_prefix) == (parts, text, place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CRA",
        "cra-wirral-2010-07-20",
        "CRA-WIRRAL",
        "CRA--2010",
        "CRA-WIRRAL-2010-07-20/..",
        "٢",
    ],
)
def test_what_is_no_reference_is_refused(text):
    with pytest.raises(UsageError) as raised:
        Reference.parse(text)

    assert raised.value.code == "reference-malformed"


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ("CRA-WIRRAL-2010-07-20", "CRA-WIRRAL-2010-09-18", 60),
        ("CRA-WIRRAL-2010-07-20", "CRA-SEFTON-2010-07-21", None),
        ("CRA-WIRRAL-2010-07-20", "FV-WIRRAL-2010-07-21", None),
        ("AR-WIRRAL-2010", "AR-WIRRAL-2011", None),
    ],
)
def test_days_between_inspections_of_one_kind_and_authority(first, second, days):
    assert Reference.parse(first).days_from(Reference.parse(second)) == days
