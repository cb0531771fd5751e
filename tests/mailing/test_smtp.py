"""SMTP: encrypted or not at all, one recipient, and only the reply to the end is acceptance."""

import socket
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr

from tasks.case.office import Answer
from tasks.mailing.connection import Unreachable
from tasks.mailing.smtp import Smtp, SmtpNotReady, SmtpUnusable
from tests.mailing.post_room import an_email
from tests.mailing.servers import (
    Authority,
    a_closed_port,
    breaking,
    hang_up,
    reset,
    serving,
    wait_until_gone,
)
from tests.mailing.test_message import SEND_ID, a_mail, a_message

PASSWORD = "a-password-that-nobody-else-may-see"  # noqa: S105 - of a server on loopback


# What it says of a server that encrypts from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def an_smtp(root, port, **changes):
    fields = {
        "provider": "smtp",
        "smtp_host": "localhost",
        "smtp_port": port,
        "smtp_security": "none",
        "request_seconds": 5,
    }
    return Smtp(a_mail(**fields | changes), root=root)


class Postman:
    """Takes what comes, and keeps it."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        is_encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content, is_encrypted))
        return "250 2.0.0 Ok: queued as 4F2A17"


def lets_in(server, session, envelope, mechanism, told):
    is_known = told == LoginPassword(b"office", PASSWORD.encode())
    return AuthResult(success=is_known, handled=is_known)


def greet(port, trusting, name):
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting.wrap_socket(plain, server_hostname=name) as encrypted,
    ):
        encrypted.recv(100)


@contextmanager
def a_server(authority, *, security="starttls", name="localhost", **more):
    """A real server: it encrypts, and lets in who knows the password."""
    postman = Postman()
    tls = authority.proving(name)
    told = (
        {"ssl_context": tls}
        if security == "tls"
        else {"tls_context": tls, "require_starttls": True}
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        postman,
        hostname="127.0.0.1",
        port=port,
        authenticator=lets_in,
        auth_required=True,
        auth_require_tls=security != "tls",
        **told,
        **more,
    )
    if security == "tls":
        # It is begun by its first connection, and aiosmtpd's own trusts the system's authorities.
        controller._trigger_server = lambda: greet(port, authority.trusting(), name)
    controller.start()
    try:
        yield port, postman
    finally:
        controller.stop()


def known(authority, **changes):
    fields = {
        "smtp_security": "starttls",
        "smtp_user": "office",
        "smtp_password": SecretStr(PASSWORD),
        "smtp_ca_file": authority.file.name,
    }
    return fields | changes


# A real server.


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_arrives_to_the_byte_encrypted_and_at_one_recipient(authority, security):
    with a_server(authority, security=security) as (port, postman):
        smtp = an_smtp(authority.file.parent, port, **known(authority, smtp_security=security))
        answer = smtp.send(a_message(), send_id=SEND_ID)

    assert answer == Answer("accepted", "4F2A17", "250 2.0.0 Ok: queued as 4F2A17")
    assert postman.taken == [
        ("letters@inspectorate.example", ["director@westmere.example"], a_message(), True)
    ]


def test_a_wrong_password_sends_nothing(authority):
    with a_server(authority) as (port, postman):
        password = SecretStr("not-this-one")
        smtp = an_smtp(authority.file.parent, port, **known(authority, smtp_password=password))
        answer = smtp.send(a_message(), send_id=SEND_ID)

    assert (answer.result, postman.taken) == ("not-accepted", [])
    assert answer.said.endswith("takes no messages: 535, it doesn't let this user in.")


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        pytest.param(
            "localhost", {"smtp_ca_file": ""}, "certificate is not to be", id="an unknown authority"
        ),
        pytest.param("another.example", {}, "Hostname mismatch", id="another server's name"),
    ],
)
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_can_not_prove_itself_gets_neither_password_nor_letter(
    authority, security, name, changes, why
):
    with a_server(authority, security=security, name=name) as (port, postman):
        told = known(authority, smtp_security=security) | changes
        answer = an_smtp(authority.file.parent, port, **told).send(a_message(), send_id=SEND_ID)

    assert (answer.result, postman.taken) == ("not-accepted", [])
    assert why in answer.said


def test_the_office_can_try_to_log_in_without_sending(authority):
    with a_server(authority) as (port, postman):
        an_smtp(authority.file.parent, port, **known(authority)).log_in()
        with pytest.raises(SmtpNotReady, match="535"):
            an_smtp(authority.file.parent, port, **known(authority, smtp_user="nobody")).log_in()

    assert postman.taken == []


def test_nobody_there_is_told_as_such(tmp_path):
    smtp = an_smtp(tmp_path, a_closed_port())

    with pytest.raises(Unreachable, match="Connection refused"):
        smtp.log_in()
    assert smtp.send(a_message(), send_id=SEND_ID).result == "not-accepted"
    assert smtp.find(SEND_ID) == "unknown"


# A server that does as it is told at one moment.


@pytest.mark.parametrize(
    ("moment", "does", "result"),
    [
        pytest.param("greeting", b"554 not today\r\n", "not-accepted", id="refused at once"),
        pytest.param("greeting", b"220 hello\r\n220", "not-accepted", id="a greeting cut short"),
        pytest.param("greeting", hang_up, "not-accepted", id="gone at once"),
        pytest.param("greeting", reset, "not-accepted", id="reset at once"),
        pytest.param("greeting", wait_until_gone, "not-accepted", id="no greeting"),
        pytest.param(b"EHLO", b"421 busy\r\n", "not-accepted", id="busy"),
        pytest.param(b"MAIL", b"451 later\r\n", "not-accepted", id="the sender: later"),
        pytest.param(b"MAIL", b"550 not you\r\n", "not-accepted", id="the sender: never"),
        pytest.param(b"MAIL", b"552 too large\r\n", "refused", id="too large"),
        pytest.param(b"RCPT", b"450 later\r\n", "not-accepted", id="the recipient: later"),
        pytest.param(b"RCPT", b"550 unknown\r\n", "refused", id="the recipient: never"),
        pytest.param(b"RCPT", hang_up, "not-accepted", id="gone at the recipient"),
        pytest.param(b"DATA", b"451 later\r\n", "not-accepted", id="the words: later"),
        pytest.param(b"DATA", b"554 never\r\n", "refused", id="the words: never"),
        pytest.param(b"DATA", b"250 odd\r\n", "not-accepted", id="an odd reply before the words"),
        pytest.param(b"DATA", wait_until_gone, "not-accepted", id="no reply before the words"),
        pytest.param(b".", b"250 2.0.0 taken\r\n", "accepted", id="taken"),
        pytest.param(b".", b"451 later\r\n", "not-accepted", id="after the end: later"),
        pytest.param(b".", b"554 spam\r\n", "refused", id="after the end: never"),
        pytest.param(b".", b"251 odd\r\n", "unknown", id="an odd reply after the end"),
        pytest.param(b".", b"nonsense\r\n", "unknown", id="nonsense after the end"),
        pytest.param(b".", b"25", "unknown", id="half a reply after the end"),
        pytest.param(b".", hang_up, "unknown", id="gone after the end"),
        pytest.param(b".", reset, "unknown", id="reset after the end"),
        pytest.param(b".", wait_until_gone, "unknown", id="no reply after the end"),
    ],
)
def test_until_the_end_nothing_was_taken_and_after_it_the_reply_tells(
    tmp_path, moment, does, result
):
    with serving(breaking(moment, does)) as server:
        smtp = an_smtp(tmp_path, server.port, request_seconds=0.4)
        assert smtp.send(a_message(), send_id=SEND_ID).result == result

    assert (b".\r\n" in server.requests) == (moment == b".")


@pytest.mark.parametrize("does", [reset, hang_up])
def test_what_breaks_off_in_the_words_was_not_taken(tmp_path, does):
    # Larger than all that lies on the way, so that its end is not sent.
    data = a_message(pdf=bytes(4_000_000))
    with serving(breaking("the words", does), receives=4096) as server:
        answer = an_smtp(tmp_path, server.port).send(data, send_id=SEND_ID)

    assert answer.result == "not-accepted"
    assert answer.said.startswith("it broke off before the end: ")


def test_a_server_that_trickles_its_reply_can_not_stretch_the_deadline(tmp_path):
    def trickle(connection):
        connection.settimeout(0.02)
        for _ in range(2_000):
            connection.sendall(b"250-and\r\n")
            try:
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                pass

    with serving(breaking(b".", trickle)) as server:
        answer = an_smtp(tmp_path, server.port, request_seconds=0.4).send(
            a_message(), send_id=SEND_ID
        )

    assert answer == Answer("unknown", said="no reply after its end: it took longer than 0.4 s")


def test_what_the_server_says_has_no_addresses(tmp_path):
    refusal = b"550 <d.rector@x.example>: unknown\r\n"
    with serving(breaking(b"RCPT", refusal)) as server:
        answer = an_smtp(tmp_path, server.port).send(a_message(), send_id=SEND_ID)

    assert answer == Answer("refused", said="550 <d…@x.example>: unknown")


def test_a_line_of_one_full_stop_ends_nothing(tmp_path):
    data = a_message(email=an_email(text="one\n.\n..\nlast"))
    with serving(breaking(None, None)) as server:
        an_smtp(tmp_path, server.port).send(data, send_id=SEND_ID)

    said = b"".join(server.requests)
    body = said.partition(b"data\r\n")[2].partition(b"\r\n.\r\n")[0] + b"\r\n"
    assert body.replace(b"\r\n..", b"\r\n.") == data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_message().replace(b"\r\n", b"\n", 1), id="a bare line feed"),
        pytest.param(a_message().replace(b"\r\n", b"\r", 1), id="a bare carriage return"),
        pytest.param(a_message(sample=True), id="a sample letter"),
        pytest.param(a_message(send_id="f" * 32), id="another send id"),
        pytest.param(b"no message", id="no message"),
    ],
)
def test_what_may_not_go_out_is_refused_before_a_connection_is_made(tmp_path, data):
    with serving(breaking(None, None)) as server:
        assert an_smtp(tmp_path, server.port).send(data, send_id=SEND_ID).result == "refused"

    assert server.requests == []


def test_a_message_larger_than_the_server_takes_is_refused(tmp_path):
    with serving(breaking(b"EHLO", b"250-here\r\n250 SIZE 1000\r\n")) as server:
        answer = an_smtp(tmp_path, server.port).send(a_message(), send_id=SEND_ID)

    size = len(a_message())
    assert answer == Answer("refused", said=f"it has {size} bytes; the server takes 1000")


def test_a_server_without_encryption_is_not_talked_to(authority):
    with serving(breaking(None, None)) as server:
        smtp = an_smtp(authority.file.parent, server.port, **known(authority))
        answer = smtp.send(a_message(), send_id=SEND_ID)

    assert answer.result == "not-accepted"
    assert "it offers no encryption" in answer.said
    assert [line.split()[0].upper() for line in server.requests] == [b"EHLO"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        pytest.param({"smtp_host": ""}, "mail.smtp_host", id="no server"),
        pytest.param(
            {"smtp_host": "mail.example"}, "mail.smtp_security", id="in the clear over the net"
        ),
        pytest.param({"smtp_host": "127.evil.example"}, "mail.smtp_security", id="not loopback"),
        pytest.param({"smtp_ca_file": "missing.pem"}, "mail.smtp_ca_file", id="a missing file"),
        pytest.param({"smtp_user": "office"}, "mail.smtp_user", id="no password"),
    ],
)
def test_settings_that_can_not_work_are_refused_at_once(tmp_path, changes, key):
    with pytest.raises(SmtpUnusable) as raised:
        an_smtp(tmp_path, 25, **changes)

    assert (raised.value.code, raised.value.where) == ("smtp-unusable", key)
