"""The verb `letters housekeep`."""

from __future__ import annotations

import os
from dataclasses import asdict

from desk.failures import Exit
from desk.printing import err, print_fields, print_json, say
from flows.engine import embedded_prefect
from tasks.case.office import Office


def keep_house_once(office: Office, *, as_json: bool) -> int:
    """Keep house once, all runs that ever ended looked at, and print what was done."""
    os.environ["LETTERS_OFFICE"] = str(office.root)

    def tell(line: str) -> None:
        err.print(line, markup=False) if as_json else say(line)

    with embedded_prefect(office.root / "prefect", announce=tell):
        # Prefect reads its settings when it is imported: only now.
        from flows.housekeeping import keep_house

        report = keep_house(office, is_thorough=True)
    if as_json:
        print_json(asdict(report))
    else:
        print_fields(
            "",
            [
                ("taken up", ", ".join(report.runs_taken_up) or "none"),
                ("marked Crashed", ", ".join(report.runs_crashed) or "none"),
                ("resumed", report.runs_resumed),
                ("picked up", ", ".join(report.letters_picked_up) or "none"),
                ("told to the office", ", ".join(report.office_told) or "none"),
                ("histories recorded", report.runs_recorded),
                ("files swept", report.files_swept),
            ],
        )
        for line in (*report.letters_stranded, *report.letters_frozen):
            say(line, style="bold yellow")
        for trouble in report.troubles:
            say(trouble, style="bold red")
    return Exit.FAILED if report.troubles else Exit.DONE
