"""Verification of the annual reviews: their chains, what they name, and who saw their ends.

A year's summary names the review of each authority and the end of its chain; the ledger
names the summary and the end of the chain of the whole. What those reviews say of letters
isn't compared with the letters, which are disposed of before them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping

from letters.canonical import sha256_hex
from letters.review import YearSummary
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.layout import ENTRY_NAME
from tasks.archiving.review.keep import RECORD, REVIEW, REVIEWED
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


_Anchor = tuple[str, int, str]
"""By whom the end of a chain was seen, and which it was."""


def _anchors(
    office: Office, places: Mapping[str, list[str]], ledger: VerifiedChain
) -> dict[str, list[_Anchor]]:
    """Map the records to the ends that ledger and summaries have seen of their chains."""
    anchors: defaultdict[str, list[_Anchor]] = defaultdict(list)
    for entry in ledger.entries:
        match entry.detail:
            case {"object": str(key), "review_seq": int(seq), "review_head": str(head)} if (
                entry.event == REVIEWED and WHOLE.fullmatch(key)
            ):
                anchors[record_of(key) or key].append(("the ledger", seq, head))
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
            anchors[place].append(("the year's summary", review.seq, review.head))
    return dict(anchors)


def _check_record(
    office: Office, place: str, keys: list[str], anchors: list[_Anchor], found: Findings
) -> None:
    chain = VerifiedChain(office, f"{place}/audit", found)
    for by, seq, sha256 in anchors:
        chain.check_anchor(seq, sha256, found, anchor=by)
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
    anchored = max((seq for _, seq, _ in anchors), default=0)
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > anchored)


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
