"""The one place where Typst sets a template of ours as PDF, in the fonts beside it.

Tagged (PDF/UA-1), archivable (PDF/A-2a), and the same bytes each time for the same
values and moment: a clock or another font would change them. What the templates look
like is in `templates/`; what goes into them is each step's.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import typst

from letters.errors import LettersError
from tasks.templating import TEMPLATES

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]


class TypesettingFailed(LettersError):
    """The template or the fonts are at fault, not what was to be set."""

    code = "typesetting-failed"


def typeset(
    template: str, values: dict[str, Any], *, moment: int, root: Path | None = None
) -> bytes:
    """Set `<template>.typ` with `values` as its JSON input `<template>`; return the PDF.

    `moment` (seconds since 1970) stands in the file. `root` is a folder with other
    templates and `fonts/`. Raises TypesettingFailed for a warning, and typst.TypstError for
    what can't be set, such as a character that the fonts lack.
    """
    told = json.dumps(values, ensure_ascii=False)
    return _typesetter(root or TEMPLATES, template).typeset(told, moment)


def typesetting_failed(what: str) -> TypesettingFailed:
    """Build the error for a fault of the template or the fonts."""
    return TypesettingFailed(
        f"The document could not be set as PDF: {what}.",
        remedy="The fault is in the template or the fonts, not in the words:"
        " install the package again, or tell those who look after it.",
    )


class _Typesetter:
    """Typst with a template and the fonts read in: a warm one takes a tenth of the time."""

    def __init__(self, root: Path, template: str) -> None:
        self._name = template
        self._template = (root / f"{template}.typ").read_bytes()
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[root / "fonts"],
        )
        # What a template may read lies below the root, or is linked from there, so the
        # root is a folder in which there is nothing but fonts.
        self._compiler = typst.Compiler(
            root=root / "fonts", font_paths=fonts, ignore_system_fonts=True
        )
        self._lock = threading.Lock()

    def typeset(self, values: str, moment: int) -> bytes:
        with self._lock:
            pdf, warnings = self._compiler.compile_with_warnings(
                input=self._template,
                format="pdf",
                sys_inputs={self._name: values},
                pdf_standards=STANDARDS,
                timestamp=moment,
            )
        if warnings:  # a missing font is no more than a warning to Typst
            raise typesetting_failed("; ".join(warning.message for warning in warnings))
        if not isinstance(pdf, bytes):
            raise typesetting_failed("it made no file")
        return pdf


@cache
def _typesetter(root: Path, template: str) -> _Typesetter:
    return _Typesetter(root, template)
