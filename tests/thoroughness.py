"""How many moments of a letter's way, and hostile drafts: `make test THOROUGH=1` tries all."""

import os

EVERY = 1 if os.environ.get("THOROUGH") else 9
"""Of so many one is tried, so that the everyday run stays within a quarter of an hour."""
