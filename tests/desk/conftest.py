"""What these tests need of the machine."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

# The real letter is not part of the product: without it there is nothing to test.
collect_ignore = [] if SHARED.is_dir() else ["test_the_real_letter.py"]
