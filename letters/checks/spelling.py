"""Spelling: British, and with -ise, as the published letters have it throughout.

Of some 250 words of the 41 letters that could be spelt either way, none has -ize.
Only what can be no British word at all is found; no dictionary is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.checks.wording import body_texts, found
from letters.letter import Letter

_OR = """
arbor behavior candor color demeanor endeavor favor flavor harbor honor humor labor misdemeanor
neighbor odor rigor rumor savior savor tumor vapor vigor
"""
_AFTER_OR = ("", "s", "ed", "ing", "al", "ally", "able", "ably", "ful", "less", "ite", "hood")
_ER = "caliber center fiber liter luster meager saber somber specter theater"
_ONE_L = """
cancel channel counsel dial equal fuel label level marshal model quarrel signal total travel tunnel
"""
_AFTER_L = ("ed", "ing", "er", "ers", "or", "ors")
_OTHERS = """
centered centred
centering centring
program programme s
judgment judgement s
catalog catalogue s
dialog dialogue s
analog analogue s
defense defence s less
offense offence s
pretense pretence s
fulfill fulfil s ment
enroll enrol s ment ments
installment instalment s
skillful skilful ly ness
willful wilful ly ness
practicing practising
practiced practised
aging ageing
gray grey
math maths
mom mum s my
gotten got
toward towards
afterward afterwards
skeptic sceptic s al ism
mold mould s y
maneuver manoeuvre s d
pediatric paediatric s ian ians
pedophile paedophile s
pedophilia paedophilia
anesthesia anaesthesia
anesthetic anaesthetic s
gynecology gynaecology
gynecologist gynaecologist s
anemia anaemia
anemic anaemic
diarrhea diarrhoea
jewelry jewellery
pajamas pyjamas
cozy cosy
aluminum aluminium
"""


def _forms() -> dict[str, str]:
    """Write out each American form with the British one."""
    forms = {w + end: f"{w[:-2]}our{end}" for w in _OR.split() for end in _AFTER_OR}
    forms |= {w + end: f"{w[:-2]}re{end}" for w in _ER.split() for end in ("", "s")}
    forms |= {w + end: f"{w}l{end}" for w in _ONE_L.split() for end in _AFTER_L}
    for line in filter(None, _OTHERS.splitlines()):
        american, british, *endings = line.split()
        forms |= {american + end: british + end for end in ("", *endings)}
    return forms


_AMERICAN = _forms()
_WITH_Z = re.compile(
    r"\b(?!(?:re|down|out|over|mid|under|up)?siz|pri?z|sei?z|capsiz|(?:ma|ba)ize|assize)"
    r"(\w{2,}?[iy])z(e[ds]?|ing|ers?|ations?|ational(?:ly)?|able)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_LICENSE = re.compile(r"\b(?:an?|the|no|this|their|its|driving|under|without) (licenses?)\b", re.I)
_OF_A_COMPUTER = re.compile(r"\b(?:computer|software|spreadsheet|database) $", re.IGNORECASE)
_OF_A_COURT = re.compile(r"\b(?:court|judge|tribunal)(?:[’']s)?,? [^.;]{0,30}$", re.IGNORECASE)
_RIGHT_AFTER = {
    **dict.fromkeys(("program", "programs"), _OF_A_COMPUTER),
    **dict.fromkeys(("judgment", "judgments"), _OF_A_COURT),
}


@check(
    "spelling-american",
    blocks=False,
    source="The published letters: British spelling, with -ise throughout.",
)
def spelling_american(letter: Letter, given: Given) -> Iterator[Found]:
    """A word is spelt as in America."""
    for placed in body_texts(letter):
        text = placed.text
        for match in _WORD.finditer(text):
            british = _AMERICAN.get(match[0].lower())
            if british is None or match[0].isupper():
                continue
            may_stand = _RIGHT_AFTER.get(match[0].lower())
            if may_stand is None or not may_stand.search(
                text, max(0, match.start() - 60), match.start()
            ):
                yield found(placed, match, _told(match[0], british))
        if "z" in text:
            for match in _WITH_Z.finditer(text):
                yield found(placed, match, _told(match[0], f"{match[1]}s{match[2]}"))
        if "icense" in text:
            for match in _LICENSE.finditer(text):
                message = _told(match[1], match[1].replace("cense", "cence"))
                yield Found(placed.place, message, match.start(1), match.end(1))


def _told(american: str, british: str) -> str:
    if american[0].isupper():
        british = british[0].upper() + british[1:]
    return f"“{american}” is the American spelling. Write “{british}”."


CHECKS = (spelling_american,)
