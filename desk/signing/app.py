"""The signing page as an application: which address does what.

Owns the routes and the order of things. What is at the door is the guard's, what a
page says `pages`', what a decision is worth the rooms' below.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from desk.signing.documents import letter_html, proof_pdf
from desk.signing.forms import (
    Faults,
    Filled,
    Form,
    comments_in,
    decision_in,
    faults_of,
    field,
    read_form,
    response_in,
)
from desk.signing.guard import LETTER_POLICY, PROOF_POLICY, Guard, framework_refusal
from desk.signing.pages import Pages
from desk.signing.refusals import PageMissing, status_of
from desk.signing.standing import standing_of
from desk.signing.visits import Visit, visit_of
from letters.case import CommandRefused
from letters.refusals import SignOffRefused
from tasks.case.office import Office
from tasks.rendering.pack import require_as_packed
from tasks.signoff.inspectors import known_inspector
from tasks.signoff.invitations import enrolment_question, open_invitation, take_up
from tasks.signoff.opened import Part, note_opened
from tasks.signoff.signing import answer, ask
from tasks.templating import TEMPLATES

log = logging.getLogger("desk")

SIGN = "/sign/{reference}/r{revision:int}/{inspector}/{token}"
SIGN_IN_PART = "/sign/{reference}/r{revision:int}-{signatory:int}/{inspector}/{token}"
"""For one of several signatories."""
ENROL = "/enrol/{inspector}/{token}"

STATIC_FOLDER = TEMPLATES / "pages" / "static"
STATIC = {
    "signing.css": "text/css",
    "passkey.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Desk(NamedTuple):
    """What the routes work with."""

    open_office: Callable[[], Office]
    pages: Pages
    on_decided: Callable[[str], None]

    def home(self, _: Request) -> Response:
        """Say what this place is."""
        return HTMLResponse(self.pages.home())

    def letter(self, request: Request) -> Response:
        """Lay the letter before its inspector."""
        visit = self._visit(request, "page")
        return self._letter(visit, Filled())

    def letter_html(self, request: Request) -> Response:
        """Hand out the letter as it goes out, to be framed by its page."""
        visit = self._visit(request, "letter")
        return HTMLResponse(
            letter_html(visit.case, visit.revision),
            headers={"Content-Security-Policy": LETTER_POLICY},
        )

    def proof_pdf(self, request: Request) -> Response:
        """Hand out the proof, to be read in the browser."""
        visit = self._visit(request, "proof")
        name = f"{visit.case.reference}-r{visit.revision}-proof.pdf"
        return Response(
            proof_pdf(visit.case, visit.revision),
            media_type="application/pdf",
            headers={
                "Content-Security-Policy": PROOF_POLICY,
                "Content-Disposition": f'inline; filename="{name}"',
            },
        )

    async def decide(self, request: Request) -> Response:
        """Take the decision form, and ask for the passkey."""
        form = await read_form(request)
        return await run_in_threadpool(self._decide, request, form)

    async def confirm(self, request: Request) -> Response:
        """Take the passkey's answer, and keep the decision."""
        form = await read_form(request)
        return await run_in_threadpool(self._confirm, request, form)

    def done(self, request: Request) -> Response:
        """Say what was decided and what happens now."""
        visit = visit_of(self.open_office(), request)
        standing = standing_of(visit)
        if standing.decided is None:
            return RedirectResponse(visit.base, status_code=303)
        return HTMLResponse(self.pages.done(visit, standing.decided, standing.waits_for))

    def invitation(self, request: Request) -> Response:
        """Ask for a new passkey."""
        office = self.open_office()
        asked = request.path_params
        invitation = open_invitation(office, asked["inspector"], asked["token"])
        inspector = known_inspector(office, invitation.inspector)
        question = enrolment_question(office, invitation)
        return HTMLResponse(self.pages.invitation(inspector, invitation, question))

    async def enrol(self, request: Request) -> Response:
        """Take a new passkey."""
        form = await read_form(request)
        return await run_in_threadpool(self._enrol, request, form)

    def _visit(self, request: Request, part: Part) -> Visit:
        visit = visit_of(self.open_office(), request)
        if request.method == "GET":
            note_opened(visit.case, visit.revision, visit.inspector.id, part)
        return visit

    def _letter(self, visit: Visit, filled: Filled) -> Response:
        standing = standing_of(visit)
        return HTMLResponse(
            self.pages.letter(visit, standing, filled),
            status_code=200 if filled.faults == Faults() else 422,
        )

    def _decide(self, request: Request, form: Form) -> Response:
        visit = visit_of(self.open_office(), request)
        decision, comments = decision_in(form), comments_in(form)
        filled = Filled(decision or "", comments, faults_of(decision, comments))
        if "change" in form:
            return self._letter(visit, filled._replace(faults=Faults()))
        if decision is None or filled.faults != Faults():
            return self._letter(visit, filled)
        try:
            question = ask(
                visit.case,
                visit.revision,
                visit.inspector,
                decision=decision,
                comments=comments,
                signatory=visit.part.number,
                is_as_packed=require_as_packed,
            )
        except (SignOffRefused, CommandRefused) as refusal:
            return self._refused(refusal, visit, form)
        return HTMLResponse(self.pages.confirm(visit, question))

    def _confirm(self, request: Request, form: Form) -> Response:
        visit = visit_of(self.open_office(), request)
        sealed, response = field(form, "sealed"), response_in(form)
        try:
            answer(
                visit.case,
                visit.revision,
                visit.inspector,
                sealed=sealed,
                response=response,
                signatory=visit.part.number,
                is_as_packed=require_as_packed,
            )
        except (SignOffRefused, CommandRefused) as refusal:
            return self._refused(refusal, visit, form)
        # Seen anew under its own address, the page can be loaded again without deciding again.
        return RedirectResponse(
            f"{visit.base}/done",
            status_code=303,
            background=BackgroundTask(self._decided, visit.case.reference),
        )

    def _enrol(self, request: Request, form: Form) -> Response:
        office = self.open_office()
        asked = request.path_params
        invitation = open_invitation(office, asked["inspector"], asked["token"])
        return HTMLResponse(self.pages.enrolled(take_up(office, invitation, response_in(form))))

    def _refused(
        self, refusal: SignOffRefused | CommandRefused, visit: Visit, form: Form
    ) -> Response:
        """Tell a refusal with the way back, on which nothing that was written is lost."""
        page = self.pages.refusal(
            refusal,
            base=visit.base,
            decision=decision_in(form) or "",
            comments=comments_in(form),
        )
        return HTMLResponse(page, status_code=status_of(refusal) or 403)

    def _decided(self, reference: str) -> None:
        try:
            self.on_decided(reference)
        except Exception:  # the decision is kept and has been told; the run is resumed later
            log.exception("%s was decided, but its run could not be told", reference)


def create_app(
    open_office: Callable[[], Office],
    *,
    on_decided: Callable[[str], None],
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """Make the application that serves the signing page of an office.

    The office is opened anew for each request. `on_decided` is called with the
    letter's reference after a decision was kept and its inspector has been told.
    """
    office = open_office()
    pages = Pages(office.settings.letterhead.organisation)
    desk = Desk(open_office, pages, on_decided)
    guard = Middleware(
        Guard,
        pages=pages,
        origin=office.settings.signing.origin,
        office=office.root,
        monotonic=monotonic,
    )
    app = Starlette(
        routes=[
            Route("/", desk.home),
            Route("/health", lambda _: PlainTextResponse("ok\n")),
            Route("/static/{name}", _static),
            *(route for path in (SIGN, SIGN_IN_PART) for route in _routes_of(path, desk)),
            Route(ENROL, desk.invitation),
            Route(ENROL, desk.enrol, methods=["POST"]),
        ],
        middleware=[guard],
        exception_handlers={HTTPException: framework_refusal(pages)},
    )
    app.router.redirect_slashes = False
    return app


def _routes_of(page: str, desk: Desk) -> list[Route]:
    return [
        Route(page, desk.letter),
        Route(f"{page}/letter.html", desk.letter_html),
        Route(f"{page}/proof.pdf", desk.proof_pdf),
        Route(f"{page}/decision", desk.decide, methods=["POST"]),
        Route(f"{page}/confirm", desk.confirm, methods=["POST"]),
        Route(f"{page}/done", desk.done),
    ]


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise PageMissing
    return Response((STATIC_FOLDER / name).read_bytes(), media_type=STATIC[name])
