"""The signing page in a real browser: passkeys, keyboard, narrow screens, no JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.rendering.pages import render_html
from tasks.signoff.inspectors import keys_of, revoke
from tasks.signoff.invitations import invite
from tasks.signoff.links import signing_url
from tasks.signoff.signing import sign_as_sample
from tests.browser.conftest import Passkeys, Served
from tests.issuing import SIGNATORY, in_other_words, sign_off_on, submit

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[2] / "build/test-tools/node_modules/axe-core/axe.min.js"

COMMENTS = "Say which files were read."


def link_to(office: Office, case: Case, revision: int = 1) -> str:
    return signing_url(office, case.reference, revision, SIGNATORY)


def invitation(office: Office) -> str:
    signatory = office.register.inspector(SIGNATORY)
    assert signatory is not None
    return invite(office, signatory)


def enrol(page: Page, office: Office) -> None:
    page.goto(invitation(office))
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your passkey is enrolled")


def decide(page: Page, choice: str, comments: str = "") -> None:
    page.get_by_label(choice).check()
    page.get_by_label("Comments").fill(comments)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm with your passkey")


def confirm(page: Page) -> None:
    page.get_by_role("button", name="with your passkey").click()


def expect_heading(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_a_letter_is_approved_with_a_passkey_enrolled_by_a_link(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    case, _ = submit(served.office)
    enrol(page, served.office)
    page.goto(link_to(served.office, case))
    framed = page.frame_locator("iframe")
    expect(framed.get_by_role("heading", level=1)).to_have_text(case.letter(1).subject)

    decide(page, "Approve it")
    confirm(page)

    expect_heading(page, "Letter approved")
    sign_off = sign_off_on(case)
    assert sign_off is not None
    assert sign_off.statement.decision is Decision.APPROVE
    assert served.decided == [case.reference]
    page.reload()  # nothing is decided twice
    expect_heading(page, "Letter approved")


def test_a_letter_is_returned_and_its_next_revision_approved(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    office = served.office
    case, _ = submit(office)
    enrol(page, office)
    page.goto(link_to(office, case))
    decide(page, "Return it", COMMENTS)
    confirm(page)
    expect_heading(page, "Letter returned")
    expect(page.get_by_text(COMMENTS)).to_be_visible()

    submit(office, in_other_words())
    page.goto(link_to(office, case, 2))

    expect(page.get_by_text("Since revision 1, which was returned")).to_be_visible()
    expect(page.get_by_text(COMMENTS)).to_be_visible()
    expect(page.locator(".change ins")).to_contain_text("We ask you to")
    expect(page.locator(".change del")).to_contain_text("Please")
    decide(page, "Approve it")
    confirm(page)
    expect_heading(page, "Letter approved")
    assert (case.state(1), case.state(2)) == (State.RETURNED, State.SIGNED)
    assert served.decided == [case.reference] * 2


def test_a_key_that_does_not_check_its_owner_signs_nothing(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    case, _ = submit(served.office)
    enrol(page, served.office)
    page.goto(link_to(served.office, case))
    decide(page, "Approve it")
    passkeys.stop_verifying()

    confirm(page)

    status = page.get_by_role("status")
    expect(status).to_contain_text("Nothing was signed.")
    expect(page.get_by_role("button", name="Approve with your passkey")).to_be_focused()
    assert case.state(1) is State.AWAITING_SIGN_OFF


def test_an_answer_without_its_owner_is_refused_by_the_office_in_words(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    case, _ = submit(served.office)
    enrol(page, served.office)
    passkeys.stop_verifying()
    page.route("**/static/passkey.js", lax_script)
    page.goto(link_to(served.office, case))
    decide(page, "Return it", COMMENTS)

    confirm(page)

    expect_heading(page, "Your passkey did not check that it was you")
    expect(page.get_by_text("user-not-verified")).to_be_visible()
    assert case.state(1) is State.AWAITING_SIGN_OFF
    page.get_by_role("button", name="Back to the letter").click()
    expect(page.get_by_label("Comments")).to_have_value(COMMENTS)


def lax_script(route) -> None:
    """Serve the page's script as someone would who has no fingerprint to show."""
    answer = route.fetch()
    lax = answer.text().replace(
        "publicKey: decoded()", 'publicKey: { ...decoded(), userVerification: "discouraged" }'
    )
    route.fulfill(response=answer, body=lax)


def test_browsers_that_read_no_json_are_helped(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    page.add_init_script(
        "delete PublicKeyCredential.parseCreationOptionsFromJSON;"
        "delete PublicKeyCredential.parseRequestOptionsFromJSON;"
        "delete PublicKeyCredential.prototype.toJSON;"
    )
    case, _ = submit(served.office)
    enrol(page, served.office)
    page.goto(link_to(served.office, case))

    decide(page, "Approve it")
    confirm(page)

    expect_heading(page, "Letter approved")


def test_a_letter_is_decided_on_by_keyboard_alone(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    case, _ = submit(served.office)
    enrol(page, served.office)
    page.goto(link_to(served.office, case))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main part")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, lambda: page.evaluate("document.activeElement.name") == "decision")
    page.keyboard.press("Space")
    tab_to(page, lambda: page.evaluate("document.activeElement.type") == "submit")
    page.keyboard.press("Enter")
    expect_heading(page, "Confirm with your passkey")
    tab_to(page, lambda: page.evaluate("'passkey' in document.activeElement.dataset"))
    page.keyboard.press("Enter")

    expect_heading(page, "Letter approved")


def tab_to(page: Page, is_there: Callable[[], bool]) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if is_there():
            return
    raise AssertionError("forty presses of Tab don't lead there")


def test_without_javascript_everything_but_the_key_works(browser: Browser, served: Served) -> None:
    case, _ = submit(served.office)
    sample_sign = {"inspector_id": SIGNATORY, "decision": Decision.RETURN, "comments": COMMENTS}
    sign_as_sample(case, 1, **sample_sign)
    submit(served.office, in_other_words())
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(link_to(served.office, case, 2))
        expect(page.locator(".change ins")).to_contain_text("We ask you to")

        page.get_by_label("Return it").check()
        page.get_by_role("button", name="Continue").click()
        summary = page.get_by_role("alert")
        expect(summary).to_contain_text("Write what has to change")
        expect(summary).to_be_focused()
        page.get_by_role("link", name="Write what has to change").click()
        expect(page.get_by_label("Comments")).to_be_focused()

        decide(page, "Return it", "Not yet.")
        expect(page.get_by_role("button", name="with your passkey")).to_be_hidden()
        expect(page.locator("noscript p")).to_be_visible()
        page.get_by_role("button", name="Go back and change it").click()
        expect(page.get_by_label("Comments")).to_have_value("Not yet.")
        page.goto(invitation(served.office))
        expect(page.locator("noscript p")).to_be_visible()


def test_every_page_is_accessible_and_fits_a_narrow_screen(
    page: Page, passkeys: Passkeys, served: Served
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is missing: run deploy/test-tools")
    office = served.office
    case, _ = submit(office)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = faults_of(page)

    page.goto(served.origin)
    look("home")
    page.goto(link_to(office, case))
    look("a letter before a key is enrolled")
    page.goto(invitation(office))
    look("enrolment")
    enrol(page, office)
    look("enrolled")
    page.goto(link_to(office, case))
    look("a letter that waits")
    page.get_by_label("Return it").check()
    page.get_by_role("button", name="Continue").click()
    look("a form with a fault")
    decide(page, "Return it", COMMENTS)
    look("the question")
    page.evaluate("void (navigator.credentials.get = () => Promise.reject(new Error('no')))")
    confirm(page)
    expect(page.get_by_role("status")).to_contain_text("could not be used")
    look("the question, unanswered")
    page.evaluate("delete navigator.credentials.get")
    confirm(page)
    expect_heading(page, "Letter returned")
    look("returned")
    page.goto(link_to(office, case))
    look("a letter that was returned")
    submit(office, in_other_words())
    page.goto(link_to(office, case, 2))
    look("a letter that changed")
    decide(page, "Approve it")
    confirm(page)
    expect_heading(page, "Letter approved")
    look("approved")
    page.goto(link_to(office, case, 2))
    look("a letter that is approved")
    (key,) = keys_of(office, SIGNATORY)
    revoke(office, SIGNATORY, key.enrolment.credential_id, why="Lost")
    page.goto(link_to(office, case, 2))
    look("a frozen approval")
    page.goto(f"{served.origin}/nowhere")
    look("a refusal")
    # Alone, the letter stands in a sandbox, where no script can look at it.
    page.goto("about:blank")
    page.set_content(render_html(case.letter(2)))
    look("the letter")

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) == 16


def faults_of(page: Page) -> list[str]:
    """What axe-core finds, and whether the page is wider than a narrow screen."""
    page.wait_for_load_state()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {iframes: false})")
    faults = [
        f"{violation['id']}: {node['html']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
    wide = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
        faults.append(f"wide: {width}")
    page.set_viewport_size(wide)
    return faults
