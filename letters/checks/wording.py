"""The words themselves: the valediction, and what was left unfinished in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.letter import Letter, Placed

_FIELD = (
    "name|names|forename|surname|initials|date|day|month|year|number|figure|percentage|title|"
    "authority|council|area|director|address|postcode|details|text|sentence"
)
"""What a form asks for."""
_PLACEHOLDER = re.compile(
    rf"""
      \[ \s* (?: no\.? | n | \# | x+
             # “[the director]” in a quotation is an insertion.
             | (?! (?: the | an? | my | our | your | his | her | its | their | this | these ) \b )
               (?: [\w’'-]+ [ /] ){{0,3}} (?: {_FIELD} )
               (?: [ ] line )? (?: [ ] \d+ )? (?: [ ] (?: here | to\ follow ) )?
             | (?: {_FIELD} ) [ ] of \b [^\]]{{0,200}}
             | (?: insert | add | delete | check | confirm | complete | tbc | tba | tbd | x+ | dn )
               \b [^\]]{{0,200}}
         ) \s* \] (?! \( )  # a link's text is markup, not a blank
    | \( \s* (?: name | date | number | title | figure | percentage | postcode | address ) \s* \)
    | \( \s* (?: insert | delete\ as ) \b [^)]{{0,200}} \)
    | < \s* (?: insert | add | delete | {_FIELD} ) \b [^<>]{{0,200}} >
    | \b (?: 19 | 20 )? xx+ (?: [/.-] xx+ )* \b
    | \b T\.?B\.?[ACD] \b
    | \b [a-z]+ \( (?: s | es | ren ) \)
    | «[^»]{{0,200}}»
    | [(\[] [^()\[\]]{{0,60}} \b to\ be\ (?: confirmed | added | inserted | completed | decided ) \b
      [^()\[\]]{{0,60}} [)\]]
    | \?{{2,}} | _{{3,}} | \*{{3,}} | …{{2,}} | \.{{4,}}
    | \b dd [ /.-] (?: mm+ | month ) [ /.-] yyyy \b
    | \b lorem\ ipsum \b
    | \b (?: click | tap ) \ (?: or\ tap\ )? (?: here\ )? to\ enter\ (?: text | a\ date ) \b
    | \b choose\ an\ item \b
    | \b error! \ (?: reference\ source | bookmark ) \ not \b [^.]{{0,40}}
    | \b (?: mr | mrs | ms | miss | sir ) / (?: mr | mrs | ms | miss | madam ) \b
    | \b (?: is/are | was/were | has/have | do/does | n/[ak] ) \b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_CAPITALS = re.compile(r"\b(?:NAME|DATE|NUMBER|TITLE|INSERT) (?:OF )?[A-Z]{2,}(?: [A-Z]{2,})*")
_MAY_BE_OPEN = re.compile(
    r"[\[(<«?_*/!…]|\.{4}|xx|tb[acd]|t\.b|dd.?m|lorem|to enter|an item", re.IGNORECASE
)
_MARKUP = re.compile(
    r"\{+[^{}]{0,100}\}+|[{}]+|</?[A-Za-z][^<>]{0,200}>|\*\*|(?<!_)__(?!_)|^\#{1,6} "
    r"|%[A-Za-z_]{2,30}%|\\[nrt]|&(?:amp|nbsp|lt|gt|quot|#\d+);"
)
_MAY_BE_MARKUP = re.compile(r"[{}<*&_#%\\]")
_BRACKETED = re.compile(r"\[[^\]]{0,500}\]")


@check("valediction-wrong", blocks=True, source="“Your sincerely” in published letters.")
def valediction(letter: Letter, given: Given) -> Iterator[Found]:
    """The valediction is not the kind's own."""
    expected = given.kind.standard.valediction
    if letter.valediction.strip().rstrip(",") != expected:
        yield Found(
            "valediction",
            f"The letter closes with “{letter.valediction}”. Write: {expected}",
            0,
            len(letter.valediction),
        )


@check("placeholder", blocks=True, source="A published “area(s)”.")
def placeholders(letter: Letter, given: Given) -> Iterator[Found]:
    """Something was left to be filled in or chosen."""
    for placed in written_texts(letter):
        left = list(_IN_CAPITALS.finditer(placed.text))
        if _MAY_BE_OPEN.search(placed.text):
            left += _PLACEHOLDER.finditer(placed.text)
        for match in left:
            yield found(placed, match, f"“{match[0]}” was left open. Write what belongs there.")


@check("template-markup", blocks=False, source="Text stays text: what is typed is printed.")
def template_markup(letter: Letter, given: Given) -> Iterator[Found]:
    """Markup stands in the text: it is printed as it stands, and rarely meant."""
    for placed in written_texts(letter):
        if _MAY_BE_MARKUP.search(placed.text) and (match := _MARKUP.search(placed.text)):
            yield found(
                placed,
                match,
                f"“{match[0]}” looks like markup, and will be printed as it stands. Take it out, "
                "unless it is meant.",
            )


@check("bracketed-text", blocks=False, source="Drafting habit; no published letter has a bracket.")
def bracketed_text(letter: Letter, given: Given) -> Iterator[Found]:
    """Square brackets: a drafter's note, or an insertion in a quotation."""
    for placed in written_texts(letter):
        if "[" not in placed.text:
            continue
        for match in _BRACKETED.finditer(placed.text):
            if not _PLACEHOLDER.search(placed.text, match.start(), match.end() + 1):
                yield found(
                    placed,
                    match,
                    f"“{match[0]}” may be a note to yourself. Take it out, unless it is meant.",
                )


def written_texts(letter: Letter) -> Iterator[Placed]:
    """Yield all that the draft's author wrote: neither the letterhead nor what is composed."""
    ours = {"reference", "letterhead", "date", "valediction"}
    return (placed for placed in letter.printed_texts() if placed.place not in ours)


def body_texts(letter: Letter) -> Iterator[Placed]:
    """Yield what the letter says: subject, headings and passages, without names and addresses."""
    people = ("addressees/", "signatories/", "copies/", "salutation")
    return (p for p in written_texts(letter) if not p.place.startswith(people))


def found(placed: Placed, match: re.Match[str], message: str) -> Found:
    """Point at the words; where a place has several printed lines, at the place alone."""
    if placed.place.startswith(("addressees/", "signatories/")):
        return Found(placed.place, message)
    return Found(placed.place, message, match.start(), match.end())


CHECKS = (valediction, placeholders, template_markup, bracketed_text)
