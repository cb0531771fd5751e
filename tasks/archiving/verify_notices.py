"""Verification of the notices: what lies in the outbox for the office's own people.

The case's chain announces each with its hash before it is laid out. So what lies there
and wasn't announced, or is not as announced, differs; one that is gone was picked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.verify_sent import NOTICES, OUTBOX
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.record import announced_in


def announced_notices(chain: VerifiedChain) -> dict[str, set[str]]:
    """Map the file of each notice that a case's chain announces to the hashes it may have.

    There are several where a process died before it laid its message out, or two were at it.
    """
    announced: defaultdict[str, set[str]] = defaultdict(set)
    for name, sha256 in announced_in(chain.entries):
        if name.startswith(NOTICES):
            announced[name].add(sha256)
    return dict(announced)


def check_foreign(names: Iterable[str], announced: Iterable[str], found: Findings) -> None:
    """Check that each notice was announced. `names` were listed before the chains were read."""
    notices = {name for name in names if name.startswith(NOTICES)}
    for name in sorted(notices - set(announced)):
        found.differ("added", f"{OUTBOX}/{name}", "No letter's chain announced it.")


def check_notices(
    case: Case, chain: VerifiedChain, read_case_head: Callable[[bytes], str], found: Findings
) -> Iterator[int]:
    """Check a case's notices; yield the seqs of the heads that they anchor."""
    outbox = FolderStore(case.office.outbox_folder)
    notified = {
        f"{NOTICES}{entry.detail.get('send_id')}.eml"
        for entry in chain.entries
        if entry.event == "notified" and entry.detail.get("result") == "accepted"
    }
    for name in sorted(announced_notices(chain)):
        path, data = f"{OUTBOX}/{name}", found.read(outbox, name, room=OUTBOX)
        if data is None:
            if name in notified:
                found.emails_picked_up.append(path)
            continue
        known = chain
        if sha256_hex(data) not in announced_notices(known)[name]:
            # Another process may have announced and laid it since the chain was read.
            known = VerifiedChain(case.office, chain.prefix, Findings())
        if sha256_hex(data) not in announced_notices(known).get(name, ()):
            found.differ("sent-differs", path, "Its bytes are not those that were announced.")
            continue
        try:
            number, _, sha256 = read_case_head(data).partition(":")
            seq = int(number)
        except (LettersError, ValueError) as error:
            found.differ("sent-differs", path, str(error).partition("\n")[0])
            continue
        known.check_anchor(seq, sha256, found, anchor="a notice")
        yield seq
