"""A one-time link enrols one key, for one inspector, for some hours."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.refusals import InvitationUsed, LinkExpired, LinkInvalid, SignOffRefused
from letters.signoff import base64url
from tasks.case.ledger import ObjectForeign, keep_and_enter, ledger_of
from tasks.signoff.inspectors import enrolments, keys_of, revoke
from tasks.signoff.invitations import (
    enrolment_question,
    invitations,
    invite,
    open_invitation,
    open_invitations,
    take_up,
)
from tests.issuing import (
    COLLEAGUE,
    a_sample_office,
    as_another_process,
)
from tests.signoff.authenticator import PRESENT
from tests.signoff.signing_room import SIGNATORY, a_passkey, enrolled, registered


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


def invited(office, inspector_id=SIGNATORY):
    """Make a link; return its token."""
    return invite(office, office.register.inspector(inspector_id)).rpartition("/")[2]


def used(office, token, key, inspector_id=SIGNATORY, **misbehaviour):
    """Open the link and enrol a key with it."""
    invitation = open_invitation(office, inspector_id, token)
    return take_up(office, invitation, registered(office, invitation, key, **misbehaviour))


def test_a_link_enrols_a_key(office):
    key = a_passkey(office)

    enrolment = used(office, invited(office), key)

    assert enrolments(office, SIGNATORY) == (enrolment,)
    assert enrolment.credential_id == base64url(key.credential_id)
    assert (enrolment.name, enrolment.sample) == ("Harriet Elmsley", True)
    assert open_invitations(office, SIGNATORY) == ()
    assert verify_office(office).is_clean


def test_the_link_is_the_offices_own_and_its_token_is_kept_nowhere(office):
    url = invite(office, office.register.inspector(SIGNATORY))
    token = url.rpartition("/")[2]

    assert url == f"http://localhost:8377/enrol/{SIGNATORY}/{token}"
    kept = [path for path in office.root.rglob("*") if path.is_file()]
    assert [
        path for path in kept if token.encode() in path.read_bytes() or token in path.name
    ] == []
    (invitation,) = open_invitations(office, SIGNATORY)
    assert invitation.token_sha256 == sha256_hex(token.encode())
    assert invitation.expires_at[:10] == "2011-03-16"


def test_the_question_is_the_same_after_a_restart(office):
    token = invited(office)
    first = enrolment_question(office, open_invitation(office, SIGNATORY, token))
    again = as_another_process(office)

    assert enrolment_question(again, open_invitation(again, SIGNATORY, token)) == first


def test_an_authenticator_is_told_which_of_its_keys_stand(office):
    _, lost = enrolled(office, SIGNATORY)
    _, kept = enrolled(office, SIGNATORY)
    revoke(office, SIGNATORY, lost.credential_id, why="Lost on a train.")

    asked = enrolment_question(office, open_invitation(office, SIGNATORY, invited(office)))

    assert [key["id"] for key in asked["excludeCredentials"]] == [kept.credential_id]


REFUSED = []


def refused(code):
    def enter(do):
        name = do.__name__.replace("_", " ")
        REFUSED.append(pytest.param(do, code, id=f"{name} is refused: {code}"))
        return do

    return enter


@refused("invitation-used")
def a_link_used_twice(office):
    token = invited(office)
    used(office, token, a_passkey(office))
    used(office, token, a_passkey(office))


@refused("invitation-used")
def a_second_answer_to_a_link_opened_before(office):
    token = invited(office)
    invitation = open_invitation(office, SIGNATORY, token)
    used(office, token, a_passkey(office))
    take_up(office, invitation, registered(office, invitation, a_passkey(office)))


@refused("link-expired")
def an_expired_link(office):
    token = invited(office)
    office.clock.advance(48 * 3600)
    used(office, token, a_passkey(office))


@refused("link-expired")
def a_link_that_expired_while_the_page_stood_open(office):
    invitation = open_invitation(office, SIGNATORY, invited(office))
    office.clock.advance(48 * 3600)
    take_up(office, invitation, registered(office, invitation, a_passkey(office)))


@refused("link-invalid")
def another_inspectors_link(office):
    used(office, invited(office, COLLEAGUE), a_passkey(office))


@refused("link-invalid")
def a_link_of_nobody_in_the_register(office):
    used(office, invited(office), a_passkey(office), inspector_id="../helmsley")


@refused("link-invalid")
def an_invitation_laid_in_by_hand(office):
    token = invited(office)
    (path,) = office.root.glob("archive/inspectors/*/*.invitation.json")
    mine = "A" * 43
    sha256 = sha256_hex(mine.encode())
    forged = path.read_text().replace(sha256_hex(token.encode()), sha256)
    path.with_name(f"{sha256[:32]}.invitation.json").write_text(forged)
    used(office, mine, a_passkey(office))


@refused("challenge-mismatch")
def an_answer_to_another_link(office):
    invitation = open_invitation(office, SIGNATORY, invited(office))
    other = open_invitation(office, SIGNATORY, invited(office))
    take_up(office, invitation, registered(office, other, a_passkey(office)))


@refused("user-not-verified")
def user_verification_off(office):
    used(office, invited(office), a_passkey(office), flags=PRESENT)


@refused("wrong-origin")
def another_origin(office):
    used(office, invited(office), a_passkey(office), origin="https://localhost.example")


@refused("wrong-relying-party")
def another_relying_party(office):
    used(office, invited(office), a_passkey(office), rp_id="example.org")


@refused("response-invalid")
def an_answer_that_is_none(office):
    take_up(office, open_invitation(office, SIGNATORY, invited(office)), {"id": "x"})


@refused("response-invalid")
def the_name_of_a_colleagues_key(office):
    theirs, _ = enrolled(office, COLLEAGUE)
    mine = a_passkey(office)
    mine.credential_id = theirs.credential_id
    used(office, invited(office), mine)


@refused("response-invalid")
def the_name_of_a_key_enrolled_before(office):
    first, _ = enrolled(office, SIGNATORY)
    other = a_passkey(office)
    other.credential_id = first.credential_id
    used(office, invited(office), other)


@refused("key-revoked")
def a_key_that_was_revoked(office):
    key, enrolment = enrolled(office, SIGNATORY)
    revoke(office, SIGNATORY, enrolment.credential_id, why="Lost on a train.")
    used(office, invited(office), key)


@pytest.mark.parametrize(("do", "code"), REFUSED)
def test_refused_and_nothing_is_enrolled(office, do, code):
    with pytest.raises(SignOffRefused) as raised:
        do(office)

    assert raised.value.code == code
    assert raised.value.remedy
    events = [entry.event for entry in ledger_of(office).entries()]
    assert events.count("invitation-used") == events.count("enrolled")
    assert len(keys_of(office, SIGNATORY) + keys_of(office, COLLEAGUE)) == events.count("enrolled")


def test_the_page_of_a_used_link_does_not_even_open(office):
    token = invited(office)
    used(office, token, a_passkey(office))

    with pytest.raises(InvitationUsed):
        open_invitation(office, SIGNATORY, token)


def test_of_two_who_both_found_the_link_unused_one_enrols_a_key(office, monkeypatch):
    invitation = open_invitation(office, SIGNATORY, invited(office))
    monkeypatch.setattr("tasks.signoff.invitations._require_open", lambda *_, **__: None)
    first = take_up(office, invitation, registered(office, invitation, a_passkey(office)))

    with pytest.raises(InvitationUsed):
        take_up(office, invitation, registered(office, invitation, a_passkey(office)))

    assert enrolments(office, SIGNATORY) == (first,)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 42), to=st.characters(codec="utf-8"))
def test_a_link_with_one_character_changed_opens_nothing(office, at, to):
    token = invited(office)
    changed = token[:at] + to + token[at + 1 :]
    if changed == token:
        return

    with pytest.raises(LinkInvalid):
        open_invitation(office, SIGNATORY, changed)


@pytest.mark.parametrize("token", ["", "/", "A" * 42, "A" * 44, "é" * 43, "A" * 100_000])
def test_what_is_no_token_opens_nothing(office, token):
    with pytest.raises(LinkInvalid):
        open_invitation(office, SIGNATORY, token)


@pytest.mark.parametrize("at_once", [2, 8])
def test_of_several_uses_at_the_same_time_one_enrols_a_key(tmp_path, at_once):
    offices = [a_sample_office(tmp_path) for _ in range(at_once)]
    token = invited(offices[0])
    start = Barrier(at_once)

    def use(office):
        invitation = open_invitation(office, SIGNATORY, token)
        response = registered(office, invitation, a_passkey(office))
        start.wait()
        try:
            return take_up(office, invitation, response)
        except InvitationUsed:
            return None

    with ThreadPoolExecutor(at_once) as pool:
        done = [enrolment for enrolment in pool.map(use, offices) if enrolment is not None]

    assert len(done) == 1
    assert list(enrolments(a_sample_office(tmp_path), SIGNATORY)) == done
    assert verify_office(a_sample_office(tmp_path)).differences == ()


def test_a_use_that_a_crash_cut_short_is_completed_by_the_same_answer(office, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    token, key = invited(office), a_passkey(office)
    invitation = open_invitation(office, SIGNATORY, token)
    response = registered(office, invitation, key)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.signoff.invitations.enrol", die)
        with pytest.raises(Killed):
            take_up(office, invitation, response)

    assert enrolments(office, SIGNATORY) == ()
    with pytest.raises(InvitationUsed):
        take_up(office, invitation, registered(office, invitation, a_passkey(office)))
    assert take_up(office, invitation, response) == enrolments(office, SIGNATORY)[0]
    assert verify_office(office).is_clean


def test_invitations_are_told_until_they_are_used_or_expire(office):
    used(office, invited(office), a_passkey(office))
    assert open_invitations(office, SIGNATORY) == ()
    invited(office)

    assert len(open_invitations(office, SIGNATORY)) == 1
    office.clock.advance(48 * 3600)
    assert open_invitations(office, SIGNATORY) == ()
    assert len(invitations(office, SIGNATORY)) == 2


def test_a_newer_link_makes_a_mislaid_one_worthless(office):
    mislaid = invited(office)
    newer = invited(office)

    with pytest.raises(LinkExpired):
        open_invitation(office, SIGNATORY, mislaid)
    assert len(open_invitations(office, SIGNATORY)) == 1
    used(office, newer, a_passkey(office))


def test_an_object_laid_in_by_hand_is_not_entered_as_the_offices_own(office):
    path = office.root / "archive/inspectors/helmsley" / f"{'0' * 32}.revoked.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}\n")

    with pytest.raises(ObjectForeign):
        keep_and_enter(
            office, "revoked", f"inspectors/helmsley/{'0' * 32}.revoked.json", b'{"a":1}\n'
        )

    assert [entry.event for entry in ledger_of(office).entries()] == []
