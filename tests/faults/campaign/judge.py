"""What became of the letters, judged by what the provider took: the truth against the case.

An attempt is told from others to the same person by the chain's head in its header, which
the request bears and the claim names. Owns what must be zero; how it is printed is for
`page.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flows.verification import verify_office
from letters.delivery import Attempt, DeliveryState
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.office import Office
from tests.faults.fault_provider import Accepted, Request

NO_REQUEST = "none made: killed before it"

DUPLICATES = "accepted twice, and nobody decided to send again"
LOST = "neither accepted nor disclosed"
DENIED = "accepted, and recorded as not accepted"
CLAIMED = "recorded as accepted, and not accepted"
UNDISCLOSED = "without proof, and not shown as in doubt"
UNFINISHED = "letters that came to no end"
DIFFERENCES = "differences that `verify` found"
OPEN = "objects left open"
UNKNOWN_REQUESTS = "requests that no claim stands for"
TROUBLES = "errors that no process should have met"
LURED = "redirections followed"
ZEROS = (
    *(DUPLICATES, LOST, DENIED, CLAIMED, UNDISCLOSED, UNFINISHED, DIFFERENCES, OPEN),
    *(UNKNOWN_REQUESTS, TROUBLES, LURED),
)
"""What a campaign must find nothing of."""


@dataclass
class Judgement:
    """Counts over the letters of an office, or of several."""

    letters: int = 0
    recipients: int = 0
    closed: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    cases: list[str] = field(default_factory=list)
    """What is wrong, and where."""
    attempts: Counter[str] = field(default_factory=Counter)
    """`fault|record`: what the provider did, and what the case has of that attempt."""
    deliveries: Counter[str] = field(default_factory=Counter)
    """`end|taken`: where deliveries stand at the end, and whether they were taken."""
    resent_twice: int = 0
    """Recipients who got a second letter because somebody decided to send again."""

    def add(self, other: Judgement) -> None:
        """Add the counts of another office."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def note(self, what: str, where: str, times: int = 1) -> None:
        """Count something that must not be."""
        if times:
            self.wrong[what] += times
            self.cases.append(f"{where}: {what}")

    def to_json(self) -> dict[str, Any]:
        """Write the counts as JSON can hold them."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Judgement:
        """Read what `to_json` wrote."""
        counters = {name: Counter(told[name]) for name in ("wrong", "attempts", "deliveries")}
        return cls(**{**told, **counters})


class Truth:
    """What the provider did, by send id and attempt."""

    def __init__(self, requests: Iterable[Request], accepted: Iterable[Accepted]) -> None:
        self.faults: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.taken: Counter[str] = Counter()
        self.taken_attempts: Counter[tuple[str, str]] = Counter()
        for request in requests:
            self.faults[request.send_id][request.case_head] = request.fault
        for each in accepted:
            self.taken[each.send_id] += 1
            self.taken_attempts[each.send_id, each.case_head] += 1


def judged(office: Office, references: Iterable[str], truth: Truth) -> Judgement:
    """Judge the letters of an office."""
    judgement = Judgement()
    for reference in references:
        _judge_letter(judgement, Case(office, reference), truth)
    report = verify_office(office)
    for difference in report.differences:
        judgement.note(DIFFERENCES, str(difference))
    # Prefect's history of a run is named by the next housekeeping.
    left = [key for key in report.open_objects if "/runs/" not in key]
    judgement.note(OPEN, ", ".join(left), len(left))
    return judgement


def _judge_letter(judgement: Judgement, case: Case, truth: Truth) -> None:
    judgement.letters += 1
    if not case.revisions():
        judgement.note(UNFINISHED, case.reference)
        return
    states = case.delivery_states(1)
    is_closed = case.closed() is not None
    judgement.closed += is_closed
    is_all_good = all(is_good(state) for state in states.values())
    ended = all(is_good(state) or is_disclosed(state) for state in states.values())
    if is_closed is not is_all_good or not ended or not states:
        judgement.note(UNFINISHED, f"{case.reference} {states}")
    for recipient in case.recipients(1):
        _judge_delivery(judgement, case, recipient, truth)


def _judge_delivery(
    judgement: Judgement, case: Case, recipient: FrozenRecipient, truth: Truth
) -> None:
    judgement.recipients += 1
    to = send_id(case.reference, 1, recipient.email)
    where = f"{case.reference} {recipient.id}"
    attempts, state = case.attempts(1, to), case.delivery_state(1, recipient)
    taken = truth.taken[to]
    resends = sum(_ends_as(attempt) == "resend" for attempt in attempts)
    judgement.note(DUPLICATES, where, max(0, taken - 1 - resends))
    judgement.resent_twice += 1 < taken <= 1 + resends
    if taken == 0 and not is_disclosed(state):
        judgement.note(LOST, f"{where} {state}")
    faults = truth.faults[to]
    known = {attempt.claim.case_head for attempt in attempts}
    judgement.note(UNKNOWN_REQUESTS, where, len(faults.keys() - known))
    for attempt in attempts:
        head = attempt.claim.case_head
        is_taken = truth.taken_attempts[to, head] > 0
        recorded = record_of(attempt)
        judgement.attempts[f"{faults.get(head, NO_REQUEST)}|{recorded}"] += 1
        if is_taken and recorded in ("refused", "not accepted", "unknown, found absent"):
            judgement.note(DENIED, f"{where} {recorded}")
        if not is_taken and recorded in ("accepted", "unknown, found accepted"):
            judgement.note(CLAIMED, f"{where} {recorded}")
        if recorded == "unknown" and not is_disclosed(state):
            judgement.note(UNDISCLOSED, f"{where} {state}")
    judgement.deliveries[f"{_end_of(attempts, state)}|{min(taken, 2)}"] += 1


def record_of(attempt: Attempt) -> str:
    """Say what the case has of an attempt."""
    told = attempt.outcome.result if attempt.outcome else "unknown"
    ends_as = _ends_as(attempt)
    if told in ("accepted", "not-accepted"):
        return told.replace("-", " ")
    return {
        "": told,
        "accepted": "unknown, found accepted",
        "absent": "unknown, found absent",
        "sent": f"{told}, decided: sent",
        "resend": f"{told}, decided: send again",
    }[ends_as]


def is_good(state: DeliveryState) -> bool:
    """Whether nothing is left to be done."""
    return state in (DeliveryState.ACCEPTED, DeliveryState.SETTLED_AS_SENT)


def is_disclosed(state: DeliveryState) -> bool:
    """Whether it can be seen that the recipient may have got nothing."""
    return state in (DeliveryState.UNKNOWN, DeliveryState.REFUSED, DeliveryState.SETTLED_AS_SENT)


def _ends_as(attempt: Attempt) -> str:
    return attempt.settlement.ends_as if attempt.settlement else ""


def _end_of(attempts: tuple[Attempt, ...], state: DeliveryState) -> str:
    match state:
        case DeliveryState.ACCEPTED:
            records = [record_of(attempt) for attempt in attempts]
            by_word = "accepted" in records
            return "accepted" if by_word else "accepted, by evidence"
        case DeliveryState.SETTLED_AS_SENT:
            return "counted as sent, by decision"
        case DeliveryState.UNKNOWN:
            return "left unknown"
        case DeliveryState.REFUSED:
            return "left refused"
        case _:
            return str(state)
