"""The annual review: gathered from cases, kept, printed as dossiers and as open drafts."""
