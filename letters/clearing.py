"""What a person answered for: doubts cleared and problems overridden, with a reason.

A clearance holds for the words that stood at its place and for what was said of
them. Any change of either voids it, and the doubt or problem is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from letters.canonical import sha256_hex
from letters.letter import Frozen
from letters.problem import Doubt, Problem
from letters.reading import Clearance, Reading

VOID = " It was cleared before, but not as it stands now: clear it again, or correct it."


class Cleared(Frozen):
    """What is left of a draft's doubts and problems, and what was answered for."""

    doubts: tuple[Doubt, ...]
    """All of them; those cleared say so, with the reason."""
    problems: tuple[Problem, ...]
    """Those that stand."""
    overridden: tuple[Problem, ...]
    """Blocking ones that a person overrode, with the reason."""


class Words(Frozen):
    """The words of a draft by place, as clearances and answers are bound to them."""

    texts: tuple[tuple[str, str], ...]
    """Place and text, in reading order."""

    def at(self, place: str) -> str:
        """Return the text at a place, a line a text; of a section all below it, too.

        An empty place is the whole draft; a place where nothing stands has no text.
        """
        return "\n".join(
            text
            for at, text in self.texts
            if at == place or at.startswith(f"{place}/") or (not place and _is_of_draft(at))
        )

    def sha256_at(self, place: str) -> str:
        """Hash the text at a place, as UTF-8."""
        return sha256_hex(self.at(place).encode())

    def has(self, place: str) -> bool:
        """Whether words stand at a place."""
        return any(at == place or at.startswith(f"{place}/") for at, _ in self.texts)


def _is_of_draft(place: str) -> bool:
    return not place.startswith("earlier/")


def doubt_binding(doubt: Doubt, words: Words) -> str:
    """Hash what a clearance of a doubt is given for."""
    return _binding(words, doubt.place, f"{doubt.read}\n{doubt.proposed}")


def _binding(words: Words, place: str, said: str) -> str:
    return sha256_hex(f"{words.at(place)}\n{said}".encode())


def words_of(reading: Reading, section_keys: Sequence[str], beside: Mapping[str, str]) -> Words:
    """Tell a reading's words by place; `beside` are places outside it, and their text."""

    def texts() -> Iterator[tuple[str, str]]:
        yield "kind", reading.kind
        yield "authority", reading.authority
        yield "date", reading.date
        for number, addressee in enumerate(reading.addressees, start=1):
            told = (addressee.role, addressee.name, *addressee.lines)
            yield f"addressees/{number}", "\n".join(told)
        yield "salutation", reading.salutation
        yield "subject", reading.subject
        for number, passage in enumerate(reading.opening, start=1):
            yield f"opening/{number}", passage.text
        for key, section in zip(section_keys, reading.sections, strict=True):
            yield key, section.heading
            for number, passage in enumerate(section.passages, start=1):
                yield f"{key}/{number}", passage.text
        for number, passage in enumerate(reading.closing, start=1):
            yield f"closing/{number}", passage.text
        yield "valediction", reading.valediction
        for number, signatory in enumerate(reading.signatories, start=1):
            yield f"signatories/{number}", f"{signatory.name}\n{signatory.title}"
        for number, copy in enumerate(reading.copies, start=1):
            yield f"copies/{number}", "\n".join((copy.role, copy.name, copy.line))
        yield from beside.items()

    return Words(texts=tuple((place, text) for place, text in texts() if text))


def clear(
    doubts: Iterable[Doubt],
    problems: Iterable[Problem],
    clearances: Sequence[Clearance],
    words: Words,
) -> Cleared:
    """Apply the clearances; one that fits nothing any more is told, as a warning."""
    used: set[Clearance] = set()

    def clearance(code: str, place: str, binding: str) -> tuple[Clearance | None, bool]:
        """Find the clearance that holds, and whether there was one of that code and place."""
        found = [each for each in clearances if each.code == code and each.place == place]
        used.update(found)
        return next((each for each in found if each.words == binding), None), bool(found)

    standing: list[Problem] = []
    cleared: list[Doubt] = []
    overridden: list[Problem] = []
    for doubt in doubts:
        binding = doubt_binding(doubt, words)
        holding, was_cleared = clearance(doubt.code, doubt.place, binding)
        if holding is not None:
            cleared.append(doubt.model_copy(update={"accepted": True, "why": holding.why}))
        else:
            cleared.append(doubt)
            standing.append(_open(doubt, binding, was_cleared=was_cleared))
    for problem in problems:
        said = problem.message if problem.about is None else problem.about
        binding = _binding(words, problem.place, said)
        holding, was_cleared = clearance(problem.code, problem.place, binding)
        if not problem.is_overridable:
            standing.append(problem)
        elif holding is None:
            void = VOID if was_cleared else ""
            update = {"binding": binding, "message": problem.message + void}
            standing.append(problem.model_copy(update=update))
        elif problem.is_blocking:
            overridden.append(problem.model_copy(update={"why": holding.why}))
    standing += [_unused(each) for each in clearances if each not in used]
    return Cleared(doubts=tuple(cleared), problems=tuple(standing), overridden=tuple(overridden))


def _open(doubt: Doubt, binding: str, *, was_cleared: bool) -> Problem:
    return Problem(
        code=doubt.code,
        place=doubt.place,
        message=f"Read: “{doubt.read}”. Proposed: “{doubt.proposed}”. Correct the draft where "
        "that is wrong; then clear the doubt with a reason (`letters clear`)."
        + (VOID if was_cleared else ""),
        binding=binding,
        is_blocking=doubt.is_blocking,
        is_overridable=True,
    )


def _unused(clearance: Clearance) -> Problem:
    return Problem(
        code="clearance-unused",
        place=clearance.place,
        message=f"The draft clears {clearance.code} here, and there is none. Take the entry out "
        "of `cleared`.",
        is_blocking=False,
    )
