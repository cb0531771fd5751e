"""A letter of several signatories goes out when each of them has approved the same pack."""

import json
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.case import Command, CommandRefused, State, cell
from letters.errors import UsageError
from letters.refusals import ApprovalFrozen, SignOffRefused
from letters.signoff import Decision, Entitlement
from tasks.case import faults
from tasks.case.case import Case
from tasks.case.ledger import enter_decision, ledger_of
from tasks.case.record import StepRun
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import decisions_on, freezing, frozen_letters, require_not_frozen
from tasks.signoff.delegations import delegate
from tasks.signoff.signers import awaited_signers, part_named, part_to_sign, signers
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    JOINT_INSPECTION,
    REFERENCE,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    copied,
    decide,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.signoff.joint_room import DRAFT_OF_FOUR, FOUR, JointRoom, with_four_inspectors

WHY = "Page 2: “timely” is not what I wrote."
HER, HIS = "r1/signoff-1.json", "r1/signoff-2.json"


@pytest.fixture
def room(tmp_path):
    return JointRoom(tmp_path)


@pytest.fixture
def four(tmp_path):
    return JointRoom(tmp_path, draft=DRAFT_OF_FOUR)


def given_leave(room, delegate_id, signatory=SIGNATORY):
    today = room.office.clock().date()
    delegate(
        room.office, signatory=signatory, delegate=delegate_id, first_day=today, last_day=today
    )


# Two signatories.


def test_the_first_of_two_leaves_it_waiting_for_the_second(room):
    signed = room.sign(SIGNATORY, 1)

    assert room.told() == "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne"
    assert room.state() is State.AWAITING_SIGN_OFF
    assert signed.statement.signatory == 1
    assert room.case.sign_off_names(1) == [HER]
    assert room.ledger() == [("opened", "case.json")]
    assert room.differences() == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in their order", "the other way round"])
def test_when_both_have_signed_it_goes_out(room, order):
    for number in order:
        room.sign(FOUR[number - 1], number)

    assert room.told() == "2 of 2 have signed: Harriet Elmsley and Tobias Reyne"
    assert room.state() is State.SIGNED
    assert room.case.sign_off_names(1) == [HER, HIS]
    packs = {sign_off.statement.pack for sign_off in room.decisions().sign_offs}
    assert packs == {room.case.pack(1).sha256}
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_the_ledger_says_signed_once_and_names_every_sign_off(room):
    room.sign(COLLEAGUE, 2)
    room.sign(SIGNATORY, 1)

    (signed,) = [e for e in ledger_of(room.office).entries() if e.event == "signed"]
    assert signed.detail["object"] == room.case.key(HIS)
    assert signed.detail["objects"] == [
        {"object": room.case.key(name), "sha256": sha256_hex(room.case.get(name))}
        for name in (HER, HIS)
    ]


def test_the_manifest_lists_every_sign_off(room):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2)
    send_out(room.case, 1)

    listed = {
        o["name"]: o["sha256"] for o in json.loads(room.case.get("r1/manifest.json"))["objects"]
    }
    assert {name: listed.get(name) for name in (HER, HIS)} == {
        name: sha256_hex(room.case.get(name)) for name in (HER, HIS)
    }


def test_a_letter_of_one_signatory_is_kept_as_ever(tmp_path):
    """Old archives are checked by the same rules: no number in its name, nor in its statement."""
    case, revision = issue(a_sample_office(tmp_path))

    assert case.sign_off_names(revision) == ["r1/signoff.json"]
    assert "signatory" not in json.loads(case.get("r1/signoff.json"))["statement"]
    (signed,) = [e for e in ledger_of(case.office).entries() if e.event == "signed"]
    assert sorted(signed.detail) == ["case_head", "case_seq", "object", "reference", "sha256"]


def test_one_returns_it_after_another_approved(room):
    approval = room.sign(SIGNATORY, 1)
    returned = room.sign(COLLEAGUE, 2, Decision.RETURN, WHY)

    assert room.state() is State.RETURNED
    assert room.told() == "returned by Tobias Reyne; 1 of 2 have signed: Harriet Elmsley"
    assert room.decisions().sign_offs == (approval, returned)  # the approval stays in the record
    assert room.ledger()[-1] == ("returned", "signoff-2.json")
    assert room.differences() == []


def test_a_return_needs_nobody_else(room):
    room.sign(COLLEAGUE, 2, Decision.RETURN, WHY)

    assert room.state() is State.RETURNED
    with pytest.raises(CommandRefused) as raised:
        room.sign(SIGNATORY, 1)
    assert raised.value.code == "already-decided"


def test_the_next_revision_after_a_return_waits_for_both_anew(room):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2, Decision.RETURN, WHY)

    _, room.revision = submit(room.office, in_other_words(JOINT_DRAFT))

    assert room.revision == 2
    assert room.told() == "0 of 2 have signed; waiting for Harriet Elmsley and Tobias Reyne"
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2)
    assert send_out(room.case, 2)
    assert room.differences() == []


def test_new_words_after_the_first_of_two_signed_take_the_revisions_place(room):
    room.sign(SIGNATORY, 1)

    submit(room.office, in_other_words(JOINT_DRAFT))

    assert room.case.state(1) is State.SUPERSEDED
    with pytest.raises(CommandRefused) as raised:
        room.sign(COLLEAGUE, 2)
    assert raised.value.code == "superseded"
    assert room.told() == "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne"


def test_two_answers_at_once_are_both_kept(room):
    hers, his = room.ask(SIGNATORY, 1), room.ask(COLLEAGUE, 2)
    elsewhere = JointRoom.__new__(JointRoom)
    elsewhere.case = Case(as_another_process(room.office), REFERENCE)
    elsewhere.revision, elsewhere.keys = 1, room.keys

    elsewhere.answer(COLLEAGUE, 2, his)
    room.answer(SIGNATORY, 1, hers)

    assert room.state() is State.SIGNED
    assert Counter(room.ledger())["signed", "signoff-2.json"] == 1
    assert room.differences() == []


def test_a_return_and_an_approval_at_once_are_a_return(room):
    hers, his = room.ask(SIGNATORY, 1), room.ask(COLLEAGUE, 2, Decision.RETURN, WHY)
    room.answer(COLLEAGUE, 2, his)

    with pytest.raises(CommandRefused):
        room.answer(SIGNATORY, 1, hers)

    assert room.state() is State.RETURNED


def test_a_joint_inspection_goes_out_when_both_inspectorates_have_signed(tmp_path):
    case, revision = issue(a_sample_office(tmp_path), JOINT_INSPECTION)

    assert case.reference == "JTI-WESTMERE-2016-03-07"
    assert case.sign_off_names(revision) == [HER, HIS]
    assert case.closed() is not None
    assert verify_office(as_another_process(case.office)).is_clean


# Four signatories.


def test_four_sign_one_after_the_other_and_nobody_is_left_out(four):
    for number, inspector in enumerate(FOUR, start=1):
        assert four.state() is State.AWAITING_SIGN_OFF
        assert len(four.decisions().missing) == 5 - number
        four.sign(inspector, number)

    assert four.state() is State.SIGNED
    assert send_out(four.case, 1)
    assert four.differences() == []


def test_of_four_the_third_returns_it(four):
    for number in (1, 2):
        four.sign(FOUR[number - 1], number)
    four.sign("oakes", 3, Decision.RETURN, WHY)

    assert four.told() == (
        "returned by Ida Oakes; 2 of 4 have signed: Harriet Elmsley and Tobias Reyne"
    )
    with pytest.raises(CommandRefused):
        four.sign("quill", 4)
    assert four.differences() == []


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([*Decision])), min_size=1, max_size=8))
def test_decisions_in_any_order_do_what_the_table_says(four_waiting, tmp_path_factory, steps):
    root = copied(four_waiting, tmp_path_factory.mktemp("any order"))
    case = Case(_four_office(root), REFERENCE)
    kept = {}
    for number, decision in steps:
        state = case.state(1)
        left = {1, 2, 3, 4} - kept.keys() - {number}
        approval = Command.APPROVE_IN_PART if left else Command.APPROVE
        command = approval if decision is Decision.APPROVE else Command.RETURN
        told = cell(state, command)

        def work(number=number, decision=decision):
            sign_as_sample(
                case,
                1,
                inspector_id=FOUR[number - 1],
                decision=decision,
                comments="" if decision is Decision.APPROVE else WHY,
            )

        if told.state is None or number in kept:
            with pytest.raises(CommandRefused) as raised:
                work()
            assert raised.value.code == "already-decided"
        else:
            work()
            kept[number] = decision
            assert case.state(1) is told.state
    assert {p.number: p.decision for p in decisions_on(case, 1).parts if p.decision} == kept


@pytest.fixture(scope="module")
def four_waiting(tmp_path_factory):
    """An office where a letter waits for four; each test works on a copy."""
    return JointRoom(tmp_path_factory.mktemp("four"), draft=DRAFT_OF_FOUR).root


def _four_office(root):
    return a_sample_office(root, register=with_four_inspectors(a_sample_office(root)))


# Who may sign for whom.


def test_each_signatory_and_delegate_is_told_for_whom_they_sign(four):
    given_leave(four, "stone", "quill")
    given_leave(four, SIGNATORY, COLLEAGUE)
    today = four.office.clock().date()

    assert [str(one) for one in signers(four.case, 1, today)] == [
        "Harriet Elmsley",
        "Tobias Reyne",
        "Harriet Elmsley for Tobias Reyne",
        "Ida Oakes",
        "Max Quill",
        "Jo Stone for Max Quill",
    ]
    four.sign(COLLEAGUE, 2)
    four.sign("stone", 4)
    assert [str(one) for one in awaited_signers(four.case, 1, today)] == [
        "Harriet Elmsley",
        "Ida Oakes",
    ]


def test_the_same_inspector_does_not_sign_for_both(room):
    room.sign(SIGNATORY, 1)

    with pytest.raises(SignOffRefused) as raised:
        room.sign(SIGNATORY, 2)

    assert raised.value.code == "not-entitled"
    assert "Tobias Reyne" in raised.value.message
    assert room.refusals() == ["not-entitled"]
    assert room.state() is State.AWAITING_SIGN_OFF


def test_a_signatory_signs_for_another_by_a_delegation_and_with_a_statement_for_each(room):
    given_leave(room, SIGNATORY, COLLEAGUE)

    own, other = room.sign(SIGNATORY, 1), room.sign(SIGNATORY, 2)

    assert (own.entitled_as, other.entitled_as) == (Entitlement.SIGNATORY, Entitlement.DELEGATE)
    assert [s.statement.signatory for s in room.decisions().sign_offs] == [1, 2]
    assert room.told() == (
        "2 of 2 have signed: Harriet Elmsley and Harriet Elmsley for Tobias Reyne"
    )
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_a_delegate_of_both_signs_twice(room):
    given_leave(room, "stone", SIGNATORY)
    given_leave(room, "stone", COLLEAGUE)

    room.sign("stone", 1)
    assert room.state() is State.AWAITING_SIGN_OFF
    room.sign("stone", 2)

    assert room.state() is State.SIGNED
    assert room.differences() == []


def test_a_delegation_for_one_signatory_is_none_for_the_other(room):
    given_leave(room, "stone", SIGNATORY)

    with pytest.raises(SignOffRefused) as raised:
        room.sign("stone", 2)

    assert raised.value.code == "not-entitled"


def test_who_has_signed_can_not_sign_again(room):
    room.sign(SIGNATORY, 1)

    for decision in Decision:
        with pytest.raises(CommandRefused) as raised:
            room.sign(SIGNATORY, 1, decision, WHY)
        assert raised.value.code == "already-decided"
        assert "waiting for Tobias Reyne" in raised.value.message
    assert room.case.sign_off_names(1) == [HER]


# Replay.


def test_the_answer_for_one_signatory_is_none_for_another(room):
    given_leave(room, SIGNATORY, COLLEAGUE)
    question = room.ask(SIGNATORY, 1)

    with pytest.raises(SignOffRefused) as raised:
        room.answer(SIGNATORY, 2, question)

    assert raised.value.code == "challenge-mismatch"
    assert room.case.sign_off_names(1) == []


def test_the_assertion_for_one_signatory_fits_no_question_for_another(room):
    given_leave(room, SIGNATORY, COLLEAGUE)
    first, second = room.ask(SIGNATORY, 1), room.ask(SIGNATORY, 2)
    response = room.key_of(SIGNATORY).answer_to(first.statement)

    with pytest.raises(SignOffRefused) as raised:
        room.answer(SIGNATORY, 2, second, response=response)

    assert raised.value.code == "challenge-mismatch"


@pytest.mark.parametrize(
    "signatory",
    [
        pytest.param(None, id="for nobody in particular"),
        pytest.param(3, id="for a third signatory of two"),
    ],
)
def test_a_letter_of_two_is_signed_for_one_of_them_or_not_at_all(room, signatory):
    with pytest.raises(SignOffRefused) as raised:
        room.sign(SIGNATORY, signatory)

    assert raised.value.code == "pack-stale"
    assert room.case.sign_off_names(1) == []


def test_the_refusal_says_for_whom_it_was_asked(room):
    with pytest.raises(SignOffRefused):
        room.ask(SIGNATORY, 1, Decision.RETURN, " ")

    (noted,) = [e for e in room.case.chain.entries() if e.event == "refused"]
    assert noted.detail == {
        "code": "comments-missing",
        "inspector": SIGNATORY,
        "revision": 1,
        "signatory": 1,
    }


# Laid in by hand.


def an_approval_made_elsewhere(room, tmp_path):
    """His own key signed it; only, no step of the office took it."""
    room.key_of(COLLEAGUE)
    elsewhere = JointRoom.__new__(JointRoom)
    copy = a_sample_office(
        copied(room.office.root, tmp_path / "copy"),
        clock=room.office.clock,
        register=room.office.register,
    )
    elsewhere.case, elsewhere.revision = Case(copy, REFERENCE), 1
    elsewhere.keys = room.keys
    elsewhere.sign(COLLEAGUE, 2)
    return elsewhere.case.get(HIS)


def her_approval_once_more(room, tmp_path):
    return room.case.get(HER)


def bytes_that_are_nothing(room, tmp_path):
    return b"\x00 no sign-off"


@pytest.mark.parametrize(
    "forge", [an_approval_made_elsewhere, her_approval_once_more, bytes_that_are_nothing]
)
def test_a_sign_off_laid_in_for_the_second_signatory_decides_nothing(tmp_path, forge):
    room = JointRoom(tmp_path / "office")
    room.sign(SIGNATORY, 1)
    room.lay(HIS, forge(room, tmp_path))
    key = room.case.key(HIS)

    with pytest.raises(SignOffRefused) as raised:
        room.decisions()

    assert (raised.value.code, raised.value.where) == ("sign-off-foreign", key)
    assert str(room.case.decisions(1)).startswith("1 of 2 have signed")
    assert room.state() is State.AWAITING_SIGN_OFF
    assert {("added", key), ("sign-off-invalid", key)} == set(room.differences())
    enter_decision(StepRun(room.case, "render-letter"), 1)
    assert key not in room.case.recorded()
    room.path(HIS).unlink()
    room.sign(COLLEAGUE, 2)
    assert room.state() is State.SIGNED
    assert room.differences() == []


def test_a_sign_off_for_the_first_is_none_for_the_second_even_if_the_chain_names_it(room):
    """By somebody who runs the office's own code on a copy of her approval."""
    room.sign(SIGNATORY, 1)
    StepRun(room.case, "sign-off").once_announced(HIS, room.case.get(HER))

    with pytest.raises(SignOffRefused) as raised:
        room.decisions()

    assert (raised.value.code, raised.value.where) == ("challenge-mismatch", room.case.key(HIS))
    assert ("sign-off-invalid", room.case.key(HIS)) in room.differences()


@pytest.mark.parametrize("name", ["signoff.json", "signoff-3.json", "confirmation-3-1.json"])
def test_verify_tells_of_a_sign_off_of_nobody_even_if_the_chain_names_it(room, name):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2)
    StepRun(room.case, "sign-off").once_announced(f"r1/{name}", room.case.get(HER))

    assert room.differences() == [("sign-off-invalid", room.case.key(f"r1/{name}"))]


def test_the_one_sign_off_of_former_days_is_not_enough_for_two(room):
    room.sign(SIGNATORY, 1)
    StepRun(room.case, "sign-off").once_announced("r1/signoff.json", room.case.get(HER))

    assert room.state() is State.AWAITING_SIGN_OFF


def test_verify_tells_whose_approval_of_an_archived_letter_is_gone(room):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2)
    send_out(room.case, 1)
    room.path(HIS).unlink()

    found = room.differences()

    assert ("missing", room.case.key(HIS)) in found
    assert ("sign-off-invalid", room.case.key(HIS)) in found


def test_a_letter_whose_signatories_were_altered_waits_and_can_not_be_signed(room):
    """One of the two names is taken out of the letter, where it lies."""
    room.sign(SIGNATORY, 1)
    question = room.ask(COLLEAGUE, 2)
    letter = json.loads(room.case.get("r1/letter.json"))
    letter["signatories"] = letter["signatories"][:1]
    room.lay("r1/letter.json", json.dumps(letter).encode())

    assert room.state() is State.AWAITING_SIGN_OFF
    for work in (room.decisions, lambda: room.answer(COLLEAGUE, 2, question)):
        with pytest.raises(SignOffRefused) as raised:
            work()
        assert raised.value.code == "pack-stale"
    assert ("changed", room.case.key("r1/letter.json")) in room.differences()


# A key that is revoked.


@pytest.fixture
def signed(room):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2)
    return room


def test_a_key_of_one_of_two_that_is_revoked_freezes_the_letter_until_confirmed(signed):
    signed.lose_key_of(COLLEAGUE)

    with pytest.raises(ApprovalFrozen) as raised:
        require_not_frozen(signed.case, 1)
    assert "Tobias Reyne" in raised.value.message
    assert frozen_letters(signed.office) == [(REFERENCE, 1)]
    assert [frozen.part.number for frozen in freezing(signed.case, 1)] == [2]

    signed.enrol(COLLEAGUE)
    confirmation = signed.sign(COLLEAGUE, 2)

    require_not_frozen(signed.case, 1)
    assert signed.decisions().part(2).sign_off == confirmation
    assert signed.case.sign_off_names(1) == [HER, HIS, "r1/confirmation-2-1.json"]
    assert signed.ledger()[-1] == ("confirmed", "confirmation-2-1.json")
    assert send_out(signed.case, 1)
    assert signed.differences() == []


def test_both_keys_revoked_both_confirm(signed):
    for inspector in (SIGNATORY, COLLEAGUE):
        signed.lose_key_of(inspector)
        signed.enrol(inspector)

    signed.sign(COLLEAGUE, 2)
    with pytest.raises(ApprovalFrozen) as raised:
        require_not_frozen(signed.case, 1)
    assert "Harriet Elmsley" in raised.value.message
    signed.sign(SIGNATORY, 1)

    require_not_frozen(signed.case, 1)
    assert send_out(signed.case, 1)
    assert signed.differences() == []


def test_who_was_not_frozen_confirms_nothing(signed):
    signed.lose_key_of(COLLEAGUE)

    with pytest.raises(CommandRefused) as raised:
        signed.sign(SIGNATORY, 1)

    assert raised.value.code == "already-decided"


def test_a_key_revoked_while_the_other_is_still_waited_for_can_be_confirmed_at_once(room):
    room.sign(SIGNATORY, 1)
    room.lose_key_of(SIGNATORY)
    today = room.office.clock().date()
    assert [str(one) for one in awaited_signers(room.case, 1, today)] == [
        "Harriet Elmsley",
        "Tobias Reyne",
    ]

    room.enrol(SIGNATORY)
    room.sign(SIGNATORY, 1)

    assert room.state() is State.AWAITING_SIGN_OFF
    assert freezing(room.case, 1) == ()
    room.sign(COLLEAGUE, 2)
    require_not_frozen(room.case, 1)
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_a_frozen_approval_stays_frozen_when_the_last_signs(room):
    room.sign(SIGNATORY, 1)
    room.lose_key_of(SIGNATORY)

    room.sign(COLLEAGUE, 2)

    assert room.state() is State.SIGNED
    with pytest.raises(ApprovalFrozen):
        require_not_frozen(room.case, 1)


def test_what_one_of_two_returned_is_not_frozen_by_the_others_key(room):
    room.sign(SIGNATORY, 1)
    room.sign(COLLEAGUE, 2, Decision.RETURN, WHY)
    room.lose_key_of(SIGNATORY)

    assert freezing(room.case, 1) == ()


def test_a_delegate_confirms_for_the_signatory_they_stand_for_only(signed):
    signed.lose_key_of(COLLEAGUE)
    given_leave(signed, "stone", SIGNATORY)
    with pytest.raises(SignOffRefused) as raised:
        signed.sign("stone", 2)
    assert raised.value.code == "not-entitled"

    given_leave(signed, "stone", COLLEAGUE)
    signed.sign("stone", 2)

    require_not_frozen(signed.case, 1)
    assert signed.differences() == []


# Sample inspectors.


def as_sample(room, inspector_id, **said):
    return sign_as_sample(
        room.case,
        1,
        inspector_id=inspector_id,
        decision=Decision.APPROVE,
        comments="",
        is_as_packed=require_as_packed,
        **said,
    )


def test_sample_inspectors_sign_each_for_themselves(room):
    assert as_sample(room, COLLEAGUE).statement.signatory == 2
    assert as_sample(room, SIGNATORY).statement.signatory == 1

    assert decide(room.case, 1).decision is Decision.APPROVE


def test_a_delegate_of_two_says_for_whom(room):
    given_leave(room, "stone", SIGNATORY)
    given_leave(room, "stone", COLLEAGUE)

    with pytest.raises(UsageError) as raised:
        as_sample(room, "stone")
    assert raised.value.code == "signatory-not-named"
    assert "Harriet Elmsley and Tobias Reyne" in raised.value.remedy

    assert as_sample(room, "stone", on_behalf_of="Tobias Reyne").statement.signatory == 2
    # One is left: nobody need be named.
    assert as_sample(room, "stone").statement.signatory == 1


@pytest.mark.parametrize("named", ["2", "Tobias Reyne", "treyne"])
def test_a_signatory_is_named_by_number_name_or_id(room, named):
    assert part_named(room.case, 1, named).number == 2


@pytest.mark.parametrize("named", ["3", "0", "Tobias", "stone", "None", "", None])
def test_what_names_no_signatory_is_refused(room, named):
    with pytest.raises(UsageError) as raised:
        part_named(room.case, 1, named)

    assert raised.value.code == "signatory-not-named"
    assert "Harriet Elmsley and Tobias Reyne" in raised.value.remedy


def test_someone_who_signs_for_nobody_is_told_so(room):
    with pytest.raises(SignOffRefused) as raised:
        part_to_sign(room.case, 1, room.office.register.inspector("stone"))

    assert raised.value.code == "not-entitled"


def test_a_delegation_of_yesterday_signs_nothing_today(room):
    given_leave(room, "stone", COLLEAGUE)
    room.key_of("stone")
    room.office.clock.advance(timedelta(days=1).total_seconds())

    with pytest.raises(SignOffRefused) as raised:
        room.sign("stone", 2)

    assert raised.value.code == "not-entitled"


# Killed between the two sign-offs, or in the middle of either.


class Killed(BaseException):
    """The process ends here."""


def test_what_a_crash_left_of_the_second_decision_is_taken_up(room, monkeypatch):
    """The process died after the sign-off was stored, before the chain named it."""
    room.sign(SIGNATORY, 1)
    question = room.ask(COLLEAGUE, 2)

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(StepRun, "name_object", die)
        with pytest.raises(Killed):
            room.answer(COLLEAGUE, 2, question)

    report = verify_office(as_another_process(room.office))
    assert (report.differences, report.open_objects) == ((), (room.case.key(HIS),))
    assert room.state() is State.SIGNED
    assert room.ledger() == [("opened", "case.json")]
    assert send_out(room.case, 1)
    assert Counter(room.ledger())["signed", "signoff-2.json"] == 1
    assert room.differences() == []


class Points:
    """Comes to the points of a process, and ends it at one of them."""

    def __init__(self, kill_at=None):
        self.kill_at, self.reached = kill_at, 0

    def reach(self, _):
        if self.reached == self.kill_at:
            raise Killed
        self.reached += 1


def sign_in_turn(case):
    """What the commands of two inspectors do, and each finds done what was done before."""
    for inspector in (SIGNATORY, COLLEAGUE):
        try:
            sign_as_sample(case, 1, inspector_id=inspector, decision=Decision.APPROVE, comments="")
        except CommandRefused as refusal:
            assert refusal.code == "already-decided"  # noqa: PT017 -- both ends are checked


def test_wherever_a_process_is_killed_each_decision_is_kept_once(tmp_path, monkeypatch):
    waiting = JointRoom(tmp_path / "waiting")
    for inspector in (SIGNATORY, COLLEAGUE):
        waiting.key_of(inspector)
    numbers = count()

    def a_case():
        root = copied(waiting.root, tmp_path / f"{next(numbers)}")
        office = a_sample_office(root, register=waiting.office.register)
        office.clock.advance(60)
        return Case(office, REFERENCE)

    points = Points()
    with monkeypatch.context() as patched:
        patched.setattr(faults, "_faults", points)
        sign_in_turn(a_case())
    assert points.reached > 30

    for kill_at in range(points.reached):
        case = a_case()
        with monkeypatch.context() as patched:
            patched.setattr(faults, "_faults", Points(kill_at))
            with pytest.raises(Killed):
                sign_in_turn(case)
        room = JointRoom.__new__(JointRoom)
        room.case, room.revision = Case(as_another_process(case.office), REFERENCE), 1
        before = room.decisions().sign_offs

        sign_in_turn(room.case)
        enter_decision(StepRun(room.case, "prepare-pack"), 1)

        assert [one for one in before if one not in room.decisions().sign_offs] == []
        assert room.state() is State.SIGNED
        assert set(room.ledger()[1:]) == {("signed", "signoff-2.json")}
        assert room.differences() == []
