"""What each page is told. How it looks is in `templates/pages/`."""

from __future__ import annotations

from typing import Any

from desk.signing.changes import changes_of
from desk.signing.documents import letter_html
from desk.signing.forms import Filled
from desk.signing.refusals import PageMissing
from desk.signing.standing import DECIDABLE, Decided, Stand, Standing
from desk.signing.visits import Visit
from desk.signing.wording import advice_on, post_in_words, told_moment
from letters.decisions import listed
from letters.errors import LettersError
from letters.invitation import Invitation
from letters.letter import day_in_words
from letters.recipient import masked
from letters.refusals import KeyRevoked, KeyUnknown, NotEntitled, NotSample, PackStale
from letters.register import Inspector
from letters.signoff import LONGEST_COMMENTS, Enrolment
from tasks.rendering.words import SAMPLE_MARK
from tasks.signoff.inspectors import short_id
from tasks.signoff.signing import Question
from tasks.signoff.signing_keys import signing_keys
from tasks.templating import render_html_template

PACK_DIGITS = 16
"""Of the pack's hash: enough to compare two on a screen."""

HEADINGS = {
    Stand.PREPARING: "This letter is being prepared",
    Stand.WAITING: "A letter waits for your sign-off",
    Stand.PARTLY: "Your sign-off is kept",
    Stand.FROZEN: "This approval has to be confirmed",
    Stand.RETURNED: "This letter was returned",
    Stand.SUPERSEDED: "This revision has been replaced",
    Stand.APPROVED: "This letter is approved",
    Stand.ISSUED: "This letter has been issued",
    Stand.HELD: "This letter is approved, and held for now",
    Stand.REPLACED: "This letter has been replaced",
    Stand.DOUBTFUL: "Something is wrong with this letter",
}


class Pages:
    """The pages of one organisation."""

    def __init__(self, organisation: str) -> None:
        self._organisation = organisation

    def home(self) -> str:
        """Say what this place is, to whoever comes without a link."""
        return self._page("home")

    def letter(self, visit: Visit, standing: Standing, filled: Filled) -> str:
        """Lay a letter before its inspector, with all that a sign-off of it covers."""
        case, revision = visit.case, visit.revision
        pack = case.pack(revision)
        return self._page(
            "letter",
            **_letter(visit),
            **standing._asdict(),
            heading=HEADINGS[standing.stand],
            latest=case.revisions()[-1],
            changes=changes_of(case, revision) if pack else [],
            is_readable=_is_readable(visit, standing),
            has_proof=case.find(f"r{revision}/proof.pdf") is not None,
            recipients=[
                {
                    "name": person.name,
                    "role": post_in_words(person.role),
                    "address": masked(person.email),
                }
                for person in case.recipients(revision)
            ],
            doubts=pack.doubts_cleared if pack else (),
            overridden=pack.problems_overridden if pack else (),
            key_missing=_key_missing(visit) if standing.stand in DECIDABLE else "",
            filled=filled,
            longest_comments=LONGEST_COMMENTS,
        )

    def confirm(self, visit: Visit, question: Question) -> str:
        """Repeat in words what will be signed, and ask the passkey for it."""
        statement = question.statement
        return self._page(
            "confirm",
            **_letter(visit),
            decision=str(statement.decision),
            comments=question.comments,
            pack_short=f"{statement.pack[:PACK_DIGITS]}…",
            options=question.options,
            sealed=question.sealed,
        )

    def done(self, visit: Visit, decided: Decided, waits_for: str) -> str:
        """Say that the decision is kept, and what happens now; or whom it still waits for."""
        is_approval = decided.decision == "approve"
        return self._page(
            "done",
            **_letter(visit),
            heading="Letter approved" if is_approval else "Letter returned",
            decided=decided,
            waits_for=waits_for,
            recipients=listed([r.name for r in visit.case.recipients(visit.revision)]),
        )

    def invitation(self, inspector: Inspector, invitation: Invitation, options: Any) -> str:
        """Ask an inspector to make a passkey."""
        return self._page(
            "enrol",
            inspector=inspector,
            expires=told_moment(invitation.expires_at),
            options=options,
        )

    def enrolled(self, enrolment: Enrolment) -> str:
        """Say what the key is that was enrolled."""
        return self._page(
            "enrolled",
            name=enrolment.name,
            key=short_id(enrolment.credential_id),
            synced=enrolment.backup_eligible,
            backed_up=enrolment.backed_up,
        )

    def refusal(
        self, error: LettersError, *, base: str = "", decision: str = "", comments: str = ""
    ) -> str:
        """Tell a refusal with its code, and the way back where there is one."""
        told = advice_on(error)
        return self._page(
            "refusal",
            heading=told.heading,
            message=error.message,
            advice=told.advice,
            code=error.code,
            kept="",
            base=base,
            decision=decision,
            comments=comments,
        )

    def failure(self, kept: str) -> str:
        """Tell a failure that nobody foresaw by the name of the note that was kept of it."""
        return self._page(
            "refusal",
            heading="Something failed that should not",
            message="It is not your fault, and nothing is lost: what was decided before stays"
            " decided.",
            advice="Try again. If it comes back, tell the letters office.",
            code="unforeseen",
            kept=kept,
            base="",
            decision="",
            comments="",
        )

    def _page(self, template: str, /, **values: Any) -> str:
        return render_html_template(
            f"pages/{template}.html.j2", organisation=self._organisation, **values
        )


def _letter(visit: Visit) -> dict[str, Any]:
    """Tell what every page about a letter says of it."""
    letter, revision = visit.case.letter(visit.revision), visit.revision
    return {
        "base": visit.base,
        "inspector": visit.inspector,
        "on_behalf_of": "" if visit.inspector.name == visit.part.name else visit.part.name,
        "about": {
            "mark": SAMPLE_MARK if letter.sample else "",
            "authority": letter.authority.name,
            "subject": letter.subject,
            "date": day_in_words(letter.date),
            "signatories": listed([signatory.name for signatory in letter.signatories]),
            "is_joint": visit.part.number is not None,
            "reference": letter.reference,
            "revision": revision,
            "content_code": letter.content_code,
        },
    }


def _is_readable(visit: Visit, standing: Standing) -> bool:
    """Whether the letter can be shown as it goes out: templates may have changed since."""
    try:
        letter_html(visit.case, visit.revision)
    except (PackStale, PageMissing):
        return False
    return standing.stale is None


def _key_missing(visit: Visit) -> str:
    """Tell by its code why the inspector has no key to sign with; nothing where they have one."""
    try:
        signing_keys(visit.case, visit.revision, visit.inspector, visit.part.number)
    except (KeyUnknown, KeyRevoked) as refusal:
        return refusal.code
    except (NotEntitled, NotSample):
        return ""  # who once signed still reads, and is told so when deciding
    return ""
