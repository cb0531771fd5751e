"""Addresses on the net: what can't be opened, and what must not be printed.

Postal addresses and telephone numbers are `privacy`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.checks.wording import found, written_texts
from letters.letter import Letter

_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_OF_A_PERSON = re.compile(r"[a-z]+[._-][a-z]+|[a-z]", re.IGNORECASE)
"""How mailboxes of persons are named: `jo.ash`, `j_ash`; offices' have one long word."""

_LIKE_WEB = re.compile(
    r"\bht{1,3}ps?\b|www|\bww?\.|:/|\.(?:gov|org|com|nhs|ac|co|net|uk)\b|\bgov[.,] ?uk\b",
    re.IGNORECASE,
)
_MAY_BE_WEB = re.compile(r"ww|htt|htp|:/|uk\b|\.(?:org|com|net|gov)", re.IGNORECASE)
_TOKEN = re.compile(r"\S+")
_AROUND = "()[]<>“”‘’\"'.,;:!?"
_WEB = re.compile(
    r"(?:https?://)?(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?P<end>[a-z]{2,}))"
    r"(?::\d{2,5})?(?P<path>/[\w.~%!$&*+=:@?#;,()/-]*)?",
    re.IGNORECASE,
)
_ENDS = frozenset(
    (
        *("uk", "com", "org", "net", "eu", "int", "info", "ie", "edu", "gov"),
        *("wales", "cymru", "scot", "london"),
    )
)
_GOES_ON = re.compile(r" \.[a-z]| (?!and/|or/|his/|he/|s/)[a-z0-9][\w-]*/[a-z0-9]")
_BROKEN_OFF = re.compile(
    r" (?!(?:and|or|for|to|in|on|at|by|if|as|is|are|was|where|which|that|from|with|before|after"
    r"|when)\b)[a-z0-9]"
)


@check("web-address-malformed", blocks=False, source="Addresses cut by a PDF’s line ends.")
def web_address_malformed(letter: Letter, given: Given) -> Iterator[Found]:
    """A web address can't be opened as it is written."""
    for placed in written_texts(letter):
        text = placed.text
        if not _MAY_BE_WEB.search(text):
            continue
        for match in _TOKEN.finditer(text):
            written = match[0].strip(_AROUND)
            start = match.start() + match[0].index(written)
            end = start + len(written)
            is_web = _LIKE_WEB.search(written) and "@" not in written
            if is_web and not _is_openable(written, text[end:]):
                yield Found(
                    placed.place,
                    f"“{written}” can't be opened as a web address. Write it whole, without "
                    "spaces, as in www.gov.uk/ofsted.",
                    start,
                    end,
                )


@check(
    "email-address-printed",
    blocks=True,
    source="Names of post-holders may be printed, their e-mail addresses stay out of the letter.",
)
def email_address_printed(letter: Letter, given: Given) -> Iterator[Found]:
    """An e-mail address would be printed, and it isn't an office's own under the letterhead."""
    own = {
        host.casefold().removeprefix("www.")
        for line in letter.letterhead.lines
        for host in _HOST.findall(line)
    }
    persons = {person.email for person in given.register.contacts} | {
        inspector.email for inspector in given.register.inspectors
    }
    persons = {email.casefold() for email in persons if email}
    for placed in written_texts(letter):
        if "@" not in placed.text:
            continue
        for match in _EMAIL.finditer(placed.text):
            mailbox, _, domain = match[0].casefold().partition("@")
            is_office = domain in own and not _OF_A_PERSON.fullmatch(mailbox)
            if not is_office or match[0].casefold() in persons:
                yield found(
                    placed,
                    match,
                    f"“{match[0]}” would be printed. Take it out: letters go to published pages, "
                    "and only mailboxes under the letterhead’s own domain may stand there.",
                )


def _is_openable(written: str, rest: str) -> bool:
    match = _WEB.fullmatch(written)
    if match is None or match["end"].lower() not in _ENDS:
        return False
    labels = match["host"].lower().split(".")
    is_host = not labels[0].startswith("ww") or (labels[0] == "www" and len(labels) > 2)
    path = match["path"] or ""
    is_broken_off = path.endswith(("/", "-", "=")) and _BROKEN_OFF.match(rest)
    return is_host and "//" not in path and not is_broken_off and not _GOES_ON.match(rest)


CHECKS = (web_address_malformed, email_address_printed)
