"""`letters list --due`: what is open, for whom it waits, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from desk.failures import Exit
from desk.printing import counted, print_json, print_table, say
from flows.standing import standing_of_office
from letters.deadline import day_of
from letters.letter import day_in_words
from letters.standing import BlockedDraft, Standing
from tasks.case.office import Office


def tell_due(office: Office, *, as_json: bool) -> int:
    """Print a line for each open letter, the most urgent first, then what mends what is wrong."""
    standing = standing_of_office(office)
    if as_json:
        print_json(
            {
                "letters": [_letter(letter) for letter in standing.letters],
                "blocked_drafts": [draft.model_dump(mode="json") for draft in standing.blocked],
            }
        )
        return Exit.DONE
    say(standing.summary, style="bold")
    if standing.letters:
        print_table(
            "",
            ("letter", "authority", "state", "waits for", "since", "due", "days left"),
            [_row(letter) for letter in standing.letters],
        )
    _print_troubles(standing.letters)
    _print_blocked(standing.blocked)
    return Exit.DONE


def shown_standing(letter: Standing) -> dict[str, object]:
    """Tell for whom a letter waits and until when, as plain JSON values."""
    told = letter.model_dump(mode="json")
    return {name: told[name] for name in _OF_A_LETTER} | {
        "waits_for_in_words": letter.waits_for_in_words
    }


def deadline_in_words(letter: Standing) -> str | None:
    """Say when a letter is due, and how many working days are left; None without a deadline."""
    if letter.due_on is None:
        return None
    if letter.working_days_taken is not None:
        return f"{day_in_words(letter.due_on)}; it took {letter.working_days_taken} working days"
    left = letter.working_days_left or 0
    told = (
        f"{counted(-left, 'working day')} late"
        if left < 0
        else f"{counted(left, 'working day')} left"
    )
    return f"{day_in_words(letter.due_on)}, {told}"


_OF_A_LETTER = (
    *("waits_for", "since", "due_on", "working_days_left", "working_days_taken"),
    *("trouble", "remedy", "is_correction"),
)


def _letter(letter: Standing) -> dict[str, object]:
    return letter.model_dump(mode="json") | {"waits_for_in_words": letter.waits_for_in_words}


def _row(letter: Standing) -> tuple[object, ...]:
    return (
        letter.name,
        letter.authority,
        letter.state_in_words,
        letter.waits_for_in_words,
        _day(letter.since),
        letter.due_on,
        letter.left_in_words,
    )


def _print_troubles(letters: tuple[Standing, ...]) -> None:
    troubled = [letter for letter in letters if letter.trouble]
    if troubled:
        say("")
        say("What went wrong, and what mends it", style="bold")
    for letter in troubled:
        say(f"  {letter.name}: {letter.trouble}")
        say(f"    do  {letter.remedy}")


def _print_blocked(blocked: tuple[BlockedDraft, ...]) -> None:
    if blocked:
        say("")
        say("Blocked drafts, with which nothing was begun", style="bold")
    for draft in blocked:
        say(f"  {draft.called}, blocked on {_day(draft.since)}: {'; '.join(draft.problems)}")
    if blocked:
        say("    do  Correct it and submit it again: letters check FILE tells what to do.")


def _day(moment: str | None) -> str:
    return "" if moment is None else day_of(datetime.fromisoformat(moment)).isoformat()
