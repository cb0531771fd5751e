"""Verification: the archive against its own chains, from the ledger down.

Every entry is linked to the one before; every object has the hash with which an
entry or a manifest names it; nothing lies there that nobody named; what was
signed is what was sent. A chain's cut-off tail is seen by its anchors: the
ledger for cases, the witness for both, the sent e-mails for the case.

An interrupted run may leave an object without its entry. In a case that isn't
closed such an object is open, not a difference, if it is one that the layout
knows and reads as what it should be.
"""

from __future__ import annotations

import re
from collections import defaultdict

from letters.canonical import sha256_hex
from letters.report import Report
from letters.signoff import Enrolment
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.verify_case import Judges, verify_case
from tasks.case.case import Case, all_cases
from tasks.case.ledger import LEDGER
from tasks.case.office import Office

ROOMS = ("cases", "inspectors", "intake", LEDGER)
"""What an archive may hold at its top."""


def verify(office: Office, *, judges: Judges, reference: str | None = None) -> Report:
    """Check one letter, or the whole archive, and tell all that differs. Changes nothing."""
    found = Findings()
    ledger = VerifiedChain(office, LEDGER, found)
    anchors: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    closed: set[str] = set()
    for entry in ledger.entries:
        told = entry.detail.get("reference")
        if told is None:
            continue
        anchors[told].append((entry.detail["case_seq"], entry.detail["case_head"]))
        if entry.event == "closed":
            closed.add(told)
    wanted = {reference} if reference else {*anchors, *(c.reference for c in all_cases(office))}
    for key, sha256 in ledger.named_objects():
        if reference is None or f"/{reference}/" in key or key.startswith("inspectors/"):
            found.check_object(office.store, key, sha256, named_by="the ledger")
    for one in sorted(wanted):
        verify_case(
            Case(office, one), anchors[one], is_closed=one in closed, judges=judges, found=found
        )
    if reference is None:
        _check_inspectors(office, {key for key, _ in ledger.named_objects()}, found)
        _check_intake(office, found)
        _check_strangers(office, {c.prefix for c in all_cases(office)}, found)
    return found.report(cases=len(wanted))


def _check_inspectors(office: Office, named: set[str], found: Findings) -> None:
    for key in office.store.list("inspectors"):
        if key in named:
            continue
        try:
            Enrolment.model_validate_json(office.store.get(key))
        except ValueError:
            found.differ("added", key, "The ledger does not name it.")
        else:
            found.open_objects.append(key)


def _check_intake(office: Office, found: Findings) -> None:
    keys = office.store.list("intake")
    for prefix in sorted({"/".join(key.split("/")[:2]) for key in keys}):
        chain = VerifiedChain(office, f"{prefix}/audit", found)
        named = dict(chain.named_objects())
        for key, sha256 in named.items():
            found.check_object(office.store, key, sha256, named_by="the intake's chain")
        for key in keys:
            if not key.startswith(f"{prefix}/") or key in named:
                continue
            if re.fullmatch(rf"{prefix}/audit/[0-9]{{8}}\.json", key):
                continue
            is_draft = re.fullmatch(rf"{prefix}/original\.(md|txt)", key) is not None
            if is_draft and sha256_hex(office.store.get(key)) == prefix.partition("/")[2]:
                found.open_objects.append(key)
            else:
                found.differ("added", key, "No entry of the intake names it.")


def _check_strangers(office: Office, cases: set[str], found: Findings) -> None:
    """Look for what lies outside every case, intake and chain."""
    for key in office.store.list(""):
        room, *rest = key.split("/")
        is_known = room in ROOMS and not (
            (room == "cases" and "/".join(key.split("/")[:4]) not in cases)
            or (room == LEDGER and not re.fullmatch(r"[0-9]{8}\.json", "/".join(rest)))
        )
        if not is_known:
            found.differ("added", key, "It belongs to no letter, key or draft.")
    for path in office.store.strangers():
        found.differ("added", path, "It is no object of an archive.")
