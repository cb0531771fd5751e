"""Batches of events as SendGrid sends them, signed with a key made for the tests."""

import base64
import json
from functools import cache
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from letters.recipient import send_id
from tasks.mailing.batches import keep_batch
from tasks.mailing.event_signature import SIGNATURE, TIMESTAMP

_numbers = count(1)


@cache
def provider_key(name="sendgrid"):
    """A private key; another name, another key."""
    return generate_private_key(SECP256R1())


def public_key(key=None):
    """The key as the provider's page shows it."""
    shown = (key or provider_key()).public_key()
    der = shown.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def an_event(event="delivered", **fields):
    """One item of a batch; without a send id it is a stranger's."""
    return {
        "email": "director@westmere.example",
        "timestamp": 1300093200,
        "event": event,
        "sg_event_id": f"ZGVsaXZlcmVk-{next(_numbers)}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    } | fields


def event_of(case, recipient, event="delivered", *, revision=1, **fields):
    """An event of one of a case's deliveries, as its custom arguments come back."""
    return an_event(
        event,
        email=recipient.email,
        send_id=send_id(case.reference, revision, recipient.email),
        reference=case.reference,
        revision=str(revision),
        **fields,
    )


def body_of(*events):
    """The raw body of a batch."""
    return json.dumps(events, separators=(",", ":")).encode()


def signed(body, at, key=None):
    """The headers with which a batch comes that is signed at a moment."""
    timestamp = str(int(at.timestamp()))
    signature = (key or provider_key()).sign(timestamp.encode() + body, ECDSA(SHA256()))
    return {
        SIGNATURE: base64.b64encode(signature).decode(),
        TIMESTAMP: timestamp,
        "content-type": "application/json",
    }


def kept(office, *events, at=None):
    """Keep a batch as the webhook does; return its key."""
    body = body_of(*events)
    headers = signed(body, at or office.clock())
    return keep_batch(office, headers=headers, body=body, size=len(events)).key
