"""Who gets where through the proxy, and what arrives behind it."""

import contextlib
import re
import socket
import threading
import time

import pytest
import uvicorn

from desk.signing.app import create_app
from letters.signoff import Decision
from tasks.case.case import Case
from tests.deploy.proxy import (
    ADA,
    DEPLOY,
    NGINX,
    PREFECT,
    PREFECT_LOGIN,
    SIGNING,
    proxy_variables,
    running_proxy,
)
from tests.desk.signing.visiting import Visitor
from tests.issuing import REFERENCE, SIGNATORY, a_sample_office, sign_off_on, submit
from tests.offices import some_settings
from tests.served import wait_for

ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
LINK = "/sign/CRA-WESTMERE-2011-03-08/r1/helmsley/1300093200-bWFyaw_x-"

OPERATORS_MAY = {
    # to act
    "POST /deployments/{id}/create_flow_run",
    "POST /flow_runs/{id}/resume",
    "POST /flow_runs/{id}/set_state",
    # to look
    "GET /health",
    "GET /version",
    "GET /hello",
    "GET /ready",
    "GET /admin/version",
    "POST /flows/filter",
    "POST /flows/count",
    "POST /flows/paginate",
    "GET /flows/{id}",
    "GET /flows/name/{name}",
    "POST /flow_runs/filter",
    "POST /flow_runs/count",
    "POST /flow_runs/paginate",
    "POST /flow_runs/history",
    "POST /flow_runs/lateness",
    "GET /flow_runs/{id}",
    "GET /flow_runs/{id}/graph",
    "GET /flow_runs/{id}/graph-v2",
    "GET /flow_runs/{id}/logs/download",
    "GET /flow_run_states/",
    "GET /flow_run_states/{id}",
    "POST /task_runs/filter",
    "POST /task_runs/count",
    "POST /task_runs/paginate",
    "POST /task_runs/history",
    "GET /task_runs/{id}",
    "GET /task_run_states/",
    "GET /task_run_states/{id}",
    "POST /deployments/filter",
    "POST /deployments/count",
    "POST /deployments/paginate",
    "GET /deployments/{id}",
    "GET /deployments/{id}/schedules",
    "GET /deployments/{id}/work_queue_check",
    "GET /deployments/name/{flow_name}/{deployment_name}",
    "POST /logs/filter",
    "POST /artifacts/filter",
    "POST /artifacts/count",
    "POST /artifacts/latest/filter",
    "POST /artifacts/latest/count",
    "GET /artifacts/{id}",
    "GET /artifacts/{key}/latest",
    "POST /events/filter",
    "GET /events/filter/next",
    "POST /events/count-by/{countable}",
    "POST /automations/filter",
    "POST /automations/count",
    "GET /automations/{id}",
    "GET /automations/related-to/{resource_id}",
    "POST /work_pools/filter",
    "POST /work_pools/count",
    "GET /work_pools/{name}",
    "POST /work_pools/{name}/concurrency_status",
    "POST /work_pools/{work_pool_name}/queues/filter",
    "GET /work_pools/{work_pool_name}/queues/{name}",
    "POST /work_pools/{work_pool_name}/workers/filter",
    "POST /work_queues/filter",
    "GET /work_queues/{id}",
    "GET /work_queues/{id}/status",
    "GET /work_queues/name/{name}",
    "POST /work_queues/{id}/concurrency_status",
    "POST /concurrency_limits/filter",
    "POST /v2/concurrency_limits/filter",
    "POST /saved_searches/filter",
    "POST /ui/flows/count-deployments",
    "POST /ui/flows/next-runs",
    "POST /ui/flow_runs/history",
    "POST /ui/flow_runs/count-task-runs",
    "POST /ui/schemas/validate",
    "POST /ui/task_runs/dashboard/counts",
    "POST /ui/task_runs/count",
    "GET /ui/task_runs/{id}",
}
"""Every route of Prefect's API that a person may use; deploy/README.md says why no other."""


@pytest.fixture(scope="session")
def prefect_routes():
    """Every route of the installed Prefect's API, as `METHOD /path/{with}/{names}`."""
    from prefect.server.api.server import create_app as create_prefect

    paths = create_prefect(ephemeral=True).openapi()["paths"]
    return sorted(f"{method.upper()} {path}" for path in paths for method in paths[path])


@pytest.fixture(scope="module")
def by_password(tmp_path_factory):
    """A proxy whose people log in by a file of names and passwords."""
    if NGINX is None:
        pytest.skip("nginx is missing: run deploy/test-tools")
    with running_proxy(tmp_path_factory.mktemp("by-password"), login="basic") as proxy:
        yield proxy


@pytest.fixture
def signing(proxy):
    with proxy.client(SIGNING, headers={"Origin": proxy.origin(SIGNING)}) as client:
        yield client


@pytest.fixture
def prefect(proxy):
    with proxy.client(PREFECT, headers={"Origin": proxy.origin(PREFECT)}) as client:
        yield client


def patiently(ask):
    """Ask again where the proxy says that it was too often."""
    while (answer := ask()).status_code == 429:
        time.sleep(0.05)
    return answer


# Who gets where


@pytest.mark.parametrize(
    ("method", "path", "logged_in", "status"),
    [
        pytest.param("GET", LINK, True, 200, id="a letter opens for who is logged in"),
        pytest.param("GET", f"{LINK}/letter.html", True, 200, id="the letter as it goes out"),
        pytest.param("GET", f"{LINK}/proof.pdf", True, 200, id="the proof"),
        pytest.param("GET", f"{LINK}/done", True, 200, id="what was decided"),
        pytest.param("GET", LINK.replace("r1", "r1-2"), True, 200, id="for one of several"),
        pytest.param("POST", f"{LINK}/decision", True, 200, id="a decision is sent"),
        pytest.param("POST", f"{LINK}/confirm", True, 200, id="the passkey's answer is sent"),
        pytest.param("GET", "/enrol/helmsley/1-bWFyaw", True, 200, id="an invitation opens"),
        pytest.param("POST", "/enrol/helmsley/1-bWFyaw", True, 200, id="a key is enrolled"),
        pytest.param("GET", "/static/passkey.js", True, 200, id="the page's script"),
        pytest.param("GET", LINK, False, 302, id="who isn't logged in is taken to the log-in"),
        pytest.param("POST", f"{LINK}/confirm", False, 302, id="nobody decides without log-in"),
        pytest.param("GET", "/enrol/helmsley/1-bWFyaw", False, 302, id="nor enrols a key"),
        pytest.param("GET", "/health", True, 404, id="the page's health is nobody's business"),
        pytest.param("POST", LINK, True, 404, id="nothing is sent to the page itself"),
        pytest.param("PUT", f"{LINK}/decision", True, 404, id="no other methods"),
        pytest.param("GET", "/static/../health", True, 404, id="no way round by dots"),
        pytest.param("GET", "/api/health", True, 404, id="Prefect is not behind this name"),
    ],
)
def test_the_signing_page_is_reached_by_its_own_routes_and_by_people_who_are_logged_in(
    proxy, signing, method, path, logged_in, status
):
    answer = patiently(lambda: signing.request(method, path, headers=ADA if logged_in else {}))

    assert answer.status_code == status
    expected = [(method, path, "ada")] if status == 200 else []
    assert [(s.method, s.path, s.headers["x-forwarded-user"]) for s in proxy.desk.seen] == expected


@pytest.mark.parametrize("path", ["/sign/../r1/helmsley/1-x", "/enrol/../1-bWFyaw", "/enrol/a/.?x"])
def test_dots_are_nobody_s_name_on_the_signing_page(proxy, path):
    assert proxy.raw(SIGNING, path) == 404
    assert proxy.desk.seen == []


def test_the_rules_allow_every_route_of_the_signing_page_and_no_other(proxy, signing, tmp_path):
    office = a_sample_office(tmp_path)
    app = create_app(lambda: office, on_decided=lambda _: None)
    values = {"reference": REFERENCE, "revision:int": "1", "signatory:int": "2"}
    values |= {"inspector": SIGNATORY, "token": "1-bWFyaw", "name": "signing.css"}

    for route in app.routes:
        path = re.sub(r"\{([\w:]+)\}", lambda found: values[found[1]], route.path)
        for method in route.methods:
            answer = patiently(lambda p=path, m=method: signing.request(m, p, headers=ADA))
            assert answer.status_code == (404 if path == "/health" else 200), (method, path)


def test_what_a_client_claims_of_itself_does_not_arrive(proxy, signing, prefect):
    claims = ADA | {
        "Authorization": "Basic ZXZlOmV2ZQ==",
        "X-Forwarded-User": "eve",
        "X-Forwarded-For": "203.0.113.7",
        "X-Request-Id": "mine",
        "Forwarded": "for=203.0.113.7",
    }

    page = patiently(lambda: signing.get("/", headers=claims))
    patiently(lambda: prefect.post("/api/flow_runs/filter", headers=claims, json={}))
    patiently(lambda: prefect.get("/assets/index-x.js", headers=claims))

    (at_desk,) = (seen.headers for seen in proxy.desk.seen)
    assert at_desk["host"] == f"{SIGNING}:{proxy.port}"
    assert at_desk["x-forwarded-user"] == "ada"
    assert at_desk["x-forwarded-for"] == "127.0.0.1"
    assert at_desk["x-request-id"] == page.headers["x-request-id"] != "mine"
    assert not {"authorization", "cookie", "forwarded"} & set(at_desk)
    api, asset = (seen.headers for seen in proxy.prefect.seen)
    assert (api["authorization"], api["x-forwarded-user"]) == (PREFECT_LOGIN, "ada")
    assert (asset.get("authorization"), asset["x-forwarded-user"]) == (None, "ada")
    assert "cookie" not in api | asset


@pytest.mark.parametrize("name", [SIGNING, PREFECT])
def test_browsers_are_told_to_come_by_https_alone(proxy, name):
    with proxy.client(name) as client:
        assert client.get("/", headers=ADA).headers["strict-transport-security"] == (
            "max-age=31536000"
        )


@pytest.mark.parametrize("name", [SIGNING, PREFECT])
def test_whoever_comes_without_https_is_sent_there(proxy, name):
    with socket.create_connection(("127.0.0.1", proxy.plain_port)) as sent:
        sent.sendall(f"GET /sign/x HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        head = sent.recv(4096).decode()

    assert head.startswith("HTTP/1.1 301 ")
    assert f"\r\nLocation: https://{name}/sign/x\r\n" in head


def test_a_name_that_is_not_ours_gets_no_certificate(proxy):
    with pytest.raises(Exception, match=r"(?i)unrecognized.name"):
        proxy.raw("elsewhere.example", "/")


@pytest.mark.parametrize("name", [SIGNING, PREFECT])
def test_a_name_that_is_not_ours_gets_no_page_by_our_certificate_either(proxy, name):
    assert proxy.raw(name, "/", Host="elsewhere.example") == 0
    assert proxy.raw(name, "/api/health", Host=f"elsewhere.example:{proxy.port}") == 0
    assert proxy.raw(name, "https://elsewhere.example/") == 0


def test_nobody_gets_in_while_the_identity_proxy_is_away(proxy, signing, prefect, monkeypatch):
    monkeypatch.setattr(proxy.identity, "answer_to", lambda _: (503, {}))

    answers = [
        patiently(lambda: signing.get("/", headers=ADA)),
        patiently(lambda: prefect.post("/api/flow_runs/filter", headers=ADA)),
    ]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert proxy.desk.seen == proxy.prefect.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "/oauth2/start?rd=/",
        "/oauth2/callback?code=1&state=a%3A%2F",
        "/oauth2/static/css/all.min.css",
    ],
)
def test_the_identity_proxy_s_own_pages_need_no_log_in(proxy, signing, path):
    assert patiently(lambda: signing.get(path)).status_code == 200
    assert [seen.path for seen in proxy.identity.seen] == [path]


@pytest.mark.parametrize("name", [SIGNING, PREFECT])
@pytest.mark.parametrize(
    "path", ["//oauth2/start", "/x/../oauth2/start", "/%6fauth2/start", "/oauth2/../oauth2/start"]
)
def test_and_are_reached_under_their_own_addresses_alone(proxy, name, path):
    assert proxy.raw(name, path, Cookie="") == 404
    assert proxy.identity.seen == []


# The webhook


def test_the_provider_needs_no_log_in(proxy, signing):
    signed = {"X-Twilio-Email-Event-Webhook-Signature": "s", "Content-Type": "application/json"}

    answer = signing.post("/webhooks/sendgrid", content=b"[{}]", headers=signed)

    assert answer.status_code == 200
    (seen,) = proxy.webhook.seen
    assert (seen.path, seen.body) == ("/webhooks/sendgrid", b"[{}]")
    assert seen.headers["x-twilio-email-event-webhook-signature"] == "s"
    assert seen.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        pytest.param("POST", "/webhooks/sendgrid", 2_000_000, 200, id="the largest batch"),
        pytest.param("POST", "/webhooks/sendgrid", 2_000_001, 413, id="one byte more"),
        pytest.param("GET", "/webhooks/sendgrid", 0, 405, id="looking"),
        pytest.param("POST", "/webhooks/sendgrid/", 0, 404, id="another path"),
        pytest.param("POST", "/webhooks/another", 0, 404, id="another provider"),
    ],
)
def test_only_batches_of_the_provider_pass(proxy, signing, method, path, size, status):
    answer = patiently(lambda: signing.request(method, path, content=b"x" * size))

    assert answer.status_code == status
    assert len(proxy.webhook.seen) == (status == 200)
    assert proxy.desk.seen == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/webhooks//sendgrid", id="a slash too many"),
        pytest.param("//webhooks/sendgrid", id="another"),
        pytest.param("/x/../webhooks/sendgrid", id="dots"),
        pytest.param("/webhooks/./sendgrid", id="one dot"),
        pytest.param("/webhooks/%73endgrid", id="a letter in disguise"),
        pytest.param("/webhooks%2fsendgrid", id="a slash in disguise"),
    ],
)
def test_the_webhook_is_reached_under_its_own_address_alone(proxy, path):
    assert proxy.raw(SIGNING, path, "POST", Cookie="") == 404
    assert proxy.webhook.seen == proxy.desk.seen == []


def test_a_flood_at_the_webhook_is_held_off(proxy, signing):
    answers = {signing.post("/webhooks/sendgrid", content=b"[]").status_code for _ in range(150)}

    assert answers == {200, 429}
    assert len(proxy.webhook.seen) < 150


# Prefect


@pytest.mark.slow
def test_people_may_do_in_prefect_what_is_listed_and_nothing_else(proxy, prefect, prefect_routes):
    passed = set()
    for route in prefect_routes:
        method, _, path = route.partition(" ")
        concrete = "/api" + re.sub(r"\{(\w*id)\}", ID, path)
        concrete = re.sub(r"\{\w+\}", "office-page", concrete)
        patiently(lambda m=method, c=concrete: prefect.request(m, c, headers=ADA))
        if [(seen.method, seen.path) for seen in proxy.prefect.seen] == [(method, concrete)]:
            passed.add(route)
        proxy.prefect.seen.clear()

    assert passed - OPERATORS_MAY == set(), "allowed, and not in the list"
    assert OPERATORS_MAY - passed == set(), "in the list, and refused or no route of this Prefect"


@pytest.mark.slow
def test_each_rule_is_for_a_route_that_this_prefect_has(prefect_routes):
    config = (DEPLOY / "nginx.conf").read_text()
    rules = re.search(r"\$is_for_operators \{(.+?)\n    \}", config, re.DOTALL)[1]
    patterns = [re.compile(found) for found in re.findall(r'"~(.+?)" 1;', rules)]
    of_the_api = [pattern for pattern in patterns if "/api/" in pattern.pattern]
    concrete = [
        re.sub(r"\{\w+\}", "x", re.sub(r"\{(\w*id)\}", ID, route)).replace(" ", " /api")
        for route in prefect_routes
    ]

    idle = [p.pattern for p in of_the_api if not any(p.match(route) for route in concrete)]

    assert (len(patterns) - len(of_the_api), idle) == (1, [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/", 200, id="the first page"),
        pytest.param("/dashboard", 200, id="the dashboard"),
        pytest.param("/artifacts/key/office-page", 200, id="the office page"),
        pytest.param("/assets/index-B-oNxJUg.js", 200, id="a script"),
        pytest.param("/runs?state=Suspended", 200, id="a page with a query"),
        pytest.param("/docs", 200, id="one that is none is the pages' own matter"),
        pytest.param("/api", 301, id="the API's root"),
        pytest.param("/api/docs", 403, id="the API's own pages"),
        pytest.param("/api/openapi.json", 403, id="the API's description"),
        pytest.param("/api/block_documents/../flows/filter", 403, id="dots"),
        pytest.param("/api/flows/%2e%2e/admin/storage", 403, id="dots in disguise"),
        pytest.param("/api%2fadmin/storage", 403, id="a slash in disguise"),
        pytest.param("/api/admin/storage/../version", 403, id="what would be allowed without dots"),
        pytest.param("/api/admin/storage/%2e%2e/version", 403, id="the same in disguise"),
        pytest.param("//api/admin/storage", 403, id="a slash too many"),
        pytest.param("/x/../api/admin/storage", 403, id="from elsewhere"),
        pytest.param("/api/automations/related-to/..", 403, id="dots in the place of a name"),
        pytest.param("/api/flows/name/.?x", 403, id="one dot in the place of a name"),
        pytest.param("/api/flows/name/a..b?x=/../", 200, id="dots that are part of a name"),
        pytest.param("/api/work_pools/a%2Fget_scheduled_flow_runs", 403, id="a name in disguise"),
    ],
)
def test_pages_pass_and_addresses_in_disguise_do_not(proxy, path, status):
    assert proxy.raw(PREFECT, path) == status
    assert [seen.path for seen in proxy.prefect.seen] == ([path] if status == 200 else [])


def test_who_is_not_logged_in_sees_no_page_and_the_api_says_so(proxy, prefect):
    page, api = prefect.get("/dashboard"), prefect.post("/api/flow_runs/filter")

    assert page.status_code == 302
    assert page.headers["location"] == f"{proxy.origin(PREFECT)}/oauth2/start?rd=/dashboard"
    assert api.status_code == 401
    assert proxy.prefect.seen == []


def test_nor_what_the_proxy_itself_answers(prefect):
    answers = [prefect.get(path).status_code for path in ("/ui-settings", "/api/admin/settings")]

    assert answers == [302, 401]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param(f"https://{PREFECT}", 200, id="our own page"),
        pytest.param(f"https://{PREFECT}:8443", 200, id="our own page, at a port"),
        pytest.param("https://evil.example", 403, id="another site"),
        pytest.param(f"https://{PREFECT}.evil.example", 403, id="a name that begins like ours"),
        pytest.param(
            "https://prefect-letters.example", 403, id="a name with another sign for a dot"
        ),
        pytest.param(f"https://evil.example:1/{PREFECT}:443", 403, id="a name that ends like ours"),
        pytest.param(f"https://{PREFECT}:8443:8443", 403, id="a port too many"),
        pytest.param(f"http://{PREFECT}", 403, id="our name without HTTPS"),
        pytest.param(f"https://{SIGNING}", 403, id="the signing page"),
        pytest.param("null", 403, id="a page without an origin"),
        pytest.param(None, 403, id="no browser"),
    ],
)
def test_only_prefect_s_own_pages_act_in_the_name_of_who_is_logged_in(proxy, origin, status):
    headers = ADA if origin is None else ADA | {"Origin": origin}
    with proxy.client(PREFECT, headers=headers) as client:
        answer = patiently(lambda: client.post(f"/api/flow_runs/{ID}/resume"))

    assert answer.status_code == status
    assert len(proxy.prefect.seen) == (status == 200)


def test_no_connection_is_turned_into_another(proxy):
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}

    assert proxy.raw(PREFECT, "/api/events/out", **upgrade) == 403
    assert proxy.raw(PREFECT, "/dashboard", **upgrade) == 200
    (seen,) = proxy.prefect.seen
    assert not {"upgrade", "connection"} & set(seen.headers)


def test_what_prefect_says_loads_nothing_from_elsewhere(prefect):
    page = prefect.get("/dashboard", headers=ADA)

    policy = dict(
        rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.slow
def test_the_pages_are_told_all_that_this_prefect_tells_them(prefect):
    from prefect.server.api.server import UISettings

    told = prefect.get("/ui-settings", headers=ADA).json()

    assert set(told) == set(UISettings.model_fields)
    assert UISettings.model_validate(told).model_dump() == told
    assert (told["api_url"], told["auth"]) == ("/api", None)


@pytest.mark.slow
def test_prefect_s_settings_which_hold_a_password_are_not_told(proxy, prefect):
    from prefect.settings.models.server.docket import ServerDocketSettings

    told = prefect.get("/api/admin/settings", headers=ADA)

    assert ServerDocketSettings(url="redis://:word@redis").model_dump(mode="json")["url"] == (
        "redis://:word@redis"
    ), "if Prefect hides it by now, its own answer may pass"
    assert told.json() == {"PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": False}
    assert proxy.prefect.seen == []


# The other log-in


def test_a_file_of_names_and_passwords_does_for_a_log_in(tmp_path):
    if NGINX is None:
        pytest.skip("nginx is missing: run deploy/test-tools")
    with running_proxy(tmp_path, login="basic") as proxy, proxy.client(PREFECT) as client:
        answers = [
            client.get("/dashboard"),
            client.get("/dashboard", auth=("ada", "wrong")),
            client.get("/api/health", auth=("ada", "engine")),
        ]

        assert [answer.status_code for answer in answers] == [401, 401, 200]
        (seen,) = proxy.prefect.seen
        assert seen.headers["authorization"] == PREFECT_LOGIN
        assert seen.headers["x-forwarded-user"] == "ada"


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        pytest.param(PREFECT, "/dashboard", 401, id="a page"),
        pytest.param(PREFECT, "/ui-settings", 401, id="what the proxy tells Prefect's pages"),
        pytest.param(PREFECT, "/api/admin/settings", 401, id="the other thing that it tells them"),
        pytest.param(PREFECT, "/api/health", 401, id="Prefect's API"),
        pytest.param(PREFECT, "/api/block_types/filter", 403, id="what nobody gets"),
        pytest.param(SIGNING, "/", 401, id="the signing page"),
        pytest.param(SIGNING, "/health", 404, id="what nobody sees of it"),
        pytest.param(SIGNING, "/webhooks/sendgrid", 405, id="the webhook"),
    ],
)
def test_a_wrong_password_opens_nothing_and_the_log_believes_no_name(
    by_password, name, path, status
):
    before = len(by_password.lines())
    with by_password.client(name, auth=("ada", "wrong")) as client:
        assert client.get(path).status_code == status

    assert wait_for(lambda: len(by_password.lines()) > before, seconds=10)
    assert [line["person"] for line in by_password.lines()[before:]] == [""]


def test_the_log_names_nobody_at_the_webhook(by_password):
    before = len(by_password.lines())
    with by_password.client(SIGNING, auth=("ada", "wrong")) as client:
        assert client.post("/webhooks/sendgrid", content=b"[]").status_code == 200

    assert wait_for(lambda: len(by_password.lines()) > before, seconds=10)
    assert by_password.lines()[-1]["person"] == ""


@pytest.mark.parametrize("path", ["/dashboard", "/ui-settings", "/api/admin/settings"])
def test_the_right_password_opens_and_the_log_names_who_has_it(by_password, path):
    before = len(by_password.lines())
    with by_password.client(PREFECT, auth=("ada", "engine")) as client:
        assert client.get(path).status_code == 200

    assert wait_for(lambda: len(by_password.lines()) > before, seconds=10)
    assert [line["person"] for line in by_password.lines()[before:]] == ["ada"]


# The signing page itself


@contextlib.contextmanager
def signing_page(open_office, listener):
    """The real page, as the desk serves it."""
    app = create_app(open_office, on_decided=lambda _: None)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def test_an_inspector_signs_through_the_proxy(tmp_path):
    if NGINX is None:
        pytest.skip("nginx is missing: run deploy/test-tools")
    (tmp_path / "nginx").mkdir()
    listener = socket.create_server(("127.0.0.1", 0))
    desk = f"127.0.0.1:{listener.getsockname()[1]}"
    with running_proxy(tmp_path / "nginx", desk=desk) as proxy:
        told = {"origin": proxy.origin(SIGNING), "rp_id": SIGNING}
        root = tmp_path / "office"
        root.mkdir()
        office = a_sample_office(root, settings=some_settings(root, signing=told))
        submit(office)
        with signing_page(lambda: office, listener), proxy.client(SIGNING) as client:
            visitor = Visitor(office).with_sample_key()
            client.headers.update(ADA | {"Origin": proxy.origin(SIGNING)})
            visitor.client = client
            case = Case(office, REFERENCE)
            link = visitor.link(case)

            page = client.get(link)
            stranger = client.get(link, headers={"Cookie": ""})
            forged = client.post(f"{link}/decision", headers={"Origin": "https://evil.example"})
            done = visitor.sign(link, "approve")

            assert [page.status_code, stranger.status_code, forged.status_code] == [200, 302, 403]
            assert page.headers["content-security-policy"].startswith("default-src 'none'; script")
            assert (done.status_code, done.headers["location"]) == (303, f"{link}/done")
            assert client.get(f"{link}/done").status_code == 200
            assert sign_off_on(case).statement.decision is Decision.APPROVE
            assert "set-cookie" not in page.headers
            token = link.rsplit("/", 1)[1]
            assert wait_for(lambda: len(proxy.lines()) >= 6, seconds=10)
            assert token not in proxy.log.read_text()
            assert {line["person"] for line in proxy.lines() if line["status"] != 302} == {"ada"}
            assert {line["path"] for line in proxy.lines()} == {
                f"/sign/{REFERENCE}/r1/{SIGNATORY}/*{part}"
                for part in ("", "/decision", "/confirm", "/done")
            }


# The file


def test_the_example_lists_the_variables_of_the_files_and_no_others():
    files = (DEPLOY / "nginx.conf", *(DEPLOY / "nginx").glob("*.conf"))
    used = {
        name for file in files for name in re.findall(r"\$\{(PROXY_[A-Z_]+)\}", file.read_text())
    }

    assert set(proxy_variables()) == used
