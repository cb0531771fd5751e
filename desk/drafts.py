"""Which file a person means by a draft's name."""

from __future__ import annotations

from pathlib import Path

from tasks.case.office import Office


def draft_file(office: Office, draft: Path) -> Path:
    """Return the file itself, or the one of that name in the office's `drafts/`."""
    is_named = draft.name == str(draft)
    if is_named and not draft.exists() and (office.drafts_folder / draft).is_file():
        return office.drafts_folder / draft
    return draft
