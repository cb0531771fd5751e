"""The signing page as an inspector uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.prefect_pages import LONG, SHORT
from tests.served import ServedOffice


def enrol(page: Page, office: ServedOffice, inspector: str) -> None:
    """Make a passkey by the one-time link that the command prints."""
    printed = office.letters("inspectors", "enrol", inspector).stdout
    (link,) = re.findall(r"http://localhost:\d+/enrol/\S+", printed)
    page.goto(link)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("button", name="Make the passkey")).to_have_count(0, timeout=SHORT)


def decide(page: Page, choice: str, comments: str = "") -> None:
    """Decide on the letter that the page shows, and confirm it with the passkey."""
    page.get_by_label(choice).check()
    page.get_by_label("Comments").fill(comments)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="with your passkey").click()
    expect(page.get_by_role("button", name="with your passkey")).to_have_count(0, timeout=LONG)
