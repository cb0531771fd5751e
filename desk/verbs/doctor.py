"""The verb `letters doctor`."""

from __future__ import annotations

from desk.failures import Exit
from desk.printing import counted, print_json, print_table, say
from flows.doctor import examine
from tasks.case.office import Office


def see_doctor(office: Office, *, as_json: bool) -> int:
    """Look at everything the office rests on, and say of each finding what to do."""
    found = examine(office)
    failures = sum(f.level == "failure" for room in found.values() for f in room)
    warnings = sum(f.level == "warning" for room in found.values() for f in room)
    if as_json:
        print_json(
            {
                "is_well": failures == 0,
                "rooms": {
                    room: [finding.model_dump() for finding in findings]
                    for room, findings in found.items()
                },
            }
        )
    else:
        print_table(
            str(office.root),
            ("", "room", "what was found", "what to do"),
            [
                (finding.level, room, f"{finding.message} [{finding.code}]", finding.remedy)
                for room, findings in found.items()
                for finding in findings
            ],
        )
        verdict = f"{counted(failures, 'failure')}, {counted(warnings, 'warning')}."
        say(verdict, style="bold red" if failures else "bold green")
    return Exit.BLOCKED if failures else Exit.DONE
