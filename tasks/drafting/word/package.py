"""A Word file's parts: which there are, what they refer to, what is let in.

Refuses what could harm those who read the draft, and those who open it in the
archive years later: macros, embedded files, content from outside. What the
document says is left to others.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.xml import Element, parse
from tasks.drafting.word.zip import CONTENT_TYPES, unpack

MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TEMPLATE_TYPE = MAIN_TYPE.replace("document.main", "template.main")

_STRICT = "http://purl.oclc.org/ooxml/"
_EMBEDDING = ("/embeddings/", "activex", "oleobject")
_EMBEDDED = ("oleobject", "package", "control", "activexcontrolbinary")
_XML = re.compile(r"[+/]xml\b")
_OWN_DISK = re.compile(r"(?:file:/{3})?[A-Za-z]:[\\/]|[^\\/:]+$")
_MACROS = ("macroenabled", "vbaproject", "vbadata")


class Relation(NamedTuple):
    """What a part refers to: another part's name, or an address outside."""

    kind: str
    """The last word of its type, in small letters: `hyperlink`, `footnotes`."""
    target: str


class WordPackage:
    """The parts of one Word file, checked; the XML among them parsed."""

    def __init__(self, data: bytes, *, source: str) -> None:
        self.source = source
        parts = unpack(data, source=source)
        if CONTENT_TYPES not in parts:
            refuse("word-not-a-document", source)
        self._types = _Types(parse(parts[CONTENT_TYPES], f"{source}, part {CONTENT_TYPES}"))
        self._refuse_active(parts)
        self._trees: dict[str, Element] = {
            name: parse(content, f"{source}, part {name}")
            for name, content in parts.items()
            if name.endswith((".xml", ".rels")) or _XML.search(self._types.of(name))
        }
        self._relations = {
            name: self._relations_in(name) for name in self._trees if name.endswith(".rels")
        }
        self.main = self._find_main()

    def tree(self, name: str) -> Element | None:
        """Return a part's XML, or None where there is no such part."""
        return self._trees.get(name)

    def relations(self, name: str) -> dict[str, Relation]:
        """Return what a part refers to, by id."""
        folder, file = posixpath.split(name)
        return self._relations.get(posixpath.join(folder, "_rels", f"{file}.rels"), {})

    def related(self, kind: str) -> Element | None:
        """Return the part of a kind that the document refers to: its styles, its footnotes."""
        for relation in self.relations(self.main).values():
            if relation.kind == kind:
                return self.tree(relation.target)
        return None

    def _refuse_active(self, parts: dict[str, bytes]) -> None:
        for said in (*parts, *self._types.said()):
            if any(word in said.casefold() for word in _MACROS):
                refuse("word-macros", self.source)
        for name in parts:
            told = f"/{name} {self._types.of(name)}".casefold()
            if any(word in told for word in _EMBEDDING):
                refuse("word-embedded-object", f"{self.source}, part {name}")

    def _relations_in(self, name: str) -> dict[str, Relation]:
        where = f"{self.source}, part {name}"
        base = posixpath.dirname(posixpath.dirname(name))
        found = {}
        for element in self._trees[name]:
            kind = element.get("Type", "").rpartition("/")[2].casefold()
            target = element.get("Target", "")
            if kind == "afchunk":
                refuse("word-inserted-file", where)
            if kind in _EMBEDDED:
                refuse("word-embedded-object", where)
            if element.get("TargetMode", "").casefold() != "external":
                target = posixpath.normpath(posixpath.join("/", base, target)).lstrip("/")
            elif kind != "hyperlink" and not _is_template_at_home(kind, target):
                refuse("word-outside-content", where, kind=kind, target=target[:100])
            found[element.get("Id", "")] = Relation(kind, target)
        return found

    def _find_main(self) -> str:
        if any(each == TEMPLATE_TYPE for each in self._types.said()):
            refuse("word-template", self.source)
        main = [name for name in self._trees if self._types.of(name) == MAIN_TYPE]
        if not main:
            refuse("word-not-a-document", self.source)
        if len(main) > 1:
            refuse("word-package-damaged", self.source)
        if _STRICT in str(self._trees[main[0]].tag):
            refuse("word-strict-format", self.source)
        return main[0]


def _is_template_at_home(kind: str, target: str) -> bool:
    """Whether it is the template that Word notes by its path on the writer's own disk.

    One on a server would be asked for by whoever opens the archived draft.
    """
    return kind == "attachedtemplate" and _OWN_DISK.match(unquote(target)) is not None


class _Types:
    """The content type of each part, in small letters."""

    def __init__(self, tree: Element) -> None:
        self._by_name: dict[str, str] = {}
        self._by_extension: dict[str, str] = {}
        for element in tree:
            said = element.get("ContentType", "").casefold()
            if "PartName" in element.attrib:
                self._by_name[element.get("PartName").lstrip("/").casefold()] = said
            elif "Extension" in element.attrib:
                self._by_extension[element.get("Extension").casefold()] = said

    def of(self, name: str) -> str:
        lowered = name.casefold()
        extension = lowered.rpartition(".")[2]
        return self._by_name.get(lowered, self._by_extension.get(extension, ""))

    def said(self) -> Iterator[str]:
        yield from self._by_name.values()
        yield from self._by_extension.values()
