"""Everything that goes out, rendered once; its pack; and the proof that it is still the same."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from letters.canonical import sha256_hex, stored_json
from letters.case import Command, demand
from letters.email import Email
from letters.errors import LettersError
from letters.letter import Letter
from letters.pack import Pack, PackEmail, PackRecipient
from letters.problem import Doubt, Problem
from letters.recipient import FrozenRecipient
from letters.refusals import PackStale
from tasks.case.case import Case
from tasks.case.ledger import enter_decision
from tasks.case.record import StepRun
from tasks.rendering.emails import render_email
from tasks.rendering.pages import render_html, render_text
from tasks.rendering.pdf import render_pdf
from tasks.rendering.sealing import seal_once

LETTER_PDF = "letter.pdf"
"""In a case it is the sealed file; the pack and a preview speak of the unsealed one."""


class RenderingDiffers(LettersError):
    """The rendering is not what the inspector approved: the letter stops."""

    code = "rendering-differs"


class Rendered(NamedTuple):
    """A letter as it goes out, before the seal."""

    pdf: bytes
    html: str
    text: str
    emails: tuple[Email, ...]


def render(letter: Letter, recipients: tuple[FrozenRecipient, ...]) -> Rendered:
    """Render a letter and its covering e-mails. Same letter, same bytes."""
    return Rendered(
        pdf=render_pdf(letter),
        html=render_html(letter),
        text=render_text(letter),
        emails=tuple(
            render_email(
                letter,
                recipient_id=recipient.id,
                recipient_name=recipient.name,
                recipient_role=recipient.role,
            )
            for recipient in recipients
        ),
    )


def pack_of(
    letter: Letter,
    recipients: tuple[FrozenRecipient, ...],
    rendered: Rendered,
    *,
    revision: int,
    doubts_cleared: tuple[Doubt, ...],
    problems_overridden: tuple[Problem, ...] = (),
    supersedes: str | None = None,
) -> Pack:
    """Tell by hashes all that a sign-off of this revision covers.

    `supersedes` is the pack of the revision before, where that has one.
    """
    return Pack(
        reference=letter.reference,
        revision=revision,
        letter_digest=letter.digest,
        recipients=tuple(
            PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
            for r in recipients
        ),
        pdf_sha256=sha256_hex(rendered.pdf),
        html_sha256=sha256_hex(rendered.html.encode()),
        text_sha256=sha256_hex(rendered.text.encode()),
        emails=tuple(
            PackEmail(
                recipient=email.recipient,
                subject_sha256=sha256_hex(email.subject.encode()),
                text_sha256=sha256_hex(email.text.encode()),
                html_sha256=sha256_hex(email.html.encode()),
            )
            for email in rendered.emails
        ),
        doubts_cleared=doubts_cleared,
        problems_overridden=problems_overridden,
        supersedes=supersedes,
    )


def prepare(run: StepRun[Case], revision: int) -> str:
    """Render the revision, store its proof and its pack; return the pack's hash."""
    case = run.record
    folder = f"r{revision}"
    pack = case.pack(revision)
    if pack is None:
        demand(case.state(revision), Command.PREPARE, where=f"{case.reference} {folder}")
        proof = render_pdf(case.letter(revision), is_proof=True)
        run.once(f"{folder}/proof.pdf", lambda: proof)
        rendered, made = _render_revision(case, revision)
        data = stored_json(made.model_dump(mode="json"))
        pack = Pack.model_validate_json(run.once(f"{folder}/pack.json", lambda: data))
        run.complete(pack=pack.sha256, pdf_bytes=len(rendered.pdf))
    return pack.sha256


def render_approved(run: StepRun[Case], revision: int) -> None:
    """Render again, seal and store what goes out, if it is what was approved to the byte.

    Raises RenderingDiffers: a template, a font or the program changed after the
    approval. Raises SealKeyUnusable, SealUntrusted and TimeStampUnavailable.
    """
    case = run.record
    where = f"{case.reference} r{revision}"
    if case.has_manifest(revision):
        return
    demand(case.state(revision), Command.ARCHIVE, where=where)
    enter_decision(run, revision)
    approved = case.pack(revision)
    rendered, pack = _render_revision(case, revision)
    if approved is None or pack != approved:
        parts = "everything" if approved is None else ", ".join(approved.differences(pack))
        raise _differs(f"{parts} came out differently", where=where)
    if not seal_once(run, f"r{revision}/{LETTER_PDF}", rendered.pdf):
        raise _differs(f"{LETTER_PDF} lies there and begins with another file", where=where)
    for name, data in contents(rendered).items():
        if name == LETTER_PDF:
            continue
        if run.once(f"r{revision}/{name}", partial(bytes, data)) != data:
            raise _differs(f"{name} lies there with other bytes", where=where)


def require_as_packed(case: Case, revision: int) -> None:
    """Return if everything that was packed is still the same to the byte, and renders the same.

    Raises PackStale, which names the parts.
    """
    parts = _altered_objects(case, revision)
    packed = case.pack(revision) if not parts else None
    if packed is not None:
        if render_pdf(case.letter(revision), is_proof=True) != case.get(f"r{revision}/proof.pdf"):
            parts.append("the proof")
        parts += packed.differences(_render_revision(case, revision)[1])
    if parts or packed is None:
        raise PackStale(
            f"Since it was packed, other than it was: {', '.join(parts) or 'everything'}.",
            where=f"{case.reference} r{revision}",
            remedy="Restore the templates and files that were in use when it was packed, or submit"
            " the draft anew; `letters verify` tells what was altered.",
        )


def _altered_objects(case: Case, revision: int) -> list[str]:
    """Name the revision's objects whose bytes are not those that the chain names."""
    prefix = case.key(f"r{revision}/")
    return [
        key.removeprefix(prefix)
        for key, sha256 in case.recorded().items()
        if key.startswith(prefix) and _sha256(case.store.find(key)) != sha256
    ]


def contents(rendered: Rendered) -> dict[str, bytes]:
    """Name each object that a rendering leaves in the case, with its bytes."""
    return {
        LETTER_PDF: rendered.pdf,
        "letter.html": rendered.html.encode(),
        "letter.txt": rendered.text.encode(),
        **{
            f"emails/{email.recipient}.json": stored_json(email.model_dump(mode="json"))
            for email in rendered.emails
        },
    }


def _render_revision(case: Case, revision: int) -> tuple[Rendered, Pack]:
    letter, recipients = case.letter(revision), case.recipients(revision)
    rendered = render(letter, recipients)
    former = case.pack(revision - 1) if revision > 1 else None
    return rendered, pack_of(
        letter,
        recipients,
        rendered,
        revision=revision,
        doubts_cleared=case.doubts_cleared(revision),
        problems_overridden=case.problems_overridden(revision),
        supersedes=None if former is None else former.sha256,
    )


def _sha256(data: bytes | None) -> str | None:
    return None if data is None else sha256_hex(data)


def _differs(what: str, *, where: str) -> RenderingDiffers:
    return RenderingDiffers(
        f"The letter would not go out as approved: {what}.",
        where=where,
        remedy="Restore the templates, fonts and versions that were in use at the approval,"
        " then run it again. Nothing has been sent.",
    )
