"""A draft in, a letter out."""
