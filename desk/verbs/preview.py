"""The verb `letters preview`: a draft as it would go out, without opening a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desk.failures import Exit
from desk.printing import print_fields, print_json
from desk.verbs.check import composed, print_problems, shown_problem
from letters.canonical import sha256_hex
from letters.compose import Composition
from letters.errors import UsageError
from letters.letter import Letter
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.drafting.change import as_change
from tasks.drafting.draft import freeze, revision_for
from tasks.drafting.draft_files import draft_bytes
from tasks.mailing.message import build_message
from tasks.rendering.pack import Rendered, pack_of, render
from tasks.rendering.pdf import render_pdf


def preview_draft(office: Office, draft: Path, into: Path, *, as_json: bool) -> int:
    """Write and print the preview of a draft; a blocked one too, if it is a letter at all."""
    composition = composed(office, draft)
    written: dict[str, Any] = {}
    if composition.letter is not None:
        data = draft_bytes(draft, limit_bytes=office.settings.limits.draft_bytes)
        written = write_preview(
            office, composition, composition.letter, into, draft_sha256=sha256_hex(data)
        )
    if as_json:
        problems = [shown_problem(problem, composition) for problem in composition.problems]
        print_json({**written, "is_blocked": composition.is_blocked, "problems": problems})
    else:
        if composition.problems:
            print_problems(draft.name, composition)
        if written:
            _print(written, into)
    return Exit.BLOCKED if composition.is_blocked else Exit.DONE


def write_preview(
    office: Office, composition: Composition, letter: Letter, into: Path, *, draft_sha256: str = ""
) -> dict[str, Any]:
    """Write all files of a composed letter into a folder and tell what they are.

    The pack's hash is the one to be signed if the office has its secret already;
    otherwise `pack_is_final` is false. Raises CommandRefused where the case takes
    no new words.
    """
    secret, case = office.known_secret("recipients"), Case(office, letter.reference)
    letter, people = as_change(case, letter, composition.recipients)
    recipients = freeze(letter.reference, people, secret=secret or office.random_bytes(32))
    revision = revision_for(case, composition, letter, recipients, draft_sha256)
    rendered = render(letter, recipients)
    pack = pack_of(
        letter,
        recipients,
        rendered,
        revision=revision,
        doubts_cleared=composition.doubts_cleared,
        problems_overridden=composition.problems_overridden,
    )
    contents = {
        "proof.pdf": render_pdf(letter, is_proof=True),
        "letter.pdf": rendered.pdf,
        "letter.html": rendered.html.encode(),
        "letter.txt": rendered.text.encode(),
        **_messages(office, letter, revision, recipients, rendered),
    }
    _write(contents, into)
    return {
        "reference": letter.reference,
        "revision": revision,
        "content_code": letter.content_code,
        "digest": letter.digest,
        "pack": pack.sha256,
        "pack_is_final": secret is not None,
        "files": {
            "proof": str(into / "proof.pdf"),
            "pdf": str(into / "letter.pdf"),
            "html": str(into / "letter.html"),
            "text": str(into / "letter.txt"),
            "emails": {r.id: str(into / f"emails/{r.id}.eml") for r in recipients},
        },
    }


def _write(contents: dict[str, bytes], into: Path) -> None:
    try:
        for name, data in contents.items():
            path = into / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"The preview can't be written: {error.strerror}.",
            where=str(into),
            remedy="Name a folder that is yours with -o DIR; it is made where there is none.",
            code="output-not-writable",
        ) from None


def _print(written: dict[str, Any], into: Path) -> None:
    is_final = "" if written["pack_is_final"] else " (provisional: the office is not set up yet)"
    files = {label: path for label, path in written["files"].items() if label != "emails"}
    print_fields(
        f"{written['reference']} r{written['revision']}",
        [
            ("content code", written["content_code"]),
            ("pack", written["pack"] + is_final),
            *files.items(),
            ("e-mails", into / "emails"),
        ],
    )


def _messages(
    office: Office,
    letter: Letter,
    revision: int,
    recipients: tuple[FrozenRecipient, ...],
    rendered: Rendered,
) -> dict[str, bytes]:
    """Build the e-mails as they would go out; only their date and chain head come later."""
    return {
        f"emails/{recipient.id}.eml": build_message(
            email=email,
            recipient=recipient,
            pdf=rendered.pdf,
            pdf_name=f"{letter.reference}.pdf",
            mail=office.settings.mail,
            send_id=send_id(letter.reference, revision, recipient.email),
            reference=letter.reference,
            revision=revision,
            case_head=f"0:{sha256_hex(b'preview')}",
            at=office.clock(),
            sample=letter.sample,
        )
        for recipient, email in zip(recipients, rendered.emails, strict=True)
    }
