"""What changed since earlier revisions, as the page shows it."""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

from desk.signing.standing import Decided, decided_by
from desk.signing.wording import post_in_words
from letters.difference import (
    ChangedPassage,
    ChangedRecipient,
    changed_parts,
    changed_recipients,
)
from letters.recipient import masked
from tasks.case.case import Case


class Change(NamedTuple):
    """What is other than in an earlier revision."""

    since: int
    returned: Decided | None
    """The return of that revision, where it was returned."""
    parts: tuple[dict[str, Any], ...]
    people: tuple[str, ...]


def changes_of(case: Case, revision: int) -> list[Change]:
    """Compare a revision with the one before it, with the last returned, with what it replaces."""
    earlier = [number for number in case.revisions() if number < revision]
    returns = {number: told for number in earlier if (told := _return_of(case, number))}
    replaces = case.letter(revision).replaces
    issued = () if replaces is None else (replaces.revision,)
    compared = {*earlier[-1:], *sorted(returns)[-1:], *issued}
    return [
        Change(
            since,
            returns.get(since),
            tuple(
                {"title": part.title, "passages": _shown(part.passages)}
                for part in changed_parts(case.letter(since), case.letter(revision))
            ),
            tuple(
                _person(changed)
                for changed in changed_recipients(case.recipients(since), case.recipients(revision))
            ),
        )
        for since in sorted(compared, reverse=True)
    ]


def _return_of(case: Case, revision: int) -> Decided | None:
    """Tell who returned a revision: the first of them, should several have done so."""
    returned = [part.sign_off for part in case.decisions(revision).returned]
    return decided_by(returned[0]) if returned and returned[0] is not None else None


def _shown(passages: tuple[ChangedPassage, ...]) -> list[dict[str, Any]]:
    """Show what changed, and how much between stayed as it was."""
    shown: list[dict[str, Any]] = []
    for is_changed, group in groupby(passages, key=lambda passage: passage.is_changed):
        those = list(group)
        if is_changed:
            shown += [{"unchanged": "", "style": p.style, "runs": p.runs} for p in those]
        else:
            number = len(those)
            shown.append({"unchanged": f"{number} passage{'s' if number > 1 else ''} unchanged"})
    return shown


def _person(changed: ChangedRecipient) -> str:
    person = changed.recipient
    who = f"{person.name} ({post_in_words(person.role)}, {masked(person.email)})"
    return {
        "removed": f"{who} no longer gets the letter.",
        "added": f"{who} gets the letter now.",
        "readdressed": f"{who} gets it at another address than before.",
    }[changed.fate]
