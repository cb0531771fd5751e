"""A letter as a web page and as plain text: the words of the PDF in the same order.

The page needs nothing from elsewhere: no script, no font, no image.
"""

from __future__ import annotations

from letters.letter import Letter, day_in_words
from tasks.rendering.words import SAMPLE_MARK, parts
from tasks.templating import render_html_template, render_text_template


def render_html(letter: Letter) -> str:
    """Render `letter` as one self-contained HTML document."""
    return render_html_template("letter.html.j2", **_words_of(letter))


def render_text(letter: Letter) -> str:
    """Render `letter` as plain text of at most 74 columns, words being never broken."""
    return render_text_template("letter.txt.j2", **_words_of(letter))


def _words_of(letter: Letter) -> dict[str, object]:
    return {
        "letter": letter,
        "date": day_in_words(letter.date),
        "parts": parts(letter),
        "mark": SAMPLE_MARK if letter.sample else "",
    }
