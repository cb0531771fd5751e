"""The verb `letters verify`."""

from __future__ import annotations

from desk.failures import Exit
from desk.printing import counted, print_json, print_table, say
from flows.verification import verify_office
from letters.errors import UsageError
from tasks.case.office import Office


def verify_letters(office: Office, reference: str | None, *, as_json: bool) -> int:
    """Check one letter or all, and print what differs."""
    if not (office.root / "archive").is_dir():
        raise UsageError(
            "There is no archive to verify.",
            where=str(office.root),
            remedy="Name the office's folder with --office DIR.",
            code="archive-missing",
        )
    report = verify_office(office, reference=reference)
    if as_json:
        print_json({"is_clean": report.is_clean, **report.model_dump(mode="json")})
    else:
        if report.differences:
            print_table(
                counted(len(report.differences), "difference"),
                ("", "object", "what differs"),
                [(d.code, d.object, d.message) for d in report.differences],
            )
        for key in report.open_objects:
            say(f"open: {key} (an interrupted run left it; the next run names it)")
        checked = ", ".join(
            (
                counted(report.cases, "letter"),
                counted(report.objects, "object"),
                counted(report.entries, "entry", "entries"),
            )
        )
        verdict = "nothing differs" if report.is_clean else "NOT as recorded"
        style = "bold green" if report.is_clean else "bold red"
        say(f"{office.root}: {checked}: {verdict}.", style=style)
        if report.unanchored_entries:
            entries = counted(report.unanchored_entries, "entry", "entries")
            say(f"{entries} came after the last anchor: only the office itself speaks for them.")
        for key in report.unwitnessed_entries:
            say(f"not witnessed: {key} (a killed run left it, or someone added it)")
        if report.emails_picked_up:
            emails = counted(len(report.emails_picked_up), "e-mail")
            say(f"{emails} taken away from the outbox since.")
    return Exit.DONE if report.is_clean else Exit.BLOCKED
