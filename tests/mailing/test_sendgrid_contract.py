"""Requests against SendGrid's own description of its API, by a mock that checks each of them."""

import re
import socket
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from tasks.mailing.outgoing import read_outgoing
from tasks.mailing.sendgrid import SendGrid, request_body
from tests.mailing.post_room import a_recipient, an_email
from tests.mailing.test_message import SEND_ID, a_mail, a_message
from tests.mailing.test_outgoing import a_notice, about_the_ledger

ROOT = Path(__file__).parents[2]
PRISM = ROOT / "build/test-tools/node_modules/@stoplight/prism-cli/dist/index.js"
DESCRIPTION = ROOT.parent / "shared/sendgrid/tsg_mail_v3.json"


@pytest.fixture(scope="module")
def sendgrid():
    """Our provider, and behind it a mock that answers 400-odd to what isn't as described."""
    if not PRISM.exists():
        pytest.skip("Prism is missing: run deploy/test-tools")
    if not DESCRIPTION.exists():
        pytest.skip(f"SendGrid's description of its API is not at {DESCRIPTION}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), "--errors", DESCRIPTION]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as mock:
        said = []
        for line in mock.stdout:
            said.append(line)
            if re.search(r"Prism is listening", line):
                break
        else:
            pytest.fail("".join(said))
        key = SecretStr("SG.a-key-that-nobody-else-may-see")
        yield SendGrid(key, host=f"http://127.0.0.1:{port}", request_seconds=20)
        mock.kill()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_message(), id="a covering e-mail"),
        pytest.param(
            a_message(mail=a_mail(reply_to="office@inspectorate.example")), id="with a reply-to"
        ),
        pytest.param(
            a_message(
                recipient=a_recipient(name='Łukasz “Łuk” O’Neill (acting) "Dr"'),
                mail=a_mail(from_name="Inspectorate of Children’s Services, Œuvre & Co"),
                email=an_email(
                    subject="=?utf-8?q?é?= “services” 児童", text="\x00\r\n.\r\n児童\U0001f600"
                ),
            ),
            id="names and words that aren't ASCII",
        ),
        pytest.param(a_notice(), id="a notice"),
        pytest.param(a_notice(b'{"case": "closed"}\n'), id="a receipt with JSON attached"),
        pytest.param(about_the_ledger(), id="an e-mail about no letter, to nobody by name"),
    ],
)
def test_sendgrid_takes_each_kind_of_e_mail(sendgrid, data):
    answer = sendgrid.send(data, send_id=SEND_ID)

    assert (answer.result, answer.said) == ("accepted", "202")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"email": "director@', b'"email": "director', id="an address that is none"),
        pytest.param(b'{"from": ', b'{"form": ', id="no sender"),
        pytest.param(b'"to": [', b'"two": [', id="no recipient"),
        pytest.param(b'"categories": ["letter"]', b'"categories": [1]', id="a number as category"),
        pytest.param(b'"enable": false', b'"enable": "no"', id="a setting that is none"),
    ],
)
def test_the_mock_would_notice(sendgrid, old, new):
    body = request_body(read_outgoing(a_message()), send_id=SEND_ID)
    assert old in body

    assert sendgrid.api.send(body.replace(old, new)).status in (400, 422)
