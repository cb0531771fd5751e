"""Requests that are refused before they reach anything, and the HTTP status of each refusal."""

from __future__ import annotations

from letters.case import CommandRefused
from letters.errors import LettersError
from letters.refusals import (
    ApprovalFrozen,
    CommentsMissing,
    InvitationUsed,
    LinkExpired,
    LinkInvalid,
    PackStale,
    QuestionExpired,
    SignOffRefused,
)
from tasks.signoff.rights import InspectorsDamaged


class RequestRefused(LettersError):
    """A request that this page doesn't take, whoever sent it."""

    status = 400
    retry_after_seconds: int | None = None


class FormInvalid(RequestRefused):
    """The fields of a form are not those of the page."""

    code = "form-invalid"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The form can't be read: {what}.",
            remedy="Open the page again by the link in your e-mail, and send it from there.",
        )


class ForeignOrigin(RequestRefused):
    """A form that was sent from another page than ours."""

    code = "foreign-origin"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "The form was not sent from this office’s own page.",
            remedy="Open the page by the link in your e-mail, and send it from there.",
        )


class PageMissing(RequestRefused):
    """Nothing is there, or nothing that whoever asks may know of."""

    code = "page-missing"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            "There is no such page.",
            remedy="Open the link in your e-mail: check that all of it came along.",
        )


class MethodNotAllowed(RequestRefused):
    """The page can't be asked in this way."""

    code = "method-not-allowed"
    status = 405

    def __init__(self) -> None:
        super().__init__(
            "This address can’t be opened like that.",
            remedy="Open the page by the link in your e-mail, and go on from there.",
        )


class BodyTooSlow(RequestRefused):
    """The form did not arrive in time."""

    code = "request-timeout"
    status = 408

    def __init__(self) -> None:
        super().__init__("The form took too long to arrive.", remedy="Send it again.")


class BodyTooLarge(RequestRefused):
    """More than any form of ours can hold."""

    code = "body-too-large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"What was sent is larger than {limit // 1024} KiB.",
            remedy="Shorten the comments, or send the marked-up draft to the letters office.",
        )


class AddressTooLong(RequestRefused):
    """No address of ours is so long."""

    code = "address-too-long"
    status = 414

    def __init__(self) -> None:
        super().__init__(
            "The address is longer than any of ours.", remedy="Open the link in your e-mail."
        )


class NotAForm(RequestRefused):
    """Something else than a form was sent."""

    code = "not-a-form"
    status = 415

    def __init__(self) -> None:
        super().__init__(
            "What was sent is no form of this page.",
            remedy="Open the page by the link in your e-mail, and send it from there.",
        )


class WrongHost(RequestRefused):
    """Asked under a name that isn't ours: passkeys belong to one name alone."""

    code = "wrong-host"
    status = 421

    def __init__(self, origin: str) -> None:
        super().__init__(
            "The signing page has another address.", remedy=f"Open it at {origin} instead."
        )


class TooManyRequests(RequestRefused):
    """Asked more often than a person would."""

    code = "too-many-requests"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "This page was asked for too often.",
            remedy=f"Wait {seconds} second{'s' if seconds != 1 else ''}, then try again.",
        )
        self.retry_after_seconds = seconds


def status_of(error: LettersError) -> int | None:
    """Tell the HTTP status of a refusal, or None for what is no refusal but a failure."""
    match error:
        case RequestRefused():
            return error.status
        case LinkInvalid():
            return 404
        case LinkExpired() | InvitationUsed() | QuestionExpired():
            return 410
        case CommandRefused() | PackStale() | ApprovalFrozen():
            return 409
        case CommentsMissing():
            return 422
        case SignOffRefused():
            return 403
        case InspectorsDamaged():
            return 503
        case _:
            return None
