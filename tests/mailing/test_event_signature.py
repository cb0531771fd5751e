"""Only what the provider's key signed is the provider's."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from letters.errors import UsageError
from tasks.mailing.event_signature import (
    SIGNATURE,
    TIMESTAMP,
    is_signed,
    load_public_key,
    signed_at,
)
from tests.offices import START
from tests.provider_batches import an_event, body_of, provider_key, public_key, signed

BODY = body_of(an_event())
HEADERS = signed(BODY, START)


def judged(body=BODY, key="", **changes):
    told = {"signature": HEADERS[SIGNATURE], "timestamp": HEADERS[TIMESTAMP]} | changes
    return is_signed(load_public_key(key or public_key()), body=body, **told)


def test_what_the_provider_signed_is_the_provider_s():
    assert judged()


def test_the_official_library_agrees():
    sendgrid = pytest.importorskip("sendgrid.helpers.eventwebhook")
    official = sendgrid.EventWebhook(public_key())

    told = (BODY.decode(), HEADERS[SIGNATURE], HEADERS[TIMESTAMP])
    assert official.verify_signature(*told) is True
    assert official.verify_signature(BODY.decode() + " ", *told[1:]) is False


FORGED = {
    "another body": {"body": BODY + b" "},
    "a body cut short": {"body": BODY[:-1]},
    "another moment": {"timestamp": str(int(HEADERS[TIMESTAMP]) + 1)},
    "another key's signature": {
        "signature": signed(BODY, START, provider_key("forger"))[SIGNATURE]
    },
    "no base 64": {"signature": "!"},
    "no signature in it": {"signature": base64.b64encode(b"signed, the provider").decode()},
    "no ASCII": {"signature": "ü"},
    "a signature without end": {"signature": "A" * 10_000},
    "nothing": {"signature": ""},
}


@pytest.mark.parametrize("what", FORGED)
def test_what_it_did_not_sign_is_not(what):
    assert not judged(**FORGED[what])


def test_a_key_that_was_wrapped_when_it_was_copied_is_read():
    wrapped = "\n".join((public_key()[:64], public_key()[64:], ""))

    assert judged(key=wrapped)


KEYS = {
    "no base 64": "SendGrid",
    "no key": base64.b64encode(b"key").decode(),
    "nothing": "",
    "a key on another curve": public_key(generate_private_key(SECP384R1())),
    "a key of another kind": public_key(Ed25519PrivateKey.generate()),
}


@pytest.mark.parametrize("what", KEYS)
def test_a_key_that_can_t_be_the_provider_s_is_refused(what):
    with pytest.raises(UsageError) as refused:
        load_public_key(KEYS[what])

    assert refused.value.code == "webhook-key-unusable"


@pytest.mark.parametrize(
    ("text", "is_moment"),
    [
        pytest.param(HEADERS[TIMESTAMP], True, id="a number of seconds"),
        pytest.param("0", True, id="the beginning of time"),
        pytest.param("99999999999", True, id="a far future"),
        pytest.param("-1", False, id="before it"),
        pytest.param("1e9", False, id="another spelling of a number"),
        pytest.param("١", False, id="a digit of another script"),
        pytest.param("1" * 12, False, id="too many digits"),
        pytest.param("", False, id="nothing"),
        pytest.param("1300093200[", False, id="a part of a body"),
    ],
)
def test_a_moment_is_digits_alone(text, is_moment):
    assert (signed_at(text) is not None) is is_moment
