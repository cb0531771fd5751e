"""Drafts in broken encodings, and characters that deceive."""

from __future__ import annotations

from collections.abc import Iterator

from tests.drafting.hostile.drafts import (
    Hostile,
    front_matter,
    markdown,
    text,
    with_value,
)

HONEST = markdown()


def encodings() -> Iterator[Hostile]:
    """Yield drafts that are no UTF-8 text."""
    made = {
        "UTF-16 with a mark, little end first": b"\xff\xfe" + HONEST.encode("utf-16-le"),
        "UTF-16 with a mark, big end first": b"\xfe\xff" + HONEST.encode("utf-16-be"),
        "UTF-16 without a mark, little end first": HONEST.encode("utf-16-le"),
        "UTF-16 without a mark, big end first": HONEST.encode("utf-16-be"),
        "UTF-32 with a mark": HONEST.encode("utf-32"),
        "UTF-32 without a mark": HONEST.encode("utf-32-be"),
        "UTF-7": markdown(strength="+ADw-script+AD4-").encode("utf-7"),
        "Windows-1252": markdown(strength="the Director’s").encode("cp1252", "replace"),
        "EBCDIC": HONEST.encode("cp500", "replace"),
        "Shift JIS": markdown(strength="表ソ能").encode("shift_jis", "replace"),
        "a lone high surrogate": markdown(strength="a \ud83d b").encode("utf-8", "surrogatepass"),
        "a lone low surrogate": markdown(strength="a \ude00 b").encode("utf-8", "surrogatepass"),
        "a pair of surrogates, each encoded": b"\xed\xa0\xbd\xed\xb8\x80".join(
            [HONEST.encode(), b""]
        ),
        "UTF-8 cut off within a character": HONEST.encode() + "…".encode()[:2],
        "an overlong slash": HONEST.encode() + b"\xc0\xaf",
        "an overlong NUL": HONEST.encode() + b"\xc0\x80",
        "an overlong form of three bytes": HONEST.encode() + b"\xe0\x80\xaf",
        "a character beyond Unicode": HONEST.encode() + b"\xf4\x90\x80\x80",
        "a form of six bytes": HONEST.encode() + b"\xfc\x84\x80\x80\x80\x80",
        "a continuation without a beginning": HONEST.encode() + b"\x80\xbf",
        "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + HONEST.encode(),
        "a byte order mark within": HONEST.encode() + b"\xef\xbb\xbf",
        "NULs between all letters": "\0".join(HONEST).encode(),
        "a NUL at the end": HONEST.encode() + b"\0",
        "nothing but bytes of no meaning": bytes(range(256)) * 1000,
        "a Word file named as Markdown": b"PK\x03\x04" + bytes(1000),
        "a PDF named as Markdown": b"%PDF-1.7\n" + bytes(1000),
        "an image named as Markdown": b"\x89PNG\r\n\x1a\n" + bytes(1000),
        "a program named as Markdown": b"\x7fELF" + bytes(1000),
    }
    for says, data in made.items():
        yield Hostile("encoding", says, lambda data=data: data)


DECEIVING = {
    "an override of direction": "Ms \u202eA\u202c Prydderch",
    "an isolate of direction": "paid \u2066001\u2069 pounds",
    "an embedding of direction": "\u202bword\u202c",
    "a mark of direction": "a\u200fb\u061c",
    "a zero-width space within a word": "safe\u200bguarding",
    "a zero-width joiner": "safe\u200dguarding",
    "a word joiner": "safe\u2060guarding",
    "a soft hyphen": "safe\u00adguarding",
    "tags of a hidden language": "a" + "".join(chr(0xE0000 + ord(c)) for c in "ignore this"),
    "variation selectors that carry a message": "a" + "".join(chr(0xE0100 + n) for n in range(99)),
    "a filler of Hangul that shows nothing": "a\u3164b",
    "a blank of Braille that shows nothing": "a\u2800b",
    "a line separator": "one\u2028two",
    "a paragraph separator": "one\u2029two",
    "a next line of C1": "one\x85two",
    "an escape that colours a terminal": "a\x1b[31mb",
    "an escape that a terminal answers": "a\x9b6n",
    "a bell": "a\x07b",
    "a backspace that hides": "not\b\b\b   good",
    "a delete": "a\x7fb",
    "a sign of letters lost": "a\ufffdb",
    "a character that is none": "a\uffffb",
    "a character of private use": "a\ue000b",
    "an annotation between lines": "a\ufff9b\ufffac\ufffb",
    "mathematical letters": "𝐢𝐧𝐬𝐩𝐞𝐜𝐭𝐢𝐨𝐧",
    "letters of full width": "ｉｎｓｐｅｃｔｉｏｎ",
    "emoji of a family": "👨\u200d👩\u200d👧",
    "regional letters": "🇬🇧",
    "a ligature that is eighteen letters": "ﷺ" * 200,
    "a ligature": "ﬁndings",
    "Roman numbers as one sign": "section Ⅻ",
    "digits of another script": "on ٨ and ٩ March",
    "spaces of nineteen kinds": "a\u00a0b\u2002c\u2003d\u2009e\u202ff\u205fg\u3000h",
    "dots that are no full stops": "word․ word。 word｡",
    "a Greek question mark": "words\u037e words",
    "a K that is Kelvin's, an A that is Ångström's": "\u212aelvin \u212bngström",
    "hyphens of every kind": "co\u2010ordinate co\u2011ordinate co\u2012ordinate co\u2212ordinate",
}


def characters() -> Iterator[Hostile]:
    """Yield drafts with characters that show something else than they are, or nothing."""
    for says, words in DECEIVING.items():
        yield Hostile("character", says, lambda words=words: markdown(strength=words))
    escapes = {
        "an override of direction": r"Ms \u202eSi\xe2n Prydderch",
        "a zero-width space": r"Ms\u200b Si\xe2n Prydderch",
        "a NUL": r"Ms\0 Si\xe2n Prydderch",
        "half a character": r"Ms \ud800 Prydderch",
        "a character beyond Unicode": r"Ms \U00110000 Prydderch",
        "a terminal's escape": r"Ms \e[31m Prydderch",
        "a next line": r"Ms \N Prydderch",
        "a line separator": r"Ms \L Prydderch",
    }
    for says, escaped in escapes.items():
        for key in ("salutation", "authority", "kind", "date"):
            yield Hostile(
                "character",
                f"{says} that YAML escapes, as {key}",
                lambda key=key, escaped=escaped: with_value(key, f'"{escaped}"'),
            )
        yield Hostile(
            "character",
            f"{says} that YAML escapes, as a leftover",
            lambda escaped=escaped: front_matter(f'leftovers: ["{escaped}"]'),
        )


def names() -> Iterator[Hostile]:
    """Yield drafts that name people and places by letters which only look like theirs."""
    looks = {
        "a Cyrillic letter in the addressee's name": ("Prydderch", "Prуdderch"),
        "a Cyrillic letter in the signatory's name": ("Harriet Elmsley", "Harriet Еlmsley"),
        "a Greek letter in the authority": ("westmere", "wεstmere"),
        "an accent apart from its letter": ("Siân", "Sia\u0302n"),
        "another accent apart from its letter": ("Siân", "Sia\u0302\u0323n"),
        "a dotless i": ("Siân", "Sıân"),
        "capitals that fold to more letters": ("Westmere", "Weßtmere"),
        "a name in capitals": ("Harriet Elmsley", "HARRIET ELMSLEY"),
        "a space that doesn't break in a name": ("Harriet Elmsley", "Harriet\u00a0Elmsley"),
        "a name that holds a comma": ("Łukasz Wierzbicki", "Wierzbicki, Łukasz"),
    }
    for says, (honest, false) in looks.items():
        yield Hostile(
            "name", f"{says}, in Markdown", lambda a=honest, b=false: markdown().replace(a, b)
        )
        yield Hostile(
            "name",
            f"{says}, in a text",
            lambda a=honest, b=false: text().replace(a, b),
            "draft.txt",
        )


def floods() -> Iterator[Hostile]:
    """Yield drafts whose characters take time to bring into their normal form."""
    made = {
        "a letter with a thousand marks": "e" + "\u0301" * 1000,
        "a letter with marks in the worst order": "e" + "\u0301\u0327" * 20_000,
        "many lines of marks in the worst order": ("e" + "\u0301\u0316" * 12_000 + "\n\n") * 20,
        "marks of thirty on every letter": ("e" + "\u0301\u0316" * 15) * 800,
        "marks without a letter": "\u0301" * 40_000,
        "letters that fall into three": "ΐ" * 20_000,
        "letters that fall into eighteen": "ﷺ" * 19_000,
        "syllables of Hangul, taken apart": "\u1112\u1161\u11ab" * 6_000,
        "emoji with modifiers": "👍🏽" * 9_000,
    }
    for says, words in made.items():
        yield Hostile("flood", f"{says}, in Markdown", lambda w=words: markdown(strength=w))
        yield Hostile(
            "flood",
            f"{says}, in a text",
            lambda w=words: text(inside=f"- {w}"),
            "draft.txt",
        )
