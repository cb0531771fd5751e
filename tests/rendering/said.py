"""What a reader gets to hear of each form of a letter, for comparison word by word.

The PDF is read as a screen reader reads it: by its structure tree. What stands in
the margins is an artefact there, and stands outside `main` in the page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

import pikepdf

from letters.letter import Letter, words


class Run(NamedTuple):
    """Text painted in one go: its page, its marked content's number, its height on the page."""

    page: int
    mcid: int | None
    text: str
    y: float


class Element(NamedTuple):
    """An element of the structure tree that holds text itself."""

    tag: str
    text: str
    pages: tuple[int, ...]


class Heard:
    """A PDF taken apart."""

    def __init__(self, data: bytes) -> None:
        self.pdf = pikepdf.open(io.BytesIO(data))
        self.runs = [run for page in range(len(self.pdf.pages)) for run in self._runs(page)]

    @property
    def words(self) -> list[str]:
        """The words in tag order, the labels of list items left out."""
        return words([element.text for element in self.elements() if element.tag != "Lbl"])

    @property
    def tags(self) -> list[str]:
        """Every tag, in order, with its depth left out."""
        return [tag for tag, _, _ in self._tree()]

    def artefacts(self, page: int) -> list[str]:
        """What is painted on a page without being read out."""
        return [run.text for run in self.runs if run.page == page and run.mcid is None]

    def elements(self) -> list[Element]:
        """List the elements that hold text, in reading order."""
        painted: dict[tuple[int, int], str] = {}
        for run in self.runs:
            if run.mcid is not None:
                key = (run.page, run.mcid)
                painted[key] = painted.get(key, "") + run.text
        return [
            Element(tag, "".join(painted.get(key, "") for key in keys), tuple(k[0] for k in keys))
            for tag, keys, _ in self._tree()
            if keys
        ]

    def _tree(self) -> Iterator[tuple[str, list[tuple[int, int]], Any]]:
        numbers = {page.obj.objgen: number for number, page in enumerate(self.pdf.pages)}

        def walk(node: Any, page: int) -> Iterator[tuple[str, list[tuple[int, int]], Any]]:
            if "/Pg" in node:
                page = numbers[node.Pg.objgen]
            kids = node.get("/K", [])
            kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
            own = []
            below = []
            for kid in kids:
                if isinstance(kid, int):
                    own.append((page, int(kid)))
                elif kid.get("/Type") == "/MCR":
                    own.append((numbers[kid.Pg.objgen] if "/Pg" in kid else page, int(kid.MCID)))
                elif kid.get("/Type") != "/OBJR":
                    below.append(kid)
            yield str(node.S)[1:], own, node
            for kid in below:
                yield from walk(kid, page)

        root = self.pdf.Root.StructTreeRoot.K
        for node in root if isinstance(root, pikepdf.Array) else [root]:
            yield from walk(node, 0)

    def _runs(self, number: int) -> Iterator[Run]:
        page = self.pdf.pages[number]
        fonts = {name: _characters(font) for name, font in page.Resources.Font.items()}
        font: dict[int, str] = {}
        marked: list[int | None] = []
        y = 0.0
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "BDC" | "BMC":
                    known = operands[1] if len(operands) > 1 else {}
                    marked.append(int(known["/MCID"]) if "/MCID" in known else None)
                case "EMC":
                    marked.pop()
                case "Tf":
                    font = fonts[str(operands[0])]
                case "cm":
                    y = float(operands[5])
                case "TJ" | "Tj":
                    painted = [*operands[0]] if str(operator) == "TJ" else [operands[0]]
                    shown = b"".join(bytes(o) for o in painted if isinstance(o, pikepdf.String))
                    codes = [
                        int.from_bytes(shown[i : i + 2], "big") for i in range(0, len(shown), 2)
                    ]
                    mcid = next((m for m in reversed(marked) if m is not None), None)
                    yield Run(number, mcid, "".join(font[code] for code in codes), y)


def _characters(font: Any) -> dict[int, str]:
    """Read a font's ToUnicode map (PDF 32000-1, 9.10.3); Typst writes single characters."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    assert "beginbfrange" not in table
    return {
        int(code, 16): bytes.fromhex(text).decode("utf-16-be")
        for code, text in re.findall(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>\s*\n", table)
    }


class _Page(HTMLParser):
    def __init__(self, within: str) -> None:
        super().__init__(convert_charrefs=True)
        self.within = within
        self.tags: list[str] = []
        self.open = False
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open = self.open or tag == self.within
        self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != self.within
        self.said.append(" ")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.said.append(data)


def html_words(page: str, *, within: str = "main") -> list[str]:
    """The words of an HTML document within one element."""
    return words(["".join(_parsed(page, within).said)])


def html_tags(page: str) -> list[str]:
    """Every element of an HTML document by its tag, in order."""
    return _parsed(page, "main").tags


def _parsed(page: str, within: str) -> _Page:
    parser = _Page(within)
    parser.feed(page)
    parser.close()
    return parser


def text_words(text: str, letter: Letter) -> list[str]:
    """The words of a plain-text letter without its running lines and bullets."""
    lines = text.splitlines()
    if letter.sample:
        assert lines.pop(0) == "SAMPLE — not an official letter"
    assert lines.pop() == f"Reference: {letter.reference}"
    return words([bulletless(lines)])


def bulletless(lines: list[str]) -> str:
    """Join lines, the hyphens that begin an item left out."""
    return "\n".join(line.removeprefix("- ") for line in lines)
