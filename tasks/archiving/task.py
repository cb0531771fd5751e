"""Archiving as steps of a flow."""

from __future__ import annotations

from tasks.archiving.archive import anchor, archive, close
from tasks.archiving.hold_back import hold_back
from tasks.case.case import Case
from tasks.step import step

archive_letter = step("archive-letter", at=Case, tags=("archiving",))(archive)
close_case = step("close-case", at=Case, tags=("archiving",))(close)
hold_back_letter = step("hold-back-letter", at=Case, tags=("archiving",))(hold_back)
anchor_case = step("anchor-case", at=Case, tags=("archiving",))(anchor)
