"""The letter's PDF in its case: sealed once, stored, and named in the chain with its seal.

A seal can't be made again with the same bytes. So what lies there is looked at first,
and a new one is announced, with all that the chain will say of it, before it is stored.
"""

from __future__ import annotations

from typing import Any

from letters.canonical import sha256_hex
from letters.sealed import unsealed
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED, StepRun
from tasks.rendering.seal_keys import SealKeyUnusable, introduce, sealing_key

SEALED = "sealed"
"""The event that names a sealed file."""

REASON = "Sealed by the office as its inspector approved it"

_TOLD = ("certificate", "profile", "is_development", "unsealed_sha256")
"""What that entry says beside the object and its hash."""


def seal_once(run: StepRun[Case], name: str, pdf: bytes) -> bool:
    """Seal `pdf` and store it as the case's object `name`, unless it lies there sealed.

    Tells whether what lies there now begins with `pdf`. Raises SealKeyUnusable,
    SealUntrusted, TimeStampUnavailable, and ObjectForeign where something was laid in by hand.
    """
    case = run.record
    stored = case.find_known(name)
    if stored is None:
        stored = _seal(run, name, pdf)
    if unsealed(stored, sha256_hex(pdf)) is None:
        return False
    if case.key(name) not in case.recorded():
        run.name_object(SEALED, name, stored, **_announced(case, name, stored))
    return True


def _seal(run: StepRun[Case], name: str, pdf: bytes) -> bytes:
    # pyHanko takes half a second to import, and most commands seal nothing.
    from tasks.rendering.seal import seal

    office, told = run.record.office, run.record.office.settings.seal
    key = sealing_key(office)
    introduce(office, key)
    sealed = seal(
        pdf,
        key,
        profile=told.profile,
        tsa_url=told.tsa_url,
        trust=_trust(office),
        reason=REASON,
        at=office.clock(),
    )
    values = (key.fingerprint, told.profile, key.is_development, sha256_hex(pdf))
    return run.put_announced(name, sealed, **dict(zip(_TOLD, values, strict=True)))


def _announced(case: Case, name: str, sealed: bytes) -> dict[str, Any]:
    """Find what was announced of a sealed file, by whichever run stored it."""
    told = {"of": case.key(name), "sha256": sha256_hex(sealed)}
    for entry in case.chain.entries():
        if entry.event == ANNOUNCED and told.items() <= entry.detail.items():
            return {field: entry.detail[field] for field in _TOLD if field in entry.detail}
    return {}


def _trust(office: Office) -> bytes:
    named = office.settings.seal.trust_file
    try:
        return (office.root / named).read_bytes() if named else b""
    except OSError as error:
        raise SealKeyUnusable(
            f"The file of those who vouch for the seal can't be read: {error.strerror}.",
            where=named,
            remedy="Correct [seal] trust_file in office.toml: it is relative to the office's"
            " folder.",
            code="seal-trust-missing",
        ) from None
