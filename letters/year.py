"""A year of letters as an auditor counts it: a row a letter, and the figures of all.

Owns what a row says and how figures come of rows. Where rows come from is for
`tasks/archiving/year_audit.py`; how they are printed for `year_report.py`. No clock:
what is overdue is so at the moment the ledger ends with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from statistics import median
from typing import Literal

from letters.audit import Moment
from letters.deadline import day_of
from letters.letter import Frozen
from letters.working_days import working_days_after

Punctuality = Literal["in time", "late", "overdue", "open", ""]

What = Literal[
    "approved",
    "confirmed",
    "returned",
    "override",
    "clearance",
    "settlement",
    "correction",
    "withdrawal",
    "new-date",
]


class Signed(Frozen):
    """One signature under the letter: by whom, for whom, when."""

    signer: str
    at: Moment


class LetterRow(Frozen):
    """One letter. Its times are those of the revision that was first issued, else of the last.

    Counts are over all of its revisions.
    """

    reference: str
    authority: str
    kind: str
    is_sample: bool
    state: str
    """Of the last revision."""
    rounds: int
    """How many revisions there were."""
    revision: int
    """The one whose times are told."""
    inspected_until: date | None
    """None for a letter that tells of no inspection of its own."""
    drafted_at: Moment
    packed_at: Moment | None
    sign_offs: tuple[Signed, ...]
    signed_at: Moment | None
    """When the last of its signatories had approved it."""
    archived_at: Moment | None
    first_accepted_at: Moment | None
    last_accepted_at: Moment | None
    """None until every recipient's copy was accepted."""
    issued_at: Moment | None
    """When its case was closed."""
    held_by: str = ""
    """The periods for which it was held before it was sent."""
    deadline_working_days: int | None
    returns: int
    overrides: int
    clearances: int
    retries: int
    settlements: int
    recipients: int
    attempts: int
    """Attempts to deliver, of all recipients."""
    in_doubt: int
    """Deliveries of which nobody knows whether they were taken."""
    refused: int
    bounced: int
    """Deliveries of which the provider told that they bounced, were dropped, or the like."""
    replacements: int
    """Corrections and withdrawals that were ordered."""
    case_head: str
    """`<seq>:<sha256>`: the end of the case's chain, when the row was read."""

    @property
    def days_to_signature(self) -> int | None:
        """Working days from the last inspection day to the last signature."""
        return self._days_to(self.signed_at)

    @property
    def days_to_acceptance(self) -> int | None:
        """Working days from the last inspection day to the day the last copy was accepted."""
        return self._days_to(self.last_accepted_at)

    def punctuality(self, as_of: Moment | None) -> Punctuality:
        """Tell whether it came in time; empty where no deadline is counted."""
        allowed = self.deadline_working_days
        if self.inspected_until is None or allowed is None:
            return ""
        taken = self.days_to_acceptance
        if taken is not None:
            return "late" if taken > allowed else "in time"
        so_far = self._days_to(as_of)
        return "overdue" if so_far is not None and so_far > allowed else "open"

    def _days_to(self, moment: Moment | None) -> int | None:
        if moment is None or self.inspected_until is None:
            return None
        return working_days_after(self.inspected_until, day_of(datetime.fromisoformat(moment)))


class DecisionRow(Frozen):
    """Something that a person decided about a letter."""

    reference: str
    revision: int
    what: What
    code: str = ""
    """Of an override or clearance, the problem's; of a settlement, what it ended as."""
    about: str = ""
    """The place in the letter, or the recipient."""
    who: str
    at: Moment | None
    why: str = ""


class StepRow(Frozen):
    """A step of a letter that did not succeed at once."""

    reference: str
    step: str
    retries: int
    """Attempts after the first."""
    failures: int
    errors: tuple[str, ...] = ()
    """The codes of what failed, each once."""


DISPOSED = "disposed"
"""The code of a letter that can't be told of since its time was up: nothing is wrong with it."""


class DamagedRow(Frozen):
    """A letter that can't be told of, and why."""

    reference: str
    code: str
    message: str
    where: str = ""


class AsOf(Frozen):
    """The end of the ledger, by which the report tells what is overdue."""

    seq: int = 0
    head: str = ""
    at: Moment | None = None
    anchored_at: Moment | None = None
    """When a head of the ledger last left the house, as the nightly check does; None where it
    didn't since the year began."""


class YearAudit(Frozen):
    """All that is told of a year."""

    year: int
    as_of: AsOf = AsOf()
    letters: tuple[LetterRow, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    damaged: tuple[DamagedRow, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every letter of the year could be told of, but those disposed of."""
        return all(row.code == DISPOSED for row in self.damaged)


class Spread(Frozen):
    """How a number of working days is spread over letters."""

    letters: int
    median: float
    least: int
    most: int

    def __str__(self) -> str:
        """Say it in a few words: `18 (9 to 31), of 40 letters`."""
        of = "1 letter" if self.letters == 1 else f"{self.letters} letters"
        return f"{self.median:g} ({self.least} to {self.most}), of {of}"


class Figures(Frozen):
    """The year in numbers."""

    letters: int
    samples: int
    states: dict[str, int]
    punctuality: dict[str, int]
    to_signature: Spread | None
    to_acceptance: Spread | None
    rounds: Spread | None
    decisions: dict[str, int]
    overrides: dict[str, int]
    """By the problem's code."""
    retries: dict[str, int]
    """By step."""
    failures: dict[str, int]
    in_doubt: int
    refused: int
    bounced: int
    damaged: int


def figures_of(audit: YearAudit) -> Figures:
    """Count a year. Letters that can't be read are in no figure but that of the damaged."""
    rows = audit.letters
    retries, failures = Counter[str](), Counter[str]()
    for step in audit.steps:
        retries[step.step] += step.retries
        failures[step.step] += step.failures
    return Figures(
        letters=len(rows),
        samples=sum(row.is_sample for row in rows),
        states=_counted(row.state for row in rows),
        punctuality=_counted(row.punctuality(audit.as_of.at) for row in rows),
        to_signature=spread([row.days_to_signature for row in rows]),
        to_acceptance=spread([row.days_to_acceptance for row in rows]),
        rounds=spread([row.rounds for row in rows]),
        decisions=_counted(decision.what for decision in audit.decisions),
        overrides=_counted(one.code for one in audit.decisions if one.what == "override"),
        retries=_in_order(retries),
        failures=_in_order(failures),
        in_doubt=sum(row.in_doubt for row in rows),
        refused=sum(row.refused for row in rows),
        bounced=sum(row.bounced for row in rows),
        damaged=sum(row.code != DISPOSED for row in audit.damaged),
    )


def spread(numbers: Sequence[int | None]) -> Spread | None:
    """Tell median and range of the numbers that are known; None where none is."""
    known = [number for number in numbers if number is not None]
    if not known:
        return None
    return Spread(letters=len(known), median=median(known), least=min(known), most=max(known))


def _counted(names: Iterable[str]) -> dict[str, int]:
    return _in_order(Counter(name for name in names if name))


def _in_order(counted: Counter[str]) -> dict[str, int]:
    return {name: counted[name] for name in sorted(counted) if counted[name]}
