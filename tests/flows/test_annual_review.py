"""The annual review: the year's report in the office, made again the same without Prefect."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterTags,
)

from flows.office import open_office
from letters.letter import Authority
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.intake import take_in
from tasks.case.store import StoreUnavailable
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    REFERENCE,
    SAMPLE_DRAFT,
    SAMPLE_OFFICE,
    SIGNATORY,
    a_sample_office,
    in_other_words,
    issue,
)
from tests.offices import TickingClock

pytestmark = pytest.mark.slow

ELSEWHERE = Authority(code="eastmere", name="Eastmere Council", short_name="Eastmere")


@pytest.fixture
def review(engine):
    """The module, imported when there is a Prefect for it."""
    import flows.annual_review

    return flows.annual_review


@pytest.fixture
def office(tmp_path, monkeypatch, engine):
    """An office as commands open it, whose steps are tried again at once."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    monkeypatch.setenv("LETTERS_STEPS__FIRST_WAIT_SECONDS", "0")
    return open_office()


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def decide(office, decision, comments=""):
    case = Case(office, REFERENCE)
    sign_as_sample(
        case,
        case.revisions()[-1],
        inspector_id=SIGNATORY,
        decision=decision,
        comments=comments,
    )


def issued_by_runs(office, monkeypatch):
    """Issue a letter by Prefect's runs: one is returned, one step is tried again."""
    from flows.issue_letter import issue_letter

    put, failures = FolderStore.put, iter(["disk asleep"])

    def put_that_fails_once(self, key, data):
        if key.endswith("r2/letter.html") and (why := next(failures, None)):
            raise StoreUnavailable(why, where=key, remedy="Wait.")
        return put(self, key, data)

    monkeypatch.setattr(FolderStore, "put", put_that_fails_once)
    rounds = ((SAMPLE_DRAFT, Decision.RETURN), (in_other_words(SAMPLE_DRAFT), Decision.APPROVE))
    for data, decision in rounds:
        draft = take_in(office, data, "md").draft_sha256
        issue_letter(draft, return_state=True)
        decide(office, decision, "" if decision is Decision.APPROVE else "Say which files.")
        issue_letter(draft, return_state=True)


def forget_all_runs():
    """Delete every run of the letter from Prefect, as its vacuum does; return how many."""
    of_letter = FlowRunFilter(tags=FlowRunFilterTags(all_=[REFERENCE]))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=of_letter)
        for run in runs:
            client.delete_flow_run(run.id)
        assert client.read_flow_runs(flow_run_filter=of_letter) == []
    return len(runs)


def test_the_report_is_the_same_when_prefect_has_forgotten_every_run(office, review, monkeypatch):
    from flows.kept_runs import keep_ended_runs
    from flows.troubles import Troubles

    issued_by_runs(office, monkeypatch)
    keep_ended_runs(office, Troubles(), is_thorough=True)
    first = review.review_year(office, 2011)
    written = files_in(first.folder)
    (row,) = first.audit.letters
    assert (row.state, row.returns, row.retries) == ("issued", 1, 1)

    assert forget_all_runs() >= 4

    assert keep_ended_runs(office, Troubles(), is_thorough=True) == 0
    again = review.review_year(open_office(), 2011)
    assert (again.state_name, again.changed) == (review.UNCHANGED, ())
    for path in again.folder.iterdir():
        path.unlink()
    review.review_year(open_office(), 2011)
    assert files_in(again.folder) == written


def test_a_run_writes_the_report_and_shows_the_figures(office, review):
    issue(a_sample_office(office.root))

    state = review.annual_review(2011, return_state=True)
    again = review.annual_review(2011, return_state=True)

    assert [one.name for one in (state, again)] == [review.WRITTEN, review.UNCHANGED]
    assert "Letters after inspections of 2011: 1, late 0." in state.message
    folder = office.root / "reports" / "2011"
    assert set(files_in(folder)) == {"report.pdf", "letters.csv", "retries.csv", "decisions.csv"}
    assert {p.stat().st_mode & 0o777 for p in chain([folder.parent, folder])} == {0o700}
    with get_client(sync_client=True) as client:
        run = ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id])
        (artifact,) = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=run))
    assert artifact.key == "annual-review-2011"
    assert "| Letters | 1 |" in artifact.data
    assert "every authority of the register has a letter" in artifact.data


def test_a_damaged_letter_fails_the_run_and_the_report_is_written(office, review):
    case, _ = issue(a_sample_office(office.root))
    (office.store.root / case.key("r1/pack.json")).unlink()

    state = review.annual_review(2011, return_state=True)

    assert (state.name, state.type.value) == (review.DAMAGED, "FAILED")
    assert f"{REFERENCE}: An object is gone" in state.message
    assert (office.root / "reports" / "2011" / "report.pdf").is_file()


@pytest.mark.parametrize(
    ("now", "year"),
    [
        pytest.param(datetime(2012, 1, 9, tzinfo=UTC), 2011, id="in January, the year before"),
        pytest.param(datetime(2012, 12, 31, 23, 59, tzinfo=UTC), 2011, id="to its last minute"),
        pytest.param(datetime(2013, 1, 1, tzinfo=UTC), 2012, id="from New Year on, the next"),
    ],
)
def test_without_a_year_it_is_the_last_that_is_over(tmp_path, review, now, year):
    told = review.review_year(a_sample_office(tmp_path, clock=TickingClock(now)))

    assert (told.audit.year, told.folder.name) == (year, str(year))


def test_authorities_without_an_inspection_are_listed(tmp_path, review):
    office = a_sample_office(tmp_path)
    known = office.register.authorities
    both = office.register.model_copy(update={"authorities": (*known, ELSEWHERE)})
    office = a_sample_office(tmp_path, register=both)
    issue(office)

    assert review.review_year(office, 2011).not_inspected == (ELSEWHERE,)
    assert review.review_year(office, 2010).not_inspected == (*known, ELSEWHERE)
