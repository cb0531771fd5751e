"""XML of Word files: parsed without entities, its names short.

`w:p` stands for a name in WordprocessingML; what the elements mean is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from tasks.drafting.word.refusals import refuse

MOST_XML_BYTES = 3_000_000
"""One part: in memory it takes some twenty times as much."""

_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
_PREFIXES = {uri: prefix for prefix, uri in _NAMESPACES.items()}
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']([\w-]{1,20})["'])?""", re.I
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Element = Any
"""lxml comes without types."""


def parse(content: bytes, where: str) -> Element:
    """Parse a part; comments and processing instructions are left out.

    Raises DraftUnreadable.
    """
    if len(content) > MOST_XML_BYTES:
        refuse("word-package-too-large", where, most=MOST_XML_BYTES)
    if not _is_utf8(content):
        refuse("word-xml-encoding", where)
    # ECMA-376-2, 7.2: parts declare no document type. Looked for before parsing, since an
    # entity in an attribute's value is put in whatever the parser is told.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        refuse("word-xml-doctype", where)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as wrong:
        refuse("word-xml-invalid", where, cause=wrong)


def _is_utf8(content: bytes) -> bool:
    """Whether nothing makes the parser read other letters than the bytes seem to be."""
    plain = content.removeprefix(_BYTE_ORDER_MARK)
    if b"\0" in plain or not plain.startswith(b"<"):
        return False
    if not plain.startswith(b"<?xml"):
        return True
    declaration = _DECLARATION.match(plain)
    return declaration is not None and (declaration[1] or b"utf-8").lower() in (
        b"utf-8",
        b"us-ascii",
        b"ascii",
    )


def tag_of(element: Element) -> str:
    """Return an element's name: `w:p`, or `{…}name` in a namespace that has no short name here."""
    tag = str(element.tag)
    uri, _, name = tag[1:].rpartition("}")
    prefix = _PREFIXES.get(uri)
    return f"{prefix}:{name}" if prefix else tag


@cache
def full(name: str) -> str:
    """Return a short name as lxml has it."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def get(element: Element, name: str) -> str:
    """Return an attribute, empty where it isn't there."""
    return str(element.get(full(name), ""))


def child(element: Element | None, *path: str) -> Element | None:
    """Find the first element down a path of short names."""
    for name in path:
        element = element.find(full(name)) if element is not None else None
    return element


def value_of(element: Element | None, *path: str) -> str | None:
    """Return `w:val` of the first element down a path; None where there is no such element."""
    found = child(element, *path)
    return None if found is None else get(found, "w:val")


def whole_number(text: str | None, *, otherwise: int) -> int:
    """Read a number of few figures, as Word writes them."""
    return int(text) if text and re.fullmatch("[0-9]{1,5}", text) else otherwise


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Yield all elements below with one of the names, in their order."""
    yield from element.iter(*(full(name) for name in names))
