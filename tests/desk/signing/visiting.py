"""A visitor of the signing page: a client with links, and a key that answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from httpx import Response
from starlette.testclient import TestClient

from desk.signing.app import create_app
from letters.signoff import from_base64url
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.inspectors import sample_key
from tasks.signoff.invitations import invite
from tasks.signoff.links import signing_url
from tasks.signoff.software_key import SoftwareKey
from tests.issuing import REFERENCE, SIGNATORY


def an_unknown_key(inspector: str = SIGNATORY) -> SoftwareKey:
    return SoftwareKey(inspector, generate_private_key(SECP256R1()))


class Visitor:
    """Opens pages of an office as a browser does, and answers for its passkey."""

    def __init__(
        self,
        office: Office,
        *,
        on_decided: Callable[[str], None] = lambda _: None,
        monotonic: Callable[[], float] = lambda: 0.0,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.office = office
        self.origin = office.settings.signing.origin
        self.key = an_unknown_key()
        app = create_app(lambda: office, on_decided=on_decided, monotonic=monotonic)
        self.client = TestClient(
            app,
            base_url=self.origin,
            headers={"Origin": self.origin} if headers is None else headers,
            raise_server_exceptions=True,
        )

    def link(self, case: Case, revision: int = 1, inspector: str = SIGNATORY) -> str:
        """The path of the page for one inspector."""
        url = signing_url(self.office, case.reference, revision, inspector)
        return url.removeprefix(self.origin)

    def with_sample_key(self, inspector: str = SIGNATORY) -> Visitor:
        """Answer with the sample inspector's own key."""
        known = self.office.register.inspector(inspector)
        assert known is not None
        self.key, _ = sample_key(self.office, known)
        return self

    def enrol(self, inspector: str = SIGNATORY) -> Response:
        """Enrol the key by a one-time link."""
        known = self.office.register.inspector(inspector)
        assert known is not None
        link = invite(self.office, known)
        options = options_of(self.client.get(link))
        answer = self.key.register(options, origin=self.origin)
        return self.client.post(link, data={"response": json.dumps(answer)})

    def decide(self, link: str, decision: str, comments: str = "") -> Response:
        """Send the decision form."""
        return self.client.post(
            f"{link}/decision", data={"decision": decision, "comments": comments}
        )

    def answer_to(self, page: Response, **changes: str) -> dict[str, Any]:
        """Let the key answer a page's question, from the page's own address unless told."""
        options = options_of(page)
        said = {"rp_id": options["rpId"], "origin": self.origin} | changes
        challenge = from_base64url(options["challenge"])
        return self.key.assert_(challenge, **said)  # noqa: PT009 -- WebAuthn calls it an assertion

    def confirm(self, link: str, page: Response, answer: dict[str, Any] | None = None) -> Response:
        """Send the key's answer with the fields of the page."""
        told = self.answer_to(page) if answer is None else answer
        fields = hidden_fields(page, f"{link}/confirm") | {"response": json.dumps(told)}
        return self.client.post(f"{link}/confirm", data=fields)

    def sign(self, link: str, decision: str, comments: str = "") -> Response:
        """Decide and confirm."""
        return self.confirm(link, self.decide(link, decision, comments))


def replace(office: Office, name: str, change: Callable[[bytes], bytes]) -> None:
    """Alter an object of the letter by hand, as the store never does."""
    path = office.root / "archive" / Case(office, REFERENCE).key(name)
    data = path.read_bytes()
    path.unlink()  # it may be a link to another office's
    path.write_bytes(change(data))


def options_of(page: Response) -> dict[str, Any]:
    """What a page lets the browser ask the passkey."""
    found = re.search(r'id="passkey-options">(.+?)</script>', page.text)
    assert found, page.text
    options: dict[str, Any] = json.loads(found[1])
    return options


def hidden_fields(page: Response, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to `action`."""
    form = page.text.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form, re.DOTALL)
    return {name: unescape(value) for name, value in found}


def heading_of(page: Response) -> str:
    """The one main heading of a page."""
    (heading,) = re.findall(r"<h1>(.+?)</h1>", page.text)
    return unescape(heading)


def words_of(page: Response) -> str:
    """What a page says, without its marks."""
    main = page.text.split("<main", 1)[1].split("</main>", 1)[0].split(">", 1)[1]
    return " ".join(unescape(re.sub(r"<(?!script).*?>", " ", main, flags=re.DOTALL)).split())
