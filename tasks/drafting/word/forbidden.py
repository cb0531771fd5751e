"""What a Word file may not hold, told anywhere below an element: what has no place in a letter.

Also what messages quote: words of the file that can do the message no harm.
"""

from __future__ import annotations

from typing import NoReturn

from letters.problem import DraftUnreadable
from tasks.drafting.limits import refused_character
from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.xml import Element, child, descendants, tag_of

_TRACKED = (
    *("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "sectPrChange"),
    *("numberingChange", "tblPrChange", "delText", "delInstrText", "moveFromRangeStart"),
    *("moveToRangeStart", "customXmlInsRangeStart", "customXmlDelRangeStart"),
    *("customXmlMoveFromRangeStart", "customXmlMoveToRangeStart"),
)
_FORBIDDEN = {
    **{f"w:{name}": "word-tracked-changes" for name in _TRACKED},
    "w:commentRangeStart": "word-comments",
    "w:commentReference": "word-comments",
    "w:object": "word-embedded-object",
    "w:control": "word-embedded-object",
    "w:altChunk": "word-inserted-file",
    "m:oMath": "word-equation",
    "m:oMathPara": "word-equation",
    "w:tbl": "word-table",
    "w:drawing": "word-picture",
    "w:pict": "word-picture",
}


def refuse_forbidden(element: Element, where: str) -> None:
    """Refuse what is never read, anywhere below an element."""
    for each in element.iter():
        code = _FORBIDDEN.get(tag_of(each))
        if code == "word-picture" and next(descendants(each, "w:txbxContent"), None) is not None:
            code = "word-text-box"
        if code:
            refuse(code, where)


def refuse_unfilled(control: Element, where: str) -> None:
    """Refuse a control that still shows what is to be written into it."""
    if child(control, "w:sdtPr", "w:showingPlcHdr") is not None:
        refuse("word-placeholder", where, text=printable(raw_text(control)))


def refuse_unknown(element: Element, where: str) -> NoReturn:
    """Refuse an element that no reader knows."""
    name = tag_of(element).rpartition("}")[2]
    refuse("word-content-unknown", where, name=printable(name))


def refuse_characters(text: str, where: str) -> None:
    """Refuse what no draft holds: characters that hide, turn or pile up."""
    refused = refused_character(text)
    if refused is not None:
        raise DraftUnreadable(
            f"The draft holds {refused.what}.",
            where=f"{where}, character {refused.offset + 1}",
            remedy="Delete it there, and type the words again if in doubt.",
            code=refused.code,
        )


def raw_text(element: Element) -> str:
    """Return all text below an element, whatever it is: for messages."""
    return "".join(each.text or "" for each in descendants(element, "w:t", "w:delText"))


def printable(text: str, longest: int = 60) -> str:
    """Shorten a text for a message; nothing in it can turn or hide the message's words."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[:longest].rstrip()} …"
