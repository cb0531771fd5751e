"""The verb `letters review`: a year's dossiers, made where they are missing, as files."""

from __future__ import annotations

from pathlib import Path

from desk.failures import Exit
from desk.printing import counted, print_fields, print_json, say
from flows.review_round import Round, one_by_one, review_year
from letters.year import DISPOSED
from tasks.archiving.review.copies import Copies, copy_dossiers
from tasks.case.office import Office


def review_letters(office: Office, year: int, into: Path, *, as_json: bool) -> int:
    """Review a year without Prefect, and write its dossiers. Ends with 1 if one is missing."""
    came_to = review_year(office, year, one_by_one)
    copies = copy_dossiers(office, year, into)
    if as_json:
        review = came_to.review
        print_json(
            {
                "year": year,
                "folder": str(into),
                "changed": copies.changed,
                "damaged": [each.where for each in copies.damaged],
                "figures": review.figures.model_dump(mode="json"),
                "not_told_of": [
                    {"authority": each.authority.code, **row.model_dump(mode="json")}
                    for each in review.authorities
                    for row in each.damaged
                ],
                "not_inspected": [each.code for each in review.not_inspected],
                "inspection_unknown": [each.code for each in review.inspection_unknown],
                "not_reviewed": [each.model_dump(mode="json") for each in review.not_reviewed],
                "drafts": came_to.drafts,
            }
        )
    else:
        _print(office, came_to, copies, into)
    is_whole = came_to.review.is_whole and not copies.damaged
    return Exit.DONE if is_whole and "unwritable" not in came_to.drafts.values() else Exit.BLOCKED


def _print(office: Office, came_to: Round, copies: Copies, into: Path) -> None:
    review, figures = came_to.review, came_to.review.figures
    print_fields(
        f"The year {review.year}: {counted(len(review.authorities), 'authority', 'authorities')}",
        [
            ("letters", figures.letters),
            ("late", figures.late),
            ("areas raised", figures.raised),
            ("answered or waived", figures.answered),
            ("left open", figures.still_open),
            ("deliveries in doubt", figures.in_doubt or None),
            ("not inspected", ", ".join(each.code for each in review.not_inspected) or None),
            (
                "inspection not known",
                ", ".join(each.code for each in review.inspection_unknown) or None,
            ),
        ],
    )
    for missing in review.not_reviewed:
        say(
            f"not reviewed: {missing.authority.code}: {missing.message} [{missing.code}]",
            style="bold red",
        )
    for each in review.authorities:
        for row in each.damaged:
            # Disposed of when its time was up: no fault.
            style = "" if row.code == DISPOSED else "bold red"
            say(f"not told of: {row.reference}: {row.message} [{row.code}]", style=style)
    for dossier in copies.damaged:
        say(f"not copied: {dossier.where}: {dossier.message} [{dossier.code}]", style="bold red")
    for code, how in came_to.drafts.items():
        if how == "unwritable":
            say(f"no draft laid: {code}: the log tells why", style="bold red")
    laid = [code for code, how in came_to.drafts.items() if how in ("laid", "laid anew", "there")]
    if laid:
        say(
            f"{counted(len(laid), 'open draft')} in {office.drafts_folder / 'open'}: fill in what"
            " stands in brackets, then move it into drafts/."
        )
    say(f"The dossiers are in {into}: year.pdf of all, and authorities/ with one of each.")
