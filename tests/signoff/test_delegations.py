"""A delegate signs from one day to another, until recalled; what was signed stays signed."""

from datetime import date, timedelta

import pytest

from letters.case import State
from letters.errors import UsageError
from letters.refusals import SignOffRefused
from letters.signoff import Decision, Entitlement
from tasks.signoff.delegations import delegate, delegations, kept_delegations, recall
from tasks.signoff.signers import signers
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    a_sample_office,
    send_out,
)
from tests.offices import START, a_register
from tests.signoff.signing_room import SIGNATORY, SIGNATORY_NAME, enrolled

TODAY = START.date()
DAY = timedelta(days=1)


def given(office, first_day=TODAY, last_day=TODAY, **changes):
    fields = {"signatory": SIGNATORY, "delegate": COLLEAGUE} | changes
    return delegate(office, first_day=first_day, last_day=last_day, **fields)


def recalled(office):
    return recall(office, signatory=SIGNATORY, delegate=COLLEAGUE)


def move_to(office, day):
    """Let it be nine o'clock on a day."""
    office.clock.advance((day - office.clock().date()).total_seconds())


def test_a_delegate_signs_with_a_passkey_and_the_printed_name_stays(room):
    given(room.office)
    key, _ = enrolled(room.office, COLLEAGUE)

    signed = room.sign(by=COLLEAGUE, key=key)

    assert room.decision() == signed
    assert signed.entitled_as is Entitlement.DELEGATE
    assert signed.statement.inspector == COLLEAGUE
    assert [s.name for s in room.case.letter(1).signatories] == [SIGNATORY_NAME]
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_a_sample_inspector_signs_as_a_delegate(room):
    given(room.office)

    signed = sign_as_sample(
        room.case, 1, inspector_id=COLLEAGUE, decision=Decision.APPROVE, comments=""
    )

    assert room.decision() == signed


@pytest.mark.parametrize(
    ("day", "may_sign"),
    [
        pytest.param(TODAY + DAY, False, id="not the day before"),
        pytest.param(TODAY + 2 * DAY, True, id="the first day"),
        pytest.param(TODAY + 4 * DAY, True, id="the last day"),
        pytest.param(TODAY + 5 * DAY, False, id="not the day after"),
    ],
)
def test_a_delegate_signs_from_day_to_day(room, day, may_sign):
    key, _ = enrolled(room.office, COLLEAGUE)
    given(room.office, TODAY + 2 * DAY, TODAY + 4 * DAY)
    move_to(room.office, day)

    told = [one.inspector.id for one in signers(room.case, 1, day)]
    if may_sign:
        assert room.sign(by=COLLEAGUE, key=key) == room.decision()
        assert told == [SIGNATORY, COLLEAGUE]
    else:
        with pytest.raises(SignOffRefused) as raised:
            room.sign(by=COLLEAGUE, key=key)
        assert raised.value.code == "not-entitled"
        assert room.case.state(1) is State.AWAITING_SIGN_OFF
        assert told == [SIGNATORY]


def test_a_delegation_that_ended_while_the_page_stood_open_signs_nothing(room):
    key, _ = enrolled(room.office, COLLEAGUE)
    given(room.office)
    question = room.ask(by=COLLEAGUE)
    recalled(room.office)

    with pytest.raises(SignOffRefused) as raised:
        room.answer(question, response=key.answer_to(question.statement), by=COLLEAGUE)

    assert raised.value.code == "not-entitled"
    assert room.refusals() == ["not-entitled"]
    assert room.case.state(1) is State.AWAITING_SIGN_OFF


def test_a_recalled_delegate_signs_no_more(room):
    key, _ = enrolled(room.office, COLLEAGUE)
    given(room.office)
    recalled(room.office)

    with pytest.raises(SignOffRefused) as raised:
        room.sign(by=COLLEAGUE, key=key)

    assert raised.value.code == "not-entitled"


def test_what_a_delegate_signed_stays_signed_after_the_recall_and_the_last_day(room):
    key, _ = enrolled(room.office, COLLEAGUE)
    given(room.office)
    signed = room.sign(by=COLLEAGUE, key=key)
    recalled(room.office)
    move_to(room.office, TODAY + 30 * DAY)

    assert delegations(room.office, at=signed.statement.at) == delegations_given(room)
    assert delegations(room.office, at="2011-03-15T00:00:00.000Z") == ()
    assert room.decision() == signed
    assert send_out(room.case, 1)
    assert room.differences() == []


def delegations_given(room):
    return tuple(kept.delegation for kept in kept_delegations(room.office))


def test_a_delegation_given_after_the_event_makes_nothing_good(room):
    """A decision taken without the right, and the right given afterwards."""
    key, _ = enrolled(room.office, COLLEAGUE)
    given(room.office)
    room.sign(by=COLLEAGUE, key=key)
    (path,) = room.office.root.glob("archive/inspectors/treyne/*.delegation.json")
    later = path.read_bytes().replace(b"T09:00:00", b"T10:00:00")

    assert delegations(room.office, at="2011-03-14T08:59:59.999Z") == ()
    path.unlink()
    path.write_bytes(later)
    with pytest.raises(SignOffRefused) as raised:
        room.decision()
    assert raised.value.code == "not-entitled"


def test_a_delegation_laid_in_by_hand_gives_no_right(room, tmp_path):
    key, _ = enrolled(room.office, COLLEAGUE)
    forger = a_sample_office(tmp_path / "forger")
    given(forger)
    (path,) = forger.root.glob("archive/inspectors/treyne/*.delegation.json")
    laid = room.office.root / "archive/inspectors/treyne" / path.name
    laid.write_bytes(path.read_bytes())

    assert delegations(room.office) == ()
    with pytest.raises(SignOffRefused) as raised:
        room.sign(by=COLLEAGUE, key=key)
    assert raised.value.code == "not-entitled"
    assert room.differences() == [("added", f"inspectors/treyne/{path.name}")]


def test_the_same_delegation_again_changes_nothing(room):
    first = given(room.office)

    assert given(room.office, signatory=SIGNATORY_NAME) == first
    assert delegations(room.office) == (first,)


def test_a_recalled_delegation_can_be_given_again(room):
    first = given(room.office)
    recalled(room.office)
    again = given(room.office)

    assert delegations(room.office) == (again,)
    assert [kept.delegation for kept in kept_delegations(room.office)] == [first, again]
    assert recalled(room.office) == (again,)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"delegate": SIGNATORY}, "delegation-impossible", id="to oneself"),
        pytest.param({"delegate": "nobody"}, "inspector-missing", id="to a stranger"),
        pytest.param({"signatory": "Nobody"}, "inspector-missing", id="by a stranger"),
        pytest.param(
            {"first_day": TODAY + DAY, "last_day": TODAY}, "delegation-impossible", id="backwards"
        ),
        pytest.param(
            {"first_day": date(2011, 1, 1), "last_day": TODAY - DAY},
            "delegation-impossible",
            id="after the event",
        ),
    ],
)
def test_a_delegation_that_can_not_be_given(room, changes, code):
    with pytest.raises(UsageError) as raised:
        given(room.office, **changes)

    assert raised.value.code == code
    assert raised.value.remedy
    assert delegations(room.office) == ()


def test_a_sample_inspector_does_not_sign_for_a_real_one(tmp_path):
    first, second = a_register().inspectors
    register = a_register(inspectors=(first, second.model_copy(update={"sample": False})))
    office = a_sample_office(tmp_path, register=register)

    with pytest.raises(UsageError) as raised:
        delegate(office, signatory="rpike", delegate="another", first_day=TODAY, last_day=TODAY)

    assert raised.value.code == "delegation-impossible"


def test_what_was_not_given_can_not_be_recalled(room):
    with pytest.raises(UsageError) as raised:
        recalled(room.office)

    assert raised.value.code == "delegation-missing"


def test_a_delegation_of_someone_who_left_the_register_is_recalled_by_name(room):
    ended = given(room.office)
    office = a_sample_office(room.office.root, register=a_register(), clock=room.office.clock)

    assert recall(office, signatory=SIGNATORY_NAME, delegate=COLLEAGUE) == (ended,)
    assert delegations(room.office) == ()
