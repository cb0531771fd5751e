"""The values of a sign-off, and the rule of who may sign."""

import hashlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from letters.entitlement import Delegation, entitlement
from letters.letter import Addressee as Director
from letters.letter import Authority, Letter, Letterhead, Signatory
from letters.refusals import CommentsMissing, KeyUnknown, NotEntitled, NotSample, SignOffRefused
from letters.register import Inspector
from letters.signoff import (
    Decision,
    Enrolment,
    Entitlement,
    Revocation,
    SignOff,
    Statement,
    base64url,
    challenge,
    check_comments,
    comments_sha256,
    from_base64url,
    require_enrolled,
    revocation_of,
    statement_about,
)

A_KEY = base64url(bytes(range(32)))
ANOTHER_KEY = base64url(bytes(range(1, 33)))


def a_statement(**changes):
    fields = {
        "reference": "CRA-WIRRAL-2010-07-20",
        "revision": 1,
        "pack": "ab" * 32,
        "decision": Decision.APPROVE,
        "comments_sha256": hashlib.sha256(b"").hexdigest(),
        "inspector": "jgwilt",
        "nonce": base64url(bytes(16)),
        "at": "2010-08-18T09:00:00.000Z",
    }
    return Statement(**{**fields, **changes})


def an_enrolment(**changes):
    fields = {
        "inspector": "jgwilt",
        "name": "Jenny Gwilt",
        "credential_id": A_KEY,
        "public_key": "AAAA",
        "public_key_pem": "-----BEGIN PUBLIC KEY-----",
        "sample": True,
        "backup_eligible": False,
        "backed_up": False,
        "rp_id": "localhost",
        "origin": "http://localhost:8010",
        "at": "2010-08-01T09:00:00.000Z",
        "attestation_object": "AAAA",
        "client_data_json": "AAAA",
    }
    return Enrolment(**{**fields, **changes})


def a_sign_off(**changes):
    fields = {
        "statement": a_statement(),
        "comments": "",
        "credential_id": A_KEY,
        "client_data_json": "AAAA",
        "authenticator_data": "AAAA",
        "signature": "AAAA",
        "enrolment": an_enrolment(),
        "entitled_as": Entitlement.SIGNATORY,
        "claimed_name": "Jenny",
    }
    return SignOff(**{**fields, **changes})


def a_letter(*signatories, sample=True):
    return Letter(
        reference="CRA-WIRRAL-2010-07-20",
        kind="contact-referral-assessment",
        kind_title="Inspection of contact, referral and assessment",
        authority=Authority(code="wirral", name="Wirral Council", short_name="Wirral"),
        sample=sample,
        letterhead=Letterhead(organisation="Ofsted"),
        date=date(2010, 8, 18),
        addressees=(Director(role="director", name="Howard Cooper"),),
        salutation="Dear Mr Cooper",
        subject="Annual unannounced inspection",
        opening=(),
        sections=(),
        closing=(),
        valediction="Yours sincerely",
        signatories=tuple(Signatory(name=n, title="HMI") for n in signatories),
        copies=(),
    )


def an_inspector(inspector_id, name, *, sample=True):
    return Inspector(id=inspector_id, name=name, email="hmi@inspectorate.example", sample=sample)


GWILT = an_inspector("jgwilt", "Jenny Gwilt")
ANOTHER = an_inspector("another", "Another Inspector")
DELEGATION = Delegation(
    signatory="Jenny Gwilt",
    delegate="another",
    first_day=date(2010, 8, 16),
    last_day=date(2010, 8, 20),
    at="2010-08-15T09:00:00.000Z",
    actor="anna@desk",
)


def test_the_challenge_is_the_hash_of_the_statement_as_anyone_can_write_it():
    statement = a_statement()

    written = (
        '{"at":"2010-08-18T09:00:00.000Z","comments_sha256":"'
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        '","decision":"approve","inspector":"jgwilt","layout":1,'
        '"nonce":"AAAAAAAAAAAAAAAAAAAAAA","pack":"' + "ab" * 32 + '",'
        '"reference":"CRA-WIRRAL-2010-07-20","revision":1}'
    )

    assert challenge(statement) == hashlib.sha256(written.encode()).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "CRA-WIRRAL-2010-07-21"},
        {"revision": 2},
        {"pack": "ac" * 32},
        {"decision": Decision.RETURN},
        {"comments_sha256": "00" * 32},
        {"inspector": "another"},
        {"signatory": 2},
        {"nonce": base64url(bytes(17))},
        {"at": "2010-08-18T09:00:01.000Z"},
    ],
    ids=lambda change: f"another {next(iter(change))} is another challenge",
)
def test_every_field_is_covered_by_the_challenge(change):
    assert challenge(a_statement(**change)) != challenge(a_statement())
    assert set(change) <= set(Statement.model_fields)


def test_the_table_above_names_every_field_but_the_layout():
    names = {"reference", "revision", "pack", "decision", "comments_sha256"}
    names |= {"inspector", "signatory", "nonce", "at"}
    assert set(Statement.model_fields) == names | {"layout"}


def test_the_statement_of_one_of_several_signatories_says_which():
    statement = a_statement(signatory=2)

    written = challenge(statement), statement.model_dump(mode="json")["signatory"]

    assert written == (challenge(Statement.model_validate_json(statement.model_dump_json())), 2)
    assert "signatory" not in a_statement().model_dump(mode="json")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"layout": 2}, id="a layout of the future"),
        pytest.param({"reference": "cra-wirral-2010-07-20"}, id="a reference in lower case"),
        pytest.param({"reference": "CRA-WIRRAL-2010-07-20\n"}, id="a reference with a line feed"),
        pytest.param({"revision": 0}, id="revision nought"),
        pytest.param({"revision": "1"}, id="a revision that is text"),
        pytest.param({"revision": True}, id="a revision that is true"),
        pytest.param({"pack": "AB" * 32}, id="a hash in capitals"),
        pytest.param({"pack": "ab" * 31}, id="a hash cut short"),
        pytest.param({"decision": "perhaps"}, id="a decision that is none"),
        pytest.param({"inspector": "../jgwilt"}, id="an inspector that is a path"),
        pytest.param({"signatory": 0}, id="signatory nought"),
        pytest.param({"signatory": 11}, id="more signatories than a letter can have"),
        pytest.param({"signatory": True}, id="a signatory that is true"),
        pytest.param({"nonce": base64url(bytes(15))}, id="a nonce of fifteen bytes"),
        pytest.param({"nonce": base64url(bytes(65))}, id="a nonce of sixty-five bytes"),
        pytest.param({"nonce": "A" * 21 + "B"}, id="a nonce with stray bits at its end"),
        pytest.param({"nonce": "A" * 22 + "=="}, id="a nonce with padding"),
        pytest.param({"at": "2010-08-18T09:00:00.000+00:00"}, id="a moment spelt otherwise"),
        pytest.param({"at": "2010-08-18T09:00:00Z"}, id="a moment without milliseconds"),
        pytest.param({"at": "2010-08-18T09:00:00.000"}, id="a moment of no time zone"),
        pytest.param({"at": "2010-02-30T09:00:00.000Z"}, id="the thirtieth of February"),
        pytest.param({"approved_by": "jgwilt"}, id="a field that nobody knows"),
    ],
)
def test_a_statement_can_not_hold(change):
    with pytest.raises(ValidationError):
        a_statement(**change)


@given(st.binary(max_size=200))
def test_base64url_reads_back_what_it_wrote(data):
    assert from_base64url(base64url(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("AA==", id="padding"),
        pytest.param("+/AA", id="the other alphabet"),
        pytest.param("AB", id="stray bits at the end"),
        pytest.param("A", id="half a byte"),
        pytest.param("AA AA", id="white space"),
        pytest.param("ÅAAA", id="a letter beyond ASCII"),
    ],
)
def test_base64url_has_one_spelling_only(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the base class is the contract
        from_base64url(text)


@pytest.mark.parametrize(
    ("decision", "comments", "code"),
    [
        pytest.param(Decision.APPROVE, "", None, id="an approval needs no comments"),
        pytest.param(Decision.APPROVE, "Well done.", None, id="an approval may have some"),
        pytest.param(Decision.RETURN, "Page 2: two.", None, id="a return says why"),
        pytest.param(Decision.RETURN, "x" * 20_000, None, id="comments may be long"),
        pytest.param(Decision.RETURN, "", "comments-missing", id="a return without comments"),
        pytest.param(Decision.RETURN, " \n\u00a0", "comments-missing", id="a return of blanks"),
        pytest.param(Decision.APPROVE, "x" * 20_001, "sign-off-refused", id="too long"),
        pytest.param(Decision.APPROVE, "\ud83d", "sign-off-refused", id="half a character"),
    ],
)
def test_comments_fit_the_decision(decision, comments, code):
    if code is None:
        check_comments(decision, comments)
        return

    with pytest.raises(SignOffRefused) as refused:
        check_comments(decision, comments)

    assert refused.value.code == code
    assert refused.value.remedy


def test_a_statement_is_not_even_made_for_a_return_without_comments():
    with pytest.raises(CommentsMissing):
        statement_about(
            reference="CRA-WIRRAL-2010-07-20",
            revision=1,
            pack="ab" * 32,
            decision=Decision.RETURN,
            comments=" ",
            inspector="jgwilt",
            nonce=bytes(16),
            at=datetime(2010, 8, 18, 9, tzinfo=UTC),
        )


def test_a_statement_covers_its_comments_and_moment():
    statement = statement_about(
        reference="CRA-WIRRAL-2010-07-20",
        revision=1,
        pack="ab" * 32,
        decision=Decision.RETURN,
        comments="Café: see page 2.",
        inspector="jgwilt",
        nonce=bytes(16),
        at=datetime(2010, 8, 18, 9, tzinfo=UTC),
    )

    assert statement == a_statement(
        decision=Decision.RETURN, comments_sha256=comments_sha256("Café: see page 2.")
    )


def test_a_sign_off_that_returns_without_comments_can_not_be_built_or_read():
    returned = a_statement(decision=Decision.RETURN)
    with pytest.raises(CommentsMissing):
        a_sign_off(statement=returned)

    kept = a_sign_off(statement=returned, comments="Why").model_dump_json()
    with pytest.raises(CommentsMissing):
        SignOff.model_validate_json(kept.replace('"Why"', '""'))


def test_a_sign_off_reads_back_from_its_file():
    sign_off = a_sign_off()
    assert SignOff.model_validate_json(sign_off.model_dump_json()) == sign_off


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"signature": "A" * 8_196}, id="a signature of six kilobytes"),
        pytest.param({"client_data_json": ""}, id="no client data"),
        pytest.param({"credential_id": "A" * 1_368}, id="a credential id beyond 1,023 bytes"),
        pytest.param({"claimed_name": "x" * 201}, id="a name of two hundred and one letters"),
        pytest.param({"claimed_name": "\ud83d"}, id="a name with half a character"),
        pytest.param({"entitled_as": "friend"}, id="a right that is none"),
    ],
)
def test_a_sign_off_can_not_hold(change):
    with pytest.raises(ValidationError):
        a_sign_off(**change)


def entitled(inspector, letter, **rest):
    return entitlement(
        letter,
        inspector=inspector.id,
        name=inspector.name,
        is_sample=inspector.sample,
        **rest,
    )


@pytest.mark.parametrize(
    ("inspector", "letter", "on", "outcome"),
    [
        pytest.param(
            GWILT,
            a_letter("Jenny Gwilt"),
            date(2010, 8, 18),
            Entitlement.SIGNATORY,
            id="the signatory signs",
        ),
        pytest.param(
            ANOTHER,
            a_letter("Jenny Gwilt"),
            date(2010, 8, 16),
            Entitlement.DELEGATE,
            id="a delegate signs on the first day",
        ),
        pytest.param(
            ANOTHER,
            a_letter("Jenny Gwilt"),
            date(2010, 8, 20),
            Entitlement.DELEGATE,
            id="a delegate signs on the last day",
        ),
        pytest.param(
            ANOTHER,
            a_letter("Jenny Gwilt"),
            date(2010, 8, 15),
            NotEntitled,
            id="a delegate does not sign the day before",
        ),
        pytest.param(
            ANOTHER,
            a_letter("Jenny Gwilt"),
            date(2010, 8, 21),
            NotEntitled,
            id="a delegate does not sign the day after",
        ),
        pytest.param(
            an_inspector("third", "Third Inspector"),
            a_letter("Jenny Gwilt"),
            date(2010, 8, 18),
            NotEntitled,
            id="someone else's delegation is not theirs",
        ),
        pytest.param(
            ANOTHER,
            a_letter("Third Inspector"),
            date(2010, 8, 18),
            NotEntitled,
            id="a delegation of another signatory does not help",
        ),
        pytest.param(
            GWILT,
            a_letter("jenny gwilt"),
            date(2010, 8, 18),
            NotEntitled,
            id="a name spelt otherwise is another name",
        ),
        pytest.param(
            GWILT,
            a_letter("Jenny Gwilt", sample=False),
            date(2010, 8, 18),
            NotSample,
            id="a sample inspector does not sign a real letter",
        ),
        pytest.param(
            an_inspector("jgwilt", "Jenny Gwilt", sample=False),
            a_letter("Jenny Gwilt"),
            date(2010, 8, 18),
            NotSample,
            id="a real inspector does not sign a sample letter",
        ),
        pytest.param(
            an_inspector("jgwilt", "Jenny Gwilt", sample=False),
            a_letter("Jenny Gwilt", sample=False),
            date(2010, 8, 18),
            Entitlement.SIGNATORY,
            id="a real inspector signs a real letter",
        ),
    ],
)
def test_who_may_sign(inspector, letter, on, outcome):
    if isinstance(outcome, Entitlement):
        assert entitled(inspector, letter, on=on, delegations=[DELEGATION]) is outcome
        return

    with pytest.raises(outcome) as refused:
        entitled(inspector, letter, on=on, delegations=[DELEGATION])

    assert refused.value.remedy


JOINT = a_letter("Another Inspector", "Jenny Gwilt")
THIRD = an_inspector("third", "Third Inspector")


@pytest.mark.parametrize(
    ("inspector", "letter", "signatory", "outcome"),
    [
        pytest.param(ANOTHER, JOINT, 1, Entitlement.SIGNATORY, id="the first for themself"),
        pytest.param(GWILT, JOINT, 2, Entitlement.SIGNATORY, id="the second for herself"),
        pytest.param(GWILT, JOINT, 1, NotEntitled, id="the second not for the first"),
        pytest.param(
            ANOTHER,
            JOINT,
            2,
            Entitlement.DELEGATE,
            id="the first for the second, whose delegate they are",
        ),
        pytest.param(GWILT, JOINT, None, NotEntitled, id="nobody for nobody in particular"),
        pytest.param(GWILT, JOINT, 3, NotEntitled, id="nobody for a third signatory of two"),
        pytest.param(THIRD, JOINT, 2, NotEntitled, id="a stranger for nobody"),
        pytest.param(
            GWILT, a_letter("Jenny Gwilt"), 1, NotEntitled, id="an only signatory has no number"
        ),
        pytest.param(
            GWILT,
            a_letter("Jenny Gwilt", "Jenny Gwilt"),
            1,
            Entitlement.SIGNATORY,
            id="of a name that stands twice, its inspector for the first",
        ),
        pytest.param(
            GWILT,
            a_letter("Jenny Gwilt", "Jenny Gwilt"),
            2,
            NotEntitled,
            id="of a name that stands twice, its inspector not for the second",
        ),
    ],
)
def test_who_may_sign_for_whom(inspector, letter, signatory, outcome):
    told = {"on": date(2010, 8, 18), "delegations": [DELEGATION], "signatory": signatory}
    if isinstance(outcome, Entitlement):
        assert entitled(inspector, letter, **told) is outcome
        return

    with pytest.raises(outcome) as refused:
        entitled(inspector, letter, **told)

    assert refused.value.remedy


def test_without_a_delegation_only_the_signatory_signs():
    with pytest.raises(NotEntitled):
        entitled(ANOTHER, a_letter("Jenny Gwilt"), on=date(2010, 8, 18))


def test_a_copied_enrolment_counts_only_if_the_office_keeps_the_same():
    sign_off = a_sign_off()

    require_enrolled(sign_off, [an_enrolment(credential_id=ANOTHER_KEY), an_enrolment()])

    with pytest.raises(KeyUnknown):
        require_enrolled(sign_off, [an_enrolment(public_key="AAAB")])


def test_the_earliest_revocation_of_a_key_is_the_one_that_counts():
    def revoked(key, at):
        return Revocation(inspector="jgwilt", credential_id=key, at=at, why="Lost on a train")

    early = revoked(A_KEY, "2010-09-01T09:00:00.000Z")
    late = revoked(A_KEY, "2010-09-01T09:00:00.500Z")
    other = revoked(ANOTHER_KEY, "2010-08-01T09:00:00.000Z")

    assert revocation_of(A_KEY, [late, other, early]) == early
    assert revocation_of(A_KEY, [other]) is None


def test_the_codes_stay_what_scripts_know():
    known = {error.__name__: error.code for error in SignOffRefused.__subclasses__()}

    assert known == {
        "ResponseInvalid": "response-invalid",
        "ChallengeMismatch": "challenge-mismatch",
        "PackStale": "pack-stale",
        "NotEntitled": "not-entitled",
        "KeyRevoked": "key-revoked",
        "KeyUnknown": "key-unknown",
        "WrongOrigin": "wrong-origin",
        "WrongRelyingParty": "wrong-relying-party",
        "UserNotVerified": "user-not-verified",
        "SignatureInvalid": "signature-invalid",
        "CommentsMissing": "comments-missing",
        "NotSample": "not-sample",
        "SignOffForeign": "sign-off-foreign",
        "ConfirmationUnfounded": "confirmation-unfounded",
        "ApprovalFrozen": "approval-frozen",
        "QuestionInvalid": "question-invalid",
        "QuestionExpired": "question-expired",
        "LinkInvalid": "link-invalid",
        "LinkExpired": "link-expired",
        "InvitationUsed": "invitation-used",
    }
    assert SignOffRefused.code == "sign-off-refused"
