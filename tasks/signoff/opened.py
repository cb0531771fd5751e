"""What an inspector opened when, as the case's chain keeps it.

It says that a link was used, not that a person read: programs that look after
mail open links too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from letters.case import State
from tasks.case.case import Case

STEP = "signing-page"

Part = Literal["page", "letter", "proof"]

QUIET = timedelta(minutes=10)
"""The same inspector at the same part within this time is one opening."""


def note_opened(case: Case, revision: int, inspector_id: str, part: Part) -> None:
    """Note that a link opened a part of a revision, while the revision waits for its decision."""
    if case.state(revision) is not State.AWAITING_SIGN_OFF:
        return
    detail = {"part": part, "inspector": inspector_id, "revision": revision}
    now = case.office.clock()
    for entry in reversed(case.chain.entries()):
        if now - datetime.fromisoformat(entry.at) > QUIET:
            break
        if entry.event == "opened" and entry.detail == detail:
            return
    case.chain.append(STEP, "opened", detail=detail)
