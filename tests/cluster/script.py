"""`deploy/cluster` as tests run it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "cluster"


def cluster(*arguments, **environment) -> subprocess.CompletedProcess:
    """Run it to its end, with this Python and a folder as the archive unless told otherwise."""
    told = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "LETTERS"))}
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env={**told, "PYTHON": sys.executable, "ARCHIVE": "folder", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def skip_where_it_cannot_start() -> None:
    """Skip the test, saying why, where PostgreSQL can't be had or can't run."""
    if os.geteuid() == 0 and not Path(os.devnull).stat().st_mode & stat.S_IWOTH:
        pytest.skip(f"PostgreSQL refuses root, and its own user can't write to {os.devnull} here.")
    fetched = cluster("fetch")
    if fetched.returncode:
        pytest.skip(fetched.stderr.strip())
