"""Builders of Word files: as packages of parts, and as paragraphs of XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from drafts import SUBJECT, a_kind, a_register

from letters.problem import DraftUnreadable
from letters.reading import Reading, ReadSection
from tasks.drafting.word.reader import read_word

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:example:other"'
)

STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    "</w:style>"
    '<w:style w:type="paragraph" w:styleId="Ueberschrift1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own heading"/>'
    '<w:basedOn w:val="Ueberschrift1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/>'
    '<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Bullets"><w:name w:val="List Bullet"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="MyBullets"><w:name w:val="My bullets"/>'
    '<w:basedOn w:val="Bullets"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="BoldText"><w:name w:val="Bold text"/>'
    "<w:rPr><w:b/></w:rPr></w:style>"
    '<w:style w:type="paragraph" w:styleId="Unseen"><w:name w:val="Unseen"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style>"
    '<w:style w:type="paragraph" w:styleId="Framed"><w:name w:val="Framed"/>'
    '<w:pPr><w:framePr w:w="100"/></w:pPr></w:style>'
    '<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/>'
    "<w:rPr><w:b/></w:rPr></w:style>"
)


def _level(form: str, text: str, number: int = 0, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def _list(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


NUMBERING = (
    _list(1, _level("bullet", "•"), _level("bullet", "o", 1))
    + _list(2, _level("decimal", "%1."), _level("decimal", "(%2)", 1))
    + _list(3, _level("decimal", "%1."), _level("decimal", "%1.%2", 1))
    + _list(4, _level("lowerLetter", "%1)"))
    + _list(5, _level("none", ""))
    + "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, 6))
    + '<w:num w:numId="6"><w:abstractNumId w:val="2"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)


def run(text: str, *properties: str) -> str:
    """Write a run; properties are names such as `b`, or `u w:val="single"`."""
    told = "".join(f"<w:{each}/>" for each in properties)
    return f'<w:r><w:rPr>{told}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*content: str, style: str = "", properties: str = "") -> str:
    """Write a paragraph; content that is no XML is a run of words."""
    told = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(each if each.startswith("<") else run(each) for each in content)
    return f"<w:p><w:pPr>{told}{properties}</w:pPr>{runs}</w:p>"


def numbered(number: int, level: int = 0) -> str:
    """Write the properties of a paragraph in a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def field(code: str, shown: str) -> str:
    """Write a field as Word does, its instruction in a run of its own."""

    def turn(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    told = f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
    return turn("begin") + told + turn("separate") + run(shown) + turn("end")


def relation(number: int, kind: str, target: str, *, is_outside: bool = False) -> str:
    """Write a relation."""
    mode = ' TargetMode="External"' if is_outside else ""
    return f'<Relationship Id="rId{number}" Type="{R}/{kind}" Target="{target}"{mode}/>'


def relations(*told: str) -> str:
    """Write a part of relations."""
    uri = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{uri}">{"".join(told)}</Relationships>'


def notes(kind: str, **texts: str) -> str:
    """Write a part of footnotes or endnotes: `n1="…"` is the note with id 1."""
    told = "".join(
        f'<w:{kind} w:id="{name[1:]}"><w:p><w:r><w:{kind}Ref/></w:r>{run(text)}</w:p></w:{kind}>'
        for name, text in texts.items()
    )
    return f"<w:{kind}s {_NAMESPACES}>{told}</w:{kind}s>"


def header(*content: str, kind: str = "hdr") -> str:
    """Write a header or footer of paragraphs."""
    return f"<w:{kind} {_NAMESPACES}>{''.join(content)}</w:{kind}>"


def parts(
    *body: str, more: Mapping[str, str | bytes] | None = None, links: Iterable[str] = ()
) -> dict[str, str | bytes]:
    """Return the parts of a Word file whose body holds these elements."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    return {
        "[Content_Types].xml": f'<Types xmlns="{types}">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>'
        "</Types>",
        "_rels/.rels": relations(relation(1, "officeDocument", "word/document.xml")),
        "word/_rels/document.xml.rels": relations(
            relation(1, "styles", "styles.xml"), relation(2, "numbering", "numbering.xml"), *links
        ),
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{''.join(body)}</w:body>"
        "</w:document>",
        "word/styles.xml": f"<w:styles {_NAMESPACES}>{STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMESPACES}>{NUMBERING}</w:numbering>",
        **(more or {}),
    }


def zipped(contents: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return written.getvalue()


def a_docx(
    *body: str, more: Mapping[str, str | bytes] | None = None, links: Iterable[str] = ()
) -> bytes:
    """Write a Word file whose body holds these elements."""
    return zipped(parts(*body, more=more, links=links))


def read_docx(data: bytes) -> Reading:
    """Read a Word file with the builders' kind and register."""
    return read_word(data, register=a_register(), kinds=(a_kind(),), source="draft.docx")


def refused(data: bytes) -> DraftUnreadable:
    """Return why a Word file is refused."""
    with pytest.raises(DraftUnreadable) as refusal:
        read_docx(data)
    assert refusal.value.where
    assert refusal.value.remedy
    return refusal.value


HEAD = (
    p("8 March 2011"),
    p(),
    p("Ms Jo Ash"),
    p("Director of Children's Services"),
    p("Westmere Council"),
    p(),
    p("Dear Ms Ash"),
    p(SUBJECT),
    p("This letter summarises the findings."),
)
TAIL = (p("Yours sincerely"), p(), p("Robin Grey"), p("Her Majesty's Inspector"))


def a_letter(
    *body: str, more: Mapping[str, str | bytes] | None = None, links: Iterable[str] = ()
) -> bytes:
    """Write a letter in Word, without any style of the house; its body begins at paragraph 10."""
    return a_docx(*HEAD, *body, *TAIL, more=more, links=links)


def section(*body: str, **files: Any) -> ReadSection:
    """Read a letter whose one section, Strengths, holds this."""
    return read_docx(a_letter(p("Strengths"), *body, **files)).sections[0]
