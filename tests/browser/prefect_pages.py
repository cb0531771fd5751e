"""Prefect's pages as an operator uses them: what they press, and where they read.

With SCREENSHOTS=<folder> in the environment, pictures for the documents are left there.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.served import ServedOffice, wait_for

SHORT = 20_000
"""Milliseconds for what happens in the browser alone."""
LONG = 60_000
"""Milliseconds for what a run has to do first."""

TALL = 1000
WIDE = 1400


class PrefectPages:
    """Prefect's pages of a served office, in one page of a browser."""

    def __init__(self, page: Page, office: ServedOffice) -> None:
        self.page = page
        self.office = office

    def log_in(self) -> None:
        """Give the password of the office."""
        self.page.goto(f"{self.office.prefect}/login?redirect=/dashboard")
        self.page.locator("input[type=password]").fill(self.office.password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile("/dashboard"), timeout=SHORT)

    def run(self, deployment: str, **fields: str) -> str:
        """Run a deployment by its page, with a form where there are fields; return the run's id."""
        deployment_id = self.office.api("GET", f"/deployments/name/{deployment}/office")["id"]
        before = set(self._runs(deployment_id))
        self.page.goto(f"{self.office.prefect}/deployments/deployment/{deployment_id}")
        self.page.get_by_role("button", name="Run", exact=True).click(timeout=SHORT)
        if fields:
            self.page.get_by_text("Custom run").click()
            for name, words in fields.items():
                # Each of a form's parameters stands under its name.
                box = self.page.locator(".p-label", has_text=re.compile(f"^{name}", re.IGNORECASE))
                box.locator("textarea").fill(words)
            self.page.get_by_role("button", name="Submit").click()
        else:
            self.page.get_by_text("Quick run").click()
        assert wait_for(lambda: set(self._runs(deployment_id)) - before, seconds=20)
        (run,) = set(self._runs(deployment_id)) - before
        return run

    def _runs(self, deployment_id: str) -> list[str]:
        wanted = {"deployment_id": {"any_": [deployment_id]}}
        return [r["id"] for r in self.office.api("POST", "/flow_runs/filter", flow_runs=wanted)]

    def round(self, deployment: str, *names: str) -> dict[str, Any]:
        """Run a deployment by its page, and wait until the run has ended so."""
        return self.office.wait(self.run(deployment), *names)

    def open_run(self, run_id: str) -> None:
        """Open a run's page."""
        self.page.goto(f"{self.office.prefect}/runs/flow-run/{run_id}")

    def open_artifact(self, key: str) -> None:
        """Open what stands under a key now, by the list of artifacts."""
        self.page.goto(f"{self.office.prefect}/artifacts")
        self.page.get_by_placeholder("Search artifacts").fill(key)
        self.page.get_by_text(key, exact=True).first.click(timeout=SHORT)
        # The page of a key lists what stood there, the latest first, by the first half of its id.
        self.page.get_by_role("link", name=re.compile("^[0-9a-f]{8}$")).first.click(timeout=SHORT)
        self.page.wait_for_url(re.compile("/artifacts/artifact/"), timeout=SHORT)

    def open_office_page(self) -> None:
        """Have the office's page made anew, and open it."""
        self.office.wait(self._start("housekeeping"), "Completed", "Idle", "Stranded")
        self.open_artifact("office-page")

    def _start(self, deployment: str) -> str:
        deployment_id = self.office.api("GET", f"/deployments/name/{deployment}/office")["id"]
        run = self.office.api(
            "POST",
            f"/deployments/{deployment_id}/create_flow_run",
            state={"type": "SCHEDULED"},
        )
        return run["id"]

    def latest_letter_run(self, before: set[str]) -> str:
        """Find the run of a letter that was begun since."""
        assert wait_for(lambda: self.letter_runs() - before, seconds=30)
        (run,) = self.letter_runs() - before
        return run

    def letter_runs(self) -> set[str]:
        """List the runs of letters."""
        return set(
            self._runs(self.office.api("GET", "/deployments/name/issue-letter/office")["id"])
        )

    def reads(self, *words: str | re.Pattern[str]) -> None:
        """Expect that the page says this."""
        for each in words:
            expect(self.page.get_by_text(each).first).to_be_visible(timeout=SHORT)


def shoot(page: Page, name: str, *, showing: str = "") -> None:
    """Leave a picture of the page as it is, moved to where it says this."""
    if folder := os.environ.get("SCREENSHOTS"):
        if showing:
            page.get_by_text(showing).first.scroll_into_view_if_needed()
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder) / f"{name}.png")
