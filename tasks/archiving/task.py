"""Archiving as steps of a flow."""

from __future__ import annotations

from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.step import step

archive_letter = step("archive-letter", at=Case, tags=("archiving",))(archive)
close_case = step("close-case", at=Case, tags=("archiving",))(close)
anchor_case = step("anchor-case", at=Case, tags=("archiving",))(anchor)
