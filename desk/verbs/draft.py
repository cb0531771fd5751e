"""The verb `letters draft`."""

from __future__ import annotations

from pathlib import Path

from desk.drafts import draft_file
from desk.failures import Exit
from desk.printing import print_json, print_table, say
from desk.verbs.clear import reason_of
from letters.clearing import doubt_binding, words_of
from letters.errors import UsageError
from letters.reading import Clearance, Reading
from letters.sectioning import key_sections
from tasks.case.office import Office
from tasks.drafting.apart import read_apart
from tasks.drafting.markdown.writer import write_markdown
from tasks.drafting.submitted import draft_bytes


def write_draft(
    office: Office,
    source: Path,
    output: Path,
    *,
    accept_all: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Write the office's draft of a text, and list what a person should look at."""
    if output.suffix.lower() != ".md":
        raise UsageError(
            "The office's drafts are Markdown.",
            where=str(output),
            remedy="End its name in .md.",
            code="output-not-markdown",
        )
    if output.exists() and not force:
        raise UsageError(
            "There is such a file already.",
            where=str(output),
            remedy="Choose another name, or overwrite it with --force.",
            code="output-exists",
        )
    source = draft_file(office, source)
    limit_bytes = office.settings.limits.draft_bytes
    reading = read_apart(
        draft_bytes(source, limit_bytes=limit_bytes),
        source.name,
        register=office.register,
        kinds=tuple(office.kinds.values()),
        limit_bytes=limit_bytes,
    )
    if accept_all is not None:
        cleared = _all_cleared(office, reading, reason_of(accept_all))
        reading = reading.model_copy(update={"clearances": cleared})
    _write(output, write_markdown(reading))
    if as_json:
        print_json(
            {
                "draft": str(output.absolute()),
                "doubts": [doubt.model_dump(mode="json") for doubt in reading.doubts],
                "cleared": [clearance.model_dump() for clearance in reading.clearances],
                "leftovers": list(reading.leftovers),
            }
        )
        return Exit.DONE
    if reading.doubts:
        print_table(
            f"{len(reading.doubts)} doubts",
            ("place", "code", "", "read", "proposed"),
            [
                (d.place, d.code, "blocks" if d.is_blocking else "warning", d.read, d.proposed)
                for d in reading.doubts
            ],
        )
    say(f"Draft written to {output.absolute()}")
    if accept_all is not None and reading.doubts:
        say("Every doubt is cleared as it was read. The inspector sees them before signing.")
    elif any(doubt.is_blocking for doubt in reading.doubts):
        say("Read each doubt; correct the draft, or clear it with a reason: letters clear.")
    return Exit.DONE


def _all_cleared(office: Office, reading: Reading, why: str) -> tuple[Clearance, ...]:
    keys = key_sections(reading, office.kinds.get(reading.kind)).keys
    words = words_of(reading, keys, {})
    at = office.clock().isoformat(timespec="seconds")
    return tuple(
        Clearance(
            code=doubt.code,
            place=doubt.place,
            why=why,
            words=doubt_binding(doubt, words),
            by=office.actor,
            at=at,
        )
        for doubt in reading.doubts
    )


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The draft can't be written: {error.strerror}.",
            where=str(output),
            remedy="Choose a folder that is there and yours.",
            code="output-not-writable",
        ) from None
