"""The words of a notice: as text and as HTML, the same in both.

What the templates say is in `templates/email/notices/`. No address stands in the words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from letters.email import Email
from letters.letter import day_in_words
from tasks.case.case import Case
from tasks.templating import render_html_template, render_text_template

OFFICE = "office"
"""To whom a notice goes that is not for an inspector."""

SAMPLE_MARK = "SAMPLE: this letter is for trying out, and is not official."

_TITLES = {
    "waiting": "A letter waits for your decision",
    "returned": "A letter was returned",
    "stranded": "An approved letter stands still",
    "frozen": "An approval must be confirmed",
    "issued": "Your receipt for an issued letter",
}


class Notice(NamedTuple):
    """What is told to whom about a revision."""

    kind: Literal["waiting", "returned", "stranded", "frozen", "issued"]
    revision: int
    to: str
    """An inspector's id, or OFFICE."""
    name: str
    address: str
    link: str = ""
    """To the signing page, where the notice asks for a decision."""


def words_of(case: Case, notice: Notice, *, head_seq: int, head_sha256: str) -> Email:
    """Write the subject and the bodies of a notice.

    The head is that of the case's chain. Raises TemplateFailed, and the store's errors.
    """
    letter = case.letter(notice.revision)
    subject = (
        f"{_TITLES[notice.kind]}: {letter.authority.name}"
        f" ({letter.reference}, revision {notice.revision})"
    )
    values: dict[str, Any] = {
        "letter": letter,
        "date": day_in_words(letter.date),
        "mark": SAMPLE_MARK if letter.sample else "",
        "title": _TITLES[notice.kind],
        "notice": notice,
        "link_days": case.office.settings.signing.link_days,
        "head_seq": head_seq,
        "head_sha256": head_sha256,
        **_OF_KIND[notice.kind](case, notice.revision),
    }
    template = f"email/notices/{notice.kind}"
    return Email(
        recipient=notice.to,
        subject=f"SAMPLE: {subject}" if letter.sample else subject,
        text=render_text_template(f"{template}.txt.j2", **values),
        html=render_html_template(f"{template}.html.j2", **values),
    )


def _return(case: Case, revision: int) -> dict[str, Any]:
    sign_off = case.read_sign_off(f"r{revision}/signoff.json")
    return {
        "returned_by": sign_off.enrolment.name,
        "comments": [line.strip() for line in sign_off.comments.strip().splitlines()],
    }


def _approval(case: Case, revision: int) -> dict[str, Any]:
    """Tell of the approval that counts: the last confirmation, if any."""
    sign_off = case.read_sign_off(case.sign_off_names(revision)[-1])
    on = datetime.fromisoformat(sign_off.statement.at).date()
    return {"approved_by": sign_off.enrolment.name, "approved_on": day_in_words(on)}


def _deliveries(case: Case, revision: int) -> dict[str, Any]:
    states = {told["recipient"]: told["state"] for told in (case.closed() or {})["deliveries"]}
    recipients = case.recipients(revision)
    return {"deliveries": [f"{r.name} ({r.role}): {states[r.id]}" for r in recipients]}


_OF_KIND = {
    "waiting": lambda *_: {},
    "returned": _return,
    "stranded": _approval,
    "frozen": _approval,
    "issued": _deliveries,
}
