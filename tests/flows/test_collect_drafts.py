"""What lies in the drafts folder becomes a run for each draft: once, and whatever interrupts it.

All tests of the session share the server, so each writes words of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    DeploymentFilter,
    DeploymentFilterId,
)

from flows.collect_drafts import ARTIFACT, COLLECTED, NEEDING, collect, collect_drafts
from flows.idle_rounds import FORGOTTEN, IDLE, STILL_NEEDING
from flows.issue_letter import issue_letter
from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.case import State
from letters.errors import TransientError
from tasks.case.intake import Intake, take_in
from tasks.case.record import StepRun
from tasks.drafting.draft import draft
from tasks.drafting.laid_drafts import SETTLED_SECONDS, STEP, is_begun
from tests.issuing import (
    SAMPLE_OFFICE,
    SHORT_DRAFT,
    a_sample_office,
    as_another_process,
    do,
    submit,
)
from tests.offices import TickingClock
from tests.served import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Artifact creation outside:FutureWarning"),
]

ROOT = Path(__file__).parent.parent.parent
HOUR = timedelta(hours=1)

numbers = count(7001)


@pytest.fixture
def office(tmp_path, monkeypatch, engine):
    """An office in which it is an hour later, so that what a test lays down is settled."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    (tmp_path / "office" / "drafts").mkdir(parents=True)
    return a_sample_office(tmp_path / "office", clock=TickingClock(datetime.now(UTC) + HOUR))


@pytest.fixture
def deployment(engine):
    """The deployment of an office; nothing runs what is started from it."""
    deployment_id = issue_letter.to_deployment(name="office").apply()
    yield deployment_id
    with get_client(sync_client=True) as client:
        client.delete_deployment(deployment_id)


def new_words() -> bytes:
    return SHORT_DRAFT.replace(b"54 children", b"%d children" % next(numbers))


def lay(office, name: str, data: bytes | None = None) -> bytes:
    data = new_words() if data is None else data
    (office.drafts_folder / name).write_bytes(data)
    return data


def bound(name: str, data: bytes) -> str:
    return f"{name} sha256:{sha256_hex(data)}"


def started(deployment) -> list[tuple[str, dict[str, Any]]]:
    """The names and parameters of the deployment's runs."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
        )
    return sorted(((run.name, run.parameters) for run in runs), key=str)


def events(office, data: bytes) -> list[str]:
    entries = Intake(as_another_process(office), sha256_hex(data)).chain.entries()
    return [entry.event for entry in entries if entry.step == STEP]


def artifacts() -> int:
    with get_client(sync_client=True) as client:
        key = ArtifactFilterKey(any_=[ARTIFACT])
        return len(client.read_artifacts(artifact_filter=ArtifactFilter(key=key)))


def round_of(office):
    """A round as a process of its own does it."""
    return collect(as_another_process(office))


# Once each.


def test_each_new_draft_becomes_a_run_that_is_bound_to_its_bytes(office, deployment):
    first, second = lay(office, "first.md"), lay(office, "second.md")

    report = round_of(office)

    assert started(deployment) == [
        ("first.md", {"draft": bound("first.md", first)}),
        ("second.md", {"draft": bound("second.md", second)}),
    ]
    assert (sorted(report.collected), report.troubles, report.state_name) == (
        ["first.md", "second.md"],
        (),
        COLLECTED,
    )
    assert events(office, first) == ["started", "collected", "completed"]
    assert verify_office(office).is_clean


def test_another_round_starts_nothing_again(office, deployment):
    data = lay(office, "first.md")
    round_of(office)
    before = office.store.list("")

    report = round_of(office)

    assert (report.collected, report.state_name, str(report)) == ((), IDLE, "Nothing to do.")
    assert len(started(deployment)) == 1
    assert office.store.list("") == before
    assert len(events(office, data)) == 3


def test_the_same_bytes_under_another_name_are_the_same_draft(office, deployment):
    data = lay(office, "first.md")
    round_of(office)
    lay(office, "a copy of it.md", data)

    round_of(office)

    assert len(started(deployment)) == 1


def test_an_edited_file_is_a_new_draft(office, deployment):
    lay(office, "first.md")
    round_of(office)
    lay(office, "first.md")

    round_of(office)

    assert [name for name, _ in started(deployment)] == ["first.md"] * 2


def became_a_letter(office, data):
    submit(office, data)


def was_blocked(office, data):
    do("draft-letter", take_in(office, data, "md"), draft)


def is_being_drafted(office, data):
    StepRun(take_in(office, data, "md"), "draft-letter").begin()


@pytest.mark.parametrize(
    ("begin", "data"),
    [
        pytest.param(became_a_letter, None, id="one that became a letter by hand"),
        pytest.param(was_blocked, b"No letter at all, %d.\n", id="one that was blocked"),
        pytest.param(is_being_drafted, None, id="one that another run drafts just now"),
    ],
)
def test_what_was_begun_before_is_not_begun_again(office, deployment, begin, data):
    data = new_words() if data is None else data % next(numbers)
    begin(office, data)
    lay(office, "first.md", data)

    report = round_of(office)

    assert (started(deployment), report.state_name) == ([], IDLE)


def test_what_was_taken_in_and_never_begun_is_begun(office, deployment):
    data = lay(office, "first.md")
    take_in(office, data, "md")

    round_of(office)

    assert len(started(deployment)) == 1


def test_a_file_by_whose_name_a_run_is_about_to_begin_is_left_to_it(office, deployment):
    name = f"{next(numbers)}.md"
    data = lay(office, name)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(deployment, parameters={"draft": f" {name} "})

    assert round_of(office).state_name == IDLE
    assert not is_begun(Intake(office, sha256_hex(data)))

    with get_client(sync_client=True) as client:
        client.delete_flow_run(run.id)
    assert round_of(office).collected == (name,)


# Interrupted.


def test_a_round_that_dies_between_the_run_and_its_entry_has_started_it_once(office, deployment):
    data = lay(office, "first.md")
    os.utime(office.drafts_folder / "first.md", (0, 0))
    program = (
        "from flows.office import open_office; from flows.collect_drafts import collect;"
        "collect(open_office())"
    )

    killed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "LETTERS_KILL_AT": "after-start-of-collected"},
        timeout=120,
    )

    assert killed.returncode == -signal.SIGKILL
    assert (len(started(deployment)), events(office, data)) == (1, [])
    assert round_of(office).collected == ("first.md",)
    assert len(started(deployment)) == 1
    assert events(office, data) == ["started", "collected", "completed"]
    assert round_of(office).state_name == IDLE
    assert verify_office(office).is_clean


def test_a_run_that_prefect_would_not_create_is_created_by_the_next_round(office, deployment):
    data = lay(office, "first.md")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.collect_drafts.DEPLOYMENT", "issue-letter/of nobody")
        failed = round_of(office)
    assert [trouble.partition(":")[0] for trouble in failed.troubles] == ["collecting first.md"]
    assert (started(deployment), events(office, data)) == ([], [])

    round_of(office)

    assert len(started(deployment)) == 1


# What is left alone.


@pytest.mark.parametrize(
    "name",
    [
        *("~$first.docx", "~WRL0001.docx", ".first.md", ".~lock.first.docx#", "#first.md#"),
        *("first.md~", "first.md.part", "first.docx.tmp", "Thumbs.db"),
    ],
)
def test_what_editors_lay_beside_a_draft_is_ignored(office, deployment, name):
    lay(office, name)

    assert (round_of(office).state_name, started(deployment)) == (IDLE, [])


def test_subfolders_are_not_collected(office, deployment):
    for folder in ("open", "letter.md"):
        (office.drafts_folder / folder).mkdir()
        lay(office, f"{folder}/first.md")

    assert (round_of(office).state_name, started(deployment)) == (IDLE, [])


@pytest.mark.parametrize(
    ("seconds", "is_left"),
    [
        pytest.param(-SETTLED_SECONDS + 1, True, id="just saved"),
        pytest.param(-SETTLED_SECONDS - 1, False, id="saved a while ago"),
        pytest.param(SETTLED_SECONDS - 1, True, id="just saved, by a clock that is ahead"),
        pytest.param(3600, False, id="saved by a clock that is an hour ahead"),
    ],
)
def test_a_file_is_collected_when_it_is_settled(office, deployment, seconds, is_left):
    lay(office, "first.md")
    at = office.clock().timestamp() + seconds
    os.utime(office.drafts_folder / "first.md", (at, at))

    assert (round_of(office).collected == ()) is is_left


def test_there_may_be_no_folder_yet(office):
    office.drafts_folder.rmdir()

    assert round_of(office).state_name == IDLE


def test_a_folder_that_leads_elsewhere_is_a_trouble(office, tmp_path):
    office.drafts_folder.rmdir()
    office.drafts_folder.symlink_to(tmp_path)

    (trouble,) = round_of(office).troubles

    assert trouble.startswith("looking into the drafts folder: The drafts folder can't be listed")


# What needs a person.


def too_large(path):
    path.write_bytes(b"x" * 3_000_000)


def a_link(path):
    path.symlink_to(SAMPLE_OFFICE / "westmere-2011-04-04.md")


def a_pipe(path):
    os.mkfifo(path)


def another_kind(path):
    path.write_bytes(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        pytest.param("first.md", too_large, "has 3,000,000 bytes", id="one that is too large"),
        pytest.param("first.md", a_link, "is a link to a file elsewhere", id="a link"),
        pytest.param("first.md", a_pipe, "but a pipe, a socket", id="a pipe"),
        pytest.param("first.pdf", another_kind, "A PDF says where", id="another kind of file"),
        pytest.param("a\tb.md", too_large, "'a\\tb.md': A draft is named", id="a garbled name"),
    ],
)
def test_a_file_that_can_not_be_taken_in_is_told_and_stops_no_other(
    office, deployment, name, make, said
):
    make(office.drafts_folder / name)
    lay(office, "other.md")

    report = round_of(office)

    assert (report.collected, report.troubles) == (("other.md",), ())
    assert [said in str(refused) for refused in report.refused] == [True]
    assert [name for name, _ in started(deployment)] == ["other.md"]


def test_what_can_not_be_taken_in_is_told_once(office, deployment):
    (office.drafts_folder / f"{next(numbers)}.md").symlink_to(SAMPLE_OFFICE)
    shown = artifacts()

    names = [round_of(office).state_name]
    names.append(round_of(office).state_name)
    lay(office, "first.md")
    names.append(round_of(office).state_name)
    names.append(round_of(office).state_name)

    assert names == [NEEDING, STILL_NEEDING, COLLECTED, STILL_NEEDING]
    assert artifacts() == shown + 1


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_round(
    office, deployment, monkeypatch
):
    def changing(*_args, **_more):
        raise TransientError("written to", code="draft-changing")

    lay(office, "first.md")
    with monkeypatch.context() as patch:
        patch.setattr("tasks.drafting.laid_drafts.laid_draft", changing)
        report = round_of(office)
    assert (report.state_name, report.troubles) == (IDLE, ())

    assert round_of(office).collected == ("first.md",)


def test_a_draft_whose_chain_is_broken_is_a_trouble_and_stops_no_other(office, deployment):
    broken = lay(office, "broken.md")
    intake = take_in(office, broken, "md")
    last = office.store.list(f"{intake.prefix}/audit")[-1]
    (office.store.root / last).unlink()
    lay(office, "other.md")

    report = round_of(office)

    assert [trouble.partition(":")[0] for trouble in report.troubles] == ["collecting broken.md"]
    assert report.collected == ("other.md",)
    assert [name for name, _ in started(deployment)] == ["other.md"]


# The run itself.


def test_a_round_ends_by_what_it_did(office, deployment):
    path = office.drafts_folder / "first.md"
    lay(office, "first.md")
    os.utime(path, (0, 0))

    first = collect_drafts(return_state=True)
    second = collect_drafts(return_state=True)

    assert (first.name, first.message) == (COLLECTED, "Started: first.md.")
    assert (second.name, second.message) == (IDLE, "Nothing to do.")
    assert IDLE in FORGOTTEN


def test_a_round_with_troubles_has_failed(office, deployment, monkeypatch):
    monkeypatch.setattr("flows.collect_drafts.DEPLOYMENT", "issue-letter/of nobody")
    lay(office, "first.md")
    os.utime(office.drafts_folder / "first.md", (0, 0))

    state = collect_drafts(return_state=True)

    assert state.is_failed()
    assert state.message.startswith("collecting first.md: ")


def test_a_draft_that_is_laid_down_is_issued_without_a_word(served_office):
    name, reference = served_office.new_draft()
    os.utime(served_office.root / "drafts" / name, (0, 0))

    deployment = served_office.api("GET", "/deployments/name/collect-drafts/office")["id"]
    path = f"/deployments/{deployment}/create_flow_run"
    round_id = served_office.api("POST", path, state={"type": "SCHEDULED"})["id"]
    served_office.wait(round_id, COLLECTED)
    wanted = {"tags": {"all_": [reference]}}
    assert wait_for(
        lambda: served_office.api("POST", "/flow_runs/filter", flow_runs=wanted), seconds=60
    )
    (run,) = served_office.api("POST", "/flow_runs/filter", flow_runs=wanted)
    served_office.wait(run["id"], "Suspended")
    served_office.decide(reference)
    served_office.resume(run["id"])
    served_office.wait(run["id"], "Issued")

    case = served_office.case(reference)
    assert case.state(1) is State.ISSUED
    assert "collected" in [entry.event for entry in case.chain.entries()]
    assert served_office.run(run["id"])["name"] == f"{reference} r1"
    report = verify_office(served_office.office, reference=reference)
    assert report.differences == ()
