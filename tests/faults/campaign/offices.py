"""The offices of a campaign: each with a few dozen letters of five recipients, none signed yet.

Owns what they are made of; an office is opened by what its environment names, as the
command does it. What the provider knows and when it tells is `AskedSendGrid`'s.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from benchmarks.sample import Authority, write_register
from flows.office import open_office
from tasks.case.office import Answer, Office
from tasks.mailing import sendgrid
from tasks.mailing.outgoing import read_outgoing
from tests.faults.campaign.chance import Evidence, evidence_of
from tests.faults.fault_provider import FaultProvider, Found, find
from tests.issuing import FURTHER_ITEMS, SAMPLE_DRAFT

DRAFT = re.sub(FURTHER_ITEMS, rb"\1", SAMPLE_DRAFT).decode()
"""One item a section, and all five recipients."""

LETTERS_AN_OFFICE = 48
"""A ledger is read whole by each process that closes a letter."""

CLAIM_SECONDS, REQUEST_SECONDS = 5, 1.5
SEED, IS_LATER = "FAULTS_SEED", "FAULTS_LATER"
"""Variables by which a process knows what the provider tells it."""

StoreName = Literal["folder", "s3"]


class AskedSendGrid(sendgrid.SendGrid):
    """SendGrid as the product asks it; but samples go out, and of some letters it can tell.

    In truth SendGrid can be asked nothing: see `chance.evidence_of`.
    """

    takes_samples = True

    def send(self, message: bytes, *, send_id: str) -> Answer:
        """Send as ever, but don't see that it is a sample."""
        outgoing = replace(read_outgoing(message), sample=False)
        return self._meant(self.api.send(sendgrid.request_body(outgoing, send_id=send_id)))

    def find(self, send_id: str) -> Found:
        """Tell the truth where there is evidence by now."""
        known = {Evidence.AT_ONCE}
        if os.environ.get(IS_LATER):
            known.add(Evidence.LATER)
        if evidence_of(os.environ[SEED], send_id) not in known:
            return "unknown"
        return find(os.environ["LETTERS_MAIL__SENDGRID_HOST"], send_id)


class Shard(NamedTuple):
    """One office of the campaign, and its letters."""

    folder: Path
    store: StoreName
    authorities: tuple[Authority, ...]
    environment: Mapping[str, str]

    def draft(self, number: int) -> bytes:
        """Write the draft of a letter."""
        return self.authorities[number].in_place_of_the_sample(DRAFT).encode()

    def open(self, **more: str) -> Office:
        """Open the office in this process, whose environment becomes the office's."""
        os.environ.update(self.environment, **more)
        sendgrid.SendGrid = AskedSendGrid  # type: ignore[misc]
        return open_office(os.environ)


def shards(
    folder: Path,
    provider: FaultProvider,
    seed: str,
    *,
    letters: int,
    store: StoreName,
    first: int = 0,
    letters_an_office: int = LETTERS_AN_OFFICE,
    archive: Mapping[str, str] | None = None,
) -> list[Shard]:
    """Lay out offices for so many letters, the first of which has the number `first`."""
    made = []
    for begin in range(first, first + letters, letters_an_office):
        numbers = range(begin, min(begin + letters_an_office, first + letters))
        authorities = tuple(Authority(f"faultmere{n}", f"Faultmere{n}") for n in numbers)
        made.append(_shard(folder / f"office-{begin}", store, authorities, provider, seed, archive))
    return made


def _shard(
    folder: Path,
    store: StoreName,
    authorities: Sequence[Authority],
    provider: FaultProvider,
    seed: str,
    archive: Mapping[str, str] | None,
) -> Shard:
    write_register(folder / "register", tuple(authorities))
    environment = {
        "LETTERS_OFFICE": str(folder / "office"),
        "LETTERS_REGISTER": str(folder / "register"),
        "LETTERS_MAIL__PROVIDER": "sendgrid",
        "LETTERS_MAIL__SENDGRID_KEY": provider.key,
        "LETTERS_MAIL__SENDGRID_HOST": provider.host,
        "LETTERS_MAIL__CLAIM_SECONDS": str(CLAIM_SECONDS),
        "LETTERS_MAIL__REQUEST_SECONDS": str(REQUEST_SECONDS),
        SEED: seed,
        **(archive or {}),
    }
    if archive:
        environment["LETTERS_ARCHIVE__PREFIX"] = folder.name
    return Shard(folder, store, tuple(authorities), environment)
