"""Faults of repetition: what is said twice, or elsewhere, and what an earlier letter asked for."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

from letters.canonical import sha256_hex
from letters.earlier import EarlierLetter
from letters.letter import Passage, Placed
from letters.reading import Answer
from tasks.templating import render_string
from tests.checks_measured.annual_reviews import annual_review
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter
from tests.checks_measured.other_letters import ARCHIVE_KNOWN
from tests.checks_measured.real_letters import names, office, sound_draft

IN_OTHER_WORDS = (
    ("effective", "strong"),
    ("effectively", "well"),
    ("good", "effective"),
    ("children", "children and young people"),
    ("social workers", "practitioners"),
    ("Social workers", "Practitioners"),
    ("timely", "prompt"),
    ("clear", "explicit"),
    ("are", "were"),
    ("is", "was"),
    ("regularly", "often"),
    ("appropriate", "suitable"),
)
ALTERATIONS = (
    (r"\bwill be\b", "may be"),
    (r"\bwill be\b", "won’t be"),
    (r"\bnext\b", "following"),
    (r"\btaken into account\b", "considered"),
    (r"\binto account\b", "in account"),
    (r"\bvisit\b", "inspection"),
    (r"\bwe shall look\b", "we may look"),
    (r"\bin particular\b", "among other things"),
    (r"\bin this letter\b", "in our report"),
    (r"\bareas for development\b", "areas for improvement"),
    (r"\bagain in next year’s\b", "in the following"),
    (r"\bset out above\b", "mentioned"),
    (r"\bis planned\b", "is due"),
    (r"\bhas been done\b", "was done"),
)
PRIORITY_ALTERATIONS = (
    (r"\b70 working days\b", "60 working days"),
    (r"\b70 working days\b", "70 days"),
    (r"\b20 working days\b", "30 working days"),
    (r"\bPlease send us\b", "You may send us"),
    (r"\ban action plan\b", "a plan"),
    (r"\band a draft of it\b", "and a copy of it"),
)


def finding_repeated(draft: Draft, rng: Random) -> Fault | None:
    sound = None
    key = "needs-to-improve" if draft.kind.section("needs-to-improve") else "areas-for-development"
    if draft.kind.section("strengths") is None:
        sound = annual_review(draft, f"{draft.authority.name} performs well.")
        if sound is None:
            return None
        strengths = draft.passages("main-findings")
        key = "areas-for-development"
    else:
        strengths = draft.passages("strengths")
    praised = [text for _, text in strengths if 12 < len(text.split()) < 90]
    if not praised:
        return None
    text = rng.choice(praised)
    repeated = text
    if rng.random() < 0.6:
        for old, new in rng.sample(IN_OTHER_WORDS, 4):
            repeated = re.sub(rf"\b{old}\b", new, repeated, count=1)
    if sound is not None:
        sections = list(sound.sections)
        heading = office().kinds["annual-review"].section("strengths")
        assert heading is not None
        item = Passage(style="item", text=text)
        strong = sections[0].model_copy(update={"heading": heading.heading, "passages": (item,)})
        sections.insert(2, strong)
        sound = sound.model_copy(update={"sections": tuple(sections)})
    else:
        sound = draft.reading
    changed = Draft(draft.letter, sound, office().kinds[sound.kind], draft.register)
    section = changed.section(key)
    if section is None or not section.passages:
        return None
    items = list(section.passages)
    at = rng.randrange(len(items) + 1)
    items.insert(at, Passage(style="item", text=repeated))
    reading = changed.with_section(key, section.model_copy(update={"passages": tuple(items)}))
    places = (f"{key}/{at + 1}", "strengths")
    return Fault(reading, places, f"a strength among {key}", sound=sound)


def standard_paragraph_altered(draft: Draft, rng: Random) -> Fault | None:
    standard = draft.kind.standard.closing
    alterations: tuple[tuple[str, str], ...] = ALTERATIONS
    action = draft.kind.priority_action
    if action and action.standard and action.section in draft.keys and rng.random() < 0.7:
        standard, alterations = action.standard, PRIORITY_ALTERATIONS
    if standard is None:
        return None
    names_ = {"authority": draft.authority.name, "short_name": draft.authority.short_name}
    text = " ".join(render_string(standard, **names_).split())
    changes = [(old, new) for old, new in alterations if re.search(old, text)]
    old, new = rng.choice(changes)
    altered = re.sub(old, new, text, count=1)
    closing = (*draft.reading.closing, Passage(style="paragraph", text=altered))
    planted = draft.reading_with(closing=closing)
    sound = draft.reading_with(closing=(*closing[:-1], Passage(style="paragraph", text=text)))
    return Fault(planted, (f"closing/{len(closing)}",), f"{old} → {new}", sound=sound)


def text_of_another_letter(draft: Draft, rng: Random) -> Fault:
    other = sound_draft(rng.choice(names()))
    while other.authority.code == draft.authority.code:
        other = sound_draft(rng.choice(names()))
    taken = [
        text for _, text in other.passages("main-findings", "strengths") if len(text.split()) > 40
    ] or [text for _, text in other.passages(*other.keys) if len(text.split()) > 30]
    text = rng.choice(taken).replace(other.authority.short_name, draft.authority.short_name)
    change = rng.choice(("none", "words", "sentence"))
    if change == "words":
        words = text.split(" ")
        for at in range(rng.randrange(8, 14), len(words), rng.randrange(12, 20)):
            words[at] = rng.choice(("children", "often", "the", "well", "most", "local"))
        text = " ".join(words)
    if change == "sentence" and len(text.split()) > 60:
        text = re.sub(r"^[^.]{1,150}\. ", "", text) + " This work is valued by families."
    key = "main-findings" if "main-findings" in draft.keys else draft.keys[0]
    section = draft.section(key)
    assert section is not None
    passages = list(section.passages)
    at = rng.randrange(len(passages))
    passages[at] = passages[at].model_copy(update={"text": text})
    reading = draft.with_section(key, section.model_copy(update={"passages": tuple(passages)}))
    return Fault(reading, (f"{key}/{at + 1}",), f"from {other.letter}, changed: {change}")


def earlier_area_unanswered(draft: Draft, rng: Random) -> Fault | None:
    """The earlier letter is the authority's own where two are there, else another's."""
    areas = _earlier_areas(draft, rng)
    findings = draft.passages("main-findings", "strengths", "satisfactory-practice")
    if not areas or not findings:
        return None
    answers = tuple(
        Answer(
            area=area.place,
            place=passage.place,
            asked=_hash(area.text),
            words=_hash(passage.text),
        )
        for area in areas
        for passage in (rng.choice(findings),)
    )
    earlier = EarlierLetter(
        reference=f"FV-{draft.authority.code.upper()}-2009-01-05",
        date=draft.day - timedelta(days=rng.randrange(300, 1200)),
        areas=areas,
    )
    known = ARCHIVE_KNOWN._replace(earlier_letter=lambda _: earlier)
    sound = draft.reading_with(answers=answers)
    at = rng.randrange(len(answers))
    lost, rest = answers[at], answers[:at] + answers[at + 1 :]
    slip = rng.choice(("forgotten", "none", "changed since", "gone", "to another question"))
    places: tuple[str, ...] = (lost.area, f"earlier/{lost.area}", lost.place, "")
    if slip == "forgotten":
        planted = sound.model_copy(update={"answers": rest})
    elif slip == "none":
        planted = sound.model_copy(update={"answers": ()})
    elif slip == "changed since":
        text = dict(draft.passages())[lost.place]
        planted = draft.with_text(lost.place, f"{text} This has improved.")
        planted = planted.model_copy(update={"answers": answers})
    else:
        wrong = lost.model_copy(
            update={"place": "main-findings/99"} if slip == "gone" else {"asked": _hash("?")}
        )
        planted = sound.model_copy(update={"answers": (*rest, wrong)})
    return Fault(planted, places, f"an answer is {slip}", known=known, sound=sound)


def _earlier_areas(draft: Draft, rng: Random) -> tuple[Placed, ...]:
    own = [
        sound_draft(name)
        for name in names()
        if sound_draft(name).authority.code == draft.authority.code
        and sound_draft(name).day < draft.day
    ]
    others = [sound_draft(name) for name in names()]
    earlier = max(own, key=lambda each: each.day) if own else rng.choice(others)
    return earlier.passages("needs-to-improve", "areas-for-development")[:6]


def _hash(text: str) -> str:
    return sha256_hex(text.encode())


PLANTERS = (
    Planter("finding-repeated", finding_repeated),
    Planter("standard-paragraph-altered", standard_paragraph_altered),
    Planter("text-of-another-letter", text_of_another_letter),
    Planter("earlier-area-unanswered", earlier_area_unanswered),
)
