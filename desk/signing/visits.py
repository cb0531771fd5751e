"""Who comes by a link to which letter; nothing is told before the link is checked."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request

from desk.signing.refusals import PageMissing
from letters.refusals import NotEntitled
from letters.register import Inspector
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.inspectors import known_inspector
from tasks.signoff.links import check_link
from tasks.signoff.signing import signers


class Visit(NamedTuple):
    """An inspector at one revision of a letter."""

    case: Case
    revision: int
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
    inspector_id, token = asked["inspector"], asked["token"]
    check_link(office, reference, revision, inspector_id, token)
    case = Case(office, reference)
    if revision not in case.revisions():
        raise PageMissing
    visit = Visit(
        case,
        revision,
        known_inspector(office, inspector_id),
        f"/sign/{reference}/r{revision}/{inspector_id}/{token}",
    )
    if not _may_read(visit):
        raise NotEntitled(f"{visit.inspector.name} has no part in this letter today.")
    return visit


def _may_read(visit: Visit) -> bool:
    """Whoever may sign today reads, and whoever signed."""
    case, revision, inspector = visit.case, visit.revision, visit.inspector
    if inspector in signers(case, revision, visit.office.clock().date()):
        return True
    names = case.sign_off_names(revision)
    return inspector.id in {case.read_sign_off(name).statement.inspector for name in names}
