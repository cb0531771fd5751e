"""A waiting letter, an inspector with an enrolled passkey, and what they do with it."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from flows.verification import verify_office
from letters.signoff import Decision, Enrolment, SignOff, from_base64url
from tasks.case.case import Case
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import decisions_on
from tasks.signoff.invitations import enrolment_question, invite, open_invitation, take_up
from tasks.signoff.signing import Question, answer, ask
from tests.issuing import SHORT_DRAFT, SIGNATORY, a_sample_office, submit
from tests.signoff.authenticator import Authenticator

SIGNATORY_NAME = "Harriet Elmsley"

ANOTHER_DRAFT = SHORT_DRAFT.replace(b"8 and 9 March 2011", b"9 and 10 March 2010").replace(
    b"4 April 2011", b"7 April 2010"
)
"""A letter of the year before: another reference."""


def a_passkey(office):
    """A new authenticator in a browser that shows the office's own page."""
    origin = office.settings.signing.origin
    return Authenticator(ec.generate_private_key(ec.SECP256R1()), origin=origin)


def enrolled(office, inspector_id, key=None):
    """Enrol a passkey by a one-time link, as the page does; return it and its enrolment."""
    key = a_passkey(office) if key is None else key
    url = invite(office, office.register.inspector(inspector_id))
    invitation = open_invitation(office, inspector_id, url.rpartition("/")[2])
    return key, take_up(office, invitation, registered(office, invitation, key))


def registered(office, invitation, key, **misbehaviour):
    """What the browser sends back for an invitation."""
    asked = enrolment_question(office, invitation)
    return key.register(from_base64url(asked["challenge"]), **misbehaviour)


@dataclass
class SigningRoom:
    """One revision that waits, and its signatory."""

    root: Path
    draft: bytes = SHORT_DRAFT
    case: Case = field(init=False)
    revision: int = field(init=False)
    key: Authenticator = field(init=False)
    enrolment: Enrolment = field(init=False)

    def __post_init__(self):
        office = a_sample_office(self.root)
        self.case, self.revision = submit(office, self.draft)
        self.key, self.enrolment = enrolled(office, SIGNATORY)

    @property
    def office(self):
        return self.case.office

    def inspector(self, inspector_id=SIGNATORY):
        return self.office.register.inspector(inspector_id)

    def ask(self, decision=Decision.APPROVE, comments="", *, by=SIGNATORY, **changes) -> Question:
        return ask(
            changes.pop("case", self.case),
            changes.pop("revision", self.revision),
            self.inspector(by),
            decision=decision,
            comments=comments,
            is_as_packed=require_as_packed,
            **changes,
        )

    def answer(self, question, *, response=None, by=SIGNATORY, **changes) -> SignOff:
        return answer(
            changes.pop("case", self.case),
            changes.pop("revision", self.revision),
            self.inspector(by),
            sealed=changes.pop("sealed", question.sealed),
            response=self.key.answer_to(question.statement) if response is None else response,
            is_as_packed=require_as_packed,
            **changes,
        )

    def sign(self, decision=Decision.APPROVE, comments="", *, by=SIGNATORY, key=None) -> SignOff:
        question = self.ask(decision, comments, by=by)
        response = (key or self.key).answer_to(question.statement)
        return self.answer(question, response=response, by=by)

    def path(self, name) -> Path:
        """The file of an object of the case."""
        return self.office.root / "archive" / self.case.key(name)

    def lay(self, name, data) -> None:
        """Write an object by hand, past the store."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def refusals(self):
        """The codes of the refusals that the case's chain holds."""
        return [e.detail["code"] for e in self.case.chain.entries() if e.event == "refused"]

    def decision(self):
        """What the only signatory has decided."""
        (part,) = decisions_on(self.case, self.revision).parts
        return part.sign_off

    def differences(self):
        return [(d.code, d.object) for d in verify_office(self.office).differences]
