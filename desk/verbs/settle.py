"""The verb `letters settle`."""

from __future__ import annotations

from desk.failures import Exit
from desk.options import SettleAs
from desk.printing import print_json, say
from desk.shown import revision_to_settle, shown_deliveries
from letters.errors import UsageError
from tasks.case.case import open_case
from tasks.case.office import Office
from tasks.mailing.settle import settle


def settle_delivery(
    office: Office, reference: str, role: str, *, as_: SettleAs, why: str, as_json: bool
) -> int:
    """Record a person's decision on a delivery in doubt."""
    case = open_case(office, reference)
    revision = revision_to_settle(case, role)
    recipient = next((r for r in case.recipients(revision) if role in (r.id, r.role)), None)
    if recipient is None:
        known = ", ".join(r.id for r in case.recipients(revision))
        raise UsageError(
            f"{reference} has no recipient “{role}”.",
            remedy=f"It goes to {known}.",
            code="recipient-unknown",
        )
    state = settle(
        office,
        case,
        revision,
        recipient,
        as_="resend" if as_ is SettleAs.RESEND else "sent",
        why=why,
    )
    if as_json:
        print_json(shown_deliveries(case))
    else:
        say(f"{recipient.name}, {reference} r{revision}: {state}.")
        say(f"Go on with: letters issue {reference}")
    return Exit.DONE
