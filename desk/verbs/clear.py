"""The verbs `letters clear` and `letters answer`: what a person answers for, in the draft."""

from __future__ import annotations

from pathlib import Path

from desk.drafts import draft_file
from desk.failures import Exit
from desk.printing import say
from desk.verbs.check import composed
from letters.compose import Composition
from letters.errors import UsageError
from letters.problem import Problem
from tasks.case.office import Office
from tasks.drafting.markdown.entries import add_entry, demand_room

LONGEST_REASON_CHARACTERS = 400


def clear_problem(office: Office, draft: Path, code: str, *, place: str | None, why: str) -> int:
    """Clear a doubt or override a problem of a draft, with a reason.

    Raises UsageError where the draft has none of that code and place, or where no
    reason is enough.
    """
    path = draft_file(office, draft)
    demand_room(path)
    reason = reason_of(why)
    composition = composed(office, path)
    problems = _meant(composition, code, place)
    for problem in problems:
        add_entry(
            path,
            "cleared",
            {
                "code": code,
                "place": problem.place,
                "why": reason,
                "words": problem.binding,
                "by": office.actor,
                "at": office.clock().isoformat(timespec="seconds"),
            },
            limit_bytes=office.settings.limits.draft_bytes,
        )
    where = problems[0].place or "the letter"
    many = f", {len(problems)} times" if len(problems) > 1 else ""
    if any(problem.is_blocking for problem in problems):
        say(
            f"Cleared {code} at {where}{many}. It stands in the draft, in the pack and on the "
            "signing page; a change of what it was given for voids it."
        )
    else:
        say(f"Cleared the warning {code} at {where}{many}: `letters check` no longer tells it.")
    return Exit.DONE


def answer_area(office: Office, draft: Path, area: str, place: str) -> int:
    """Say which passage of a draft answers an area of the authority's last letter.

    Raises UsageError where the earlier letter has no such area, or the draft no
    such passage.
    """
    path = draft_file(office, draft)
    demand_room(path)
    composition = composed(office, path)
    area = area.removeprefix("earlier/")
    if not composition.words.has(f"earlier/{area}"):
        raise UsageError(
            f"The authority's last letter raised no area “{area}”.",
            where=str(path),
            remedy="`letters check` lists the areas that wait for an answer.",
            code="area-unknown",
        )
    letter = composition.letter
    if letter is None or place not in dict(letter.passages()):
        raise UsageError(
            f"The draft has no passage “{place}”.",
            where=str(path),
            remedy="Name it by section and number, as `letters check` does: strengths/2.",
            code="place-unknown",
        )
    words = composition.words
    entry = {
        "area": area,
        "asked": words.sha256_at(f"earlier/{area}"),
        "place": place,
        "words": words.sha256_at(place),
    }
    limit_bytes = office.settings.limits.draft_bytes
    add_entry(path, "answers", entry, limit_bytes=limit_bytes)
    say(f"{place} answers the earlier area {area}. An edit of {place} asks for it anew.")
    return Exit.DONE


def _meant(composition: Composition, code: str, place: str | None) -> list[Problem]:
    found = [problem for problem in composition.problems if problem.code == code]
    at_place = [problem for problem in found if place is None or problem.place == place]
    places = sorted({problem.place or '""' for problem in found})
    if not found:
        raise UsageError(
            f"The draft has no problem or doubt “{code}”.",
            remedy="`letters check` lists what it has.",
            code="problem-unknown",
        )
    if len({problem.place for problem in at_place}) != 1:
        raise UsageError(
            f"“{code}” stands at {', '.join(places)}.",
            remedy="Say which one with --place.",
            code="problem-place-unclear",
        )
    if not at_place[0].is_overridable:
        raise UsageError(
            f"No reason is enough to go on with “{code}”.",
            where=at_place[0].place,
            remedy=at_place[0].message,
            code="problem-not-overridable",
        )
    return at_place


def reason_of(why: str) -> str:
    """Return a reason on one line. Raises UsageError where it can't stand in a draft."""
    reason = " ".join(why.split())
    if not reason.isprintable():
        raise UsageError(
            "The reason holds a character that can't be seen.",
            where="--why",
            remedy="Type it anew.",
            code="reason-unusable",
        )
    if not reason or len(reason) > LONGEST_REASON_CHARACTERS:
        raise UsageError(
            "A reason is required, in a sentence or two."
            if not reason
            else f"The reason is longer than {LONGEST_REASON_CHARACTERS} characters.",
            remedy="Say with --why what the inspector should know before signing.",
            code="reason-unusable",
        )
    return reason
