"""Which kind of letter a text is, and about which authority: asked of kinds and register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from letters.kind import Kind
from letters.letter import Authority
from letters.register import Register
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.words import plain, positions_of

_WORD = re.compile(r"[\w']+")
_COUNCIL = re.compile(r"\bcouncil$|\bborough of\b")

# Beside another name in capitals a short name may be part of it: Gloucestershire is none of
# South Gloucestershire. These words go with any.
_COMPANIONS = frozenset(
    ("borough", "city", "council", "county", "district", "metropolitan", "children's", "local")
)


def find_kind(
    subject: str, lines: Iterable[str], kinds: Sequence[Kind], notes: Notes
) -> Kind | None:
    """Find the kind whose title the subject says, else the one whose headings stand there."""
    titled = [kind for kind in kinds if says_title(subject, kind)]
    longest = max((len(kind.title) for kind in titled), default=0)
    titled = [kind for kind in titled if len(kind.title) == longest]
    if len(titled) == 1:
        return titled[0]
    standing = set(lines)
    headed = [kind for kind in kinds if _has_headings(kind, standing)]
    if len(headed) == 1:
        notes.doubt(
            "kind-from-headings",
            "kind",
            read=subject,
            proposed=f"{headed[0].id}: its sections stand in the draft.",
        )
        return headed[0]
    known = ", ".join(kind.id for kind in kinds) or "none"
    notes.doubt(
        "kind-unknown",
        "kind",
        read=subject,
        proposed=f"Say which kind of letter it is. Known: {known}.",
    )
    return None


def says_title(subject: str, kind: Kind) -> bool:
    """Whether a subject begins as the kind's title does and has all its words, in order.

    Between them stands the authority's name: `Focused visit to Westmere children's services`.
    """
    said = iter(_WORD.findall(plain(subject)))
    title = _WORD.findall(plain(kind.title))
    return next(said, "") == title[0] and all(word in said for word in title[1:])


def _has_headings(kind: Kind, lines: Iterable[str]) -> bool:
    """Whether every required section stands, and two sections at least."""
    headings = Headings(kind)
    found = {rule.key for line in lines if (rule := headings.rule_of(line))}
    return len(found) > 1 and all(rule.key in found for rule in kind.sections if rule.is_required)


def find_authority(
    address: Sequence[str], subject: str, register: Register, notes: Notes
) -> Authority | None:
    """Find the authority that address or subject names in full, else by its short name.

    A short name is sure where it stands in the subject by itself, and the address names no
    other council.
    """
    known = register.authorities
    for texts in (address, [subject]):
        named = _named(known, texts)
        if len(named) == 1:
            return named[0]
    short = _named(known, [subject], by_short_name=True)
    if len(short) == 1 and _is_sure(short[0].short_name, address, subject):
        return short[0]
    read = " / ".join((*address, subject))
    inferred = _named(known, address) or _named(known, (*address, subject), by_short_name=True)
    if len(inferred) == 1:
        notes.doubt(
            "authority-inferred",
            "authority",
            read=read,
            proposed=f"{inferred[0].name} ({inferred[0].code}).",
        )
        return inferred[0]
    several = ", ".join(authority.name for authority in inferred)
    notes.doubt(
        "authority-unknown",
        "authority",
        read=read,
        proposed=f"Say which authority it is: {several}."
        if several
        else "Say which authority it is: the register has none that the address names.",
    )
    return None


def _named(
    authorities: Iterable[Authority], texts: Sequence[str], *, by_short_name: bool = False
) -> list[Authority]:
    """List the authorities that stand in the texts, those within a longer name apart."""
    lowered = [plain(text) for text in texts]
    found = [
        (plain(name), authority)
        for authority in authorities
        for name in (authority.name, authority.short_name)[: 1 + by_short_name]
        if any(positions_of(plain(name), text) for text in lowered)
    ]
    return list(
        {
            authority.code: authority
            for name, authority in found
            if not any(name != other and name in other for other, _ in found)
        }.values()
    )


def _is_sure(name: str, address: Sequence[str], subject: str) -> bool:
    councils = [line for line in address if _COUNCIL.search(plain(line))]
    is_of_another = any(plain(name) not in plain(line) for line in councils)
    return not is_of_another and _stands_by_itself(name, subject)


def _stands_by_itself(name: str, text: str) -> bool:
    """Whether a name stands in a text without another in capitals right beside it."""
    for start in positions_of(plain(name), plain(text)):
        before = text[:start].split()[-1:]
        after = text[start + len(name) :].split()[:1]
        beside = [word for word in (*before, *after) if word[0].isupper()]
        if all(plain(word) in _COMPANIONS for word in beside):
            return True
    return False
