"""Proposals and certificates of disposal, as they lie in the archive.

Only what the ledger vouches for counts: what was laid in by hand disposes of nothing.
"""

from __future__ import annotations

import re

from letters.canonical import sha256_hex
from letters.disposal import Certificate, Disposal, Keeping
from letters.errors import UsageError
from tasks.case.case import Case
from tasks.case.ledger import Event, ledger_of
from tasks.case.office import Office

FOLDER = "disposals"

PROPOSED: Event = "disposal-proposed"
DISPOSED: Event = "disposed"
COMPLETED: Event = "disposal-completed"
"""All that the certificate names is gone. What lies there again afterwards was laid in."""

_NUMBER = re.compile(rf"{FOLDER}/(\d{{8}})/.+")


def proposal_key(number: int) -> str:
    """Tell where a proposal lies."""
    return f"{FOLDER}/{number:08d}/proposal.json"


def certificate_key(number: int) -> str:
    """Tell where a proposal's certificate lies."""
    return f"{FOLDER}/{number:08d}/certificate.json"


def proposals(office: Office) -> list[Disposal]:
    """List all proposals, the first first."""
    found = (_vouched(office, PROPOSED, proposal_key(n)) for n in _numbers(office))
    return [Disposal.model_validate_json(data) for data in found if data is not None]


def pending(office: Office) -> list[Disposal]:
    """List the proposals that wait for another person: of each class of a letter the last."""
    certified = certificates(office)
    done = {each.number for each in certified}
    gone = {each.proposal.of for each in certified if each.proposal.keeping is Keeping.RECORD}
    last = {(each.of, each.keeping): each for each in proposals(office)}
    return [each for each in last.values() if each.number not in done and each.of not in gone]


def unfinished(office: Office) -> list[Certificate]:
    """List the certificates that were not carried out to their end."""
    completed = completed_numbers(office)
    return [each for each in certificates(office) if each.number not in completed]


def find_proposal(office: Office, number: int) -> Disposal:
    """Read a proposal. Raises UsageError: disposal-missing."""
    data = _vouched(office, PROPOSED, proposal_key(number)) if 0 < number < 10**8 else None
    if data is None:
        raise UsageError(
            f"The office knows no proposal {number} of a disposal.",
            where=proposal_key(number),
            remedy="`letters dispose` lists those that wait.",
            code="disposal-missing",
        )
    return Disposal.model_validate_json(data)


def certificates(office: Office) -> list[Certificate]:
    """List all certificates, the first first."""
    found = (_vouched(office, DISPOSED, certificate_key(n)) for n in _numbers(office))
    return [Certificate.model_validate_json(data) for data in found if data is not None]


def certificates_of(office: Office, of: str) -> list[Certificate]:
    """List the certificates about a letter or a draft."""
    return [each for each in certificates(office) if each.proposal.of == of]


def certified_objects(case: Case) -> dict[str, int]:
    """Map the objects of a case that certificates name to the certificates' numbers."""
    return {
        each.key: certificate.number
        for certificate in certificates_of(case.office, case.reference)
        for each in certificate.proposal.objects
    }


def find_certificate(office: Office, number: int) -> Certificate | None:
    """Read a proposal's certificate, or None where nobody has approved it."""
    data = _vouched(office, DISPOSED, certificate_key(number))
    return None if data is None else Certificate.model_validate_json(data)


def is_completed(office: Office, number: int) -> bool:
    """Whether all that a certificate names was removed."""
    return number in completed_numbers(office)


def completed_numbers(office: Office) -> frozenset[int]:
    """List the numbers of the certificates that were carried out to their end."""
    entries = ledger_of(office).entries_of(COMPLETED) if _numbers(office) else []
    return frozenset(int(e.detail["number"]) for e in entries)


def next_number(office: Office) -> int:
    """Give the number of the next proposal, whatever lies under the numbers before."""
    return max(_numbers(office), default=0) + 1


def disposed_record(case: Case) -> Certificate | None:
    """Find the certificate by which a case's record went, if one did."""
    return disposed_records(case.office).get(case.reference)


def disposed_records(office: Office) -> dict[str, Certificate]:
    """Map the letters whose record was disposed of to the certificates."""
    found = (each for each in certificates(office) if each.proposal.keeping is Keeping.RECORD)
    return {each.proposal.of: each for each in found}


def _numbers(office: Office) -> list[int]:
    found = (_NUMBER.fullmatch(key) for key in office.store.list(FOLDER))
    return sorted({int(match[1]) for match in found if match})


def _vouched(office: Office, event: Event, key: str) -> bytes | None:
    data = office.store.find(key)
    if data is None:
        return None
    told = {"object": key, "sha256": sha256_hex(data)}.items()
    entries = ledger_of(office).entries_of(event)
    is_entered = any(told <= e.detail.items() for e in entries)
    return data if is_entered else None
