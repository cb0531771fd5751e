"""How often someone may ask: token buckets in memory, of which only so many are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

MOST_BUCKETS = 4_096
"""Beyond it the one asked for longest ago is forgotten, which at worst refills it."""


class Rates:
    """A bucket for each key: `burst` requests at once, then `per_second` of them."""

    def __init__(self, *, burst: int, per_second: float, now: Callable[[], float]) -> None:
        self._burst = burst
        self._per_second = per_second
        self._now = now
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, key: str) -> float:
        """Take a token of the key's bucket; 0, or after how many seconds there is one again."""
        with self._lock:
            now = self._now()
            tokens, since = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - since) * self._per_second)
            is_allowed = tokens >= 1
            self._buckets[key] = (tokens - is_allowed, now)
            while len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return 0.0 if is_allowed else (1 - tokens) / self._per_second
