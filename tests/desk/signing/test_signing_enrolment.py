"""A one-time link enrols one passkey, and says what kind it is."""

from __future__ import annotations

import json

import pytest

from tasks.case.office import Office
from tasks.signoff import software_key
from tasks.signoff.inspectors import keys_of
from tasks.signoff.invitations import invite
from tests.desk.signing.visiting import (
    Visitor,
    an_unknown_key,
    heading_of,
    options_of,
    words_of,
)

INSPECTOR = "treyne"
SYNCED = 0x01 | 0x04 | 0x08 | 0x10


def invited(office: Office) -> str:
    inspector = office.register.inspector(INSPECTOR)
    assert inspector is not None
    return invite(office, inspector).removeprefix(office.settings.signing.origin)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        pytest.param(0x01 | 0x04, "It stays on this device or security key alone.", id="bound"),
        pytest.param(SYNCED, "It is a synced passkey", id="synced"),
    ],
)
def test_the_key_that_was_enrolled_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch, flags: int, said: str
) -> None:
    monkeypatch.setattr(software_key, "PRESENT_AND_VERIFIED", flags)
    visitor = Visitor(office)

    done = visitor.enrol(INSPECTOR)

    (key,) = keys_of(office, INSPECTOR)
    assert (done.status_code, heading_of(done)) == (200, "Your passkey is enrolled")
    assert f"Key {key.short_id}, for Tobias Reyne" in words_of(done)
    assert said in words_of(done)


def test_a_link_enrols_one_key(office: Office) -> None:
    visitor, link = Visitor(office), invited(office)
    options = options_of(visitor.client.get(link))
    for key in (visitor.key, an_unknown_key(INSPECTOR)):
        answer = key.register(options, origin=visitor.origin)
        last = visitor.client.post(link, data={"response": json.dumps(answer)})

    assert (last.status_code, heading_of(last)) == (410, "This link has been used")
    assert len(keys_of(office, INSPECTOR)) == 1
    assert visitor.client.get(link).status_code == 410


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("/enrol/treyne/{token}x", id="more of it"),
        pytest.param("/enrol/helmsley/{token}", id="another inspector's"),
        pytest.param("/enrol/nobody/{token}", id="nobody's"),
        pytest.param("/enrol/treyne/x", id="hardly any"),
    ],
)
def test_a_wrong_link_enrols_nothing(office: Office, wrong: str) -> None:
    visitor, link = Visitor(office), invited(office)
    path = wrong.format(token=link.rsplit("/", 1)[1])
    options = options_of(visitor.client.get(link))
    answer = visitor.key.register(options, origin=visitor.origin)

    read = visitor.client.get(path)
    sent = visitor.client.post(path, data={"response": json.dumps(answer)})

    assert (read.status_code, sent.status_code) == (404, 404)
    assert heading_of(read) == "This link opens nothing"
    assert keys_of(office, INSPECTOR) == ()


def test_a_key_that_does_not_check_its_owner_is_refused_and_the_link_stays_open(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, link = Visitor(office), invited(office)
    options = options_of(visitor.client.get(link))
    with monkeypatch.context() as unverified:
        unverified.setattr(software_key, "PRESENT_AND_VERIFIED", 0x01)
        answer = visitor.key.register(options, origin=visitor.origin)

    refused = visitor.client.post(link, data={"response": json.dumps(answer)})

    assert refused.status_code == 403
    assert heading_of(refused) == "Your passkey did not check that it was you"
    assert keys_of(office, INSPECTOR) == ()
    assert visitor.client.get(link).status_code == 200


def test_the_question_names_whom_it_is_for(office: Office) -> None:
    visitor = Visitor(office)

    page = visitor.client.get(invited(office))

    options = options_of(page)
    assert "Tobias Reyne" in words_of(page)
    assert options["user"]["name"] == "Tobias Reyne"
    assert options["rp"] == {"id": "localhost", "name": office.settings.letterhead.organisation}
    assert options["authenticatorSelection"]["userVerification"] == "required"
