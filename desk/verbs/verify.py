"""The verb `letters verify`."""

from __future__ import annotations

from collections import Counter

from desk.failures import Exit
from desk.printing import counted, print_json, print_table, say
from flows.verification import verify_office
from letters.errors import UsageError
from letters.report import Report
from tasks.case.folder import FolderStore
from tasks.case.office import Office


def verify_letters(
    office: Office, reference: str | None, *, heads: tuple[str, ...] = (), as_json: bool
) -> int:
    """Check one letter or all; print what each check proves and can't, and what differs.

    `heads` come from outside: of the letter's chain, or without a reference of the ledger.
    """
    if isinstance(office.store, FolderStore) and not office.store.root.is_dir():
        raise UsageError(
            "There is no archive to verify.",
            where=str(office.root),
            remedy="Name the office's folder with --office DIR.",
            code="archive-missing",
        )
    report = verify_office(office, reference=reference, heads=heads)
    if as_json:
        print_json({"is_clean": report.is_clean, **report.model_dump(mode="json")})
    else:
        _print_checks(report)
        _print_notes(report)
        _print_verdict(office, report)
        if heads and reference is None and not report.is_clean:
            say("A head from an e-mail (X-Case-Head) belongs to its letter: name the letter, too.")
    return Exit.DONE if report.is_clean else Exit.BLOCKED


def _print_checks(report: Report) -> None:
    print_table(
        "What was checked, what that proves, and what it can't",
        ("check", "looked at", "differ", "proves", "can't prove"),
        [
            (told.name, told.checked, told.differences or "", told.proves, told.cannot)
            if told.checked or told.differences
            else (told.name, "nothing", "", "", "")
            for told in report.checks
        ],
    )
    if report.differences:
        print_table(
            counted(len(report.differences), "difference"),
            ("check", "", "object", "what differs"),
            [(d.check, d.code, d.object, d.message) for d in report.differences],
        )


def _print_notes(report: Report) -> None:
    for key in report.open_objects:
        say(f"open: {key} (an interrupted run left it; the next run names it, or makes another)")
    for number, count in sorted(Counter(d.certificate for d in report.disposed).items()):
        objects = counted(count, "object")
        say(f"disposed, certificate {number}: {objects}; what they said can't be checked.")
    for number in sorted({d.certificate for d in report.to_be_removed}):
        say(f"certificate {number} is not carried out: letters dispose --approve {number}")
    for key in report.unwitnessed_entries:
        say(f"not witnessed: {key} (a killed run left it, or someone added it)")
    if report.is_without_witness:
        say("no witness on this machine: cut-off tails are told by anchors only")
    if report.emails_picked_up:
        emails = counted(len(report.emails_picked_up), "e-mail")
        say(f"{emails} taken away from the outbox since.")
    if report.unanchored_entries:
        entries = counted(report.unanchored_entries, "entry", "entries")
        say(f"{entries} came after the last anchor: only the office itself speaks for them.")
    if report.unanchored_in_ledger:
        entries = counted(report.unanchored_in_ledger, "entry", "entries")
        say(f"{entries} of the ledger came after the last head that left the office ([anchors]).")


def _print_verdict(office: Office, report: Report) -> None:
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
