"""A case: all that is kept about one letter, and the state it tells.

Knows the names of the objects (DESIGN §5) and reads them; what goes into them
is each step's own business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from letters.canonical import stored_json
from letters.case import Holdings, State, state_of
from letters.decisions import Decisions, Part, parts_of
from letters.delivery import ENDED, Attempt, Claim, DeliveryState, Outcome, Settlement
from letters.delivery import delivery_state as delivery_state_of
from letters.errors import LettersError, UsageError
from letters.events import ProviderEvent
from letters.letter import REFERENCE_PATTERN, Letter
from letters.pack import Pack
from letters.problem import Doubt, Problem
from letters.recipient import FrozenRecipient, send_id
from letters.reference import Reference
from letters.signoff import SignOff
from tasks.case.office import Office
from tasks.case.process import is_gone
from tasks.case.record import Record
from tasks.case.rounds import Issue, Rounds, closing_name
from tasks.case.sign_offs import confirmation_name, sign_off_name

LAYOUT = 1

T = TypeVar("T")

_CASE_KEY = re.compile(rf"cases/[^/]+/[^/]+/({REFERENCE_PATTERN.strip('^$')})/case\.json")


class CaseDamaged(LettersError):
    """An object of the case can't be read as what it should be."""

    code = "case-damaged"


class Case(Record):
    """One letter's case. Constructing it neither creates nor reads anything."""

    def __init__(self, office: Office, reference: str) -> None:
        self.reference = reference
        super().__init__(office, Reference.parse(reference).case_prefix)

    @property
    def exists(self) -> bool:
        """Whether the case was ever opened."""
        return self.find("case.json") is not None

    @property
    def is_emptied(self) -> bool:
        """Whether its trail names a letter, and none is there: disposed of, or taken away."""
        # The trail first: a letter that another process is just putting there is no loss.
        is_named = self.key("r1/letter.json") in self.recorded()
        return is_named and self.exists and not self.revisions()

    def revisions(self) -> list[int]:
        """List the numbers of the revisions, oldest first."""
        found = (re.fullmatch(r"r([1-9]\d*)/letter\.json", name) for name in self.names())
        return sorted(
            int(match[1]) for match in found if match and self.find_known(match[0]) is not None
        )

    def letter(self, revision: int) -> Letter:
        """Read a revision's letter. Raises ObjectMissing, CaseDamaged."""
        return self._read(f"r{revision}/letter.json", Letter.model_validate_json)

    def recipients(self, revision: int) -> tuple[FrozenRecipient, ...]:
        """Read a revision's recipients, as frozen; none where they aren't yet."""
        data = self.find_known(f"r{revision}/recipients.json")
        if data is None:
            return ()
        return tuple(FrozenRecipient.model_validate(item) for item in json.loads(data))

    def doubts_cleared(self, revision: int) -> tuple[Doubt, ...]:
        """Read the doubts of the draft's reading that a person cleared."""
        data = self.get(f"r{revision}/draft/cleared.json")
        return tuple(Doubt.model_validate(item) for item in json.loads(data))

    def problems_overridden(self, revision: int) -> tuple[Problem, ...]:
        """Read the blocking problems that a person overrode, with the reasons; often none."""
        data = self.find_known(f"r{revision}/draft/overridden.json")
        return tuple(Problem.model_validate(item) for item in json.loads(data or "[]"))

    def pack(self, revision: int) -> Pack | None:
        """Read a revision's pack, or None where it isn't prepared yet."""
        name = f"r{revision}/pack.json"
        data = self.find_known(name)
        return None if data is None else self._parse(name, data, Pack.model_validate_json)

    def parts(self, revision: int) -> tuple[Part, ...]:
        """List the parts of a revision's signatories in the decision, undecided.

        A letter that can't be read, or isn't what the chain names, has one signatory as far
        as anyone can tell: nothing counts as decided on it by several.
        """
        data = self.find_vouched(f"r{revision}/letter.json")
        with suppress(ValueError):
            if data is not None:
                return parts_of(Letter.model_validate_json(data))
        return (Part(None, ""),)

    def decisions(self, revision: int) -> Decisions:
        """Read what is decided of a revision, signatures unchecked.

        A sign-off that the chain knows nothing of was laid in by hand: it decides nothing.
        """
        return Decisions.of(self.parts(revision), partial(self._sign_offs, revision))

    def sign_off_names(self, revision: int) -> list[str]:
        """Name what lies there as decisions and confirmations, signatory by signatory."""
        return [
            name
            for part in self.parts(revision)
            for name in self.sign_off_names_of(revision, part.number)
        ]

    def sign_off_names_of(self, revision: int, signatory: int | None) -> list[str]:
        """Name what lies there as a signatory's decision, and its confirmations in order."""
        names: list[str] = []
        name = sign_off_name(revision, signatory)
        while self.store.exists(self.key(name)):
            names.append(name)
            name = confirmation_name(revision, signatory, len(names))
        return names

    def read_sign_off(self, name: str) -> SignOff:
        """Read a decision or a confirmation as it lies there. Raises ObjectMissing, CaseDamaged."""
        return self._read(name, SignOff.model_validate_json)

    def attempts(self, revision: int, of_send_id: str) -> tuple[Attempt, ...]:
        """Read the attempts of one delivery, in order; what was laid in by hand is none."""
        attempts: list[Attempt] = []
        while True:
            name = f"r{revision}/deliveries/{of_send_id}/{{}}-{len(attempts) + 1}.json"
            claim = self._read_vouched(name.format("claim"), Claim.model_validate_json)
            if claim is None:
                break
            attempts.append(
                Attempt(
                    claim=claim,
                    outcome=self._read_vouched(name.format("outcome"), Outcome.model_validate_json),
                    settlement=self._read_vouched(
                        name.format("settlement"), Settlement.model_validate_json
                    ),
                )
            )
        return tuple(attempts)

    def delivery_state(self, revision: int, recipient: FrozenRecipient) -> DeliveryState:
        """Tell what is known of a recipient's delivery at this moment."""
        identity = send_id(self.reference, revision, recipient.email)
        return self.state_by(self.attempts(revision, identity), revision, self.office.clock())

    def state_by(
        self, attempts: tuple[Attempt, ...], revision: int, now: datetime
    ) -> DeliveryState:
        """Tell a delivery's state by its attempts, and by what the provider told since.

        An attempt that was ended as not accepted counts as accepted if the provider then
        tells of its message: else it would be sent again.
        """
        state = delivery_state_of(
            attempts, now, is_owner_gone=bool(attempts) and is_gone(attempts[-1].claim.owner)
        )
        if state is DeliveryState.PENDING and attempts and attempts[-1].settlement is not None:
            told = self.provider_events(revision, attempts[-1].claim.send_id)
            if any(event.is_proof_of_acceptance for event in told):
                return DeliveryState.ACCEPTED
        return state

    def provider_events(self, revision: int, of_send_id: str) -> tuple[ProviderEvent, ...]:
        """Read what the provider told of a delivery, in no order; what was laid in by hand isn't.

        Raises CaseDamaged.
        """
        start = self.key(f"r{revision}/deliveries/{of_send_id}/event-")
        names = [key.removeprefix(self.key("")) for key in self.recorded() if key.startswith(start)]
        found = (self._read_vouched(name, ProviderEvent.model_validate_json) for name in names)
        return tuple(event for event in found if event is not None)

    def delivery_states(self, revision: int) -> dict[str, DeliveryState]:
        """Map each recipient's id to the state of the delivery to them."""
        return {r.id: self.delivery_state(revision, r) for r in self.recipients(revision)}

    def state(self, revision: int) -> State:
        """Tell a revision's state from what the case holds of it."""
        parts = self.parts(revision)
        # Confirmations change no state: they aren't looked for.
        decided = Decisions.of(parts, lambda part: self._decision(revision, part)).decision
        has_manifest = self.has_manifest(revision)
        rounds = self.rounds()
        # Once it is closed, the recipients may be disposed of.
        own = None if rounds is None else rounds.issue_of(revision)
        is_closed = (
            rounds is not None and own is not None and rounds.closing(own.number) is not None
        )
        states = self.delivery_states(revision).values() if has_manifest and not is_closed else ()
        return state_of(
            Holdings(
                has_pack=self.find_known(f"r{revision}/pack.json") is not None,
                decision=None if decided is None else decided.value,
                has_later_revision=self.find_known(f"r{revision + 1}/letter.json") is not None,
                has_manifest=has_manifest,
                is_outdated=not has_manifest and self._is_outdated(rounds, revision),
                is_held=has_manifest and rounds.hold_of(revision) is not None,
                is_delivered=is_closed
                or (bool(states) and all(state in ENDED for state in states)),
                replaced_by=rounds.replaced_by(revision) if has_manifest else None,
            )
        )

    def _is_outdated(self, rounds: Rounds, revision: int) -> bool:
        if rounds.change is None:  # the first round is never given up
            return False
        letter = self.find_known(f"r{revision}/letter.json")
        return letter is not None and not rounds.lets_out(
            self._parse(f"r{revision}/letter.json", letter, Letter.model_validate_json), revision
        )

    def has_manifest(self, revision: int) -> bool:
        """Whether the revision's record is committed."""
        return self.find_vouched(f"r{revision}/manifest.json") is not None

    def rounds(self) -> Rounds:
        """Read what was issued, changed and closed, as of now. Raises CaseDamaged."""
        try:
            return Rounds(self)
        except (ValueError, KeyError, TypeError) as error:
            raise CaseDamaged(
                f"An order or an issue of the case can't be read: {str(error).splitlines()[0]}.",
                where=self.key("issue-*.json, change-*.json"),
                remedy=f"Run `letters verify {self.reference}` to see what was altered.",
            ) from error

    def issue(self) -> Issue | None:
        """Read the last issue that was taken, or None before the first."""
        return self.rounds().issue

    def closed(self) -> dict[str, Any] | None:
        """Read the closing of the present round, or None while it is open."""
        rounds = self.rounds()
        return rounds.closing(rounds.number)

    def closing_of(self, revision: int) -> dict[str, Any] | None:
        """Read the closing of the round that issued a revision, or None while it is open."""
        rounds = self.rounds()
        issue = rounds.issue_of(revision)
        return None if issue is None else rounds.closing(issue.number)

    def closing_name_of(self, revision: int) -> str:
        """Name the closing of the round that issued a revision; of the first for one not issued."""
        issue = self.rounds().issue_of(revision)
        return closing_name(1 if issue is None else issue.number)

    def opening_bytes(self, letter: Letter) -> bytes:
        """Write `case.json` for a new case."""
        return stored_json(
            {
                "layout": LAYOUT,
                "reference": self.reference,
                "kind": letter.kind,
                "authority": letter.authority.code,
            }
        )

    def _decision(self, revision: int, part: Part) -> tuple[SignOff, ...]:
        name = sign_off_name(revision, part.number)
        sign_off = self._read_vouched(name, SignOff.model_validate_json)
        return () if sign_off is None else (sign_off,)

    def _sign_offs(self, revision: int, part: Part) -> tuple[SignOff, ...]:
        """Read a decision and its confirmations, as far as the chain vouches for them."""
        found = self._decision(revision, part)
        while found:
            name = confirmation_name(revision, part.number, len(found))
            confirmation = self._read_vouched(name, SignOff.model_validate_json)
            if confirmation is None:
                break
            found = (*found, confirmation)
        return found

    def _read(self, name: str, parse: Callable[[bytes], T]) -> T:
        return self._parse(name, self.get(name), parse)

    def _read_vouched(self, name: str, parse: Callable[[bytes], T]) -> T | None:
        data = self.find_vouched(name)
        return None if data is None else self._parse(name, data, parse)

    def _parse(self, name: str, data: bytes, parse: Callable[[bytes], T]) -> T:
        try:
            return parse(data)
        except ValueError as error:
            raise CaseDamaged(
                f"An object of the case can't be read: {str(error).splitlines()[0]}.",
                where=self.key(name),
                remedy=f"Run `letters verify {self.reference}` to see what was altered.",
            ) from error


def open_case(office: Office, reference: str) -> Case:
    """Find an existing case. Raises UsageError where the office knows no such letter, or no more.

    A case that a killed run opened and put no letter in is none yet.
    """
    case = Case(office, reference)
    if not case.revisions():
        raise case_emptied(case) if case.is_emptied else case_missing(office, reference)
    return case


def case_missing(office: Office, reference: str) -> UsageError:
    """Build the error for a letter that the office doesn't know."""
    return UsageError(
        f"The office knows no letter {reference}.",
        where=str(office.root),
        remedy="`letters list` shows the letters it knows.",
        code="case-missing",
    )


def case_emptied(case: Case) -> UsageError:
    """Build the error for a letter of which only the trail is left."""
    return UsageError(
        f"Nothing is left of {case.reference} but its trail: it was disposed of, or taken away.",
        where=case.prefix,
        remedy=f"`letters verify {case.reference}` tells by which certificate, or that there is"
        " none.",
        code="case-emptied",
    )


def references_of(office: Office, authority_code: str, year: int) -> list[Reference]:
    """List an authority's letters of a year, by the names of their folders: nothing is read.

    What lies there under another name is `verify`'s to tell.
    """
    return [
        Reference.parse(match[1])
        for key in office.store.list(f"cases/{year:04d}/{authority_code}")
        if (match := _CASE_KEY.fullmatch(key))
    ]


def all_cases(office: Office) -> list[Case]:
    """List every case of the office, in the order of their places; `verify` tells the rest."""
    return [
        Case(office, match[1])
        for key in office.store.list("cases/")
        if (match := _CASE_KEY.fullmatch(key))
    ]
