"""A letter from Prefect's form to the outbox, in a real browser, as an operator and an inspector.

With SCREENSHOTS=<folder> in the environment it leaves a picture of each page there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flows.verification import verify_office
from letters.case import State
from tests.issuing import sign_off_on
from tests.served import wait_for

pytestmark = pytest.mark.slow

SHORT = 20_000
"""Milliseconds for what happens in the browser alone."""
LONG = 60_000
"""Milliseconds for what a run has to do first."""


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page; what Prefect's own pages complain of is not ours to judge."""
    with browser.new_context(viewport={"width": 1280, "height": 960}) as context:
        yield context.new_page()


def test_a_letter_is_started_in_prefects_form_and_approved_with_a_passkey(
    page, passkeys, served_office
):
    name, reference = served_office.new_draft()
    _log_in(page, served_office)

    # The operator starts the letter and opens its run.
    run = _start(page, served_office, name)
    served_office.wait(run, "Suspended")
    page.goto(f"{served_office.prefect}/runs/flow-run/{run}")
    expect(page.get_by_text("Suspended").first).to_be_visible(timeout=SHORT)
    _shoot(page, "run-suspended")
    _open_signing_page(page)
    signing_page = page.url

    # The inspector makes a passkey by the one-time link, reads, and approves.
    _enrol(page, served_office, "helmsley")
    page.goto(signing_page)
    expect(page.get_by_text(reference).first).to_be_visible()
    _shoot(page, "signing-page")
    _decide(page, "Approve it")
    expect(page.get_by_role("heading", level=1)).to_contain_text("approved", ignore_case=True)
    _shoot(page, "approved")

    # The run goes on by itself; five e-mails lie in the outbox.
    served_office.wait(run, "Issued")
    page.goto(f"{served_office.prefect}/runs/flow-run/{run}")
    expect(page.get_by_text("Issued").first).to_be_visible(timeout=SHORT)
    _shoot(page, "run-issued")
    case = served_office.case(reference)
    assert len(served_office.emails(reference)) == 5
    assert case.state(1) is State.ISSUED
    sign_off = sign_off_on(case)
    assert sign_off is not None
    assert sign_off.enrolment.rp_id == "localhost"
    assert verify_office(case.office, reference=reference).differences == ()
    notices = [e.detail for e in case.chain.entries() if e.event == "notified"]
    assert [(n["notice"], n["to"]) for n in notices] == [
        ("waiting", "helmsley"),
        ("issued", "helmsley"),
    ]


def test_a_letter_is_returned_and_its_new_revision_approved(page, passkeys, served_office):
    name, reference = served_office.new_draft()
    _log_in(page, served_office)
    first = _start(page, served_office, name)
    served_office.wait(first, "Suspended")
    _enrol(page, served_office, "helmsley")

    page.goto(f"{served_office.prefect}/runs/flow-run/{first}")
    _open_signing_page(page)
    _decide(page, "Return it", comments="Say which two teams were joined.")
    served_office.wait(first, "Returned")

    draft = served_office.root / "drafts" / name
    draft.write_bytes(draft.read_bytes().replace(b"Please pass on our", b"Do pass on our"))
    second = _start(page, served_office, name)
    served_office.wait(second, "Suspended")
    page.goto(f"{served_office.prefect}/runs/flow-run/{second}")
    _open_signing_page(page)
    expect(page.get_by_text("Say which two teams were joined.").first).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()
    _shoot(page, "second-revision")
    _decide(page, "Approve it")

    served_office.wait(second, "Issued")
    case = served_office.case(reference)
    assert case.revisions() == [1, 2]
    assert len(served_office.emails(reference)) == 5
    assert verify_office(case.office, reference=reference).differences == ()
    told = [e.detail["notice"] for e in case.chain.entries() if e.event == "notified"]
    assert told == ["waiting", "returned", "waiting", "issued"]


def _log_in(page: Page, served) -> None:
    """Give Prefect's pages the password of the office."""
    page.goto(f"{served.prefect}/login?redirect=/dashboard")
    page.locator("input[type=password]").fill(served.password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dashboard"), timeout=SHORT)


def _start(page: Page, served, draft: str) -> str:
    """Fill in the form of the deployment and submit it; return the run's id."""
    before = set(_runs(served))
    deployment = served.api("GET", "/deployments/name/issue-letter/office")["id"]
    page.goto(f"{served.prefect}/deployments/deployment/{deployment}")
    page.get_by_role("button", name="Run", exact=True).click(timeout=SHORT)
    page.get_by_text("Custom run").click()
    page.locator("textarea").fill(draft)
    _shoot(page, "form")
    page.get_by_role("button", name="Submit").click()
    assert wait_for(lambda: set(_runs(served)) - before, seconds=20)
    (run,) = set(_runs(served)) - before
    return run


def _runs(served) -> list[str]:
    deployment = served.api("GET", "/deployments/name/issue-letter/office")["id"]
    wanted = {"deployment_id": {"any_": [deployment]}}
    return [run["id"] for run in served.api("POST", "/flow_runs/filter", flow_runs=wanted)]


def _open_signing_page(page: Page) -> None:
    """Follow the link on the run's page, as it stands among its artifacts."""
    page.get_by_text("Artifacts", exact=True).click(timeout=SHORT)
    page.get_by_role("link", name=re.compile("proof")).first.click(timeout=SHORT)
    link = page.get_by_role("link", name="Open the signing page").first
    expect(link).to_be_visible(timeout=SHORT)
    _shoot(page, "artifact")
    page.goto(str(link.get_attribute("href")))


def _enrol(page: Page, served, inspector: str) -> None:
    """Make a passkey by the one-time link that the command prints."""
    printed = served.letters("inspectors", "enrol", inspector).stdout
    (link,) = re.findall(r"http://localhost:\d+/enrol/\S+", printed)
    page.goto(link)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("button", name="Make the passkey")).to_have_count(0, timeout=SHORT)


def _decide(page: Page, choice: str, comments: str = "") -> None:
    page.get_by_label(choice).check()
    page.get_by_label("Comments").fill(comments)
    page.get_by_role("button", name="Continue").click()
    _shoot(page, "confirm")
    page.get_by_role("button", name="with your passkey").click()
    expect(page.get_by_role("button", name="with your passkey")).to_have_count(0, timeout=LONG)


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_timeout(1500)
        page.screenshot(path=Path(folder) / f"{name}.png")
