"""The office: all that a step works with, in one frozen value."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal, NamedTuple, Protocol

from letters.errors import UsageError
from letters.kind import Kind
from letters.register import Register
from tasks.case.cache import FOLDER as CACHES
from tasks.case.chain import Chain
from tasks.case.folder import FolderStore
from tasks.case.indexed_chain import IndexedChain
from tasks.case.settings import Settings
from tasks.case.store import Store
from tasks.case.witness import Witness

CHAINS_KEPT_OPEN = 256
"""Chains whose entries a process keeps in memory; a chain is a few dozen entries."""


class Answer(NamedTuple):
    """What a provider made of one request, in the words of every provider."""

    result: Literal["accepted", "refused", "not-accepted", "unknown"]
    """`not-accepted` is proof that nothing was taken; all that is unsure is `unknown`."""
    provider_id: str = ""
    said: str = ""
    wait_seconds: float = 0.0
    """How long the provider wants to be left alone before the next request."""


class Provider(Protocol):
    """How an e-mail leaves the house: one module each in `tasks.mailing`."""

    name: str
    takes_samples: bool
    """Whether letters that bear SAMPLE may go this way: nothing leaves the house by it."""

    def carries_name(self, name: str) -> bool:
        """Whether it can write to a person of this name."""

    def send(self, message: bytes, *, send_id: str) -> Answer:
        """Hand over one message, once. Never raises: what is unsure is `unknown`."""

    def find(self, send_id: str) -> Literal["accepted", "absent", "unknown"]:
        """Look for proof of an earlier request; `unknown` where it can't tell."""


class _Chains:
    """The chains that this process has read, the least used forgotten first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[str, Chain] = OrderedDict()

    def get(self, prefix: str, open_chain: Callable[[], Chain]) -> Chain:
        with self._lock:
            chain = self._open.pop(prefix, None) or open_chain()
            self._open[prefix] = chain
            while len(self._open) > CHAINS_KEPT_OPEN:
                self._open.popitem(last=False)
            return chain


@dataclass(frozen=True)
class Office:
    """Settings, store, register, kinds, clock, randomness, provider: handed to each step."""

    root: Path
    settings: Settings
    store: Store
    witness: Witness
    register: Register
    kinds: Mapping[str, Kind]
    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    actor: str
    provider: Provider
    notices: Provider
    """How the office's own people are told something."""
    given_keys: Path | None = None
    """A folder of secrets that were made elsewhere, for all machines of the office."""
    _chains: _Chains = field(default_factory=_Chains, repr=False, compare=False)

    def chain(self, prefix: str) -> Chain:
        """Open the chain at `prefix`; one object a process, so that its memory is shared."""
        return self._chains.get(
            prefix,
            lambda: Chain(
                self.store, prefix, clock=self.clock, actor=self.actor, witness=self.witness
            ),
        )

    def indexed_chain(self, prefix: str) -> IndexedChain:
        """Open a chain of which this machine has an index in its cache; one object a process."""
        index = self.root / CACHES / f"{prefix}.sqlite"
        chain = self._chains.get(
            f"{prefix}, indexed",
            lambda: IndexedChain(
                self.store,
                prefix,
                clock=self.clock,
                actor=self.actor,
                witness=self.witness,
                index=index,
            ),
        )
        assert isinstance(chain, IndexedChain)  # noqa: S101 - no prefix has a comma
        return chain

    @property
    def is_live(self) -> bool:
        """Whether what it does can't be undone: e-mails leave the house, or objects are locked.

        Such an office issues no letter of a sample inspector.
        """
        return not self.provider.takes_samples or self.settings.archive.lock != "none"

    @property
    def keys_folder(self) -> Path:
        """Where secrets of the office lie: outside the archive, 0700."""
        return self.given_keys or self.root / "keys"

    def secret(self, name: str) -> bytes:
        """Return the office's secret of that name, 32 bytes, made at its first use.

        Of secrets that are given none is made: raises UsageError (secret-missing).
        """
        if (known := self.known_secret(name)) is not None:
            return known
        if self.given_keys is not None:
            raise UsageError(
                f"The office's secret “{name}” is not among those it was given.",
                where=str(self.given_keys / f"{name}.secret"),
                remedy="Put the same file there as on the office's other machines; for a new"
                " office, 32 bytes at random that only it can read.",
                code="secret-missing",
            )
        return FolderStore(self.keys_folder).put(f"{name}.secret", self.random_bytes(32))

    def known_secret(self, name: str) -> bytes | None:
        """Return the office's secret of that name, or None where it has none yet."""
        if self.given_keys is None:
            return FolderStore(self.keys_folder).find(f"{name}.secret")
        # Read as it is mounted: some show each secret as a link.
        with suppress(FileNotFoundError):
            return (self.given_keys / f"{name}.secret").read_bytes()
        return None

    @property
    def outbox_folder(self) -> Path:
        """Where the outbox lays its e-mails."""
        return self.root / "outbox"

    @property
    def drafts_folder(self) -> Path:
        """Where people lay drafts that are to be issued from Prefect's pages."""
        return self.root / "drafts"

    def __getstate__(self) -> dict[str, Any]:
        """Refuse to be pickled: an office holds a lock and open files."""
        raise TypeError("an Office stays in its process; hand over its folder instead")
