"""Word drafts: the package, what is refused, the house template, any other file; and a writer."""
