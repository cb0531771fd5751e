"""One table of faults, met twice: when a person signs, and offline years later."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.refusals import ResponseInvalid, SignOffRefused
from letters.signoff import (
    Decision,
    Enrolment,
    Entitlement,
    Revocation,
    SignOff,
    Statement,
    base64url,
    challenge,
    comments_sha256,
    from_base64url,
    statement_about,
)
from tasks.signoff import ceremony
from tasks.signoff.ceremony import (
    creation_options,
    enrolment_from,
    request_options,
    sign_off_from,
)
from tasks.signoff.evidence import check_sign_off, cose_key, public_key_of
from tasks.signoff.software_key import software_key
from tests.signoff.authenticator import (
    BACKED_UP,
    ELIGIBLE,
    ORIGIN,
    PRESENT,
    RP_ID,
    VERIFIED,
    Authenticator,
    authenticator_data,
)

ROOT = Path(__file__).parents[2]
PACK = "ab" * 32
COMMENTS = "Page 2, second strength: “timely” is not what I wrote."
ENROLLED = datetime(2010, 8, 1, 9, tzinfo=UTC)
NOW = datetime(2010, 8, 18, 9, tzinfo=UTC)


KEYS = {
    "ES256": Authenticator(ec.generate_private_key(ec.SECP256R1())),
    "RS256": Authenticator(rsa.generate_private_key(65537, 2048)),
    "EdDSA": Authenticator(ed25519.Ed25519PrivateKey.generate()),
}
KEY = KEYS["ES256"]
OTHER_KEY = Authenticator(ec.generate_private_key(ec.SECP256R1()))


def enrolment_of(key, *, inspector="jgwilt", rp_id=RP_ID, at=ENROLLED):
    return enrolment_from(
        key.register(b"c" * 32, rp_id=rp_id),
        challenge=b"c" * 32,
        inspector=inspector,
        name="Jenny Gwilt",
        rp_id=rp_id,
        origin=ORIGIN,
        at=at,
        sample=True,
    )


def a_statement(**changes) -> Statement:
    fields = {
        "reference": "CRA-WIRRAL-2010-07-20",
        "revision": 1,
        "pack": PACK,
        "decision": Decision.RETURN,
        "comments": COMMENTS,
        "inspector": "jgwilt",
        "nonce": bytes(16),
        "at": NOW,
    }
    return statement_about(**{**fields, **changes})


@dataclass(frozen=True)
class Signing:
    """All that a sign-off is judged by, at the ceremony or later."""

    statement: Statement
    comments: str
    enrolment: Enrolment
    response: dict[str, Any]
    pack_sha256: str = PACK
    rp_id: str = RP_ID
    origin: str = ORIGIN
    revocations: tuple[Revocation, ...] = ()

    def answered(self, **changes):
        """Let the right key answer, with something about the answer changed."""
        return replace(self, response=KEY.answer_to(self.statement, **changes))

    def stating(self, **changes):
        """Change the statement and leave the assertion that was made for the old one."""
        fields = self.statement.model_dump() | changes
        return replace(self, statement=Statement(**fields))

    def with_part(self, name, change):
        parts = self.response["response"]
        changed = base64url(change(from_base64url(parts[name])))
        return replace(self, response={**self.response, "response": {**parts, name: changed}})


def a_signing(key=KEY, **changes):
    statement = a_statement(**changes)
    return Signing(
        statement=statement,
        comments=changes.get("comments", COMMENTS),
        enrolment=enrolment_of(key),
        response=key.answer_to(statement),
    )


def at_the_ceremony(signing: Signing) -> SignOff:
    return sign_off_from(
        signing.response,
        statement=signing.statement,
        comments=signing.comments,
        enrolment=signing.enrolment,
        pack_sha256=signing.pack_sha256,
        revocations=signing.revocations,
        rp_id=signing.rp_id,
        origin=signing.origin,
        entitled_as=Entitlement.SIGNATORY,
    )


def kept(signing: Signing) -> SignOff:
    parts = signing.response["response"]
    return SignOff(
        statement=signing.statement,
        comments=signing.comments,
        credential_id=signing.response["id"],
        client_data_json=parts["clientDataJSON"],
        authenticator_data=parts["authenticatorData"],
        signature=parts["signature"],
        enrolment=signing.enrolment,
        entitled_as=Entitlement.SIGNATORY,
    )


def years_later(signing: Signing) -> SignOff:
    sign_off = SignOff.model_validate_json(kept(signing).model_dump_json())
    check_sign_off(
        sign_off,
        pack_sha256=signing.pack_sha256,
        rp_id=signing.rp_id,
        origin=signing.origin,
        revocations=signing.revocations,
    )
    return sign_off


def code_of(judge, signing):
    try:
        judge(signing)
    except SignOffRefused as refused:
        return refused.code if refused.remedy else f"{refused.code} without a remedy"
    return "accepted"


both = pytest.mark.parametrize(
    "judge",
    [
        pytest.param(at_the_ceremony, id="at the ceremony"),
        pytest.param(years_later, id="years later"),
    ],
)


def revoked(at, credential_id=None):
    name = credential_id or base64url(KEY.credential_id)
    return Revocation(inspector="jgwilt", credential_id=name, at=at, why="Lost on a train.")


def flip(position, bit=0):
    def change(data):
        flipped = bytearray(data)
        flipped[position] ^= 1 << bit
        return bytes(flipped)

    return change


def accepted_signings():
    yield pytest.param(lambda: a_signing(), id="a return with comments")
    yield pytest.param(
        lambda: a_signing(decision=Decision.APPROVE, comments=""), id="an approval without comments"
    )
    yield pytest.param(lambda: a_signing(decision=Decision.APPROVE), id="an approval with comments")
    for name in ("RS256", "EdDSA"):
        yield pytest.param(lambda name=name: a_signing(KEYS[name]), id=f"a key of {name}")
    yield pytest.param(lambda: a_signing().answered(counter=7), id="a key that counts")
    yield pytest.param(
        lambda: a_signing().answered(flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP),
        id="a synced passkey",
    )
    yield pytest.param(
        lambda: a_signing().answered(other_keys_can_be_added_here="do not compare"),
        id="client data with a member of a later browser",
    )
    yield pytest.param(
        lambda: replace(
            a_signing(),
            revocations=(revoked("2010-08-01T00:00:00.000Z", base64url(OTHER_KEY.credential_id)),),
        ),
        id="a revocation of another key",
    )
    yield pytest.param(lambda: a_signing(at=ENROLLED), id="a key used in the moment of enrolment")


@both
@pytest.mark.parametrize("signing", list(accepted_signings()))
def test_accepted(judge, signing):
    given_signing = signing()
    assert judge(given_signing) == kept(given_signing)


@both
def test_the_software_key_of_a_sample_inspector_goes_through_the_same(judge, tmp_path):
    key = software_key(tmp_path, "jgwilt")
    asked = creation_options(
        inspector="jgwilt",
        name="Jenny Gwilt",
        challenge=b"c" * 32,
        rp_id=RP_ID,
        rp_name="Letters office",
    )
    enrolment = enrolment_from(
        key.register(asked, origin=ORIGIN),
        challenge=b"c" * 32,
        inspector="jgwilt",
        name="Jenny Gwilt",
        rp_id=RP_ID,
        origin=ORIGIN,
        at=ENROLLED,
        sample=True,
    )
    statement = a_statement()
    response = key.assert_(  # noqa: PT009 - an assertion of WebAuthn, not of unittest
        challenge(statement), rp_id=RP_ID, origin=ORIGIN
    )
    signing = Signing(statement, COMMENTS, enrolment, response)

    assert judge(signing) == kept(signing)


def other_pack(signing):
    return replace(signing, pack_sha256="cd" * 32)


def key_swapped_in_enrolment(signing):
    other = enrolment_of(OTHER_KEY)
    fields = {"public_key": other.public_key, "public_key_pem": other.public_key_pem}
    return replace(signing, enrolment=signing.enrolment.model_copy(update=fields))


def enrolment_changed(**changes):
    def fault(signing):
        return replace(signing, enrolment=signing.enrolment.model_copy(update=changes))

    return fault


def answered_by_other_key(signing):
    return replace(signing, response=OTHER_KEY.answer_to(signing.statement))


def signature_of_other_key(signing):
    other = OTHER_KEY.answer_to(signing.statement)["response"]
    return replace(signing, response={**signing.response, "response": other})


def honest_key_of_another_inspector(signing):
    return replace(
        signing,
        enrolment=enrolment_of(OTHER_KEY, inspector="another"),
        response=OTHER_KEY.answer_to(signing.statement),
    )


def raw_client_data(text):
    def fault(signing):
        data = authenticator_data(RP_ID, PRESENT | VERIFIED)
        return replace(signing, response=KEY.answer_with(text, data))

    return fault


FAULTS = [
    ("the case holds another pack now", other_pack, "pack-stale"),
    ("the pack in the statement was changed", lambda s: s.stating(pack="cd" * 32), "pack-stale"),
    (
        "the statement was changed to fit another pack",
        lambda s: other_pack(s.stating(pack="cd" * 32)),
        "challenge-mismatch",
    ),
    (
        "the decision was flipped",
        lambda s: s.stating(decision=Decision.APPROVE),
        "challenge-mismatch",
    ),
    (
        "the comments were altered",
        lambda s: replace(s, comments=s.comments + "!"),
        "challenge-mismatch",
    ),
    (
        "the comments were altered, and their hash with them",
        lambda s: replace(s, comments="Fine.").stating(comments_sha256=comments_sha256("Fine.")),
        "challenge-mismatch",
    ),
    ("the comments were removed", lambda s: replace(s, comments=""), "comments-missing"),
    (
        "the inspector was swapped",
        lambda s: s.stating(inspector="another"),
        "challenge-mismatch",
    ),
    (
        "it was replayed on the next revision",
        lambda s: s.stating(revision=2),
        "challenge-mismatch",
    ),
    (
        "it was replayed on another letter",
        lambda s: s.stating(reference="CRA-WIRRAL-2011-07-20"),
        "challenge-mismatch",
    ),
    (
        "it was replayed with another nonce",
        lambda s: s.stating(nonce=base64url(bytes(17))),
        "challenge-mismatch",
    ),
    (
        "it was dated back",
        lambda s: s.stating(at="2010-08-17T09:00:00.000Z"),
        "challenge-mismatch",
    ),
    (
        "it was given at another page",
        lambda s: s.answered(origin="https://inspectorate.example.net"),
        "wrong-origin",
    ),
    (
        "it was given at another port",
        lambda s: s.answered(origin="http://localhost:8011"),
        "wrong-origin",
    ),
    (
        "it was given at an origin that only begins alike",
        lambda s: s.answered(origin=ORIGIN + ".example.net"),
        "wrong-origin",
    ),
    ("the origin is a list", lambda s: s.answered(origin=[ORIGIN]), "wrong-origin"),
    (
        "the page stood inside another's",
        lambda s: s.answered(crossOrigin=True),
        "wrong-origin",
    ),
    (
        "the office expects another origin",
        lambda s: replace(s, origin="https://letters.example"),
        "wrong-origin",
    ),
    (
        "it was given to another relying party",
        lambda s: s.answered(rp_id="example.net"),
        "wrong-relying-party",
    ),
    (
        "the office has another relying party id",
        lambda s: replace(s, rp_id="letters.example"),
        "wrong-relying-party",
    ),
    (
        "the key was enrolled for another relying party",
        enrolment_changed(rp_id="letters.example"),
        "wrong-relying-party",
    ),
    ("the user was not verified", lambda s: s.answered(flags=PRESENT), "user-not-verified"),
    ("the user was not present", lambda s: s.answered(flags=VERIFIED), "user-not-verified"),
    (
        "the key says that it is backed up and can't be",
        lambda s: s.answered(flags=PRESENT | VERIFIED | BACKED_UP),
        "response-invalid",
    ),
    (
        "the authenticator data is cut short",
        lambda s: s.answered(data=authenticator_data(RP_ID, PRESENT | VERIFIED)[:36]),
        "response-invalid",
    ),
    (
        "it is the making of a key, not its use",
        lambda s: s.answered(type="webauthn.create"),
        "response-invalid",
    ),
    ("the client data is no JSON", raw_client_data(b"{"), "response-invalid"),
    ("the client data is a list", raw_client_data(b"[]"), "response-invalid"),
    ("the client data is not UTF-8", raw_client_data(b'{"type":"\xff"}'), "response-invalid"),
    ("the client data nests deep", raw_client_data(b"[" * 5_000), "response-invalid"),
    (
        "one bit of the signature was flipped",
        lambda s: s.with_part("signature", flip(-1)),
        "signature-invalid",
    ),
    (
        "the signature is no DER",
        lambda s: s.with_part("signature", lambda data: b"\x00" * len(data)),
        "signature-invalid",
    ),
    (
        "one blank was added to the client data",
        lambda s: s.with_part("clientDataJSON", lambda data: data + b" "),
        "signature-invalid",
    ),
    (
        "one byte of the challenge in the client data was changed",
        lambda s: s.with_part("clientDataJSON", flip(len('{"type":"webauthn.get","challenge":"'))),
        "challenge-mismatch",
    ),
    (
        "the counter was changed",
        lambda s: s.with_part("authenticatorData", flip(36)),
        "signature-invalid",
    ),
    ("another key answered", answered_by_other_key, "key-unknown"),
    ("another key signed in this key's name", signature_of_other_key, "signature-invalid"),
    ("another inspector's key signed", honest_key_of_another_inspector, "key-unknown"),
    (
        "the enrolment was altered to hold another key",
        key_swapped_in_enrolment,
        "signature-invalid",
    ),
    (
        "the enrolment names one key as COSE and another as PEM",
        enrolment_changed(public_key_pem=enrolment_of(OTHER_KEY).public_key_pem),
        "key-unknown",
    ),
    (
        "the enrolment holds no PEM",
        enrolment_changed(public_key_pem="a key"),
        "key-unknown",
    ),
    (
        "the enrolment is of another inspector",
        enrolment_changed(inspector="another"),
        "key-unknown",
    ),
    (
        "the key was enrolled after the statement",
        enrolment_changed(at="2010-08-18T09:00:00.001Z"),
        "key-unknown",
    ),
    (
        "the key was revoked before",
        lambda s: replace(s, revocations=(revoked("2010-08-17T09:00:00.000Z"),)),
        "key-revoked",
    ),
    (
        "the key was revoked in the same moment",
        lambda s: replace(s, revocations=(revoked("2010-08-18T09:00:00.000Z"),)),
        "key-revoked",
    ),
]


@both
@pytest.mark.parametrize(
    ("fault", "code"), [pytest.param(fault, code, id=name) for name, fault, code in FAULTS]
)
def test_refused(judge, fault, code):
    assert code_of(judge, fault(a_signing())) == code


def test_a_later_revocation_stops_new_signatures_and_spares_old_ones():
    signing = replace(a_signing(), revocations=(revoked("2010-08-18T09:00:01.000Z"),))

    assert code_of(at_the_ceremony, signing) == "key-revoked"
    assert code_of(years_later, signing) == "accepted"


LIBRARY_FAULTS = {
    "challenge-mismatch",
    "wrong-relying-party",
    "user-not-verified",
    "signature-invalid",
    "wrong-origin",
    "response-invalid",
}
ONLY_OURS = {
    "the comments were altered",  # the library knows no comments
    "the page stood inside another's",  # it reads crossOrigin and lets it pass
    "the key was enrolled for another relying party",
}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=name)
        for name, fault, code in FAULTS
        if code in LIBRARY_FAULTS and name not in ONLY_OURS
    ],
)
def test_the_library_refuses_by_itself_what_the_offline_check_refuses(fault, monkeypatch):
    monkeypatch.setattr(ceremony, "check_sign_off", lambda *args, **kwargs: None)

    assert code_of(at_the_ceremony, fault(a_signing())) == "response-invalid"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    part=st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]),
    place=st.floats(min_value=0, max_value=1, exclude_max=True),
    bit=st.integers(min_value=0, max_value=7),
)
def test_no_flipped_bit_is_accepted_and_both_say_the_same(part, place, bit):
    def change(data):
        return flip(int(place * len(data)), bit)(data)

    altered = SIGNED.with_part(part, change)

    assert code_of(at_the_ceremony, altered) == code_of(years_later, altered) != "accepted"


SIGNED = a_signing()


def without(name):
    return {key: value for key, value in SIGNED.response.items() if key != name}


def with_inner(**changes):
    return {**SIGNED.response, "response": {**SIGNED.response["response"], **changes}}


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({}, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param(None, id="null"),
        pytest.param("text", id="text"),
        pytest.param(without("id"), id="no id"),
        pytest.param(without("response"), id="no response"),
        pytest.param({**SIGNED.response, "response": []}, id="a response that is a list"),
        pytest.param({**SIGNED.response, "type": "password"}, id="a password"),
        pytest.param({**SIGNED.response, "id": 7}, id="an id that is a number"),
        pytest.param({**SIGNED.response, "rawId": "AAAA"}, id="two different ids"),
        pytest.param(with_inner(signature=None), id="no signature"),
        pytest.param(with_inner(signature="A" * 9_000), id="a signature of seven kilobytes"),
        pytest.param(with_inner(signature="AAA="), id="a signature with padding"),
        pytest.param(with_inner(clientDataJSON="é"), id="client data that is no base64url"),
    ],
)
def test_an_answer_that_is_none_is_a_refusal_not_a_crash(response):
    with pytest.raises(ResponseInvalid):
        at_the_ceremony(replace(SIGNED, response=response))


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature"])
def test_nothing_of_unlimited_length_is_parsed(name):
    with pytest.raises(ResponseInvalid, match=f"^{name} in the authenticator's answer is no text"):
        at_the_ceremony(replace(SIGNED, response=with_inner(**{name: "A" * 65_537})))


def registration_fault(name, code, **changes):
    return pytest.param(lambda: KEY.register(b"c" * 32, **changes), code, id=name)


def with_attestation(change):
    def response():
        good = KEY.register(b"c" * 32)
        attested = cbor2.loads(from_base64url(good["response"]["attestationObject"]))
        parts = {
            **good["response"],
            "attestationObject": base64url(cbor2.dumps(change(attested))),
        }
        return {**good, "response": parts}

    return response


P384_KEY = cbor2.dumps({1: 2, 3: -7, -1: 2, -2: bytes(48), -3: bytes(48)})


REGISTRATION_FAULTS = [
    pytest.param(lambda: KEY.register(b"d" * 32), "challenge-mismatch", id="another link"),
    registration_fault("another page", "wrong-origin", origin="https://example.net"),
    registration_fault("a page inside a page", "wrong-origin", crossOrigin=True),
    registration_fault("another relying party", "wrong-relying-party", rp_id="example.net"),
    registration_fault("nobody verified", "user-not-verified", flags=PRESENT),
    registration_fault("nobody present", "user-not-verified", flags=VERIFIED),
    registration_fault("the use of a key", "response-invalid", type="webauthn.get"),
    registration_fault(
        "backed up and can't be", "response-invalid", flags=PRESENT | VERIFIED | BACKED_UP
    ),
    pytest.param(
        with_attestation(lambda attested: {**attested, "fmt": "unheard-of"}),
        "response-invalid",
        id="an attestation of an unknown format",
    ),
    pytest.param(
        with_attestation(lambda attested: {**attested, "authData": "text"}),
        "response-invalid",
        id="authenticator data that is text",
    ),
    pytest.param(with_attestation(lambda _: []), "response-invalid", id="a list"),
    pytest.param(
        with_attestation(
            lambda attested: {
                **attested,
                "authData": attested["authData"].replace(KEY.cose(), P384_KEY),
            }
        ),
        "response-invalid",
        id="a point on another curve",
    ),
    pytest.param(
        with_attestation(lambda attested: {**attested, "authData": attested["authData"] + b"\x00"}),
        "response-invalid",
        id="bytes left over",
    ),
    pytest.param(
        lambda: {**KEY.register(b"c" * 32), "response": {}}, "response-invalid", id="no parts"
    ),
]


def enrol(response):
    return enrolment_from(
        response,
        challenge=b"c" * 32,
        inspector="jgwilt",
        name="Jenny Gwilt",
        rp_id=RP_ID,
        origin=ORIGIN,
        at=ENROLLED,
        sample=False,
    )


@pytest.mark.parametrize(("response", "code"), REGISTRATION_FAULTS)
def test_an_enrolment_is_refused(response, code):
    with pytest.raises(SignOffRefused) as refused:
        enrol(response())

    assert refused.value.code == code
    assert refused.value.remedy


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(fault.values[0], id=fault.id)
        for fault in REGISTRATION_FAULTS
        if fault.id != "a page inside a page"  # the library reads crossOrigin and lets it pass
    ],
)
def test_the_library_refuses_the_same_enrolments_by_itself(response, monkeypatch):
    monkeypatch.setattr(ceremony, "check_client_data", lambda *args, **kwargs: None)
    monkeypatch.setattr(ceremony, "check_authenticator_data", lambda *args, **kwargs: None)

    with pytest.raises(ResponseInvalid):
        enrol(response())


@pytest.mark.parametrize("name", KEYS)
def test_an_enrolled_key_has_one_spelling_as_cose(name):
    enrolment = enrolment_of(KEYS[name])

    assert from_base64url(enrolment.public_key) == KEYS[name].cose()
    assert public_key_of(enrolment) == KEYS[name].private_key.public_key()


def test_a_synced_passkey_is_recorded_as_such():
    enrolment = enrol(KEY.register(b"c" * 32, flags=PRESENT | VERIFIED | ELIGIBLE | BACKED_UP))

    assert (enrolment.backup_eligible, enrolment.backed_up) == (True, True)


SHORT_RSA_KEY = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 - the fault


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(ec.generate_private_key(ec.SECP384R1()).public_key(), id="another curve"),
        pytest.param(SHORT_RSA_KEY, id="a short RSA key"),
        pytest.param("a key", id="text"),
    ],
)
def test_a_key_of_another_kind_has_no_cose_form(key):
    with pytest.raises(ValueError, match="not an ES256, RS256"):
        cose_key(key)


def test_both_questions_require_the_user_to_be_verified():
    asked = creation_options(
        inspector="jgwilt", name="Jenny Gwilt", challenge=b"c" * 32, rp_id=RP_ID, rp_name="Office"
    )
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert [kind["alg"] for kind in asked["pubKeyCredParams"]] == [-8, -7, -257]
    assert "jgwilt" not in json.dumps(asked)

    statement = a_statement()
    asked = request_options(statement, enrolments=[enrolment_of(KEY)], rp_id=RP_ID)
    assert asked["userVerification"] == "required"
    assert asked["challenge"] == base64url(challenge(statement))
    assert [key["id"] for key in asked["allowCredentials"]] == [base64url(KEY.credential_id)]


def test_the_offline_check_needs_neither_the_library_nor_cbor():
    program = (
        "import sys, tasks.signoff.evidence;"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'webauthn', 'cbor2', '_cbor2', 'cryptography', 'prefect'}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ran.stdout == "['cryptography']\n"
