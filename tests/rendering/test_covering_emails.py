"""The covering e-mails: who is told what."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from letters.email import Email
from letters.letter import Addressee, Authority, Letter, Letterhead
from tasks.rendering.emails import NotARecipient, render_email
from tasks.rendering.words import CharacterNotPrintable
from tests.builders import BOARD_CHAIR, CHIEF_EXECUTIVE, DIRECTOR, a_letter

DIRECTORS_TEXT = """\
Dear Ms Thornbury

Our letter to you is attached to this e-mail as a PDF.

Subject: Annual unannounced inspection of contact, referral and assessment
  arrangements in Westmere
Type of letter: Unannounced inspection of contact, referral and assessment
Authority: Westmere Metropolitan Borough Council
Date: 14 March 2011
Reference: CRA-WESTMERE-2011-02-14

A copy goes to:

- Idris Vale, Chief Executive, Westmere Metropolitan Borough Council
- Noor Castellan, Chair of the Westmere Safeguarding Children Board

Please quote the reference if you write to us about the letter.

Inspectorate of Children’s Services
on behalf of
Rowan Pike, Her Majesty’s Inspector
"""

COPYS_TEXT = """\
Dear Noor Castellan

A copy of one of our letters is attached to this e-mail as a PDF, for your
information.

Subject: Annual unannounced inspection of contact, referral and assessment
  arrangements in Westmere
Type of letter: Unannounced inspection of contact, referral and assessment
Authority: Westmere Metropolitan Borough Council
Date: 14 March 2011
Reference: CRA-WESTMERE-2011-02-14

The letter is addressed to:

- Ms Ada Thornbury, Director of Children’s Services

You are on its copy list as:

- Noor Castellan, Chair of the Westmere Safeguarding Children Board

Please quote the reference if you write to us about the letter.

Inspectorate of Children’s Services
on behalf of
Rowan Pike, Her Majesty’s Inspector
"""


def to_the_director(letter: Letter) -> Email:
    return render_email(
        letter,
        recipient_id="director",
        recipient_name=DIRECTOR.name,
        recipient_role=DIRECTOR.role,
    )


def to_the_chair(letter: Letter) -> Email:
    return render_email(
        letter,
        recipient_id="safeguarding-board-chair",
        recipient_name=BOARD_CHAIR.name,
        recipient_role=BOARD_CHAIR.role,
    )


def test_the_director_is_greeted_as_in_the_letter_and_told_who_gets_copies() -> None:
    email = to_the_director(a_letter())

    assert email.recipient == "director"
    assert email.subject == (
        "Westmere Metropolitan Borough Council: Unannounced inspection of contact, referral"
        " and assessment (CRA-WESTMERE-2011-02-14)"
    )
    assert email.text == DIRECTORS_TEXT


def test_whoever_gets_a_copy_is_told_whose_letter_it_is_and_why_they_get_it() -> None:
    assert to_the_chair(a_letter()).text == COPYS_TEXT


def test_one_of_several_addressees_is_told_of_the_others() -> None:
    other = Addressee(role="chief-constable", name="Joss Dale", lines=("Chief Constable", "Hall"))

    email = to_the_director(a_letter(addressees=(DIRECTOR, other), copies=()))

    assert "The letter is also addressed to:\n\n- Joss Dale, Chief Constable\n\n" in email.text
    assert "A copy goes to:" not in email.text


def test_a_sample_says_so_in_its_subject_and_at_its_head() -> None:
    for email in (to_the_director(a_letter(sample=True)), to_the_chair(a_letter(sample=True))):
        assert email.subject.startswith("SAMPLE: Westmere")
        assert email.text.startswith("SAMPLE — not an official letter\n\nDear ")
        assert "<strong>SAMPLE — not an official letter</strong>" in email.html


def test_no_address_of_the_letterhead_gets_into_an_e_mail() -> None:
    letterhead = Letterhead(organisation="Inspectorate", lines=("office@inspectorate.example",))

    for email in (
        to_the_director(a_letter(letterhead=letterhead)),
        to_the_chair(a_letter(letterhead=letterhead)),
    ):
        assert "@" not in email.subject + email.text + email.html


def test_the_html_part_is_a_document_that_needs_nothing_else() -> None:
    page = to_the_director(a_letter()).html

    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">\n')
    assert f"<title>{a_letter().subject}</title>" in page
    assert "<script" not in page
    assert "http" not in page


@pytest.mark.parametrize(
    ("name", "role"),
    [
        pytest.param("Somebody Else", "director", id="another name"),
        pytest.param(CHIEF_EXECUTIVE.name, "lead-member", id="another role"),
    ],
)
def test_nobody_is_sent_a_letter_that_does_not_name_them(name: str, role: str) -> None:
    with pytest.raises(NotARecipient) as refusal:
        render_email(a_letter(), recipient_id="x", recipient_name=name, recipient_role=role)

    assert refusal.value.code == "not-a-recipient"


def test_a_line_break_cannot_get_into_the_subject() -> None:
    authority = Authority(code="westmere", name="Westmere\nBcc: a@b.example", short_name="x")

    with pytest.raises(CharacterNotPrintable):
        to_the_director(a_letter(authority=authority))


@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x85", "\u2028", "\u202e"])
def test_no_e_mail_has_a_subject_of_two_lines(character: str) -> None:
    with pytest.raises(ValidationError):
        Email(recipient="x", subject=f"a{character}b", text="", html="")
