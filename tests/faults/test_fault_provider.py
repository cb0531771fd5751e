"""The misbehaving provider tells the truth about what it took, whatever it answers."""

import http.client
import json
import socket
from collections import defaultdict
from urllib.parse import urlsplit

import pytest

from tests.faults.fault_provider import KEY, MIX, Choice, Fault, fault_provider

SEND_ID = "5e" * 16


def request(provider, send_id=SEND_ID, *, key=KEY, timeout=5.0):
    """Ask it to send a letter; return the status, or the name of what went wrong."""
    body = {
        "personalizations": [
            {"to": [{"email": "d@westmere.example"}], "custom_args": {"send_id": send_id}}
        ]
    }
    connection = http.client.HTTPConnection(urlsplit(provider.host).netloc, timeout=timeout)
    try:
        headers = {"Authorization": f"Bearer {key}"}
        connection.request("POST", "/v3/mail/send", json.dumps(body), headers)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


@pytest.mark.parametrize("fault", Fault)
def test_what_it_took_is_told_whatever_it_answered(fault):
    with fault_provider([fault], slow_seconds=0.3) as provider:
        said = request(provider)
        taken = [(each.send_id, each.recipient) for each in provider.accepted()]
        told = [each.fault for each in provider.requests()]

    assert taken == [(SEND_ID, "d@westmere.example")] * fault.is_taken
    assert told == [fault]
    assert said in (fault.removeprefix("taken-"), "202") or not said.isdigit()
    assert (said == "202") == (fault in (Fault.ACCEPTED, Fault.TAKEN_TRICKLED))


def test_a_client_that_hangs_up_was_not_accepted():
    with fault_provider() as provider:
        host, port = urlsplit(provider.host).netloc.split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"POST /v3/mail/send HTTP/1.1\r\nContent-Length: 900\r\n\r\n{")
        assert request(provider) == "202"
        taken, told = provider.accepted(), provider.faults()

    assert (len(taken), told["cut-short"]) == (1, 1)


def test_a_wrong_key_and_a_followed_redirection_are_told():
    with fault_provider([Fault.MOVED]) as provider:
        answers = [request(provider, key="SG.another"), request(provider)]
        told, lured = [each.has_key for each in provider.requests()], provider.lured()

    assert (answers, told, lured) == (["401", "302"], [False, True], [])


def test_a_seed_brings_the_same_faults_in_whatever_order_they_are_asked_for():
    send_ids = [f"{number:032x}" for number in range(300)] * 2

    def faults(order):
        choice, told = Choice([], "7"), defaultdict(list)
        for send_id in order:
            told[send_id].append(choice.of_request(send_id))
        return dict(told)

    assert faults(send_ids) == faults(reversed(send_ids))
    assert {fault for drawn in faults(send_ids).values() for fault in drawn} == set(MIX)
