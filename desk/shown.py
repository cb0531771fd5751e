"""What the desk tells about a letter, as plain JSON values; tables are printed from the same."""

from __future__ import annotations

from typing import Any

from letters.decisions import Decisions, Part
from letters.delivery import DOUBTFUL, Attempt
from letters.recipient import masked, send_id
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.mailing.progress import progress_of

FILES = {"proof": "proof.pdf", "pdf": "letter.pdf", "html": "letter.html", "text": "letter.txt"}


def shown_letter(case: Case) -> dict[str, Any]:
    """Tell where a letter stands, by its latest revision."""
    revision = case.revisions()[-1]
    letter = case.letter(revision)
    pack = case.pack(revision)
    decisions = case.decisions(revision)
    states = case.delivery_states(revision)
    closed = case.closed()
    return {
        "reference": case.reference,
        "kind": letter.kind,
        "authority": letter.authority.name,
        "date": letter.date.isoformat(),
        "revision": revision,
        "state": str(case.state(revision)),
        "replaces": None if letter.replaces is None else letter.replaces.kind,
        "replaces_revision": None if letter.replaces is None else letter.replaces.revision,
        "is_closed": closed is not None,
        "digest": letter.digest,
        "pack": None if pack is None else pack.sha256,
        "content_code": letter.content_code,
        "sample": letter.sample,
        "signed_by": ", ".join(part.sign_offs[0].statement.inspector for part in decisions.parts)
        if decisions.decision is Decision.APPROVE
        else None,
        "sign_offs": str(decisions),
        "signatories": [_signatory(n, part) for n, part in enumerate(decisions.parts, start=1)],
        "comments": comments_on(decisions) or None,
        "recipients": [
            {
                "id": r.id,
                "name": r.name,
                "role": r.role,
                "state": str(states[r.id]),
                "told": str(progress_of(case, revision, r)),
            }
            for r in case.recipients(revision)
        ],
        "files": {label: _path(case, f"r{revision}/{name}") for label, name in FILES.items()},
    }


def comments_on(decisions: Decisions) -> str:
    """Tell the comments of those who returned it, else of all; whose they are, if of several."""
    parts = decisions.returned or decisions.approved
    told = [(part.signer, part.sign_offs[0].comments) for part in parts]
    if decisions.is_joint:
        return "\n\n".join(f"{signer}: {comments}" for signer, comments in told if comments)
    return "".join(comments for _, comments in told)


def issued_revision(case: Case) -> int:
    """Find the revision whose e-mails are spoken of: the one issued last, else the latest."""
    issue = case.issue()
    return case.revisions()[-1] if issue is None else issue.revision


def revision_to_settle(case: Case, role: str) -> int:
    """Find the revision of which a role's delivery is in doubt, the newest first."""
    for issue in reversed(case.rounds().issues):
        for each in case.recipients(issue.revision):
            is_meant = role in (each.id, each.role)
            if is_meant and case.delivery_state(issue.revision, each) in DOUBTFUL:
                return issue.revision
    return issued_revision(case)


def shown_deliveries(case: Case) -> list[dict[str, Any]]:
    """Tell each delivery of the revision issued last with its attempts, addresses masked."""
    revision = issued_revision(case)
    states = case.delivery_states(revision)
    told = []
    for recipient in case.recipients(revision):
        identity = send_id(case.reference, revision, recipient.email)
        progress = progress_of(case, revision, recipient)
        eml = case.office.outbox_folder / f"{identity}.eml"
        told.append(
            {
                "id": recipient.id,
                "role": recipient.role,
                "name": recipient.name,
                "address": masked(recipient.email),
                "send_id": identity,
                "state": str(states[recipient.id]),
                "told": str(progress),
                "progress": progress.model_dump(mode="json"),
                "needs_a_person": states[recipient.id] in DOUBTFUL or bool(progress.flags),
                "eml": str(eml) if eml.is_file() else None,
                "attempts": [_attempt(a) for a in case.attempts(revision, identity)],
            }
        )
    return told


def _signatory(number: int, part: Part) -> dict[str, Any]:
    sign_off = part.sign_offs[0] if part.sign_offs else None
    return {
        "number": number,
        "name": part.name,
        "decision": None if part.decision is None else str(part.decision),
        "signed_by": None if sign_off is None else sign_off.statement.inspector,
        "signed_at": None if sign_off is None else sign_off.statement.at,
        "comments": None if sign_off is None else sign_off.comments or None,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    outcome, settlement = attempt.outcome, attempt.settlement
    return {
        "attempt": attempt.claim.attempt,
        "claimed_at": attempt.claim.at,
        "expires_at": attempt.claim.expires_at,
        "result": None if outcome is None else outcome.result,
        "said": None if outcome is None else outcome.said,
        "ended_at": None if outcome is None else outcome.at,
        "settled_as": None if settlement is None else settlement.ends_as,
        "settled_by": None if settlement is None else settlement.actor,
        "settled_why": None if settlement is None else settlement.why,
    }


def _path(case: Case, name: str) -> str | None:
    """Tell where an object lies, as one can open it; None where there is none."""
    archive, key = case.office.settings.archive, case.key(name)
    if archive.store == "s3":
        place = "/".join(part for part in (archive.bucket, archive.prefix, key) if part)
        return f"s3://{place}" if case.store.exists(key) else None
    path = case.office.root / "archive" / key
    return str(path) if path.is_file() else None
