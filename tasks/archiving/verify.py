"""Verification: the archive against its own chains, from the ledger down.

Every entry is linked to the one before; every object has the hash with which an
entry or a manifest names it; nothing lies there that nobody named; what was
signed is what was sent. A chain's cut-off tail is seen by its anchors: the
ledger for cases, the witness for all, the sent e-mails for the case, and for the ledger
what went out of the office.

Letters may be issued meanwhile. What is listed is listed before the chains are
read that name it, and an anchor is read before the chain that it speaks of.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from letters.canonical import sha256_hex
from letters.errors import UsageError
from letters.reference import Reference
from letters.report import Report
from tasks.archiving.findings import Findings, VerifiedChain, witnessed_chains
from tasks.archiving.judges import Judges
from tasks.archiving.layout import ENTRY_NAME, unfinished_steps
from tasks.archiving.review.keep import FOLDER as REVIEWS
from tasks.archiving.verify_case import verify_case
from tasks.archiving.verify_disposals import certify
from tasks.archiving.verify_events import EVENTS, Batches
from tasks.archiving.verify_ledger import ROOMS, VerifiedLedger
from tasks.archiving.verify_notices import announced_notices, check_foreign
from tasks.archiving.verify_pdf import PdfCheck
from tasks.archiving.verify_reviews import check_reviews, record_of
from tasks.archiving.verify_sent import check_outbox, outbox_names
from tasks.case.case import Case, case_missing
from tasks.case.chain import entry_key
from tasks.case.intake import KEPT_AS
from tasks.case.ledger import LEDGER
from tasks.case.office import Office

Head = tuple[int, str]
"""An entry's number and the hash of its bytes, as somebody outside has them."""

_CASE = re.compile(r"(cases/[^/]+/[^/]+/([^/]+))/.+")
_INTAKE = re.compile(r"(intake/[0-9a-f]{64})/.+")
_INTAKE_ENTRY = re.compile(r"intake/[0-9a-f]{64}/audit/[0-9]{8}\.json")
_LEDGER_ENTRY = re.compile(rf"{LEDGER}/[0-9]{{8}}\.json")
_DRAFT = re.compile(rf"original\.({'|'.join(KEPT_AS)})")

NOWHERE = ("", "")

GIVEN = "the head you gave"


def verify_letter(
    office: Office, reference: str, *, judges: Judges, heads: Iterable[Head] = ()
) -> Report:
    """Check one letter, with heads of its chain from outside. Changes nothing.

    Raises UsageError for a letter of which nothing in the office knows.
    """
    found = Findings()
    case = Case(office, reference)
    keys = found.list(office.store, case.prefix)
    ledger = VerifiedLedger.read(office, found)
    if not (keys or reference in ledger.heads or office.witness.heads(case.chain.prefix)):
        raise case_missing(office, reference)
    certify(office, ledger.chain, found)
    rooms = ("inspectors/", "seals/", "disposals/")
    ledger.check_named(office, found, (f"{case.prefix}/", *rooms))
    batches, pdfs = Batches(office, judges), PdfCheck(office, ledger.named, found)
    chain = _verify_case(case, keys, ledger, batches, pdfs, judges, found)
    for seq, sha256 in heads:
        chain.check_anchor(seq, sha256, found, anchor=GIVEN)
    drafts = (_INTAKE.fullmatch(key) for key, _ in chain.named_objects())
    known = set[str]()
    for prefix in sorted({match[1] for match in drafts if match}):
        known |= _verify_intake(office, prefix, found.list(office.store, prefix), found)
    _check_carried(office, _carried(chain), known, found)
    _check_strangers(office, case.prefix, found)
    return found.report(cases=1)


def verify_archive(
    office: Office,
    *,
    judges: Judges,
    heads: Iterable[Head] = (),
    is_chosen: Callable[[str], bool] | None = None,
) -> Report:
    """Check the whole archive, with heads of the ledger from outside. Changes nothing.

    With `is_chosen` only the letters of these references, the intakes (`intake/<sha256>`) and
    the annual reviews (`reviews/<year>/…`) are checked, and all that belongs to none; that
    every notice was announced then isn't.
    """
    found = Findings()
    laid_out = outbox_names(office)
    places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for chain in witnessed_chains(office):  # nothing else may be left of its place
        places.setdefault(_place_of(entry_key(chain, 1)), [])
    keys = office.store.list("")
    for key in keys:
        places[_place_of(key)].append(key)
    ledger = VerifiedLedger.read(office, found)
    certify(office, ledger.chain, found)
    for seq, sha256 in heads:
        ledger.chain.check_anchor(seq, sha256, found, anchor=GIVEN)
    references = {place for room, place in places if room == "cases"}
    references |= {told for told in ledger.heads if _is_reference(told)}
    chosen = sorted(filter(is_chosen, references))
    rooms = [*ROOMS, *(Reference.parse(reference).case_prefix for reference in chosen)]
    ledger.check_named(office, found, tuple(f"{room}/" for room in rooms) if is_chosen else ("",))
    ledger.check_anchors(office, judges, found)
    for key in places[NOWHERE]:
        found.differ("hashes", "added", key, "It belongs to no letter, inspector or draft.")
    for room in ROOMS:
        ledger.check_rooms(office, places[room, ""], found)
    batches, pdfs = Batches(office, judges), PdfCheck(office, ledger.named, found)
    if places[EVENTS, ""] or ledger.events:
        batches.check(places[EVENTS, ""], ledger.events, found)
    announced, carried = set(announced_notices(ledger.chain)), dict[str, str]()
    for reference in chosen:
        case = Case(office, reference)
        listed = places["cases", reference]
        verified = _verify_case(case, listed, ledger, batches, pdfs, judges, found)
        announced.update(announced_notices(verified))
        carried.update(_carried(verified))
    known = set[str]()
    for prefix in sorted(place for room, place in places if room == "intake"):
        if is_chosen is None or is_chosen(prefix):
            known |= _verify_intake(office, prefix, places["intake", prefix], found)
    if is_chosen is None:
        _check_carried(office, carried, known, found)
    reviews = {place: listed for (room, place), listed in places.items() if room == REVIEWS}
    check_reviews(office, reviews, ledger.chain, found, is_chosen=is_chosen)
    check_outbox(laid_out, keys, found)
    if is_chosen is None:
        check_foreign(laid_out, announced, found)
    _check_strangers(office, "", found)
    return found.report(cases=len(chosen))


def _verify_case(
    case: Case,
    keys: list[str],
    ledger: VerifiedLedger,
    batches: Batches,
    pdfs: PdfCheck,
    judges: Judges,
    found: Findings,
) -> VerifiedChain:
    names = [key.removeprefix(f"{case.prefix}/") for key in keys]
    chain = verify_case(
        case,
        names,
        ledger.heads.get(case.reference, []),
        is_closed=case.reference in ledger.closed,
        pdfs=pdfs,
        judges=judges,
        found=found,
    )
    batches.check_case(case.prefix, names, found)
    return chain


def _carried(chain: VerifiedChain) -> dict[str, str]:
    """Map the entries that a case carried over from its intakes to the hashes of those."""
    return {
        entry_key(chain.prefix, entry.seq): str(entry.detail["intake_entry"])
        for entry in chain.entries
        if "intake_entry" in entry.detail
    }


def _all_intake_entries(office: Office, found: Findings) -> set[str]:
    """Hash the entries of every intake: rarely asked for, since there are many."""
    keys = (key for key in found.list(office.store, "intake") if _INTAKE_ENTRY.fullmatch(key))
    read = (found.read(office.store, key) for key in keys)
    return {sha256_hex(data) for data in read if data is not None}


def _check_carried(
    office: Office, carried: dict[str, str], known: set[str], found: Findings
) -> None:
    """Check that what was carried over stands in an intake. The intakes were read later."""
    if not known.issuperset(carried.values()):
        # A draft taken in after we had listed the intakes; or the beginning of one that became
        # no letter, since the run that carried it over was killed.
        known = known | _all_intake_entries(office, found)
    for key, original in carried.items():
        if original not in known:
            told = "It was carried over from an intake that has no such entry."
            found.differ("chains", "anchor-differs", key, told)


def _verify_intake(office: Office, prefix: str, keys: list[str], found: Findings) -> set[str]:
    """Check an intake; return the hashes of its entries."""
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
            found.differ("hashes", "added", key, "No entry of the intake's chain names it.")
    return set(chain.hashes.values())


def _check_strangers(office: Office, prefix: str, found: Findings) -> None:
    for anomaly in office.store.strangers(prefix):
        found.differ("hashes", "added", anomaly.key, anomaly.message)


def _place_of(key: str) -> tuple[str, str]:
    """Tell to which intake or letter a key belongs, or only to which room."""
    if match := _INTAKE.fullmatch(key):
        return "intake", match[1]
    if (match := _CASE.fullmatch(key)) and _is_reference(match[2]):
        is_in_its_place = Reference.parse(match[2]).case_prefix == match[1]
        return ("cases", match[2]) if is_in_its_place else NOWHERE
    if (record := record_of(key)) is not None:
        return REVIEWS, record
    room = key.partition("/")[0]
    if room in (*ROOMS, EVENTS):
        return room, ""
    return (LEDGER, "") if _LEDGER_ENTRY.fullmatch(key) else NOWHERE


def _is_reference(text: str) -> bool:
    try:
        Reference.parse(text)
    except UsageError:
        return False
    return True
