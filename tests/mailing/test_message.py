"""The covering e-mail's bytes: whole, safe, and read back to the byte."""

import email.policy
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.email import Email
from tasks.mailing.headers import MessageRefused
from tasks.mailing.message import (
    MessageUnreadable,
    ParsedMessage,
    build_message,
    parse_message,
)
from tests.mailing.post_room import PDF, PDF_NAME, a_recipient, an_email
from tests.offices import some_settings

AT = datetime(2011, 3, 14, 9, 0, tzinfo=UTC)
SEND_ID = "0123456789abcdef" * 2
HEAD = f"17:{'c' * 64}"

LINE_ENDS = ("Cc", "Cs", "Zl", "Zp")
names = st.text(st.characters(exclude_categories=LINE_ENDS), min_size=1, max_size=400)
awkward = st.text('=?utf-8qb_ é"\\<>,;:@()AB.', min_size=1, max_size=200)
subjects = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=300)
bodies = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)
soft_breaks = st.text("a =\t\r\n.\u00e9-", max_size=300)


def a_mail(**changes):
    fields = {
        "provider": "outbox",
        "from_name": "Inspectorate of Children’s Services",
        "from_address": "letters@inspectorate.example",
        "office_address": "office@inspectorate.example",
    }
    return some_settings(Path("nowhere"), mail=fields | changes).mail


def a_message(**changes):
    arguments = {
        "email": an_email(),
        "recipient": a_recipient(),
        "pdf": PDF,
        "pdf_name": PDF_NAME,
        "mail": a_mail(),
        "send_id": SEND_ID,
        "reference": "CRA-WESTMERE-2011-02-14",
        "revision": 1,
        "case_head": HEAD,
        "at": AT,
        "sample": False,
    }
    return build_message(**arguments | changes)


def read_by_a_stranger(data):
    """Read with the standard library's newest policy, which is none of what wrote it."""
    return email.message_from_bytes(data, policy=email.policy.default)


def headers_of(data):
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_all_that_was_put_in_is_read_back():
    assert parse_message(a_message()) == ParsedMessage(
        subject=an_email().subject,
        text=an_email().text,
        html=an_email().html,
        pdf=PDF,
        pdf_name=PDF_NAME,
        to_address="director@westmere.example",
        to_name="Ms Siân Łukasz",
        from_address="letters@inspectorate.example",
        message_id=f"<{SEND_ID}@inspectorate.example>",
        at=AT,
        send_id=SEND_ID,
        reference="CRA-WESTMERE-2011-02-14",
        revision=1,
        case_head=HEAD,
        sample=False,
    )


def test_the_same_arguments_make_the_same_bytes():
    assert a_message() == a_message()


def test_a_mail_program_sees_a_message_with_two_bodies_and_a_pdf():
    message = read_by_a_stranger(a_message(mail=a_mail(reply_to="office@inspectorate.example")))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == (PDF_NAME, PDF)
    assert message.get_body(["plain"]).get_content().replace("\r\n", "\n") == an_email().text
    assert message.get_body(["html"]).get_content().replace("\r\n", "\n") == an_email().html
    assert {name: str(value) for name, value in message.items() if name != "Content-Type"} == {
        "MIME-Version": "1.0",
        "From": "Inspectorate of Children’s Services <letters@inspectorate.example>",
        "Reply-To": "office@inspectorate.example",
        "To": "Ms Siân Łukasz <director@westmere.example>",
        "Subject": "Inspection of children’s services in Westmere",
        "Date": "Mon, 14 Mar 2011 09:00:00 +0000",
        "Message-ID": f"<{SEND_ID}@inspectorate.example>",
        "Auto-Submitted": "auto-generated",
        "X-Case-Reference": "CRA-WESTMERE-2011-02-14",
        "X-Case-Revision": "1",
        "X-Case-Head": HEAD,
        "X-Send-Id": SEND_ID,
    }


def test_a_sample_letter_says_so_in_a_header():
    assert read_by_a_stranger(a_message(sample=True))["X-Case-Sample"] == "yes"
    assert parse_message(a_message(sample=True)).sample


def test_the_plain_words_can_be_read_in_the_file_without_a_mail_program():
    assert b"Please find the letter attached.\r\n" in a_message()
    assert b"\r\nX-Case-Head: " + HEAD.encode() + b"\r\n" in a_message()


@given(subject=subjects | awkward)
@example(subject="children’s services " * 60)
@example(subject="=?utf-8?q?not_an_encoded_word?=")
@example(subject=" spaces  at every place ")
@example(subject="word" * 300)
def test_every_subject_is_read_back_by_us_and_by_strangers(subject):
    data = a_message(email=an_email(subject=subject))

    assert parse_message(data).subject == subject
    assert str(read_by_a_stranger(data)["Subject"]) == subject


@given(name=names | awkward)
@example(name="Siân Łukasz")
@example(name='Anna "Ann" O’Neill, MBE')
@example(name="Thornbury, Ada; Director (acting) <not@an.address>")
@example(name="a back\\slash")
@example(name="Ł" * 400)
def test_every_name_is_read_back_and_changes_no_address(name):
    data = a_message(recipient=a_recipient(name=name), mail=a_mail(from_name=name))
    parsed = parse_message(data)
    (told,) = read_by_a_stranger(data)["To"].addresses

    assert (parsed.to_name, parsed.to_address) == (name, "director@westmere.example")
    assert parsed.from_address == "letters@inspectorate.example"
    assert told.addr_spec == "director@westmere.example"
    # A display name is a phrase (RFC 5322 §3.2.5): readers may count its spaces as one, and the
    # standard library puts one between the encoded words of a long name.
    assert "".join(told.display_name.split()) == "".join(name.split())


@given(text=bodies | soft_breaks, html=bodies | soft_breaks)
@example(text="no line end", html="\n\n")
@example(text="\r\n.\r\n", html="carriage\rreturns\r\n and \n feeds")
@example(text="space at the end \n\ttab\t\n", html="From here\n--=_0_mixed--\n")
@example(text="ü" * 200, html="a line longer than any " * 100)
def test_every_body_is_read_back_to_the_byte(text, html):
    data = a_message(email=Email(recipient="director", subject="s", text=text, html=html))
    parsed = parse_message(data)

    assert (parsed.text, parsed.html, parsed.pdf) == (text, html, PDF)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


@given(subject=subjects, name=names)
def test_no_line_is_longer_than_rfc_2047_allows_and_no_header_is_added(subject, name):
    lines = headers_of(a_message(email=an_email(subject=subject), recipient=a_recipient(name=name)))

    expected = [line.partition(b":")[0] for line in headers_of(a_message()) if line[:1] != b" "]
    assert [line.partition(b":")[0] for line in lines if line[:1] != b" "] == expected
    assert [line for line in lines if b"=?utf-8?" in line and len(line) > 76] == []


def forged(**fields):
    """A value that its own validation would have refused."""
    return Email.model_construct(
        **{"recipient": "director", "subject": "s", "text": "", "html": ""} | fields
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"email": forged(subject="a\r\nBcc: x@y.example")}, id="a line end in the subject"
        ),
        pytest.param(
            {"email": forged(subject="a\nBcc: x@y.example")}, id="a line feed in the subject"
        ),
        pytest.param({"email": forged(subject="a\u2028b")}, id="a line separator in the subject"),
        pytest.param(
            {"email": forged(subject="a\x85b")}, id="a next-line character in the subject"
        ),
        pytest.param({"email": forged(subject="a\x00b")}, id="a zero byte in the subject"),
        pytest.param({"email": forged(text="\ud800")}, id="half a character in the text"),
        pytest.param({"email": forged(html="\udfff")}, id="half a character in the HTML"),
        pytest.param(
            {"recipient": a_recipient(name="A\r\nBcc: x@y.example")}, id="a line end in the name"
        ),
        pytest.param({"recipient": a_recipient(name="A\n B")}, id="a folded name"),
        pytest.param(
            {"recipient": a_recipient().model_copy(update={"email": "a@b.example, c@d.example"})},
            id="two addresses in one",
        ),
        pytest.param(
            {"recipient": a_recipient().model_copy(update={"email": "a@b.example\r\nBcc:x"})},
            id="a line end in the address",
        ),
        pytest.param(
            {"recipient": a_recipient().model_copy(update={"email": "nobody"})}, id="no address"
        ),
        pytest.param(
            {"recipient": a_recipient(email="two..dots@b.example")}, id="an address of no mailbox"
        ),
        pytest.param(
            {"mail": a_mail(from_name="A\nBcc: x@y.example")}, id="a line feed in the sender"
        ),
        pytest.param({"reference": "CRA\r\nBcc: x@y.example"}, id="a line end in the reference"),
        pytest.param({"case_head": "1:a\nb"}, id="a line feed in the head"),
        pytest.param({"send_id": "a\nb"}, id="a line feed in the send id"),
        pytest.param({"pdf_name": 'a".pdf\r\nX: y'}, id="a line end in the PDF's name"),
        pytest.param({"pdf_name": "../letter.pdf"}, id="a path as the PDF's name"),
        pytest.param({"pdf_name": "letter.exe"}, id="a program as the PDF's name"),
    ],
)
def test_what_could_write_another_message_is_refused(changes):
    with pytest.raises(MessageRefused):
        a_message(**changes)


def replaced(old, new):
    data = a_message()
    assert old in data
    return data.replace(old, new, 1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff" * 40, id="no message at all"),
        pytest.param(replaced(b"Subject: ", b"Subject: another\r\nSubject: "), id="two subjects"),
        pytest.param(replaced(b"X-Send-Id: ", b"X-Other: "), id="no send id"),
        pytest.param(replaced(b"X-Case-Revision: 1", b"X-Case-Revision: one"), id="no revision"),
        pytest.param(replaced(b"To: ", b"To: a@b.example, "), id="two recipients"),
        pytest.param(replaced(b"multipart/mixed", b"multipart/signed"), id="another type"),
        pytest.param(replaced(b"quoted-printable", b"8bit"), id="another encoding"),
        pytest.param(replaced(b"text/html", b"text/plain"), id="two plain bodies"),
        pytest.param(a_message().rpartition(b"\r\n--")[0], id="an end cut off"),
        pytest.param(replaced(b"JVBERi0", b"JVB!ERi0"), id="a character that is not base64"),
        pytest.param(replaced(b"Date: ", b"X-Date: "), id="no date"),
        pytest.param(replaced(b"Date: Mon, 14 Mar", b"Date: whenever"), id="an impossible date"),
    ],
)
def test_what_is_not_our_message_is_not_read(data):
    with pytest.raises(MessageUnreadable):
        parse_message(data)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_otherwise(data):
    with pytest.raises(MessageUnreadable):
        parse_message(data)


@given(st.integers(min_value=0), st.binary(min_size=1, max_size=4))
def test_a_damaged_message_is_read_or_refused(place, damage):
    data = a_message()
    place %= len(data)
    damaged = data[:place] + damage + data[place + len(damage) :]

    with suppress(MessageUnreadable):
        parse_message(damaged)
