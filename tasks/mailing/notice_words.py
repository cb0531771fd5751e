"""The words of a notice: as text and as HTML, the same in both.

What the templates say is in `templates/email/notices/`. No address stands in the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from letters.decisions import Decisions, Part, listed, parts_of
from letters.email import Email
from letters.holds import Held
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
    "lapsed": "A held letter needs a new date",
    "issued": "Your receipt for an issued letter",
    "reminder": "A reminder: a letter waits for your decision",
    "escalated": "A letter has waited long for its sign-off",
    "failed": "The run of a letter has failed",
    "bounced": "An e-mail with a letter did not arrive",
}

OfficeKind = Literal["returned", "stranded", "frozen", "lapsed", "escalated", "failed", "bounced"]
"""What the letters office is told."""


class Notice(NamedTuple):
    """What is told to whom about a revision."""

    kind: Literal["waiting", "reminder", "issued"] | OfficeKind
    revision: int
    to: str
    """An inspector's id, or OFFICE."""
    name: str
    address: str
    link: str = ""
    """To the signing page, where the notice asks for a decision."""
    signatory: int | None = None
    """About which of several signatories it is, by the order of the letter."""
    about: str = ""
    """The id of what it is about, where there may be several in a revision: a run, a delivery."""
    says: Mapping[str, Any] = MappingProxyType({})
    """What its words tell that the case doesn't."""


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
        **notice.says,
        **_OF_KIND[notice.kind](case, notice),
    }
    template = f"email/notices/{notice.kind}"
    return Email(
        recipient=notice.to,
        subject=f"SAMPLE: {subject}" if letter.sample else subject,
        text=render_text_template(f"{template}.txt.j2", **values),
        html=render_html_template(f"{template}.html.j2", **values),
    )


def _waiting(case: Case, notice: Notice) -> dict[str, Any]:
    """Tell of all who have to sign, where they are several, and for whom a delegate would."""
    parts = parts_of(case.letter(notice.revision))
    own = next((part.name for part in parts if part.number == notice.signatory), "")
    return {
        "signatories": listed([part.name for part in parts]) if len(parts) > 1 else "",
        "on_behalf_of": own if own != notice.name else "",
    }


def _nothing_else(_case: Case, _notice: Notice) -> dict[str, Any]:
    return {}


def _return(case: Case, notice: Notice) -> dict[str, Any]:
    decisions = case.decisions(notice.revision)
    comments = [part.sign_off.comments for part in decisions.returned if part.sign_off is not None]
    return {
        "returned_by": listed([_name(part) for part in decisions.returned]),
        "comments": [line.strip() for text in comments for line in text.strip().splitlines()],
        "sign_offs": _sign_offs(decisions),
    }


def _approval(case: Case, notice: Notice) -> dict[str, Any]:
    """Tell of the approvals that count: the last confirmation of each, if any."""
    decisions = case.decisions(notice.revision)
    parts = [p for p in decisions.approved if notice.signatory in (None, p.number)]
    on = datetime.fromisoformat(decisions.latest).date()
    return {
        "approved_by": listed([_name(p) for p in parts]),
        "approved_on": day_in_words(on),
        "sign_offs": _sign_offs(decisions),
    }


def _lapse(case: Case, notice: Notice) -> dict[str, Any]:
    """Tell for which period it was held, and who had approved it."""
    held = Held.model_validate_json(case.get(f"r{notice.revision}/held.json"))
    until = {"held_until": day_in_words(held.period.until), "held_by": held.period.name}
    return {**_approval(case, notice), **until}


def _sign_offs(decisions: Decisions) -> str:
    """Tell who of several has signed, and whom the letter waits for."""
    return f"{decisions}." if decisions.is_joint else ""


def _name(part: Part) -> str:
    """Name who decided, as of that day."""
    return "" if part.sign_off is None else part.sign_off.enrolment.name


def _deliveries(case: Case, notice: Notice) -> dict[str, Any]:
    states = {
        told["recipient"]: told["state"]
        for told in (case.closing_of(notice.revision) or {})["deliveries"]
    }
    recipients = case.recipients(notice.revision)
    return {"deliveries": [f"{r.name} ({r.role}): {states[r.id]}" for r in recipients]}


_OF_KIND = {
    "waiting": _waiting,
    "returned": _return,
    "stranded": _approval,
    "frozen": _approval,
    "lapsed": _lapse,
    "issued": _deliveries,
    "reminder": _waiting,
    "escalated": _waiting,
    "failed": _nothing_else,
    "bounced": _nothing_else,
}
