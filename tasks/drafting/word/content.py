"""What stands in one paragraph of a Word file: its words, links, notes, fields.

Everything that is not plainly words is refused or becomes a doubt: nothing is
passed over because it isn't known. What the paragraph is in the letter is left
to others.
"""

from __future__ import annotations

from dataclasses import replace

from tasks.drafting.word.fields import Content, Field, NoteMark, ParagraphReading
from tasks.drafting.word.forbidden import refuse_forbidden, refuse_unfilled, refuse_unknown
from tasks.drafting.word.links import put_targets
from tasks.drafting.word.looks import Look, Looks, doubt_lost, refuse_unseen
from tasks.drafting.word.package import WordPackage
from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.styles import Styles, setting_of
from tasks.drafting.word.xml import Element, child, full, get, tag_of, value_of

_WRAPPERS = ("w:smartTag", "w:customXml", "w:sdtContent")
_MARKERS = (
    *("w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:smartTagPr", "w:customXmlPr"),
    *("w:bookmarkStart", "w:bookmarkEnd", "w:proofErr", "w:permStart", "w:permEnd"),
    *("w:lastRenderedPageBreak", "w:footnoteRef", "w:endnoteRef", "w:annotationRef"),
    *("w:commentRangeEnd", "w:fldData"),
)
_SIGNS = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "w:noBreakHyphen": "-",
    "w:softHyphen": "\u00ad",  # refused with the other invisible characters
}


class ContentReader:
    """Reads the paragraphs of one file, in their order."""

    def __init__(self, package: WordPackage, styles: Styles) -> None:
        self._package = package
        self._styles = styles
        self._looks = Looks(styles)
        self._notes = 0

    def read(self, paragraph: Element, *, part: str, where: str) -> Content:
        """Read a paragraph of a part. Raises DraftUnreadable, which says `where`."""
        refuse_forbidden(paragraph, where)
        self._refuse_placed_apart(paragraph, where)
        style_id = value_of(paragraph, "w:pPr", "w:pStyle")
        reading = ParagraphReading(part, where, style_id, Content())
        self._walk(paragraph, reading)
        if reading.fields:
            refuse("word-field", where, field=reading.fields[-1].shown)
        content = reading.content
        content.signs = put_targets(content.signs, content.links, reading.add_oddity)
        return content

    def _refuse_placed_apart(self, paragraph: Element, where: str) -> None:
        if self._styles.paragraph_property("w:framePr", paragraph) is not None:
            refuse("word-text-box", where)
        # The mark at the end hidden, Word shows two paragraphs as one.
        mark = child(paragraph, "w:pPr", "w:rPr")
        for name in ("w:vanish", "w:specVanish"):
            if value_of(mark, name) not in (None, "0", "false", "off"):
                refuse("word-hidden-text", where, text="¶")

    def _walk(self, container: Element, reading: ParagraphReading) -> None:
        for element in container:
            tag = tag_of(element)
            if tag in _MARKERS:
                continue
            if tag == "w:r":
                self._run(element, reading)
            elif tag == "w:sdt":
                refuse_unfilled(element, reading.where)
                self._walk(element, reading)
            elif tag in _WRAPPERS:
                self._walk(element, reading)
            elif tag == "w:hyperlink":
                starts = len(reading.content.signs)
                reading.open_links += 1
                self._walk(element, reading)
                reading.open_links -= 1
                reading.close_link(starts, self._target_of(element, reading))
            elif tag == "w:fldSimple":
                opened = Field(len(reading.content.signs), get(element, "w:instr"))
                reading.judge(opened)
                self._walk(element, reading)
                reading.close(opened)
            else:
                refuse_unknown(element, reading.where)

    def _target_of(self, link: Element, reading: ParagraphReading) -> str:
        relation = self._package.relations(reading.part).get(get(link, "r:id"))
        if relation is None or relation.kind != "hyperlink":
            return ""
        anchor = get(link, "w:anchor")
        return f"{relation.target}#{anchor}" if anchor else relation.target

    def _run(self, run: Element, reading: ParagraphReading) -> None:
        look = self._looks.of(setting_of(run, reading.style_id))
        for element in run:
            tag = tag_of(element)
            if tag == "w:t":
                _words(_text_of(element, reading.where), look, reading)
            elif tag in _SIGNS:
                reading.add(_SIGNS[tag], look.style)
            elif tag == "w:sym":
                reading.add_symbol("\ufffc", look.style)
            elif tag == "w:fldChar":
                reading.turn(get(element, "w:fldCharType"))
            elif tag == "w:instrText":
                reading.instruct(element.text or "")
            elif tag in ("w:footnoteReference", "w:endnoteReference"):
                self._note(element, tag, reading)
            elif tag not in _MARKERS:
                refuse_unknown(element, reading.where)

    def _note(self, element: Element, tag: str, reading: ParagraphReading) -> None:
        number = ""
        if get(element, "w:customMarkFollows") in ("", "0", "false", "off"):
            self._notes += 1
            number = str(self._notes)
        kind = tag.removeprefix("w:").removesuffix("Reference") + "s"
        reading.content.notes.append(NoteMark(kind, get(element, "w:id"), number))
        reading.add(number)


def _words(text: str, look: Look, reading: ParagraphReading) -> None:
    if text.strip():
        refuse_unseen(look, text, reading.where)
        # A link is underlined whatever its writer wants.
        seen = replace(look, is_underlined=False) if reading.is_in_link else look
        doubt_lost(seen, text, reading.add_oddity)
        if look.is_symbols:
            reading.add_symbol(text, look.style)
            return
    reading.add(text, look.style)


def _text_of(element: Element, where: str) -> str:
    if len(element):
        refuse_unknown(element[0], where)
    text = element.text or ""
    if text != text.strip() and not _keeps_space(element):
        return text.strip()  # ECMA-376-1, 22.9.2.20, as Word does
    return text


def _keeps_space(element: Element) -> bool:
    for each in (element, *element.iterancestors()):
        said = each.get(full("xml:space"))
        if said is not None:
            return bool(said == "preserve")
    return False
