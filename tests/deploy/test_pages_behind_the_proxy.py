"""Prefect's own pages behind the proxy, in a real browser: an operator's work, and nothing else."""

import base64
import shutil
from typing import NamedTuple

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.prefect_pages import LONG, SHORT, PrefectPages
from tests.deploy.proxy import NGINX, PREFECT, Proxy, running_proxy
from tests.served import ServedOffice

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium")


class Behind(NamedTuple):
    """An office whose pages are the proxy's."""

    office: ServedOffice
    proxy: Proxy

    @property
    def prefect(self) -> str:
        return self.proxy.origin(PREFECT)

    def api(self, method: str, path: str, **body: object) -> object:
        return self.office.api(method, path, **body)


@pytest.fixture
def behind(served_office, tmp_path):
    if NGINX is None:
        pytest.skip("nginx is missing: run deploy/test-tools")
    login = "Basic " + base64.b64encode(served_office.password.encode()).decode()
    address = served_office.prefect.removeprefix("http://")
    with running_proxy(tmp_path, prefect=address, prefect_login=login) as proxy:
        yield Behind(served_office, proxy)


@pytest.fixture
def page(behind):
    if CHROMIUM is None:
        pytest.skip("chromium is missing: run deploy/test-tools")
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = browser.new_context(
            ignore_https_errors=True, viewport={"width": 1400, "height": 1000}
        )
        context.add_cookies([{"name": "session", "value": "ada", "url": behind.prefect}])
        yield context.new_page()
        browser.close()


def test_an_operator_starts_a_letter_and_resumes_it_without_any_password(page, behind):
    blocked, refused = [], []
    page.on("console", lambda said: "Refused to" in said.text and blocked.append(said.text))
    page.on("response", lambda told: told.status in (401, 403) and refused.append(told.url))
    pages = PrefectPages(page, behind)
    name, reference = behind.office.new_draft()

    page.goto(f"{behind.prefect}/dashboard")
    expect(page.get_by_text("Dashboard", exact=True).first).to_be_visible(timeout=LONG)
    run = pages.run("issue-letter", draft=name)
    behind.office.wait(run, "Suspended")
    pages.open_run(run)
    pages.reads("Suspended", reference)
    page.get_by_role("button", name="Resume", exact=True).first.click(timeout=SHORT)
    with page.expect_response(lambda told: told.url.endswith("/resume"), timeout=SHORT):
        page.locator(".p-modal").get_by_role("button", name="Submit").click(timeout=SHORT)
    behind.office.wait(run, "Suspended")

    assert (refused, blocked) == ([], [])
    acted = {
        line["path"].replace(run, "RUN").rpartition("/")[2]: line["person"]
        for line in behind.proxy.lines()
        if line["path"].endswith(("/create_flow_run", "/resume"))
    }
    assert acted == {"create_flow_run": "ada", "resume": "ada"}
