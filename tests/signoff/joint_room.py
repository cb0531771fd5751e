"""A letter of several signatories that waits, and what they and their delegates do with it."""

from dataclasses import dataclass, field
from pathlib import Path

from flows.verification import verify_office
from letters.register import Inspector
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import decisions_on
from tasks.signoff.inspectors import revoke
from tasks.signoff.signing import answer, ask
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    signed_by_also,
    submit,
)
from tests.signoff.signing_room import enrolled

FOUR = (SIGNATORY, COLLEAGUE, "oakes", "quill")
DRAFT_OF_FOUR = signed_by_also(SHORT_DRAFT, "Tobias Reyne", "Ida Oakes", "Max Quill")


def with_four_inspectors(office):
    """The sample register with two more inspectors, and a third who signs nothing."""
    more = (
        Inspector(id=id_, name=name, email=f"{id_}@inspectorate.example", sample=True)
        for id_, name in (("oakes", "Ida Oakes"), ("quill", "Max Quill"), ("stone", "Jo Stone"))
    )
    register = office.register
    return register.model_copy(update={"inspectors": (*register.inspectors, *more)})


@dataclass
class JointRoom:
    """One revision that waits for several signatories, each with a passkey."""

    root: Path
    draft: bytes = JOINT_DRAFT
    case: Case = field(init=False)
    revision: int = field(init=False)
    keys: dict = field(init=False, default_factory=dict)
    enrolments: dict = field(init=False, default_factory=dict)

    def __post_init__(self):
        register = with_four_inspectors(a_sample_office(self.root))
        office = a_sample_office(self.root, register=register)
        self.case, self.revision = submit(office, self.draft)

    @property
    def office(self):
        return self.case.office

    def key_of(self, inspector_id):
        """The inspector's passkey, enrolled at its first use."""
        if inspector_id not in self.keys:
            self.enrol(inspector_id)
        return self.keys[inspector_id]

    def enrol(self, inspector_id):
        """Enrol a new passkey: the inspector signs with it from now on."""
        key, enrolment = enrolled(self.office, inspector_id)
        self.keys[inspector_id], self.enrolments[inspector_id] = key, enrolment

    def lose_key_of(self, inspector_id):
        """Revoke the key with which the inspector signs."""
        credential_id = self.enrolments[inspector_id].credential_id
        revoke(self.office, inspector_id, credential_id, why="Lost on a train.")

    def ask(self, by, signatory, decision=Decision.APPROVE, comments=""):
        self.key_of(by)
        return ask(
            self.case,
            self.revision,
            self.office.register.inspector(by),
            decision=decision,
            comments=comments,
            signatory=signatory,
            is_as_packed=require_as_packed,
        )

    def answer(self, by, signatory, question, *, response=None):
        if response is None:
            response = self.key_of(by).answer_to(question.statement)
        return answer(
            self.case,
            self.revision,
            self.office.register.inspector(by),
            sealed=question.sealed,
            response=response,
            signatory=signatory,
            is_as_packed=require_as_packed,
        )

    def sign(self, by, signatory, decision=Decision.APPROVE, comments=""):
        return self.answer(by, signatory, self.ask(by, signatory, decision, comments))

    def decisions(self):
        return decisions_on(self.case, self.revision)

    def told(self):
        """What is decided, as people are told; the same whether it is checked or only read."""
        assert str(self.case.decisions(self.revision)) == str(self.decisions())
        return str(self.decisions())

    def state(self):
        return self.case.state(self.revision)

    def path(self, name) -> Path:
        """The file of an object of the case."""
        return self.office.root / "archive" / self.case.key(name)

    def lay(self, name, data) -> None:
        """Write an object by hand, past the store."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        path.write_bytes(data)

    def ledger(self):
        """What the ledger says of the case: event, and the name of what made it so."""
        return [
            (e.event, e.detail["object"].rpartition("/")[2])
            for e in ledger_of(self.office).entries()
            if e.detail.get("reference") == self.case.reference
        ]

    def refusals(self):
        """The codes of the refusals that the case's chain holds."""
        return [e.detail["code"] for e in self.case.chain.entries() if e.event == "refused"]

    def differences(self):
        report = verify_office(as_another_process(self.office))
        assert report.open_objects == ()
        return [(d.code, d.object) for d in report.differences]
