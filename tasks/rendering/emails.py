"""The covering e-mail of one recipient: as text and as HTML, in the same words.

Who gets one, at which address, is the pack's and `mailing`'s business: no address
stands in the words.
"""

from __future__ import annotations

from typing import TypeVar

from letters.email import Email
from letters.errors import LettersError
from letters.letter import Addressee, Copy, Letter, Placed, day_in_words
from tasks.rendering.words import SAMPLE_MARK, refuse_unprintable
from tasks.templating import render_html_template, render_text_template

_Named = TypeVar("_Named", Addressee, Copy)


class NotARecipient(LettersError):
    """Someone is to be sent a letter that names them neither as addressee nor for a copy."""

    code = "not-a-recipient"


def render_email(
    letter: Letter, *, recipient_id: str, recipient_name: str, recipient_role: str
) -> Email:
    """Write the e-mail that brings `letter` to the one who holds this role under this name.

    An addressee is greeted as in the letter and told who gets copies; whoever gets a
    copy is told who it was written to and how the copy list names them. Raises
    NotARecipient and CharacterNotPrintable.
    """
    refuse_unprintable(letter.printed_texts())
    addressee = _find(letter.addressees, recipient_name, recipient_role)
    copy = _find(letter.copies, recipient_name, recipient_role)
    is_earlier = addressee is None and copy is None and letter.replaces is not None
    if addressee is None and copy is None and not is_earlier:
        raise NotARecipient(
            f"{recipient_name} ({recipient_role}) is not named in the letter.",
            where=letter.reference,
            remedy="Name them among the addressees or in the copy list, or leave them out.",
        )
    if is_earlier:
        template = "email/earlier"
    else:
        template = "email/copy" if addressee is None else "email/director"
    values = {
        "letter": letter,
        "date": day_in_words(letter.date),
        "mark": SAMPLE_MARK if letter.sample else "",
        "addressees": [
            ", ".join((other.name, *other.lines[:1]))
            for other in letter.addressees
            if other is not addressee
        ],
        "copy": copy,
        "name": recipient_name,
        "replaces": letter.replaces,
        "replaced_date": "" if letter.replaces is None else day_in_words(letter.replaces.date),
    }
    return Email(
        recipient=recipient_id,
        subject=_subject(letter),
        text=render_text_template(f"{template}.txt.j2", **values),
        html=render_html_template(f"{template}.html.j2", **values),
    )


def _find(people: tuple[_Named, ...], name: str, role: str) -> _Named | None:
    return next((one for one in people if one.name == name and one.role == role), None)


def _subject(letter: Letter) -> str:
    subject = f"{letter.authority.name}: {letter.kind_title} ({letter.reference})"
    if letter.replaces is not None:
        subject = f"{letter.replaces.kind.capitalize()}: {subject}"
    refuse_unprintable([Placed("subject of the e-mail", subject)])
    return f"SAMPLE: {subject}" if letter.sample else subject
