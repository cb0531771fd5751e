"""A Word file as a package: what is let in before a word of it is read."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from word_files import TYPES, R, a_docx, p, parts, read_docx, refused, relation, relations, zipped

from tasks.drafting.word.refusals import REFUSALS
from tasks.drafting.word.xml import MOST_XML_BYTES
from tasks.drafting.word.zip import MOST_BYTES, MOST_PARTS, pack, unpack

WORDS = p("Dear Ms Ash")
MAIN = "word/document.xml"
TYPES_PART = "[Content_Types].xml"
LINKS = "word/_rels/document.xml.rels"


def with_part(name: str, content: str | bytes) -> bytes:
    return zipped(parts(WORDS, more={name: content}))


def changed(name: str, old: str, new: str) -> bytes:
    contents = parts(WORDS)
    before = str(contents[name])
    assert old in before
    return zipped(contents | {name: before.replace(old, new)})


def with_type(name: str, content_type: str, content: str | bytes) -> bytes:
    said = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'
    contents = parts(WORDS)
    types = str(contents[TYPES_PART]).replace("</Types>", said)
    return zipped(contents | {name: content, TYPES_PART: types})


def linked(kind: str, target: str, *, is_outside: bool = False) -> bytes:
    link = relation(9, kind, target, is_outside=is_outside)
    return a_docx(WORDS, links=[link])


def flagged(bits: int) -> bytes:
    """Set bits of the flags of the first entry of the directory."""
    data = bytearray(a_docx(WORDS))
    at = data.index(b"PK\x01\x02") + 8
    data[at : at + 2] = struct.pack("<H", bits)
    return bytes(data)


def declared(size: int) -> bytes:
    """Declare another unpacked size of the main part than it has."""
    data = bytearray(a_docx(WORDS, more={"docProps/big.bin": b"\0" * 30_000_000}))
    name = data.rindex(b"docProps/big.bin")
    data[name - 22 : name - 18] = struct.pack("<I", size)
    return bytes(data)


PACKAGES = [
    pytest.param(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "word-file-old-or-locked",
        "draft.docx",
        id="an old Word file, or one with a password",
    ),
    pytest.param(b"%PDF-1.7", "word-not-a-document", "draft.docx", id="a PDF by another name"),
    pytest.param(b"", "word-not-a-document", "draft.docx", id="no bytes at all"),
    pytest.param(
        zipped({"a.txt": "words"}), "word-not-a-document", "draft.docx", id="any other ZIP"
    ),
    pytest.param(
        changed(TYPES_PART, "wordprocessingml.document.main", "spreadsheetml.sheet.main"),
        "word-not-a-document",
        "draft.docx",
        id="a spreadsheet",
    ),
    pytest.param(
        changed(TYPES_PART, "document.main", "template.main"),
        "word-template",
        "draft.docx",
        id="a template",
    ),
    pytest.param(
        changed(
            MAIN,
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        "word-strict-format",
        "draft.docx",
        id="Strict Open XML",
    ),
    pytest.param(a_docx(WORDS)[:-30], "word-package-damaged", "draft.docx", id="a file cut short"),
    pytest.param(
        a_docx(WORDS).replace(b"PK\x01\x02", b"PK\x01\x03"),
        "word-package-damaged",
        "draft.docx",
        id="a broken directory",
    ),
    pytest.param(
        declared(10_000), "word-package-damaged", "draft.docx", id="a part that lies about its size"
    ),
    pytest.param(
        with_type("word/second.xml", f"{TYPES}.document.main+xml", parts(WORDS)[MAIN]),
        "word-package-damaged",
        "draft.docx",
        id="two documents in one file",
    ),
    pytest.param(
        zipped(parts(WORDS, more={f"word/p{n}.bin": b"." for n in range(MOST_PARTS)})),
        "word-package-too-many-parts",
        "draft.docx",
        id="too many parts",
    ),
    pytest.param(
        with_part("word/media/a.png", b"\0" * (MOST_BYTES + 1)),
        "word-package-too-large",
        "draft.docx",
        id="too many bytes unpacked",
    ),
    pytest.param(
        zipped(
            parts(WORDS, more={"word/a.xml": b"<a>" + b" " * MOST_XML_BYTES + b"</a>"}),
            zipfile.ZIP_STORED,
        ),
        "word-package-too-large",
        "draft.docx, part word/a.xml",
        id="one part of XML too large",
    ),
    pytest.param(
        with_part("word/media/a.png", b"\0" * 1_000_000),
        "word-package-ratio",
        "draft.docx, part word/media/a.png",
        id="a part that unpacks to a thousand times its size",
    ),
    *(
        pytest.param(
            with_part(name, b"x"),
            "word-package-part-name",
            f"draft.docx, part {shown}",
            id=f"a part named {shown}",
        )
        for name, shown in (
            ("../evil.xml", "../evil.xml"),
            ("word/../../evil.xml", "word/../../evil.xml"),
            ("/etc/passwd", "/etc/passwd"),
            ("C:evil.xml", "C:evil.xml"),
            ("word\\evil.xml", "word\\\\evil.xml"),
            ("word/Document.XML", "word/Document.XML"),
            ("word/a\nb.xml", "word/a\\nb.xml"),
        )
    ),
    pytest.param(
        flagged(1), "word-package-encrypted", f"draft.docx, part {TYPES_PART}", id="encrypted"
    ),
    pytest.param(
        zipped(parts(WORDS), zipfile.ZIP_BZIP2),
        "word-package-compression",
        f"draft.docx, part {TYPES_PART}",
        id="packed by bzip2",
    ),
    pytest.param(
        with_part("word/theme.xml", "<a><b></a>"),
        "word-xml-invalid",
        "draft.docx, part word/theme.xml",
        id="XML that is not well-formed",
    ),
    pytest.param(
        with_part("word/theme.xml", "<a>" * 1000 + "</a>" * 1000),
        "word-xml-invalid",
        "draft.docx, part word/theme.xml",
        id="XML nested a thousand deep",
    ),
    *(
        pytest.param(
            with_part("word/theme.xml", content),
            "word-xml-encoding",
            "draft.docx, part word/theme.xml",
            id=f"XML {said}",
        )
        for said, content in (
            ("in UTF-16", '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")),
            ("in UTF-7", b'<?xml version="1.0" encoding="UTF-7"?><a/>'),
            ("in EBCDIC", '<?xml version="1.0"?><a/>'.encode("cp037")),
            (
                "with a long declaration",
                b'<?xml version="1.0"%sencoding="UTF-7"?><a/>' % (b" " * 400),
            ),
            ("with a declaration of another order", b"<?xml encoding='UTF-7' version='1.0'?><a/>"),
        )
    ),
    *(
        pytest.param(
            with_part(name, content),
            "word-xml-doctype",
            f"draft.docx, part {name}",
            id=f"a document type in {name}",
        )
        for name in ("word/theme.xml", "word/_rels/theme.xml.rels")
        for content in ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',)
    ),
    pytest.param(
        with_type("word/theme.dat", "application/some+xml", "<a><b></a>"),
        "word-xml-invalid",
        "draft.docx, part word/theme.dat",
        id="XML by its type, whatever its name",
    ),
    pytest.param(
        with_part("word/vbaProject.bin", b"x"), "word-macros", "draft.docx", id="a macro project"
    ),
    pytest.param(
        changed(
            TYPES_PART,
            f"{TYPES}.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
        "word-macros",
        "draft.docx",
        id="a document with macros by another name",
    ),
    pytest.param(
        with_part("word/embeddings/oleObject1.bin", b"x"),
        "word-embedded-object",
        "draft.docx, part word/embeddings/oleObject1.bin",
        id="an embedded file",
    ),
    pytest.param(
        with_type(
            "word/embeddings/Sheet1.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            b"PK",
        ),
        "word-embedded-object",
        "draft.docx, part word/embeddings/Sheet1.xlsx",
        id="an embedded spreadsheet",
    ),
    pytest.param(
        with_part("word/activeX/activeX1.bin", b"x"),
        "word-embedded-object",
        "draft.docx, part word/activeX/activeX1.bin",
        id="a control",
    ),
    pytest.param(
        linked("oleObject", "media/a.bin"),
        "word-embedded-object",
        f"draft.docx, part {LINKS}",
        id="a relation to an object",
    ),
    pytest.param(
        linked("aFChunk", "chunk.html"),
        "word-inserted-file",
        f"draft.docx, part {LINKS}",
        id="a file to be put into the text",
    ),
    *(
        pytest.param(
            linked(kind, target, is_outside=True),
            "word-outside-content",
            f"draft.docx, part {LINKS}",
            id=f"from outside: {kind} from {target}",
        )
        for kind, target in (
            *((kind, "https://example.org/x") for kind in ("image", "subDocument", "frame")),
            ("image", "file:///C:/a.png"),
            ("attachedTemplate", "https://example.org/x.dotm"),
            ("attachedTemplate", "file:///\\\\server\\x.dotm"),
            ("attachedTemplate", "file:////server/x.dotm"),
            ("attachedTemplate", "file://server/x.dotm"),
            ("attachedTemplate", "\\\\server\\x.dotm"),
            ("attachedTemplate", "file:///%5C%5Cserver%5Cx.dotm"),
            ("attachedTemplate", "x/../y.dotm"),
        )
    ),
    pytest.param(
        linked("oleObject", "https://example.org/x", is_outside=True),
        "word-embedded-object",
        f"draft.docx, part {LINKS}",
        id="a linked object",
    ),
]


@pytest.mark.parametrize(("data", "code", "where"), PACKAGES)
def test_a_package_that_is_no_plain_word_file_is_refused(
    data: bytes, code: str, where: str
) -> None:
    refusal = refused(data)

    assert (refusal.code, refusal.where) == (code, where)
    assert "{" not in refusal.message
    assert refusal.remedy == REFUSALS[code][1]


def test_a_plain_file_is_let_in() -> None:
    assert read_docx(a_docx(WORDS)).salutation == "Dear Ms Ash"


def test_a_link_may_lead_outside() -> None:
    link = relation(9, "hyperlink", "https://example.org", is_outside=True)

    assert read_docx(a_docx(WORDS, links=[link])).salutation == "Dear Ms Ash"


@pytest.mark.parametrize(
    "target",
    [
        "file:///C:\\Templates\\Letter.dotx",
        "file:///C:/T/Letter.dotx",
        "C:%5CT%5CL.dotx",
        "Normal.dotm",
    ],
)
def test_word_may_note_a_template_on_the_writers_own_disk(target: str) -> None:
    link = relation(9, "attachedTemplate", target, is_outside=True)

    assert read_docx(a_docx(WORDS, links=[link])).salutation == "Dear Ms Ash"


def test_comments_and_instructions_in_the_xml_are_no_words_and_part_none() -> None:
    body = "<w:p><w:r><w:t>Dear <!-- not -->Ms<?x y?> Ash</w:t></w:r></w:p>"

    assert read_docx(a_docx(body)).salutation == "Dear Ms Ash"


def test_what_word_keeps_about_a_printer_is_passed_over() -> None:
    settings = "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"

    data = with_type("word/printerSettings/printerSettings1.bin", settings, b"\0\1")

    assert read_docx(data).salutation == "Dear Ms Ash"


def test_a_relation_to_a_part_that_is_missing_is_passed_over() -> None:
    data = a_docx(WORDS, links=[relation(9, "theme", "NULL"), relation(8, "image", "../NULL")])

    assert read_docx(data).salutation == "Dear Ms Ash"


def test_parts_are_packed_as_the_same_bytes_in_any_order() -> None:
    contents = {"b.xml": b"<b/>", TYPES_PART: b"<Types/>", "a.xml": b"<a/>"}

    assert pack(contents) == pack(dict(reversed(contents.items())))
    assert zipfile.ZipFile(io.BytesIO(pack(contents))).namelist() == [TYPES_PART, "a.xml", "b.xml"]
    assert unpack(pack(contents), source="a test") == contents


def test_relations_of_the_package_are_checked_too() -> None:
    outside = relations(
        relation(1, "officeDocument", MAIN),
        f'<Relationship Id="x" Type="{R}/image" Target="//server/a" TargetMode="external"/>',
    )

    refusal = refused(with_part("_rels/.rels", outside))

    assert (refusal.code, refusal.where) == ("word-outside-content", "draft.docx, part _rels/.rels")
