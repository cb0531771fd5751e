"""Letters laid into an office's archive as its steps would lay them, without their pages.

What the archive tells of them (folders, chain, issue, manifest, ledger) is real; it lies in
a dictionary, which needs no disk.
"""

from __future__ import annotations

from datetime import date

from letters.canonical import stored_json
from letters.letter import Authority, Letter, Section
from tasks.case.case import Case
from tasks.case.ledger import enter
from tasks.case.office import Office
from tasks.case.record import StepRun
from tests.builders import a_letter, a_section, an_item
from tests.mailing.post_room import MemoryStore
from tests.offices import an_office

EASTMERE = Authority(code="eastmere", name="Eastmere City Council", short_name="Eastmere")


class CountingStore(MemoryStore):
    """A store that tells which objects were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def find(self, key):
        self.read.append(key)
        return super().find(key)

    def get(self, key):
        self.read.append(key)
        return super().get(key)


class NoWitness:
    """A witness that notes nothing."""

    def note(self, chain: str, seq: int, sha256: str) -> None:
        pass

    def heads(self, chain: str) -> list[tuple[int, str]]:
        return []


def an_archive_office(root, **overrides):
    """An office whose archive lies in a dictionary."""
    return an_office(root, **{"store": CountingStore(), "witness": NoWitness(), **overrides})


def a_letter_of(day: date, *sections: Section, **changes: object) -> Letter:
    """A letter to Westmere (or `authority`), inspected a month before its day."""
    authority = changes.get("authority")
    code = authority.code if isinstance(authority, Authority) else "westmere"
    first_day = day.replace(
        year=day.year if day.month > 1 else day.year - 1, month=day.month - 1 or 12
    )
    fields = {
        "reference": f"CRA-{code.upper()}-{first_day.isoformat()}",
        "date": day,
        "sections": sections or (areas("Managers do not always record why they decided."),),
    }
    return a_letter(**fields | changes)


def areas(*items: str) -> Section:
    return a_section("Areas for development", *(an_item(item) for item in items))


def archive_letter(
    office: Office, letter: Letter, *, is_issued: bool = True, revision: int = 1
) -> Case:
    """Open the letter's case, and commit its record unless it only waits to be signed."""
    case = Case(office, letter.reference)
    run = StepRun(case, "archive-letter")
    run.once_announced("case.json", case.opening_bytes(letter))
    enter(run, "opened", "case.json")
    folder = f"r{revision}"
    run.once_announced(f"{folder}/letter.json", stored_json(letter.model_dump(mode="json")))
    if is_issued:
        issue = {"layout": 1, "revision": revision, "pack": "0" * 64}
        run.once_announced("issue-1.json", stored_json(issue))
        run.once_announced(f"{folder}/manifest.json", stored_json({"layout": 1}))
        enter(run, "archived", f"{folder}/manifest.json")
    run.complete()
    return case
