"""The house styles as Word has them: an empty document in which they stand ready.

What each of them means in a letter is `word_house`'s matter.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any, NamedTuple, cast

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import BaseStyle, ParagraphStyle

from tasks.drafting.word import house

BODY = "Body Text"
BULLET = "List Bullet"
HEADINGS = ("Heading 1", "Heading 2")
"""Of a section, and of one within it."""

_NORMAL = "Normal"
_FONT, _FONT_PT = "Arial", 11
_KEPT = (_NORMAL, BODY, BULLET, *HEADINGS, "Default Paragraph Font", "Normal Table", "No List")
_UNUSED_PARTS = ("stylesWithEffects", "thumbnail", "customXml")
_THEME_FONTS = ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme")


class _Look(NamedTuple):
    """How a house style is set."""

    following: str
    """The style that Word gives the next paragraph."""
    before_pt: int = 0
    after_pt: int = 8
    is_bold: bool = False
    is_kept_with_next: bool = False
    based_on: str = _NORMAL


_LOOKS = {
    house.DATE: _Look(house.ADDRESSEE, after_pt=12),
    house.ADDRESSEE: _Look(house.ADDRESS, after_pt=0),
    house.ADDRESS: _Look(house.ADDRESS, after_pt=0),
    house.SALUTATION: _Look(house.SUBJECT, before_pt=24, after_pt=12),
    house.SUBJECT: _Look(BODY, after_pt=12, is_bold=True),
    HEADINGS[0]: _Look(BODY, before_pt=12, is_bold=True, is_kept_with_next=True),
    HEADINGS[1]: _Look(BODY, before_pt=8, is_bold=True, is_kept_with_next=True),
    BODY: _Look(BODY),
    BULLET: _Look(BULLET, after_pt=4),
    house.CLOSING: _Look(house.CLOSING),
    house.CLOSING_BULLET: _Look(house.CLOSING_BULLET, after_pt=4, based_on=BULLET),
    house.VALEDICTION: _Look(house.SIGNATORY, before_pt=12, after_pt=36, is_kept_with_next=True),
    house.SIGNATORY: _Look(house.SIGNATORY_TITLE, after_pt=0, is_kept_with_next=True),
    house.SIGNATORY_TITLE: _Look(house.SIGNATORY),
    house.COPY: _Look(house.COPY, after_pt=4),
}
_HEADING_PT = {HEADINGS[0]: 13, HEADINGS[1]: 11}


def house_document() -> Document:
    """Return an empty A4 document with the house styles and few others."""
    return docx.Document(io.BytesIO(_house_bytes()))


@cache
def _house_bytes() -> bytes:
    document = docx.Document()
    _remove_unused(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(25)
    _set_font(_style(document, _NORMAL), _FONT_PT)
    for name in _LOOKS:
        if name not in document.styles:
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for name, look in _LOOKS.items():
        _set(document, name, look)
    _set_language(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _set(document: Document, name: str, look: _Look) -> None:
    style = _style(document, name)
    if look.based_on != _NORMAL or name not in _KEPT:
        style.base_style = document.styles[look.based_on]
    style.next_paragraph_style = document.styles[look.following]
    style.quick_style, style.hidden, style.unhide_when_used = True, False, False
    form = style.paragraph_format
    form.space_before, form.space_after = Pt(look.before_pt), Pt(look.after_pt)
    form.keep_with_next = look.is_kept_with_next or None
    if look.is_bold:
        style.font.bold = True
    if name in _HEADING_PT:
        _set_font(style, _HEADING_PT[name])
        style.font.color.rgb = RGBColor(0, 0, 0)


def _set_font(style: ParagraphStyle, points: int) -> None:
    style.font.name, style.font.size = _FONT, Pt(points)
    fonts = _element(style).find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    for name in _THEME_FONTS:  # a theme's font would win
        fonts.attrib.pop(qn(name), None)


def _set_language(document: Document) -> None:
    path = "/".join(qn(name) for name in ("w:docDefaults", "w:rPrDefault", "w:rPr", "w:lang"))
    language = cast("Any", document.styles.element).find(path)
    language.set(qn("w:val"), "en-GB")


def _remove_unused(document: Document) -> None:
    """Remove what python-docx's own template brings along: a letter needs a dozen styles."""
    for style in list(document.styles):
        if style.name not in _KEPT:
            style.delete()
    for part in (document.part, document.part.package):
        for key, relation in list(part.rels.items()):
            if relation.reltype.rpartition("/")[2] in _UNUSED_PARTS:
                del part.rels[key]


def _style(document: Document, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _element(style: BaseStyle) -> Any:
    return style.element
