"""What `letters doctor` finds in the post room: the key, the server, the sender's domain."""

import json
import socket
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from dns.resolver import Resolver
from pydantic import SecretStr

from letters.register import Contact
from tasks.mailing.health import mail_findings
from tasks.mailing.sender_domain import domain_findings
from tasks.mailing.sendgrid import SendGrid
from tasks.mailing.smtp import Smtp
from tests.faults.fault_provider import fault_provider
from tests.mailing.servers import a_closed_port, breaking, http, says, serving
from tests.offices import a_register, an_office, some_settings

DOMAIN = "inspectorate.example"
WELL = {
    DOMAIN: ["google-site-verification=x", "v=spf1 include:sendgrid.net -all"],
    f"s1._domainkey.{DOMAIN}": ["k=rsa; t=s; p=MIGf"],
    f"s2._domainkey.{DOMAIN}": ["k=rsa; p=MIGf"],
    f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject; rua=mailto:x@y.example"],
}


@contextmanager
def name_server(texts):
    """A real name server for TXT records; None stands for a failure, a name unknown for none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as serving_on:
        serving_on.bind(("127.0.0.1", 0))

        def serve():
            while True:
                data, asker = serving_on.recvfrom(4096)
                if not data:
                    return
                serving_on.sendto(_answered(data, texts), asker)

        thread = threading.Thread(target=serve)
        thread.start()
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = serving_on.getsockname()[1]
        resolver.lifetime = 2.0
        try:
            yield resolver
        finally:
            serving_on.sendto(b"", serving_on.getsockname())
            thread.join()


def _answered(data, texts):
    question = dns.message.from_wire(data)
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    name = question.question[0].name.to_text(omit_final_dot=True)
    told = texts.get(name, [])
    if told is None:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif told:
        # Long ones stand in several strings (RFC 7208 §3.3).
        quoted = [f'"{text[:3]}" "{text[3:]}"' for text in told]
        answer.answer = [dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", *quoted)]
    elif name not in texts:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()


def codes(findings):
    return [(finding.level, finding.code) for finding in findings]


# The sender's domain.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [("ok", "spf"), ("ok", "dmarc"), ("ok", "dkim")], id="all is well"),
        pytest.param(
            dict.fromkeys(WELL),
            [("warning", "dns-unanswered")] * 3,
            id="the servers fail: nothing is told",
        ),
        pytest.param(
            {DOMAIN: ["something"], f"_dmarc.{DOMAIN}": []},
            [("warning", "spf-missing"), ("warning", "dmarc-missing"), ("ok", "dkim")],
            id="nothing is published",
        ),
        pytest.param(
            {DOMAIN: ["v=spf1 -all", "V=SPF1 a -all"]},
            [("failure", "spf-twice"), ("ok", "dmarc"), ("ok", "dkim")],
            id="two records",
        ),
        pytest.param(
            {DOMAIN: ["v=spf1 a +all"]},
            [("warning", "spf-open"), ("ok", "dmarc"), ("ok", "dkim")],
            id="anybody may send",
        ),
        pytest.param(
            {DOMAIN: ["v=spf10 -all"]},
            [("warning", "spf-missing"), ("ok", "dmarc"), ("ok", "dkim")],
            id="another version",
        ),
        pytest.param(
            {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]},
            [("ok", "spf"), ("warning", "dmarc-toothless"), ("ok", "dkim")],
            id="forgeries are delivered",
        ),
        pytest.param(
            {f"s2._domainkey.{DOMAIN}": []},
            [("ok", "spf"), ("ok", "dmarc"), ("failure", "dkim-missing")],
            id="a key is missing, and what isn't signed is thrown away",
        ),
        pytest.param(
            {f"s1._domainkey.{DOMAIN}": ["v=DKIM1; p="], f"_dmarc.{DOMAIN}": []},
            [("ok", "spf"), ("warning", "dmarc-missing"), ("warning", "dkim-missing")],
            id="a key was revoked",
        ),
        pytest.param(
            {f"s1._domainkey.{DOMAIN}": None},
            [("ok", "spf"), ("ok", "dmarc"), ("warning", "dns-unanswered")],
            id="a key can't be told",
        ),
    ],
)
def test_each_state_of_the_domain_is_told(changes, expected):
    with name_server(WELL | changes) as resolver:
        assert codes(domain_findings(DOMAIN, resolver, is_sendgrid=True)) == expected


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param("v=DMARC1; p=none; sp=reject", "dmarc", id="its policy for those below"),
        pytest.param("v=DMARC1; p=reject", "dmarc", id="its own policy, where it has no other"),
        pytest.param("v=DMARC1; p=reject; sp=none", "dmarc-toothless", id="none for those below"),
    ],
)
def test_the_policy_of_the_domain_above_counts(record, code):
    texts = {f"_dmarc.{DOMAIN}": [record], f"letters.{DOMAIN}": ["v=spf1 -all"]}
    with name_server(texts) as resolver:
        found = codes(domain_findings(f"letters.{DOMAIN}", resolver, is_sendgrid=False))

    assert [told for _, told in found] == ["spf", code, "dkim-not-known"]


def test_a_name_server_that_is_silent_is_a_finding():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], silent.getsockname()[1]
        resolver.lifetime = 0.1
        found = codes(domain_findings(DOMAIN, resolver, is_sendgrid=True))

    assert found == [("warning", "dns-unanswered")] * 3


# The key.


def looked_at(tmp_path, netloc, **changes):
    settings = some_settings(tmp_path, mail={"provider": "sendgrid"})
    key = SecretStr("SG.a-key-that-nobody-else-may-see")
    provider = SendGrid(key, host=f"http://{netloc}", request_seconds=5)
    with name_server(WELL) as resolver:
        found = mail_findings(
            an_office(tmp_path, settings=settings, provider=provider, **changes), resolver
        )
    assert codes(found)[-3:] == [("ok", "spf"), ("ok", "dmarc"), ("ok", "dkim")]
    return found[:-3]


def telling(*scopes):
    return says(http(200, json.dumps({"scopes": scopes}).encode()))


SENDS = ("ok", "key-sends")
NOT_TRACKED = ("ok", "not-tracked")


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        pytest.param(
            telling("mail.send", "2fa_required", "sender_verification_eligible"),
            [SENDS, ("ok", "no-activity"), NOT_TRACKED],
            id="it may send and nothing else",
        ),
        pytest.param(
            telling("mail.send", "messages.read"),
            [SENDS, ("ok", "activity"), NOT_TRACKED],
            id="it may read the feed, too",
        ),
        pytest.param(
            telling("mail.send", "api_keys.create", "templates.read"),
            [SENDS, ("warning", "key-too-wide"), ("ok", "no-activity"), NOT_TRACKED],
            id="it may do more",
        ),
        pytest.param(
            telling("templates.read"),
            [
                ("failure", "key-cannot-send"),
                ("warning", "key-too-wide"),
                ("ok", "no-activity"),
                NOT_TRACKED,
            ],
            id="it may not send",
        ),
        pytest.param(says(http(401)), [("failure", "key-refused")], id="it isn't taken"),
        pytest.param(says(http(500)), [("warning", "scopes-unknown")], id="SendGrid fails"),
        pytest.param(says(http(200, b"[]")), [("warning", "scopes-unknown")], id="nonsense"),
        pytest.param(says(b""), [("failure", "sendgrid-unreachable")], id="no answer"),
    ],
)
def test_what_the_key_may_do_is_told(tmp_path, talk, expected):
    with serving(talk) as server:
        assert codes(looked_at(tmp_path, server.netloc)) == expected

    (request,) = server.requests
    assert request.startswith(b"GET /v3/scopes HTTP/1.1\r\n")


def test_too_many_scopes_are_not_all_named(tmp_path):
    with serving(telling("mail.send", *(f"a.{n}" for n in range(9)))) as server:
        (told,) = [f for f in looked_at(tmp_path, server.netloc) if f.code == "key-too-wide"]

    assert told.message == "The key may do more than send: a.0, a.1, a.2, a.3, a.4 and 4 more."


def test_nobody_there_is_told_as_such(tmp_path):
    found = looked_at(tmp_path, f"127.0.0.1:{a_closed_port()}")

    assert codes(found) == [("failure", "sendgrid-unreachable")]


def test_names_that_sendgrid_spoils_are_told_before_a_letter_is_written(tmp_path):
    contact = Contact(
        authority="westmere", role="lead-member", name="Vale, Idris", email="lead@westmere.example"
    )
    with serving(telling("mail.send")) as server:
        found = looked_at(tmp_path, server.netloc, register=a_register(contacts=(contact,)))

    (told,) = [f for f in found if f.code == "names-not-carried"]
    assert (told.level, "westmere/lead-member" in told.message) == ("failure", True)
    assert "lead@westmere.example" not in told.message


def test_the_fault_provider_lets_the_doctor_in(tmp_path):
    with fault_provider() as provider, name_server(WELL) as resolver:
        settings = some_settings(tmp_path, mail={"provider": "sendgrid"})
        sendgrid = SendGrid(SecretStr(provider.key), host=provider.host, request_seconds=5)
        office = an_office(tmp_path, settings=settings, provider=sendgrid)
        assert codes(mail_findings(office, resolver))[0] == SENDS


# Other ways.


def test_an_office_that_sends_nothing_asks_nobody(tmp_path):
    assert codes(mail_findings(an_office(tmp_path))) == [("ok", "mail-outbox")]


@pytest.mark.parametrize(
    ("moment", "does", "first"),
    [
        pytest.param(None, None, ("ok", "smtp-ready"), id="it lets the office in"),
        pytest.param(
            "greeting", b"554 no\r\n", ("failure", "smtp-not-ready"), id="it takes nothing"
        ),
    ],
)
def test_an_smtp_server_is_tried_without_sending(tmp_path, moment, does, first):
    with serving(breaking(moment, does)) as server, name_server(WELL) as resolver:
        mail = {
            "provider": "smtp",
            "smtp_host": "localhost",
            "smtp_port": server.port,
            "smtp_security": "none",
        }
        settings = some_settings(tmp_path, mail=mail)
        provider = Smtp(settings.mail, root=tmp_path)
        office = an_office(tmp_path, settings=settings, provider=provider)
        found = codes(mail_findings(office, resolver))

    assert found == [first, ("ok", "spf"), ("ok", "dmarc"), ("ok", "dkim-not-known")]
    assert [line for line in server.requests if line[:4].upper() == b"MAIL"] == []
