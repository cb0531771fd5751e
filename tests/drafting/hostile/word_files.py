"""Word files: honest ones, into which hostile XML, parts and ZIP entries are put."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from tests.drafting.hostile.drafts import OPENING, Packed, text

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{OFFICE}" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:xi="http://www.w3.org/2001/XInclude"'
)
STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Bullets"><w:name w:val="List Bullet"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
)
HEADINGS = ("Strengths", "Satisfactory practice", "Areas for development")


def paragraph(words: str, *, style: str = "", more: str = "") -> str:
    """Write a paragraph of plain words."""
    told = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{told}<w:r>{more}<w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'


def document(inside: str = "", *, before: str = "") -> str:
    """Write the honest letter's main part, with XML put in among its findings."""
    body = []
    for line in filter(None, text().replace(OPENING, " ".join(OPENING.split())).splitlines()):
        if line in HEADINGS:
            body.append(paragraph(line, style="Heading1"))
        elif line.startswith("- "):
            body.append(paragraph(line[2:], style="Bullets"))
        else:
            body.append(paragraph(line))
        if line.startswith("- Calls"):
            body.append(inside)
    return f"{before}<w:document {NAMESPACES}><w:body>{''.join(body)}</w:body></w:document>"


def relations(*told: str) -> str:
    """Write a part of relations; `told` are `kind target`, those outside begin with a `!`."""
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind.lstrip("!")}" Target="{target}"'
        + (' TargetMode="External"/>' if kind.startswith("!") else "/>")
        for number, (kind, _, target) in enumerate((one.partition(" ") for one in told), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def parts(
    inside: str = "",
    *,
    main: str | bytes | None = None,
    styles: str = STYLES,
    numbering: str = NUMBERING,
    related: Iterable[str] = (),
    more: Mapping[str, str | bytes] | None = None,
) -> dict[str, bytes]:
    """Return the parts of a Word file; what isn't named is honest."""
    told: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/></Types>',
        "_rels/.rels": relations("officeDocument word/document.xml"),
        "word/_rels/document.xml.rels": relations(
            "styles styles.xml", "numbering numbering.xml", *related
        ),
        "word/document.xml": document(inside) if main is None else main,
        "word/styles.xml": f"<w:styles {NAMESPACES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {NAMESPACES}>{numbering}</w:numbering>",
        **(more or {}),
    }
    return {
        name: part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        for name, part in told.items()
    }


def zipped(
    files: Mapping[str, bytes] | Iterable[tuple[str, bytes]],
    compression: int = zipfile.ZIP_DEFLATED,
) -> Packed:
    """Pack files; names may come twice."""
    pairs = files.items() if isinstance(files, Mapping) else files
    named = [(name.encode("utf-8", "surrogatepass"), data) for name, data in pairs]
    return Packed(named, lambda files: _zip(files, compression))


def _zip(files: Iterable[tuple[bytes, bytes]], compression: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression, compresslevel=9) as archive:
        for name, data in files:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(name.decode(), data)
    return packed.getvalue()


def packed_by_hand(files: Iterable[tuple[bytes, bytes]], **lies: Any) -> Packed:
    """Pack files as no honest program does: with declared sizes and flags that lie."""
    return Packed(list(files), lambda filled: _by_hand(filled, **lies))


def _by_hand(
    files: Iterable[tuple[bytes, bytes]],
    *,
    size: int | None = None,
    packed_size: int | None = None,
    flags: int = 0,
    method: int = 8,
    checksum: int | None = None,
    is_overlapping: bool = False,
    entries: int | None = None,
    extra: bytes = b"",
) -> bytes:
    local, central, size_of_local, number = [], [], 0, 0
    for number, (name, data) in enumerate(files, start=1):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = deflate.compress(data) + deflate.flush() if method == 8 else data
        at = 0 if is_overlapping else size_of_local
        fields = struct.pack(
            "<HHHHHIIIHH",
            *(20, flags, method, 0, 33),
            zlib.crc32(data) if checksum is None else checksum,
            len(content) if packed_size is None else packed_size,
            len(data) if size is None else size,
            *(len(name), len(extra)),
        )
        if not is_overlapping or number == 1:
            local.append(b"PK\x03\x04" + fields + name + extra + content)
            size_of_local += len(local[-1])
        where = struct.pack("<HHHII", 0, 0, 0, 0, at)
        central.append(b"PK\x01\x02\x14\x00" + fields + where + name + extra)
    told = min(number if entries is None else entries, 0xFFFF)
    directory = b"".join(central)
    end = struct.pack("<HHHHIIH", 0, 0, told, told, len(directory), size_of_local, 0)
    return b"".join(local) + directory + b"PK\x05\x06" + end
