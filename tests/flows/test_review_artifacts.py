"""What the artifacts of the annual review say of letters and authorities, made without Prefect."""

from __future__ import annotations

import pytest

from letters.review import NotReviewed, YearReview
from letters.year import AsOf, DamagedRow, YearAudit, figures_of
from tasks.templating import render_markdown_template
from tests.archiving.review.reviews import (
    AS_OF,
    WESTMERE,
    a_review,
    a_reviewed_letter,
    an_empty_review,
)

DISPOSED = DamagedRow(
    reference="CRA-WESTMERE-2011-11-01", code="disposed", message="Its time was up."
)
FAILED = NotReviewed(authority=WESTMERE, code="chain-broken", message="It is broken.")


def said_of(review):
    page = render_markdown_template("artifacts/dossier.md.j2", review=review, number=1)
    return page.replace("\\", "")


def said_of_all(review):
    not_inspected, unknown = list(review.not_inspected), list(review.inspection_unknown)
    page = render_markdown_template(
        "artifacts/annual_review.md.j2",
        review=review,
        year=review.year,
        now=review.figures,
        before=None,
        folder="reports/2011",
        drafts={},
        as_of=AsOf(),
        figures=figures_of(YearAudit(year=review.year)),
        late=(),
        late_in_all=0,
        damaged=(),
        not_inspected=not_inspected,
        not_inspected_in_all=len(not_inspected),
        inspection_unknown=unknown,
        inspection_unknown_in_all=len(unknown),
    )
    return page.replace("\\", "")


@pytest.mark.parametrize(
    ("letter", "state"),
    [
        pytest.param(a_reviewed_letter(), "issued", id="issued"),
        pytest.param(
            a_reviewed_letter(day=None).model_copy(update={"left_out": "withdrawn"}),
            "withdrawn",
            id="withdrawn by a letter that was issued",
        ),
        pytest.param(
            a_reviewed_letter(state="returned"),
            "issued, its change returned",
            id="in force, its correction returned",
        ),
    ],
)
def test_a_dossier_tells_the_state_of_the_letter_that_holds(letter, state):
    (row,) = [
        line
        for line in said_of(a_review(letters=(letter,))).splitlines()
        if line.startswith(f"| {letter.row.reference} |")
    ]

    assert row.split(" | ")[3] == state


@pytest.mark.parametrize(
    ("review", "told"),
    [
        pytest.param(an_empty_review(), "**No inspection in 2011.**", id="no letter tells of one"),
        pytest.param(
            an_empty_review(damaged=(DISPOSED,)),
            "**Whether there was an inspection in 2011 can't be told.**",
            id="its letter was disposed of",
        ),
    ],
)
def test_a_dossier_says_that_there_was_no_inspection_only_where_it_knows(review, told):
    assert [line for line in said_of(review).splitlines() if line.startswith("**")] == [told]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            {"authorities": (a_review(),)},
            "None: a letter tells of an inspection of every authority.",
            id="everyone was inspected",
        ),
        pytest.param(
            {"authorities": (an_empty_review(),)},
            "- Westmere Borough Council (westmere)",
            id="one was not",
        ),
        pytest.param(
            {"authorities": (a_review(),), "not_reviewed": (FAILED,)},
            "None of those that could be reviewed.",
            id="one could not be reviewed",
        ),
        pytest.param(
            {"not_reviewed": (FAILED,)}, "No authority could be reviewed.", id="nobody could be"
        ),
        pytest.param({}, "No authority was reviewed.", id="there is nobody"),
        pytest.param(
            {"authorities": (an_empty_review(damaged=(DISPOSED,)),)},
            "Whether these were inspected can't be told, as letters to them are damaged or were"
            " disposed of:\n\n- Westmere Borough Council (westmere)",
            id="of one it can't be told",
        ),
    ],
)
def test_the_year_says_that_everyone_was_inspected_only_where_it_is_so(changes, told):
    page = said_of_all(YearReview(year=2011, as_of=AS_OF, **changes))

    _, _, section = page.partition("## Authorities without an inspection in 2011")
    assert "\n\n".join(part.strip() for part in section.split("\n\n") if part.strip()) == told
