"""What came into a PDF along with its seal: the seal's own parts, and nothing to be seen.

Whoever holds the sealing key could put another page into the very update that they seal:
the file would begin with the approved one and bear a valid seal. So each object that this
update writes over is compared with the approved file's. Imports pyHanko.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject
from pyhanko.pdf_utils.reader import PdfFileReader

_SAID_ANEW = {
    "/Catalog": {"/AcroForm", "/Extensions", "/Perms"},
    "/StructTreeRoot": {"/ParentTree", "/ParentTreeNextKey"},
}
"""By its type, what an object of the approved file may say in another way."""

_GROWING = {"/StructElem": "/K", "/Page": "/Annots"}
"""The lists that may become longer, by the type of the object that has them."""

_FORM = {"/Fields", "/SigFlags"}
_FIELD = {
    *("/Type", "/Subtype", "/FT", "/T", "/TU", "/F", "/P", "/V"),
    *("/Rect", "/StructParent"),
}
_TAG = {"/Type", "/S", "/P", "/K"}


def faults_of_addition(reader: PdfFileReader) -> Iterator[str]:
    """Tell what the second revision of a file changes that a seal has no need to."""
    before, after = reader.get_historical_resolver(0), reader.get_historical_resolver(1)
    if any(number for number in reader.xrefs.get_xref_data(1).freed):
        yield "Something was taken out of the document along with the seal."
    if _written(before.trailer_view, "/Root") != _written(after.trailer_view, "/Root"):
        yield "The document was replaced along with the seal."
    form = after.root["/AcroForm"]
    fields = {_told(field) for field in form["/Fields"]}
    if not set(form) <= _FORM or not all(map(_is_unseen, form["/Fields"])):
        yield "More than a seal was added to the document's form."
    for ref in reader.xrefs.explicit_refs_in_revision(1):
        if reader.xrefs.get_introducing_revision(ref) != 0:
            continue
        added = _added(before.get_object(ref), after.get_object(ref))
        if added is None or not all(_told(one) in fields or _is_tag(one) for one in added):
            yield f"Object {ref.idnum} of the document was changed along with the seal."


def _added(old: PdfObject, new: PdfObject) -> list[PdfObject] | None:
    """List what an object's list has got more; None if something else is other than it was."""
    if not isinstance(old, DictionaryObject) or not isinstance(new, DictionaryObject):
        return None
    kind = str(old.get("/Type", ""))
    growing = _GROWING.get(kind, "")
    same = (old.keys() | new.keys()) - _SAID_ANEW.get(kind, set()) - {growing}
    if any(_written(old, key) != _written(new, key) for key in same):
        return None
    former, present = ([*one.get(growing, ())] for one in (old, new))
    if [_told(one) for one in former] != [_told(one) for one in present[: len(former)]]:
        return None
    return present[len(former) :]


def _is_unseen(reference: PdfObject) -> bool:
    field = reference.get_object()
    left, bottom, right, top = field["/Rect"]
    is_empty = left == right and bottom == top
    return is_empty and field["/FT"] == "/Sig" and set(field) <= _FIELD


def _is_tag(added: PdfObject) -> bool:
    tag = added.get_object()
    return isinstance(tag, DictionaryObject) and tag.get("/S") == "/Form" and set(tag) <= _TAG


def _written(holder: DictionaryObject, key: str) -> bytes:
    return _told(holder.raw_get(key)) if key in holder else b""


def _told(value: PdfObject) -> bytes:
    """Write a value as it would stand in a file."""
    written = io.BytesIO()
    value.write_to_stream(written, None)
    return written.getvalue()
