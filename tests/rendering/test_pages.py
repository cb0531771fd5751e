"""The letter as a web page and as plain text."""

from __future__ import annotations

import re

from letters.letter import Copy
from tasks.rendering.pages import render_html, render_text
from tests.builders import a_letter, a_paragraph, a_section, an_item
from tests.rendering.said import html_tags

TEXT = """\
Inspectorate of Children’s Services
Lantern House
12 Quay Street
Port Ashby PA1 3QX
T 01632 960100

14 March 2011

Ms Ada Thornbury
Director of Children’s Services
Westmere Metropolitan Borough Council
Weir House, 4 Mill Lane
Westmere WM1 2AB

Dear Ms Thornbury

Annual unannounced inspection of contact, referral and assessment
arrangements in Westmere

This letter summarises the findings of the recent unannounced inspection
of contact, referral and assessment arrangements within Westmere, which
was conducted on 14 and 15 February 2011. The inspection was carried out
under section 138 of the Education and Inspections Act 2006.

From the evidence gathered, the following features of the service were
identified:


Strengths

- Referrals are looked at on the day on which they arrive.
- Children are seen alone wherever that is right for them.


Areas for development

- Managers do not always record why they decided as they did.

The areas for development identified above will be considered in any
future inspection of services to safeguard children within your area.

Yours sincerely

Rowan Pike
Her Majesty’s Inspector

Copy:
Noor Castellan, Chair of the Board, Chair of the Board, Chair of the
  Board, Chair of the Board,

Reference: CRA-WESTMERE-2011-02-14
"""


def test_the_page_is_an_accessible_document_that_needs_nothing_else() -> None:
    page = render_html(a_letter())

    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">\n')
    assert f"<title>{a_letter().subject}</title>" in page
    tags = set(html_tags(page))
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "base", "a"})
    assert not re.search(r"url\(|@import|src=|href=|\son\w+=", page)


def test_headings_and_lists_of_the_page_are_real_ones() -> None:
    letter = a_letter(
        sections=(
            a_section("Findings", a_paragraph("One."), an_item("Two."), an_item("Three.")),
            a_section("In detail", an_item("Four."), level=2),
        ),
        opening=(),
        closing=(),
        copies=(),
    )

    tags = html_tags(render_html(letter))

    body = tags[tags.index("h1") :]
    assert body[: body.index("div")] == [
        *("h1", "h2", "p", "ul", "li", "li", "h3", "ul", "li"),
        "p",  # the valediction
    ]


def test_a_samples_page_and_text_bear_its_mark() -> None:
    sample = a_letter(sample=True)

    assert '<p class="mark">SAMPLE — not an official letter</p>' in render_html(sample)
    assert f"<title>SAMPLE: {sample.subject}</title>" in render_html(sample)
    assert render_text(sample).startswith("SAMPLE — not an official letter\n\n")
    assert "SAMPLE" not in render_html(a_letter()) + render_text(a_letter())


def test_plain_text_is_laid_out_like_the_letter() -> None:
    letter = a_letter(
        copies=(Copy(role="chair", name="x", line="Noor Castellan, " + "Chair of the Board, " * 4),)
    )

    assert render_text(letter) == TEXT


def test_both_are_the_same_each_time() -> None:
    assert render_html(a_letter()) == render_html(a_letter())
    assert render_text(a_letter()) == render_text(a_letter())
