"""What was opened by whose link when, as the case's chain keeps it.

It says that a link was used, not that its owner read: whoever has the link can
open it, and programs that look after mail do.
"""

from __future__ import annotations

from typing import Literal

from letters.case import State
from tasks.case.case import Case
from tasks.signoff.repetition import was_noted_lately

STEP = "signing-page"

Part = Literal["page", "letter", "proof"]


def note_opened(case: Case, revision: int, inspector_id: str, part: Part) -> None:
    """Note that an inspector's link opened a part of a revision, while the revision waits.

    The same within a while is one opening.
    """
    if case.state(revision) is not State.AWAITING_SIGN_OFF:
        return
    detail = {"part": part, "link_of": inspector_id, "revision": revision}
    if not was_noted_lately(case, "opened", detail):
        case.chain.append(STEP, "opened", detail=detail)
