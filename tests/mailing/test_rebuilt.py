"""What was sent can be written again, to the byte, from what the case holds."""

from datetime import timedelta

import pytest

from letters.canonical import sha256_hex, stored_json
from letters.delivery import Sender
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.mailing.rebuilt import rebuild_message
from tests.mailing.post_room import (
    PDF,
    FakeProvider,
    a_case,
    a_claim,
    a_recipient,
    an_email,
    id_of,
    post,
)
from tests.offices import TickingClock, an_office, some_settings


def a_record(office):
    """The case of a letter whose e-mail and PDF are kept, as archiving leaves it."""
    case = a_case(office)
    run = StepRun(case, "render-letter")
    run.once("r1/letter.pdf", lambda: PDF)
    run.once("r1/emails/director.json", lambda: stored_json(an_email().model_dump(mode="json")))
    return case


@pytest.mark.parametrize("reply_to", [None, "office@inspectorate.example"])
def test_every_claimed_message_is_written_again_to_the_byte(tmp_path, reply_to):
    provider = FakeProvider("not-accepted", "not-accepted", "accepted")
    settings = some_settings(tmp_path, mail={"reply_to": reply_to, "from_name": "Œuvre & Co"})
    clock = TickingClock(tick=timedelta(milliseconds=777))
    office = an_office(tmp_path, provider=provider, settings=settings, clock=clock)
    case = a_record(office)
    post(office)

    # Years later the office has another name, and only the case is asked.
    later = Case(an_office(tmp_path), case.reference)
    claims = [attempt.claim for attempt in later.attempts(1, id_of())]
    rebuilt = [rebuild_message(later, 1, a_recipient(), claim) for claim in claims]

    assert rebuilt == provider.requests
    assert [sha256_hex(data) for data in rebuilt] == [claim.message_sha256 for claim in claims]
    assert len(set(rebuilt)) == 3


def test_a_claim_tells_who_sent(tmp_path):
    office = an_office(tmp_path)
    case = a_record(office)
    post(office)

    (attempt,) = case.attempts(1, id_of())
    assert attempt.claim.sender == Sender(
        from_name="Inspectorate of Children’s Services",
        from_address="letters@inspectorate.example",
        reply_to=None,
    )


def test_a_claim_that_tells_no_sender_is_not_guessed_at(tmp_path):
    case = a_record(an_office(tmp_path))

    assert rebuild_message(case, 1, a_recipient(), a_claim()) is None
