"""The verb `letters dispose`: what is due, proposals, approvals, certificates."""

from __future__ import annotations

from typing import Any, NamedTuple

from desk.failures import Exit
from desk.printing import counted, print_fields, print_json, print_table, say
from letters.disposal import IN_WORDS, Certificate, Disposal, Keeping
from letters.errors import UsageError
from tasks.archiving.certificates import find_certificate, find_proposal, pending, unfinished
from tasks.archiving.disposal import approve, propose
from tasks.archiving.retention import Due, due
from tasks.case.office import Office


class Asked(NamedTuple):
    """What was given on the command line."""

    of: str | None
    keeping: Keeping | None
    why: str | None
    approve: int | None
    certificate: int | None


def dispose_of(office: Office, asked: Asked, *, as_json: bool) -> int:
    """List what is due, propose, approve, or print a certificate: whatever was asked.

    Raises UsageError for options that don't go together.
    """
    match asked:
        case Asked(None, None, None, None, None):
            _print_due(office, as_json=as_json)
        case Asked(str(of), Keeping() as keeping, str(why), None, None):
            _propose(office, of, keeping, why, as_json=as_json)
        case Asked(None, None, why_not, int(number), None):
            _approve(office, number, why_not or "", as_json=as_json)
        case Asked(None, None, None, None, int(number)):
            _print_paper(office, number, as_json=as_json)
        case _:
            raise UsageError(
                "These don't go together, or something is missing.",
                where="letters dispose",
                remedy="To propose: `letters dispose REFERENCE --class working|contacts|record"
                " --why TEXT`. To approve: `letters dispose --approve N --why TEXT`. To read:"
                " `letters dispose --certificate N`. To list what is due: nothing.",
                code="dispose-unclear",
            )
    return Exit.DONE


def _print_due(office: Office, *, as_json: bool) -> None:
    found, waiting, begun = due(office), pending(office), unfinished(office)
    if as_json:
        print_json(
            {
                "due": [_due(each) for each in found],
                "proposed": [_proposal(each) for each in waiting],
                "unfinished": [_certificate(each) for each in begun],
            }
        )
        return
    if not found:
        say("Nothing is due.")
    else:
        print_table(
            "May go, if two people say so",
            ("letter or draft", "class", "closed or taken in", "due since", "objects", ""),
            [
                (d.of, d.keeping, d.since, d.due_on, d.objects, "on legal hold" * d.is_held)
                for d in found
            ],
        )
    if waiting:
        print_table(
            "Proposed, and waiting for another person: letters dispose --approve N --why TEXT",
            ("N", "letter or draft", "class", "objects", "proposed by", "why"),
            [(p.number, p.of, p.keeping, len(p.objects), p.proposed_by, p.why) for p in waiting],
        )
    for each in begun:
        say(
            f"Certificate {each.number} is not carried out to its end:"
            f" letters dispose --approve {each.number}",
            style="bold red",
        )


def _propose(office: Office, of: str, keeping: Keeping, why: str, *, as_json: bool) -> None:
    proposal = propose(office, of, keeping, why=why)
    if as_json:
        print_json(_proposal(proposal))
        return
    objects = counted(len(proposal.objects), "object")
    say(f"Proposal {proposal.number}: {objects} of {of} ({IN_WORDS[keeping]}). Nothing is gone.")
    say(f"  Another person approves it: letters dispose --approve {proposal.number} --why TEXT")


def _approve(office: Office, number: int, why: str, *, as_json: bool) -> None:
    certificate = approve(office, number, why=why)
    if as_json:
        print_json(_certificate(certificate))
        return
    removed = counted(len(certificate.proposal.objects), "object")
    emails = counted(len(certificate.emails), "e-mail")
    say(f"{certificate.proposal.of}: {certificate.told}: {removed} and {emails} of the outbox.")


def _print_paper(office: Office, number: int, *, as_json: bool) -> None:
    proposal, certificate = find_proposal(office, number), find_certificate(office, number)
    if as_json:
        print_json(_proposal(proposal) if certificate is None else _certificate(certificate))
        return
    is_approved = certificate is not None
    print_fields(
        f"Certificate {number}" if is_approved else f"Proposal {number}, approved by nobody yet",
        [
            ("of", proposal.of),
            ("class", IN_WORDS[proposal.keeping]),
            ("closed or taken in", proposal.since),
            ("due since", proposal.due_on),
            ("proposed", f"{proposal.proposed_at} by {proposal.proposed_by}: {proposal.why}"),
            ("approved", None if certificate is None else _approval(certificate)),
        ],
    )
    emails = () if certificate is None else certificate.emails
    print_fields(
        "What was removed" if is_approved else "What would be removed",
        [
            *((each.key, each.sha256) for each in proposal.objects),
            *((f"outbox/{each.key}", each.sha256) for each in emails),
        ],
    )


def _approval(certificate: Certificate) -> str:
    return f"{certificate.approved_at} by {certificate.approved_by}: {certificate.why}"


def _due(each: Due) -> dict[str, Any]:
    return {
        **each._asdict(),
        "keeping": str(each.keeping),
        "since": each.since.isoformat(),
        "due_on": each.due_on.isoformat(),
    }


def _proposal(proposal: Disposal) -> dict[str, Any]:
    return proposal.model_dump(mode="json")


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return certificate.model_dump(mode="json")
