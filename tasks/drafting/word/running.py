"""Headers and footers of a Word file: they belong to the page, and are set aside.

The letter's own are printed instead. Whatever stands in them is told, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from tasks.drafting.word.forbidden import refuse_characters
from tasks.drafting.word.package import WordPackage
from tasks.drafting.word.xml import Element, descendants, full, get, tag_of

_PICTURE = "[picture]"


def running_texts(package: WordPackage, source: str) -> Iterator[str]:
    """Yield the words of headers and footers, each part once."""
    relations = package.relations(package.main)
    root = package.tree(package.main)
    seen: set[str] = set()
    for reference in descendants(root, "w:headerReference", "w:footerReference"):
        relation = relations.get(get(reference, "r:id"))
        tree = package.tree(relation.target) if relation else None
        if relation is None or tree is None or relation.target in seen:
            continue
        seen.add(relation.target)
        for paragraph in descendants(tree, "w:p"):
            if next(paragraph.iterancestors(full("mc:Fallback")), None) is not None:
                continue  # the same words, for older versions of Word
            text = " ".join("".join(_shown_in(paragraph)).split())
            refuse_characters(text, f"{source}, {relation.kind}")
            if text:
                yield text


def _shown_in(element: Element) -> Iterator[str]:
    """Yield what a paragraph of a header shows; boxes within it are paragraphs of their own."""
    for each in element:
        tag = tag_of(each)
        if tag == "w:t":
            yield each.text or ""
        elif tag in ("w:tab", "w:br", "w:cr"):
            yield " "
        elif tag in ("w:drawing", "w:pict"):
            if next(each.iter(full("w:txbxContent")), None) is None:
                yield _PICTURE
        elif tag not in ("mc:Fallback", "w:p"):
            yield from _shown_in(each)
