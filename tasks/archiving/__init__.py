"""The commit of the record, and the proof that it is unaltered."""
