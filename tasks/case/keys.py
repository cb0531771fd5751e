"""The office's secrets on several machines: all must have the same.

With another secret the same person's address gets another hash, and a link to the signing
page that one machine made is refused by the next. The ledger keeps a fingerprint of each
secret, from which nothing can be told of it: the first that is entered counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from letters.audit import AuditEntry
from letters.errors import LettersError
from letters.finding import Finding
from tasks.case.ledger import ledger_of
from tasks.case.office import Office

NAMES = ("recipients", "signing")
"""The salt of the addresses' hashes, the key of links and questions."""

INTRODUCED = "secret-introduced"
WORD = b"letters: a secret of the office"


class KeysDiffer(LettersError):
    """A secret of this machine is not the one that the office uses."""

    code = "keys-differ"


def fingerprint(secret: bytes) -> str:
    """Tell a secret from others, and nothing else of it."""
    return hmac.digest(secret, WORD, hashlib.sha256).hex()


def require_same_keys(office: Office) -> None:
    """Enter the fingerprints of this machine's secrets, unless others stand there.

    A machine that works for an office calls this before it takes its first letter. Raises
    KeysDiffer, and UsageError where a secret is missing that is to be given.
    """
    ledger = ledger_of(office)
    own = {name: fingerprint(office.secret(name)) for name in NAMES}
    known = _known(ledger.entries_of(INTRODUCED))
    if missing := [name for name in NAMES if name not in known]:
        for name in missing:
            ledger.append("ledger", INTRODUCED, detail={"secret": name, "fingerprint": own[name]})
        # Another machine may have been first.
        known = _known(ledger.entries_of(INTRODUCED))
    for name in NAMES:
        if known[name] != own[name]:
            raise _differs(office, name)


def keys_findings(office: Office) -> Iterator[Finding]:
    """Compare this machine's secrets with those that the office uses; enter nothing."""
    known = _known(ledger_of(office).entries_of(INTRODUCED))
    for name in NAMES:
        secret = office.known_secret(name)
        if name not in known or secret is None:
            continue
        if known[name] != fingerprint(secret):
            error = _differs(office, name)
            yield Finding(
                level="failure", code=error.code, message=error.message, remedy=error.remedy
            )
            return
    if known:
        yield Finding(
            level="ok", code="same-keys", message="The secrets here are those of the office."
        )


def _known(entries: Iterable[AuditEntry]) -> dict[str, str]:
    known: dict[str, str] = {}
    for entry in entries:
        known.setdefault(str(entry.detail["secret"]), str(entry.detail["fingerprint"]))
    return known


def _differs(office: Office, name: str) -> KeysDiffer:
    return KeysDiffer(
        f"The secret “{name}” of this machine is not the one that the office uses.",
        where=str(office.keys_folder / f"{name}.secret"),
        remedy="Put the same file there as on the office's other machines (LETTERS_KEYS, or the"
        " office's folder `keys`).",
    )
