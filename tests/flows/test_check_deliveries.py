"""Rounds of looking after deliveries, on a real Prefect server, with letters of plain steps."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from flows.verification import verify_office
from letters.errors import LettersError
from tasks.archiving.archive import archive
from tasks.case.case import Case
from tasks.mailing.batches import unapplied
from tasks.mailing.events import apply_batch
from tasks.mailing.post import post
from tasks.mailing.progress import progress_of
from tasks.rendering.pack import render_approved
from tests.issuing import REFERENCE, a_sample_office, copied, decide, do, send_out, submit
from tests.mailing.post_room import FakeProvider, HookedStore, Killed, kill
from tests.offices import some_settings
from tests.provider_batches import an_event, event_of, kept, public_key

pytestmark = pytest.mark.slow

DAY = 24 * 3600


class Counted:
    """The artifacts that were made, instead of Prefect's."""

    def __init__(self):
        self.made = []

    def create(self, *, key, markdown, description):
        self.made.append(markdown)

    def read_latest_artifacts(self, **_):
        return [SimpleNamespace(data=self.made[-1])] if self.made else []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture
def checking(engine):
    """The module, imported when there is a Prefect for it."""
    import flows.check_deliveries

    return flows.check_deliveries


@pytest.fixture
def shown(checking, monkeypatch):
    """The lists that are shown."""
    counted = Counted()
    monkeypatch.setattr(checking, "create_markdown_artifact", counted.create)
    monkeypatch.setattr(checking, "get_client", lambda **_: counted)
    return counted.made


@pytest.fixture
def told(checking, monkeypatch):
    """The events that Prefect is told, by name."""
    names = []

    def emit(applied):
        names.extend(event.event for event in applied.stored)

    monkeypatch.setattr(checking, "emit_applied", emit)
    return names


@pytest.fixture(scope="module")
def approved_office(tmp_path_factory):
    """An office in which a letter is archived, and sent to nobody yet."""
    root = tmp_path_factory.mktemp("archived")
    case, revision = submit(a_sample_office(root))
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    return root


@pytest.fixture
def office(approved_office, tmp_path):
    settings = some_settings(tmp_path, webhook={"public_key": public_key()})
    office = a_sample_office(copied(approved_office, tmp_path / "office"), settings=settings)
    office.clock.advance(60)
    return office


def sent(office, *results):
    """The archived letter, sent by a provider whose requests end so in turn; its case."""
    case = Case(replace(office, provider=FakeProvider(*results)), REFERENCE)
    for recipient in case.recipients(1):
        with suppress(LettersError):
            do("email-recipient", case, post, 1, recipient.id)
    return Case(office, REFERENCE)


def look(checking, office):
    return checking.look_after_deliveries(replace(office, provider=FakeProvider()))


def states_of(case):
    return [str(state) for state in case.delivery_states(1).values()]


def needing(report):
    return [(one.letter, one.recipient, one.known) for one in report.needing]


def events_for_all(case, *events, **fields):
    return [event_of(case, r, e, **fields) for r in case.recipients(1) for e in events]


def test_a_round_applies_what_came_and_tells_prefect_once(checking, office, shown, told):
    case = sent(office, "accepted")
    kept(office, *events_for_all(case, "processed"), an_event())
    kept(office, *events_for_all(case, "delivered"))

    first, again = look(checking, office), look(checking, office)

    assert (first.batches_applied, first.events_stored, first.needing) == (2, 4, ())
    assert (first.state_name, again.state_name, str(again)) == (None, "Idle", "Nothing to do.")
    assert told == ["processed"] * 2 + ["delivered"] * 2
    assert shown == []
    assert unapplied(office) == []


def test_an_unknown_delivery_is_settled_by_an_event_and_told(checking, office, shown, told):
    case = sent(office, "taken, and no answer", "accepted")
    director = case.recipients(1)[0]
    kept(office, event_of(case, director, "processed"))

    report = look(checking, office)

    assert report.settled == (f"{REFERENCE} r1, director: accepted",)
    assert states_of(case) == ["accepted"] * 2
    assert (report.needing, report.state_name) == ((), None)


@pytest.mark.parametrize(
    ("has_it", "expected"),
    [
        pytest.param("taken, and no answer", "accepted", id="the provider has it"),
        pytest.param("not taken, and no answer", "pending", id="the provider hasn't"),
    ],
)
def test_the_provider_s_own_evidence_settles_and_nothing_is_sent(
    checking, office, shown, told, has_it, expected
):
    provider = FakeProvider("accepted", has_it)
    case = Case(replace(office, provider=provider), REFERENCE)
    for recipient in case.recipients(1):
        do("email-recipient", case, post, 1, recipient.id)
    provider.evidence = True
    requests = len(provider.requests)

    report = checking.look_after_deliveries(replace(office, provider=provider))

    assert states_of(case) == ["accepted", expected]
    assert len(report.settled) == 1
    assert len(provider.requests) == requests


def test_what_needs_a_person_is_listed_with_what_to_do(checking, office, shown, told):
    case = sent(office, "unknown", "refused")

    report = look(checking, office)

    director, copy = case.recipients(1)
    assert needing(report) == [
        (
            f"{REFERENCE} r1",
            director.id,
            "Nobody can tell whether the provider has it: to d…@x.example",
        ),
        (f"{REFERENCE} r1", copy.id, "The provider refused it: to d…@x.example"),
    ]
    assert report.needing[0].to_do == (
        f"Find out whether it arrived. If so: letters settle {REFERENCE} director --as sent --why"
        f' "…". If not: the same with --as resend, then letters issue {REFERENCE}.'
    )
    assert report.state_name == "NeedsAPerson"
    (page,) = shown
    assert page.count("\n| CRA") == 2
    assert "director@" not in page


FLAGGED = {
    "it bounced": ("bounce", {"reason": "550 <director@westmere.example>"}, "It bounced"),
    "it was blocked": ("bounce", {"type": "blocked"}, "The receiving server blocked it"),
    "it was dropped": ("dropped", {"reason": "Bounced Address"}, "The provider dropped it"),
    "it was taken for spam": ("spamreport", {}, "It was reported as spam"),
    "it is put off for long": (
        "deferred",
        {"response": "421 try again"},
        "The receiving server has put it off for more than a day",
    ),
}


@pytest.mark.parametrize("what", FLAGGED)
def test_a_delivery_that_the_provider_had_needs_a_person_if(checking, office, shown, told, what):
    event, fields, known = FLAGGED[what]
    case = sent(office, "accepted")
    director = case.recipients(1)[0]
    office.clock.advance(2 * DAY)
    kept(office, event_of(case, director, event, **fields))

    (one,) = look(checking, office).needing

    reason = next(iter(fields.values()), "")
    said = "" if what == "it was blocked" else reason.replace("director@", "d…@")
    assert (one.recipient, one.known) == ("director", f"{known}: {said}" if said else known)
    assert one.since == "2011-03-14 09:00 UTC"
    assert one.to_do.endswith(
        f"hand the letter over by other means: letters show {REFERENCE} names its files."
    )


def test_a_delivery_that_was_put_off_and_then_bounced_is_listed_once(checking, office, shown, told):
    case = sent(office, "accepted")
    office.clock.advance(2 * DAY)
    kept(office, *(event_of(case, case.recipients(1)[0], e) for e in ("deferred", "bounce")))

    assert [one.known for one in look(checking, office).needing] == ["It bounced"]


QUIET = {
    "it is delivered": ["processed", "delivered"],
    "it is put off since less than a day": ["deferred"],
    "it was put off, and is delivered": ["deferred", "delivered"],
    "something came that nobody knows": ["teleported"],
    "nothing came": [],
}


@pytest.mark.parametrize("what", QUIET)
def test_a_delivery_needs_nobody_if(checking, office, shown, told, what):
    case = sent(office, "accepted")
    if QUIET[what]:
        kept(office, *events_for_all(case, *QUIET[what]))

    assert look(checking, office).needing == ()
    assert shown == []


def test_the_list_is_shown_when_it_changes_and_only_then(checking, office, shown, told):
    case = sent(office, "accepted")
    rounds = [look(checking, office)]
    kept(office, event_of(case, case.recipients(1)[0], "bounce"))
    rounds += [look(checking, office) for _ in range(2)]
    kept(office, event_of(case, case.recipients(1)[1], "dropped"))
    rounds += [look(checking, office) for _ in range(2)]

    assert [one.state_name for one in rounds] == [
        "Idle",
        "NeedsAPerson",
        "StillNeedsAPerson",
        "NeedsAPerson",
        "StillNeedsAPerson",
    ]
    assert len(shown) == 2


def test_a_list_that_has_become_empty_is_shown_as_such(checking, office, shown, told):
    case = sent(office, "unknown", "accepted")
    first = look(checking, office)
    kept(office, event_of(case, case.recipients(1)[0]))

    second, third = look(checking, office), look(checking, office)

    assert [one.state_name for one in (first, second, third)] == ["NeedsAPerson", None, "Idle"]
    assert [page.endswith("None.\n") for page in shown] == [False, True]


def test_what_a_server_answered_makes_no_markup(checking, office, shown, told):
    case = sent(office, "accepted")
    hostile = "|x| ![i](http://a.example/i.png) <script>alert(1)</script> `code`"
    kept(office, event_of(case, case.recipients(1)[0], "bounce", reason=hostile))

    look(checking, office)

    (page,) = shown
    assert "<script>" not in page
    assert "![" not in page
    assert page.count("\n| CRA") == 1


# Which letters are looked at.


def close_it(case):
    assert send_out(case, 1)


LOOKED_AT = {
    "archived and not closed, however long ago": (False, 300, [REFERENCE]),
    "closed, and archived in the last fortnight": (True, 13, [REFERENCE]),
    "closed, and archived before": (True, 15, []),
}


@pytest.mark.parametrize("what", LOOKED_AT)
def test_a_letter_is_looked_at_if(checking, office, what):
    is_closed, days, expected = LOOKED_AT[what]
    if is_closed:
        close_it(Case(office, REFERENCE))
    office.clock.advance(days * DAY)

    assert checking.letters_to_look_at(office) == expected


def test_a_closed_letter_gets_what_is_told_late_and_verifies(checking, office, shown, told):
    case = Case(office, REFERENCE)
    close_it(case)
    kept(office, *events_for_all(case, "delivered"))

    report = checking.look_after_deliveries(office)

    assert (report.events_stored, report.needing, report.troubles) == (2, (), ())
    verified = verify_office(office, reference=REFERENCE)
    assert (verified.differences, verified.open_objects, verified.unanchored_entries) == ((), (), 0)
    assert {progress_of(case, 1, r).stage for r in case.recipients(1)} == {"delivered"}


# Troubles.


def test_one_bad_batch_stops_no_other_and_the_round_fails(checking, office, shown, told):
    case = sent(office, "accepted")
    altered = kept(office, event_of(case, case.recipients(1)[0]))
    path = office.root / "archive" / altered
    path.write_bytes(path.read_bytes() + b" ")
    kept(office, event_of(case, case.recipients(1)[1]))

    report = look(checking, office)

    assert (report.batches_applied, len(report.troubles)) == (1, 1)
    assert report.troubles[0].startswith(f"applying {altered}: ")
    assert unapplied(office) == [altered]


def test_a_batch_that_a_killed_process_left_unnamed_is_applied(checking, office, shown, told):
    case = sent(office, "accepted")
    killed = replace(office, store=HookedStore(office.store, kill(("after", 1))))
    with pytest.raises(Killed):
        kept(killed, event_of(case, case.recipients(1)[0]))
    office.clock.advance(3600)

    assert look(checking, office).events_stored == 1


def test_a_list_that_can_t_be_shown_stops_nothing(checking, office, monkeypatch, told):
    def fails(**_):
        raise ConnectionError

    sent(office, "unknown")
    monkeypatch.setattr(checking, "get_client", fails)

    report = look(checking, office)

    assert (len(report.needing), report.troubles) == (2, ())
    assert report.state_name == "NeedsAPerson"


# In Prefect.


def events_in_prefect(name):
    """What Prefect's server knows of events of that name."""
    import httpx
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        answer = client._client.post(
            "/events/filter", json={"filter": {"event": {"name": [name]}}, "limit": 50}
        )
        assert isinstance(answer, httpx.Response)
        return answer.json()["events"]


def test_the_flow_shows_its_list_in_prefect_and_ends_as_its_name_says(
    checking, office, monkeypatch
):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    case = sent(office, "accepted")
    kept(office, event_of(case, case.recipients(1)[0], "bounce", reason="550 no such user"))
    monkeypatch.setattr(checking, "open_office", lambda **_: office)

    states = [checking.check_deliveries(return_state=True) for _ in range(2)]

    assert [state.name for state in states] == ["NeedsAPerson", "StillNeedsAPerson"]
    assert states[0].message.splitlines()[0].startswith(f"{REFERENCE} r1, director: It bounced")
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[checking.ARTIFACT]))
        )
    assert [page.flow_run_id for page in found] == [states[0].state_details.flow_run_id]
    assert "550 no such user" in found[0].data


def test_a_round_that_met_trouble_ends_failed(checking, office, monkeypatch):
    def breaks(_):
        raise ConnectionError("the disk is gone")

    monkeypatch.setattr(checking, "open_office", lambda **_: office)
    monkeypatch.setattr(checking, "unapplied", breaks)

    state = checking.check_deliveries(return_state=True)

    assert (state.name, state.message) == ("Failed", "looking for batches: the disk is gone")


def test_prefect_is_told_of_an_event_once_and_without_an_address(checking, office):
    from prefect.events.worker import EventsWorker

    from flows.delivery_events import emit_applied

    case = sent(office, "accepted")
    item = event_of(case, case.recipients(1)[0], "group_resubscribe", timestamp=int(time.time()))
    applied = apply_batch(office, kept(office, item))

    for _ in range(2):
        emit_applied(applied)
        EventsWorker.drain_all(timeout=30)

    name = "letters.delivery.group_resubscribe"
    found = wait_for(lambda: events_in_prefect(name))
    assert [(one["event"], one["resource"]["prefect.resource.id"]) for one in found] == [
        (name, f"letters.delivery.{item['send_id']}")
    ]
    assert found[0]["related"][0]["prefect.resource.id"] == f"letters.letter.{REFERENCE}"
    assert "@" not in json.dumps(found)


def wait_for(look, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_prefect_s_failures_stop_nothing(checking, office, shown, monkeypatch):
    from flows import delivery_events

    def fails(*_, **__):
        raise ConnectionError

    case = sent(office, "accepted")
    kept(office, event_of(case, case.recipients(1)[0]))
    monkeypatch.setattr(delivery_events, "emit_event", fails)

    report = look(checking, office)

    assert (report.events_stored, report.troubles) == (1, ())
