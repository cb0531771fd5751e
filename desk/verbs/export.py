"""The verb `letters export`."""

from __future__ import annotations

from pathlib import Path

from desk.failures import Exit
from desk.printing import counted, print_json, say
from flows.exporting import export_office_letter
from tasks.case.office import Office


def export_letter(office: Office, reference: str, output: Path, *, as_json: bool) -> int:
    """Write all that is kept of a letter as a bag that a stranger can check."""
    bag = export_office_letter(office, reference, output)
    if as_json:
        print_json({"folder": str(bag.folder), "files": bag.files, "missing": bag.missing})
        return Exit.DONE
    say(f"The record of {reference} is in {bag.folder} ({counted(bag.files, 'file')}).")
    for told in bag.missing:
        say(f"missing: {told}", style="bold red")
    say(f"It holds personal data. How a stranger checks it: {bag.folder / 'README.txt'}")
    return Exit.DONE
