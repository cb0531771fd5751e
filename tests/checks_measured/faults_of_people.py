"""Faults of people: who is addressed, who gets a copy, who is greeted, who signs."""

from __future__ import annotations

import re
from datetime import date
from random import Random

from letters.letter import Addressee, Signatory
from letters.printed_name import parse_name
from letters.reading import CopyLine
from letters.register import Contact, Register
from tests.checks_measured.annual_reviews import annual_review
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter, misspelt, with_words
from tests.checks_measured.real_letters import names, true_draft

FIRST_DAY_OF_HIS = date(2022, 9, 9)
NOBODY = (
    "Dear Sir/Madam",
    "Dear Sir or Madam",
    "Dear Sirs",
    "Dear Director",
    "Dear colleague",
    "Dear Colleagues",
    "To whom it may concern",
    "Good morning",
    "Hello",
    "Dear all",
    "Dear Director of Children’s Services",
    "Dear Madam",
    "Dear Sir",
    "Dear Council",
    "Dear Chief Executive",
    "Dear Members",
    "Dear recipient",
    "Good afternoon",
    "Dear friends",
    "Dear Team",
    "Dear Sir / Madam",
    "Dear Ladies and Gentlemen",
    "Dear Leader",
    "Greetings",
    "Dear Local Authority",
    "Dear Director,",
)
OTHER_TITLES = (
    "Inspector",
    "Lead Inspector",
    "Senior Her Majesty’s Inspector",
    "{right}s",
    "{monarch} Majesty Inspector",
    "{monarch} Majestys Inspector",
    "{monarch} Majesty’s Inspectorate",
    "{monarch} Majesty’s Inpsector",
    "Regional Director",
    "HMI",
    "{monarch} Majesties Inspector",
    "Her/His Majesty’s Inspector",
    "Ofsted Inspector",
    "Social Care Inspector",
    "{monarch} Majesty’s Chief Inspector",
    "H M Inspector",
    "{monarch} Majesty’s inspecter",
    "{monarch} Majesty’s Inspector (Lead)",
    "Senior Inspector",
    "{monarch} Majesty’s Inspector of Schools",
    "Inspector of Social Care",
    "HMCI",
)
OTHER_NAMES = (
    "Robin Ashdown",
    "Priya Raman",
    "Gareth Llewellyn",
    "Siân Beddoes",
    "Tom O’Farrell",
    "Helen Marsh",
    "Kwame Mensah",
    "Aoife Brennan",
    "Lucy Partridge-Hall",
    "Ian McAllister",
    "Joanna Fielding",
    "Yusuf Demir",
    "Carys Pugh",
    "Edward Lane",
    "Niamh O’Dowd",
)
COPIES = (
    ("chief-executive", "Marian Holt", "Chief Executive"),
    ("safeguarding-board-chair", "David Penn", "Chair of the Safeguarding Children Board"),
    ("lead-member", "Councillor Ruth Amoah", "Lead Member for Children’s Services"),
    ("department", "Alan Frost", "Department for Education"),
)


def addressee_role_missing(draft: Draft, rng: Random) -> Fault:
    others = tuple(each for each in draft.reading.addressees if each.role != "director")
    director = next(each for each in draft.reading.addressees if each.role == "director")
    if others and rng.random() < 0.5:
        return Fault(draft.reading_with(addressees=others), ("addressees",), "no director")
    role, name, post = rng.choice(COPIES[:3])
    lines = (post, *director.lines[1:])
    instead = (Addressee(role=role, name=name, lines=lines), *others)
    register = _with_contact(draft, role, name)
    fault = Fault(draft.reading_with(addressees=instead), ("addressees",), f"to the {post}")
    return fault._replace(register=register)


def copy_role_missing(draft: Draft, rng: Random) -> Fault | None:
    if not draft.kind.copy_roles:
        reading = annual_review(draft, f"{draft.authority.name} performs well.")
        if reading is None:
            return None
        copies = tuple(
            CopyLine(role=role, name=name, line=f"{name}, {post}") for role, name, post in COPIES
        )
        sound = reading.model_copy(update={"copies": copies})
    else:
        sound = draft.reading
    gone = rng.randrange(len(sound.copies))
    copies = sound.copies[:gone] + sound.copies[gone + 1 :]
    if rng.random() < 0.2:
        copies = ()
    register = draft.register
    for role, name, _ in COPIES:
        register = _with_contact(draft, role, name, register.contacts)
    planted = sound.model_copy(update={"copies": copies})
    planted_where = ("copies", "")
    return Fault(
        planted, planted_where, f"no {sound.copies[gone].role}", sound=sound, register=register
    )


def salutation_of_another(draft: Draft, rng: Random) -> Fault:
    name = parse_name(draft.reading.addressees[0].name)
    other = parse_name(rng.choice(_addressees(draft)))
    title = rng.choice(("Ms", "Mr", "Mrs", "Dr"))
    greetings = [
        f"Dear {title} {other.surname}",
        f"Dear {title} {other.surname},",
        f"Dear {' '.join(other.words)}",
        f"Dear {title} {misspelt(name.surname, rng)}",
    ]
    if name.titles:
        wrong = {"Mr": "Mrs", "Ms": "Mr", "Dr": "Mr", "Professor": "Ms"}[name.titles[0]]
        greetings.append(f"Dear {wrong} {name.surname}")
    return _greeting(draft, rng.choice(greetings))


def salutation_unusual(draft: Draft, rng: Random) -> Fault | None:
    if rng.random() < 0.4:
        forename = parse_name(draft.reading.addressees[0].name).words[0]
        other = parse_name(rng.choice(_addressees(draft))).words[0]
        wrong = misspelt(forename, rng) if len(forename) > 3 and rng.random() < 0.5 else other
        if wrong != forename:
            return _greeting(draft, f"Dear {wrong}")
    if len(draft.reading.addressees) > 1:
        return None  # a partnership of many is greeted as such
    return _greeting(draft, rng.choice(NOBODY))


def signatory_unknown(draft: Draft, rng: Random) -> Fault:
    at = rng.randrange(len(draft.reading.signatories))
    signatory = draft.reading.signatories[at]
    words = signatory.name.split()
    surname = max(words, key=len)
    slips = (
        signatory.name.replace(surname, misspelt(surname, rng)),
        " ".join((words[0][0], *words[1:])),
        f"{words[0]} A {' '.join(words[1:])}",
        rng.choice(OTHER_NAMES),
        f"{signatory.name} HMI",
    )
    return _signed(draft, at, signatory.model_copy(update={"name": rng.choice(slips)}))


def signatory_title(draft: Draft, rng: Random) -> Fault | None:
    if not draft.kind.signatory_titles:
        return None
    right, wrong = ("Her", "His") if draft.day < FIRST_DAY_OF_HIS else ("His", "Her")
    named = re.compile(rf"{right} Majesty’s Inspectors?\b")
    found = [
        (place, match) for place, text in draft.passages("opening") if (match := named.search(text))
    ]
    if found and rng.random() < 0.25:
        place, match = rng.choice(found)
        return with_words(draft, place, *match.span(), match[0].replace(right, wrong))
    at = rng.randrange(len(draft.reading.signatories))
    signatory = draft.reading.signatories[at]
    title = f"{right} Majesty’s Inspector"
    other = rng.choice(OTHER_TITLES).format(right=title, monarch=right)
    other = rng.choice((f"{wrong} Majesty’s Inspector", other))
    return _signed(draft, at, signatory.model_copy(update={"title": other}))


def _addressees(draft: Draft) -> list[str]:
    """List the directors of other letters."""
    own = {each.name for each in draft.reading.addressees}
    return [
        name
        for other in names()
        if (name := true_draft(other).reading.addressees[0].name) not in own
        and not set(parse_name(name).words)
        & {word for each in own for word in parse_name(each).words}
    ]


def _greeting(draft: Draft, words: str) -> Fault:
    return Fault(draft.reading_with(salutation=words), ("salutation",), words)


def _signed(draft: Draft, at: int, signatory: Signatory) -> Fault:
    signatories = list(draft.reading.signatories)
    signatories[at] = signatory
    reading = draft.reading_with(signatories=tuple(signatories))
    return Fault(reading, (f"signatories/{at + 1}",), f"{signatory.name}, {signatory.title}")


def _with_contact(
    draft: Draft, role: str, name: str, contacts: tuple[Contact, ...] = ()
) -> Register:
    contact = Contact(
        authority=draft.authority.code,
        role=role,
        name=name,
        email=f"{role}@{draft.authority.code}.example",
    )
    contacts = contacts or draft.register.contacts
    return draft.register.model_copy(update={"contacts": (*contacts, contact)})


PLANTERS = (
    Planter("addressee-role-missing", addressee_role_missing),
    Planter("copy-role-missing", copy_role_missing),
    Planter("salutation-of-another", salutation_of_another),
    Planter("salutation-unusual", salutation_unusual, also=("salutation-of-another",)),
    Planter("signatory-unknown", signatory_unknown),
    Planter("signatory-title", signatory_title),
)
