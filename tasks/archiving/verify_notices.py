"""Verification of the notices: what lies in the outbox for the office's own people.

The case's chain, or the ledger, announces each with its hash before it is laid out. So
what lies there and wasn't announced, or is not as announced, differs; one that is gone
was picked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Set

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.verify_sent import NOTICES, OUTBOX
from tasks.case.folder import FolderStore
from tasks.case.office import Office
from tasks.case.record import announced_in

SENT = frozenset({"notified", "anchor-sent", "differences-told"})
"""The events by which a chain tells that a notice was taken."""


def announced_notices(chain: VerifiedChain) -> dict[str, set[str]]:
    """Map the file of each notice that a chain announces to the hashes it may have.

    There are several where a process died before it laid its message out, or two were at it.
    """
    announced: defaultdict[str, set[str]] = defaultdict(set)
    for name, sha256 in announced_in(chain.entries):
        if name.startswith(NOTICES):
            announced[name].add(sha256)
    return dict(announced)


def check_foreign(names: Iterable[str], announced: Set[str], found: Findings) -> None:
    """Check that each notice was announced. `names` were listed before the chains were read."""
    notices = {name for name in names if name.startswith(NOTICES)}
    for name in sorted(notices - announced):
        found.differ("notices", "added", f"{OUTBOX}/{name}", "No chain announced it.")


def check_notices(
    office: Office, chain: VerifiedChain, read_head: Callable[[bytes], str], found: Findings
) -> Iterator[int]:
    """Check a chain's notices; yield the seqs of the heads that they anchor."""
    outbox = FolderStore(office.outbox_folder)
    taken = {
        f"{NOTICES}{entry.detail.get('send_id')}.eml"
        for entry in chain.entries
        if entry.event in SENT and entry.detail.get("result") == "accepted"
    }
    for name, hashes in sorted(announced_notices(chain).items()):
        path = f"{OUTBOX}/{name}"
        data = found.read(outbox, name, room=OUTBOX, check="notices")
        if data is None:
            # Only the outbox leaves a file to be taken away.
            if name in taken and office.notices.name == OUTBOX:
                found.emails_picked_up.append(path)
            continue
        found.checked["notices"] += 1
        known, sha256 = chain, sha256_hex(data)
        if sha256 not in hashes:
            # Another process may have announced and laid it since the chain was read.
            known = VerifiedChain(office, chain.prefix, Findings())
            if sha256 not in announced_notices(known).get(name, ()):
                message = "Its bytes are not those that were announced."
                found.differ("notices", "sent-differs", path, message)
                continue
        try:
            number, _, head = read_head(data).partition(":")
            seq = int(number)
        except (LettersError, ValueError) as error:
            found.differ("notices", "sent-differs", path, str(error).partition("\n")[0])
            continue
        known.check_anchor(seq, head, found, anchor="a notice")
        yield seq
