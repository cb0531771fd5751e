"""Who gets a letter, at which address, and how an address is told without saying it."""

from __future__ import annotations

import hashlib
import re

from letters.canonical import sha256_hex
from letters.letter import Frozen, Line, Slug
from letters.register import EmailAddress


class Recipient(Frozen):
    """One person who gets the letter by e-mail."""

    id: Slug
    """The role, with -2, -3 … where a role repeats: `director`, `lead-member-2`."""
    role: Slug
    name: Line
    email: EmailAddress


class FrozenRecipient(Recipient):
    """A recipient as frozen in a case: the salt makes the pack's hash unguessable."""

    salt: str

    @property
    def address_hash(self) -> str:
        """SHA-256 over salt and normalised address, as the pack names it."""
        return sha256_hex(f"{self.salt}\n{normalised_address(self.email)}".encode())


def normalised_address(email: str) -> str:
    """Bring an address to the form by which two are the same.

    Only the domain is case-insensitive by RFC 5321 §2.4; mailboxes of one person
    that differ in case alone are not known, so that the whole is lowered.
    """
    return email.strip().lower()


def send_id(reference: str, revision: int, email: str) -> str:
    """Name one delivery for life: 32 hexadecimal digits."""
    told = f"{reference}\n{revision}\n{normalised_address(email)}".encode()
    return hashlib.sha256(told).hexdigest()[:32]


def masked(text: str) -> str:
    """Hide the mailbox of every e-mail address in `text`: `d…@example.org`."""
    return re.sub(r"([A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]*@", r"\1…@", text)
