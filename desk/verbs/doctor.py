"""The verb `letters doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from desk.failures import Exit
from desk.printing import counted, print_json, print_table, say
from desk.webhook.counts import refused_counts
from flows.doctor import examine
from letters.errors import UsageError
from letters.finding import Finding
from tasks.case.office import Office


def see_doctor(office: Office, *, as_json: bool) -> int:
    """Look at everything the office rests on, and say of each finding what to do."""
    if not office.root.is_dir():
        raise UsageError(
            "There is no office here.",
            where=str(office.root),
            remedy="Name the office's folder with --office DIR; `letters issue` makes one.",
            code="office-missing",
        )
    found = examine(office)
    found["webhook"] += tuple(_refused(office))
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


def _refused(office: Office) -> Iterator[Finding]:
    """Tell what knocked at the webhook and was not let in."""
    for reason, refused in refused_counts(office).items():
        yield Finding(
            level="warning",
            code=f"webhook-{reason}",
            message=f"{counted(refused.count, 'request')} to the webhook refused as {reason},"
            f" the last at {refused.last_at}.",
            remedy="If the provider sent them, compare its public key and this machine's clock"
            " with what it shows; else somebody knocks: look at the proxy's log.",
        )
