"""Reminders, escalations, failed runs and e-mails that didn't arrive: what is told, once."""

from datetime import date
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest

from letters.deadline import Deadline
from letters.letter import words
from letters.signoff import Decision
from tasks.mailing.alerts import (
    FailedRun,
    escalate,
    remind,
    tell_office_of_bounce,
    tell_office_of_failure,
)
from tasks.mailing.events import apply_batch
from tasks.mailing.notices import Summons
from tasks.mailing.waited import Waited, waited
from tests.issuing import JOINT_DRAFT, REFERENCE, a_sample_office, decide, do, issue, submit
from tests.provider_batches import event_of, kept

LINK = "http://localhost:8377/sign/CRA-WESTMERE-2011-03-08/r1/helmsley/1301302800-0f1e2d"
ELMSLEY = Summons("helmsley", "Harriet Elmsley", "h.elmsley@inspectorate.example", LINK)
REYNE = Summons("treyne", "Tobias Reyne", "t.reyne@inspectorate.example", LINK)

OFFICE = "Inspectorate of Children’s Services <letters@inspectorate.example>"

LONG = Waited(
    since=date(2011, 3, 14), today=date(2011, 3, 22), deadline=Deadline(date(2011, 3, 9), 20)
)

CRASHED = FailedRun("run-1", f"{REFERENCE} r1", True, "14 March 2011 at 09:00", "It was killed.")
REFUSED = FailedRun(
    "run-2", f"{REFERENCE} r1", False, "14 March 2011 at 09:00", "No key for a.b@c.example.\n\nGo."
)

DETAILS = """\
Subject: Annual unannounced inspection of contact, referral and assessment
  arrangements in Westmere Borough Council children’s services
Type of letter: Annual unannounced inspection of contact, referral and
  assessment arrangements
Authority: Westmere Borough Council
Date: 4 April 2011
Reference: CRA-WESTMERE-2011-03-08

Revision: 1
Content code: {code}"""

REMINDER = f"""\
SAMPLE: this letter is for trying out, and is not official.

Dear Harriet Elmsley

This is a reminder: a letter waits for your decision. It has waited for 6
working days, since 14 March 2011. Its deadline is 6 April 2011: 11
working days are left.

{DETAILS}

Read it as it will go out, and approve or return it, on this page:

{LINK}

The link is meant for you alone, and opens the page for 14 days. It
decides nothing: your decision counts only when you confirm it with your
key. The content code stands on every page of the proof; see that it is
the one above.

If you can't decide on it in these days, tell the letters office: it can
record a delegate.

Inspectorate of Children’s Services
"""

FAILED = f"""\
SAMPLE: this letter is for trying out, and is not official.

A run that worked on a letter failed on 14 March 2011 at 09:00.

{DETAILS}
Run: {REFERENCE} r1

What it said:

  No key for a…@c.example.
  Go.

Put right what it says. Then type the letter's reference into the form of
issue-letter in Prefect, or run this command:

letters issue {REFERENCE}

It goes on where it stopped; nobody gets it twice.

Inspectorate of Children’s Services
"""

BOUNCED = f"""\
SAMPLE: this letter is for trying out, and is not official.

The e-mail with a letter to Ms Siân Prydderch (director) did not arrive,
or was not wanted. It bounced.

{DETAILS}

What was said:

  550 no mailbox d…@westmere.example

Nothing is sent again by itself. This command shows what became of each of
the letter's e-mails:

letters deliveries {REFERENCE}

Ask for the right address, correct the register, and hand the letter over
by other means: letters show {REFERENCE} names its files.
Where the command above calls the delivery unknown or refused, this one
ends it by your decision:

letters settle {REFERENCE} director --as resend --why "…"

Inspectorate of Children’s Services
"""


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


def notices(office, title):
    """The notices whose subject has these words, as any mail program reads them."""
    found = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in office.notices.folder.glob("*.eml")
    ]
    return [one for one in found if title in one["Subject"]]


def text_of(message, form="plain"):
    return message.get_body([form]).get_content().replace("\r\n", "\n")


def notified(case):
    """Which notices were told to whom, those of a letter's own way apart."""
    return [
        (entry.detail["notice"], entry.detail["to"])
        for entry in case.chain.entries()
        if entry.event == "notified" and entry.detail["notice"] not in ("waiting", "issued")
    ]


def escalated(case, *delegates):
    do(
        "remind",
        case,
        lambda run: escalate(
            run, 1, delegates, signatory=None, name="Harriet Elmsley", waited=LONG
        ),
    )


def bounced(office, *events, recipient=0, **fields):
    """An issued letter of which the provider told these events; its case and that recipient."""
    case, _ = issue(office)
    one = case.recipients(1)[recipient]
    for event in events:
        apply_batch(office, kept(office, event_of(case, one, event, **fields)))
    return case, one


def test_a_signatory_is_reminded_once(office):
    case, _ = submit(office)

    for _ in range(2):
        do("remind", case, lambda run: remind(run, 1, [ELMSLEY], waited=LONG))

    (message,) = notices(office, "reminder")
    assert text_of(message) == REMINDER.format(code=case.letter(1).content_code)
    assert str(message["To"]) == "Harriet Elmsley <h.elmsley@inspectorate.example>"
    assert notified(case) == [("reminder", "helmsley")]


def test_each_signatory_is_reminded_of_their_own(office):
    case, _ = submit(office, JOINT_DRAFT)
    twice = [ELMSLEY._replace(signatory=1), ELMSLEY._replace(signatory=2)]

    do("remind", case, lambda run: remind(run, 1, twice, waited=LONG))

    said = " ".join(" ".join(text_of(m).split()) for m in notices(office, "reminder"))
    assert said.count("signed by Harriet Elmsley and Tobias Reyne, and goes out when") == 2
    assert said.count("You are asked to decide for Tobias Reyne.") == 1


def test_without_a_delegate_the_office_is_told_that_there_is_none(office):
    case, _ = submit(office)

    for _ in range(2):
        escalated(case)

    (message,) = notices(office, "waited long")
    said = " ".join(text_of(message).split())
    assert str(message["To"]) == OFFICE
    assert (
        "A letter waits for the decision of Harriet Elmsley, who was reminded of it. It has waited"
        " for 6 working days, since 14 March 2011. Its deadline is 6 April 2011: 11 working days"
        " are left."
    ) in said
    assert "Nobody is recorded who may sign for Harriet Elmsley today." in said
    assert LINK not in said


def test_a_delegate_is_asked_and_the_office_told_who(office):
    case, _ = submit(office)

    escalated(case, REYNE)

    asked, told = sorted(
        notices(office, "waited long"), key=lambda one: str(one["To"]), reverse=True
    )
    assert str(asked["To"]) == "Tobias Reyne <t.reyne@inspectorate.example>"
    assert LINK in text_of(asked)
    assert "You are recorded as a delegate of Harriet Elmsley" in text_of(asked)
    assert "It was passed on to Tobias Reyne, recorded to sign for" in text_of(told)
    assert LINK not in text_of(told)
    assert notified(case) == [("escalated", "treyne"), ("escalated", "office")]


@pytest.mark.parametrize("decision", Decision)
def test_nobody_is_reminded_of_what_is_decided(office, decision):
    case, revision = submit(office)
    decide(case, revision, decision)
    head = case.chain.head()

    do("remind", case, lambda run: remind(run, 1, [ELMSLEY], waited=LONG))
    escalated(case, REYNE)

    assert case.chain.head() == head


def test_the_office_is_told_of_each_failed_run_once(office):
    case, _ = submit(office)

    for failed in (REFUSED, CRASHED, REFUSED, CRASHED):
        do("tell-of-failure", case, tell_office_of_failure, 1, failed)

    told = [text_of(one) for one in notices(office, "The run of a letter has failed")]
    assert len(told) == 2
    assert FAILED.format(code=case.letter(1).content_code) in told
    (crashed,) = [text for text in told if "crashed on" in text]
    assert "  It was killed.\n" in crashed
    assert f"letters show {REFERENCE}\n" in crashed
    assert notified(case) == [("failed", "office")] * 2


@pytest.mark.parametrize(
    ("events", "how"),
    [
        pytest.param(["bounce"], "It bounced.", id="one that bounced"),
        pytest.param(
            ["dropped"],
            "The provider dropped it, since it had met with a refusal before.",
            id="one that was dropped",
        ),
        pytest.param(
            ["delivered", "spamreport"], "It was reported as spam.", id="one that was unwanted"
        ),
    ],
)
def test_the_office_is_told_of_an_e_mail_that_did_not_arrive(office, events, how):
    case, recipient = bounced(office, *events)

    do("tell-of-bounce", case, tell_office_of_bounce, 1, recipient)

    (message,) = notices(office, "did not arrive")
    assert f"{recipient.name} ({recipient.role})" in " ".join(text_of(message).split())
    assert how in " ".join(text_of(message).split())


def test_of_a_bounce_the_office_is_told_once_without_addresses(office):
    case, recipient = bounced(office, "bounce", reason="550 no mailbox director@westmere.example")

    for _ in range(2):
        do("tell-of-bounce", case, tell_office_of_bounce, 1, recipient)

    (message,) = notices(office, "did not arrive")
    assert text_of(message) == BOUNCED.format(code=case.letter(1).content_code)
    assert str(message["To"]) == OFFICE
    assert recipient.email not in text_of(message) + text_of(message, "html")


def test_nobody_is_told_of_an_e_mail_that_arrived(office):
    case, recipient = bounced(office, "processed", "delivered")
    head = case.chain.head()

    do("tell-of-bounce", case, tell_office_of_bounce, 1, recipient)

    assert case.chain.head() == head


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.said = []
        self._is_title = False

    def handle_starttag(self, tag, attrs):
        self._is_title = tag == "title"
        self.said.append(" ")

    def handle_data(self, data):
        if not self._is_title:
            self.said.append(data)


def assert_html_says_the_text(message):
    reader = _Text()
    reader.feed(text_of(message, "html"))
    assert words(["".join(reader.said)]) == words([text_of(message)])


def test_the_html_says_the_words_of_the_text(office):
    case, _ = submit(office, JOINT_DRAFT)
    do("remind", case, lambda run: remind(run, 1, [ELMSLEY._replace(signatory=2)], waited=LONG))
    escalated(case)
    do(
        "remind",
        case,
        lambda run: escalate(run, 1, [REYNE], signatory=1, name="Harriet Elmsley", waited=LONG),
    )
    for failed in (REFUSED, CRASHED):
        do("tell-of-failure", case, tell_office_of_failure, 1, failed)

    told = notices(office, "")
    for message in told:
        assert_html_says_the_text(message)
    assert len(told) == 8


def test_what_the_receiving_server_said_is_text_and_no_markup(office):
    case, recipient = bounced(office, "bounce", reason="550 <b>no</b> mailbox {{ 7 * 7 }}")

    do("tell-of-bounce", case, tell_office_of_bounce, 1, recipient)

    (message,) = notices(office, "did not arrive")
    assert_html_says_the_text(message)
    assert "\n  550 <b>no</b> mailbox {{ 7 * 7 }}\n" in text_of(message)


@pytest.mark.parametrize(
    ("today", "left"),
    [
        pytest.param(date(2011, 4, 4), "Its deadline is 6 April 2011: 2 working days are left."),
        pytest.param(date(2011, 4, 5), "Its deadline is 6 April 2011: 1 working day is left."),
        pytest.param(date(2011, 4, 6), "Its deadline is 6 April 2011: 0 working days are left."),
        pytest.param(date(2011, 4, 7), "Its deadline was 6 April 2011: 1 working day ago."),
        pytest.param(date(2011, 4, 8), "Its deadline was 6 April 2011: 2 working days ago."),
    ],
)
def test_what_is_left_is_told_in_working_days(today, left):
    assert LONG._replace(today=today).left == left


def test_a_letter_without_a_deadline_says_nothing_of_it(office):
    assert LONG._replace(deadline=None).left == ""


def test_it_waits_since_its_pack_was_prepared(office):
    case, _ = submit(office)
    office.clock.advance(3 * 24 * 3600)

    assert waited(case, 1) == Waited(
        date(2011, 3, 14), date(2011, 3, 17), Deadline(date(2011, 3, 9), 20)
    )
    assert waited(case, 2) is None
