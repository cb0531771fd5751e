"""How many moments of a letter's way are tried: `make test THOROUGH=1` tries all of them."""

import os

EVERY = 1 if os.environ.get("THOROUGH") else 4
"""Of so many moments one is tried, so that the everyday run stays within a quarter of an hour."""
