"""What verification asks of other rooms, handed in since steps don't import each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from letters.decisions import Decisions
from tasks.archiving.verify_sent import MessageReader, MessageWriter
from tasks.case.case import Case
from tasks.case.office import Office


class Judges(NamedTuple):
    """Those who know what a sign-off, an e-mail and a provider's batch are."""

    decisions_on: Callable[[Case, int], Decisions]
    """Check a revision's sign-offs. Raises SignOffRefused, which names the object."""
    read_message: MessageReader
    rebuild: MessageWriter
    read_case_head: Callable[[bytes], str]
    """Read which head of its case's chain an e-mail tells. Raises LettersError."""
    read_ledger_head: Callable[[bytes], str]
    """Read which head of the ledger an e-mail tells. Raises LettersError."""
    read_events: Callable[[bytes], tuple[bytes, ...]]
    """Read a batch of the provider: its events as cases hold them. Raises LettersError, ValueError.
    """
    is_the_providers: Callable[[Office, str, bytes], bool]
    """Whether the provider signed what lies under a key of a batch."""
