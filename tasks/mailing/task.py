"""Mailing as steps of a flow."""

from __future__ import annotations

from tasks.case.case import Case
from tasks.mailing import notices
from tasks.mailing.post import post
from tasks.step import step

# No Prefect retries and no time-out: a task cut short would lose an acceptance.
email_recipient = step("email-recipient", at=Case, is_retried=False, tags=("mailing",))(post)

notify_inspectors = step("notify-inspectors", at=Case, tags=("mailing",))(notices.notify_inspectors)
notify_office_of_return = step("notify-office-of-return", at=Case, tags=("mailing",))(
    notices.notify_office_of_return
)
notify_office_of_lapse = step("notify-office-of-lapse", at=Case, tags=("mailing",))(
    notices.notify_office_of_lapse
)
send_receipt = step("send-receipt", at=Case, tags=("mailing",))(notices.send_receipt)
