"""Rendering as steps of a flow."""

from __future__ import annotations

from tasks.case.case import Case
from tasks.rendering.pack import prepare, render_approved
from tasks.step import step

prepare_pack = step("prepare-pack", at=Case, tags=("rendering",))(prepare)
render_letter = step("render-letter", at=Case, tags=("rendering",))(render_approved)
