"""Plain text drafts, as typed or as they come out of a PDF."""
