"""Registering automations: by name, once, as a person left them, and no others of ours."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

ISSUE, REMIND, FAILURE, BOUNCE = (uuid4() for _ in range(4))
ALL = {
    "issue-letter": ISSUE,
    "remind": REMIND,
    "tell-of-failure": FAILURE,
    "tell-of-bounce": BOUNCE,
}


@pytest.fixture
def client(engine):
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client
        for one in client.read_automations(limit=200):
            client.delete_automation(one.id)


@pytest.fixture(scope="module")
def automating(engine):
    from flows import automations

    return automations


def registered(client) -> dict[str, UUID]:
    found = client.read_automations(limit=200)
    assert len({one.name for one in found}) == len(found)
    return {one.name: one.id for one in found}


def copied(automation, name):
    return type(automation).__base__(**automation.model_dump(exclude={"id"}) | {"name": name})


def triggers(client) -> dict[str, str]:
    """The ids of the triggers, whose windows are counted by them."""
    found = client.request("POST", "/automations/filter").json()
    return {one["name"]: one["trigger"]["id"] for one in found}


def test_an_office_has_each_once_however_often_it_is_served(automating, client):
    automating.register_automations(ALL)
    first = registered(client)

    automating.register_automations(ALL)

    assert registered(client) == first
    assert sorted(first) == [
        "letters: e-mail did not arrive",
        "letters: heartbeats lost",
        "letters: run failed or crashed",
        "letters: sign-off waiting",
    ]


def test_without_its_deployment_an_automation_is_not_there(automating, client):
    automating.register_automations(ALL)

    automating.register_automations({"issue-letter": ISSUE})

    assert list(registered(client)) == ["letters: heartbeats lost"]


def test_what_is_no_longer_ours_is_removed_and_a_stranger_s_stays(automating, client):
    automating.register_automations(ALL)
    (ours,) = [one for one in client.read_automations() if one.name == automating.WAITING]
    for name in ("letters: of yesterday", "somebody's"):
        client.create_automation(copied(ours, name))

    automating.register_automations(ALL)

    assert sorted(registered(client)) == sorted(
        [
            *(automating.WAITING, automating.FAILED, automating.LOST, automating.BOUNCED),
            "somebody's",
        ]
    )


def test_one_that_stands_twice_is_there_once_again(automating, client):
    automating.register_automations(ALL)
    for one in client.read_automations():
        client.create_automation(copied(one, one.name))

    automating.register_automations(ALL)

    assert len(registered(client)) == 4


def test_another_window_is_taken_over(automating, client):
    automating.register_automations(ALL)

    automating.register_automations(ALL, automating.Windows(sign_off=timedelta(hours=2)))

    (waiting,) = [one for one in client.read_automations() if one.name == automating.WAITING]
    assert waiting.trigger.within == timedelta(hours=2)


def test_what_a_person_switched_off_stays_so(automating, client):
    automating.register_automations(ALL)
    for one in client.read_automations():
        client.pause_automation(one.id)

    automating.register_automations(ALL, automating.Windows(sign_off=timedelta(hours=2)))

    assert [one.enabled for one in client.read_automations()] == [False] * 4


def test_windows_go_on_but_those_of_heartbeats_which_begin_anew(automating, client):
    automating.register_automations(ALL)
    before = triggers(client)

    automating.register_automations(ALL)

    after = triggers(client)
    assert {name for name in before if after[name] != before[name]} == {automating.LOST}
