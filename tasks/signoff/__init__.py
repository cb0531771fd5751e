"""A pack out, a decision in."""
