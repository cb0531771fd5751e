"""Word files that are bombs, lie about themselves, fetch, run, hide or nest."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator

from tests.drafting.hostile.drafts import Hostile, Packed
from tests.drafting.hostile.word_files import (
    NAMESPACES,
    NUMBERING,
    PACKAGE,
    STYLES,
    document,
    packed_by_hand,
    paragraph,
    parts,
    relations,
    zipped,
)

MEGABYTE = 1_000_000
ENTITIES = '<!DOCTYPE w:document [<!ENTITY a "{}">]>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def _named(files: dict[str, bytes]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), data) for name, data in files.items()]


def _spaces(size: int) -> bytes:
    """XML of a size, nearly all of it spaces."""
    return document().encode().replace(b"<w:body>", b"<w:body>" + b" " * size)


def zips() -> Iterator[Hostile]:
    """Yield files that aren't the ZIPs they seem."""
    made: dict[str, Callable[[], bytes | Packed]] = {
        "a part of 200 MB that packs to 200 kB": lambda: zipped(
            parts(main=_spaces(200 * MEGABYTE))
        ),
        "a picture of 60 MB that packs to 60 kB": lambda: zipped(
            parts(more={"word/media/a.png": bytes(60 * MEGABYTE)})
        ),
        "three parts of 3 MB of elements": lambda: zipped(
            parts(more={f"word/p{n}.xml": b"<a>" + b"<b/>" * 740_000 + b"</a>" for n in range(3)}),
            zipfile.ZIP_STORED,
        ),
        "300 parts of 30 kB of elements": lambda: zipped(
            parts(more={f"word/p{n}.xml": b"<a>" + b"<b/>" * 8_000 + b"</a>" for n in range(290)}),
            zipfile.ZIP_STORED,
        ),
        "100 parts of 199 kB of elements that pack well": lambda: zipped(
            parts(more={f"word/p{n}.xml": b"<a>" + b"<b/>" * 49_000 + b"</a>" for n in range(99)})
        ),
        "parts of 19 MB in all that pack a hundredfold": lambda: zipped(
            parts(more={f"word/p{n}.txt": bytes(190_000) for n in range(99)})
        ),
        "a ZIP in a ZIP in a ZIP": lambda: zipped(
            {"a.docx": bytes(zipped({"a.docx": bytes(zipped(parts()))}))}
        ),
        "a ZIP with a bomb beside the letter": lambda: zipped(
            parts(more={"word/a.zip": bytes(zipped({"a": bytes(60 * MEGABYTE)}))})
        ),
        "60,000 entries": lambda: packed_by_hand(
            ((b"%d" % n, b"") for n in range(60_000)), method=0
        ),
        "10,000 folders": lambda: zipped(
            [*parts().items(), *((f"f{n}/", b"") for n in range(10_000))]
        ),
        "entries that overlap": lambda: packed_by_hand(
            ((b"%d.xml" % n, b"<a/>" * 50_000) for n in range(250)), is_overlapping=True
        ),
        "sizes declared too small": lambda: packed_by_hand(_named(parts()), size=10),
        "sizes declared as none": lambda: packed_by_hand(_named(parts()), size=0),
        "sizes declared too large": lambda: packed_by_hand(_named(parts()), size=4_000_000_000),
        "packed sizes declared too small": lambda: packed_by_hand(_named(parts()), packed_size=5),
        "packed sizes declared too large": lambda: packed_by_hand(
            _named(parts()), packed_size=4_000_000_000
        ),
        "a bomb that declares a small size": lambda: packed_by_hand(
            _named(parts(main=_spaces(100 * MEGABYTE))), size=5_000
        ),
        "checksums that don't fit": lambda: packed_by_hand(_named(parts()), checksum=1),
        "entries counted wrongly": lambda: packed_by_hand(_named(parts()), entries=60_000),
        "a flag of encryption": lambda: packed_by_hand(_named(parts()), flags=1),
        "a flag of strong encryption": lambda: packed_by_hand(_named(parts()), flags=0x41),
        "a flag of patches": lambda: packed_by_hand(_named(parts()), flags=0x20),
        "a way of packing that nobody knows": lambda: packed_by_hand(_named(parts()), method=99),
        "packed by bzip2": lambda: zipped(parts(), zipfile.ZIP_BZIP2),
        "packed by LZMA": lambda: zipped(parts(), zipfile.ZIP_LZMA),
        "sizes of 64 bits": lambda: packed_by_hand(
            _named(parts()),
            size=0xFFFFFFFF,
            extra=b"\x01\x00\x10\x00" + b"\xff" * 16,
        ),
        "an extra field that doesn't end": lambda: packed_by_hand(
            _named(parts()), extra=b"\x01\x00\xff\xff"
        ),
        "a name that is no UTF-8": lambda: packed_by_hand(
            [*_named(parts()), (b"\xff\xfe.xml", b"<a/>")], flags=0x800
        ),
        "cut off in its middle": lambda: bytes(zipped(parts()))[:2000],
        "cut off at its end": lambda: bytes(zipped(parts()))[:-5],
        "an end without a beginning": lambda: bytes(zipped(parts()))[-200:],
        "a beginning of another file": lambda: b"#!/bin/sh\n" + bytes(zipped(parts())),
        "no parts at all": lambda: zipped({}),
        "nothing but a beginning": lambda: b"PK\x03\x04",
        "nothing": lambda: b"",
        "an old Word file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000),
        "a text": lambda: b"Dear Ms Prydderch\n" * 100,
        "11 MB": lambda: b"PK\x03\x04" + bytes(11 * MEGABYTE),
    }
    for says, make in made.items():
        yield Hostile("Word file", says, make, "draft.docx")
    names = {
        "a path upwards": "../../pwned.xml",
        "a path from the root": "{OUTSIDE}/pwned.xml",
        "a path of Windows": "..\\..\\pwned.xml",
        "a drive of Windows": "C:pwned.xml",
        "a full stop in its path": "word/./document.xml",
        "a NUL": "word/document.xml\0.png",
        "a line end": "word/a\n.xml",
        "a terminal's escape": "word/\x1b[2J.xml",
        "a name that turns round": "word/\u202elmx.xml",
        "ten thousand letters": "a" * 10_000 + ".xml",
        "other capitals": "WORD/DOCUMENT.XML",
        "a letter of full width": "word/ｄocument.xml",
    }
    for says, name in names.items():
        yield Hostile(
            "Word file",
            f"a part named by {says}",
            lambda name=name: zipped(parts(more={name: b"<a/>"})),
            "draft.docx",
        )
    yield Hostile(
        "Word file",
        "two parts of one name",
        lambda: zipped([*parts().items(), ("word/document.xml", document("x").encode())]),
        "draft.docx",
    )


def xml() -> Iterator[Hostile]:
    """Yield files whose XML refers, nests or repeats more than Word's does."""
    mains: dict[str, Callable[[], str | bytes]] = {
        "a billion laughs": lambda: document("&a9;", before=LAUGHS),
        "one entity of 100 kB, said 20,000 times": lambda: document(
            paragraph("A").replace("A", "&a;" * 20_000), before=ENTITIES.format("a" * 100_000)
        ),
        "an entity in an attribute": lambda: document(
            '<w:p w:x="&a;"/>', before=ENTITIES.format("a")
        ),
        "an entity of a file": lambda: document(
            paragraph("A").replace("A", "&a;"),
            before='<!DOCTYPE d [<!ENTITY a SYSTEM "file://{SECRET}">]>',
        ),
        "an entity of a page": lambda: document(
            paragraph("A").replace("A", "&a;"),
            before='<!DOCTYPE d [<!ENTITY a SYSTEM "http://127.0.0.1:{PORT}/">]>',
        ),
        "a parameter entity of a page": lambda: document(
            before='<!DOCTYPE d [<!ENTITY % a SYSTEM "http://127.0.0.1:{PORT}/"> %a;]>'
        ),
        "a document type of a file": lambda: document(before='<!DOCTYPE d SYSTEM "{SECRET}">'),
        "a document type in small letters": lambda: document(before="<!doctype d>"),
        "a document type in UTF-16": lambda: (
            '<?xml version="1.0" encoding="UTF-16"?>' + document(before=LAUGHS)
        ).encode("utf-16"),
        "a document type in UTF-7": lambda: (
            b'<?xml version="1.0" encoding="UTF-7"?>' + document(before=LAUGHS).encode("utf-7")
        ),
        "an encoding that nobody knows": lambda: document(
            before='<?xml version="1.0" encoding="x-other"?>'
        ),
        "EBCDIC": lambda: document(before='<?xml version="1.0" encoding="cp037"?>').encode(
            "cp037", "replace"
        ),
        "an inclusion of a file": lambda: document('<xi:include href="{SECRET}" parse="text"/>'),
        "a stylesheet": lambda: document(
            before='<?xml-stylesheet href="http://127.0.0.1:{PORT}/"?>'
        ),
        "a schema's location": lambda: document(
            '<w:p xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
            ' i:schemaLocation="a http://127.0.0.1:{PORT}/"/>'
        ),
        "elements nested 200 deep": lambda: document("<w:sdt>" * 200 + "</w:sdt>" * 200),
        "elements nested 100,000 deep": lambda: document(
            "<w:sdt>" * 100_000 + "</w:sdt>" * 100_000
        ),
        "content controls nested 100 deep": lambda: document(
            "<w:sdt><w:sdtContent>" * 100 + paragraph("A") + "</w:sdtContent></w:sdt>" * 100
        ),
        "fields nested 10,000 deep": lambda: document(
            "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 10_000 + "</w:p>"
        ),
        "100,000 attributes on one element": lambda: document(
            "<w:p " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>"
        ),
        "30,000 namespaces on one element": lambda: document(
            "<w:p " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(30_000)) + "/>"
        ),
        "a name of 2 MB": lambda: document(f"<{'a' * 2_000_000}/>"),
        "an attribute of 2 MB": lambda: document('<w:p w:x="' + "a" * 2_000_000 + '"/>'),
        "400,000 empty paragraphs": lambda: document("<w:p/>" * 400_000),
        "4,900 paragraphs": lambda: document(paragraph("A.") * 4_900),
        "100,000 empty runs": lambda: document(f"<w:p>{'<w:r/>' * 100_000}</w:p>"),
        "100,000 runs of one letter": lambda: document(
            f"<w:p>{'<w:r><w:t>a</w:t></w:r>' * 100_000}</w:p>"
        ),
        "a run of 2 MB": lambda: document(paragraph("a " * 1_000_000)),
        "400,000 line breaks": lambda: document(f"<w:p><w:r>{'<w:br/>' * 400_000}</w:r></w:p>"),
        "400,000 tabs": lambda: document(f"<w:p><w:r>{'<w:tab/>' * 400_000}</w:r></w:p>"),
        "400,000 comments": lambda: document("<!---->" * 400_000),
        "400,000 instructions": lambda: document("<?a?>" * 400_000),
        "400,000 sections of character data": lambda: document(
            paragraph("A").replace("A", "<![CDATA[a]]>" * 200_000)
        ),
        "bold and italic in turn, a letter each": lambda: document(
            "<w:p>"
            + "<w:r><w:rPr><w:b/></w:rPr><w:t>a</w:t></w:r><w:r><w:t>b</w:t></w:r>" * 9_000
            + "</w:p>"
        ),
        "20,000 links": lambda: document(
            "<w:p>"
            + '<w:hyperlink r:id="rId1"><w:r><w:t>a</w:t></w:r></w:hyperlink>' * 20_000
            + "</w:p>"
        ),
        "20,000 bookmarks": lambda: document('<w:bookmarkStart w:id="1"/>' * 20_000),
        "marks in the worst order, a run each": lambda: document(
            "<w:p><w:r><w:t>e</w:t></w:r>"
            + "<w:r><w:t>\u0301</w:t></w:r><w:r><w:t>\u0316</w:t></w:r>" * 20_000
            + "</w:p>"
        ),
        "marks in the worst order, in one run": lambda: document(
            paragraph("e" + "\u0301\u0316" * 200_000)
        ),
        "numbers that count far": lambda: document(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val='99999999999'/><w:numId w:val='-1'/></w:numPr>"
            "</w:pPr><w:r><w:t>a</w:t></w:r></w:p>"
        ),
        "a reference to no character": lambda: document(paragraph("A").replace("A", "&#xFFFF;")),
        "a reference to half a character": lambda: document(
            paragraph("A").replace("A", "&#xD800;")
        ),
        "a reference to NUL": lambda: document(paragraph("A").replace("A", "&#0;")),
        "a reference to an override of direction": lambda: document(
            paragraph("A").replace("A", "a&#x202E;b")
        ),
        "a reference to a zero-width space": lambda: document(
            paragraph("A").replace("A", "a&#x200B;b")
        ),
        "half a character": lambda: document(paragraph("a\ud800b")),
        "no body": lambda: f"<w:document {NAMESPACES}/>",
        "two bodies": lambda: document().replace(
            "</w:body>", f"</w:body><w:body>{paragraph('More.')}</w:body>"
        ),
        "words beside its body": lambda: document().replace(
            "</w:body>", f"</w:body>{paragraph('More.')}"
        ),
        "another element at its root": lambda: "<html><script>alert(1)</script></html>",
        "no XML": lambda: "Dear Ms Prydderch",
        "XML that doesn't end": lambda: document()[:-30],
    }
    for says, make in mains.items():
        yield Hostile(
            "Word XML",
            says,
            lambda make=make: zipped(parts(main=make()), zipfile.ZIP_STORED),
            "draft.docx",
        )
    chain = "".join(
        f'<w:style w:type="paragraph" w:styleId="S{n}"><w:name w:val="S{n}"/>'
        f'<w:basedOn w:val="S{n + 1}"/></w:style>'
        for n in range(20_000)
    )
    circle = (
        '<w:style w:type="paragraph" w:styleId="S0"><w:name w:val="a"/><w:basedOn w:val="S1"/>'
        '</w:style><w:style w:type="paragraph" w:styleId="S1"><w:name w:val="b"/>'
        '<w:basedOn w:val="S0"/></w:style>'
    )
    others: dict[str, Callable[[], dict[str, bytes]]] = {
        "styles based on each other, 20,000 in a chain": lambda: parts(
            paragraph("A.", style="S0"), styles=STYLES + chain
        ),
        "styles based on each other in a circle": lambda: parts(
            paragraph("A.", style="S0"), styles=STYLES + circle
        ),
        "a style based on itself": lambda: parts(
            paragraph("A.", style="S0"),
            styles=STYLES + circle.replace('basedOn w:val="S1"', 'basedOn w:val="S0"'),
        ),
        "20,000 styles of one name": lambda: parts(
            styles=STYLES
            + '<w:style w:type="paragraph" w:styleId="S"><w:name w:val="S"/></w:style>' * 20_000
        ),
        "lists that are linked in a circle": lambda: parts(
            numbering=NUMBERING.replace(
                '<w:lvl w:ilvl="0">', '<w:numStyleLink w:val="Bullets"/><w:lvl w:ilvl="0">'
            )
        ),
        "20,000 lists": lambda: parts(
            numbering=NUMBERING
            + "".join(
                f'<w:num w:numId="{n}"><w:abstractNumId w:val="1"/></w:num>'
                for n in range(2, 20_000)
            )
        ),
        "a footnote in a footnote": lambda: parts(
            '<w:p><w:r><w:footnoteReference w:id="1"/></w:r></w:p>',
            related=("footnotes footnotes.xml",),
            more={
                "word/footnotes.xml": f'<w:footnotes {NAMESPACES}><w:footnote w:id="1"><w:p><w:r>'
                '<w:footnoteReference w:id="1"/></w:r></w:p></w:footnote></w:footnotes>'
            },
        ),
        "20,000 references to one footnote": lambda: parts(
            "<w:p>" + '<w:r><w:footnoteReference w:id="1"/></w:r>' * 20_000 + "</w:p>",
            related=("footnotes footnotes.xml",),
            more={
                "word/footnotes.xml": f'<w:footnotes {NAMESPACES}><w:footnote w:id="1"><w:p><w:r>'
                "<w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>"
            },
        ),
        "a footnote that isn't there": lambda: parts(
            '<w:p><w:r><w:footnoteReference w:id="7"/></w:r></w:p>'
        ),
        "relations that aren't there": lambda: parts(
            related=("footnotes gone.xml", "header ../../gone.xml")
        ),
        "an entity in the relations": lambda: parts(
            more={"word/_rels/document.xml.rels": LAUGHS + relations("styles &a9;")}
        ),
        "an entity in the properties": lambda: parts(
            more={"docProps/core.xml": LAUGHS + "<a>&a9;</a>"}
        ),
        "an entity in a custom part": lambda: parts(
            more={"customXml/item1.xml": LAUGHS + "<a>&a9;</a>"}
        ),
        "an entity in the content types": lambda: {
            **parts(),
            "[Content_Types].xml": f"{LAUGHS}<Types xmlns='{PACKAGE}'>&a9;</Types>".encode(),
        },
        "a drawing that is XML with entities": lambda: parts(
            more={"word/media/a.svg": LAUGHS + "<svg>&a9;</svg>"}
        ),
    }
    for says, make_parts in others.items():
        yield Hostile(
            "Word XML",
            says,
            lambda make=make_parts: zipped(make(), zipfile.ZIP_STORED),
            "draft.docx",
        )


def contents() -> Iterator[Hostile]:
    """Yield files that fetch, run, embed or hide."""
    related = {
        "a template from elsewhere": "!attachedTemplate http://127.0.0.1:{PORT}/a.dotm",
        "a template from a share": "!attachedTemplate file:////127.0.0.1/share/a.dotm",
        "a picture from elsewhere": "!image http://127.0.0.1:{PORT}/a.png",
        "a frame from elsewhere": "!frame http://127.0.0.1:{PORT}/",
        "a part of the document from elsewhere": "!subDocument {SECRET}",
        "an object from elsewhere": "!oleObject http://127.0.0.1:{PORT}/!x",
        "a file that is put in": "aFChunk a.html",
        "a link that runs": "!hyperlink javascript:alert(1)",
        "a link to a file": "!hyperlink file://{SECRET}",
        "a link to a page": "!hyperlink http://127.0.0.1:{PORT}/",
        "an embedded package": "package embeddings/a.docx",
        "a control": "control activeX/activeX1.xml",
        "macros": "vbaProject vbaProject.bin",
        "a path upwards": "styles ../../../../../../etc/passwd",
        "words that turn round": "!image http://a.example/&#x202e;gnp.a",
    }
    for says, relation in related.items():
        yield Hostile(
            "Word content",
            says,
            lambda relation=relation: zipped(
                parts(
                    '<w:p><w:hyperlink r:id="rId3"><w:r><w:t>click</w:t></w:r></w:hyperlink></w:p>',
                    related=(relation,),
                )
            ),
            "draft.docx",
        )
    inserted = {
        "macros in their part": {"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"},
        "an embedded file": {"word/embeddings/a.exe": b"MZ"},
        "a control of its own": {"word/activeX/activeX1.xml": b"<a/>"},
        "a signature of somebody": {"_xmlsignatures/sig1.xml": b"<Signature/>"},
        "a ribbon that calls": {"customUI/customUI.xml": b'<customUI onLoad="x"/>'},
    }
    for says, more in inserted.items():
        yield Hostile(
            "Word content", says, lambda more=more: zipped(parts(more=more)), "draft.docx"
        )
    fields = {
        "a field that runs a program": "DDEAUTO c:\\windows\\system32\\cmd.exe /k calc",
        "a field that fetches a text": 'INCLUDETEXT "{SECRET}"',
        "a field that fetches a picture": 'INCLUDEPICTURE "http://127.0.0.1:{PORT}/"',
        "a field that counts": "= 7 * 7",
        "a field that asks": "FILLIN",
        "a field of a database": "DATABASE",
        "a field that quotes": "QUOTE 65 66",
        "a field that runs a macro": "MACROBUTTON a b",
    }
    for says, code in fields.items():
        code = code.replace('"', "&quot;")
        yield Hostile(
            "Word content",
            says,
            lambda code=code: zipped(
                parts(
                    f'<w:p><w:fldSimple w:instr="{code}"><w:r><w:t>shown</w:t></w:r>'
                    "</w:fldSimple></w:p>"
                )
            ),
            "draft.docx",
        )
    looks = {
        "hidden words": "<w:vanish/>",
        "white words": '<w:color w:val="FFFFFF"/>',
        "words of half a point": '<w:sz w:val="1"/>',
        "struck words": "<w:strike/>",
        "words in a symbol font": '<w:rFonts w:ascii="Wingdings"/>',
        "words from right to left": "<w:rtl/>",
        "words that are turned": '<w:eastAsianLayout w:vert="1"/>',
        "words squeezed to one per cent": '<w:w w:val="1"/>',
        "words raised beyond the page": '<w:position w:val="9999"/>',
        "words in the colour of their ground": '<w:shd w:fill="000000"/>',
    }
    for says, look in looks.items():
        yield Hostile(
            "Word content",
            says,
            lambda look=look: zipped(
                parts(paragraph("not ", more=f"<w:rPr>{look}</w:rPr>") + paragraph("safe."))
            ),
            "draft.docx",
        )
    inside = {
        "tracked changes": '<w:p><w:ins w:author="a"><w:r><w:t>a</w:t></w:r></w:ins></w:p>',
        "a deletion that is kept": "<w:p><w:del><w:r><w:delText>a</w:delText></w:r></w:del></w:p>",
        "a comment": '<w:p><w:commentRangeStart w:id="1"/></w:p>',
        "a text box": "<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
        "<w:p><w:r><w:t>a</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>",
        "a choice of contents": "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>a"
        "</w:t></mc:Choice><mc:Fallback><w:t>b</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        "a table": "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        "an equation": "<w:p><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:p>",
        "a file that is put in": '<w:altChunk r:id="rId9"/>',
        "an element that nobody knows": "<w:p><w:other>a</w:other></w:p>",
        "an element of another language": '<w:p><a xmlns="urn:a"><b>words</b></a></w:p>',
        "markup of every sort": paragraph(
            '{{7*7}} ${7*7} <script>alert(1)</script> #read("{SECRET}") ![a](http://127.0.0.1:{PORT}/)'
        ),
        "a line end and a header": paragraph("Dear\r\nBcc: victim@example.org"),
    }
    for says, content in inside.items():
        yield Hostile(
            "Word content",
            f"{says} in it",
            lambda content=content: zipped(parts(content)),
            "draft.docx",
        )


def hostile_words() -> Iterator[Hostile]:
    """Yield all hostile Word files; and what is no Word file, but a kin of it."""
    yield from zips()
    yield from xml()
    yield from contents()
    for ending in (".doc", ".docm", ".dotx", ".dotm", ".odt", ".rtf", ".pdf"):
        yield Hostile(
            "Word file",
            f"the honest letter named {ending}",
            lambda: zipped(parts()),
            f"draft{ending}",
        )
