"""What a provider tells afterwards: its events, and how far a delivery has come by them.

Owns how SendGrid's batches read (its Event Webhook reference) and what their events
mean together: they come late, repeatedly and in any order. Whether a batch is
SendGrid's is for `tasks/mailing/event_signature.py`; nothing here is believed by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, StringConstraints, ValidationError

from letters.audit import Moment, moment_text
from letters.delivery import SendId
from letters.errors import LettersError
from letters.letter import REFERENCE_PATTERN, Frozen
from letters.recipient import masked

REASON_CHARACTERS = 500

DEFERRED_FOR_LONG = timedelta(days=1)

Stage = Literal["", "processed", "deferred", "delivered"]
STAGES: tuple[Stage, ...] = ("", "processed", "deferred", "delivered")
"""How far a delivery has come; it only ever moves on."""

FLAGS = {
    "bounce": "bounced",
    "blocked": "blocked",
    "dropped": "dropped",
    "spamreport": "reported as spam",
}
"""The events that say that a letter was not read or not wanted, in words: a person must act."""

_PROVING = frozenset({*STAGES[1:], *FLAGS, "open", "click", "unsubscribe", "group_unsubscribe"})


class BatchUnreadable(LettersError):
    """The body of a batch is no list of events."""

    code = "batch-unreadable"


class ProviderEvent(Frozen):
    """One event of one of our deliveries, without the address that stands in the batch."""

    layout: Literal[1] = 1
    sg_event_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
    """The provider's name for it: the same event may come many times."""
    event: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    """As the provider calls it, but `blocked` for a bounce of that type."""
    at: Moment
    send_id: SendId
    reference: Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN, max_length=80)]
    revision: Annotated[int, Field(ge=1, le=99_999)]
    reason: str = ""
    """What the receiving server answered, addresses masked, shortened."""

    @property
    def is_proof_of_acceptance(self) -> bool:
        """Whether the provider surely had taken the message; a dropped one was taken, too."""
        return self.event in _PROVING


class ReadBatch(NamedTuple):
    """What a batch holds."""

    events: tuple[ProviderEvent, ...]
    strangers: int
    """Events without a send id of ours: another sender's, or the provider's own tests."""
    unreadable: int
    """Items that are no event, or bear a send id and then not what must stand beside it."""

    @property
    def size(self) -> int:
        """How many items the batch has."""
        return len(self.events) + self.strangers + self.unreadable


def read_batch(body: bytes) -> ReadBatch:
    """Read a batch's body, as it came. Raises BatchUnreadable.

    Strict about the JSON, which two readers must not read in two ways; tolerant of what
    stands in it.
    """
    try:
        items = json.loads(
            body.decode("utf-8"), object_pairs_hook=_without_repetition, parse_constant=_refuse
        )
        if not isinstance(items, list):
            raise ValueError(f"a list was expected, not {type(items).__name__}")
    except (ValueError, RecursionError) as error:
        raise BatchUnreadable(f"This is no batch of events: {error}.") from error
    events: list[ProviderEvent] = []
    strangers = unreadable = 0
    for item in items:
        if isinstance(item, dict) and "send_id" not in item:
            strangers += 1
            continue
        event = _event(item)
        if event is None:
            unreadable += 1
        else:
            events.append(event)
    return ReadBatch(tuple(events), strangers, unreadable)


class Progress(Frozen):
    """What is known of a delivery by its events: the same in whatever order they came."""

    stage: Stage = ""
    stage_at: Moment | None = None
    """When it first came so far."""
    deferred_since: Moment | None = None
    flags: tuple[str, ...] = ()
    """Those of FLAGS that were raised."""
    flagged_at: Moment | None = None
    """When the first of them was."""
    noted: tuple[str, ...] = ()
    """Other events, by their names in order: opens, unsubscriptions, what is not known here."""
    reason: str = ""
    """What was said with the latest event that has a reason."""

    @classmethod
    def of(cls, events: Iterable[ProviderEvent]) -> Progress:
        """Tell the progress by a delivery's events, in any order and however often repeated."""
        # Of two that bear one id and differ, the same one counts whichever came first.
        by_id: dict[str, ProviderEvent] = {}
        for event in sorted(events, key=_in_order):
            by_id.setdefault(event.sg_event_id, event)
        first: dict[str, Moment] = {}
        reason = ""
        for event in sorted(by_id.values(), key=_in_order):
            first.setdefault(event.event, event.at)
            reason = event.reason or reason
        stage = max((one for one in STAGES if one in first), key=STAGES.index, default=STAGES[0])
        return cls(
            stage=stage,
            stage_at=first.get(stage),
            deferred_since=first.get("deferred"),
            flags=tuple(flag for flag in FLAGS if flag in first),
            flagged_at=min((first[flag] for flag in FLAGS if flag in first), default=None),
            noted=tuple(sorted(first.keys() - {*STAGES, *FLAGS})),
            reason=reason,
        )

    def is_deferred_for_long(self, now: datetime) -> bool:
        """Whether the receiving server has put it off for more than a day."""
        return (
            self.stage == "deferred"
            and self.deferred_since is not None
            and now - datetime.fromisoformat(self.deferred_since) > DEFERRED_FOR_LONG
        )

    def __str__(self) -> str:
        """Say it in a few words: `delivered, reported as spam`."""
        return ", ".join(filter(None, (self.stage, *(FLAGS[flag] for flag in self.flags))))


def _in_order(event: ProviderEvent) -> tuple[str, str]:
    return event.at, event.model_dump_json()


def _event(item: Any) -> ProviderEvent | None:
    """Read one item of a batch; None for what is no event of ours."""
    try:
        is_blocked = (item["event"], item.get("type")) == ("bounce", "blocked")
        return ProviderEvent(
            sg_event_id=item["sg_event_id"],
            event="blocked" if is_blocked else item["event"],
            at=_moment(item["timestamp"]),
            send_id=item["send_id"],
            reference=item["reference"],
            revision=_number(item["revision"]),
            reason=_told(item.get("reason") or item.get("response") or ""),
        )
    except (ValidationError, ValueError, OverflowError, OSError, KeyError, TypeError):
        return None


def _moment(seconds: object) -> Moment:
    if type(seconds) is not int:
        raise ValueError("a moment is a whole number of seconds since 1970")
    return moment_text(datetime.fromtimestamp(seconds, UTC))


def _number(value: object) -> int:
    # Custom arguments come back as the strings as which they were sent.
    if type(value) is int:
        return value
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,4}", value):
        return int(value)
    raise ValueError("a revision is a number")


def _told(text: object) -> str:
    """Make what was said fit to be kept: no addresses, one line, not long, surely writable."""
    writable = str(text).encode("utf-8", "replace").decode("utf-8")
    return masked(re.sub(r"[\x00-\x1f\x7f]+", " ", writable))[:REASON_CHARACTERS]


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name comes twice in one event")
    return told


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
