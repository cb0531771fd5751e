"""The verb `letters template`."""

from __future__ import annotations

from pathlib import Path

from desk.failures import Exit
from desk.printing import say
from letters.errors import UsageError
from letters.suggestion import did_you_mean
from tasks.case.office import Office


def write_template(office: Office, kind_id: str, output: Path, *, force: bool) -> int:
    """Write the Word template for letters of a kind, to be filled in. Raises UsageError."""
    # What writes Word files takes longer to import than most verbs take.
    from tasks.drafting.word.template import house_template

    if output.suffix.lower() != ".docx":
        raise UsageError(
            "The template is a Word Document.",
            where=str(output),
            remedy="End its name in .docx.",
            code="output-not-word",
        )
    if output.exists() and not force:
        raise UsageError(
            "There is such a file already.",
            where=str(output),
            remedy="Choose another name, or overwrite it with --force.",
            code="output-exists",
        )
    kind = office.kinds.get(kind_id)
    if kind is None:
        raise UsageError(
            f"There is no kind of letter “{kind_id}”.",
            remedy=did_you_mean(kind_id, office.kinds),
            code="kind-unknown",
        )
    try:
        output.write_bytes(house_template(kind))
    except OSError as error:
        raise UsageError(
            f"The template can't be written: {error.strerror}.",
            where=str(output),
            remedy="Choose a folder that is there and yours.",
            code="output-not-writable",
        ) from None
    say(f"Template written to {output.absolute()}")
    say("Fill it in in Word: what stands in brackets is to be replaced, or deleted.")
    return Exit.DONE
