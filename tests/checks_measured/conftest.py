"""What these tests need of the machine."""

from __future__ import annotations

from pathlib import Path

LETTERS = Path(__file__).resolve().parents[2].parent / "shared" / "letters"

# The real letters are not part of the product: without them there is nothing to measure.
collect_ignore = [] if LETTERS.is_dir() else ["test_planted_faults.py", "test_as_they_stand.py"]
