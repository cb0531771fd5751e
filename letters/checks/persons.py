"""Persons of whom the letter tells: not by name, and not so few that one may know them.

Those who hold a post, get the letter, sign it or inspected may be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.checks.wording import body_texts
from letters.letter import Letter
from letters.printed_name import parse_name

_FORENAMES = """
Aaliyah Aaron Abdul Abena Abigael Abigail Adam Adele Agnieszka Ahmed Aidan Aisha Alan Alastair
Aleena Alex Alexander Alexandra Alfie Alice Alicia Alina Alisha Amelia Amelie Amina Amira Amy
Anastasia Andrea Andrei Andrew Angela Anika Anita Anjali Anna Anne Annie Anthony Archie Arjun Arlo
Arthur Ashley Ava Ayaan Ayesha Ayla Aysha Barbara Bella Ben Benjamin Bethan Bethany Bilal Bradley
Brian Bridget Bronwen Caitlin Callum Cameron Carl Carla Carol Caroline Catherine Chantelle Charles
Charlie Charlotte Chinedu Chloe Chris Christine Christopher Ciara Claire Colin Connor Courtney
Craig Dafydd Daniel Daniela Danielle Darren David Dean Debbie Deborah Declan Deepak Denise Dennis
Dexter Diana Divya Dominic Donna Dylan Edward Eilidh Elaine Eleanor Eliza Elizabeth Ella Ellie
Elliot Elsie Emily Emma Eoin Erin Esme Ethan Evan Evelyn Evie Farah Fatima Fatimah Fatuma Finlay
Fiona Freda Freddie Freya Gareth Gary Gemma George Gethin Gillian Graham Gurpreet Habiba Hamza
Hannah Haroon Harpreet Harriet Harry Harvey Hassan Heather Helen Henry Holly Hugo Ian Ibrahim
Imogen Imran Ioana Isaac Isabel Isabella Isabelle Isla Jack Jacob Jacqueline Jade Jake Jakub James
Jamie Jane Janet Jasmine Jason Jaspreet Jaxon Jayden Jaydon Jayne Jean Jennifer Jenny Jenson
Jessica Jessie Joanna Joanne Joe Joel John Jonathan Joseph Josh Joshua Jude Julia Julian Julie
Kacper Kai Karen Katarzyna Kate Katherine Kathleen Katie Kayden Kayla Kayleigh Keira Keith Kelly
Kenneth Kenzie Kevin Khadija Kian Kieran Kieron Kim Kirsty Kofi Kwame Kyle Kyra Lacey Laila Laura
Lauren Layla Leah Leanne Lee Leila Leo Leon Lewis Liam Libby Linda Lisa Logan Lola Lorraine Louie
Louise Luca Lucas Lucy Luke Lydia Maddison Madison Maisie Malcolm Margaret Maria Mariam Marie
Martin Mary Maryam Mason Mateusz Matilda Matthew Maureen Maya Megan Melissa Mia Michael Michelle
Mihai Mila Millie Mohamed Mohammad Mohammed Molly Muhammad Musa Mustafa Nadeem Nadia Nancy Naomi
Nasreen Natalie Natasha Nathan Neil Ngozi Niall Niamh Nicholas Nicola Nicole Nigel Noah Nora Olena
Oliver Olivia Oliwia Oluwaseun Omar Oscar Otis Owen Paige Pamela Patricia Patrick Paul Paula
Pauline Peter Philip Phillip Phoebe Piotr Poppy Priya Priyanka Rachel Rebecca Reece Reuben
Rhiannon Rhys Richard Riley Rita Robert Robin Roger Rohan Ronnie Rory Rosemary Rosie Roza Ruby
Ryan Safiya Saira Sally Samantha Samira Samuel Sandra Sanjay Sara Sarah Scott Sean Shania Shanice
Shannon Sharon Shaun Sheila Shirley Sian Sidney Simon Sinead Siobhan Skye Sofia Sophia Sophie
Stacey Stephanie Stephen Steven Stuart Sunita Suresh Susan Svetlana Tara Tariq Teresa Terry Theo
Thomas Tia Tiffany Tim Timothy Tina Toby Tom Tommy Toni Tony Tracey Tracy Trevor Tunde Tyler Usman
Valerie Vanessa Veronica Vincent Walter Wayne Wendy Wiktoria Wilfred William Yasmin Yusra Yusuf
Yvonne Zac Zachary Zack Zahra Zainab Zara Zoe Zofia
"""
FORENAMES = frozenset(_FORENAMES.split())
"""Common ones of the last fifty years that are no English word, no month and no town."""

_AMBIGUOUS = """
Austin Blessing Brandon Chelsea Clare Daisy Dawn Drew Ebony Eve Faith Finn Florence Frank Georgia
Grace Grant Guy Hope Iris Ivy Jordan Joy Kit Lily Mark Max Miles Norman Pat Rose Ross Rowan Roy
Sienna Stanley Stella Sue Sydney Victoria Violet Willow
"""
AMBIGUOUS_FORENAMES = frozenset(_AMBIGUOUS.split())
"""Forenames that are words or places, too: a surname must follow."""

_NAME = r"(?:[OD][’']|Ma?c)?[A-Z][a-z]{1,30}(?:[-’'][A-Z][a-z]{1,30}){0,2}"
_CAPITALISED = re.compile(r"(?<![\w’'.@-])[A-Z][a-z]+(?![\w-]|[.@_]\w)")
_SURNAME = re.compile(rf" {_NAME}(?![\w-])")
_BY_TITLE = re.compile(rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Master)\.? {_NAME}(?: {_NAME})?")
_PERSON = (
    "child|boy|girl|baby|infant|toddler|sibling|brother|sister|son|daughter|twin|mother|father|mum|"
    "dad|parent|grandmother|grandfather|grandparent|aunt|uncle|young person|teenager|pupil|"
    "care leaver|young man|young woman|family"
)
_POST = (
    "worker|manager|officer|adviser|advisor|leader|head|chair|director|practitioner|teacher|"
    "nurse|carer|inspector|assistant|councillor|advocate|therapist|psychologist"
)
_BY_CALLING = re.compile(
    rf"\b(?:(?:{_PERSON})s?|children|young people)\b[^.;:!?]{{0,40}}?"
    rf"\b(?:called|named|(?:whose )?names? (?:is|was|of)) (?P<name>{_NAME}(?: {_NAME})?)"
    rf"|\b(?:{_PERSON}|{_POST})(?: [A-Z])?(?:, | \()(?P<set_off>{_NAME} {_NAME})(?=[,)])"
    rf"|\b(?P<described>{_NAME} {_NAME})(?=, (?:an? |the |her |his )?(?:[a-z]+ ){{0,3}}(?:{_POST}|"
    rf"{_PERSON})\b| and (?:her|his) )"
    rf"|\bled by (?P<leader>{_NAME} {_NAME})(?! {_NAME})"
    rf"|(?<![.] )\b(?P<relative>{_NAME}) and (?:his|her) (?:{_PERSON})s?\b",
)
_OF_AN_OFFICE = re.compile(
    r"(?:[’']s)? (?:Centre|House|Street|Road|Project|School|Academy|Hospital|Trust|Foundation|"
    r"Review|Inquiry|Report|University|College|Service|Act|Award|Fund|Station|Hub|Team|Unit|"
    r"Programme|Avenue|Square|Gardens|Climbié)\b|[’']s (?:Law|Rule)\b"
)
_OF_A_TOWN = re.compile(r" (?:Park|Hill|Green|Lane|Court|Lodge|Way|Hall|Law)\b")
"""Surnames, too: behind a forename that is a word they make it a place."""
_OF_A_PLACE = re.compile(r"\b(?:St|Saint|Lord|Lady|King|Queen)\.? $")
_OF_INSPECTORS = re.compile(
    r"\b(?:Majesty[’']s|Chief|Lead) Inspectors?\b|\bHMI\b|\b[Ii]nspectors? (?:was|were|for)\b"
)
_SENTENCE_CHARACTERS = 400

_PERSONS = (
    "children|young people|babies|infants|toddlers|siblings|brothers|sisters|boys|girls|teenagers|"
    "adolescents|pupils|care leavers|families|parents|mothers|fathers|young men|young women|"
    "young adults|asylum seekers|carers|grandparents|adopters|households"
)
_SMALL_NUMBER = re.compile(
    r"(?<![\w’'.,/:%£-])(?P<number>one|two|three|four|five|[1-5]|a single"
    r"|(?:fewer|less) than (?:six|five|four|three|[3-6]))"
    r"(?P<of> of (?:the|these|those|its|their)(?: [\w-]{1,30})?)?"
    rf" (?:[\w-]{{1,30}} ){{0,4}}?(?:(?P<many>{_PERSONS})|(?P<one>{_PERSON}))(?![\w’'-])"
    r"(?P<told>(?: (?:were|was|are|is|have|has|had)"
    r"(?: (?:been|recently|currently|also|not|still)){0,2})?"
    r" (?:in|with|who|whose|from|aged|placed|living|lives|subject|at|under|on|of|without|known|"
    r"cared|looked|housed|detained|missing|excluded|accommodated|awaiting|remanded|removed|"
    r"adopted)\b)?",
    re.IGNORECASE,
)
_NO_COUNT = re.compile(
    r"\b(?:in|one|aged|under|over|stage|outcome|enabler|tier|level|section|page|paragraph|year|"
    r"grade|phase|standard|step|every|or|and|last|first)(?: an?)? $",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"(?: who)? (?:had |have |has )?(?:spoken?|said|told|met|talked|described|reported|commented|"
    r"explained|asked|wrote|felt|thought)\b",
    re.IGNORECASE,
)
_WERE_MET = re.compile(
    r"\b(?:spoke|spoken|talked|met|interviewed|listened|heard)\b[^.;:]{0,60}$", re.IGNORECASE
)
"""Whom inspectors met is told in each opening, and nothing of them beside."""

_IS_A_RATE = re.compile(
    r" in (?:every )?(?:\d+|three|four|five|six|seven|eight|nine|ten|twenty)\b", re.IGNORECASE
)


@check("person-named", blocks=False, source="Published letters name nobody of whom they tell.")
def person_named(letter: Letter, given: Given) -> Iterator[Found]:
    """Somebody is named who neither gets nor signs the letter, nor inspected.

    Told once a passage and name. A name that was changed is found, too: clear it with
    that reason.
    """
    names = (
        *(addressee.name for addressee in letter.addressees),
        *(signatory.name for signatory in letter.signatories),
        *(copy.name for copy in letter.copies),
        *(contact.name for contact in given.register.contacts),
        *(inspector.name for inspector in given.register.inspectors),
    )
    known = [frozenset(parse_name(name).words) for name in names]
    for place, text in letter.passages():
        told = set()
        for start, end in _names(text):
            name = text[start:end]
            titles, words = parse_name(name)
            # A forename alone may be anybody's.
            is_whole = bool(titles) or len(words) > 1
            if name in told or (is_whole and any(person.issuperset(words) for person in known)):
                continue
            if not _is_of_inspectors(text, start, end):
                told.add(name)
                message = (
                    f"“{name}” may be somebody's name. Take it out, unless it is the name of one "
                    "who holds a public post."
                )
                yield Found(place, message, start, end)


@check(
    "small-number",
    blocks=False,
    source="Disclosure control in official statistics: counts of one to five are suppressed.",
)
def small_number(letter: Letter, given: Given) -> Iterator[Found]:
    """Fewer than six persons are counted of whom so much is told that one may know them."""
    for place, text in body_texts(letter):
        for match in _SMALL_NUMBER.finditer(text):
            is_one = match["number"].casefold() in ("one", "1", "a single")
            noun = "many" if match["many"] else "one"
            if match[noun][0].isupper():
                continue  # “2 The Children Act 2004”
            if is_one == (noun == "many") and not match["of"]:
                continue  # “two child in need co-ordinators” are no children
            if is_one and not match["told"]:
                continue  # “one child waited” tells nothing by which it is known
            start = match.start()
            is_count = not _NO_COUNT.search(text, max(0, start - 20), start)
            if _WERE_MET.search(text, max(0, start - 80), start):
                continue
            after = match.end(noun)
            speaks = is_one and _SPEAKS.match(text, after)
            if is_count and not speaks and not _IS_A_RATE.match(text, after):
                message = (
                    f"“{match[0]}”: so few may be known by what is told of them. Write “a small "
                    "number”, or tell less."
                )
                yield Found(place, message, match.start(), match.end())


def _names(text: str) -> list[tuple[int, int]]:
    """Find what looks like persons' names, the longest where several overlap."""
    spans = [
        *(match.span() for match in _BY_TITLE.finditer(text)),
        *(match.span(match.lastgroup or 0) for match in _BY_CALLING.finditer(text)),
        *_forenames(text),
    ]
    names: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if names and start < names[-1][1]:
            names[-1] = (names[-1][0], max(end, names[-1][1]))
        else:
            names.append((start, end))
    return names


def _forenames(text: str) -> Iterator[tuple[int, int]]:
    """Find the forenames in a text, with the surnames after them."""
    for match in _CAPITALISED.finditer(text):
        start, end = match.span()
        surname = _SURNAME.match(text, end)
        is_name = match[0] in FORENAMES or (surname and match[0] in AMBIGUOUS_FORENAMES)
        if not is_name or _OF_A_PLACE.search(text, max(0, start - 10), start):
            continue
        is_of_town = match[0] in AMBIGUOUS_FORENAMES and _OF_A_TOWN.match(text, end)
        if not is_of_town and not _OF_AN_OFFICE.match(text, end):
            yield start, surname.end() if surname else end


def _is_of_inspectors(text: str, start: int, end: int) -> bool:
    """Whether the sentence around names those who inspected."""
    since = max(text.rfind(". ", 0, start), start - _SENTENCE_CHARACTERS, 0)
    until = text.find(". ", end, end + _SENTENCE_CHARACTERS)
    until = until if until >= 0 else end + _SENTENCE_CHARACTERS
    return _OF_INSPECTORS.search(text, since, until) is not None


CHECKS = (person_named, small_number)
