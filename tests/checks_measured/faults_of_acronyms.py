"""Faults of acronyms: never spelt out, never used, misspelt."""

from __future__ import annotations

import re
from random import Random

from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    marked,
    matches,
    with_sentence,
    with_words,
)

KNOWN_ACRONYMS = {
    "multi-agency safeguarding hub": "MASH",
    "personal advisers": "PAs",
    "Public Law Outline": "PLO",
    "return home interviews": "RHIs",
    "emergency duty team": "EDT",
    "special guardianship orders": "SGOs",
    "independent reviewing officers": "IROs",
    "Department for Education": "DfE",
    "director of children’s services": "DCS",
    "personal education plans": "PEPs",
    "child and adolescent mental health services": "CAMHS",
    "corporate parenting board": "CPB",
    "quality assurance framework": "QAF",
    "virtual school": "VS",
    "family group conferences": "FGCs",
    "child protection plan": "CPP",
    "senior leaders": "SLs",
    "strategy meetings": "SMs",
    "unaccompanied asylum-seeking children": "UASC",
}
UNDEFINED = (
    "Attendance at ‹MARAC› is good.",
    "Referrals to the ‹LADO› are timely.",
    "Children at risk of ‹CSE› are well supported.",
    "The ‹YOT› works closely with partners.",
    "Too few ‹ICPCs› are held within timescales.",
    "The number of children in ‹EHE› has risen.",
    "Decisions at the ‹LPM› are clear.",
    "The ‹SCR› led to changes in practice.",
    "‹RHIs› are completed promptly.",
    "The ‹ECHR› team is well led.",
    "Workers from ‹EIT› visit weekly.",
    "Screening by ‹SALT› is prompt.",
    "The ‹NRM› is used appropriately.",
    "Children’s ‹SDQ› scores are reviewed.",
    "The ‹JARAC› meets weekly.",
    "The ‹DOLS› process is understood.",
    "Too many ‹ICPs› are delayed.",
    "The ‹MACSE› panel is well attended.",
    "The work of the ‹FIT› is valued by parents.",
    "The ‹YPSS› helps young people into work.",
    "The ‹MIAP› meets weekly.",
    "Referrals to ‹CYPS› have risen.",
    "Few ‹LACs› have a plan.",
    "The ‹TAF› meeting is well attended.",
    "The ‹PARIS› of services is mapped by the ‹GCP›.",
    "Every ‹SENCO› has had training.",
    "The ‹VEMT› panel is effective.",
)
INTRODUCED = r"\(([A-Z][A-Za-z]*[A-Z]s?)\)"
"""An acronym in round brackets behind its words."""
SMALL_WORDS = ("and", "of", "the", "for", "in", "to")


def acronym_undefined(draft: Draft, rng: Random) -> Fault:
    found = []
    introduced = [match[1].removesuffix("s") for _, match in matches(draft, INTRODUCED)]
    for place, match in matches(draft, " " + INTRODUCED):
        stem = match[1].removesuffix("s")
        if introduced.count(stem) > 1:
            continue
        words = _words_before(match.string[: match.start()], stem)
        uses = [
            (where, use)
            for where, use in matches(draft, rf"(?<![(\w]){re.escape(stem)}s?\b(?!\))")
            if (where, use.start()) != (place, match.start() + 2)
        ]
        if uses and words and stem != draft.authority.short_name:
            found.append((place, match, words, uses))
    if found and rng.random() < 0.6:
        place, match, words, uses = rng.choice(found)
        start = match.start() - len(words)
        fault = with_words(draft, place, start, match.end(), match[1])
        told = tuple(sorted({place, *(where for where, _ in uses)}))
        return fault._replace(places=told, words=None, planted=f"{match[1]} not introduced")
    free = [each for each in UNDEFINED if marked(each)[0] and not _knows(draft, each)]
    return with_sentence(draft, rng, rng.choice(free))


def acronym_unused(draft: Draft, rng: Random) -> Fault | None:
    found = [
        (place, match, acronym)
        for words, acronym in KNOWN_ACRONYMS.items()
        if not list(matches(draft, rf"\b{acronym.removesuffix('s')}s?\b"))
        for place, match in list(matches(draft, rf"\b{words}\b(?! \()"))[:1]
    ]
    if not found:
        return None
    place, match, acronym = rng.choice(found)
    return with_words(draft, place, match.end(), match.end(), f" (‹{acronym}›)")


def acronym_misspelt(draft: Draft, rng: Random) -> Fault | None:
    introduced = {match[1].removesuffix("s") for _, match in matches(draft, INTRODUCED)}
    found = [
        (place, match)
        for acronym in sorted(introduced)  # the order of a set is another in every process
        if len(acronym) > 2
        for place, match in matches(draft, rf"\b{re.escape(acronym)}(?=s?\b)")
    ]
    if not found:
        return None
    place, match = rng.choice(found)
    word = match[0]
    slips = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    slips |= {word[:at] + word[at + 1 :] for at in range(len(word)) if len(word) > 3}
    slips |= {word[:at] + rng.choice("AEINRST") + word[at + 1 :] for at in range(1, len(word))}
    slip = rng.choice(sorted(slips - {word}))
    fault = with_words(draft, place, *match.span(), slip)
    # Where the words are introduced with it, every other use may be told instead.
    told = tuple(sorted({where for where, _ in found}))
    return fault._replace(places=told, words=None) if len(told) > 1 else fault


def _knows(draft: Draft, sentence: str) -> bool:
    """Whether the letter already says the sentence's acronym."""
    plain, start, end = marked(sentence)
    acronym = plain[start:end].removesuffix("s")
    return any(True for _ in matches(draft, rf"\b{acronym}s?\b"))


def _words_before(text: str, acronym: str) -> str:
    """Find the words whose initials an acronym is: `multi-agency safeguarding hub`."""
    words = text.split(" ")
    for count in range(1, min(len(words), 9)):
        phrase = " ".join(words[-count:])
        initials = [
            part[:1].upper() for part in re.split(r"[ -]", phrase) if part not in SMALL_WORDS
        ]
        if initials == list(acronym.upper()):
            return phrase
    return ""


PLANTERS = (
    Planter("acronym-undefined", acronym_undefined),
    Planter("acronym-unused", acronym_unused),
    Planter("acronym-misspelt", acronym_misspelt),
)
