"""The annual review: dossiers, open drafts and the report, made again the same without Prefect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterTags,
)

from flows import review_round
from flows.office import open_office
from flows.year_report import report_year
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.intake import take_in
from tasks.case.store import StoreUnavailable
from tasks.drafting.laid_drafts import laid_names
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
from tests.served import wait_for

pytestmark = pytest.mark.slow


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


def test_the_report_is_the_same_when_prefect_has_forgotten_every_run(office, monkeypatch):
    from flows.kept_runs import keep_ended_runs
    from flows.troubles import Troubles

    issued_by_runs(office, monkeypatch)
    keep_ended_runs(office, Troubles(), is_thorough=True)
    first = report_year(office, 2011)
    written = files_in(first.folder)
    (row,) = first.audit.letters
    assert (row.state, row.returns, row.retries) == ("issued", 1, 1)

    assert forget_all_runs() >= 4

    assert keep_ended_runs(office, Troubles(), is_thorough=True) == 0
    again = report_year(open_office(), 2011)
    assert again.changed == ()
    for path in again.folder.iterdir():
        path.unlink()
    report_year(open_office(), 2011)
    assert files_in(again.folder) == written


def shown(state):
    """The artifacts of a run, by their keys."""
    with get_client(sync_client=True) as client:
        run = ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id])
        made = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=run))
    # Markdown's own signs stand behind backslashes.
    return {
        artifact.key: artifact.data.replace("\\", "")
        if isinstance(artifact.data, str)
        else artifact.data
        for artifact in made
    }


def task_runs_of(state):
    """The names and last states of a run's task runs."""
    run = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
    with get_client(sync_client=True) as client:
        found = client.read_task_runs(flow_run_filter=run)
    return sorted((one.name, one.state_name) for one in found)


def test_a_run_reviews_what_is_missing_and_shows_it(office, review):
    issue(a_sample_office(office.root))

    state = review.annual_review(2011, return_state=True)
    again = review.annual_review(2011, return_state=True)

    assert [one.name for one in (state, again)] == [review.WRITTEN, review.UNCHANGED]
    assert "2011: authorities 1, letters 1, late 0" in state.message
    folder = office.root / "reports" / "2011"
    assert {p.stat().st_mode & 0o777 for p in chain([folder.parent, folder])} == {0o700}
    assert names_in(folder) == [
        "decisions.csv",
        "dossiers",
        "letters.csv",
        "report.pdf",
        "retries.csv",
    ]
    endings = ("csv", "html", "pdf")
    assert names_in(folder / "dossiers") == ["authorities", *(f"year.{end}" for end in endings)]
    assert names_in(folder / "dossiers" / "authorities") == [f"westmere.{end}" for end in endings]
    assert names_in(office.drafts_folder / "open") == ["westmere-annual-review-2011.md"]
    assert laid_names(office.drafts_folder, datetime.now(UTC) + timedelta(hours=1)) == []
    artifacts = shown(state)
    assert set(artifacts) == {
        *("annual-review-2011", "annual-review-2011-progress", "dossier-westmere")
    }
    assert "| Letters that hold | 1 |" in artifacts["annual-review-2011"]
    assert artifacts["annual-review-2011-progress"] == 100
    assert REFERENCE in artifacts["dossier-westmere"]
    assert set(shown(again)) == {"annual-review-2011", "annual-review-2011-progress"}
    recorded = lambda: task_runs_of(state) == [("review westmere 2011", "Completed")]  # noqa: E731
    assert wait_for(recorded, seconds=20)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_authority_that_fails_stops_no_other_and_is_done_next_time(
    office, review, monkeypatch, tmp_path
):
    register = with_eastmere(tmp_path / "register")
    monkeypatch.setenv("LETTERS_REGISTER", str(register))
    issue(a_sample_office(office.root))
    gather = review_round.gather

    def gather_but_eastmere(office, authority, opened):
        if authority.code == "eastmere":
            raise ZeroDivisionError("eastmere's fault")
        return gather(office, authority, opened)

    monkeypatch.setattr(review_round, "gather", gather_but_eastmere)
    first = review.annual_review(2011, return_state=True)
    monkeypatch.setattr(review_round, "gather", gather)
    second = review.annual_review(2011, return_state=True)

    assert (first.name, first.type.value) == (review.INCOMPLETE, "FAILED")
    assert "eastmere: It could not be reviewed (ZeroDivisionError)" in first.message
    assert "[review-failed]" in first.message
    assert "eastmere's fault" not in first.message
    assert "Eastmere Council" in shown(first)["annual-review-2011"]
    assert second.name == review.WRITTEN
    assert "New dossiers: 1," in second.message
    assert set(shown(second)) - set(shown(first)) == {"dossier-eastmere"}


def test_a_store_that_sleeps_is_asked_again(office, review, monkeypatch):
    issue(a_sample_office(office.root))
    failures = iter(["disk asleep"])
    gather = review_round.gather

    def gather_that_fails_once(*args):
        if why := next(failures, None):
            raise StoreUnavailable(why, where="reviews", remedy="Wait.")
        return gather(*args)

    monkeypatch.setattr(review_round, "gather", gather_that_fails_once)

    assert review.annual_review(2011, return_state=True).name == review.WRITTEN


def test_a_dossier_is_shown_though_its_draft_was_not_laid(office, review, monkeypatch):
    issue(a_sample_office(office.root))

    def asleep(*_, **__):
        raise StoreUnavailable("disk asleep", where="reviews", remedy="Wait.")

    with monkeypatch.context() as patched:
        patched.setattr(review_round, "lay_open_draft", asleep)
        first = review.annual_review(2011, return_state=True)
    second = review.annual_review(2011, return_state=True)

    assert first.name == review.INCOMPLETE
    assert "authorities 1, letters 1," in first.message
    assert "westmere: its draft could not be laid" in first.message
    assert "dossier-westmere" in shown(first)
    assert "drafts laid into drafts/open: 1" in second.message
    assert "dossier-westmere" not in shown(second)


def test_a_dossier_that_was_kept_and_not_shown_is_shown_by_the_next_run(
    office, review, monkeypatch
):
    issue(a_sample_office(office.root))
    with monkeypatch.context() as patched:
        patched.setattr(review_round, "keep_summary", lambda *_: 1 / 0)
        with patched.context() as unseen:
            unseen.setattr(review, "_show_authority", lambda _: None)
            with pytest.raises(ZeroDivisionError):
                review.annual_review(2011)

    state = review.annual_review(2011, return_state=True)

    assert state.name == review.WRITTEN
    assert "New dossiers: 1," in state.message
    assert "dossier-westmere" in shown(state)


def test_a_damaged_letter_fails_the_run_and_the_rest_is_written(office, review):
    case, _ = issue(a_sample_office(office.root))
    (office.store.root / case.key("r1/pack.json")).unlink()

    state = review.annual_review(2011, return_state=True)

    assert (state.name, state.type.value) == (review.DAMAGED, "FAILED")
    assert f"{REFERENCE}: An object is gone" in state.message
    assert (office.root / "reports" / "2011" / "report.pdf").is_file()
    assert (
        office.root / "reports" / "2011" / "dossiers" / "authorities" / "westmere.pdf"
    ).is_file()
    assert not (office.drafts_folder / "open").exists()


@pytest.mark.parametrize(
    ("now", "year"),
    [
        pytest.param(datetime(2012, 1, 9, tzinfo=UTC), 2011, id="in January, the year before"),
        pytest.param(datetime(2012, 12, 31, 23, 59, tzinfo=UTC), 2011, id="to its last minute"),
        pytest.param(datetime(2013, 1, 1, tzinfo=UTC), 2012, id="from New Year on, the next"),
    ],
)
def test_without_a_year_it_is_the_last_that_is_over(tmp_path, review, now, year):
    assert review.last_year(a_sample_office(tmp_path, clock=TickingClock(now))) == year


def with_eastmere(folder):
    """A copy of the sample register that knows another authority, too."""
    folder.mkdir()
    for path in SAMPLE_OFFICE.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / "authorities.csv").open("a") as file:
        file.write("eastmere,Eastmere Council,Eastmere\n")
    with (folder / "contacts.csv").open("a") as file:
        file.write("eastmere,director,Mr Tom Ash,director@eastmere.example\n")
    return folder


@pytest.mark.parametrize(
    ("year", "kind", "told"),
    [
        pytest.param(None, "COMPLETED", "no letter of", id="by the schedule of a new office"),
        pytest.param(1961, "FAILED", "no letter of 1961", id="a year that somebody typed"),
        pytest.param(20101, "FAILED", "has not begun", id="a slip of the hand"),
    ],
)
def test_a_year_that_can_not_be_reviewed_is_refused_in_words(office, review, year, kind, told):
    state = review.annual_review(year, return_state=True)

    assert (state.type.value, state.name) == (kind, "Refused")
    assert told in state.message
    assert office.store.folders("reviews") == []
