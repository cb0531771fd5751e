"""What a campaign found, as tables: printed, and written into docs/faults.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.tables import Table
from tests.faults.campaign.judge import NO_REQUEST, ZEROS, Judgement
from tests.faults.fault_provider import Fault

COLUMNS = ("accepted", "refused", "not accepted", "unknown")
ENDS = ("found accepted", "found absent", "decided: sent", "decided: send again")

DOES = {
    Fault.ACCEPTED: "202: takes it",
    Fault.SANDBOX: "200: takes nothing",
    Fault.MOVED: "302 to another place",
    Fault.RESET_READ: "resets the connection, takes nothing",
    Fault.CLOSED_READ: "ends the connection, takes nothing",
    Fault.HANGS: "says nothing, takes nothing",
    Fault.GARBAGE: "answers garbage, takes nothing",
    Fault.TAKEN_RESET: "takes it, resets the connection",
    Fault.TAKEN_CLOSED: "takes it, ends the connection",
    Fault.TAKEN_HANGS: "takes it, says nothing",
    Fault.TAKEN_TRICKLED: "takes it, answers a byte now and then",
    Fault.TAKEN_GARBAGE: "takes it, answers garbage",
    Fault.TAKEN_FAILED: "takes it, answers 500",
    Fault.TAKEN_BAD_GATEWAY: "takes it, answers 502",
}


def tables(found: Judgement, deaths: Counter[str]) -> list[Table]:
    """Lay out all that was counted."""
    return [_zeros(found), _faults(found), _ends(found), _deaths(deaths)]


def _zeros(found: Judgement) -> Table:
    rows = tuple((what, str(found.wrong[what])) for what in ZEROS)
    return Table("What must be nothing", ("", "found"), rows)


def _faults(found: Judgement) -> Table:
    told = {tuple(key.split("|")): count for key, count in found.attempts.items()}
    faults = [*map(str, Fault), NO_REQUEST]
    rows = []
    for fault in faults:
        records = {record: count for (each, record), count in told.items() if each == fault}
        cells = [_shown(_sum(records, lambda record, c=column: record.split(",")[0] == c))
                 for column in COLUMNS]  # fmt: skip
        ends = [_shown(_sum(records, lambda record, e=end: record.endswith(f", {e}")))
                for end in ENDS]  # fmt: skip
        if records:
            does = DOES.get(Fault(fault), fault) if fault in [*Fault] else fault
            rows.append((does, str(sum(records.values())), *cells, *ends))
    return Table(
        "Attempts, by what the provider did and what the case has of it",
        ("the provider", "attempts", *COLUMNS, *ENDS),
        tuple(rows),
        (
            "“Unknown” counts attempts without an answer that proves anything, and those whose"
            " process was killed before it could write one down; the last four columns tell how"
            " unknown and refused ones ended, where they did.",
        ),
    )


def _ends(found: Judgement) -> Table:
    ends = sorted({key.split("|")[0] for key in found.deliveries})
    rows = tuple(
        (end, *(_shown(found.deliveries[f"{end}|{times}"]) for times in range(3))) for end in ends
    )
    return Table(
        "Recipients, by where their delivery stands and what they got",
        ("the case says", "got nothing", "got it once", "got it twice"),
        rows,
        (
            "Twice got it only whom somebody decided to send it again without knowing; nothing"
            " got whom the case shows as in doubt, as refused, or as counted as sent by decision.",
        ),
    )


def _deaths(deaths: Counter[str]) -> Table:
    return Table(
        "Processes, by how they ended",
        ("", "processes"),
        tuple((how, str(count)) for how, count in sorted(deaths.items())),
    )


def _sum(records: dict[str, int], is_meant: object) -> int:
    return sum(count for record, count in records.items() if is_meant(record))  # type: ignore[operator]


def _shown(count: int) -> str:
    return str(count) if count else "·"


def page(preface: Iterable[str], laid_out: Sequence[Table]) -> str:
    """Write docs/faults.md."""
    from benchmarks.tables import markdown

    return markdown(preface, laid_out)
