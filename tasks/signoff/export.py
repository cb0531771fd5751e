"""A sign-off as a file for strangers: all that its signature covers, and the key to check it.

What the signature doesn't cover (the inspector's name, by what right they signed)
is left out: the office says that, and `verify` checks it. docs/check-a-sign-off.md
has the program that checks such a file.
"""

from __future__ import annotations

from typing import Any

from letters.signoff import SignOff

LAYOUT = 1


def exported(sign_off: SignOff) -> dict[str, Any]:
    """Put together what a stranger needs to check a sign-off, as plain JSON values."""
    return {
        "layout": LAYOUT,
        "statement": sign_off.statement.model_dump(mode="json"),
        "comments": sign_off.comments,
        "client_data_json": sign_off.client_data_json,
        "authenticator_data": sign_off.authenticator_data,
        "signature": sign_off.signature,
        "public_key_pem": sign_off.enrolment.public_key_pem,
        "rp_id": sign_off.enrolment.rp_id,
        "origin": sign_off.enrolment.origin,
    }
