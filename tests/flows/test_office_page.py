"""The office's page on a real Prefect: what it says, and when it is written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from markdown_it import MarkdownIt

from letters.case import State
from letters.standing import OFFICE, Awaited, BlockedDraft, OfficeStanding, Role, Standing
from tests.issuing import REFERENCE, a_sample_office, decide, submit

pytestmark = pytest.mark.slow

READER = MarkdownIt("gfm-like", {"breaks": True})
NOW = datetime(2011, 6, 6, 8, 5, tzinfo=UTC)


@pytest.fixture
def page(engine, monkeypatch):
    """The module, imported when there is a Prefect for it; its key is this test's own."""
    import flows.office_page

    monkeypatch.setattr(flows.office_page, "ARTIFACT", f"office-page-{uuid4()}")
    return flows.office_page


@pytest.fixture
def office(tmp_path):
    """An office in which a letter waits."""
    office = a_sample_office(tmp_path)
    submit(office)
    return office


def versions(page):
    """What was written, the latest first."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
    from prefect.client.schemas.sorting import ArtifactSort

    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[page.ARTIFACT])),
            sort=ArtifactSort.CREATED_DESC,
            limit=200,
        )
    return [artifact.data for artifact in found]


def a_standing(reference=REFERENCE, **changes):
    fields = {
        "reference": reference,
        "revision": 1,
        "authority": "Westmere Borough Council",
        "kind": "Unannounced inspection",
        "state": State.AWAITING_SIGN_OFF,
        "waits_for": (Awaited(role=Role.INSPECTOR, name="Harriet Elmsley"),),
        "since": "2011-03-27T23:30:00.000Z",
        "due_on": date(2011, 4, 6),
        "working_days_left": 3,
    }
    return Standing(**fields | changes)


def rows(markdown):
    """The cells of all tables, as they are read."""
    told, row = [], None
    for block in READER.parse(markdown):
        if block.type == "tr_open":
            row = []
        elif block.type == "tr_close":
            told.append(row)
            row = None
        elif block.type == "inline" and row is not None:
            row.append("".join(token.content for token in block.children))
    return told


def items(markdown):
    """What stands in lists, as it is read."""
    blocks = READER.parse(markdown)
    return [
        "".join(token.content for token in block.children)
        for before, block in pairwise(blocks)
        if block.type == "inline" and before.level > 1 and before.type == "paragraph_open"
    ]


def test_the_page_says_who_is_waited_for_what_went_wrong_and_how_it_is_mended(page):
    standing = OfficeStanding(
        letters=(
            a_standing("CRA-WESTMERE-2011-02-01", working_days_left=-2),
            a_standing(),
            a_standing(
                "CRA-EASTMERE-2011",
                revision=2,
                authority="Eastmere | Borough",
                state=State.ISSUED,
                waits_for=(OFFICE,),
                since=None,
                due_on=None,
                working_days_left=None,
                trouble="director: It bounced.",
                remedy=f"letters settle {REFERENCE} director",
                is_correction=True,
            ),
        ),
        blocked=(
            BlockedDraft(
                sha256="ab" * 32,
                name="west_mere.md",
                problems=("date-missing at date", "x at strengths/3"),
                since="2011-03-14T09:00:00.000Z",
            ),
        ),
    )
    run = "http://127.0.0.1:4200/runs/flow-run/fbb82091-8ae3-4cc2-b7db-07d53523b35b"

    markdown = page.office_page(standing, {REFERENCE: run}, NOW)

    assert markdown.replace("\\", "").startswith(
        "*As of 6 June 2011, 09:05 (London). While the office is served, this is looked at"
    )
    assert re.findall(r"^#+ .+", markdown.replace("\\", ""), re.MULTILINE) == [
        "## 3 open letters, 1 of them late; something is wrong with 1; 1 blocked draft.",
        "### What went wrong, and what mends it",
        "### Waiting for Harriet Elmsley",
        "### Waiting for the letters office",
        "### Blocked drafts",
    ]
    head = ["letter", "days left", "due", "state", "run", "authority", "since"]
    waits = ["6 April 2011", "awaiting-sign-off"]
    since = "28 March 2011"
    assert rows(markdown) == [
        head,
        ["CRA-WESTMERE-2011-02-01 r1", "late by 2", *waits, "", "Westmere Borough Council", since],
        [f"{REFERENCE} r1", "3", *waits, "Open", "Westmere Borough Council", since],
        head,
        [
            "CRA-EASTMERE-2011 r2",
            *("", "", "issued, in place of an earlier one", ""),
            "Eastmere | Borough",
            "",
        ],
    ]
    assert items(markdown) == [
        "CRA-EASTMERE-2011 r2: director: It bounced.",
        f"letters settle {REFERENCE} director",
        "west_mere.md, blocked on 14 March 2011: date-missing at date; x at strengths/3",
    ]
    assert f"[Open](<{run}>)" in markdown
    assert "**late by 2**" in markdown.replace("\\", "")


def test_an_office_in_which_nothing_is_open_says_so(page):
    markdown = page.office_page(OfficeStanding(), {}, NOW)

    assert markdown.replace("\\", "").strip().splitlines()[1:] == ["", "## Nothing is open."]


HOSTILE = "<img src=//evil.example/p.png> | ![p](https://evil.example) www.evil.example `c` **b**"


def test_no_words_of_a_letter_become_links_images_or_markup(page):
    letter = a_standing(authority=HOSTILE, trouble=HOSTILE, remedy=HOSTILE)
    waiting_for = Awaited(role=Role.INSPECTOR, name=HOSTILE)
    standing = OfficeStanding(
        letters=(letter, letter.model_copy(update={"waits_for": (waiting_for,)})),
        blocked=(
            BlockedDraft(
                sha256="ab" * 32, name=HOSTILE, problems=(HOSTILE,), since=letter.since or ""
            ),
        ),
    )

    markdown = page.office_page(standing, {}, NOW)

    tokens = [
        token for block in READER.parse(markdown) for token in (block, *(block.children or ()))
    ]
    assert {t.type for t in tokens if re.search("image|html|link|code", t.type)} == set()
    assert sum(cell.count(HOSTILE) for row in rows(markdown) for cell in row) == 2
    assert sum(item.count(HOSTILE) for item in items(markdown)) == 6


def test_the_page_is_written_once_until_something_changes(page, office):
    first = page.show_office_page(office)
    office.clock.advance(3600)
    again = page.show_office_page(office)
    decide(next(iter(cases(office))), 1)
    changed = page.show_office_page(office)

    assert (first, again, changed) == (True, False, True)
    latest, before = versions(page)
    assert "### Waiting for Harriet Elmsley" in before
    assert "### Waiting for nobody: they go on by themselves" in latest


def cases(office):
    from tasks.case.case import all_cases

    return all_cases(office)


def test_the_page_belongs_to_no_run_and_links_to_the_letter_s_newest(page, office):
    from prefect.client.orchestration import get_client

    from flows.issue_letter import issue_letter

    with get_client(sync_client=True) as client:
        for name in ("older", "newer"):
            newest = client.create_flow_run(issue_letter, name=name, tags=[REFERENCE])

    page.show_office_page(office)

    (markdown,) = versions(page)
    (link,) = re.findall(r"\[Open\]\(<(.+?)>\)", markdown)
    assert link.endswith(f"/runs/flow-run/{newest.id}")


def test_only_the_newest_versions_are_kept(page, office, monkeypatch):
    monkeypatch.setattr(page, "VERSIONS_KEPT", 2)
    told = []
    for day in range(4):
        monkeypatch.setattr(
            page,
            "standing_of_office",
            lambda _, day=day: OfficeStanding(letters=(a_standing(working_days_left=day),)),
        )
        page.show_office_page(office)
        told.append(versions(page))

    assert [len(one) for one in told] == [1, 2, 2, 2]
    assert [rows(version)[1][1] for version in told[-1]] == ["3", "2"]


def test_one_that_was_written_just_now_is_left_to_the_next_round(page, office):
    minute = timedelta(minutes=1)
    first = page.show_office_page(office, at_most_every=minute)
    decide(next(iter(cases(office))), 1)

    assert first
    assert not page.show_office_page(office, at_most_every=minute)
    assert page.show_office_page(office)


def test_one_that_was_looked_at_just_now_is_not_looked_at_again(page, office, monkeypatch):
    page.show_office_page(office)
    looked = []
    monkeypatch.setattr(page, "_age", lambda _: timedelta.max)
    monkeypatch.setattr(page, "_show", lambda *told: looked.append(told) or False)

    page.show_office_page(office, at_most_every=timedelta(minutes=1))

    assert looked == []


@pytest.mark.parametrize("place", ["standing_of_office", "get_client"])
def test_a_page_that_can_t_be_made_is_logged_and_stops_nothing(
    page, office, place, monkeypatch, caplog
):
    def failing(*_args, **_options):
        raise RuntimeError("It says 503")

    monkeypatch.setattr(page, place, failing)

    assert page.show_office_page(office) is False
    (line,) = (record for record in caplog.records if record.name == "flows")
    assert line.getMessage() == "The office's page can't be shown: It says 503"


def test_housekeeping_brings_the_page_up_to_date(page, office):
    from flows.housekeeping import keep_house

    report = keep_house(replace(office))

    assert report.troubles == ()
    assert len(versions(page)) == 1
