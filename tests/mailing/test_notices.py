"""Notices to inspectors and to the office: who is told what, once."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from itertools import count

import pytest

from letters.canonical import stored_json
from letters.letter import words
from letters.register import Inspector
from letters.signoff import Decision
from tasks.case.case import Case, all_cases
from tasks.case.record import StepRun, is_transient
from tasks.mailing.notices import (
    NoticeUndelivered,
    Summons,
    notify_inspectors,
    notify_office_of_frozen,
    notify_office_of_return,
    notify_office_of_stranded,
    send_receipt,
)
from tasks.mailing.outbox import Outbox
from tasks.signoff.signing import sign_as_sample
from tests.builders import a_letter
from tests.issuing import (
    JOINT_DRAFT,
    REFERENCE,
    SIGNATORY,
    a_sample_office,
    decide,
    do,
    issue,
    send_out,
    submit,
    summoned,
)
from tests.mailing.post_room import FakeProvider, Killed, a_case
from tests.offices import an_office

LINK = "http://localhost:8377/sign/CRA-WESTMERE-2011-02-14/r1/rpike/1301302800-0f1e2d"
STARTED = ("notify-inspectors", "started")
PIKE = ("rpike", "Rowan Pike", "r.pike@inspectorate.example", LINK)
OTHER = ("another", "Another Inspector", "another@inspectorate.example", LINK)

WAITING = f"""\
Dear Rowan Pike

A letter waits for your decision.

Subject: Annual unannounced inspection of contact, referral and assessment
  arrangements in Westmere
Type of letter: Unannounced inspection of contact, referral and assessment
Authority: Westmere Metropolitan Borough Council
Date: 14 March 2011
Reference: CRA-WESTMERE-2011-02-14

Revision: 1
Content code: {a_letter().content_code}

Read it as it will go out, and approve or return it, on this page:

{LINK}

The link is meant for you alone, and opens the page for 14 days. It
decides nothing: your decision counts only when you confirm it with your
key. The content code stands on every page of the proof; see that it is
the one above.

Inspectorate of Children’s Services
"""

SAMPLE_DETAILS = """\
Subject: Annual unannounced inspection of contact, referral and assessment
  arrangements in Westmere Borough Council children’s services
Type of letter: Annual unannounced inspection of contact, referral and
  assessment arrangements
Authority: Westmere Borough Council
Date: 4 April 2011
Reference: CRA-WESTMERE-2011-03-08

Revision: 1
Content code: {code}"""

RETURNED = f"""\
SAMPLE: this letter is for trying out, and is not official.

Harriet Elmsley has returned a letter. It was not sent to anyone.

{SAMPLE_DETAILS}

The comments:

  Say which files were read.

To go on, change the draft as the comments ask and submit it again. The
new revision is sent to the inspector for another decision; the same words
submitted again stay returned.

Inspectorate of Children’s Services
"""

STRANDED = f"""\
SAMPLE: this letter is for trying out, and is not official.

A letter that Harriet Elmsley approved on 14 March 2011 stands still: it
is not issued to its end, and no run goes on with it. Its run was
cancelled or deleted, or it failed, or there never was one.

{SAMPLE_DETAILS}

To go on, type its reference into the form of issue-letter in Prefect, or
run this command:

letters issue {REFERENCE}

It goes on where it stopped, in the words that were approved; nobody gets
it twice.

Inspectorate of Children’s Services
"""

FROZEN = f"""\
SAMPLE: this letter is for trying out, and is not official.

The key with which Harriet Elmsley approved a letter was revoked before
the letter was issued to its end. Nothing more of it is sent until an
inspector who may sign it confirms the approval with another key.

{SAMPLE_DETAILS}

This command prints the link to the page on which it is confirmed:

letters sign {REFERENCE}

If the approval was not made by Harriet Elmsley, leave it as it is: it
stays frozen.

Inspectorate of Children’s Services
"""

STANDSTILL = "notify-office-of-standstill"

ISSUED = f"""\
SAMPLE: this letter is for trying out, and is not official.

Dear Harriet Elmsley

The letter that you approved was issued, in the words that you approved.

{SAMPLE_DETAILS}

It was sent to:

- Ms Siân Prydderch (director): accepted
- Łukasz Wierzbicki (chief-executive): accepted

Please keep this e-mail. It is your receipt, and it proves something that
the office alone can't prove: that nothing was cut off or changed later.

The attached file names, by their hashes, the pack that you approved, the
record of the letter, and the deliveries. When this e-mail was written,
the record's audit trail had {{seq}} entries, and the hash of the last of
them was:

{{sha256}}

Each entry holds the hash of the one before it. So as long as entry {{seq}}
has this hash, everything up to it is as it was. The same stands in the
header X-Case-Head of this e-mail.

Inspectorate of Children’s Services
"""


@pytest.fixture
def office(tmp_path):
    return an_office(tmp_path)


@pytest.fixture
def sample_office(tmp_path):
    """An office in which a letter can be signed."""
    return a_sample_office(tmp_path)


def notices_in(office):
    """The notices that lie in the outbox, the first laid first, as any mail program reads them."""
    paths = sorted(office.notices.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]


def notice_to(office, title):
    """The one notice whose subject has these words."""
    (found,) = (notice for notice in notices_in(office) if title in notice["Subject"])
    return found


def text_of(message, form="plain"):
    return message.get_body([form]).get_content().replace("\r\n", "\n")


def events_of(case, step):
    return [entry.event for entry in case.chain.entries() if entry.step == step]


def notified(case):
    return [entry.detail for entry in case.chain.entries() if entry.event == "notified"]


def tell(case, *signers):
    told = [Summons(*signer) for signer in signers or (PIKE,)]
    do("notify-inspectors", case, notify_inspectors, 1, told)


def test_an_inspector_is_told_that_a_letter_waits(office):
    case = a_case(office)

    tell(case)

    (message,) = notices_in(office)
    (entry,) = notified(case)
    (path,) = office.notices.folder.glob("*.eml")
    (begun,) = (e.seq for e in case.chain.entries() if (e.step, e.event) == STARTED)
    assert text_of(message) == WAITING
    assert {name: str(value) for name, value in message.items() if name.startswith("X-")} == {
        "X-Case-Reference": case.reference,
        "X-Case-Revision": "1",
        "X-Case-Head": message["X-Case-Head"],
        "X-Send-Id": path.stem,
    }
    assert (str(message["To"]), str(message["Subject"])) == (
        "Rowan Pike <r.pike@inspectorate.example>",
        "A letter waits for your decision: Westmere Metropolitan Borough Council"
        " (CRA-WESTMERE-2011-02-14, revision 1)",
    )
    assert message["X-Case-Head"] == f"{begun}:{case.chain.entries()[begun].previous}"
    assert entry == {
        "notice": "waiting",
        "revision": 1,
        "to": "rpike",
        "send_id": path.stem,
        "message_sha256": entry["message_sha256"],
        "result": "accepted",
    }
    assert events_of(case, "notify-inspectors") == [
        "started",
        "announced",
        "notified",
        "completed",
    ]


def test_the_office_is_told_who_returned_a_letter_and_why(sample_office):
    case, _ = issue(sample_office, decision=Decision.RETURN)

    message = notice_to(sample_office, "returned")

    assert text_of(message) == RETURNED.format(code=case.letter(1).content_code)
    assert str(message["To"]) == (
        "Inspectorate of Children’s Services <letters@inspectorate.example>"
    )
    assert message["Subject"].startswith("SAMPLE: A letter was returned: ")


@pytest.mark.parametrize(
    ("tell_of_it", "kind", "title", "expected"),
    [
        pytest.param(
            notify_office_of_stranded,
            "stranded",
            "An approved letter stands still",
            STRANDED,
            id="that no run goes on with an approved letter",
        ),
        pytest.param(
            notify_office_of_frozen,
            "frozen",
            "An approval must be confirmed",
            FROZEN,
            id="that an approval must be confirmed",
        ),
    ],
)
def test_the_office_is_told_once_for_each_revision(
    sample_office, tell_of_it, kind, title, expected
):
    case, revision = submit(sample_office)
    decide(case, revision)

    for _ in range(2):
        do(STANDSTILL, case, tell_of_it, revision)

    message = notice_to(sample_office, title)
    assert text_of(message) == expected.format(code=case.letter(1).content_code)
    assert str(message["To"]) == (
        "Inspectorate of Children’s Services <letters@inspectorate.example>"
    )
    assert message["Subject"] == (
        f"SAMPLE: {title}: Westmere Borough Council ({REFERENCE}, revision 1)"
    )
    assert [(told["notice"], told["to"]) for told in notified(case)][1:] == [(kind, "office")]
    assert events_of(case, STANDSTILL) == ["started", "announced", "notified", "completed"]


def test_whoever_signed_gets_a_receipt_that_anchors_the_case(sample_office):
    case, _ = issue(sample_office)

    message = notice_to(sample_office, "receipt")

    seq, _, sha256 = message["X-Case-Head"].partition(":")
    code = case.letter(1).content_code
    expected = ISSUED.format(code=code, seq=seq, sha256=sha256)
    assert words([text_of(message)]) == words([expected])
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content_type()) == (
        f"{REFERENCE}-closed.json",
        "application/json",
    )
    assert attachment.get_content() == case.get("closed.json")
    assert str(message["To"]) == "Harriet Elmsley <h.elmsley@inspectorate.example>"
    named = [
        e.seq for e in case.chain.entries() if e.detail.get("object", "").endswith("closed.json")
    ]
    assert named < [int(seq)]
    assert case.chain.entries()[int(seq)].previous == sha256


def test_each_who_signed_gets_a_receipt(tmp_path):
    """A letter whose approval was confirmed by another inspector was signed by two."""
    office = a_sample_office(tmp_path)
    second = Inspector(id="second", name="A Second", email="second@inspectorate.example")
    register = office.register
    both = register.model_copy(update={"inspectors": (*register.inspectors, second)})
    case, revision = submit(replace(office, register=both))
    (sign_off,) = decide(case, revision).sign_offs
    statement = sign_off.statement.model_copy(update={"inspector": second.id})
    confirmation = sign_off.model_copy(update={"statement": statement})
    StepRun(case, "sign-off").once_announced(
        "r1/confirmation-1.json", stored_json(confirmation.model_dump(mode="json"))
    )

    send_out(case, revision)

    receipts = [entry["to"] for entry in notified(case) if entry["notice"] == "issued"]
    assert receipts == ["helmsley", "second"]


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


@pytest.mark.parametrize("decision", Decision)
def test_the_html_says_the_words_of_the_text(sample_office, decision):
    issue(sample_office, decision=decision)

    (case,) = all_cases(sample_office)
    for tell_of_it in (notify_office_of_stranded, notify_office_of_frozen):
        do(STANDSTILL, case, tell_of_it, 1)

    for message in notices_in(sample_office):
        reader = _Text()
        reader.feed(text_of(message, "html"))
        plain = re.sub(r"(?m)^(- )", "", text_of(message))
        assert words(["".join(reader.said)]) == words([plain])
    assert len(notices_in(sample_office)) == (4 if decision is Decision.APPROVE else 2)


def test_comments_are_text_and_no_markup(sample_office):
    case, revision = submit(sample_office)
    comments = "<b>Bold</b> & {{ 7 * 7 }}\n\n  www.example.com  \n"
    sign_as_sample(
        case, revision, inspector_id=SIGNATORY, decision=Decision.RETURN, comments=comments
    )
    do("notify-office-of-return", case, notify_office_of_return, revision)

    message = notice_to(sample_office, "returned")
    assert "\n  <b>Bold</b> & {{ 7 * 7 }}\n\n  www.example.com\n" in text_of(message)
    assert "<p>&lt;b&gt;Bold&lt;/b&gt; &amp; {{ 7 * 7 }}</p>" in text_of(message, "html")


def test_only_a_sample_letter_s_notices_say_so(tmp_path):
    official, sample = an_office(tmp_path / "official"), a_sample_office(tmp_path / "sample")
    tell(a_case(official))
    submit(sample)

    for office, says_so in ((official, False), (sample, True)):
        (message,) = notices_in(office)
        assert message["Subject"].startswith("SAMPLE: ") is says_so
        assert text_of(message).startswith("SAMPLE: ") is says_so
        assert (message["X-Case-Sample"] == "yes") is says_so


def test_what_was_told_is_not_told_again(office):
    case = a_case(office)
    tell(case)
    entries, files = case.chain.head(), notices_in(office)

    tell(case, (*PIKE[:2], "R.Pike@Inspectorate.Example", f"{LINK}-renewed"))

    assert case.chain.head() == entries
    assert len(files) == len(notices_in(office)) == 1


def test_each_who_may_sign_is_told(office):
    case = a_case(office)

    tell(case, PIKE)
    tell(case, PIKE, OTHER)

    assert [entry["to"] for entry in notified(case)] == ["rpike", "another"]
    assert len(notices_in(office)) == 2


# A letter of several signatories.


def wrapped(message):
    return " ".join(text_of(message).split())


def test_each_signatory_gets_their_own_link_and_reads_who_else_signs(sample_office):
    case, _ = submit(sample_office, JOINT_DRAFT)

    messages = notices_in(sample_office)
    assert sorted(str(message["To"]).partition(" <")[0] for message in messages) == [
        "Harriet Elmsley",
        "Tobias Reyne",
    ]
    for message in messages:
        assert (
            "The letter is signed by Harriet Elmsley and Tobias Reyne. Each of them decides on a"
            " page of their own. It goes out when all have approved it, and is returned as soon"
            " as one returns it. Read it"
        ) in wrapped(message)
    assert [entry["to"] for entry in notified(case)] == ["helmsley", "treyne"]


def test_a_delegate_of_two_is_told_twice_each_time_for_whom(sample_office):
    case, _ = submit(sample_office, JOINT_DRAFT)
    stone = ("stone", "Jo Stone", "stone@inspectorate.example")

    for _ in range(2):  # once each
        tell(case, (*stone, f"{LINK}-1", 1), (*stone, f"{LINK}-2", 2))

    told = [wrapped(m) for m in notices_in(sample_office) if "Jo Stone" in m["To"]]
    assert len(told) == 2
    for number, name in ((1, "Harriet Elmsley"), (2, "Tobias Reyne")):
        (one,) = [text for text in told if f"{LINK}-{number}" in text]
        assert f"You are asked to decide for {name}." in one


def test_those_who_have_signed_are_not_told_again_that_it_waits(sample_office):
    case, _ = submit(sample_office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="")

    assert [one.inspector for one in summoned(case, 1)] == ["treyne"]


def test_a_return_by_one_of_two_says_who_returned_and_who_had_signed(sample_office):
    case, _ = submit(sample_office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="Fine.")
    sign_as_sample(case, 1, inspector_id="treyne", decision=Decision.RETURN, comments="Recount.")

    do("notify-office-of-return", case, notify_office_of_return, 1)

    said = wrapped(notice_to(sample_office, "returned"))
    assert "Tobias Reyne has returned a letter." in said
    assert (
        "Its sign-offs: returned by Tobias Reyne; 1 of 2 have signed: Harriet Elmsley. The"
        " comments: Recount. To go on"
    ) in said


def test_frozen_approvals_are_told_for_each_signatory_once(sample_office):
    case, _ = submit(sample_office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="")

    do(STANDSTILL, case, notify_office_of_frozen, 1, (1,))
    said = wrapped(notice_to(sample_office, "must be confirmed"))
    assert "The key with which Harriet Elmsley approved a letter was revoked" in said
    assert "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne." in said

    decide(case, 1)
    do(STANDSTILL, case, notify_office_of_frozen, 1, (1, 2))
    do(STANDSTILL, case, notify_office_of_frozen, 1, (1, 2))
    told = [wrapped(m) for m in notices_in(sample_office) if "must be confirmed" in m["Subject"]]
    assert sorted(re.findall(r"The key with which (.+?) approved", " ".join(told))) == [
        "Harriet Elmsley",
        "Tobias Reyne",
    ]


def test_both_who_signed_get_a_receipt(sample_office):
    case, _ = issue(sample_office, JOINT_DRAFT)

    receipts = [entry["to"] for entry in notified(case) if entry["notice"] == "issued"]
    assert receipts == ["helmsley", "treyne"]


def test_nobody_is_told_of_what_is_not_so(sample_office):
    case, revision = submit(sample_office)
    told = case.chain.head()

    do("notify-office-of-return", case, notify_office_of_return, revision)
    do("send-receipt", case, send_receipt, revision)
    do(STANDSTILL, case, notify_office_of_stranded, revision)
    do(STANDSTILL, case, notify_office_of_frozen, revision)
    assert case.chain.head() == told

    decide(case, revision)
    told = case.chain.head()
    tell(case, OTHER)
    do("notify-office-of-return", case, notify_office_of_return, revision)
    do("send-receipt", case, send_receipt, revision)
    assert case.chain.head() == told
    assert [entry["notice"] for entry in notified(case)] == ["waiting"]


def test_neither_addresses_nor_comments_stand_in_the_chain(sample_office):
    case, _ = issue(sample_office, decision=Decision.RETURN)

    told = " ".join(str(entry.detail) for entry in case.chain.entries())

    assert len(notified(case)) == 2
    assert "@" not in told
    assert "Say which files" not in told


# What a provider makes of it.


def outcomes(provider, tmp_path, tries=3):
    """Tell a letter's inspector a few times; list how each try ended, and return the case."""
    office = an_office(tmp_path, notices=provider)
    case = a_case(office)
    ended = []
    for _ in range(tries):
        try:
            tell(case)
            ended.append("told")
        except NoticeUndelivered as failure:
            ended.append("may pass" if is_transient(failure) else "for good")
        except Killed:
            ended.append("killed")
    return ended, case


PROVIDERS = {
    "one that takes nothing at first is asked again": (
        FakeProvider("not-accepted", "not-accepted", "accepted"),
        ["may pass", "may pass", "told"],
        (3, 1),
    ),
    "one that refuses is not asked again": (
        FakeProvider("refused", "accepted"),
        ["for good", "told", "told"],
        (1, 0),
    ),
    "one that may have taken it is not asked again": (
        FakeProvider("taken, and no answer", "accepted"),
        ["may pass", "may pass", "may pass"],
        (1, 1),
    ),
    "one that proves that it took it is not asked again": (
        FakeProvider("taken, and no answer", "accepted", evidence=True),
        ["may pass", "told", "told"],
        (1, 1),
    ),
    "one that proves that it took nothing is asked again": (
        FakeProvider("not taken, and no answer", "accepted", evidence=True),
        ["may pass", "told", "told"],
        (2, 1),
    ),
    "one that took it before the process was killed is not asked again": (
        FakeProvider("killed after", "accepted", evidence=True),
        ["killed", "told", "told"],
        (1, 1),
    ),
    "one that took nothing before the process was killed is asked again": (
        FakeProvider("killed before", "accepted", evidence=True),
        ["killed", "told", "told"],
        (2, 1),
    ),
}


@pytest.mark.parametrize("what", PROVIDERS)
def test_of_providers(what, tmp_path):
    provider, ended, (requests, taken) = PROVIDERS[what]

    assert outcomes(provider, tmp_path)[0] == ended
    assert (len(provider.requests), sum(provider.taken.values())) == (requests, taken)


def test_what_a_provider_said_is_told_without_addresses(tmp_path):
    case = a_case(an_office(tmp_path, notices=FakeProvider("refused")))

    with pytest.raises(NoticeUndelivered) as failure:
        tell(case)

    assert str(failure.value) == (
        "It was refused: to d…@x.example. (CRA-WESTMERE-2011-02-14 r1, notice “waiting” to"
        " rpike) The letter goes on without it; tell them yourself."
    )
    assert [entry["result"] for entry in notified(case)] == ["refused"]


def test_one_who_can_t_be_told_keeps_no_other_from_it(tmp_path):
    provider = FakeProvider("refused", "not-accepted", "accepted")
    case = a_case(an_office(tmp_path, notices=provider))
    third = ("third", "A Third", "third@inspectorate.example", LINK)

    with pytest.raises(NoticeUndelivered) as failure:
        tell(case, PIKE, OTHER, third)

    assert failure.value.is_transient
    assert [(entry["to"], entry["result"]) for entry in notified(case)] == [
        ("rpike", "refused"),
        ("third", "accepted"),
    ]


@pytest.mark.parametrize(
    "signer",
    [
        pytest.param((*PIKE[:2], "no address", LINK), id="an address that is none"),
        pytest.param(("rpike", "Rowan\nPike", *PIKE[2:]), id="a name of two lines"),
    ],
)
def test_a_notice_that_can_t_be_written_is_undelivered_for_good(office, signer):
    with pytest.raises(NoticeUndelivered) as failure:
        tell(a_case(office), signer)

    assert not failure.value.is_transient
    assert notices_in(office) == []


def test_a_signer_who_left_the_register_gets_no_receipt_and_the_letter_is_closed(tmp_path):
    office = a_sample_office(tmp_path)
    case, revision = submit(office)
    decide(case, revision)
    nobody = office.register.model_copy(update={"inspectors": ()})
    case = Case(a_sample_office(tmp_path, register=nobody), case.reference)

    assert send_out(case, revision)

    assert case.closed() is not None
    assert "knows no inspector “helmsley” any more" in str(
        [entry.detail for entry in case.chain.entries() if entry.event == "failed"]
    )


def test_killed_at_any_moment_it_lies_in_the_outbox_once_and_is_noted_once(tmp_path, monkeypatch):
    for moment in count(1):
        office = an_office(tmp_path / str(moment))
        case = a_case(office)
        puts = count(1)
        put = type(office.store).put

        def killing(self, key, data, *, moment=moment, puts=puts, put=put):
            stored = put(self, key, data)
            if next(puts) == moment:
                raise Killed
            return stored

        with monkeypatch.context() as patched:
            patched.setattr(type(office.store), "put", killing)
            try:
                notify_inspectors(StepRun(case, "notify-inspectors"), 1, (Summons(*PIKE),))
                break
            except Killed:
                pass
        tell(case)
        (path,) = Outbox(office.notices.folder).folder.glob("*.eml")
        assert [entry["send_id"] for entry in notified(case)] == [path.stem]
    assert moment > 5
