"""A process that renders ten letters with one contender and nothing else loaded.

Arguments: `typst` or `weasyprint`, and the folder with the letters as JSON and HTML.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT

LETTERS = 10

_FACES = (
    ("Regular", "normal", "normal"),
    ("Bold", "bold", "normal"),
    ("Italic", "normal", "italic"),
    ("BoldItalic", "bold", "italic"),
)


def weasyprint_renderer() -> Callable[[str], bytes]:
    """Make WeasyPrint ready: fonts and style sheet are read once."""
    import weasyprint  # type: ignore[import-untyped,unused-ignore]
    from weasyprint.text.fonts import (  # type: ignore[import-untyped,unused-ignore]
        FontConfiguration,
    )

    fonts = ROOT / "templates" / "fonts"
    font_config: Any = FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: 'Liberation Sans'; font-weight: {weight};"
        f" font-style: {style}; src: url({(fonts / f'LiberationSans-{name}.ttf').as_uri()}) }}"
        for name, weight, style in _FACES
    )
    css: Any = weasyprint.CSS(string=faces, font_config=font_config)

    def render(html: str) -> bytes:
        pdf: bytes = weasyprint.HTML(string=html).write_pdf(
            stylesheets=[css], font_config=font_config, pdf_variant="pdf/ua-1"
        )
        return pdf

    return render


def main(contender: str, folder: Path) -> None:
    """Render every letter of the folder."""
    numbers = range(LETTERS)
    if contender == "weasyprint":
        render = weasyprint_renderer()
        for number in numbers:
            render((folder / f"{number}.html").read_text("utf-8"))
    else:
        from letters.letter import Letter
        from tasks.rendering.pdf import render_pdf

        for number in numbers:
            render_pdf(Letter.model_validate_json((folder / f"{number}.json").read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
