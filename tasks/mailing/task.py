"""Mailing as a step of a flow."""

from __future__ import annotations

from tasks.case.case import Case
from tasks.mailing.post import post
from tasks.step import step

# No Prefect retries and no time-out: a task cut short would lose an acceptance.
email_recipient = step("email-recipient", at=Case, is_retried=False, tags=("mailing",))(post)
