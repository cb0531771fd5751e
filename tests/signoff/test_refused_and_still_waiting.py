"""Whatever is refused leaves the letter waiting, with the reason in its case."""

import json
import shutil
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tasks.templating
import tasks.typesetting
from letters.case import CommandRefused, State
from letters.refusals import QuestionInvalid, SignOffRefused
from letters.signoff import Decision, SignOff, base64url, from_base64url
from tasks.case.folder import FolderStore
from tasks.case.ledger import enter_decision
from tasks.case.record import StepRun
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import decisions_on
from tasks.signoff.delegations import delegate
from tasks.signoff.inspectors import revoke
from tasks.signoff.questions import QUESTION_LIFE
from tasks.signoff.signers import signers
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    a_sample_office,
    as_another_process,
    copied,
    decide,
    in_other_words,
    send_out,
    sign_off_on,
    submit,
)
from tests.signoff.authenticator import PRESENT, VERIFIED
from tests.signoff.signing_room import ANOTHER_DRAFT, SIGNATORY, SigningRoom, a_passkey, enrolled

WHY = "Page 2: “timely” is not what I wrote."


def test_the_right_inspector_signs_and_the_letter_goes_on(room):
    signed = room.sign()

    assert room.decision() == signed
    assert room.case.state(1) is State.SIGNED
    assert room.refusals() == []
    told = [e.event for e in room.case.chain.entries() if e.step == "sign-off"]
    assert told == ["started", "announced", "stored", "ledgered", "completed"]
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_a_return_needs_comments_and_keeps_them(room):
    signed = room.sign(Decision.RETURN, WHY)

    assert room.decision() == signed
    assert signed.comments == WHY
    assert room.case.state(1) is State.RETURNED


def test_a_server_that_was_started_again_takes_the_answer(room):
    question = room.ask()
    response = room.key.answer_to(question.statement)
    room.case = type(room.case)(as_another_process(room.office), room.case.reference)

    assert room.answer(question, response=response) == room.decision()


def test_signers_are_those_whose_names_are_printed(room):
    today = room.office.clock().date()

    assert [one.inspector for one in signers(room.case, 1, today)] == [room.inspector(SIGNATORY)]


def test_a_real_inspector_of_that_name_does_not_sign_a_sample_letter(room):
    real = room.inspector().model_copy(update={"sample": False})
    register = room.office.register.model_copy(update={"inspectors": (real,)})
    office = a_sample_office(room.office.root, register=register)
    case = type(room.case)(office, room.case.reference)

    assert signers(case, 1, office.clock().date()) == ()


# What is refused. Each function does what must be refused, and ends in the refusal.

TABLE = []


def refused(code):
    def enter(do):
        name = do.__name__.replace("_", " ")
        TABLE.append(pytest.param(do, code, id=f"{name} is refused: {code}"))
        return do

    return enter


@refused("comments-missing")
def a_return_without_comments(room):
    room.ask(Decision.RETURN, " \n")


@refused("not-entitled")
def another_inspector(room):
    enrolled(room.office, COLLEAGUE)
    room.ask(by=COLLEAGUE)


@refused("challenge-mismatch")
def an_answer_by_another_inspector(room):
    key, _ = enrolled(room.office, COLLEAGUE)
    question = room.ask()
    room.answer(question, response=key.answer_to(question.statement), by=COLLEAGUE)


@refused("key-unknown")
def another_inspectors_key(room):
    key, _ = enrolled(room.office, COLLEAGUE)
    question = room.ask()
    room.answer(question, response=key.answer_to(question.statement))


@refused("key-unknown")
def a_key_that_nobody_enrolled(room):
    question = room.ask()
    room.answer(question, response=a_passkey(room.office).answer_to(question.statement))


@refused("key-unknown")
def an_enrolment_laid_in_by_hand(room):
    """Someone writes their own key into the inspector's folder."""
    forger = SigningRoom(room.office.root / "forger")
    (path,) = forger.office.root.glob(
        f"archive/inspectors/{SIGNATORY}/" + "[0-9a-f]" * 32 + ".json"
    )
    shutil.copy(path, room.office.root / "archive" / "inspectors" / SIGNATORY)
    question = room.ask()
    room.answer(question, response=forger.key.answer_to(question.statement))


@refused("key-revoked")
def a_revoked_key(room):
    revoke(room.office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")
    room.ask()


@refused("key-revoked")
def a_key_revoked_while_the_page_stood_open(room):
    question = room.ask()
    revoke(room.office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")
    room.answer(question)


@refused("user-not-verified")
def user_verification_off(room):
    question = room.ask()
    room.answer(question, response=room.key.answer_to(question.statement, flags=PRESENT))


@refused("user-not-verified")
def nobody_present(room):
    question = room.ask()
    room.answer(question, response=room.key.answer_to(question.statement, flags=VERIFIED))


@refused("wrong-origin")
def another_origin(room):
    question = room.ask()
    origin = "http://localhost.example:8377"
    room.answer(question, response=room.key.answer_to(question.statement, origin=origin))


@refused("wrong-relying-party")
def another_relying_party(room):
    question = room.ask()
    room.answer(question, response=room.key.answer_to(question.statement, rp_id="example.org"))


@refused("challenge-mismatch")
def the_assertion_of_another_letter(room):
    other, revision = submit(room.office, ANOTHER_DRAFT)
    theirs = room.ask(case=other, revision=revision)
    room.answer(room.ask(), response=room.key.answer_to(theirs.statement))


@refused("challenge-mismatch")
def question_and_assertion_of_another_letter(room):
    other, revision = submit(room.office, ANOTHER_DRAFT)
    room.answer(room.ask(case=other, revision=revision))


@refused("challenge-mismatch")
def the_assertion_of_another_decision(room):
    returned = room.ask(Decision.RETURN, WHY)
    room.answer(room.ask(), response=room.key.answer_to(returned.statement))


@refused("challenge-mismatch")
def the_assertion_for_other_comments(room):
    other = room.ask(Decision.RETURN, "All is well.")
    room.answer(room.ask(Decision.RETURN, WHY), response=room.key.answer_to(other.statement))


@refused("challenge-mismatch")
def the_assertion_of_the_same_question_asked_before(room):
    earlier = room.ask()
    room.answer(room.ask(), response=room.key.answer_to(earlier.statement))


@refused("challenge-mismatch")
def the_assertion_of_another_round(room):
    earlier = a_round_before(room)
    room.answer(room.ask(), response=room.key.answer_to(earlier.statement))


@refused("challenge-mismatch")
def question_and_assertion_of_another_round(room):
    room.answer(a_round_before(room))


def a_round_before(room):
    """An approval asked for in the round before, which ended with a return."""
    earlier = room.ask()
    room.sign(Decision.RETURN, WHY)
    _, room.revision = submit(room.office, in_other_words())
    return earlier


@refused("superseded")
def a_superseded_pack(room):
    question = room.ask()
    _, latest = submit(room.office, in_other_words())
    try:
        room.answer(question)
    finally:
        assert decisions_on(room.case, 1).decision is None
        room.revision = latest


@refused("question-expired")
def an_answer_that_came_too_late(room):
    question = room.ask()
    room.office.clock.advance((QUESTION_LIFE + timedelta(seconds=1)).total_seconds())
    room.answer(question)


@refused("question-invalid")
def a_question_with_other_comments(room):
    written, mark = room.ask(Decision.RETURN, WHY).sealed.split(".")
    said = json.loads(from_base64url(written)) | {"comments": "All is well."}
    room.answer(room.ask(), sealed=f"{base64url(json.dumps(said).encode())}.{mark}")


@refused("question-invalid")
def a_question_that_another_office_asked(room):
    another = SigningRoom(room.office.root / "another")
    room.answer(room.ask(), sealed=another.ask().sealed)


@refused("response-invalid")
def an_answer_that_is_no_object(room):
    question = room.ask()
    response = room.key.answer_to(question.statement)
    room.answer(question, response={**response, "response": ["no", "object"]})


@refused("key-unknown")
def an_answer_that_is_a_list(room):
    room.answer(room.ask(), response=["no", "object"])


@pytest.mark.parametrize(("do", "code"), TABLE)
def test_refused_and_still_waiting(room, do, code):
    with pytest.raises((SignOffRefused, CommandRefused)) as raised:
        do(room)

    assert raised.value.code == code
    assert raised.value.remedy
    assert room.refusals() == [code]
    assert room.case.state(room.revision) is State.AWAITING_SIGN_OFF
    assert room.decision() is None
    if code == "key-revoked":
        room.key, _ = enrolled(room.office, SIGNATORY)
    assert room.sign() == room.decision()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(at=st.integers(0, 10_000), to=st.characters(codec="utf-8"))
def test_a_question_with_one_character_changed_is_none(room, at, to):
    question = room.ask()
    at %= len(question.sealed)
    sealed = question.sealed[:at] + to + question.sealed[at + 1 :]
    if sealed == question.sealed:
        return

    with pytest.raises(QuestionInvalid):
        room.answer(question, sealed=sealed)


@pytest.mark.parametrize("sealed", ["", ".", "e30.", "W10.AAAA", "x" * 200_000, "é.é", "bnVsbA.a"])
def test_what_is_no_question_at_all_is_none(room, sealed):
    with pytest.raises(QuestionInvalid):
        room.answer(room.ask(), sealed=sealed)


# What lies in the case, altered after the proof.


def one_byte(data):
    """Change one letter in the middle of a word, so that the rest can still be read."""
    at = data.rindex(b"e", 0, len(data) // 2)
    return data[:at] + b"o" + data[at + 1 :]


ALTERED = [
    pytest.param("letter.json", one_byte, id="one letter of the words"),
    pytest.param("letter.json", lambda data: data + b" ", id="a blank after the letter"),
    pytest.param("letter.json", lambda data: data[:-3], id="the end of the letter"),
    pytest.param("recipients.json", lambda d: d.replace(b"chief", b"thief"), id="an address"),
    pytest.param("draft/cleared.json", lambda data: b"[] \n", id="the doubts that were cleared"),
    pytest.param("pack.json", lambda d: d.replace(b'"layout":1', b'"layout":2'), id="the pack"),
    pytest.param("proof.pdf", one_byte, id="one byte of the proof"),
    pytest.param("proof.pdf", lambda data: None, id="the proof is gone"),
]


@pytest.mark.parametrize(("name", "alter"), ALTERED)
@pytest.mark.parametrize("when", ["before the question", "between question and answer"])
def test_what_was_altered_after_the_proof_can_not_be_signed(room, name, alter, when):
    question = room.ask()
    path = room.path(f"r1/{name}")
    before = path.read_bytes()
    altered = alter(before)
    path.unlink()
    if altered is not None:
        room.lay(f"r1/{name}", altered)

    with pytest.raises(SignOffRefused) as raised:
        room.ask() if when == "before the question" else room.answer(question)

    assert raised.value.code == "pack-stale"
    assert name in raised.value.message
    assert room.refusals() == ["pack-stale"]
    assert room.case.find("r1/signoff.json") is None
    found = {key for _, key in room.differences()}
    assert room.case.key(f"r1/{name}") in found

    room.lay(f"r1/{name}", before)
    assert room.case.state(1) is State.AWAITING_SIGN_OFF
    assert room.sign() == room.decision()


@pytest.mark.parametrize(
    ("template", "old", "new", "part"),
    [
        pytest.param("letter.typ", "Page ", "Sheet ", "the PDF", id="the PDF's template"),
        pytest.param(
            "letter.typ",
            "marks.join(linebreak())",
            "marks.join([ ])",
            "was: the proof.",
            id="the proof's marks alone",
        ),
        pytest.param("letter.html.j2", "<body", "<body class='x'", "the HTML", id="the HTML's"),
        pytest.param("letter.txt.j2", "Copy:", "Copies:", "the plain text", id="the text's"),
        pytest.param(
            "email/director.txt.j2",
            "attached",
            "enclosed",
            "the covering e-mails",
            id="an e-mail's",
        ),
    ],
)
def test_a_template_changed_after_the_proof_can_not_be_signed(
    room, monkeypatch, tmp_path, template, old, new, part
):
    question = room.ask()
    shutil.copytree(tasks.templating.TEMPLATES, tmp_path / "templates")
    path = tmp_path / "templates" / template
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")

    with monkeypatch.context() as patched:
        patched.setattr(tasks.templating, "TEMPLATES", tmp_path / "templates")
        patched.setattr(tasks.typesetting, "TEMPLATES", tmp_path / "templates")
        forget_templates()
        with pytest.raises(SignOffRefused) as raised:
            room.answer(question)
    forget_templates()

    assert raised.value.code == "pack-stale"
    assert part in raised.value.message
    assert room.case.state(1) is State.AWAITING_SIGN_OFF
    assert room.answer(question) == room.decision()


def forget_templates():
    """As in a process that begins."""
    tasks.templating._environment.cache_clear()
    tasks.typesetting._typesetter.cache_clear()


def test_as_packed_says_nothing_of_a_revision_that_is(room):
    assert require_as_packed(room.case, 1) is None
    room.sign()
    send_out(room.case, 1)
    assert require_as_packed(room.case, 1) is None


# A decision that was laid in by hand.


def bytes_that_are_nothing(room, tmp_path):
    return b"\x00 no sign-off"


def a_sign_off_by_a_key_that_nobody_enrolled(room, tmp_path):
    forger = SigningRoom(tmp_path / "forger")
    forger.sign()
    return forger.case.get("r1/signoff.json")


def a_sign_off_that_the_inspectors_own_key_made(room, tmp_path):
    """It checks out in every way; only, no step of the office took it."""
    copy = a_sample_office(copied(room.office.root, tmp_path / "copy"), clock=room.office.clock)
    elsewhere = SigningRoom.__new__(SigningRoom)
    elsewhere.case, elsewhere.revision = type(room.case)(copy, room.case.reference), 1
    elsewhere.key = room.key
    elsewhere.sign()
    return elsewhere.case.get("r1/signoff.json")


def a_sign_off_whose_signature_is_another(room, tmp_path):
    made = json.loads(a_sign_off_that_the_inspectors_own_key_made(room, tmp_path))
    return json.dumps(made | {"signature": "AAAA"}).encode()


FORGED = [
    pytest.param(forged, id=forged.__name__.replace("_", " "))
    for forged in (
        bytes_that_are_nothing,
        a_sign_off_by_a_key_that_nobody_enrolled,
        a_sign_off_that_the_inspectors_own_key_made,
        a_sign_off_whose_signature_is_another,
    )
]


@pytest.mark.parametrize("forge", FORGED)
class TestLaidInByHand:
    @pytest.fixture
    def forged(self, room, forge, tmp_path):
        room.lay("r1/signoff.json", forge(room, tmp_path))
        return room.case.key("r1/signoff.json")

    def test_it_is_refused_and_the_letter_still_waits(self, room, forged):
        with pytest.raises(SignOffRefused) as raised:
            room.decision()

        assert (raised.value.code, raised.value.where) == ("sign-off-foreign", forged)
        assert room.case.state(1) is State.AWAITING_SIGN_OFF
        assert sign_off_on(room.case) is None

    def test_verify_finds_it(self, room, forged):
        found = room.differences()

        assert {("added", forged), ("sign-off-invalid", forged)} <= set(found)

    def test_nothing_takes_it_for_what_a_crash_left(self, room, forged):
        StepRun(room.case, "sign-off").begin()
        enter_decision(StepRun(room.case, "render-letter"), 1)
        for attempt in (room.ask, lambda: decide(room.case, 1), lambda: as_sample(room)):
            with pytest.raises(SignOffRefused):
                attempt()
        submit(room.office, in_other_words())
        case, revision = submit(room.office, in_other_words())
        room.revision = revision
        room.sign()
        assert send_out(case, revision)

        assert forged not in case.recorded()
        assert {("added", forged), ("sign-off-invalid", forged)} == set(room.differences())

    def test_taken_away_it_leaves_the_letter_to_its_inspector(self, room, forged):
        room.path("r1/signoff.json").unlink()

        assert room.sign() == room.decision()
        assert room.differences() == []


def as_sample(room):
    return sign_as_sample(
        room.case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments=""
    )


class Killed(BaseException):
    """The process ends here."""


def test_what_a_crash_left_of_a_decision_is_taken_up(room, monkeypatch):
    """The process died after the sign-off was stored, before the chain named it."""

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(StepRun, "name_object", die)
        with pytest.raises(Killed):
            room.sign()

    assert room.case.key("r1/signoff.json") not in room.case.recorded()
    assert room.differences() == []
    assert room.case.state(1) is State.SIGNED
    assert room.decision() == SignOff.model_validate_json(room.case.get("r1/signoff.json"))
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_what_was_announced_and_then_replaced_decides_nothing(room, monkeypatch):
    """The process died before the sign-off was stored; someone laid another in its place."""

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "put", die_at("signoff.json", die))
        with pytest.raises(Killed):
            room.sign()
    room.lay("r1/signoff.json", b"{}")

    assert room.case.state(1) is State.AWAITING_SIGN_OFF
    assert ("added", room.case.key("r1/signoff.json")) in room.differences()


def die_at(name, die):
    put = FolderStore.put
    return lambda store, key, data: die() if key.endswith(name) else put(store, key, data)


def test_the_second_of_two_answers_is_told_that_it_is_decided(room):
    first, second = room.ask(), room.ask(Decision.RETURN, WHY)
    kept = room.answer(first)

    with pytest.raises(CommandRefused) as raised:
        room.answer(second)

    assert raised.value.code == "already-decided"
    assert room.decision() == kept


def test_after_the_closing_a_refusal_adds_nothing_to_the_case(room):
    question = room.ask()
    room.answer(question)
    send_out(room.case, 1)
    before = room.case.chain.head()

    with pytest.raises(CommandRefused):
        room.answer(question)

    assert room.case.chain.head() == before
    assert room.differences() == []


@pytest.fixture
def renamed(room):
    """The register renamed the signatory after she enrolled; a letter bears the new name."""
    register = room.office.register
    name = room.inspector().model_copy(update={"name": "Harriet Oakes"})
    others = tuple(i for i in register.inspectors if i.id != SIGNATORY)
    office = a_sample_office(
        room.office.root,
        register=register.model_copy(update={"inspectors": (name, *others)}),
        clock=room.office.clock,
    )
    draft = ANOTHER_DRAFT.replace(b"Harriet Elmsley", b"Harriet Oakes")
    room.case, room.revision = submit(office, draft)
    return room


def offered(question):
    return [key["id"] for key in question.options["allowCredentials"]]


def test_a_key_of_a_former_name_is_refused_before_it_is_asked_for(renamed):
    with pytest.raises(SignOffRefused) as raised:
        renamed.ask()

    assert raised.value.code == "key-outdated"
    assert "Harriet Elmsley" in raised.value.message
    assert f"letters inspectors enrol {SIGNATORY}" in raised.value.remedy
    assert renamed.refusals() == ["key-outdated"]


def test_only_keys_of_a_name_that_may_sign_are_offered(renamed):
    renamed.key, enrolment = enrolled(renamed.office, SIGNATORY)

    assert offered(renamed.ask()) == [enrolment.credential_id]
    assert renamed.sign() == renamed.decision()


def test_a_key_of_a_former_name_that_answers_all_the_same_decides_nothing(renamed):
    """What later checks would not count must not be kept."""
    former = renamed.key
    enrolled(renamed.office, SIGNATORY)

    with pytest.raises(SignOffRefused) as raised:
        renamed.sign(key=former)

    assert raised.value.code == "not-entitled"
    assert renamed.case.find("r1/signoff.json") is None


def test_a_delegate_who_was_renamed_signs_with_the_key_they_have(renamed):
    """A delegate signs by their id, and their name stands nowhere in the letter."""
    office, today = renamed.office, renamed.office.clock().date()
    key, enrolment = enrolled(office, COLLEAGUE)
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today)
    register = office.register
    inspectors = tuple(
        i.model_copy(update={"name": f"{i.name} Oakes"}) if i.id == COLLEAGUE else i
        for i in register.inspectors
    )
    office = a_sample_office(
        office.root,
        register=register.model_copy(update={"inspectors": inspectors}),
        clock=office.clock,
    )
    renamed.case = type(renamed.case)(office, renamed.case.reference)

    assert offered(renamed.ask(by=COLLEAGUE)) == [enrolment.credential_id]
    assert renamed.sign(by=COLLEAGUE, key=key) == renamed.decision()


# The same refusal again and again.


def refuse(room, *, comments="", by=SIGNATORY):
    with pytest.raises(SignOffRefused):
        room.ask(Decision.RETURN, comments, by=by)


@pytest.mark.parametrize(
    ("again", "noted"),
    [
        pytest.param(lambda room: refuse(room), ["comments-missing"], id="the same at once"),
        pytest.param(
            lambda room: (room.office.clock.advance(601), refuse(room)),
            ["comments-missing"] * 2,
            id="the same after ten minutes",
        ),
        pytest.param(
            lambda room: refuse(room, by=COLLEAGUE),
            ["comments-missing", "not-entitled"],
            id="another code and inspector",
        ),
        pytest.param(
            lambda room: [refuse(room, by=by) for by in [COLLEAGUE, SIGNATORY] * 9],
            ["comments-missing", "not-entitled"],
            id="two in turn",
        ),
    ],
)
def test_the_same_refusal_is_noted_once_in_ten_minutes(room, again, noted):
    refuse(room)
    before = len(room.case.chain.entries())

    again(room)

    assert room.refusals() == noted
    assert len(room.case.chain.entries()) == before + 2 * (len(noted) - 1)


def test_the_same_refusal_of_another_revision_is_another(room):
    refuse(room)
    room.case, room.revision = submit(room.office, in_other_words())

    refuse(room)

    noted = [e.detail["revision"] for e in room.case.chain.entries() if e.event == "refused"]
    assert noted == [1, 2]
