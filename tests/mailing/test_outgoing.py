"""Each kind of e-mail of ours is read back whole, and nothing else is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from letters.email import Email
from tasks.mailing.message import Envelope, MessageUnreadable, build_notice, parse_message
from tasks.mailing.outgoing import Outgoing, read_outgoing
from tasks.mailing.parts import Attached
from tests.mailing.post_room import PDF, PDF_NAME, an_email
from tests.mailing.test_message import HEAD, SEND_ID, a_mail, a_message
from tests.offices import some_settings

AT = datetime(2011, 3, 14, 9, 0, tzinfo=UTC)
REFERENCE = "CRA-WESTMERE-2011-02-14"
CLOSED = b'{"case": "closed"}\n'


def a_notice(closed=None, **changes):
    fields = {
        "to_name": "Rowan Pike",
        "to_address": "r.pike@inspectorate.example",
        "send_id": SEND_ID,
        "reference": REFERENCE,
        "revision": 2,
        "case_head": HEAD,
        "at": AT,
        "sample": False,
    }
    email = Email(
        recipient="rpike", subject="A letter waits", text="Please\n", html="<p>Please</p>"
    )
    mail = some_settings(Path("nowhere")).mail
    return build_notice(
        email=email, envelope=Envelope(**fields | changes), mail=mail, closed=closed
    )


def about_the_ledger():
    """An e-mail that is about no letter, as the ledger's head goes out."""
    data = a_notice(to_name="")
    lines = [line for line in data.split(b"\r\n") if not line.startswith(b"X-Case-")]
    return b"\r\n".join(lines).replace(b"X-Send-Id", b"X-Ledger-Head: 9:abc\r\nX-Send-Id", 1)


def test_a_covering_e_mail_is_read_whole():
    assert read_outgoing(
        a_message(mail=a_mail(reply_to="office@inspectorate.example"))
    ) == Outgoing(
        from_name="Inspectorate of Children’s Services",
        from_address="letters@inspectorate.example",
        reply_to="office@inspectorate.example",
        to_name="Ms Siân Łukasz",
        to_address="director@westmere.example",
        subject=an_email().subject,
        text=an_email().text,
        html=an_email().html,
        attachments=(Attached(PDF_NAME, "application/pdf", PDF),),
        at=AT,
        message_id=f"<{SEND_ID}@inspectorate.example>",
        send_id=SEND_ID,
        reference=REFERENCE,
        revision=1,
        headers=(
            ("Message-ID", f"<{SEND_ID}@inspectorate.example>"),
            ("Auto-Submitted", "auto-generated"),
            ("X-Case-Reference", REFERENCE),
            ("X-Case-Revision", "1"),
            ("X-Case-Head", HEAD),
            ("X-Send-Id", SEND_ID),
        ),
        sample=False,
    )


@pytest.mark.parametrize(
    ("data", "letter", "attached"),
    [
        pytest.param(a_notice(), (REFERENCE, 2), (), id="a notice"),
        pytest.param(
            a_notice(CLOSED),
            (REFERENCE, 2),
            (Attached(f"{REFERENCE}-closed.json", "application/json", CLOSED),),
            id="a receipt with the case's end",
        ),
        pytest.param(about_the_ledger(), ("", 0), (), id="an e-mail about no letter"),
    ],
)
def test_other_e_mails_of_ours_are_read_too(data, letter, attached):
    read = read_outgoing(data)

    assert ((read.reference, read.revision), read.attachments) == (letter, attached)
    assert (read.subject, read.text, read.html) == ("A letter waits", "Please\n", "<p>Please</p>")


def test_a_sample_is_told():
    assert read_outgoing(a_message(sample=True)).sample


def changed(old, new, data=None):
    data = data or a_message()
    assert old in data
    return data.replace(old, new, 1)


def twice_the_pdf():
    boundary = f"--=_{SEND_ID}_mixed".encode()
    head, bodies, pdf, end = a_message().split(boundary)
    return boundary.join([head, bodies, pdf, pdf, end])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(changed(b"X-Send-Id", b"Bcc: x@y.example\r\nX-Send-Id"), id="a blind copy"),
        pytest.param(changed(b"X-Send-Id", b"Cc: x@y.example\r\nX-Send-Id"), id="a copy"),
        pytest.param(changed(b"X-Send-Id", b"X-Priority: 1\r\nX-Send-Id"), id="an unknown header"),
        pytest.param(changed(b"To: ", b"to: x@y.example\r\nTo: "), id="a second recipient"),
        pytest.param(
            changed(b"X-Case-Revision: 1", b"X-Case-Sample: no\r\nX-Case-Revision: 1"),
            id="a sample that is none",
        ),
        pytest.param(changed(b"X-Case-Revision: 1\r\n", b""), id="a reference without a revision"),
        pytest.param(changed(b"X-Case-Revision: 1", b"X-Case-Revision: 01"), id="no plain number"),
        pytest.param(changed(b"X-Send-Id: 0123", b"X-Send-Id: "), id="a short send id"),
        pytest.param(changed(b'name="CRA', b'name="DRA'), id="a file of two names"),
        pytest.param(twice_the_pdf(), id="a file too many"),
        pytest.param(changed(b"; filename=", b"; file="), id="a file without a name"),
        pytest.param(
            changed(b"Content-Disposition: attachment", b"Content-Disposition: inline"),
            id="a file that is shown",
        ),
        pytest.param(
            changed(b'.pdf"', b'.exe"').replace(b'.pdf"', b'.exe"'), id="a file of another kind"
        ),
        pytest.param(changed(b"From: ", b"From: a@b.example, "), id="two senders"),
    ],
)
def test_what_would_get_lost_or_be_read_in_two_ways_is_not_sent(data):
    with pytest.raises(MessageUnreadable):
        read_outgoing(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_notice(), id="a notice"),
        pytest.param(a_notice(CLOSED), id="a receipt"),
        pytest.param(about_the_ledger(), id="an e-mail about no letter"),
    ],
)
def test_only_a_covering_e_mail_is_one(data):
    with pytest.raises(MessageUnreadable, match="no letter, or not just one PDF"):
        parse_message(data)
