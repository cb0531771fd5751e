"""How the words of a Word run look, as far as a letter can't look so: unseen, struck, coloured.

What can't be seen in Word is refused, since it would be printed; what can be seen
and won't be printed is a doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from letters.emphasis import Style
from tasks.drafting.word.forbidden import printable
from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.styles import Setting, Styles
from tasks.drafting.word.text import style_of
from tasks.drafting.word.xml import get, whole_number

_SYMBOL_FONTS = (
    *("symbol", "wingdings", "wingdings 2", "wingdings 3", "webdings", "marlett"),
    *("zapf dingbats", "zapfdingbats"),
)
_ORDINALS = ("st", "nd", "rd", "th")
_SMALLEST_SEEN_HALF_POINTS = 10


@dataclass(frozen=True, slots=True)
class Look:
    """How the words of one run look."""

    style: Style
    is_unseen: bool
    """Hidden, white, or too small to be seen."""
    is_struck: bool
    is_symbols: bool
    """Set in a font whose letters are signs."""
    is_raised: bool
    """Above or below the line."""
    is_underlined: bool
    is_highlighted: bool


class Looks:
    """Judges the runs of one file by their properties and styles."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._plain: dict[tuple[str | None, str | None], Look] = {}

    def of(self, setting: Setting) -> Look:
        """Tell how a run looks."""
        if setting.properties is not None and len(setting.properties):
            return self._judged(setting)
        key = setting.of_paragraph, setting.of_run
        if key not in self._plain:
            self._plain[key] = self._judged(setting)
        return self._plain[key]

    def _judged(self, setting: Setting) -> Look:
        def is_on(*names: str) -> bool:
            return any(self._styles.is_on(name, setting) for name in names)

        def value(name: str) -> str:
            found = self._styles.property(name, setting)
            return "" if found is None else get(found, "w:val")

        least = _SMALLEST_SEEN_HALF_POINTS
        is_tiny = whole_number(value("w:sz"), otherwise=least) < least
        return Look(
            style=style_of(is_bold=is_on("w:b"), is_italic=is_on("w:i")),
            is_unseen=is_tiny or self._is_white(setting) or is_on("w:vanish"),
            is_struck=is_on("w:strike", "w:dstrike"),
            is_symbols=self._is_symbols(setting),
            is_raised=value("w:vertAlign") in ("superscript", "subscript"),
            is_underlined=value("w:u") not in ("", "none"),
            is_highlighted=value("w:highlight") not in ("", "none"),
        )

    def _is_white(self, setting: Setting) -> bool:
        color = self._styles.property("w:color", setting)
        return color is not None and (
            get(color, "w:val").casefold() == "ffffff"
            or get(color, "w:themeColor") in ("background1", "light1")
        )

    def _is_symbols(self, setting: Setting) -> bool:
        fonts = self._styles.property("w:rFonts", setting)
        names = [get(fonts, name) for name in ("w:ascii", "w:hAnsi")] if fonts is not None else []
        return any(name.casefold() in _SYMBOL_FONTS for name in names)


def refuse_unseen(look: Look, text: str, where: str) -> None:
    """Refuse words that can't be seen in Word, and those struck through."""
    if look.is_unseen:
        refuse("word-hidden-text", where, text=printable(text))
    if look.is_struck:
        refuse("word-struck-text", where, text=printable(text))


def doubt_lost(look: Look, text: str, doubt: Callable[[str, str, str], None]) -> None:
    """Note what words look like in Word and won't in the letter: `doubt(code, read, proposed)`."""
    words = text.strip()
    if look.is_raised and words.casefold() not in _ORDINALS:
        doubt("raised-text", words, "On the line, as the other words.")
    if look.is_underlined:
        doubt("underlining-lost", words, "The words without their line.")
    if look.is_highlighted:
        doubt("highlighting-lost", words, "The words without the colour behind them.")
