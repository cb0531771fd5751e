"""Faults of other words: how it closes, addresses of the web, characters."""

from __future__ import annotations

from random import Random

from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    chosen,
    with_closing,
    with_sentence,
    with_words,
)

VALEDICTIONS = (
    "Your sincerely",
    "Yours sincerly",
    "Yours sincerley",
    "Yours faithfully",
    "Yours truly",
    "Your’s sincerely",
    "Kind regards",
    "Yours Sincerely",
    "Best wishes",
    "Yours sincerely.",
    "Sincerely",
    "Your’s faithfully",
    "Yours sinceraly",
    "Yours",
    "Regards",
    "Yours sincere",
    "Yours very sincerely",
    "Yours sincerely and with thanks",
    "Youre sincerely",
    "Yours sincerly",
    "Yous sincerely",
    "Yours respectfully",
    "With kind regards",
    "Yours sincelery",
    "Your sincerely,",
    "Faithfully yours",
)
BAD_WEB_ADDRESSES = (
    "www.ofsted.gov,uk",
    "http//www.ofsted.gov.uk",
    "htpp://www.ofsted.gov.uk",
    "https:/www.gov.uk/ofsted",
    "https://www.gov.uk/ ofsted",
    "www.legislation..gov.uk/uksi/2015/1792",
    "www.ofsted.gov.uk/children’s-services",
    "ww.ofsted.gov.uk",
    "https:\\\\www.gov.uk\\ofsted",
    "www.ofsted-gov-uk",
    "www ofsted.gov.uk",
    "https://www.gov.uk/guidance/[page]",
    "wwww.gov.uk/ofsted",
    "htttps://www.gov.uk/ofsted",
    "www.gov.uk/ofsted reports/find",
    "https//www.gov.uk",
    "http:://www.ofsted.gov.uk",
    "www.ofstedgovuk",
    "https://www.ofsted,gov.uk",
    "www.ofsted.gov.uk\\reports",
    "https;//www.ofsted.gov.uk",
    "http://ofsted",
    "www.ofsted.gov .uk",
    "www.gov,uk/ofsted",
    "http//:www.ofsted.gov.uk",
    "www.ofsted.govuk",
    "https://www..gov.uk",
    "htp://www.gov.uk",
    "www.ofsted.gov.uk/ our-work",
    "http:\\www.gov.uk",
    "https:www.gov.uk/ofsted",
)
WEB_SENTENCES = (
    "This letter will be published at ‹{}›.",
    "You can find the framework at ‹{}›.",
    "The guidance is on our website (‹{}›).",
    "For details, see ‹{}›.",
    "We will publish this letter on ‹{}›.",
    "More about our frameworks is at ‹{}›.",
    "Please complete the survey at ‹{}›.",
    "The regulations are at ‹{}›.",
    "Our reports are at ‹{}›.",
    "The letter appears on ‹{}›.",
    "Read more at ‹{}›.",
)
UNPRINTABLE = (
    "\u00ad",
    "\u200b",
    "\uf0b7 ",
    "\ufffd",
    "\u2028",
    "\U0001f600",
    "\u0007",
    "\u202e",
    "\ue000",
    "\u4e2d",
    "\ufeff",
    "\u2713",
    "\u200d",
    "\uf0a7 ",
    "\u2060",
    "\U0001f642",
    "\u0e01",
    "\u061c",
    "\u200e",
    "\x0b",
    "\u3042",
    "\uf02d",
    "\x1f",
    "\u2063",
    "\uf0d8 ",
    "\u202a",
    "\U0001f449",
    "\u0915",
    "\u200f",
    "\x0c",
    "\u30ab",
    "\uf076",
    "\x02",
)


def valediction_wrong(draft: Draft, rng: Random) -> Fault:
    words = rng.choice(VALEDICTIONS)
    return Fault(draft.reading_with(valediction=words), ("valediction",), words)


def web_address_malformed(draft: Draft, rng: Random) -> Fault:
    sentence = rng.choice(WEB_SENTENCES).format(rng.choice(BAD_WEB_ADDRESSES))
    return (
        with_closing(draft, sentence) if rng.random() < 0.7 else with_sentence(draft, rng, sentence)
    )


def character_not_printable(draft: Draft, rng: Random) -> Fault:
    character = rng.choice(UNPRINTABLE)
    found = chosen(
        draft, rng, r"(?<=[a-z])(?=[a-z]{2})" if rng.random() < 0.5 else r"(?<= )(?=[a-z])"
    )
    assert found is not None
    place, match = found
    return with_words(draft, place, *match.span(), f"‹{character}›")


PLANTERS = (
    Planter("valediction-wrong", valediction_wrong),
    Planter("web-address-malformed", web_address_malformed),
    Planter("character-not-printable", character_not_printable),
)
