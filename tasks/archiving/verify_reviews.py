"""Verification of the annual reviews: their chains, what they name, and who saw their ends.

A year's summary names the review of each authority and the end of its chain; the ledger
names the summary and the end of the chain of the whole. A review that neither names was kept
in a round that was interrupted, or added by hand: nothing is built on it, and it is told as
an open object. What those reviews say of letters
isn't compared with the letters, which are disposed of before them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.review import YearSummary
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.layout import ENTRY_NAME
from tasks.archiving.review.keep import KEPT, RECORD, REVIEW, REVIEWED
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED

WHOLE = re.compile(rf"(reviews/[0-9]{{4}})/whole/[1-9]\d*/{re.escape(REVIEW)}")

_OBJECT = re.compile(r"[1-9]\d*/.+")


def check_reviews(
    office: Office,
    places: Mapping[str, list[str]],
    ledger: VerifiedChain,
    found: Findings,
    *,
    is_chosen: Callable[[str], bool] | None,
) -> None:
    """Check the records of reviews, each with the keys that were listed of it before."""
    anchors = _anchors(office, places, ledger)
    chosen = {*places, *anchors} if is_chosen is None else filter(is_chosen, {*places, *anchors})
    for place in sorted(chosen):
        _check_record(office, place, places.get(place, []), anchors.get(place, []), found)


def record_of(key: str) -> str | None:
    """Tell to which record of a review a key belongs; None where it belongs to none."""
    match = RECORD.fullmatch(key)
    return None if match is None else match[1]


class _Anchor(NamedTuple):
    """Who saw the end of a chain, which it was, and the number that held then."""

    by: str
    seq: int
    head: str
    number: int


def _anchors(
    office: Office, places: Mapping[str, list[str]], ledger: VerifiedChain
) -> dict[str, list[_Anchor]]:
    """Map the records to the ends that ledger and summaries have seen of their chains."""
    anchors: defaultdict[str, list[_Anchor]] = defaultdict(list)
    for entry in ledger.entries:
        match entry.detail:
            case {
                "object": str(key),
                "review_seq": int(seq),
                "review_head": str(head),
                "number": int(number),
            } if entry.event == REVIEWED and WHOLE.fullmatch(key):
                anchors[record_of(key) or key].append(_Anchor("the ledger", seq, head, number))
    for key in (key for keys in places.values() for key in keys):
        match = WHOLE.fullmatch(key)
        data = office.store.find(key) if match else None
        if match is None or data is None:
            continue
        try:
            summary = YearSummary.model_validate_json(data)
        except ValueError:
            continue  # its hash tells
        for review in summary.reviews:
            place = f"{match[1]}/authorities/{review.code}"
            anchors[place].append(
                _Anchor("the year's summary", review.seq, review.head, review.number)
            )
    return dict(anchors)


def _check_record(
    office: Office, place: str, keys: list[str], anchors: list[_Anchor], found: Findings
) -> None:
    chain = VerifiedChain(office, f"{place}/audit", found)
    for anchor in anchors:
        chain.check_anchor(anchor.seq, anchor.head, found, anchor=anchor.by)
    named = dict(chain.named_objects())
    for key, sha256 in named.items():
        found.check_object(office.store, key, sha256, named_by="the review's chain")
    announced = _announced(chain)
    for key in keys:
        name = key.removeprefix(f"{place}/")
        if key in named or re.fullmatch(ENTRY_NAME, name):
            continue
        data = found.read(office.store, key)
        if data is not None and _OBJECT.fullmatch(name) and (key, sha256_hex(data)) in announced:
            # Of a run that was killed, or came second with other words: no complete number's.
            found.open_objects.append(key)
        else:
            found.differ("hashes", "added", key, "No entry of the review's chain names it.")
    anchored = max((anchor.seq for anchor in anchors), default=0)
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > anchored)
    _check_numbers(place, chain, anchors, anchored, found)


def _check_numbers(
    place: str, chain: VerifiedChain, anchors: list[_Anchor], anchored: int, found: Findings
) -> None:
    """Check that each number that was kept is one that summary or ledger names."""
    named = {anchor.number for anchor in anchors}
    for entry in chain.entries:
        number = entry.detail.get("number")
        if entry.event != KEPT or not isinstance(number, int) or number in named:
            continue
        key = f"{place}/{number}/{REVIEW}"
        if number > max(named, default=number) and entry.seq <= anchored:
            by = "the ledger" if place.endswith("/whole") else "the year's summary"
            said = f"It was kept when {by} saw the chain, and named an earlier review."
            found.differ("chains", "added", key, said)
        else:
            found.open_objects.append(key)


def _announced(chain: VerifiedChain) -> set[tuple[str, str]]:
    """List what was about to be stored, as far as the entries can be read."""
    told: set[tuple[str, str]] = set()
    for entry in chain.entries:
        listed = entry.detail.get("announced")
        for each in listed if entry.event == ANNOUNCED and isinstance(listed, list) else ():
            match each:
                case {"key": str(key), "sha256": str(sha256)}:
                    told.add((key, sha256))
    return told
