"""Drafts whose words are made to keep the rules busy: facts, dates, names, lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.drafting.hostile.drafts import Hostile, markdown, text

PASSAGE = 19_000
"""Characters: just less than a passage may have."""

PHRASES = {
    "one word": "a",
    "capitals": "A",
    "capitals in brackets": "(ABC) ",
    "an acronym with its words": "Local Safeguarding Children Board (LSCB) ",
    "digits": "1",
    "digits in groups": "123 456 7890 ",
    "digits and hyphens": "1-",
    "days": "8 March 2011 ",
    "days without years": "8 and 9 March, ",
    "ranges of days": "from 8 to 9 and 10 March to 11 ",
    "days of the week": "Monday 3 May ",
    "ordinals": "1st and 2nd of ",
    "sections of Acts": "section 138 of the Education and Inspections Act 2006 ",
    "sections without Acts": "section 1 of section 2 of ",
    "Acts without sections": "Act 2006 of the ",
    "counts": "two of the three files of ",
    "numbers in words": "one hundred and ",
    "the same word": "that ",
    "two words in turn": "had had that that ",
    "full stops": ".",
    "sentences of one letter": "A. ",
    "semicolons": "a; ",
    "hyphens": "a-",
    "dashes": "– ",
    "apostrophes": "’",
    "quotation marks": "“",
    "quotation marks in pairs": "“a” ‘b’ ",
    "opening brackets": "(",
    "brackets that nest": "((a) ",
    "square brackets": "[a] [",
    "slashes": "/",
    "words with slashes": "and/or/",
    "addresses of pages": "www.example.org/a?b=c ",
    "addresses of pages, begun": "http://",
    "addresses of e-mail, begun": "a@",
    "addresses of e-mail": "a@b.example ",
    "dots and letters": "a.b.",
    "postcodes": "WM1 1AA ",
    "postcodes, begun": "WM1 ",
    "streets": "12 Weir Street, ",
    "telephone numbers": "01632 960100 ",
    "telephone numbers, begun": "+44 (0) ",
    "health service numbers": "943 476 5919 ",
    "dates of birth": "born on 1 January 2001 ",
    "ages": "a child aged 3, ",
    "titles and names": "Mr John Smith and Mrs ",
    "the authority's name": "Westmere Borough Council ",
    "other authorities' names": "Westmere and Eastmere Borough Council of ",
    "spaces that don't break": "a\u00a0",
    "placeholders": "xxx TBC [insert name] ",
    "dots of leaders": "a.....b",
    "marks of footnotes": "a¹ b[2] ",
    "signs of currency": "£1,000 ",
    "percent": "50% of ",
    "long words": "inspectorate",
    "American spellings": "organize color ",
    "commas": "a, ",
    "times of day": "at 9.30am ",
}


AT_THE_LIMIT = ("sentences of one letter", "Acts without sections", "days of the week", "counts")
"""What costs most: said in as many items as a letter may have."""


def _passage(says: str) -> str:
    phrase = PHRASES[says]
    return (phrase * (PASSAGE // len(phrase))).strip()


def _items(told: Sequence[str], number: int) -> str:
    return "\n\n".join(f"- {_passage(says)[:2000]} {n}" for says in told for n in range(number))


def _in_groups(size: int) -> Iterator[Sequence[str]]:
    names = list(PHRASES)
    return (names[at : at + size] for at in range(0, len(names), size))


def phrases() -> Iterator[Hostile]:
    """Yield drafts that say one thing over and over, in many passages, or in every list item."""
    for together in _in_groups(2):
        yield Hostile(
            "phrase",
            f"{' and '.join(together)}, over and over in a passage of a text each",
            lambda told=together: text(inside="\n\n".join(_passage(one) for one in told)),
            "draft.txt",
        )
    for together in _in_groups(4):
        yield Hostile(
            "phrase",
            f"{', '.join(together)}, over and over in two items each",
            lambda told=together: markdown(body=_items(told, 2)),
        )
    for says in AT_THE_LIMIT:
        yield Hostile(
            "phrase",
            f"{says}, over and over in 45 items",
            lambda says=says: markdown(body=_items([says], 45)),
        )
    yield Hostile(
        "phrase",
        "six hundred findings, each a little different",
        lambda: markdown(
            body="\n\n".join(
                f"- Managers in team {n} do not always record why they decided as they did when"
                f" a referral of sort {n % 7} arrives in the duty team on the day."
                for n in range(600)
            )
        ),
    )
    yield Hostile(
        "phrase",
        "a heading that names every section",
        lambda: markdown(body="## " + "Strengths Areas for development " * 12 + "\n\n- A."),
    )
    yield Hostile(
        "phrase",
        "190 headings that are the same",
        lambda: markdown(body="## Strengths\n\n- A.\n\n" * 190),
    )
    yield Hostile(
        "phrase",
        "190 headings of 390 letters",
        lambda: markdown(body="".join(f"## {'a' * 390}{n}\n\nA.\n\n" for n in range(190))),
    )
