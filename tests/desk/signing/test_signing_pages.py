"""The inspector reads what will go out, decides, and is told what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from desk.verbs.clear import clear_problem
from letters.recipient import masked
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.office import Office
from tasks.drafting.draft import draft
from tasks.rendering.pages import render_html
from tasks.signoff.decide import freezing
from tasks.signoff.delegations import delegate, recall
from tasks.signoff.inspectors import keys_of, revoke
from tests.desk.signing.visiting import (
    Visitor,
    an_unknown_key,
    heading_of,
    replace,
    words_of,
)
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    decide,
    do,
    in_other_words,
    send_out,
    sign_off_on,
    submit,
)

COMMENTS = "Say which files were read.\n\nAnd <b>how many</b>."
DELEGATE = "treyne"
DAYS = {"first_day": date(2011, 3, 14), "last_day": date(2011, 3, 15)}


def test_the_page_tells_all_that_a_sign_off_covers(visitor: Visitor, case: Case) -> None:
    page = visitor.client.get(visitor.link(case))

    letter, people = case.letter(1), case.recipients(1)
    assert (page.status_code, heading_of(page)) == (200, "A letter waits for your sign-off")
    said = words_of(page)
    told = [
        letter.reference,
        letter.authority.name,
        letter.subject,
        "4 April 2011",
        letter.content_code,
        "SAMPLE — not an official letter",
        *(person.name for person in people),
        *(masked(person.email) for person in people),
    ]
    assert [text for text in told if text not in said] == []
    assert [person.email for person in people if person.email in page.text] == []


def test_what_was_overridden_and_cleared_is_shown_with_the_reason_given(tmp_path: Path) -> None:
    """The valediction is none of the kind's, and a line of the copy list was unclear."""
    office, path = a_sample_office(tmp_path / "office"), tmp_path / "draft.md"
    doubt = "  - {code: copies-unclear, place: copies, read: A B, proposed: A / B, blocking: yes}"
    path.write_bytes(
        SHORT_DRAFT.replace(
            b"valediction: Yours sincerely\n",
            f"valediction: Your sincerely\ndoubts:\n{doubt}\n".encode(),
        )
    )
    for code, why in (
        ("valediction-wrong", "It is <i>how</i> she signs."),
        ("copies-unclear", "Mr Wierzbicki said so."),
    ):
        clear_problem(office, path, code, place=None, why=why)
    case, _ = submit(office, path.read_bytes())
    visitor = Visitor(office).with_sample_key()

    said = words_of(visitor.client.get(visitor.link(case)))

    assert (
        "The letter closes with “Your sincerely”. Write: Yours sincerely"
        " The reason given: It is <i>how</i> she signs."
    ) in said
    assert "was taken as A / B . The reason given: Mr Wierzbicki said so." in said


def test_the_letter_and_its_proof_are_what_was_packed(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)

    letter = visitor.client.get(f"{link}/letter.html")
    proof = visitor.client.get(f"{link}/proof.pdf")

    assert letter.text == render_html(case.letter(1))
    assert proof.content == case.get("r1/proof.pdf")
    assert proof.headers["content-type"] == "application/pdf"
    assert proof.headers["content-disposition"] == (
        f'inline; filename="{case.reference}-r1-proof.pdf"'
    )


@pytest.mark.parametrize(
    ("decision", "comments", "kept", "heading"),
    [
        pytest.param("approve", "", "", "Letter approved", id="approved without a word"),
        pytest.param("approve", " Well put. ", "Well put.", "Letter approved", id="approved"),
        pytest.param(
            "return",
            COMMENTS.replace("\n", "\r\n"),
            COMMENTS,
            "Letter returned",
            id="returned with comments of two paragraphs",
        ),
    ],
)
def test_a_decision_confirmed_by_the_key_is_kept(
    office: Office, case: Case, decision: str, comments: str, kept: str, heading: str
) -> None:
    decided: list[str] = []
    visitor = Visitor(office, on_decided=decided.append).with_sample_key()
    link = visitor.link(case)

    done = visitor.sign(link, decision, comments)

    sign_off = sign_off_on(case)
    assert sign_off is not None
    assert (sign_off.statement.decision, sign_off.comments) == (Decision(decision), kept)
    assert (done.status_code, heading_of(done)) == (200, heading)
    assert str(done.url) == f"{visitor.origin}{link}/done"
    assert decided == [case.reference]


def test_the_question_repeats_what_will_be_signed(visitor: Visitor, case: Case) -> None:
    page = visitor.decide(visitor.link(case), "return", COMMENTS)

    pack = case.pack(1)
    assert pack is not None
    said = words_of(page)
    told = [
        "I return this letter.",
        case.reference,
        "Revision 1",
        case.letter(1).content_code,
        f"{pack.sha256[:16]}…",
        "And <b>how many</b>.",
    ]
    assert [text for text in told if text not in said] == []


def test_a_decision_is_shown_though_its_run_could_not_be_told(
    office: Office, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: str) -> None:
        raise ConnectionError("nobody answers")

    visitor = Visitor(office, on_decided=fail).with_sample_key()

    done = visitor.sign(visitor.link(case), "approve")

    assert heading_of(done) == "Letter approved"
    assert [record.message for record in caplog.records if record.name == "desk"] == [
        f"{case.reference} was decided, but its run could not be told"
    ]


def test_what_changed_since_the_returned_revision_is_marked(
    office: Office, visitor: Visitor, case: Case
) -> None:
    visitor.sign(visitor.link(case), "return", COMMENTS)
    submit(office, in_other_words())

    page = visitor.client.get(visitor.link(case, 2))

    said = words_of(page)
    assert "Since revision 1, which was returned" in said
    assert COMMENTS.split("\n")[0] in said
    assert "removed: Please (end of removed) added: We ask you to (end of added) pass on" in said
    assert '<del><span class="unseen">removed: </span>Please<span' in page.text
    assert '<ins><span class="unseen">added: </span>We ask you to<span' in page.text


def test_the_last_return_is_compared_though_a_revision_came_between(
    office: Office, visitor: Visitor, case: Case
) -> None:
    visitor.sign(visitor.link(case), "return", COMMENTS)
    submit(office, in_other_words())
    submit(office, in_other_words().replace(b"two busy days", b"three busy days"))

    said = words_of(visitor.client.get(visitor.link(case, 3)))

    assert said.count("Since revision") == 2
    assert "Since revision 2 Words are marked" in said
    assert "Since revision 1, which was returned" in said


def returned(office: Office) -> None:
    decide(Case(office, REFERENCE), 1, Decision.RETURN)


def superseded(office: Office) -> None:
    submit(office, in_other_words())


def approved(office: Office) -> None:
    decide(Case(office, REFERENCE), 1)


def issued(office: Office) -> None:
    case = Case(office, REFERENCE)
    decide(case, 1)
    send_out(case, 1)


def frozen(office: Office) -> None:
    approved(office)
    (key,) = keys_of(office, SIGNATORY)
    revoke(office, SIGNATORY, key.enrolment.credential_id, why="The telephone was lost")


def laid_in(office: Office) -> None:
    office.store.put(Case(office, REFERENCE).key("r1/signoff.json"), b"{}")


def altered(office: Office) -> None:
    replace(office, "r1/proof.pdf", lambda data: data + b"\n")


@pytest.mark.parametrize(
    ("happened", "heading", "said"),
    [
        pytest.param(
            returned, "This letter was returned", "Say which files were read.", id="returned"
        ),
        pytest.param(
            superseded, "This revision has been replaced", "Revision 2 has taken", id="superseded"
        ),
        pytest.param(
            approved,
            "This letter is approved",
            "Harriet Elmsley approved this letter on 14 March 2011 at 09:01 UTC",
            id="approved",
        ),
        pytest.param(
            issued,
            "This letter has been issued",
            "It has been issued, on 14 March 2011 at 09:01 UTC",
            id="issued",
        ),
        pytest.param(
            frozen,
            "This approval has to be confirmed",
            "You have no passkey enrolled with this office any more",
            id="frozen, with no other key",
        ),
        pytest.param(
            laid_in,
            "Something is wrong with this letter",
            "[sign-off-foreign]",
            id="a sign-off was laid in by hand",
        ),
        pytest.param(
            altered,
            "A letter waits for your sign-off",
            "This letter can’t be decided on",
            id="the proof was altered",
        ),
    ],
)
def test_what_can_no_longer_be_decided_on_says_so(
    office: Office,
    visitor: Visitor,
    case: Case,
    happened: Callable[[Office], None],
    heading: str,
    said: str,
) -> None:
    happened(office)

    page = visitor.client.get(visitor.link(case))

    assert (page.status_code, heading_of(page)) == (200, heading)
    assert said in words_of(page)
    assert "<form" not in page.text


def test_a_revision_without_its_pack_is_being_prepared(tmp_path: Path) -> None:
    office = a_sample_office(tmp_path)
    do("draft-letter", take_in(office, SHORT_DRAFT, "md"), draft)
    case, visitor = Case(office, REFERENCE), Visitor(office)

    page = visitor.client.get(visitor.link(case))

    assert heading_of(page) == "This letter is being prepared"
    assert visitor.client.get(f"{visitor.link(case)}/letter.html").status_code == 404
    assert visitor.client.get(f"{visitor.link(case)}/proof.pdf").status_code == 404


def test_a_letter_can_be_read_before_a_key_is_enrolled(office: Office, case: Case) -> None:
    visitor = Visitor(office)
    delegate(office, signatory=SIGNATORY, delegate=DELEGATE, **DAYS)

    page = visitor.client.get(visitor.link(case, inspector=DELEGATE))

    assert f"letters inspectors enrol {DELEGATE}" in words_of(page)
    assert "<iframe" in page.text
    assert "<form" not in page.text


def test_a_frozen_approval_is_confirmed_with_another_key(
    office: Office, visitor: Visitor, case: Case
) -> None:
    link = visitor.link(case)
    visitor.sign(link, "approve")
    frozen(office)
    visitor.key = an_unknown_key()
    visitor.enrol()

    page = visitor.client.get(link)
    before = bool(freezing(case, 1))
    done = visitor.sign(link, "approve", "It still holds.")

    assert "Confirm the approval" in words_of(page)
    assert 'type="radio"' not in page.text
    assert (before, freezing(case, 1)) == (True, ())
    assert heading_of(done) == "Letter approved"
    assert heading_of(visitor.client.get(link)) == "This letter is approved"


def test_a_delegate_reads_and_signs_on_behalf_of_the_signatory(office: Office, case: Case) -> None:
    visitor = Visitor(office).with_sample_key(DELEGATE)
    delegate(office, signatory=SIGNATORY, delegate=DELEGATE, **DAYS)
    link = visitor.link(case, inspector=DELEGATE)

    page = visitor.client.get(link)
    done = visitor.sign(link, "approve")

    assert "as the delegate of Harriet Elmsley" in words_of(page)
    assert "Tobias Reyne approved it" in words_of(done)


def test_a_delegate_who_was_recalled_reads_no_more(office: Office, case: Case) -> None:
    visitor = Visitor(office)
    delegate(office, signatory=SIGNATORY, delegate=DELEGATE, **DAYS)
    link = visitor.link(case, inspector=DELEGATE)
    recall(office, signatory=SIGNATORY, delegate=DELEGATE)

    answers = [visitor.client.get(f"{link}{part}") for part in ("", "/letter.html", "/proof.pdf")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert [a.text for a in answers if case.letter(1).subject in a.text] == []


def test_a_delegate_who_signed_still_reads_what_they_signed(office: Office, case: Case) -> None:
    visitor = Visitor(office).with_sample_key(DELEGATE)
    delegate(office, signatory=SIGNATORY, delegate=DELEGATE, **DAYS)
    link = visitor.link(case, inspector=DELEGATE)
    visitor.sign(link, "approve")
    recall(office, signatory=SIGNATORY, delegate=DELEGATE)

    page = visitor.client.get(link)

    assert (page.status_code, heading_of(page)) == (200, "This letter is approved")


def test_a_link_to_a_revision_that_is_not_there_leads_nowhere(visitor: Visitor, case: Case) -> None:
    assert visitor.client.get(visitor.link(case, revision=2)).status_code == 404


def test_a_letter_that_came_out_otherwise_since_is_not_shown_as_the_one_that_was_packed(
    office: Office, visitor: Visitor, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    returned(office)
    monkeypatch.setattr("desk.signing.documents.render_html", lambda _: "<p>By a new template.</p>")
    link = visitor.link(case)

    page = visitor.client.get(link)
    letter = visitor.client.get(f"{link}/letter.html")

    assert (page.status_code, letter.status_code) == (200, 409)
    assert "By a new template." not in letter.text
    assert ("<iframe" in page.text, f"{link}/proof.pdf" in page.text) == (False, True)


def test_an_issued_letter_is_shown_as_it_is_kept(
    office: Office, visitor: Visitor, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(office)
    monkeypatch.setattr("desk.signing.documents.render_html", lambda _: "<p>By a new template.</p>")

    letter = visitor.client.get(f"{visitor.link(case)}/letter.html")

    assert letter.content == case.get("r1/letter.html")


def test_an_altered_proof_is_handed_to_nobody(office: Office, visitor: Visitor, case: Case) -> None:
    returned(office)
    altered(office)

    proof = visitor.client.get(f"{visitor.link(case)}/proof.pdf")

    assert proof.status_code == 409
    assert "<code>pack-stale</code>" in proof.text


def openings(case: Case) -> list[tuple[str, str]]:
    return [
        (entry.detail["link_of"], entry.detail["part"])
        for entry in case.chain.entries()
        if (entry.step, entry.event) == ("signing-page", "opened")
    ]


def test_what_was_opened_when_is_kept_while_it_waits(
    office: Office, visitor: Visitor, case: Case
) -> None:
    link = visitor.link(case)

    visitor.client.head(link)
    assert openings(case) == []

    for part in ("", "", "/letter.html", "/proof.pdf", "/proof.pdf"):
        visitor.client.get(f"{link}{part}")
    first = [(SIGNATORY, "page"), (SIGNATORY, "letter"), (SIGNATORY, "proof")]
    assert openings(case) == first

    office.clock.advance(timedelta(minutes=11).total_seconds())  # type: ignore[attr-defined]
    visitor.client.get(link)
    assert openings(case) == [*first, (SIGNATORY, "page")]

    visitor.sign(link, "approve")
    office.clock.advance(timedelta(minutes=11).total_seconds())  # type: ignore[attr-defined]
    visitor.client.get(link)
    assert openings(case) == [*first, (SIGNATORY, "page")]


def test_a_question_can_be_loaded_again_after_it_was_answered(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    before = visitor.client.get(f"{link}/done", follow_redirects=False)
    visitor.sign(link, "approve")

    again = visitor.client.get(f"{link}/done")

    assert (before.status_code, before.headers["location"]) == (303, link)
    assert heading_of(again) == "Letter approved"


def test_the_comments_are_never_markup(visitor: Visitor, case: Case) -> None:
    page = visitor.decide(visitor.link(case), "return", "</script><script>alert(1)</script>")

    assert "<script>alert" not in page.text
    assert json.dumps(page.text).count("alert(1)") == 3  # shown, and carried in two forms
