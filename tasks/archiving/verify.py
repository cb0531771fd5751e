"""Verification: the archive against its own chains, from the ledger down.

Every entry is linked to the one before; every object has the hash with which an
entry or a manifest names it; nothing lies there that nobody named; what was
signed is what was sent. A chain's cut-off tail is seen by its anchors: the
ledger for cases, the witness for all, the sent e-mails for the case.

Letters may be issued meanwhile. What is listed is listed before the chains are
read that name it, and an anchor is read before the chain that it speaks of.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.errors import UsageError
from letters.reference import Reference
from letters.report import Report
from tasks.archiving.findings import Findings, VerifiedChain, witnessed_chains
from tasks.archiving.layout import ENTRY_NAME, unfinished_steps
from tasks.archiving.verify_case import Judges, verify_case
from tasks.archiving.verify_notices import announced_notices, check_foreign
from tasks.archiving.verify_sent import check_outbox, outbox_names
from tasks.case.case import Case, case_missing
from tasks.case.chain import entry_key
from tasks.case.intake import EXTENSIONS
from tasks.case.ledger import LEDGER
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED

_CASE = re.compile(r"(cases/[^/]+/[^/]+/([^/]+))/.+")
_INTAKE = re.compile(r"(intake/[0-9a-f]{64})/.+")
_LEDGER_ENTRY = re.compile(rf"{LEDGER}/[0-9]{{8}}\.json")
_DRAFT = re.compile(rf"original\.({'|'.join(EXTENSIONS)})")

NOWHERE = ("", "")


def verify(office: Office, *, judges: Judges, reference: str | None = None) -> Report:
    """Check one letter, or the whole archive, and tell all that differs. Changes nothing.

    Raises UsageError for a letter of which nothing in the office knows.
    """
    if reference is not None:
        return _verify_letter(office, reference, judges)
    return _verify_archive(office, judges)


def _verify_archive(office: Office, judges: Judges) -> Report:
    found = Findings()
    laid_out = outbox_names(office)
    places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for chain in witnessed_chains(office):  # nothing else may be left of its place
        places.setdefault(_place_of(entry_key(chain, 1)), [])
    keys = office.store.list("")
    for key in keys:
        places[_place_of(key)].append(key)
    ledger = _Ledger.read(office, found)
    for key, sha256 in ledger.named:
        found.check_object(office.store, key, sha256, named_by="the ledger")
    for key in places[NOWHERE]:
        found.differ("added", key, "It belongs to no letter, inspector or draft.")
    _check_inspectors(office, places["inspectors", ""], ledger, found)
    for prefix in sorted(place for room, place in places if room == "intake"):
        _verify_intake(office, prefix, places["intake", prefix], found)
    references = {place for room, place in places if room == "cases"}
    references |= {told for told in ledger.heads if _is_reference(told)}
    announced: set[str] = set()
    for reference in sorted(references):
        case = Case(office, reference)
        verified = _verify_case(case, places["cases", reference], ledger, judges, found)
        announced.update(announced_notices(verified))
    check_outbox(laid_out, keys, found)
    check_foreign(laid_out, announced, found)
    for anomaly in office.store.strangers():
        found.differ("added", anomaly.key, anomaly.message)
    return found.report(cases=len(references))


def _verify_letter(office: Office, reference: str, judges: Judges) -> Report:
    found = Findings()
    case = Case(office, reference)
    keys = found.list(office.store, case.prefix)
    ledger = _Ledger.read(office, found)
    if not (keys or reference in ledger.heads or office.witness.heads(case.chain.prefix)):
        raise case_missing(office, reference)
    for key, sha256 in ledger.named:
        if key.startswith((f"{case.prefix}/", "inspectors/")):
            found.check_object(office.store, key, sha256, named_by="the ledger")
    chain = _verify_case(case, keys, ledger, judges, found)
    carried = (_INTAKE.fullmatch(key) for key, _ in chain.named_objects())
    for prefix in sorted({match[1] for match in carried if match}):
        _verify_intake(office, prefix, found.list(office.store, prefix), found)
    return found.report(cases=1)


class _Ledger(NamedTuple):
    """What the ledger says of letters, and of the objects that belong to none."""

    heads: dict[str, list[tuple[int, str]]]
    """The heads that it has seen of each letter's chain."""
    closed: set[str]
    named: list[tuple[str, str]]
    announced: set[tuple[str, str]]
    """The objects that were about to be stored: key and hash."""

    @classmethod
    def read(cls, office: Office, found: Findings) -> _Ledger:
        chain = VerifiedChain(office, LEDGER, found)
        heads: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        closed, announced = set[str](), set[tuple[str, str]]()
        for entry in chain.entries:
            match entry.detail:
                case {"reference": str(told), "case_seq": int(seq), "case_head": str(head)}:
                    heads[told].append((seq, head))
                    if entry.event == "closed":
                        closed.add(told)
                case {"key": str(key), "sha256": str(sha256)} if entry.event == ANNOUNCED:
                    announced.add((key, sha256))
        return cls(dict(heads), closed, chain.named_objects(), announced)


def _verify_case(
    case: Case, keys: list[str], ledger: _Ledger, judges: Judges, found: Findings
) -> VerifiedChain:
    return verify_case(
        case,
        [key.removeprefix(f"{case.prefix}/") for key in keys],
        ledger.heads.get(case.reference, []),
        is_closed=case.reference in ledger.closed,
        judges=judges,
        found=found,
    )


def _verify_intake(office: Office, prefix: str, keys: list[str], found: Findings) -> None:
    chain = VerifiedChain(office, f"{prefix}/audit", found)
    named = dict(chain.named_objects())
    for key, sha256 in named.items():
        found.check_object(office.store, key, sha256, named_by="the intake's chain")
    is_unfinished = "intake" in unfinished_steps(chain.entries)
    for key in keys:
        name = key.removeprefix(f"{prefix}/")
        if key in named or re.fullmatch(ENTRY_NAME, name):
            continue
        data = found.read(office.store, key) or b""
        is_draft = _DRAFT.fullmatch(name) and sha256_hex(data) == prefix.partition("/")[2]
        if is_unfinished and is_draft:
            found.open_objects.append(key)
        else:
            found.differ("added", key, "No entry of the intake's chain names it.")


def _check_inspectors(office: Office, keys: list[str], ledger: _Ledger, found: Findings) -> None:
    named = {key for key, _ in ledger.named}
    for key in keys:
        if key in named:
            continue
        data = found.read(office.store, key)
        if data is not None and (key, sha256_hex(data)) in ledger.announced:
            found.open_objects.append(key)
        else:
            found.differ("added", key, "The ledger does not name it.")


def _place_of(key: str) -> tuple[str, str]:
    """Tell to which intake or letter a key belongs, or only to which room."""
    if match := _INTAKE.fullmatch(key):
        return "intake", match[1]
    if (match := _CASE.fullmatch(key)) and _is_reference(match[2]):
        is_in_its_place = Reference.parse(match[2]).case_prefix == match[1]
        return ("cases", match[2]) if is_in_its_place else NOWHERE
    if key.startswith("inspectors/"):
        return "inspectors", ""
    return (LEDGER, "") if _LEDGER_ENTRY.fullmatch(key) else NOWHERE


def _is_reference(text: str) -> bool:
    try:
        Reference.parse(text)
    except UsageError:
        return False
    return True
