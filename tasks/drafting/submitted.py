"""Which draft is meant: a file laid into the office's `drafts/`, or one taken in before.

Owns the ways in which a draft is named, and the bound name, which also says the
hash of the bytes: `westmere.md sha256:4f0a…`. What a bound name means can't be
changed by editing the file. How files are opened is in `draft_files`.
"""

from __future__ import annotations

import re

from letters.errors import UsageError
from letters.reference import Reference
from tasks.case.case import open_case
from tasks.case.intake import Intake, take_in
from tasks.case.office import Office
from tasks.drafting.draft_files import draft_bytes, laid_draft

__all__ = ["bound_name", "draft_bytes", "draft_of", "known_reference", "submitted"]

_BOUND = re.compile(r"(?:(?P<name>.{1,200}?) )?(?:sha256:)?(?P<sha256>[0-9a-f]{64})")


def submitted(office: Office, draft: str) -> Intake:
    """Find the intake of `draft`; a file of the drafts folder is taken in now.

    `draft` is a file's name in the office's `drafts/`, the SHA-256 of a draft taken
    in, a bound name, or the reference of an open letter. Raises UsageError and
    DraftUnreadable.
    """
    told = draft.strip()
    if bound := _BOUND.fullmatch(told):
        intake = Intake(office, bound["sha256"])
        intake.original_name  # noqa: B018 - raises where the office holds no such draft
        return intake
    if reference := known_reference(told):
        return draft_of(office, reference)
    limit_bytes = office.settings.limits.draft_bytes
    laid = laid_draft(office.drafts_folder, told, limit_bytes=limit_bytes)
    return take_in(office, laid.data, laid.extension)


def bound_name(draft: str, intake: Intake) -> str:
    """Name a draft so that the name stands for these bytes for ever."""
    if _BOUND.fullmatch(draft.strip()):
        return draft.strip()
    return f"{draft.strip()} sha256:{intake.draft_sha256}"


def known_reference(text: str) -> str | None:
    """Return `text` as a reference, or None where it is none."""
    try:
        return str(Reference.parse(text))
    except UsageError:
        return None


def draft_of(office: Office, reference: str) -> Intake:
    """Find the draft of a letter's latest revision, as the case keeps it. Raises UsageError."""
    case = open_case(office, reference)
    revision = case.revisions()[-1]
    rounds = case.rounds()
    change = rounds.change
    if change is not None and change.draft_sha256 and not rounds.is_issue_taken:
        ordered = Intake(office, change.draft_sha256)
        if ordered.became() is None:  # it was ordered, and has not been read yet
            return ordered
    for name in case.names():
        if name.startswith(f"r{revision}/draft/original."):
            return take_in(office, case.get(name), name.rpartition(".")[2])
    raise UsageError(
        f"The draft of {reference} was not kept.",
        remedy="Submit the draft's file instead.",
        code="draft-missing",
    )
