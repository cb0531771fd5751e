"""What these tests need of the machine."""

from __future__ import annotations

from pathlib import Path

LETTERS = Path(__file__).resolve().parents[2].parent / "shared" / "letters"

# The real letters are not part of the product: without them there is nothing to test.
OF_THE_LETTERS = ["test_real_letter.py", "test_real_letters.py", "test_truth.py"]
collect_ignore = [] if LETTERS.is_dir() else OF_THE_LETTERS
