"""The signing pages of a letter with several signatories: each has one, and sees the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.decide import decisions_on
from tasks.signoff.delegations import delegate
from tasks.signoff.inspectors import revoke, sample_key
from tasks.signoff.links import signing_url
from tests.desk.signing.visiting import (
    Visitor,
    an_unknown_key,
    heading_of,
    hidden_fields,
    words_of,
)
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    REFERENCE,
    SIGNATORY,
    a_sample_office,
    copied,
    in_other_words,
    send_out,
    submit,
)

DAYS = {"first_day": date(2011, 3, 14), "last_day": date(2011, 3, 15)}
COMMENTS = "Say which files were read."


@pytest.fixture(scope="session")
def joint_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = a_sample_office(tmp_path_factory.mktemp("joint"))
    submit(office, JOINT_DRAFT)
    for inspector in office.register.inspectors:
        sample_key(office, inspector)
    return office.root


@pytest.fixture
def office(joint_office: Path, tmp_path: Path) -> Office:
    """An office where a letter waits for two inspectors who have keys."""
    office = a_sample_office(copied(joint_office, tmp_path / "office"))
    office.clock.advance(60)  # type: ignore[attr-defined] -- its clock begins again
    return office


@pytest.fixture
def case(office: Office) -> Case:
    return Case(office, REFERENCE)


@pytest.fixture
def her(office: Office) -> Visitor:
    return Visitor(office).with_sample_key(SIGNATORY)


@pytest.fixture
def him(office: Office) -> Visitor:
    return Visitor(office).with_sample_key(COLLEAGUE)


def page_of(visitor: Visitor, case: Case, signatory: int, inspector: str = "") -> str:
    """The path of the page for one signatory, opened by them or by a delegate."""
    by = inspector or (SIGNATORY, COLLEAGUE)[signatory - 1]
    revision = case.revisions()[-1]
    url = signing_url(visitor.office, case.reference, revision, by, signatory)
    return url.removeprefix(visitor.origin)


def read(visitor: Visitor, path: str) -> str:
    return words_of(visitor.client.get(path))


def test_each_reads_that_there_are_two_and_for_whom_they_decide(her: Visitor, case: Case) -> None:
    page = her.client.get(page_of(her, case, 1))

    assert (page.status_code, heading_of(page)) == (200, "A letter waits for your sign-off")
    said = words_of(page)
    for told in (
        "Signatories Harriet Elmsley and Tobias Reyne",
        "this letter waits for your sign-off. It has 2 signatories; you decide for yourself alone."
        " Read it",
        "0 of 2 have signed; waiting for Harriet Elmsley and Tobias Reyne.",
        "Nothing goes out before you and the others have approved it",
        "Tobias Reyne has not decided yet",
    ):
        assert told in said


def test_the_question_says_what_the_signature_is_for(her: Visitor, case: Case) -> None:
    said = words_of(her.decide(page_of(her, case, 1), "approve"))

    assert "when Harriet Elmsley and Tobias Reyne have all approved it" in said


def test_one_signs_and_the_other_sees_it(her: Visitor, him: Visitor, case: Case) -> None:
    done = her.sign(page_of(her, case, 1), "approve", "Well put.")

    assert heading_of(done) == "Letter approved"
    assert "It waits for Tobias Reyne." in words_of(done)
    again = her.client.get(page_of(her, case, 1))
    assert heading_of(again) == "Your sign-off is kept"
    assert "It now waits for Tobias Reyne; there is nothing left for you to do." in words_of(again)
    assert "<form" not in again.text
    his = him.client.get(page_of(him, case, 2))
    assert heading_of(his) == "A letter waits for your sign-off"
    assert "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne." in words_of(his)
    assert "Harriet Elmsley approved on 14 March 2011 at 09:01 UTC Well put." in words_of(his)


def test_when_both_have_signed_both_pages_say_so(her: Visitor, him: Visitor, case: Case) -> None:
    her.sign(page_of(her, case, 1), "approve")
    done = him.sign(page_of(him, case, 2), "approve")

    assert case.state(1) is State.SIGNED
    assert "It waits for" not in words_of(done)
    assert "Harriet Elmsley and Tobias Reyne approved it" in words_of(done)
    for visitor, signatory in ((her, 1), (him, 2)):
        page = visitor.client.get(page_of(visitor, case, signatory))
        assert heading_of(page) == "This letter is approved"
        assert "Harriet Elmsley and Tobias Reyne approved this letter" in words_of(page)
    send_out(case, 1)
    assert "It has been issued" in read(her, page_of(her, case, 1))


def test_a_return_by_one_is_told_to_the_other(her: Visitor, him: Visitor, case: Case) -> None:
    her.sign(page_of(her, case, 1), "approve")
    done = him.sign(page_of(him, case, 2), "return", COMMENTS)

    assert heading_of(done) == "Letter returned"
    page = her.client.get(page_of(her, case, 1))
    assert heading_of(page) == "This letter was returned"
    assert "Tobias Reyne returned this letter on 14 March 2011 at 09:01 UTC" in words_of(page)
    assert COMMENTS in words_of(page)
    assert "returned by Tobias Reyne; 1 of 2 have signed: Harriet Elmsley." in words_of(page)


def test_the_next_revision_tells_who_returned_the_last(
    office: Office, her: Visitor, him: Visitor, case: Case
) -> None:
    her.sign(page_of(her, case, 1), "approve")
    him.sign(page_of(him, case, 2), "return", COMMENTS)
    submit(office, in_other_words(JOINT_DRAFT))

    said = read(her, page_of(her, case, 1))

    assert "Since revision 1, which was returned" in said
    assert "Tobias Reyne returned it" in said


def test_what_was_superseded_says_so_to_who_had_signed_it(
    office: Office, her: Visitor, case: Case
) -> None:
    path = page_of(her, case, 1)
    her.sign(path, "approve")
    submit(office, in_other_words(JOINT_DRAFT))

    assert heading_of(her.client.get(path)) == "This revision has been replaced"
    assert str(her.client.get(f"{path}/done").url) == f"{her.origin}{path}"


def test_a_delegate_of_both_has_a_page_and_a_statement_for_each(office: Office, case: Case) -> None:
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, **DAYS)
    visitor = Visitor(office).with_sample_key(COLLEAGUE)
    for_her, for_himself = page_of(visitor, case, 1, COLLEAGUE), page_of(visitor, case, 2)

    assert "as the delegate of Harriet Elmsley" in read(visitor, for_her)
    assert "you decide for Harriet Elmsley alone" in read(visitor, for_her)
    assert "as the delegate of" not in read(visitor, for_himself)
    asked = words_of(visitor.decide(for_her, "approve"))
    assert "as Tobias Reyne, the delegate of Harriet Elmsley" in asked
    visitor.sign(for_her, "approve")
    assert case.state(1) is State.AWAITING_SIGN_OFF
    visitor.sign(for_himself, "approve")

    assert [s.statement.signatory for s in decisions_on(case, 1).sign_offs] == [1, 2]
    assert "Tobias Reyne for Harriet Elmsley" in read(visitor, for_himself)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(
            lambda path: path.replace("/r1-1/", "/r1-2/"), "link-invalid", id="for another one"
        ),
        pytest.param(
            lambda path: path.replace("/r1-1/", "/r1/"), "link-invalid", id="for the only one"
        ),
        pytest.param(
            lambda path: path.replace("/r1-1/", "/r2-1/"), "link-invalid", id="of another"
        ),
        pytest.param(
            lambda path: path.replace("/r1-1/", "/r1-x/"), "page-missing", id="for no number"
        ),
    ],
)
def test_a_link_opens_the_page_of_its_signatory_only(
    her: Visitor, case: Case, change: Callable[[str], str], code: str
) -> None:
    page = her.client.get(change(page_of(her, case, 1)))

    assert (page.status_code, f"<code>{code}</code>" in page.text) == (404, True)


@pytest.mark.parametrize("signatory", [None, 3])
def test_the_office_itself_makes_no_page_of_a_signatory_that_there_is_not(
    her: Visitor, case: Case, signatory: int | None
) -> None:
    url = signing_url(her.office, case.reference, 1, SIGNATORY, signatory)

    assert her.client.get(url.removeprefix(her.origin)).status_code == 404


def test_a_link_for_the_other_signatory_lets_nobody_in_who_may_not_sign_for_them(
    her: Visitor, case: Case
) -> None:
    path = page_of(her, case, 2, SIGNATORY)

    answers = [her.client.get(f"{path}{part}") for part in ("", "/letter.html", "/proof.pdf")]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_an_answer_is_not_taken_at_the_page_of_the_other_signatory(
    office: Office, case: Case
) -> None:
    """A delegate asks on one page and hands the answer in on the other."""
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, **DAYS)
    visitor = Visitor(office).with_sample_key(COLLEAGUE)
    first, second = page_of(visitor, case, 1, COLLEAGUE), page_of(visitor, case, 2)
    asked = visitor.decide(first, "approve")

    fields = hidden_fields(asked, f"{first}/confirm")
    fields["response"] = "{}"
    refused = visitor.client.post(f"{second}/confirm", data=fields)

    assert (refused.status_code, "challenge-mismatch" in refused.text) == (403, True)
    assert decisions_on(case, 1).sign_offs == ()


def test_a_frozen_approval_is_confirmed_on_its_own_page_while_the_other_is_waited_for(
    office: Office, her: Visitor, him: Visitor, case: Case
) -> None:
    path = page_of(her, case, 1)
    her.sign(path, "approve")
    (kept,) = decisions_on(case, 1).sign_offs
    revoke(office, SIGNATORY, kept.credential_id, why="The telephone was lost")
    her.key = an_unknown_key()
    her.enrol()

    assert heading_of(her.client.get(path)) == "This approval has to be confirmed"
    assert "with a key that has been revoked since" in read(him, page_of(him, case, 2))
    him.sign(page_of(him, case, 2), "approve")
    waits = him.client.get(page_of(him, case, 2))
    assert heading_of(waits) == "Your sign-off is kept"
    assert "It now waits for Harriet Elmsley" in words_of(waits)
    her.sign(path, "approve", "It still holds.")

    assert heading_of(her.client.get(path)) == "This letter is approved"
    assert decisions_on(case, 1).decision is Decision.APPROVE
