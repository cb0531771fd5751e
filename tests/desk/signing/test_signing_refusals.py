"""What is refused on the signing page is told in words, with its code, and the letter waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from letters.case import State
from letters.signoff import LONGEST_COMMENTS
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff import software_key
from tasks.signoff.inspectors import enrolments, keys_of, revoke
from tests.desk.signing.visiting import Visitor, an_unknown_key, heading_of, replace, words_of
from tests.issuing import SIGNATORY, in_other_words, sign_off_on, submit


@pytest.mark.parametrize(
    ("form", "said", "field"),
    [
        pytest.param(
            {"comments": "So far so good."},
            "Choose whether you approve or return the letter",
            "approve",
            id="neither approved nor returned",
        ),
        pytest.param(
            {"decision": "return", "comments": " \r\n "},
            "Write what has to change before the letter can go out",
            "comments",
            id="returned without a word",
        ),
        pytest.param(
            {"decision": "return", "comments": "x" * (LONGEST_COMMENTS + 1)},
            "Shorten the comments: they have 20,001 characters, 20,000 fit",
            "comments",
            id="comments as long as a book",
        ),
    ],
)
def test_a_form_with_a_fault_comes_back_filled_in(
    visitor: Visitor, case: Case, form: dict[str, str], said: str, field: str
) -> None:
    page = visitor.client.post(f"{visitor.link(case)}/decision", data=form)

    assert page.status_code == 422
    assert f'<li><a href="#{field}">{said}</a></li>' in page.text
    assert f">\n{form['comments'].strip()}</textarea>" in page.text
    assert ('value="return" aria-describedby="return-hint" checked' in page.text) == (
        form.get("decision") == "return"
    )
    assert "<title>Error: " in page.text
    assert [entry.event for entry in case.chain.entries()][-1] != "refused"


def test_a_decision_can_be_changed_before_it_is_confirmed(visitor: Visitor, case: Case) -> None:
    page = visitor.client.post(
        f"{visitor.link(case)}/decision",
        data={"change": "yes", "decision": "return", "comments": "Half a\r\nthought"},
    )

    assert (page.status_code, heading_of(page)) == (200, "A letter waits for your sign-off")
    assert ">\nHalf a\nthought</textarea>" in page.text


def without_verification(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(software_key, "PRESENT_AND_VERIFIED", 0x01)
    return {}


def from_another_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return {"origin": "http://signing.example"}


def for_another_office(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return {"rp_id": "signing.example"}


def by_an_unknown_key(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    visitor.key = an_unknown_key()
    return {}


def by_a_key_revoked_meanwhile(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (key,) = keys_of(visitor.office, SIGNATORY)
    revoke(visitor.office, SIGNATORY, key.enrolment.credential_id, why="Lost")
    return {}


def after_a_new_revision(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    submit(visitor.office, in_other_words())
    return {}


def after_a_long_while(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    visitor.office.clock.advance(601)  # type: ignore[attr-defined]
    return {}


def with_another_proof(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    replace(
        visitor.office, "r1/recipients.json", lambda data: data.replace(b".example", b".invalid")
    )
    return {}


@pytest.mark.parametrize(
    ("happens", "status", "code", "heading"),
    [
        pytest.param(
            without_verification,
            403,
            "user-not-verified",
            "Your passkey did not check that it was you",
            id="the key did not check its owner",
        ),
        pytest.param(
            from_another_page,
            403,
            "wrong-origin",
            "Your passkey answered for another page",
            id="the key answered on another page",
        ),
        pytest.param(
            for_another_office,
            403,
            "wrong-relying-party",
            "This was not accepted",
            id="the key answered for another office",
        ),
        pytest.param(
            by_an_unknown_key,
            403,
            "key-unknown",
            "This passkey is not known here",
            id="a key that nobody enrolled",
        ),
        pytest.param(
            by_a_key_revoked_meanwhile,
            403,
            "key-revoked",
            "This passkey has been revoked",
            id="a key that was revoked while the page stood open",
        ),
        pytest.param(
            after_a_new_revision,
            409,
            "superseded",
            "This revision has been replaced",
            id="a revision that was replaced while the page stood open",
        ),
        pytest.param(
            after_a_long_while,
            410,
            "question-expired",
            "That took too long",
            id="after ten minutes",
        ),
        pytest.param(
            with_another_proof,
            409,
            "pack-stale",
            "This letter can’t be decided on",
            id="recipients that were altered while the page stood open",
        ),
    ],
)
def test_an_answer_that_does_not_count_is_refused_in_words(
    visitor: Visitor,
    case: Case,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[Visitor, pytest.MonkeyPatch], dict[str, str]],
    status: int,
    code: str,
    heading: str,
) -> None:
    link = visitor.link(case)
    question = visitor.decide(link, "return", "The second finding is wrong.")
    changes = happens(visitor, monkeypatch)

    refused = visitor.confirm(link, question, visitor.answer_to(question, **changes))

    assert (refused.status_code, heading_of(refused)) == (status, heading)
    assert f"<code>{code}</code>" in refused.text
    assert "The second finding is wrong." in refused.text  # nothing is lost on the way back
    assert sign_off_on(case) is None
    (noted,) = [entry for entry in case.chain.entries() if entry.event == "refused"]
    assert noted.detail == {"code": code, "inspector": SIGNATORY, "revision": 1}


def test_the_same_refused_form_again_and_again_is_noted_once(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    question = visitor.decide(link, "approve")
    answer = visitor.answer_to(question, origin="http://signing.example")
    before = len(case.chain.entries())

    statuses = {visitor.confirm(link, question, answer).status_code for _ in range(5)}

    assert statuses == {403}
    assert [e.event for e in case.chain.entries()[before:]] == ["started", "refused"]


def test_who_was_renamed_since_they_enrolled_is_told_to_enrol_again(
    visitor: Visitor, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their passkey is not even asked for, and what they wrote is not lost."""
    former = enrolments(visitor.office, SIGNATORY)[0].model_copy(update={"name": "Harriet Oakes"})
    monkeypatch.setattr("tasks.signoff.signing_keys.standing", lambda *_: (former,))
    link = visitor.link(case)

    page, refused = visitor.client.get(link), visitor.decide(link, "return", "Not timely.")

    heading = "To decide, you need a passkey"
    assert heading in words_of(page)
    assert "enrolled before your entry in this office’s register was changed" in words_of(page)
    assert f"letters inspectors enrol {SIGNATORY}" in words_of(page)
    assert 'name="decision"' not in page.text
    assert (refused.status_code, heading_of(refused)) == (403, heading)
    assert "<code>key-outdated</code>" in refused.text
    assert "Not timely." in refused.text


def test_a_revocation_that_was_taken_away_is_told_to_whoever_comes(
    visitor: Visitor, case: Case
) -> None:
    by_a_key_revoked_meanwhile(visitor, pytest.MonkeyPatch())
    (path,) = visitor.office.root.glob("archive/inspectors/*/*.revoked.json")
    path.unlink()
    link = visitor.link(case)

    pages = [visitor.client.get(link), visitor.decide(link, "approve")]

    assert [(page.status_code, heading_of(page)) for page in pages] == [
        (503, "Nobody can sign just now")
    ] * 2
    assert all("<code>inspectors-damaged</code>" in page.text for page in pages)


def test_an_answer_counts_for_its_own_question_only(
    visitor: Visitor, case: Case, office: Office
) -> None:
    link = visitor.link(case)
    approval = visitor.decide(link, "approve")
    return_ = visitor.decide(link, "return", "No.")

    replayed = visitor.confirm(link, return_, visitor.answer_to(approval))

    assert (replayed.status_code, case.state(1)) == (403, State.AWAITING_SIGN_OFF)
    assert "<code>challenge-mismatch</code>" in replayed.text


def test_what_was_decided_stays_decided(visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    first, second = visitor.decide(link, "approve"), visitor.decide(link, "return", "No.")
    visitor.confirm(link, first)

    late = visitor.confirm(link, second)

    assert (late.status_code, heading_of(late)) == (409, "This letter has been decided on")
    assert case.state(1) is State.SIGNED


@pytest.mark.parametrize(
    "response",
    [
        pytest.param("", id="none, as without JavaScript"),
        pytest.param("null", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param("{", id="half of one"),
        pytest.param("[" * 30_000, id="a very deep one"),
        pytest.param(json.dumps({"id": "x" * 100_000}), id="a very long one"),
    ],
)
def test_an_answer_that_no_browser_writes_is_refused(
    visitor: Visitor, case: Case, response: str
) -> None:
    refused = visitor.client.post(
        f"{visitor.link(case)}/confirm", data={"sealed": "x", "response": response}
    )

    assert refused.status_code == 400
    assert "<code>form-invalid</code>" in refused.text


@pytest.mark.parametrize(
    ("response", "code"),
    [
        pytest.param({}, "question-invalid", id="an empty one"),
        pytest.param({"id": 1, "response": "x"}, "question-invalid", id="one of odd types"),
    ],
)
def test_a_question_that_nobody_asked_is_refused(
    visitor: Visitor, case: Case, response: dict[str, Any], code: str
) -> None:
    refused = visitor.client.post(
        f"{visitor.link(case)}/confirm", data={"sealed": "x.y", "response": json.dumps(response)}
    )

    assert refused.status_code == 403
    assert f"<code>{code}</code>" in refused.text


def test_a_wrong_link_tells_nothing(office: Office, visitor: Visitor, case: Case) -> None:
    right = visitor.link(case)
    reference, token = case.reference, right.rsplit("/", 1)[1]
    wrong = [
        right[:-1] + ("A" if right[-1] != "A" else "B"),
        right.replace("/r1/", "/r2/"),
        right.replace("/r1/", "/r999999999999999999/"),
        right.replace(SIGNATORY, "treyne"),
        right.replace(SIGNATORY, "nobody"),
        right.replace(reference, "CRA-NOWHERE-2011-03-08"),
        right.replace(reference, "%2e%2e%00"),
        right.replace(token, "x"),
        right.replace(token, token.replace(token[:3], "999")),
    ]

    answers = [
        visitor.client.get(f"{link}{part}")
        for link in wrong
        for part in ("", "/letter.html", "/proof.pdf", "/done")
    ]
    answers += [
        visitor.client.post(f"{link}/{form}", data={"decision": "approve"})
        for link in wrong
        for form in ("decision", "confirm")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({words_of(answer) for answer in answers}) == 1
    assert "<code>link-invalid</code>" in answers[0].text


def test_a_link_ends(office: Office, visitor: Visitor, case: Case) -> None:
    link = visitor.link(case)
    days = office.settings.signing.link_days
    office.clock.advance(days * 86_400)  # type: ignore[attr-defined]

    late = visitor.client.get(link)

    assert (late.status_code, heading_of(late)) == (410, "This link is too old")
    assert case.letter(1).subject not in late.text
