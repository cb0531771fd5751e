"""Drafting as a step of a flow."""

from __future__ import annotations

from tasks.case.intake import Intake
from tasks.drafting.draft import draft
from tasks.step import step

draft_letter = step("draft-letter", at=Intake, tags=("drafting",))(draft)
