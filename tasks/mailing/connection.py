"""A connection to a provider's server, cut when its time is up, however slowly the server talks.

Owns the look-up of the name, the connecting, TLS, and one deadline over all of it and over
what is done with the connection. What is said on it is for `transport.py` and `smtp.py`.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from ipaddress import ip_address
from threading import Thread, Timer
from typing import Any

from letters.errors import TransientError


class Unreachable(TransientError):
    """There is no connection to the server: nothing was said to it."""

    code = "server-unreachable"


class Deadline:
    """The moment at which something must be over."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._at = monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, never nothing: a time-out of 0 would mean not to wait at all."""
        return max(self._at - self._monotonic(), 0.001)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._monotonic() >= self._at

    def explain(self, error: Exception) -> str:
        """Say in a few words why something failed: without what was being sent."""
        if self.is_over or isinstance(error, TimeoutError):
            return f"it took longer than {self.seconds:g} s"
        match error:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not to be trusted ({error.verify_message})"
            case ssl.SSLError():
                return f"TLS failed ({error.reason or type(error).__name__})"
            case OSError():
                return error.strerror or type(error).__name__
            case _:
                return type(error).__name__


@contextmanager
def connected(
    host: str, port: int, deadline: Deadline, context: ssl.SSLContext | None = None
) -> Iterator[socket.socket]:
    """Connect, with TLS where a `context` is given. The connection is cut at the deadline.

    Raises Unreachable, and then nothing was said. No proxy of the environment is used: it
    would be handed the address of every recipient.
    """
    where = f"{host}:{port}"
    try:
        plain = _connect(_addresses(host, port, deadline), deadline)
        # A second descriptor of the same connection: TLS takes the first one over.
        guard = plain.dup()
    except (OSError, UnicodeError, RuntimeError) as error:
        raise _unreachable(where, deadline.explain(error)) from None
    watchdog = Timer(deadline.left, _cut, [guard])
    watchdog.daemon = True
    used = plain
    try:
        try:
            watchdog.start()
            if context is not None:
                used = context.wrap_socket(
                    plain, server_hostname=host, do_handshake_on_connect=False
                )
                used.do_handshake()
        except (OSError, ValueError, RuntimeError) as error:
            raise _unreachable(where, deadline.explain(error)) from None
        yield used
    finally:
        watchdog.cancel()
        if watchdog.ident is not None:
            # It must not cut what gets the descriptor's number next.
            watchdog.join()
        # Closed alone, it would last for as long as anyone holds a file made of it.
        _cut(guard)
        guard.close()
        used.close()


@cache
def trusting_the_system() -> ssl.SSLContext:
    """Trust whom this machine trusts (SSL_CERT_FILE and SSL_CERT_DIR tell otherwise)."""
    return ssl.create_default_context()


def is_loopback(host: str) -> bool:
    """Whether a name stands for this machine, without asking anyone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _addresses(host: str, port: int, deadline: Deadline) -> list[tuple[Any, ...]]:
    """Look the name up: in a thread, since nothing else can end a look-up in time."""
    found: list[list[tuple[Any, ...]]] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left)
    for error in failed:
        raise error
    if not found:
        raise TimeoutError
    return found[0]


def _connect(addresses: list[tuple[Any, ...]], deadline: Deadline) -> socket.socket:
    """Try each address, so that one that is silent leaves time for the next."""
    failure: OSError = OSError("the name has no address")
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(deadline.left / (len(addresses) - tried))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            connection.settimeout(deadline.left)
            return connection
    raise failure


def _cut(guard: socket.socket) -> None:
    with suppress(OSError):
        guard.shutdown(socket.SHUT_RDWR)


def _unreachable(where: str, why: str) -> Unreachable:
    return Unreachable(
        f"No connection to {where}: {why}.",
        remedy="See that the name and the port are right and that this machine may go there.",
    )
