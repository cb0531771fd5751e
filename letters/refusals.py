"""The reasons for which a sign-off, or a way to one, is refused; each with its stable code."""

from __future__ import annotations

from letters.errors import LettersError


class SignOffRefused(LettersError):
    """A sign-off that does not count. The letter still waits for one that does."""

    code = "sign-off-refused"


class ResponseInvalid(SignOffRefused):
    """The authenticator's answer is malformed, or not of the kind that was asked for."""

    code = "response-invalid"


class ChallengeMismatch(SignOffRefused):
    """The answer was made for another statement: something in it differs."""

    code = "challenge-mismatch"


class PackStale(SignOffRefused):
    """The pack that was signed isn't the pack of this revision (any more)."""

    code = "pack-stale"


class NotEntitled(SignOffRefused):
    """This inspector may not sign this letter on this day."""

    code = "not-entitled"


class KeyRevoked(SignOffRefused):
    """The key had been revoked when it signed."""

    code = "key-revoked"


class KeyUnknown(SignOffRefused):
    """The key is not one that was enrolled for this inspector."""

    code = "key-unknown"


class KeyOutdated(KeyUnknown):
    """The inspector's keys were enrolled under a name that may not sign this letter."""

    code = "key-outdated"


class WrongOrigin(SignOffRefused):
    """The answer was given on another page than the office's own."""

    code = "wrong-origin"


class WrongRelyingParty(SignOffRefused):
    """The key answered for another office's name."""

    code = "wrong-relying-party"


class UserNotVerified(SignOffRefused):
    """The authenticator did not see its owner: no touch, or no PIN or fingerprint."""

    code = "user-not-verified"


class SignatureInvalid(SignOffRefused):
    """The signature does not fit what was signed."""

    code = "signature-invalid"


class CommentsMissing(SignOffRefused):
    """A return without a word of why."""

    code = "comments-missing"


class NotSample(SignOffRefused):
    """A sample inspector and a real letter, or the other way round."""

    code = "not-sample"


class SignOffForeign(SignOffRefused):
    """A sign-off lies there of which the case's chain knows nothing: someone laid it in."""

    code = "sign-off-foreign"


class ConfirmationUnfounded(SignOffRefused):
    """A confirmation of an approval that needed none."""

    code = "confirmation-unfounded"


class ApprovalFrozen(SignOffRefused):
    """The key that approved was revoked before everything was sent."""

    code = "approval-frozen"


class QuestionInvalid(SignOffRefused):
    """What comes back with an answer is not a question that this office asked."""

    code = "question-invalid"


class QuestionExpired(SignOffRefused):
    """The answer came too long after the question."""

    code = "question-expired"


class LinkInvalid(SignOffRefused):
    """The link is not one that this office made, or not for this."""

    code = "link-invalid"


class LinkExpired(SignOffRefused):
    """The link no longer opens anything."""

    code = "link-expired"


class InvitationUsed(SignOffRefused):
    """The one-time link has enrolled a key already."""

    code = "invitation-used"
