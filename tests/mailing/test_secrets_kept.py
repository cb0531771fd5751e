"""Whatever fails: no log, no kept word and no error shows a secret, and none an address."""

import base64
import logging
import traceback

import pytest
from pydantic import SecretStr

from letters.errors import LettersError
from tasks.case.case import Case
from tasks.case.record import StepRun, attempt_step
from tasks.mailing.deliver import deliver
from tasks.mailing.health import mail_findings
from tasks.mailing.sendgrid import SendGrid
from tasks.mailing.sendgrid_api import KeyInvalid
from tasks.mailing.smtp import Smtp
from tests.builders import a_letter
from tests.mailing.post_room import PDF, PDF_NAME, a_case, a_recipient, an_email, id_of
from tests.mailing.servers import (
    a_closed_port,
    breaking,
    hangs,
    http,
    reset,
    resets,
    resets_after_reading,
    says,
    serving,
    trickles,
)
from tests.offices import an_office, some_settings

KEY = "SG.a-key-that-nobody-else-may-see"
PASSWORD = "a-password-that-nobody-else-may-see"  # noqa: S105 - of a server on loopback
TELLING = f'{{"errors": [{{"message": "{KEY} may not write to director@westmere.example"}}]}}'
ADDRESS = a_recipient().email


def all_forms(secret):
    """The secret as it may stand somewhere: plain, or as a log-in encodes it."""
    forms = {secret, f"Bearer {secret}", secret[3:]}
    forms |= {base64.b64encode(told.encode()).decode() for told in (secret, f"\0office\0{secret}")}
    return forms


def shown(error):
    """All that an error could be made to show, the values of every frame with it."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join((str(error), repr(error), repr(error.__context__), *told.format()))


def shown_of(do, *args, **kwargs):
    """Do something, and show the error that it ends in, if any."""
    try:
        do(*args, **kwargs)
    except LettersError as error:
        return shown(error)
    return ""


def require_kept(secret, *texts):
    for text in texts:
        for form in all_forms(secret):
            assert form not in text


def a_failing_delivery(office):
    """Deliver as a step does, and give all that was kept, told and raised."""
    case = a_case(office)
    run = StepRun(Case(office, a_letter().reference), "email-recipient")
    sleep = office.clock.advance
    raised = shown_of(attempt_step, run, deliver_to_the_director, lambda _: None, sleep=sleep)
    found = mail_findings(office)
    kept = {name: case.get(name).decode() for name in case.names() if name.endswith(".json")}
    return raised, repr(found), kept


def deliver_to_the_director(run, *, sleep):
    return deliver(
        run.record.office,
        run,
        1,
        a_recipient(),
        email=an_email(),
        pdf=PDF,
        pdf_name=PDF_NAME,
        sleep=sleep,
    )


@pytest.fixture
def everything_logged(caplog):
    """All that is logged, by whoever logs, from the least important on."""
    caplog.set_level(logging.DEBUG)
    for name in [*logging.root.manager.loggerDict, "python_http_client.client"]:
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.fixture(autouse=True)
def no_name_server(monkeypatch):
    monkeypatch.setattr("tasks.mailing.health.domain_findings", lambda *_, **__: ())


FAULTS = {
    "202": says(http(202, X_Message_Id="m-1")),
    "202 with an id that is the key": says(http(202, X_Message_Id=KEY)),
    **{
        f"{status} that quotes the key and the address": says(http(status, TELLING.encode()))
        for status in (200, 302, 400, 401, 403, 413, 429, 500)
    },
    "a redirection": says(http(307, Location=f"http://127.0.0.1:{a_closed_port()}/")),
    "garbage": says(b"\x00" + KEY.encode()),
    "a header cut off": says(b"HTTP/1.1 202 OK\r\nX-Message-Id: " + KEY.encode()),
    "nothing": says(b""),
    "a reset": resets,
    "a reset after reading": resets_after_reading,
    "a server that hangs": hangs,
    "a server that trickles": trickles(http(202)),
}


@pytest.mark.parametrize("talk", FAULTS.values(), ids=FAULTS)
def test_whatever_sendgrid_does_key_and_address_are_kept(tmp_path, everything_logged, talk):
    with serving(talk) as server:
        provider = SendGrid(SecretStr(KEY), host=f"http://{server.netloc}", request_seconds=0.2)
        settings = some_settings(
            tmp_path, mail={"provider": "sendgrid", "sendgrid_key": SecretStr(KEY)}
        )
        office = an_office(tmp_path, settings=settings, provider=provider)
        raised, found, kept = a_failing_delivery(office)

    logged = everything_logged.text
    told = repr((office, settings, provider, vars(provider), vars(provider.api)))
    require_kept(KEY, raised, found, logged, told, *kept.values())
    assert server.requests == [] or KEY.encode() in server.requests[0]
    recipients = kept.pop("r1/recipients.json")
    assert ADDRESS in recipients
    assert [text for text in (logged, found, *kept.values()) if ADDRESS in text] == []
    assert f"r1/deliveries/{id_of()}/outcome-1.json" in kept


@pytest.mark.parametrize(
    ("moment", "does"),
    [
        pytest.param(b"AUTH", b"535 no: " + PASSWORD.encode() + b"\r\n", id="it is not let in"),
        pytest.param(b"AUTH", b"334 \r\n", id="it is asked for more and more"),
        pytest.param(b"AUTH", reset, id="reset at the log-in"),
        pytest.param(b"RCPT", b"550 director@westmere.example: unknown\r\n", id="refused"),
        pytest.param(b"DATA", reset, id="reset at the words"),
        pytest.param(b".", reset, id="reset after the end"),
        pytest.param(b".", b"250 director@westmere.example: taken\r\n", id="taken"),
    ],
)
@pytest.mark.parametrize("password", [PASSWORD, f"{PASSWORD}-é"])
def test_whatever_an_smtp_server_does_password_and_address_are_kept(
    tmp_path, everything_logged, moment, does, password
):
    with serving(breaking(moment, does, AUTH=b"235 come in\r\n")) as server:
        mail = {
            "provider": "smtp",
            "smtp_host": "localhost",
            "smtp_port": server.port,
            "smtp_security": "none",
            "smtp_user": "office",
            "smtp_password": SecretStr(password),
            "request_seconds": 0.3,
        }
        settings = some_settings(tmp_path, mail=mail)
        provider = Smtp(settings.mail, root=tmp_path)
        office = an_office(tmp_path, settings=settings, provider=provider)
        raised, found, kept = a_failing_delivery(office)
        failed = shown_of(provider.log_in)

    logged = everything_logged.text
    told = repr((office, settings, provider, vars(provider)))
    require_kept(password, raised, failed, found, logged, told, *kept.values())
    kept.pop("r1/recipients.json")
    assert [text for text in (logged, found, *kept.values()) if ADDRESS in text] == []


@pytest.mark.parametrize(
    "key", [SecretStr(f"{KEY}\r\nX-Other: b"), SecretStr(f"{KEY} "), SecretStr(f"{KEY}é")]
)
def test_a_key_that_can_be_none_is_not_shown(key):
    with pytest.raises(KeyInvalid) as raised:
        SendGrid(key, host="https://api.sendgrid.com", request_seconds=1)

    require_kept(KEY, shown(raised.value))
