"""An export put together from the rooms that know a letter."""

from __future__ import annotations

from pathlib import Path

from flows.verification import verify_office
from letters.errors import LettersError
from tasks.archiving.export_bag import Bag, Exporters, export_bag
from tasks.archiving.trail_report import Told, report_values
from tasks.case.case import Case, open_case
from tasks.case.office import Office
from tasks.mailing.rebuilt import rebuild_message
from tasks.signoff.export import exported
from tasks.typesetting import typeset


def export_office_letter(office: Office, reference: str, folder: Path) -> Bag:
    """Write a letter's bag. Raises UsageError for an unknown letter or a folder in use."""
    exporters = Exporters(exported=exported, rebuild=rebuild_message, report=_report)
    return export_bag(open_case(office, reference), folder, exporters=exporters)


def _report(case: Case, revision: int) -> bytes:
    told = Told(verify_office(case.office, reference=case.reference), tuple(_seal(case, revision)))
    moment = int(case.office.clock().timestamp())
    return typeset("report", report_values(case, revision, told), moment=moment)


def _seal(case: Case, revision: int) -> list[tuple[str, str]]:
    """Tell what the seal says of itself; nothing of a PDF that isn't sealed, or can't be read."""
    from tasks.archiving.verify_seal import describe_seal

    pdf = case.find_known(f"r{revision}/letter.pdf")
    if pdf is None:
        return []
    try:
        facts = describe_seal(pdf)
    except LettersError as error:
        return [("Seal", error.message)]
    stamped = facts.stamped_at
    told = {
        "Sealed by": facts.signer,
        "Certificate (SHA-256)": facts.certificate,
        "Sealed": f"{facts.sealed_at:%Y-%m-%d %H:%M} UTC, by the office's clock",
        "Time stamp": "" if stamped is None else f"{stamped:%Y-%m-%d %H:%M} UTC, by an authority",
        "Profile": f"PAdES {facts.profile}",
        "Worth": "A development certificate: it proves nothing about who sealed."
        if facts.is_development
        else "",
    }
    return [(name, value) for name, value in told.items() if value]
