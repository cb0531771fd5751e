"""The tamper campaign: every kind of tampering in every place, and which check finds it.

`python -m tests.archiving.tampering` prints the table and writes docs/tampering.md. Each
is put right again before the next, so that every finding is that of one tampering.
"""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pikepdf
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.sealed import unsealed
from letters.signoff import Decision
from tasks.archiving.anchors import anchor_ledger
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.witness import Witness
from tasks.mailing.events import apply_batch
from tasks.mailing.ledger_mail import send_anchor
from tasks.rendering.seal import seal
from tasks.rendering.seal_keys import sealing_key
from tests.archiving.forging import (
    CASE,
    CHANGES,
    a_bit_flipped,
    all_laid,
    chains_of,
    each_pdf_is_read_once,
    entries_of,
    folders_of,
    forged,
    place_of,
    relinked,
    with_another_actor,
)
from tests.archiving.review.reviewing import review_year
from tests.issuing import REFERENCE, a_sample_office, as_another_process, in_other_words, issue
from tests.offices import some_settings
from tests.provider_batches import event_of, kept, public_key
from tests.time_stamps import an_authority

PAGE = Path(__file__).parents[2] / "docs" / "tampering.md"

CASE_KEY = CASE.removeprefix("archive/")

LETTER = f"{CASE}/r2/letter.pdf"


class Tampering(NamedTuple):
    """What lies in the office's folder for a moment, and the place that must be named."""

    place: str
    """A key of the archive, the folder of a chain, or a file of the outbox."""
    files: dict[str, bytes | None]
    heads: tuple[str, ...] = ()
    """Heads of the ledger that somebody outside has kept."""

    def is_named_by(self, key: str) -> bool:
        """Whether a difference of this key tells of it; an intake may be told by its case."""
        place = CASE_KEY if self.place.startswith("intake/") else self.place
        return f"{key}/".startswith((f"{self.place}/", f"{place}/"))


class Row(NamedTuple):
    """What came of one kind of tampering."""

    kind: str
    places: int
    missed: tuple[str, ...]
    checks: Counter[str]


def an_office(root: Path, tsa_url: str, tsa_root: bytes) -> Office:
    """An office with one of everything that is kept; its letter was issued as a second revision."""
    (root / "keys").mkdir(parents=True, exist_ok=True)
    (root / "keys" / "tsa.pem").write_bytes(tsa_root)
    anchors = {"mailbox": "anchors@elsewhere.example", "tsa_url": tsa_url}
    settings = some_settings(
        root,
        anchors={**anchors, "tsa_trust_file": "keys/tsa.pem"},
        webhook={"public_key": public_key()},
    )
    office = a_sample_office(root, settings=settings)
    issue(office, decision=Decision.RETURN)
    case, revision = issue(office, in_other_words())
    events = (event_of(case, r, revision=revision) for r in case.recipients(revision))
    apply_batch(office, kept(office, *events))
    review_year(office, 2011)
    anchor_ledger(office, send_anchor=send_anchor)
    return office


def verified(office: Office, **outside):
    """Verify the whole office, each PDF read once by its bytes."""
    return verify_office(as_another_process(office), **outside)


# Kinds. Each yields what is done in one place after the other.


def changed(change):
    def tamperings(office: Office) -> Iterator[Tampering]:
        chance = random.Random(2011)  # noqa: S311 -- nothing secret
        for key in office.store.list(""):
            data = change(office.store.get(key), chance)
            yield Tampering(place_of(key), {f"archive/{key}": data})

    return tamperings


def swapped_with_the_next(office):
    keys = office.store.list("")
    for key, other in zip(keys, [*keys[1:], keys[0]], strict=True):
        one, another = office.store.get(key), office.store.get(other)
        if one != another:
            files = {f"archive/{key}": another, f"archive/{other}": one}
            yield Tampering(place_of(key), files)


def rolled_back(office):
    for key in office.store.list(f"{Case(office, REFERENCE).prefix}/r2"):
        earlier = office.store.find(key.replace("/r2/", "/r1/"))
        if earlier not in (None, office.store.get(key)):
            yield Tampering(key, {f"archive/{key}": earlier})


def added(name, data):
    def tamperings(office):
        for folder in folders_of(office):
            if not (office.store.root / folder / name).exists():
                yield Tampering(f"{folder}{name}", {f"archive/{folder}{name}": data})

    return tamperings


def cut_off(office):
    for chain in chains_of(office):
        entries = list(entries_of(office, chain))
        for count in sorted({1, len(entries) // 2, len(entries) - 1, len(entries)} - {0}):
            yield Tampering(chain, {f"archive/{key}": None for key in entries[-count:]})


def two_entries_swapped(office):
    for chain in chains_of(office):
        entries = list(entries_of(office, chain).items())
        for (first, one), (second, other) in pairwise(entries):
            yield Tampering(chain, {f"archive/{first}": other, f"archive/{second}": one})


def rebuilt(office, chain):
    anew = relinked(entries_of(office, chain), with_another_actor)
    return {f"archive/{key}": data for key, data in anew.items()}


def chain_rebuilt(office):
    for chain in chains_of(office):
        yield Tampering(chain, rebuilt(office, chain))


def chain_and_witness_rebuilt(office):
    for chain in chains_of(office):
        files = rebuilt(office, chain)
        yield Tampering(chain, {**files, **witness_of(office, chain, files.values())})


def chain_cut_and_witness_too(office):
    """More than came after the last anchor: of an intake, its case has seen all but two entries."""
    for chain in chains_of(office):
        entries = entries_of(office, chain)
        least = 3 if chain.startswith("intake/") else 1
        for count in sorted({least, len(entries) // 2, len(entries) - 1}):
            kept_entries = list(entries.values())[:-count]
            gone = {f"archive/{key}": None for key in list(entries)[-count:]}
            heads = [f"{len(entries)}:{sha256_hex(list(entries.values())[-1])}"]
            yield Tampering(
                chain,
                {**gone, **witness_of(office, chain, kept_entries)},
                tuple(heads) if chain == "ledger" else (),
            )


def witness_of(office, chain, entries):
    """The witness's record as it would be of these entries."""
    lines = (f"{n} {sha256_hex(data)}\n" for n, data in enumerate(entries, start=1))
    return {f"witness/{chain}.heads": "".join(lines).encode()}


def sealed_by_another(pdf, office, folder):
    """The approved PDF with a seal by a certificate that no ledger introduced."""
    folder.mkdir()
    approved = unsealed(pdf, Case(office, REFERENCE).pack(2).pdf_sha256)
    other = a_sample_office(folder)
    return seal(
        approved,
        sealing_key(other),
        profile="B-B",
        tsa_url="",
        trust=b"",
        reason="Sealed by somebody else",
        at=office.clock(),
    )


def updated(pdf):
    """The sealed PDF with an incremental update: another title."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root[pdf_name("/Altered")] = pdf_string("yes")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_a_page_replaced(pdf):
    """The sealed PDF with an incremental update that blanks its first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = page.raw_get("/Contents").get_object()
    stream._data, stream._encoded_data = b"q Q", None
    writer.update_container(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def written_anew(pdf):
    """What a PDF editor saves: the seal is gone."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()


def pdf_changed(change):
    def tamperings(office):
        key = LETTER.removeprefix("archive/")
        yield Tampering(key, {LETTER: change(office.store.get(key))})

    return tamperings


def resealed(office):
    key = LETTER.removeprefix("archive/")
    with tempfile.TemporaryDirectory() as folder:
        data = sealed_by_another(office.store.get(key), office, Path(folder, "other"))
    yield Tampering(key, {LETTER: data})


def e_mails_changed(office):
    chance = random.Random(2011)  # noqa: S311 -- nothing secret
    for path in sorted((office.root / "outbox").rglob("*.eml")):
        place = path.relative_to(office.root).as_posix()
        yield Tampering(place, {place: a_bit_flipped(path.read_bytes(), chance)})


def e_mails_added(office):
    for folder in ("outbox", "outbox/notices"):
        place = f"{folder}/{'0' * 32}.eml"
        yield Tampering(place, {place: b"To: somebody@else.example\r\n\r\nHello\r\n"})


def witness_gone(office):
    for chain in ("ledger", Case(office, REFERENCE).chain.prefix):
        yield Tampering(f"witness of {chain}", {f"witness/{chain}.heads": None})


KINDS = {
    **{f"{what} (every object)": changed(change) for what, change in CHANGES.items()},
    "two objects change places (every pair of neighbours)": swapped_with_the_next,
    "an object is rolled back to the revision before": rolled_back,
    "a foreign object is added (every folder)": added("foreign.json", b"{}\n"),
    "a file that can be no object is added (every folder)": added("two words.txt", b"x"),
    "the end of a chain is cut off": cut_off,
    "two entries of a chain change places": two_entries_swapped,
    "a chain is rebuilt from its start": chain_rebuilt,
    "a chain is rebuilt from its start, and the witness's record too": chain_and_witness_rebuilt,
    "the end of a chain is cut off, and the witness's record too": chain_cut_and_witness_too,
    "the letter's PDF is sealed again by another certificate": resealed,
    "an incremental update is appended to the sealed PDF": pdf_changed(updated),
    "a page of the sealed PDF is replaced by an update": pdf_changed(with_a_page_replaced),
    "the sealed PDF is saved anew by an editor": pdf_changed(written_anew),
    "an e-mail or notice in the outbox is altered": e_mails_changed,
    "an e-mail or notice is laid into the outbox": e_mails_added,
    "the witness's record is taken away": witness_gone,
}


def row_of(kind: str, office: Office, at_most: int | None = None) -> Row:
    """Tamper in every place, or spread over `at_most` of them; tell what was found by what."""
    tamperings = list(KINDS[kind](office))
    if at_most is not None:
        tamperings = tamperings[:: max(1, -(-len(tamperings) // at_most))]
    missed, checks = [], Counter[str]()
    for one in tamperings:
        with all_laid(office.root, one.files):
            report = verified(office, heads=one.heads)
        if any(one.is_named_by(difference.object) for difference in report.differences):
            checks.update({difference.check for difference in report.differences})
        else:
            missed.append(one.place)
    return Row(kind, len(tamperings), tuple(missed), checks)


# By somebody who owns everything, and makes every hash fit.

FORGED = {
    "the letter's words": (f"{CASE}/r2/letter.json", lambda d: d.replace(b"children", b"nobody")),
    "a recipient's address": (
        f"{CASE}/r2/recipients.json",
        lambda d: d.replace(b"westmere.example", b"elsewhere.example"),
    ),
    "the plain text": (f"{CASE}/r2/letter.txt", lambda d: d.replace(b"children", b"nobody")),
    "a covering e-mail": (
        f"{CASE}/r2/emails/director.json",
        lambda d: d.replace(b"letter", b"advert"),
    ),
    "the comments of the return": (
        f"{CASE}/r1/signoff.json",
        lambda d: d.replace(b"Say which", b"Do not say which"),
    ),
    "the signature of the approval": (
        f"{CASE}/r2/signoff.json",
        lambda d: d.replace(b'"signature":"M', b'"signature":"N'),
    ),
    "the letter's PDF, by an incremental update": (LETTER, updated),
    "a page of the letter's PDF": (LETTER, with_a_page_replaced),
    "what the provider told of a delivery": (
        "event",
        lambda d: d.replace(b"delivered", b"processed"),
    ),
    "who did what (the first entry of the trail)": (
        f"{CASE}/audit/00000001.json",
        lambda d: d.replace(b"tester@desk", b"another@desk"),
    ),
}


def forged_row(what: str, office: Office, folder: Path) -> tuple[set[str], set[str]]:
    """Forge one thing and all that names it, the witness's record and the outbox too.

    Returns the checks that find it without any anchor from outside, and with a time stamp
    and a head of the ledger.
    """
    name, change = FORGED[what]
    if name == "event":
        (name, *_) = (f"archive/{k}" for k in office.store.list(CASE_KEY) if "/event-" in k)
    ledger = entries_of(office, "ledger")
    head = f"{len(ledger)}:{sha256_hex(list(ledger.values())[-1])}"
    forgery = forged(office, folder, name, change, are_emails_forged=True)
    witness = Witness(folder / "witness")
    for chain in chains_of(forgery):
        for number, data in enumerate(entries_of(forgery, chain).values(), start=1):
            witness.note(chain, number, sha256_hex(data))
    outside = {d.check for d in verified(forgery, heads=[head]).differences}
    for key in forgery.store.list("anchors"):  # and the forger takes the time stamps away
        (forgery.store.root / key).unlink()
    gone = {d.object for d in verified(forgery).differences if d.object.startswith("anchors/")}
    report = verified(forgery)
    alone = {d.check for d in report.differences if d.object not in gone}
    return alone, outside


def campaign(office: Office, folder: Path) -> Iterator[str]:
    """Do all of it; yield the page line by line."""
    yield from HEAD
    for kind in KINDS:
        row = row_of(kind, office)
        found = f"{row.places - len(row.missed)}"
        yield f"| {kind} | {row.places} | {found} | {_told(row.checks)} |"
        print(row.kind, row.places, row.missed or "", file=sys.stderr)  # noqa: T201
    yield from MIDDLE
    for number, what in enumerate(FORGED):
        alone, outside = forged_row(what, office, folder / str(number))
        yield f"| {what} | {_listed(alone)} | {_listed(outside)} |"
    yield from TAIL


HEAD = (
    "# What tampering is found, and by which check",
    "",
    "Written by `python -m tests.archiving.tampering`, which tampers with an office of one"
    " letter (returned, then issued as its second revision, sealed, sent, its deliveries"
    " reported by the provider, its year reviewed, its ledger anchored) in each place in turn,"
    " verifies the whole archive, and puts the place right again.",
    "What each check proves and can't: [verify.md](verify.md).",
    "",
    "## One place at a time",
    "",
    "Found: a difference names the object, or the chain that it belongs to.",
    "",
    "| kind of tampering | places | found | by which checks (in how many places) |",
    "| --- | ---: | ---: | --- |",
)

MIDDLE = (
    "",
    "## By somebody who owns archive, witness and outbox",
    "",
    "One thing is changed, then every hash of it, and every hash of those: objects, chains,"
    " the ledger, e-mails in the outbox and the witness's record all fit again.",
    "What such a forger can't do is sign as the inspector, have the seal's private key, or"
    " reach what left the house.",
    "",
    "| what is forged | found by, with nothing from outside | with a time stamp and a head kept"
    " outside |",
    "| --- | --- | --- |",
)

TAIL = (
    "",
    "Where the second column is empty, nothing inside the office can tell: that is what anchors"
    " are for (`[anchors]` in the settings; the `X-Case-Head` of every e-mail that was sent).",
    "The last two entries of an intake, which say what letter a draft became, are seen by the"
    " witness alone; the letter's own trail says it too.",
)


def _told(checks: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in checks.most_common())


def _listed(checks: Iterable[str]) -> str:
    return ", ".join(sorted(checks))


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(os, "fsync", lambda _: None),
        each_pdf_is_read_once(),
    ):
        place = Path(folder)
        (place / "authority").mkdir()
        with an_authority(place / "authority") as authority:
            office = an_office(place / "office", authority.url, authority.root_pem)
            report = verified(office)
            if not report.is_clean:
                sys.exit(f"It differs before anything was done: {report.differences}")
            lines = list(campaign(office, place / "forged"))
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
