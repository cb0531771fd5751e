"""Verification of disposals: which objects are gone by a certificate that the ledger names.

An object that is gone without one is missing, whoever took it. One that is named and lies
there differs, unless its disposal was interrupted: the ledger tells when it was complete.
"""

from __future__ import annotations

from letters.canonical import sha256_hex
from letters.disposal import Certificate
from tasks.archiving.certificates import COMPLETED, DISPOSED, FOLDER, PROPOSED, proposal_key
from tasks.archiving.findings import Certified, Findings, VerifiedChain
from tasks.archiving.verify_sent import OUTBOX
from tasks.case.folder import FolderStore
from tasks.case.ledger import LEDGER
from tasks.case.office import Office


def certify(office: Office, ledger: VerifiedChain, found: Findings) -> None:
    """Note what the certificates say that the ledger names; what is wrong with one differs.

    One that is altered disposes of nothing, which its hash tells elsewhere. Letters may be
    disposed of meanwhile: then `found` takes in the new certificates when it misses something.
    """
    known = office.store.list(FOLDER)

    def look_again() -> None:
        if office.store.list(FOLDER) != known:
            certify(office, VerifiedChain(office, LEDGER, Findings()), found)

    found.look_again = look_again
    completed = {e.detail.get("number") for e in ledger.entries if e.event == COMPLETED}
    proposed = {
        (e.detail.get("object"), e.detail.get("sha256"))
        for e in ledger.entries
        if e.event == PROPOSED
    }
    for entry in ledger.entries:
        if entry.event != DISPOSED:
            continue
        key = str(entry.detail.get("object"))
        data = found.read(office.store, key)
        if data is None or sha256_hex(data) != entry.detail.get("sha256"):
            continue
        try:
            certificate = Certificate.model_validate_json(data)
        except ValueError as error:
            told = " ".join(str(error).split())[:300]
            found.differ("sign-offs", "sign-off-invalid", key, f"It certifies nothing: {told}")
            continue
        proposal, number = certificate.proposal, certificate.number
        if (proposal_key(number), sha256_hex(proposal.to_bytes())) not in proposed:
            message = "It approves another proposal than the ledger names."
            found.differ("sign-offs", "sign-off-invalid", key, message)
            continue
        is_completed = number in completed
        for each in proposal.objects:
            found.certified[each.key] = Certified(each.sha256, number, is_completed)
        if is_completed:
            _check_emails(office, certificate, found)


def _check_emails(office: Office, certificate: Certificate, found: Findings) -> None:
    outbox = FolderStore(office.outbox_folder)
    for email in certificate.emails:
        if outbox.exists(email.key):
            message = f"By certificate {certificate.number} it is disposed of, and lies there."
            found.differ("sent", "added", f"{OUTBOX}/{email.key}", message)
