"""One request: what went out, what came back, and what is unsure, told apart in every case."""

import socket
import threading

import pytest
from pydantic import SecretStr

from tasks.mailing import connection as connection_module
from tasks.mailing.transport import Answered, Unsent, Unsure, exchange
from tests.mailing.servers import (
    Authority,
    a_closed_port,
    hangs,
    http,
    read_request,
    reset,
    resets,
    resets_after_reading,
    says,
    serving,
    trickles,
    wait_until_gone,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
KEY = SecretStr("SG.a-key-that-nobody-else-may-see")


def asked(url, *, body=b"{}", seconds=5.0, method="POST", bearer=KEY, **more):
    return exchange(
        method, url, headers={"Accept": "*/*"}, body=body, seconds=seconds, bearer=bearer, **more
    )


def asked_of(talk, **more):
    with serving(talk) as server:
        return asked(f"http://{server.netloc}/v3/mail/send", **more)


def test_a_request_says_what_it_was_given_and_closes():
    with serving(says(http(202, b"", X_Message_Id="m-1"))) as server:
        reply = asked(f"http://{server.netloc}/v3/mail/send?a=b", body=b'{"a": 1}')

    assert (reply.status, reply.headers["X-Message-Id"], reply.body) == (202, "m-1", b"")
    (request,) = server.requests
    assert request.decode().split("\r\n") == [
        "POST /v3/mail/send?a=b HTTP/1.1",
        f"Host: {server.netloc}",
        "Accept: */*",
        "Authorization: Bearer SG.a-key-that-nobody-else-may-see",
        "Connection: close",
        "Content-Length: 8",
        "",
        '{"a": 1}',
    ]


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        pytest.param(http(202), 202, b"", id="no body"),
        pytest.param(http(400, b'{"errors": []}'), 400, b'{"errors": []}', id="a body"),
        pytest.param(http(500, b"half", Content_Length="9"), 500, b"half", id="half a body"),
        pytest.param(
            CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            200,
            b"abcde",
            id="a body in chunks",
        ),
        pytest.param(
            CHUNKED + b"3\r\nabc\r\nzz",
            200,
            b"abc",
            id="a body in chunks that end in nonsense",
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\n" + http(202), 202, b"", id="an answer after a 100"
        ),
        pytest.param(b"HTTP/1.0 202 OK\r\n\r\n", 202, b"", id="an older protocol"),
    ],
)
def test_a_status_with_whole_headers_is_an_answer(answer, status, body):
    reply = asked_of(says(answer))

    assert isinstance(reply, Answered)
    assert (reply.status, reply.body) == (status, body)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(says(b""), id="nothing, and the end"),
        pytest.param(says(b"HTTP/1.1 20"), id="half a status"),
        pytest.param(says(b"HTTP/1.1 202 Accepted"), id="a status without its line's end"),
        pytest.param(says(b"HTTP/1.1 202 Accepted\r\n"), id="a status without headers"),
        pytest.param(says(http(202, b"")[:-2]), id="headers that were cut off"),
        pytest.param(says(b"\x00\xffHTTP 202 ok\n\n"), id="garbage"),
        pytest.param(says(b"HTTP/1.1 two OK\r\n\r\n"), id="a status that is no number"),
        pytest.param(says(b"HTTP/1.1 2020 OK\r\n\r\n"), id="a status that is none"),
        pytest.param(says(b"HTTP/1.1 202 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n"), id="no end"),
        pytest.param(resets_after_reading, id="a reset after reading"),
    ],
)
def test_without_a_whole_answer_nothing_is_sure(talk):
    assert isinstance(asked_of(talk), Unsure)


def test_a_reset_without_reading_is_unsure_or_came_before_the_request():
    assert isinstance(asked_of(resets, body=b"x" * 3_000_000), Unsure | Unsent)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(hangs, id="a server that hangs"),
        pytest.param(trickles(http(202)), id="a server that trickles"),
    ],
)
def test_one_deadline_covers_all_of_a_request(talk):
    assert asked_of(talk, seconds=0.3) == Unsure("No whole answer came: it took longer than 0.3 s.")


def test_an_answer_counts_though_its_body_never_ends():
    def talk(connection, server):
        read_request(connection, server)
        connection.sendall(http(400, b"so", Content_Length="99"))
        wait_until_gone(connection)

    reply = asked_of(talk, seconds=0.3)

    assert isinstance(reply, Answered)
    assert reply.status == 400


def refusing_early(answer):
    """A server that answers when it has seen the headers, and lets nothing more in."""

    def talk(connection, server):
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(100)
        connection.sendall(answer)
        reset(connection)

    return talk


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(429, Answered, id="a refusal of what it didn't read counts"),
        pytest.param(202, Unsure, id="an acceptance of what it didn't read is unsure"),
    ],
)
def test_an_answer_before_the_request_was_whole(status, kind):
    reply = asked_of(refusing_early(http(status)), body=b"x" * 20_000_000)

    assert isinstance(reply, kind)


def test_no_redirection_is_followed():
    with serving(says(http(200))) as other:
        location = f"http://{other.netloc}/v3/mail/send"
        for status in (301, 302, 303, 307, 308):
            reply = asked_of(says(http(status, Location=location)))
            assert isinstance(reply, Answered)
            assert reply.status == status

    assert other.requests == []


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with serving(says(http(200))) as proxy, serving(says(http(202))) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.netloc}")
        assert asked(f"http://{server.netloc}/").status == 202

    assert proxy.requests == []


# What proves that nothing was sent.


def test_a_refused_connection_sends_nothing():
    port = a_closed_port()

    assert asked(f"http://127.0.0.1:{port}/") == Unsent(
        f"No connection to 127.0.0.1:{port}: Connection refused."
    )


def test_a_name_that_nobody_knows_sends_nothing(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(connection_module.socket, "getaddrinfo", unknown)

    assert asked("https://nowhere.example/") == Unsent(
        "No connection to nowhere.example:443: Name or service not known."
    )


def test_a_look_up_that_takes_too_long_sends_nothing(monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(
        connection_module.socket, "getaddrinfo", lambda *_, **__: answered.wait() and []
    )

    reply = asked("https://slow.example/", seconds=0.1)
    answered.set()

    assert reply == Unsent("No connection to slow.example:443: it took longer than 0.1 s.")


def test_a_name_that_can_be_none_sends_nothing():
    assert isinstance(asked(f"https://{'a' * 70}.example/"), Unsent)


def test_of_several_addresses_the_next_is_tried(monkeypatch):
    with serving(says(http(202))) as server:
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (a_closed_port(), server.port)
        ]
        monkeypatch.setattr(connection_module.socket, "getaddrinfo", lambda *_, **__: addresses)
        assert asked("http://several.example/").status == 202


def test_a_header_that_would_end_the_line_sends_nothing():
    with serving(says(http(202))) as server:
        reply = asked(f"http://{server.netloc}/", bearer=SecretStr("SG.a\r\nX-Other: b"))

    assert reply == Unsent("A header of the request can't be sent.")
    assert server.requests == []


# TLS.


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_server_that_proves_itself_is_asked(authority):
    with serving(says(http(202)), tls=authority.proving()) as server:
        reply = asked(f"https://localhost:{server.port}/", context=authority.trusting())

    assert reply.status == 202


def test_a_server_that_is_asked_by_its_number_proves_that(authority):
    with serving(says(http(202)), tls=authority.proving(address="127.0.0.2")) as server:
        reply = asked(f"https://{server.netloc}/", context=authority.trusting())

    assert isinstance(reply, Unsent)
    assert "IP address mismatch" in reply.why


@pytest.mark.parametrize(
    ("name", "is_trusted", "why"),
    [
        pytest.param("localhost", False, "unable to get local issuer", id="an unknown authority"),
        pytest.param("another.example", True, "Hostname mismatch", id="another server's name"),
    ],
)
def test_a_server_that_can_not_prove_itself_is_sent_nothing(authority, name, is_trusted, why):
    with serving(says(http(202)), tls=authority.proving(name)) as server:
        more = {"context": authority.trusting()} if is_trusted else {}
        reply = asked(f"https://localhost:{server.port}/", **more)

    assert isinstance(reply, Unsent)
    assert f"its certificate is not to be trusted ({why}" in reply.why
    assert server.requests == []


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(lambda connection, server: wait_until_gone(connection), id="silent"),
        pytest.param(lambda connection, server: connection.sendall(http(202)), id="no TLS"),
        pytest.param(resets, id="a reset"),
    ],
)
def test_a_server_without_tls_is_sent_nothing(authority, talk):
    with serving(talk) as server:
        reply = asked(
            f"https://localhost:{server.port}/", context=authority.trusting(), seconds=0.5
        )

    assert isinstance(reply, Unsent)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(hangs, id="a server that hangs"),
        pytest.param(trickles(http(202)), id="a server that trickles"),
        pytest.param(resets_after_reading, id="a reset after reading"),
        pytest.param(says(http(202)[:-2]), id="headers that were cut off"),
    ],
)
def test_over_tls_too_only_a_whole_answer_is_one(authority, talk):
    with serving(talk, tls=authority.proving()) as server:
        reply = asked(
            f"https://localhost:{server.port}/", context=authority.trusting(), seconds=0.5
        )

    assert isinstance(reply, Unsure)
