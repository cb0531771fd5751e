"""Reviews as they are kept: of each authority and of the whole year, each with its chain.

`reviews/<year>/authorities/<code>/` and `reviews/<year>/whole/` hold `<n>/review.json`
and what was made of it; another n only where a review tells something else. The chain
announces the objects of an n with their hashes before the first is stored, and names them
all when the last is: then n is complete, and the highest complete n holds. The objects
go first, the entry that names them after it; of a run that was killed in between, the next
one that tells the same completes what was begun, from the words that lie there. So do
two processes that keep the same review at once. A year is complete when the ledger has
seen the end of its whole's chain.

What a review says is for `gather.py`, and when one is to be made for
`lacking.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from letters.canonical import sha256_hex, stored_json
from letters.errors import LettersError
from letters.review import AuthorityReview, NamedReview, YearSummary
from tasks.case.ledger import Event, ledger_of
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED, ObjectForeign, Record

FOLDER = "reviews"

STEP = "keep-review"
KEPT = "kept"
"""The event: all objects of a number are stored, and named by it."""

REVIEWED: Event = "reviewed"

REVIEW = "review.json"

RECORD = re.compile(rf"({FOLDER}/([0-9]{{4}})/(?:authorities/([a-z0-9]+(?:-[a-z0-9]+)*)|whole))/.+")
"""A key of a record: its place, the year, and the authority's code unless it is the whole's."""


R = TypeVar("R", AuthorityReview, YearSummary)


class Kept(NamedTuple, Generic[R]):
    """A review as it is kept."""

    review: R
    sha256: str
    """Of its stored bytes."""
    number: int


class ReviewDamaged(LettersError):
    """A review that is kept isn't what its chain names."""

    code = "review-damaged"


def last_review(office: Office, year: int, code: str) -> Kept[AuthorityReview] | None:
    """Find the review of an authority's year that holds. Raises ReviewDamaged, ChainBroken."""
    return _last(authority_record(office, year, code), AuthorityReview)


def named_review(office: Office, year: int, named: NamedReview) -> Kept[AuthorityReview]:
    """Read the review that a year's summary names. Raises ReviewDamaged.

    Others build on this one, whatever was added to the authority's chain since.
    """
    record = authority_record(office, year, named.code)
    return _read(record, named.number, named.sha256, AuthorityReview)


def last_summary(office: Office, year: int) -> Kept[YearSummary] | None:
    """Find the summary of a year that holds. Raises ReviewDamaged, ChainBroken."""
    return _last(whole_record(office, year), YearSummary)


def keep_review(
    office: Office,
    gathered: AuthorityReview,
    make_files: Callable[[AuthorityReview], Mapping[str, bytes]],
) -> Kept[AuthorityReview]:
    """Keep a review and the files made of it, unless one that tells the same or knows more is.

    `make_files` is called only then, with the very review that is kept: another process, or
    one that was killed, may have begun with the same a moment earlier. Its names are within
    the number's folder: `dossier.pdf`, `charts/areas.svg`. Where it makes none, the review is
    kept, and it is called again with the next. Raises ObjectForeign.
    """
    record = authority_record(office, gathered.year, gathered.authority.code)
    return _keep(record, gathered, AuthorityReview, make_files)


def keep_summary(
    office: Office,
    summary: YearSummary,
    make_files: Callable[[YearSummary], Mapping[str, bytes]],
) -> Kept[YearSummary]:
    """Keep a year's summary as `keep_review` does a review, and enter that into the ledger."""
    record = whole_record(office, summary.year)
    kept = _keep(record, summary, YearSummary, make_files)
    _enter(record, kept)
    return kept


def authority_record(office: Office, year: int, code: str) -> Record:
    """Tell where the reviews of an authority's year are kept."""
    return Record(office, f"{FOLDER}/{year:04d}/authorities/{code}")


def whole_record(office: Office, year: int) -> Record:
    """Tell where the summaries of a year are kept."""
    return Record(office, f"{FOLDER}/{year:04d}/whole")


def files_of(record: Record, number: int) -> dict[str, str]:
    """Map the names of what is kept under a number to the hashes with which it is named."""
    start = record.key(f"{number}/")
    return {
        each["object"].removeprefix(start): each["sha256"]
        for entry in record.chain.entries()
        if entry.event == KEPT and entry.detail["number"] == number
        for each in entry.detail["objects"]
    }


def _last(record: Record, model: type[R]) -> Kept[R] | None:
    record.chain.require_whole()
    numbers = [e.detail["number"] for e in record.chain.known_entries() if e.event == KEPT]
    if not numbers:
        return None
    number = max(numbers)
    return _read(record, number, files_of(record, number).get(REVIEW, ""), model)


def _read(record: Record, number: int, sha256: str, model: type[R]) -> Kept[R]:
    data = record.find(f"{number}/{REVIEW}")
    if data is None or sha256_hex(data) != sha256:
        raise ReviewDamaged(
            "The review isn't the one that was kept.",
            where=record.key(f"{number}/{REVIEW}"),
            remedy="Run `letters verify` to see what was altered; restore it from a backup.",
        )
    return Kept(model.model_validate_json(data), sha256, number)


def _keep(
    record: Record, review: R, model: type[R], make_files: Callable[[R], Mapping[str, bytes]]
) -> Kept[R]:
    kept = _last(record, model)
    if kept is not None and _tells_enough(kept.review, review):
        has_files = len(files_of(record, kept.number)) > 1
        if has_files:
            return kept
    number = 1 if kept is None else kept.number + 1
    while True:
        begun = _begun(record, number, review, model)
        if begun is not None:
            break
        number += 1
    files = make_files(begun.review)
    objects = {f"{number}/{name}": data for name, data in files.items()}
    named = {f"{number}/{REVIEW}": begun.sha256, **dict(_stored(record, number, objects))}
    detail = [{"object": record.key(name), "sha256": named[name]} for name in sorted(named)]
    record.chain.append(STEP, KEPT, detail={"number": number, "objects": detail})
    return begun


def _begun(record: Record, number: int, review: R, model: type[R]) -> Kept[R] | None:
    """Begin a number with a review; None where it was begun with another that is no newer."""
    name, data = f"{number}/{REVIEW}", stored_json(review.model_dump(mode="json"))
    stored = record.find(name)
    if stored is None:
        ((_, sha256),) = _stored(record, number, {name: data})
        stored = data if sha256 == sha256_hex(data) else record.get(name)
    _require_announced(record, name, stored)
    found = model.model_validate_json(stored)
    return Kept(found, sha256_hex(stored), number) if _tells_enough(found, review) else None


def _tells_enough(stored: R, review: R) -> bool:
    """Whether a stored review makes another superfluous: it tells the same, or knows more.

    Of two who review a year at once the one who read the ledger first may be the last to
    keep: what it tells is out of date by then.
    """
    return stored.as_of.seq > review.as_of.seq or stored.tells_as(review)


def _stored(record: Record, number: int, objects: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Announce objects and store them; yield the name and hash of what lies there then."""
    told = [
        {"key": record.key(name), "sha256": sha256_hex(data)}
        for name, data in sorted(objects.items())
    ]
    known = announced_objects(record)
    if any((each["key"], each["sha256"]) not in known for each in told):
        record.chain.append(STEP, ANNOUNCED, detail={"number": number, "announced": told})
    for name, data in sorted(objects.items()):
        stored = record.store.put(record.key(name), data)
        if stored != data:
            _require_announced(record, name, stored)
        yield name, sha256_hex(stored)


def announced_objects(record: Record) -> set[tuple[str, str]]:
    """List what was about to be stored: key and hash."""
    return {
        (each["key"], each["sha256"])
        for entry in record.chain.entries()
        if (entry.step, entry.event) == (STEP, ANNOUNCED)
        for each in entry.detail["announced"]
    }


def _require_announced(record: Record, name: str, data: bytes) -> None:
    if (record.key(name), sha256_hex(data)) not in announced_objects(record):
        raise ObjectForeign(
            "Something lies here that was laid in by hand: no review was announced with it.",
            where=record.key(name),
            remedy="Find out who did it, move the file out of the archive and keep it as"
            " evidence, then make the review again.",
        )


def _enter(record: Record, kept: Kept[YearSummary]) -> None:
    """Enter a summary into the ledger, unless it stands there since it was made."""
    ledger, as_of = ledger_of(record.office), kept.review.as_of
    told = {"object": record.key(f"{kept.number}/{REVIEW}"), "sha256": kept.sha256}
    since = ledger.part_after(as_of.seq, as_of.head).entries
    if any(e.event == REVIEWED and told.items() <= e.detail.items() for e in since):
        return
    seq, head = record.chain.head()
    detail = {"year": kept.review.year, "number": kept.number, **told}
    ledger.append("ledger", REVIEWED, detail={**detail, "review_seq": seq, "review_head": head})
