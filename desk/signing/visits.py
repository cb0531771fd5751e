"""Who comes by a link to which letter; nothing is told before the link is checked."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request

from desk.signing.refusals import PageMissing
from letters.decisions import Part, parts_of
from letters.refusals import NotEntitled
from letters.register import Inspector
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.inspectors import known_inspector
from tasks.signoff.links import check_link, page_path
from tasks.signoff.signers import Signer, signers


class Visit(NamedTuple):
    """An inspector at one revision of a letter, to decide for one of its signatories."""

    case: Case
    revision: int
    part: Part
    """The signatory's, undecided."""
    inspector: Inspector
    base: str
    """The path of the page."""

    @property
    def office(self) -> Office:
        """The office whose letter it is."""
        return self.case.office


def visit_of(office: Office, request: Request) -> Visit:
    """Let in whoever has a link that opens this page, and may read the letter today.

    Raises SignOffRefused, PageMissing.
    """
    asked = request.path_params
    reference, revision = asked["reference"], asked["revision"]
    signatory: int | None = asked.get("signatory")
    inspector_id, token = asked["inspector"], asked["token"]
    check_link(office, reference, revision, inspector_id, token, signatory=signatory)
    case = Case(office, reference)
    if revision not in case.revisions():
        raise PageMissing
    parts = parts_of(case.letter(revision))
    part = next((part for part in parts if part.number == signatory), None)
    if part is None:
        raise PageMissing
    inspector = known_inspector(office, inspector_id)
    base = page_path(reference, revision, signatory, inspector_id, token)
    visit = Visit(case, revision, part, inspector, base)
    if not _may_read(visit):
        raise NotEntitled(f"{inspector.name} has no part in this letter today.")
    return visit


def _may_read(visit: Visit) -> bool:
    """Whoever may sign for the signatory today reads, and whoever signed."""
    case, revision, inspector = visit.case, visit.revision, visit.inspector
    on = visit.office.clock().date()
    if Signer(inspector, visit.part) in signers(case, revision, on):
        return True
    names = case.sign_off_names_of(revision, visit.part.number)
    return inspector.id in {case.read_sign_off(name).statement.inspector for name in names}
