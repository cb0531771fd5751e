"""Verification of one case: its chain, its objects, its packs, its sign-offs, its issue."""

from __future__ import annotations

import re

from letters.canonical import sha256_hex
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.judges import Judges
from tasks.archiving.layout import (
    AFTER_CLOSING,
    ENTRY_NAME,
    is_left_over,
    unfinished_steps,
)
from tasks.archiving.verify_changes import check_changes
from tasks.archiving.verify_closing import check_closing
from tasks.archiving.verify_locks import check_locks
from tasks.archiving.verify_notices import check_notices
from tasks.archiving.verify_pdf import PdfCheck
from tasks.archiving.verify_revision import RevisionCheck
from tasks.archiving.verify_sent import SentEmails
from tasks.case.case import Case
from tasks.case.record import announced_in


def verify_case(
    case: Case,
    names: list[str],
    anchors: list[tuple[int, str]],
    *,
    is_closed: bool,
    pdfs: PdfCheck,
    judges: Judges,
    found: Findings,
) -> VerifiedChain:
    """Check one case and return its chain.

    `names` are its objects, listed before; `anchors` the heads that the ledger
    has seen of its chain.
    """
    sent = SentEmails(case, names, found)
    chain = VerifiedChain(case.office, case.chain.prefix, found)
    for seq, sha256 in anchors:
        chain.check_anchor(seq, sha256, found, anchor="the ledger")
    for key, sha256 in chain.named_objects():
        found.check_object(case.store, key, sha256, named_by="the case's chain")
    named = dict(chain.named_objects())
    unfinished, announced = unfinished_steps(chain.entries), announced_in(chain.entries)
    if is_closed:
        unfinished &= AFTER_CLOSING
    for name in names:
        if case.key(name) in named or re.fullmatch(ENTRY_NAME, name):
            continue
        data = found.read(case.store, case.key(name))
        was_announced = data is not None and (case.key(name), sha256_hex(data)) in announced
        if data is not None and is_left_over(name, data, unfinished, was_announced=was_announced):
            found.open_objects.append(case.key(name))
        else:
            found.differ(
                "hashes", "added", case.key(name), "No entry of the case's chain names it."
            )
    noticed = check_notices(case.office, chain, judges.read_case_head, found)
    anchored = max((*(seq for seq, _ in anchors), *noticed), default=0)
    for revision in sorted({int(m[1]) for name in names if (m := re.match(r"r([1-9]\d*)/", name))}):
        if found.is_disposed(case.key(f"r{revision}/letter.json")):
            continue  # what is still there of it says nothing alone
        check = RevisionCheck(case, revision, names, named, found)
        try:
            check.sign_offs(judges.decisions_on)
            anchored = max([anchored, *check.contents(sent, chain, pdfs, judges)])
        # Whatever an altered object makes our readers raise is one more finding.
        except Exception as error:
            found.differ("packs", "unreadable", case.key(f"r{revision}"), _first_line(error))
    check_closing(case, chain, found)
    check_changes(case, chain, found)
    check_locks(case, chain, found)
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > anchored)
    return chain


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
