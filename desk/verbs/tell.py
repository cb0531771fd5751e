"""The verbs that only tell: `list`, `show`, `history`, `deliveries`."""

from __future__ import annotations

from typing import Any

from desk.failures import Exit
from desk.printing import print_fields, print_json, print_table, say
from desk.shown import shown_deliveries, shown_letter
from desk.verbs.due import deadline_in_words, shown_standing
from flows.standing import standing_of
from letters.disposal import Certificate, Keeping
from letters.errors import UsageError
from letters.standing import Standing
from tasks.archiving.certificates import certificates_of, disposed_records
from tasks.archiving.findings import witnessed_chains
from tasks.archiving.story import in_brief, shown_history, shown_row, without_repetition
from tasks.case.case import Case, all_cases, open_case
from tasks.case.office import Office


def tell_all(office: Office, *, as_json: bool) -> int:
    """Print a line for each letter."""
    gone, letters = disposed_records(office), []
    for case in all_cases(office):
        if case.reference in gone:
            letters.append(_disposed_letter(gone[case.reference]))
        elif case.revisions():
            letters.append(shown_letter(case))
    if as_json:
        print_json(letters)
    elif not letters and any(c.startswith("cases/") for c in witnessed_chains(office)):
        raise UsageError(
            "The archive holds no letter, though this office has had some: it may be another.",
            where=f"{office.store}",
            remedy="See whether [archive] in office.toml names the right store, bucket and prefix.",
            code="archive-another",
        )
    elif not letters:
        say(f"No letters yet in {office.root}. `letters issue DRAFT` opens the first.")
    else:
        columns = ("reference", "authority", "revision", "state", "content_code", "signed_by")
        print_table(
            "",
            [column.replace("_", " ") for column in columns],
            [
                [
                    *(letter[name] for name in columns[:3]),
                    state_in_words(letter),
                    letter["content_code"],
                    _signed_by(letter),
                ]
                for letter in letters
            ],
        )
    return Exit.DONE


def tell_letter(office: Office, reference: str, *, as_json: bool) -> int:
    """Print where a letter stands."""
    certified = certificates_of(office, reference)
    told = [each.told for each in certified]
    if reference in (gone := disposed_records(office)):
        letter = _disposed_letter(gone[reference]) | {"disposed": told}
        if as_json:
            print_json(letter)
        else:
            fields = [("state", letter["state"]), *_in_lines(told)]
            print_fields(reference, [*fields, ("is left", "its trail: `letters history`")])
        return Exit.DONE
    case = open_case(office, reference)
    letter, standing = shown_letter(case), standing_of(case)
    if any(each.proposal.keeping is Keeping.CONTACTS for each in certified):
        # By whom it was accepted when, nobody can tell any more.
        forgotten = {"due_on": None, "working_days_left": None, "working_days_taken": None}
        standing = standing.model_copy(update=forgotten)
    if as_json:
        print_json(letter | shown_standing(standing) | ({"disposed": told} if told else {}))
    else:
        _print_letter(letter, standing, told)
    return Exit.DONE


def tell_history(office: Office, reference: str, *, is_brief: bool = False, as_json: bool) -> int:
    """Print a letter's audit trail, and between its entries what Prefect knew of the runs."""
    certified = certificates_of(office, reference)
    is_gone = reference in disposed_records(office)
    case = Case(office, reference) if is_gone else open_case(office, reference)
    rows = [*shown_history(case), *map(_disposal_row, certified)]
    if is_brief:
        rows = in_brief(rows)
    if as_json:
        print_json(rows)
    else:
        print_table(
            f"History of {reference}",
            ("source", "at (UTC)", "actor", "step or run", "event", "attempt", "detail"),
            [shown_row(row) for row in without_repetition(rows)],
        )
    return Exit.DONE


def tell_deliveries(office: Office, reference: str, *, as_json: bool) -> int:
    """Print what became of each e-mail."""
    told = shown_deliveries(open_case(office, reference))
    if as_json:
        print_json(told)
    else:
        print_table(
            f"Deliveries of {reference}",
            ("role", "name", "address", "state", "told since", "attempts"),
            [
                (d["role"], d["name"], d["address"], d["state"], d["told"], len(d["attempts"]))
                for d in told
            ],
        )
        for delivery in told:
            for attempt in delivery["attempts"]:
                if attempt["settled_as"] is not None:
                    say(
                        f"  {delivery['role']}: settled as {attempt['settled_as']}"
                        f" by {attempt['settled_by']}: {attempt['settled_why']}"
                    )
            if delivery["progress"]["reason"]:
                say(
                    f"  {delivery['role']}: the receiving server said:"
                    f" {delivery['progress']['reason']}"
                )
            if delivery["eml"] is not None:
                say(f"  {delivery['eml']}", style="dim")
    return Exit.DONE


def state_in_words(letter: dict[str, Any]) -> str:
    """Tell the state as people ask for it: what holds now, and what is on its way."""
    kind, state = letter.get("replaces"), str(letter["state"])
    if kind is None:
        return state
    if state == "issued":
        return "withdrawn" if kind == "withdrawal" else "issued, corrected"
    return f"{state}; a {kind}, until then r{letter['replaces_revision']} holds"


def _print_letter(letter: dict[str, Any], standing: Standing, disposed: list[str]) -> None:
    print_fields(
        letter["reference"],
        [
            ("authority", letter["authority"]),
            ("revision", f"r{letter['revision']}"),
            ("state", state_in_words(letter)),
            ("waits for", standing.waits_for_in_words),
            ("due", deadline_in_words(standing)),
            ("went wrong", standing.trouble or None),
            ("to do", standing.remedy or None),
            ("content code", letter["content_code"]),
            ("signed by", _signed_by(letter)),
            ("comments", letter["comments"]),
            *letter["files"].items(),
            *_in_lines(disposed),
        ],
    )
    print_table(
        "",
        ("role", "name", "state", "told since"),
        [(r["role"], r["name"], r["state"], r["told"]) for r in letter["recipients"]],
    )


def _disposed_letter(certificate: Certificate) -> dict[str, Any]:
    """Tell of a letter that nothing but its trail is left of it; as others are told."""
    unknown = ("authority", "revision", "content_code", "signed_by", "sign_offs")
    return {
        "reference": certificate.proposal.of,
        "state": f"disposed on {certificate.approved_at[:10]}, certificate {certificate.number}",
        **dict.fromkeys(unknown),
        "signatories": [],
    }


def _disposal_row(certificate: Certificate) -> dict[str, Any]:
    """Tell of a disposal as the history tells all else."""
    proposal = certificate.proposal
    return {
        "source": "ledger",
        "seq": None,
        "at": certificate.approved_at,
        "actor": certificate.approved_by,
        "step": "disposal",
        "event": "disposed",
        "attempt": 1,
        "of": None,
        "detail": {
            "class": str(proposal.keeping),
            "certificate": certificate.number,
            "objects": len(proposal.objects),
            "proposed_by": proposal.proposed_by,
        },
    }


def _in_lines(disposed: list[str]) -> list[tuple[str, str]]:
    return [("disposed" if number == 0 else "", told) for number, told in enumerate(disposed)]


def _signed_by(letter: dict[str, Any]) -> str | None:
    """Tell who signed; of a letter with several signatories whom it waits for, too."""
    is_joint = len(letter["signatories"]) > 1
    told: str | None = letter["sign_offs"] if is_joint else letter["signed_by"]
    return told
