"""From a reading to a letter, its recipients, and everything that is wrong.

Words of the draft stay as they were read; standard words of the kind are added
only where the draft leaves them out. Nothing here stops at the first problem.
How a draft was read belongs to the readers; which letter it is, to
`letters.identity`; the register's answers to `letters.addressing`; the rules to
`letters.checks`; what a person answered for, to `letters.clearing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from pydantic import ValidationError

from letters.addressing import find_recipients
from letters.checks import check_letter
from letters.checks.earlier_areas import is_answered
from letters.checks.rule import Given
from letters.clearing import Words, clear, words_of
from letters.earlier import (
    ANSWERED,
    EarlierLetter,
    said_of,
)
from letters.identity import (
    FindFacts,
    authority_of,
    day_of,
    kind_of,
    near_references,
    reference_of,
)
from letters.kind import Kind
from letters.known import NOTHING_KNOWN, Known
from letters.letter import Authority, Frozen, Letter, Letterhead, Passage
from letters.printed_name import greeting_of
from letters.problem import Doubt, Problem
from letters.reading import Answer, Reading, Source
from letters.recipient import Recipient
from letters.reference import Reference
from letters.register import Register
from letters.sectioning import key_sections, sections_of


class Composition(Frozen):
    """What came of a reading."""

    letter: Letter | None = None
    """None where too much is missing for a letter to be built."""
    problems: tuple[Problem, ...] = ()
    """All that is wrong, blocking or not: of the composing and of the checks."""
    recipients: tuple[Recipient, ...] = ()
    """Addressees first, then copies, in the letter's order; only those that can be written to."""
    doubts_cleared: tuple[Doubt, ...] = ()
    """Doubts of the reading that a person cleared, with the reason: the pack names them."""
    problems_overridden: tuple[Problem, ...] = ()
    """Blocking problems that a person overrode, with the reason: the pack names them."""
    sources: tuple[Source, ...] = ()
    """Where the words stood in the draft."""
    words: Words = Words(texts=())
    """What stands where, as clearances and answers are bound to it."""

    @property
    def is_blocked(self) -> bool:
        """Whether a blocking problem keeps the letter from going on."""
        return any(problem.is_blocking for problem in self.problems)


def compose(
    reading: Reading,
    *,
    register: Register,
    kinds: Mapping[str, Kind],
    letterhead: Letterhead,
    render_standard: Callable[..., str],
    find_facts: FindFacts,
    known: Known = NOTHING_KNOWN,
) -> Composition:
    """Compose the letter that a reading holds, and check it.

    `render_standard(source, **values)` renders a kind's standard words; `kinds`
    go by id; `known` tells what the office's archive holds.
    The draft's own faults are problems in the result, never exceptions.
    """
    kind = kind_of(reading, kinds)
    authority = authority_of(reading, register)
    day = day_of(reading)
    problems = [found for found in (kind, authority, day) if isinstance(found, Problem)]
    missing = tuple(_missing_parts(reading))
    problems += missing

    recipients: tuple[Recipient, ...] = ()
    if isinstance(authority, Authority):
        recipients, unreachable = find_recipients(
            reading.addressees, reading.copies, register=register, authority=authority
        )
        problems += unreachable

    sectioned = key_sections(reading, kind if isinstance(kind, Kind) else None)
    problems += sectioned.problems

    reference = reference_of(reading, kind, authority, day, find_facts)
    if isinstance(reference, Problem):
        problems.append(reference)
    elif reference is not None:
        problems += near_references(reference, known.references(reference))

    letter = None
    earlier: EarlierLetter | None = None
    clear_copies = [copy for copy in reading.copies if copy.role and copy.name]
    if (
        isinstance(kind, Kind)
        and isinstance(authority, Authority)
        and isinstance(day, date)
        and isinstance(reference, Reference)
        and not missing
    ):
        parts = {
            "reference": str(reference),
            "kind": kind.id,
            "kind_title": kind.title,
            "authority": authority,
            "sample": _is_sample(reading, register),
            "letterhead": letterhead,
            "date": day,
            "addressees": reading.addressees,
            "subject": reading.subject,
            "opening": reading.opening,
            "sections": sections_of(reading, sectioned.keys),
            "signatories": reading.signatories,
            "copies": [copy.model_dump() for copy in clear_copies],
            **_words_with_standard(reading, kind, authority, render_standard),
        }
        letter, malformed = _build(parts, find_facts)
        problems += malformed
        if letter is not None:
            last = known.earlier_letter(letter)
            if isinstance(last, Problem):
                problems.append(last)
            else:
                earlier = last
            given = Given(
                kind=kind,
                register=register,
                earlier=earlier,
                answers=reading.answers,
                alike=known.alike(letter),
            )
            problems += check_letter(letter, given)
    beside = {f"earlier/{area.place}": area.text for area in earlier.areas} if earlier else {}
    if letter is not None:  # what the draft leaves out is no part of its reading
        beside |= {place: letter.texts_at(place) for place in letter.composed}
    words = words_of(reading, sectioned.keys, beside)
    cleared = clear(reading.doubts, problems, reading.clearances, words)
    return Composition(
        # A letter that lacks someone of its copy list is checked, but never shown as the letter.
        letter=letter if len(clear_copies) == len(reading.copies) else None,
        problems=cleared.problems,
        recipients=recipients,
        doubts_cleared=(
            *(doubt for doubt in cleared.doubts if doubt.accepted),
            *(_answered(letter, earlier, reading.answers) if letter and earlier else ()),
        ),
        problems_overridden=cleared.overridden,
        sources=reading.sources,
        words=words,
    )


def _missing_parts(reading: Reading) -> Iterator[Problem]:
    if not reading.addressees:
        said = "Nobody is addressed. Name the addressee, with role and address."
        yield Problem(code="addressee-missing", place="addressees", message=said)
    if not reading.subject:
        said = "The subject is missing. Write it above the opening."
        yield Problem(code="subject-missing", place="subject", message=said)
    if not reading.opening:
        said = (
            "Nothing stands before the first section. Write when and by which power you inspected."
        )
        yield Problem(code="opening-missing", place="opening", message=said)
    if not reading.signatories:
        said = "Nobody signs. Name the inspector who does, with the title."
        yield Problem(code="signatory-missing", place="signatories", message=said)


def _answered(letter: Letter, earlier: EarlierLetter, answers: Iterable[Answer]) -> Iterator[Doubt]:
    """Tell the earlier areas that the draft says are answered, for the inspector to see."""
    texts = dict(letter.passages())
    for area in earlier.areas:
        for answer in answers:
            if is_answered(area, answer, texts):
                yield Doubt(
                    code=ANSWERED,
                    place=answer.place,
                    read=area.text,
                    proposed=texts[answer.place],
                    accepted=True,
                    why=said_of(area.place, earlier.reference),
                )


def _is_sample(reading: Reading, register: Register) -> bool:
    inspectors = (register.inspector_named(signatory.name) for signatory in reading.signatories)
    return any(inspector is not None and inspector.sample for inspector in inspectors)


def _words_with_standard(
    reading: Reading, kind: Kind, authority: Authority, render_standard: Callable[..., str]
) -> dict[str, object]:
    """Take salutation, closing and valediction of the draft, or else the kind's own."""
    salutation, closing, valediction = reading.salutation, reading.closing, reading.valediction
    composed = []
    if not salutation:
        addressee = greeting_of([addressee.name for addressee in reading.addressees])
        salutation = render_standard(kind.standard.salutation, addressee=addressee)
        composed.append("salutation")
    if not closing and kind.standard.closing is not None:
        rendered = render_standard(
            kind.standard.closing, authority=authority.name, short_name=authority.short_name
        )
        paragraphs = (" ".join(block.split()) for block in re.split(r"\n\s*\n", rendered))
        closing = tuple(Passage(style="paragraph", text=text) for text in paragraphs if text)
        composed += [f"closing/{number}" for number in range(1, len(closing) + 1)]
    if not valediction:
        valediction = kind.standard.valediction
        composed.append("valediction")
    return {
        "salutation": salutation,
        "closing": closing,
        "valediction": valediction,
        "composed": tuple(composed),
    }


def _build(
    parts: dict[str, object], find_facts: FindFacts
) -> tuple[Letter | None, tuple[Problem, ...]]:
    """Build the letter and attach its facts; what its structure refuses is a problem each."""
    try:
        letter = Letter.model_validate(parts)
    except ValidationError as invalid:
        return None, tuple(
            Problem(
                code="field-invalid",
                place="/".join(str(p + 1 if isinstance(p, int) else p) for p in error["loc"]),
                message=f"This can't stand in a letter: {error['msg']}. Correct the draft.",
            )
            for error in invalid.errors()
        )
    return letter.model_copy(update={"facts": find_facts(letter.passages())}), ()
