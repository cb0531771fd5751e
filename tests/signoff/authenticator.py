"""An authenticator for tests: it answers like a real one, and misbehaves as it is told."""

import hashlib
import json

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from letters.signoff import base64url, challenge

RP_ID = "localhost"
ORIGIN = "http://localhost:8010"
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


class Authenticator:
    """An authenticator that can be told to misbehave, and signs its misbehaviour."""

    def __init__(self, private_key, *, origin=ORIGIN):
        self.private_key = private_key
        self.origin = origin
        self.credential_id = hashlib.sha256(self.cose()).digest()

    def cose(self):
        public = self.private_key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
        if isinstance(public, rsa.RSAPublicKey):
            n = public.public_numbers().n
            return cbor2.dumps({1: 3, 3: -257, -1: n.to_bytes(256, "big"), -2: b"\x01\x00\x01"})
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()})

    def sign(self, data):
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            return self.private_key.sign(data, ec.ECDSA(SHA256()))
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return self.private_key.sign(data, padding.PKCS1v15(), SHA256())
        return self.private_key.sign(data)

    def register(self, challenge_bytes, *, rp_id=RP_ID, flags=PRESENT | VERIFIED, **said):
        attested = bytes(16) + b"\x00\x20" + self.credential_id + self.cose()
        data = authenticator_data(rp_id, flags | ATTESTED) + attested
        return self.answer(
            clientDataJSON=self.client_data(challenge_bytes, **{"type": "webauthn.create", **said}),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def answer_to(
        self, statement, *, rp_id=RP_ID, flags=PRESENT | VERIFIED, counter=0, data=None, **said
    ):
        data = authenticator_data(rp_id, flags, counter) if data is None else data
        return self.answer_with(self.client_data(challenge(statement), **said), data)

    def answer_with(self, client, data):
        signature = self.sign(data + hashlib.sha256(client).digest())
        return self.answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def answer(self, **parts):
        name = base64url(self.credential_id)
        encoded = {part: base64url(data) for part, data in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": encoded}

    def client_data(self, challenge_bytes, **said):
        return client_data(challenge_bytes, **{"origin": self.origin, **said})


def client_data(challenge_bytes, **said):
    usual = {
        "type": "webauthn.get",
        "challenge": base64url(challenge_bytes),
        "origin": ORIGIN,
        "crossOrigin": False,
    }
    return json.dumps({**usual, **said}, separators=(",", ":")).encode()


def authenticator_data(rp_id, flags, counter=0):
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")
