"""What needs a person among the e-mails of an issued revision, and what is to be done.

Owns the words for each trouble of a delivery. How far it has come is told by tasks/mailing;
who lists and shows it are check_deliveries and the office's standing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from letters.audit import Moment
from letters.delivery import DOUBTFUL, DeliveryState
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.mailing.progress import progress_of

KNOWN = {
    "bounce": "It bounced",
    "blocked": "The receiving server blocked it",
    "dropped": "The provider dropped it",
    "spamreport": "It was reported as spam",
    "deferred": "The receiving server has put it off for more than a day",
    "unknown": "Nobody can tell whether the provider has it",
    "refused": "The provider refused it",
}
BY_OTHER_MEANS = "hand the letter over by other means: letters show {reference} names its files."
TO_DO = {
    "bounce": "Ask for the right address, correct the register, and " + BY_OTHER_MEANS,
    "blocked": "Ask the recipient's office to let our e-mails in, and " + BY_OTHER_MEANS,
    "dropped": "Take the address off the provider's suppression list, and " + BY_OTHER_MEANS,
    "spamreport": "Ask the recipient's office whether it has the letter; else " + BY_OTHER_MEANS,
    "deferred": "Ask the recipient's office whether its e-mail works; else " + BY_OTHER_MEANS,
    "unknown": "Find out whether it arrived. If so: letters settle {reference} {recipient}"
    ' --as sent --why "…". If not: the same with --as resend, then letters issue {reference}.',
    "refused": "Put right what the provider says, then: letters settle {reference} {recipient}"
    ' --as resend --why "…", and letters issue {reference}.',
}


@dataclass(frozen=True)
class Needing:
    """An e-mail with which a person must do something."""

    letter: str
    """`<reference> r<n>`."""
    recipient: str
    at: Moment | None
    """Since when."""
    known: str
    to_do: str

    @property
    def since(self) -> str:
        """The moment as tables show it."""
        return "" if self.at is None else f"{self.at[:10]} {self.at[11:16]} UTC"

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.letter}, {self.recipient}: {self.known}. {self.to_do}"


def needing(
    case: Case, revision: int, recipient: FrozenRecipient, state: DeliveryState
) -> Iterator[Needing]:
    """Tell what a person must do about a delivery: nothing, or one for each trouble."""
    progress = progress_of(case, revision, recipient)
    if state in DOUBTFUL:
        attempt = case.attempts(revision, send_id(case.reference, revision, recipient.email))[-1]
        said = "" if attempt.outcome is None else attempt.outcome.said
        yield _told(case, revision, recipient, str(state), attempt.claim.at, said)
    for flag in progress.flags:
        yield _told(case, revision, recipient, flag, progress.flagged_at, progress.reason)
    if progress.is_deferred_for_long(case.office.clock()) and not progress.flags:
        at = progress.deferred_since
        yield _told(case, revision, recipient, "deferred", at, progress.reason)


def _told(
    case: Case, revision: int, recipient: FrozenRecipient, what: str, at: Moment | None, said: str
) -> Needing:
    return Needing(
        letter=f"{case.reference} r{revision}",
        recipient=recipient.id,
        at=at,
        known=f"{KNOWN[what]}: {said}" if said else KNOWN[what],
        to_do=TO_DO[what].format(reference=case.reference, recipient=recipient.id),
    )
