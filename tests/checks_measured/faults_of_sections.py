"""Faults of the sections: missing, empty, out of order, in another style, over nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random

from letters.kind import SectionRule
from letters.letter import Passage
from letters.reading import Reading, ReadSection
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
)
from tests.checks_measured.faults_of_contents import CALLED

NONE_OF_THEM = (
    "There are no {what}.",
    "There were no {what} identified during this visit.",
    "None.",
    "None identified",
    "Not applicable",
    "N/A",
    "No {what} were identified.",
    "Inspectors did not identify any {what} during this visit.",
    "There are none.",
    "We found no {what} on this occasion.",
    "Nil",
    "There are currently no {what}.",
    "None at this time.",
    "This visit did not identify any {what}.",
    "Nothing to report.",
    "No {what}.",
    "There is nothing to report under this heading.",
    "No {what} have been identified at this visit.",
    "There have been no {what} identified.",
    "None were found.",
    "Inspectors identified no {what}.",
    "There are no {what} arising from this visit.",
    "None applicable.",
    "We did not identify any {what}.",
)
PRIORITY_ACTIONS = (
    "The timeliness of the response to children at risk of harm.",
    "The quality and effectiveness of management oversight of child protection practice.",
    "The allocation of cases of children at risk of significant harm without delay.",
    "The local authority needs to take swift and decisive action to ensure that all children "
    "living in unregistered homes are safe.",
    "The identification of and response to children at risk of exploitation.",
    "Senior leaders must ensure that no child waits for an allocated social worker.",
    "The oversight of children placed in unregistered provision.",
)
HALF_FOLLOWED = (
    "We have notified the Department for Education of the areas for priority action and we "
    "understand you will receive separate correspondence from them.",
    "We will write to you separately about the areas for priority action.",
    "You should submit an action plan that responds to the area for priority action.",
    "Please tell us within 70 working days of receiving this letter what has been done.",
    "We expect you to act on the areas for priority action without delay.",
    "You will receive separate correspondence from the Department for Education.",
    "Please share your improvement plan with us in due course.",
    "We will visit again within 70 working days.",
    "You should share this letter with your partners without delay.",
    "We have informed the Department for Education.",
    "A written statement of action is required.",
    "Please let us know what you intend to do.",
)


def section_missing(draft: Draft, rng: Random) -> Fault | None:
    present = [
        rule.key for rule in draft.kind.sections if rule.is_required and rule.key in draft.keys
    ]
    key = rng.choice(present)
    index = draft.keys.index(key)
    gone = draft.reading.sections[index]
    if index and rng.random() < 0.5:  # the heading is lost, its words are not
        before = draft.reading.sections[index - 1]
        merged = before.model_copy(update={"passages": (*before.passages, *gone.passages)})
        sections = list(draft.reading.sections)
        sections[index - 1 : index + 1] = [merged]
        return Fault(
            draft.reading_with(sections=tuple(sections)), (key, ""), f"heading of {key} lost"
        )
    return Fault(draft.with_section(key, None), (key, ""), f"{key} taken out")


def section_empty(draft: Draft, rng: Random) -> Fault:
    key = rng.choice(_keyed(draft))
    section = draft.section(key)
    assert section is not None
    introduction = Passage(
        style="paragraph",
        text=rng.choice(
            (
                "The local authority needs to take action in the following areas:",
                "Inspectors found:",
                "In particular, inspectors saw that:",
            )
        ),
    )
    passages = (introduction,) if rng.random() < 0.4 else ()
    reading = draft.with_section(key, section.model_copy(update={"passages": passages}))
    return Fault(reading, (key,), f"{key} holds {len(passages)} passages")


def section_out_of_order(draft: Draft, rng: Random) -> Fault | None:
    order = [rule.key for rule in draft.kind.sections]
    sections = list(draft.reading.sections)
    pairs = [
        (at, at + 1)
        for at, (one, other) in enumerate(pairwise(draft.keys))
        if one in order and other in order and order.index(one) < order.index(other)
    ]
    if len(sections) > 2 and draft.keys[0] in order and rng.random() < 0.5:
        sections.append(sections.pop(0))
        moved = f"{draft.keys[0]} to the end"
    elif pairs:
        at, other = rng.choice(pairs)
        sections[at], sections[other] = sections[other], sections[at]
        moved = f"{draft.keys[at]} and {draft.keys[other]} swapped"
    else:
        return None
    return Fault(draft.reading_with(sections=tuple(sections)), draft.keys, moved)


def section_style(draft: Draft, rng: Random) -> Fault | None:
    found = [
        (rule, section)
        for rule in draft.kind.sections
        if rule.style != "either" and (section := draft.section(rule.key)) and section.passages
    ]
    if not found:
        return None
    rule, section = rng.choice(found)
    wrong = "item" if rule.style == "prose" else "paragraph"
    passages = list(section.passages)
    if rule.style == "items" and len(passages) > 1 and rng.random() < 0.5:
        text = " ".join(each.text for each in passages)  # the list was run together
        passages = [Passage(style="paragraph", text=text)]
    else:
        some = range(len(passages)) if rng.random() < 0.5 else (rng.randrange(len(passages)),)
        for at in some:
            passages[at] = passages[at].model_copy(update={"style": wrong})
    reading = draft.with_section(rule.key, section.model_copy(update={"passages": tuple(passages)}))
    return Fault(reading, (rule.key,), f"{rule.key}: {wrong}")


def heading_over_none(draft: Draft, rng: Random) -> Fault:
    keys = [key for key in CALLED if draft.kind.section(key) and not _says_none(draft, key)]
    key = rng.choice(keys)
    text = rng.choice(NONE_OF_THEM).format(what=CALLED[key])
    passage = Passage(style="item" if rng.random() < 0.2 else "paragraph", text=text)
    return Fault(_with_rule(draft, key, (passage,)), (key,), text)


def priority_action_unfollowed(draft: Draft, rng: Random) -> Fault | None:
    rule = draft.kind.priority_action
    if rule is None:
        return None
    said = re.compile(r"action plan|working days|separate correspondence", re.IGNORECASE)
    closing = [each for each in draft.reading.closing if not said.search(each.text)]
    if rng.random() < 0.5:
        closing.append(Passage(style="paragraph", text=rng.choice(HALF_FOLLOWED)))
    section = draft.section(rule.section)
    if section is None or not any(each.style == "item" for each in section.passages):
        actions = rng.sample(PRIORITY_ACTIONS, rng.randrange(1, 3))
        passages = tuple(Passage(style="item", text=each) for each in actions)
        reading = _with_rule(draft, rule.section, passages)
    else:
        reading = draft.reading
        if not said.search(" ".join(each.text for each in draft.reading.closing)):
            return None  # a published letter that has the fault already
    reading = reading.model_copy(update={"closing": tuple(closing)})
    return Fault(reading, (rule.section,), "priority action without what follows from it")


def _says_none(draft: Draft, key: str) -> bool:
    """Whether a published letter has the fault already."""
    section = draft.section(key)
    return section is not None and [each.style for each in section.passages] == ["paragraph"]


def _keyed(draft: Draft) -> list[str]:
    """List the sections that the kind knows and that have no subsections."""
    following = [*(section.level for section in draft.reading.sections[1:]), 1]
    return [
        key
        for key, section, level in zip(draft.keys, draft.reading.sections, following, strict=True)
        if draft.kind.section(key) and section.level == 1 and level == 1
    ]


def _with_rule(draft: Draft, key: str, passages: tuple[Passage, ...]) -> Reading:
    """Put words under a heading of the kind; where it isn't there, after the first section."""
    section = draft.section(key)
    if section is not None:
        following = draft.keys.index(key) + 1
        rest = list(draft.reading.sections)
        rest[following - 1] = section.model_copy(update={"passages": passages})
        while following < len(rest) and rest[following].level == 2:
            del rest[following]
        return draft.reading_with(sections=tuple(rest))
    rule = draft.kind.section(key)
    assert isinstance(rule, SectionRule)
    sections = list(draft.reading.sections)
    sections.insert(1, ReadSection(heading=rule.heading, passages=passages))
    return draft.reading_with(sections=tuple(sections))


PLANTERS = (
    Planter("section-missing", section_missing),
    Planter("section-empty", section_empty),
    Planter("section-out-of-order", section_out_of_order),
    Planter("section-style", section_style),
    Planter("heading-over-none", heading_over_none),
    Planter("priority-action-unfollowed", priority_action_unfollowed),
)
