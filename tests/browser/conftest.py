"""The signing page served to a real browser, with an authenticator that the browser plays."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import uvicorn
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from desk.signing.app import create_app
from tasks.case.office import Office
from tests.issuing import a_sample_office
from tests.offices import some_settings

CHROMIUM = shutil.which("chromium")


class Served(NamedTuple):
    """An office whose signing page is served, and the letters of which a decision was told."""

    office: Office
    origin: str
    decided: list[str]


# Playwright keeps an event loop running in this thread, which Prefect's own calls in
# later tests would take for theirs: it is closed with the module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is missing: run deploy/test-tools")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://localhost:{listening.getsockname()[1]}"
        settings = some_settings(tmp_path, signing={"origin": origin})
        office = a_sample_office(tmp_path, settings=settings)
        decided: list[str] = []
        app = create_app(lambda: office, on_decided=decided.append)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield Served(office, origin, decided)
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if the browser complains about anything it was sent."""
    with browser.new_context() as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        # A refusal's status is news to the browser, not to us.
        assert [c for c in complaints if "the server responded with a status of" not in c] == []


class Passkeys(NamedTuple):
    """The authenticator of a page's browser."""

    devtools: CDPSession
    authenticator: str

    def stop_verifying(self) -> None:
        """Let the fingerprint fail from now on."""
        self.devtools.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": False},
        )


@pytest.fixture
def passkeys(page: Page) -> Passkeys:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    added = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return Passkeys(devtools, added["authenticatorId"])
