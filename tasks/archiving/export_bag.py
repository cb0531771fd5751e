"""A letter's record as a bag (BagIt, RFC 8493) that a stranger can check with standard tools.

Owns what goes into the bag and that it is written whole or not at all: 0700 and 0600, in
a folder that wasn't there. What other rooms know (sign-offs, e-mails, how PDF is set) is
handed in; what the report says is for `trail_report.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import bagit

from letters.canonical import sha256_hex
from letters.decisions import Decisions
from letters.delivery import Claim
from letters.errors import LettersError, UsageError
from letters.recipient import FrozenRecipient, send_id
from letters.sealed import unsealed
from letters.signoff import SignOff
from tasks.archiving.certificates import certificate_key, certified_objects, proposal_key
from tasks.archiving.trail_report import SAMPLE_MARK
from tasks.case.case import Case
from tasks.case.chain import stored_entries
from tasks.case.ledger import LEDGER
from tasks.case.sign_offs import names_of
from tasks.templating import TEMPLATES, render_text_template

PROGRAMS = ("check_chain.py", "check_sign_off.py")

UMASK = 0o077


class ExportRefused(UsageError):
    """The bag can't be written there."""

    code = "output-exists"


class Exporters(NamedTuple):
    """What an export asks of other rooms."""

    exported: Callable[[SignOff], dict[str, Any]]
    """Put together what a stranger needs to check a sign-off."""
    rebuild: Callable[[Case, int, FrozenRecipient, Claim], bytes | None]
    """Write a claimed e-mail again, to the byte."""
    report: Callable[[Case, int], bytes]
    """Set the readable report of a letter, by one of its revisions, as PDF."""


class Bag(NamedTuple):
    """What was written."""

    folder: Path
    files: int
    missing: tuple[str, ...]
    """What could not be put in, and why."""


def export_bag(case: Case, folder: Path, *, exporters: Exporters) -> Bag:
    """Write the bag of a letter into a folder that isn't there yet.

    Raises ExportRefused, and the errors of a case that can't be read.
    """
    if folder.exists() or folder.is_symlink():
        raise ExportRefused(
            "There is something of this name already.",
            where=str(folder),
            remedy="Choose a folder that isn't there: it is made.",
        )
    before = os.umask(UMASK)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that it appears there whole.
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            missing = _write(case, made, exporters)
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise ExportRefused(
            f"The bag can't be written: {error.strerror}.",
            where=str(folder),
            remedy="Choose a folder that isn't there yet, below one that is yours.",
            code="output-not-writable",
        ) from error
    finally:
        os.umask(before)
    return Bag(folder, sum(1 for path in folder.rglob("*") if path.is_file()), missing)


def _write(case: Case, folder: Path, exporters: Exporters) -> tuple[str, ...]:
    issue = case.issue()
    revision = case.revisions()[-1] if issue is None else issue.revision
    missing: list[str] = []
    decided = {number: case.decisions(number) for number in case.revisions()}
    signs = {
        name: sign_off
        for number, decisions in decided.items()
        for part in decisions.parts
        for name, sign_off in zip(names_of(number, part), part.sign_offs, strict=True)
    }
    keys = _objects(case, signs.values())
    certified = certified_objects(case)
    for key in keys:
        data = case.store.find(key)
        if data is None and key in certified:
            missing.append(f"archive/{key}: disposed of, by certificate {certified[key]}.")
        elif data is None:
            missing.append(f"archive/{key}: the trail names it, and it is gone.")
        else:
            _put(folder, f"archive/{key}", data)
    _put(folder, "audit.jsonl", _lines(case, case.chain.prefix, lambda _: True))
    _put(folder, "ledger.jsonl", _lines(case, LEDGER, lambda d: _is_about(d, case, keys)))
    for name, sign_off in signs.items():
        told = json.dumps(exporters.exported(sign_off), indent=2, ensure_ascii=False)
        _put(folder, f"sign-offs/{_flat(name)}", f"{told}\n".encode())
    for name, data in _emails(case, exporters, missing):
        _put(folder, f"emails/{name}", data)
    _put(folder, "report.pdf", exporters.report(case, revision))
    for program in PROGRAMS:
        _put(folder, program, (TEMPLATES / "export" / program).read_bytes())
    letter = case.letter(revision)
    bag = bagit.make_bag(
        str(folder),
        {
            "Source-Organization": letter.letterhead.organisation,
            "External-Identifier": case.reference,
            "External-Description": letter.subject,
            "Bagging-Date": f"{case.office.clock():%Y-%m-%d}",
        },
        checksums=["sha256"],
    )
    has_emails = (folder / "data/emails").is_dir()
    readme = _readme(case, decided[revision], revision, signs, missing, has_emails=has_emails)
    folder.joinpath("README.txt").write_bytes(readme)
    bag.save()  # the README stands beside the data, and is hashed as a tag file
    return tuple(missing)


def _objects(case: Case, sign_offs: Iterable[SignOff]) -> list[str]:
    """List what the archive holds of the letter, of who decided on it, and of its seal."""
    named = case.recorded()
    keys = {*named, *map(case.key, case.names())}
    for number in set(certified_objects(case).values()):
        keys |= {proposal_key(number), certificate_key(number)}
    for inspector in {sign_off.statement.inspector for sign_off in sign_offs}:
        keys.update(case.store.list(f"inspectors/{inspector}/"))
    for entry in case.chain.entries():
        if entry.event == "sealed":
            keys.add(f"seals/{entry.detail.get('certificate')}.pem")
    return sorted(keys)


def _lines(case: Case, prefix: str, is_told: Callable[[dict[str, Any]], bool]) -> bytes:
    """Put a chain's entries below one another, as they are stored: a line each."""
    stored = (data for _, data in stored_entries(case.store, prefix))
    return b"".join(data for data in stored if is_told(json.loads(data)["detail"]))


def _is_about(detail: dict[str, Any], case: Case, keys: Iterable[str]) -> bool:
    named = str(detail.get("object", detail.get("key")))
    return detail.get("reference") == case.reference or named in keys


def _emails(case: Case, exporters: Exporters, missing: list[str]) -> Iterator[tuple[str, bytes]]:
    """Write each claimed e-mail again; one that doesn't come out as claimed is missing."""
    for revision in case.revisions():
        for recipient in case.recipients(revision):
            identity = send_id(case.reference, revision, recipient.email)
            for attempt in case.attempts(revision, identity):
                name = f"r{revision}-{recipient.id}-{attempt.claim.attempt}.eml"
                data = None
                with suppress(LettersError, ValueError):
                    data = exporters.rebuild(case, revision, recipient, attempt.claim)
                if data is not None and sha256_hex(data) == attempt.claim.message_sha256:
                    yield name, data
                else:
                    missing.append(f"emails/{name}: it can't be written again as it was claimed.")


def _readme(
    case: Case,
    decisions: Decisions,
    revision: int,
    sign_offs: Iterable[str],
    missing: list[str],
    *,
    has_emails: bool,
) -> bytes:
    letter, pack = case.letter(revision), case.pack(revision)
    name = f"r{revision}/letter.pdf"
    pdf = case.find_known(name)
    approved = unsealed(pdf, pack.pdf_sha256) if pdf is not None and pack is not None else None
    return render_text_template(
        "export/README.txt.j2",
        mark=SAMPLE_MARK if letter.sample else "",
        reference=case.reference,
        subject=letter.subject,
        organisation=letter.letterhead.organisation,
        exported=f"{case.office.clock():%Y-%m-%d}",
        case=case.prefix,
        issued=None if approved is None else case.key(name),
        unsealed_bytes=len(approved or b""),
        emails=has_emails,
        sign_offs=sorted(map(_flat, sign_offs)),
        signatories=[part.name for part in decisions.parts] if decisions.is_joint else [],
        decided=sorted({int(one.partition("/")[0][1:]) for one in sign_offs}),
        missing=missing,
    ).encode()


def _flat(name: str) -> str:
    return name.replace("/", "-")


def _put(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
