"""Which kind of letter a text is, and about which authority: asked of kinds and register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from letters.kind import Kind
from letters.letter import Authority
from letters.register import Register
from tasks.drafting.text_notes import Notes
from tasks.drafting.text_words import plain, positions_of


def find_kind(
    subject: str, lines: Iterable[str], kinds: Sequence[Kind], notes: Notes
) -> Kind | None:
    """Find the kind whose title the subject says, else the one whose headings stand there."""
    titled = [kind for kind in kinds if plain(kind.title) in plain(subject)]
    longest = max((len(kind.title) for kind in titled), default=0)
    titled = [kind for kind in titled if len(kind.title) == longest]
    if len(titled) == 1:
        return titled[0]
    standing = {re.sub(r"\s*:$", "", plain(line)) for line in lines if len(line) <= 120}
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


def _has_headings(kind: Kind, standing: set[str]) -> bool:
    """Whether every required section stands, and two sections at least."""
    found = [
        {plain(heading) for heading in (rule.heading, *rule.known_as)} & standing != set()
        for rule in kind.sections
    ]
    required = [has for rule, has in zip(kind.sections, found, strict=True) if rule.is_required]
    return all(required) and sum(found) > 1


def find_authority(
    address: Sequence[str], subject: str, register: Register, notes: Notes
) -> Authority | None:
    """Find the authority that the address names in full, else the one named anywhere at all."""
    known = register.authorities
    named = _named(known, address, by_short_name=False)
    if len(named) == 1:
        return named[0]
    read = " / ".join((*address, subject))
    inferred = named or _named(known, (*address, subject), by_short_name=True)
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
    authorities: Iterable[Authority], texts: Sequence[str], *, by_short_name: bool
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
