"""An office kept open: opened anew only when its register or its settings have changed.

Who serves for long must heed an inspector entered a minute ago; but an office opened
for each request would read its whole ledger each time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock

from config.settings import OFFICE_FILE
from flows.office import office_folder, open_office, register_folder
from tasks.case.office import Office

Stamp = tuple[tuple[str, int, int], ...]


class KeptOffice:
    """Call it for the office as it is now. Raises what `open_office` raises."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._lock = Lock()
        self._opened: tuple[Stamp, Office] | None = None

    def __call__(self) -> Office:
        """Return the office, opened anew if a file that it was made of has changed."""
        stamp = tuple(self._files())
        with self._lock:
            if self._opened is None or self._opened[0] != stamp:
                self._opened = (stamp, open_office(self._environment))
            return self._opened[1]

    def _files(self) -> Iterator[tuple[str, int, int]]:
        """Tell each such file by its path, its last change and its size."""
        folder = register_folder(self._environment)
        paths = [*sorted(folder.iterdir())] if folder and folder.is_dir() else []
        named = self._environment.get("LETTERS_CONFIG")
        paths.append(Path(named) if named else office_folder(self._environment) / OFFICE_FILE)
        for path in paths:
            if path.is_file():
                state = path.stat()
                yield str(path), state.st_mtime_ns, state.st_size
