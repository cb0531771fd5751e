"""Markdown drafts, the office's own form: front matter, body, and what writes them."""
