"""An operator's day and an auditor's look-up, as they read it in a real browser.

One office, two letters: one is late; the other is blocked, returned, approved, does not
reach everyone, and is corrected. docs/a-day.md tells the same with the pictures that
SCREENSHOTS=<folder> leaves.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from flows.verification import verify_office
from letters.case import State
from tests.browser.prefect_pages import SHORT, TALL, WIDE, PrefectPages, shoot
from tests.browser.signing import decide, enrol
from tests.browser.working_office import WorkingOffice, a_letter_of, a_working_office, today_of

pytestmark = pytest.mark.slow

COMMENTS = "Say that all four assessments have been reopened."
REASON = "The letter gave 54 children’s files; 45 were read."
BOUNCED = "550 5.1.1 The mailbox does not exist"


class Letter(NamedTuple):
    """A letter of the day: its reference, its draft's file, and its words."""

    reference: str
    name: str
    words: str


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[WorkingOffice]:
    with a_working_office(tmp_path_factory.mktemp("working")) as office:
        yield office


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page; what Prefect's own pages complain of is not ours to judge."""
    with browser.new_context(viewport={"width": WIDE, "height": TALL}) as context:
        yield context.new_page()


@pytest.fixture
def prefect(page, office) -> PrefectPages:
    pages = PrefectPages(page, office)
    pages.log_in()
    return pages


def a_letter(office, *, working_days_ago) -> Letter:
    authority = office.next_authority()
    reference, words = a_letter_of(
        authority, working_days_ago=working_days_ago, today=today_of(office)
    )
    return Letter(reference, f"{authority.code}.md", words)


def test_a_day_of_an_operator_and_what_an_auditor_finds(prefect, passkeys, office):
    late = a_letter(office, working_days_ago=24)
    letter = a_letter(office, working_days_ago=13)
    enrol(prefect.page, office, "helmsley")

    a_blocked_draft_is_corrected(prefect, letter)
    a_late_letter_is_reminded_of(prefect, late)
    run = a_letter_is_returned_and_then_approved(prefect, letter)
    copies_that_did_not_arrive_are_settled(prefect, letter, run)
    the_letter_is_corrected(prefect, letter)
    an_auditor_looks_it_up(prefect, letter)


def a_blocked_draft_is_corrected(prefect, letter):
    office = prefect.office
    wrong = letter.words.replace("Yours sincerely", "Your sincerely")
    office.lay_draft(letter.name, wrong.replace("We met team", "We met with area(s) team"))

    # The round finds the draft; its run ends Blocked, and says where what is wrong.
    run = collected(prefect)
    office.wait(run, "Blocked")
    prefect.open_run(run)
    prefect.reads("Blocked", "valediction-wrong", "placeholder", "“area(s)” was left open")
    shoot(prefect.page, "run-blocked", showing="“area(s)” was left open")
    prefect.open_office_page()
    prefect.reads("Blocked drafts", letter.name, "placeholder at opening/2")

    # The corrected file begins a run of its own, which waits.
    office.lay_draft(letter.name, letter.words)
    office.wait(collected(prefect), "Suspended")
    prefect.open_office_page()
    expect(prefect.page.get_by_text("Blocked drafts")).to_have_count(0)
    prefect.reads("Waiting for Harriet Elmsley", f"{letter.reference} r1")


def a_late_letter_is_reminded_of(prefect, late):
    office = prefect.office
    office.lay_draft(late.name, late.words)
    office.wait(collected(prefect), "Suspended")

    prefect.open_run(prefect.round("remind", "Reminded")["id"])

    prefect.reads("Reminded", re.compile(f"{late.reference} r1: it has waited for 4 working days"))
    told = office.mail.subjects_to("h.elmsley@inspectorate.example")
    assert len([each for each in told if "reminder" in each and late.reference in each]) == 1
    prefect.open_office_page()
    prefect.reads(re.compile(r"late by \d"), "1 of them late")
    run = prefect.page.get_by_role("link", name="Open").first.get_attribute("href")
    prefect.page.goto(str(run))
    prefect.reads(f"{late.reference} r1", "Suspended")


def a_letter_is_returned_and_then_approved(prefect, letter):
    office = prefect.office
    signing_page = by_its_proof(prefect, letter)
    prefect.page.goto(signing_page)
    decide(prefect.page, "Return it", COMMENTS)
    wait_for_state(office, letter, "Returned")
    prefect.open_office_page()
    prefect.reads("Waiting for the draft’s author", COMMENTS)
    shoot(prefect.page, "office-page")

    office.mail.falls_silent_for.add("inspection.letters@department.example")
    office.lay_draft(letter.name, reopened(letter))
    run = collected(prefect)
    office.wait(run, "Suspended")
    prefect.page.goto(by_its_proof(prefect, letter))
    expect(prefect.page.get_by_text(COMMENTS).first).to_be_visible()
    decide(prefect.page, "Approve it")
    # The department's mail server took the e-mail, and said nothing at its end.
    office.wait(run, "IssuedInDoubt")
    return run


def copies_that_did_not_arrive_are_settled(prefect, letter, run):
    office = prefect.office
    assert office.tell_of_bounce(letter.reference, "chief-executive", reason=BOUNCED) == 204

    prefect.round("check-deliveries", "NeedsAPerson")
    prefect.open_artifact("deliveries-to-settle")
    prefect.reads(
        "E-mails that need a person",
        f"It bounced: {BOUNCED}",
        re.compile("Nobody can tell whether the provider has it"),
        re.compile(f"letters settle {letter.reference} department"),
    )
    shoot(prefect.page, "deliveries-to-settle")
    prefect.open_office_page()
    prefect.reads(re.compile("bounced"))

    # Somebody rang the department: it has the letter. Started again, the letter is issued.
    office.mail.falls_silent_for.clear()
    settled = office.letters(
        "settle", letter.reference, "department", "--as", "sent", "--why", "They have it: rang them"
    )
    assert settled.returncode == 0, settled.stdout
    again = prefect.run("issue-letter", draft=letter.reference)
    office.wait(again, "Issued")
    assert office.case(letter.reference).state(2) is State.ISSUED
    prefect.round("check-deliveries", "NeedsAPerson", "StillNeedsAPerson")
    prefect.open_artifact("deliveries-to-settle")
    prefect.reads(f"It bounced: {BOUNCED}")
    expect(prefect.page.get_by_text("Nobody can tell")).to_have_count(0)


def the_letter_is_corrected(prefect, letter):
    office = prefect.office
    corrected = reopened(letter).replace("54 children’s files", "45 children’s files")
    name = letter.name.replace(".md", "-corrected.md")
    office.lay_draft(name, corrected)
    # Collected by itself, it corrects nothing: that is ordered, with a reason.
    office.wait(collected(prefect), "Refused")
    before = prefect.letter_runs()

    order = prefect.run("correct-letter", reference=letter.reference, draft=name, reason=REASON)

    office.wait(order, "Ordered")
    prefect.open_run(order)
    prefect.reads("Ordered", re.compile("waits for the inspector"))
    run = prefect.latest_letter_run(before)
    office.wait(run, "Suspended")
    prefect.page.goto(by_its_proof(prefect, letter))
    first = prefect.page.frame_locator("iframe").get_by_text(REASON)
    expect(first.first).to_be_visible()
    shoot(prefect.page, "correction")
    sent_before = len(to_recipients(office, letter))
    decide(prefect.page, "Approve it")
    office.wait(run, "Issued")
    case = office.case(letter.reference)
    assert [case.state(n) for n in (1, 2, 3)] == [State.RETURNED, State.CORRECTED, State.ISSUED]
    sent = to_recipients(office, letter)
    assert sorted(sent[sent_before:]) == sorted(set(sent[:sent_before]))
    assert verify_office(case.office, reference=letter.reference).differences == ()


def an_auditor_looks_it_up(prefect, letter):
    office = prefect.office
    prefect.open_artifact(f"{letter.reference}-history".lower())
    prefect.reads("The letter's story", re.compile("decision return"), re.compile("settled"))
    shoot(prefect.page, "run-history")

    told = office.letters("history", letter.reference, "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)
    folder = office.root / "audit"
    year = letter.reference.split("-")[2]
    audited = office.letters("audit", year, "-o", str(folder))
    assert audited.returncode == 0, audited.stdout
    assert "report.pdf" in {path.name for path in folder.iterdir()}
    assert letter.reference in (folder / "letters.csv").read_text("utf-8-sig")


def collected(prefect) -> str:
    """Make a round of collect-drafts, and find the one run that it began."""
    before = prefect.letter_runs()
    prefect.round("collect-drafts", "Collected")
    return prefect.latest_letter_run(before)


def by_its_proof(prefect, letter) -> str:
    """Find the link to the signing page as it stands in the letter's proof."""
    prefect.open_artifact(f"{letter.reference}-proof".lower())
    link = prefect.page.get_by_role("link", name="Open the signing page").first
    expect(link).to_be_visible(timeout=SHORT)
    return str(link.get_attribute("href"))


def wait_for_state(office, letter, name) -> None:
    """Wait until the letter's newest run is in a state."""
    wanted = {"tags": {"all_": [letter.reference]}}
    (run,) = office.api("POST", "/flow_runs/filter", flow_runs=wanted, limit=1)
    office.wait(run["id"], name)


def reopened(letter) -> str:
    """Write the letter as the inspector asked for it."""
    old = "earlier cases have still to be reviewed."
    assert old in letter.words
    return letter.words.replace(old, "all four assessments have been reopened.")


def to_recipients(office, letter) -> list[str]:
    """List whom the letter's e-mails went to, each as often as one did."""
    return [
        str(each["To"])
        for each in office.mail.taken
        if letter.reference in str(each) and "inspectorate.example" not in str(each["To"])
    ]
