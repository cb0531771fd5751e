"""Drafts that were stopped by problems and became no letter: what the intake knows of them.

A blocked draft is past after two months, and once a later draft of the letter that it would
be was drafted or blocked. Imports no Prefect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.standing import BlockedDraft
from tasks.case.case import Case
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.drafting.draft_files import laid_draft
from tasks.drafting.laid_drafts import laid_names, shown_name

LOOKED_BACK_FOR = timedelta(days=60)

_ORIGINAL = re.compile(r"intake/([0-9a-f]{64})/original\.[a-z]+")


def blocked_drafts(office: Office) -> tuple[BlockedDraft, ...]:
    """List them, the latest first. What can't be read in the intake is `verify`'s to tell."""
    found: dict[str, BlockedDraft] = {}
    for draft, reference in sorted(_blocked(office), key=lambda one: one[0].since, reverse=True):
        if not _is_past(office, draft, reference):
            found.setdefault(reference or draft.sha256, draft)
    names = _names(office, {draft.sha256 for draft in found.values()})
    return tuple(
        draft.model_copy(update={"name": names.get(draft.sha256, "")}) for draft in found.values()
    )


def _blocked(office: Office) -> Iterator[tuple[BlockedDraft, str | None]]:
    """Find the blocked drafts, each with the reference of the letter that it would be, if known."""
    since = office.clock() - LOOKED_BACK_FOR
    for key in office.store.list("intake/"):
        match = _ORIGINAL.fullmatch(key)
        if match is None:
            continue
        with suppress(LettersError):
            intake = Intake(office, match[1])
            entry = None if intake.became() else _last_block(intake)
            if entry is not None and datetime.fromisoformat(entry.at) >= since:
                problems = tuple(entry.detail.get("problems", ()))
                draft = BlockedDraft(sha256=match[1], problems=problems, since=entry.at)
                yield draft, entry.detail.get("reference")


def _last_block(intake: Intake) -> AuditEntry | None:
    return next((e for e in reversed(intake.chain.entries()) if e.event == "blocked"), None)


def _is_past(office: Office, draft: BlockedDraft, reference: str | None) -> bool:
    """Whether a draft of the same letter went through since."""
    if reference is None:
        return False
    with suppress(LettersError):
        return any(
            entry.step == "draft-letter" and entry.event == "completed" and entry.at > draft.since
            for entry in Case(office, reference).chain.entries()
        )
    return False


def _names(office: Office, wanted: set[str]) -> dict[str, str]:
    """Find the files of the drafts folder that have these bytes."""
    names: dict[str, str] = {}
    if not wanted:
        return names
    limit_bytes = office.settings.limits.draft_bytes
    with suppress(LettersError):  # a folder that can't be listed
        for name in laid_names(office.drafts_folder, office.clock()):
            with suppress(LettersError):  # no draft
                data = laid_draft(office.drafts_folder, name, limit_bytes=limit_bytes).data
                names.setdefault(sha256_hex(data), shown_name(name))
    return names
