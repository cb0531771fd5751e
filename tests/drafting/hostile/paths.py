"""Drafts whose names, or what they say of themselves, lead elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from tests.drafting.hostile.drafts import Hostile, front_matter, markdown

TRICKS = {
    "the folder above": "../secret",
    "six folders above": "../../../../../../etc/passwd",
    "a path from the root": "{SECRET}",
    "a path of Windows": "..\\..\\secret",
    "a drive of Windows": "C:\\secret",
    "a share of Windows": "\\\\127.0.0.1\\share",
    "a device of Windows": "CON",
    "an address": "file://{SECRET}",
    "a page": "http://127.0.0.1:{PORT}/",
    "a home": "~/secret",
    "a variable": "$HOME/secret",
    "a percent code": "..%2f..%2fsecret",
    "a doubled percent code": "..%252fsecret",
    "nothing but a full stop": ".",
    "nothing but two full stops": "..",
    "a wildcard": "*",
    "a command": "; touch {OUTSIDE}/pwned",
    "an option": "--help",
    "a NUL": '"a\\0b"',
    "a thousand letters": "a" * 1000,
    "another case": "WestMere",
    "spaces around it": '" westmere "',
    "an attribute of Python": "__class__",
}


def values() -> Iterator[Hostile]:
    """Yield drafts whose front matter names kind, authority and role by a path."""
    for says, trick in TRICKS.items():
        quoted = trick if trick.startswith('"') else "'" + trick + "'"
        for key, honest in (
            ("kind", "kind: unannounced-inspection"),
            ("authority", "authority: westmere"),
        ):
            yield Hostile(
                "path",
                f"{says} as {key}",
                lambda key=key, honest=honest, quoted=quoted: markdown().replace(
                    honest, f"{key}: {quoted}"
                ),
            )
        yield Hostile(
            "path",
            f"{says} as a copy's role",
            lambda quoted=quoted: markdown().replace("role: chief-executive", f"role: {quoted}"),
        )
    for key in ("reference", "revision", "template", "include", "output", "letterhead", "to"):
        yield Hostile(
            "path",
            f"the key {key}, which a draft hasn't",
            lambda key=key: front_matter(f"{key}: ../../x"),
        )
    yield Hostile(
        "path",
        "a clearance of a place elsewhere",
        lambda: front_matter("cleared: [{code: ../x, place: ../../y, why: z, words: '0'}]"),
    )


NAMES = {
    "a path upwards": "../outside/secret.md",
    "a path from the root": "{SECRET}",
    "the folder above": "..",
    "the folder itself": ".",
    "no name": "",
    "a hidden file": ".draft.md",
    "a NUL and a path": "draft.md\0../outside/secret.md",
    "a line end": "draft\n.md",
    "a terminal's escape": "\x1b[2Jdraft.md",
    "a name that turns round": "draft\u202edm.exe",
    "half a character": "draft\ud800.md",
    "a thousand letters": "d" * 1000 + ".md",
    "an option": "--office=/",
    "a wildcard": "*.md",
    "a variable": "$HOME.md",
    "a command": "$(touch {OUTSIDE}/pwned).md",
    "a link to a file outside": "link.md",
    "a link to a folder outside": "linked/secret.md",
    "a second name of a file outside": "hard.md",
    "a pipe that nobody writes to": "pipe.md",
    "a folder": "folder.md",
    "a hash of a draft that isn't there": "sha256:" + "0" * 64,
    "a hash and a path": "../../x sha256:" + "0" * 64,
    "a reference with a path": "CRA-WESTMERE-2011-03-08/../../x",
    "a reference of a letter that isn't there": "CRA-WESTMERE-2011-03-08",
    "a page": "http://127.0.0.1:{PORT}/draft.md",
    "a program": "draft.md.exe",
    "an old Word file": "draft.doc",
}


def names() -> Iterator[Hostile]:
    """Yield names under which somebody could ask a flow for another file."""
    for says, name in NAMES.items():
        yield Hostile("draft's name", says, markdown, name, is_laid=True)
