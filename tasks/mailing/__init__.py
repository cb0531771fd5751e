"""One e-mail a recipient: never twice, never silently not at all."""
