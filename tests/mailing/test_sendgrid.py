"""SendGrid: what the request says, and what each answer proves."""

import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from tasks.case.office import Answer
from tasks.mailing.headers import MessageRefused
from tasks.mailing.outgoing import read_outgoing
from tasks.mailing.parts import Attached
from tasks.mailing.sendgrid import SendGrid, request_body
from tasks.mailing.sendgrid_api import HostInvalid, KeyInvalid
from tests.faults.fault_provider import Fault, fault_provider
from tests.mailing.post_room import PDF_NAME, a_recipient
from tests.mailing.servers import a_closed_port, http, says, serving
from tests.mailing.test_message import HEAD, SEND_ID, a_mail, a_message
from tests.mailing.test_outgoing import REFERENCE, a_notice, about_the_ledger

KEY = SecretStr("SG.a-key-that-nobody-else-may-see")
NOW = 1_300_000_000.4


def a_sendgrid(netloc, *, seconds=5.0, key=KEY, scheme="http", **more):
    host = f"{scheme}://{netloc}"
    return SendGrid(key, host=host, request_seconds=seconds, now=lambda: NOW, **more)


def sent(answer):
    with serving(says(answer)) as server:
        return a_sendgrid(server.netloc).send(a_message(), send_id=SEND_ID)


def body_of(data=None, **changes):
    outgoing = replace(read_outgoing(data or a_message()), **changes)
    return json.loads(request_body(outgoing, send_id=SEND_ID))


# What is asked.


def test_the_request_of_a_covering_e_mail_says_what_was_approved_and_nothing_else():
    told = body_of(a_message(mail=a_mail(reply_to="office@inspectorate.example")))

    (attached,) = told.pop("attachments")
    assert attached.pop("content").startswith("JVBERi0")
    assert attached == {
        "filename": PDF_NAME,
        "type": "application/pdf",
        "disposition": "attachment",
    }
    off = {"enable": False}
    assert told == {
        "from": {
            "email": "letters@inspectorate.example",
            "name": "Inspectorate of Children’s Services",
        },
        "reply_to": {"email": "office@inspectorate.example"},
        "subject": "Inspection of children’s services in Westmere",
        "personalizations": [
            {
                "to": [{"email": "director@westmere.example", "name": "Ms Siân Łukasz"}],
                "headers": {
                    "Message-ID": f"<{SEND_ID}@inspectorate.example>",
                    "Auto-Submitted": "auto-generated",
                    "X-Case-Reference": REFERENCE,
                    "X-Case-Revision": "1",
                    "X-Case-Head": HEAD,
                    "X-Send-Id": SEND_ID,
                },
                "custom_args": {"send_id": SEND_ID, "reference": REFERENCE, "revision": "1"},
            }
        ],
        "content": [
            {
                "type": "text/plain",
                "value": "Dear Ms Siân Łukasz,\n\nPlease find the letter attached.\n",
            },
            {
                "type": "text/html",
                "value": "<p>Dear Ms Siân Łukasz,</p>\n<p>Please find the letter attached.</p>",
            },
        ],
        "categories": ["letter"],
        "mail_settings": {"footer": off},
        "tracking_settings": {
            "click_tracking": {**off, "enable_text": False},
            "open_tracking": off,
            "subscription_tracking": off,
            "ganalytics": off,
        },
    }


@pytest.mark.parametrize(
    ("data", "category", "arguments"),
    [
        pytest.param(
            a_notice(b"{}"),
            "notice",
            {"send_id": SEND_ID, "reference": REFERENCE, "revision": "2"},
            id="a receipt",
        ),
        pytest.param(about_the_ledger(), "ledger", {"send_id": SEND_ID}, id="about no letter"),
    ],
)
def test_other_e_mails_say_what_they_are(data, category, arguments):
    told = body_of(data)

    assert (told["categories"], told["personalizations"][0]["custom_args"]) == (
        [category],
        arguments,
    )


def test_the_key_goes_where_it_belongs():
    with serving(says(http(202))) as server:
        a_sendgrid(server.netloc).send(a_message(), send_id=SEND_ID)

    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v3/mail/send HTTP/1.1\r\n")
    assert head.count(KEY.get_secret_value().encode()) == 1
    assert b"\r\nAuthorization: Bearer SG.a-key" in head
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert b"\r\nUser-Agent: sendgrid/" in head
    assert json.loads(body) == body_of()


def test_no_key_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.another-key")
    with serving(says(http(202))) as server:
        a_sendgrid(server.netloc).send(a_message(), send_id=SEND_ID)

    assert b"another-key" not in server.requests[0]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"to_name": "Thornbury, Ada"}, "comma or semicolon", id="a comma in the name"),
        pytest.param({"to_name": "A; B"}, "comma or semicolon", id="a semicolon in the name"),
        pytest.param({"text": ""}, "empty subject or body", id="no text"),
        pytest.param({"html": ""}, "empty subject or body", id="no HTML"),
        pytest.param({"subject": ""}, "empty subject or body", id="no subject"),
        pytest.param(
            {"headers": (("DKIM-Signature", "x"),)}, "keeps to itself", id="a kept header"
        ),
        pytest.param(
            {"headers": (("X-Case-Head", "1"), ("x-case-head", "2"))}, "twice", id="one twice"
        ),
        pytest.param({"reference": "A" * 10_000}, "custom arguments", id="long arguments"),
        pytest.param({"text": "SG.abc.def is"}, "look like a key", id="a text like a key"),
        pytest.param(
            {"attachments": (Attached("a.pdf", "application/pdf", b"\0" * 23_000_000),)},
            "takes less than 30000000",
            id="too large an attachment",
        ),
        pytest.param({"send_id": "f" * 32}, "another send id", id="another send id"),
        pytest.param({"sample": True}, "sample letter", id="a sample letter"),
    ],
)
def test_what_sendgrid_would_refuse_or_spoil_is_refused_here(changes, why):
    with pytest.raises(MessageRefused, match=why):
        body_of(**changes)


def test_what_is_refused_here_is_never_sent():
    name = a_recipient(name="Thornbury, Ada")
    with serving(says(http(202))) as server:
        sendgrid = a_sendgrid(server.netloc)
        answers = [
            sendgrid.send(a_message(recipient=name), send_id=SEND_ID),
            sendgrid.send(a_message(sample=True), send_id=SEND_ID),
            sendgrid.send(b"no message", send_id=SEND_ID),
        ]

    assert server.requests == []
    assert [answer.result for answer in answers] == ["refused"] * 3
    assert answers[0].said == (
        "no request: message-refused: SendGrid can't send this e-mail:"
        " SendGrid carries no name with a comma or semicolon."
    )


# What an answer means.

ERROR = b'{"errors": [{"message": "no\\n such  thing: d.rector@x.example", "field": null}]}'


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        pytest.param(
            http(202, X_Message_Id="m-1"), Answer("accepted", "m-1", "202"), id="202 is acceptance"
        ),
        pytest.param(http(202), Answer("accepted", "", "202"), id="202 without an id too"),
        pytest.param(
            http(202, X_Message_Id="\x7f" * 9),
            Answer("accepted", "", "202"),
            id="an id of nonsense",
        ),
        pytest.param(
            http(400, ERROR),
            Answer("refused", "", "400 no such thing: d…@x.example"),
            id="400 is refused",
        ),
        pytest.param(http(413), Answer("refused", "", "413"), id="413 is refused"),
        pytest.param(http(401), Answer("not-accepted", "", "401"), id="401 took nothing"),
        pytest.param(http(403), Answer("not-accepted", "", "403"), id="403 took nothing"),
        pytest.param(
            http(429, X_RateLimit_Reset="1300000007"),
            Answer("not-accepted", "", "429", wait_seconds=pytest.approx(6.6)),
            id="429 took nothing and tells when",
        ),
        pytest.param(
            http(429, X_RateLimit_Reset="1400000000"),
            Answer("not-accepted", "", "429", wait_seconds=60.0),
            id="429 is waited for a minute at most",
        ),
        pytest.param(
            http(429, X_RateLimit_Reset="1200000000"),
            Answer("not-accepted", "", "429"),
            id="429 of a time gone by",
        ),
        pytest.param(
            http(429, X_RateLimit_Reset="soon"),
            Answer("not-accepted", "", "429"),
            id="429 of no time",
        ),
        *(
            pytest.param(http(status), Answer("unknown", "", str(status)), id=f"{status} is unsure")
            for status in (200, 201, 204, 301, 302, 307, 404, 405, 415, 500, 502, 503, 504, 599)
        ),
    ],
)
def test_each_status_has_one_meaning(answer, meant):
    assert sent(answer) == meant


def test_what_was_not_sent_was_not_accepted():
    answer = a_sendgrid(f"127.0.0.1:{a_closed_port()}").send(a_message(), send_id=SEND_ID)

    assert answer.result == "not-accepted"


def test_of_all_faults_none_makes_a_false_answer():
    """Accepted was taken; refused and not accepted were not; whatever else is unknown."""
    ids = {fault: f"{number:032x}" for number, fault in enumerate(Fault)}
    with fault_provider(list(Fault), slow_seconds=2) as provider:
        sendgrid = SendGrid(SecretStr(provider.key), host=provider.host, request_seconds=0.3)
        results = {
            fault: sendgrid.send(a_message(send_id=one), send_id=one).result
            for fault, one in ids.items()
        }
        taken = {each.send_id for each in provider.accepted()}

    assert {fault for fault, result in results.items() if result == "accepted"} == {Fault.ACCEPTED}
    certain = {fault for fault, result in results.items() if result in ("refused", "not-accepted")}
    assert [fault for fault in certain if ids[fault] in taken] == []
    assert certain - {Fault.RESET_UNREAD} == {
        Fault.BAD_REQUEST,
        Fault.UNAUTHORISED,
        Fault.FORBIDDEN,
        Fault.TOO_LARGE,
        Fault.TOO_MANY,
    }
    assert provider.lured() == []


# Evidence.


def activity(found, detail=None, statuses=(200, 200)):
    """A server that answers the question for messages, then the one for the message."""

    def talk(connection, server):
        first = not server.requests
        answer, status = (found, statuses[0]) if first else (detail, statuses[1])
        says(http(status, json.dumps(answer).encode()))(connection, server)

    return talk


ONE = {"messages": [{"msg_id": "abc.recv-1", "status": "delivered"}]}


@pytest.mark.parametrize(
    ("talk", "found", "questions"),
    [
        pytest.param(
            activity(ONE, {"unique_args": json.dumps({"send_id": SEND_ID})}),
            "accepted",
            2,
            id="found, and it bears the send id",
        ),
        pytest.param(
            activity(ONE, {"unique_args": {"send_id": SEND_ID}}),
            "accepted",
            2,
            id="found, told as an object",
        ),
        pytest.param(
            activity(ONE, {"unique_args": json.dumps({"send_id": "f" * 32})}),
            "unknown",
            2,
            id="found, and it bears another",
        ),
        pytest.param(activity(ONE, {"status": "delivered"}), "unknown", 2, id="it bears none"),
        pytest.param(activity(ONE, {}, (200, 404)), "unknown", 2, id="it is gone"),
        pytest.param(activity({"messages": []}), "unknown", 1, id="absence is no proof"),
        pytest.param(activity({"errors": []}, statuses=(403, 0)), "unknown", 1, id="not allowed"),
        pytest.param(activity({}, statuses=(429, 0)), "unknown", 1, id="too often"),
        pytest.param(activity([1]), "unknown", 1, id="something else"),
        pytest.param(activity({"messages": [{"msg_id": "a/../b"}]}), "unknown", 1, id="a path"),
        pytest.param(says(http(200, b"{")), "unknown", 1, id="no JSON"),
        pytest.param(says(b""), "unknown", 1, id="no answer"),
    ],
)
def test_only_a_message_that_bears_the_send_id_is_evidence(talk, found, questions):
    with serving(talk) as server:
        assert a_sendgrid(server.netloc).find(SEND_ID) == found

    assert len(server.requests) == questions
    line = server.requests[0].partition(b"\r\n")[0].decode()
    query = f"%28unique_args%5B%27send_id%27%5D%3D%22{SEND_ID}%22%29"
    assert line == f"GET /v3/messages?limit=1&query={query} HTTP/1.1"


def test_nothing_is_asked_about_what_is_no_send_id():
    with serving(says(http(200))) as server:
        assert a_sendgrid(server.netloc).find('" OR 1=1') == "unknown"

    assert server.requests == []


# The key.


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="nothing"),
        pytest.param("SG.with a space.in it", id="a space"),
        pytest.param("SG.with-a-line\r\nX-Other: header", id="a line end"),
        pytest.param("SG.with-an-é-in-it", id="a letter that no header holds"),
    ],
)
def test_what_can_be_no_key_is_refused_without_being_shown(key):
    with pytest.raises(KeyInvalid) as raised:
        a_sendgrid("127.0.0.1:1", key=SecretStr(key))

    assert raised.value.code == "key-invalid"
    assert not key or key not in str(raised.value)


@pytest.mark.parametrize(
    "netloc",
    ["api.sendgrid.com", "127.evil.example", "10.0.0.1:80", "localhost.evil.example"],
)
def test_the_key_goes_nowhere_in_the_clear(netloc):
    with pytest.raises(HostInvalid):
        a_sendgrid(netloc)


@pytest.mark.parametrize(
    ("scheme", "netloc"),
    [("https", "api.sendgrid.com"), ("http", "localhost:1"), ("http", "[::1]:1")],
)
def test_encrypted_or_on_this_machine_it_may_go(scheme, netloc):
    assert a_sendgrid(netloc, scheme=scheme).name == "sendgrid"
