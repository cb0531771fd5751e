"""At the door of the signing page: hosts, origins, lengths, rates, headers, and failures."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from desk.signing.guard import CLIENT_BURST, HEADERS, LETTER_POLICY, LINK_BURST, PROOF_POLICY
from tasks.case.case import Case
from tasks.case.office import Office
from tests.desk.signing.visiting import Visitor, heading_of, replace

FORM = {"decision": "return", "comments": "No."}
STATIC = ("signing.css", "passkey.js", "icon.svg")


def test_every_answer_bears_the_headers(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    paths = ["/", "/health", "/nowhere", "/static/no.css", link, f"{link}x", "/enrol/x/y"]
    paths += [f"/static/{name}" for name in STATIC]
    answers = [
        *(visitor.client.get(path) for path in paths),
        visitor.client.post(link),
        visitor.client.post(f"{link}/decision", data=FORM),
        visitor.client.get("/", headers={"Host": "signing.example"}),
        visitor.client.get(f"/{'x' * 2_000}"),
    ]

    assert [
        (answer.url, name)
        for answer in answers
        for name, value in HEADERS.items()
        if answer.headers.get(name) != value
    ] == []
    assert [answer.url for answer in answers if "set-cookie" in answer.headers] == []


def test_the_policies_of_the_letter_and_its_proof_are_their_own(
    visitor: Visitor, case: Case
) -> None:
    link = visitor.link(case)

    letter, proof = (visitor.client.get(f"{link}/{p}") for p in ("letter.html", "proof.pdf"))

    assert letter.headers["content-security-policy"] == LETTER_POLICY
    assert proof.headers["content-security-policy"] == PROOF_POLICY
    assert {letter.headers["cache-control"], proof.headers["cache-control"]} == {"no-store"}


def test_a_page_needs_nothing_that_its_policy_refuses(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    pages = [visitor.client.get(link), visitor.decide(link, "approve")]

    for page in pages:
        assert re.findall(r"<style|\bstyle=|\bon\w+=|javascript:", page.text) == []
        assert re.findall(r"<script(?! src=| type=\"application/json\")", page.text) == []
        assert re.findall(r"(?:src|href|action)=\"(?!/|#)", page.text) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "http://localhost:8377"}, 200, id="from our own origin"),
        pytest.param(
            {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
            200,
            id="from our own page, whose referrer policy hides its origin",
        ),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="from our own page, by its fetch"),
        pytest.param({}, 403, id="from who knows where"),
        pytest.param({"Origin": "null"}, 403, id="from a hidden origin"),
        pytest.param({"Origin": "http://signing.example"}, 403, id="from another page"),
        pytest.param({"Origin": "http://localhost:8378"}, 403, id="from another port"),
        pytest.param({"Origin": "https://localhost:8377"}, 403, id="by another scheme"),
        pytest.param(
            {"Origin": "http://signing.example", "Sec-Fetch-Site": "same-origin"},
            403,
            id="from another page that claims to be ours",
        ),
        pytest.param(
            {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403, id="from a sandboxed page"
        ),
        pytest.param(
            {"Origin": "http://localhost:8377", "Sec-Fetch-Site": "cross-site"},
            403,
            id="from our origin as only a browser's bug would tell",
        ),
    ],
)
def test_forms_come_from_our_own_page(
    office: Office, case: Case, headers: dict[str, str], status: int
) -> None:
    visitor = Visitor(office, headers=headers)

    answer = visitor.client.post(f"{visitor.link(case)}/decision", data=FORM | {"change": "yes"})

    assert answer.status_code == status
    assert ("<code>foreign-origin</code>" in answer.text) == (status == 403)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost:8377", 200, id="our own"),
        pytest.param("LOCALHOST:8377", 200, id="our own in capitals"),
        pytest.param("127.0.0.1:8377", 421, id="our number"),
        pytest.param("localhost", 421, id="without the port"),
        pytest.param("rebound.example:8377", 421, id="a name turned round to us"),
        pytest.param("", 421, id="none"),
    ],
)
def test_pages_are_served_under_our_own_name(visitor: Visitor, host: str, status: int) -> None:
    answer = visitor.client.get("/", headers={"Host": host})

    assert answer.status_code == status
    assert ("<code>wrong-host</code>" in answer.text) == (status == 421)


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        pytest.param("application/json", b"{}", 415, "not-a-form", id="JSON"),
        pytest.param("text/plain", b"decision=approve", 415, "not-a-form", id="plain text"),
        pytest.param(
            "multipart/form-data; boundary=x", b"--x--", 415, "not-a-form", id="a form with files"
        ),
        pytest.param("", b"decision=approve", 415, "not-a-form", id="no type"),
        pytest.param(None, b"decision=maybe", 400, "form-invalid", id="neither decision"),
        pytest.param(
            None,
            b"decision=approve&decision=return",
            400,
            "form-invalid",
            id="two decisions",
        ),
        pytest.param(None, b"decision", 400, "form-invalid", id="a field without a value"),
        pytest.param(None, b"comments=%ff", 400, "form-invalid", id="bytes that are no text"),
        pytest.param(None, "comments=é".encode(), 400, "form-invalid", id="not encoded"),
        pytest.param(None, b"a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9", 400, "form-invalid", id="many"),
        pytest.param(None, b"comments=" + b"x" * 131_072, 413, "body-too-large", id="too long"),
    ],
)
def test_what_is_no_form_of_ours_is_refused(
    visitor: Visitor, case: Case, content_type: str | None, body: bytes, status: int, code: str
) -> None:
    told = "application/x-www-form-urlencoded; charset=utf-8" if content_type is None else None

    answer = visitor.client.post(
        f"{visitor.link(case)}/decision",
        content=body,
        headers={"Content-Type": told or content_type or ""},
    )

    assert answer.status_code == status
    assert f"<code>{code}</code>" in answer.text


def test_a_body_is_measured_while_it_is_read(visitor: Visitor, case: Case) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 32_768

    answer = visitor.client.post(
        f"{visitor.link(case)}/decision",
        content=(chunk for chunk, _ in zip(endless(), range(1_000), strict=False)),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/nowhere", 404, "page-missing", id="no such page"),
        pytest.param("GET", "/static/page.html.j2", 404, "page-missing", id="no such style"),
        pytest.param("GET", "/static/../app.py", 404, "page-missing", id="out of the folder"),
        pytest.param("GET", "/static/%2e%2e%2fpage.html.j2", 404, "page-missing", id="encoded"),
        pytest.param("GET", "/sign/x/r1/y", 404, "page-missing", id="half a link"),
        pytest.param("DELETE", "/", 405, "method-not-allowed", id="deleting"),
        pytest.param("GET", "/sign/x/r1/y/z/decision", 405, "method-not-allowed", id="a form"),
        pytest.param("GET", "/?" + "x" * 1_024, 414, "address-too-long", id="a long query"),
    ],
)
def test_odd_requests_are_told_in_the_same_dress(
    visitor: Visitor, method: str, path: str, status: int, code: str
) -> None:
    answer = visitor.client.request(method, path)

    assert answer.status_code == status
    assert f"<code>{code}</code>" in answer.text
    assert '<link rel="stylesheet" href="/static/signing.css">' in answer.text


def test_a_client_that_asks_too_often_waits(office: Office) -> None:
    now = [0.0]
    visitor = Visitor(office, monotonic=lambda: now[0])
    allowed = [visitor.client.get("/health").status_code for _ in range(CLIENT_BURST)]

    refused = visitor.client.get("/health")
    now[0] += 1
    again = visitor.client.get("/health")

    assert set(allowed) == {200}
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert heading_of(refused) == "Too many requests"
    assert again.status_code == 200


def test_a_link_that_is_asked_for_too_often_waits_and_others_do_not(
    office: Office, case: Case
) -> None:
    visitor = Visitor(office)
    link, other = visitor.link(case), visitor.link(case, inspector="treyne")
    allowed = {visitor.client.head(f"{link}/proof.pdf").status_code for _ in range(LINK_BURST)}

    refused = [visitor.client.get(f"{link}{part}") for part in ("", "/letter.html", "/done")]

    assert allowed == {200}
    assert [(r.status_code, r.headers["retry-after"]) for r in refused] == [(429, "2")] * 3
    assert visitor.client.get(other).status_code == 403  # let in as far as the letter


def test_a_failure_is_kept_in_the_office_and_told_without_its_traceback(
    office: Office, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(office)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret of the office")

    monkeypatch.setattr("desk.signing.app.standing_of", fail)
    answer = visitor.client.get(visitor.link(case))

    (kept,) = (office.root / "failures").iterdir()
    assert (answer.status_code, heading_of(answer)) == (500, "Something failed that should not")
    assert f"<code>{kept.stem}</code>" in answer.text
    assert "ZeroDivisionError: a secret of the office" in kept.read_text()
    assert [
        word for word in ("secret", "ZeroDivision", str(office.root)) if word in answer.text
    ] == []


def test_a_damaged_record_is_a_failure_and_not_told(office: Office, case: Case) -> None:
    replace(office, "r1/letter.json", lambda _: b"{")
    visitor = Visitor(office)

    answer = visitor.client.get(visitor.link(case))

    assert (answer.status_code, heading_of(answer)) == (500, "Something failed that should not")
    assert "letter.json" not in answer.text


def test_the_place_says_what_it_is(visitor: Visitor) -> None:
    home, health = visitor.client.get("/"), visitor.client.get("/health")

    assert (home.status_code, heading_of(home)) == (200, "Sign-off of letters")
    assert (health.status_code, health.text) == (200, "ok\n")
