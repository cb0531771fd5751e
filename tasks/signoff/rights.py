"""What gives inspectors rights and what takes them away, as folder and ledger hold it together.

Nobody gets a right by laying a file into the folder, or back by taking one out.
What each file says is for `inspectors`, `invitations` and `delegations`.
"""

from __future__ import annotations

import re
from typing import TypeVar

from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.letter import Frozen
from tasks.case.ledger import Event, ledger_of
from tasks.case.office import Office
from tasks.case.store import is_key

FOLDER = "inspectors"
STEM = "[0-9a-f]{32}"

M = TypeVar("M", bound=Frozen)


class InspectorsDamaged(LettersError):
    """What is kept of an inspector's rights can't be read, or is not what the ledger names."""

    code = "inspectors-damaged"


def given(
    office: Office, inspector: str, ending: str, model: type[M], *, entered_as: Event
) -> dict[str, M]:
    """Read what gives an inspector a right, by the stems of its names.

    It counts only as the ledger names it. Raises InspectorsDamaged.
    """
    named = _named(office, entered_as)
    return {
        _stem_in(key): _read(model, key, data)
        for key, data in _lying(office, inspector, ending).items()
        if (key, sha256_hex(data)) in named
    }


def taken(
    office: Office, inspector: str, ending: str, model: type[M], *, entered_as: Event
) -> dict[str, M]:
    """Read what takes a right away from an inspector, by the stems of its names.

    It counts as soon as it lies there; and since nobody gets a right back by taking
    a file away, all that the ledger names must lie there. Raises InspectorsDamaged.
    """
    # The ledger first: what it names was stored before.
    named = _named(office, entered_as)
    lying = _lying(office, inspector, ending)
    for key, sha256 in sorted(named):
        if key.startswith(f"{FOLDER}/{inspector}/"):
            _require_as_entered(key, lying.get(key), sha256)
    return {_stem_in(key): _read(model, key, data) for key, data in lying.items()}


def _lying(office: Office, inspector: str, ending: str) -> dict[str, bytes]:
    if not is_key(f"{FOLDER}/{inspector}"):
        return {}
    name = re.compile(re.escape(f"{FOLDER}/{inspector}/") + STEM + re.escape(ending))
    keys = office.store.list(f"{FOLDER}/{inspector}/")
    return {key: office.store.get(key) for key in keys if name.fullmatch(key)}


def _stem_in(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0]


def _read(model: type[M], key: str, data: bytes) -> M:
    try:
        return model.model_validate_json(data)
    except ValueError as error:
        raise InspectorsDamaged(
            "What is kept of an inspector's keys can't be read.",
            where=key,
            remedy="Run `letters verify` to see what was altered or added.",
        ) from error


def _require_as_entered(key: str, data: bytes | None, sha256: str) -> None:
    if data is not None and sha256_hex(data) == sha256:
        return
    raise InspectorsDamaged(
        "The ledger says that a right was taken away by this file, and the file"
        f" {'is gone' if data is None else 'was changed'}.",
        where=key,
        remedy="Nobody can sign or be sent to on this until it is restored from a backup;"
        " `letters verify` names all that is missing or changed.",
    )


def _named(office: Office, event: Event) -> set[tuple[str, str]]:
    return {
        (entry.detail["object"], entry.detail["sha256"])
        for entry in ledger_of(office).entries_of(event)
    }
