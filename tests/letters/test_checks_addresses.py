"""The rules on addresses of the net: web addresses that open, no e-mail address printed."""

from __future__ import annotations

import pytest

from letters.checks.addresses import email_address_printed, web_address_malformed
from letters.letter import Addressee, Letterhead
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import a_contact, a_letter, a_register, paragraphs


@pytest.mark.parametrize(
    "address",
    [
        "www.gov.uk/ofsted",
        "https://www.gov.uk/ofsted",
        "http://www.gov.uk",
        "gov.uk",
        "www.legislation.gov.uk/uksi/2015/1792/contents/made",
        "www.gov.uk/search?q=a-b&page=2#top",
        "www.nspcc.org.uk",
        "https://reports.ofsted.gov.uk/provider/44/80447",
    ],
)
@pytest.mark.parametrize("frame", ["See {}.", "({})", "“{}”, and more", "{}; then"])
def test_a_right_web_address_is_not_told(address, frame):
    assert words_found(web_address_malformed, frame.format(address)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "the scheme lacks its colon": ("See http//www.gov.uk now.", "http//www.gov.uk"),
            "the scheme lacks a slash": ("See https:/www.gov.uk now.", "https:/www.gov.uk"),
            "the scheme is misspelt": ("See htp://www.gov.uk now.", "htp://www.gov.uk"),
            "the scheme stands twice": ("At https://https://a.uk now.", "https://https://a.uk"),
            "backslashes": (r"See http:\\www.gov.uk now.", r"http:\\www.gov.uk"),
            "a comma for a dot": ("See www,gov.uk now.", "www,gov.uk"),
            "two dots": ("See www.gov..uk/ofsted now.", "www.gov..uk/ofsted"),
            "a dot before the path": ("See www.gov.uk./ofsted now.", "www.gov.uk./ofsted"),
            "a dot is missing": ("See www.govuk/ofsted now.", "www.govuk/ofsted"),
            "nothing between www and its end": ("See www.uk now.", "www.uk"),
            "its end is missing": ("See www.ofsted now.", "www.ofsted"),
            "an end that there isn't": ("See www.gov.ku now.", "www.gov.ku"),
            "two w": ("See ww.gov.uk now.", "ww.gov.uk"),
            "four w": ("See wwww.gov.uk now.", "wwww.gov.uk"),
            "nothing after the scheme": ("See https:// now.", "https://"),
            "a space after www": ("See www. gov.uk now.", "www"),
            "a space in the path": ("See www.gov.uk/ ofsted now.", "www.gov.uk/"),
            "a space before its end": ("See www.ofsted.gov .uk now.", "www.ofsted.gov"),
            "a space within its path": (
                "See www.gov.uk/ofsted reports/find now.",
                "www.gov.uk/ofsted",
            ),
            "a hyphen at a line's end": ("See www.gov.uk/of- sted now.", "www.gov.uk/of-"),
            "slashes in the path": ("See www.gov.uk//ofsted now.", "www.gov.uk//ofsted"),
        }
    ),
)
def test_a_web_address_that_does_not_open(text, expected):
    assert words_found(web_address_malformed, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "It is so. Then www.gov.uk/ and more.",
        "See www.gov.uk/ofsted and/or ask his/her manager.",
        "An e.g. and an i.e.",
        "Ask a.b@gov.uk.",
        "The end.Uk",
    ],
)
def test_what_is_no_broken_web_address(text):
    assert words_found(web_address_malformed, text) == []


HEAD = Letterhead(organisation="Ofsted", lines=("enquiries@ofsted.gov.uk", "www.gov.uk/ofsted"))


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "an authority's": ("Ask children@westmere.example now.", ["children@westmere.example"]),
            "a person's": ("Ask jo.ash@mail.example.", ["jo.ash@mail.example"]),
            "two of them": ("Ask a@b.example or c_d@e.example", ["a@b.example", "c_d@e.example"]),
            "the inspectorate's mailbox": ("Write to ProtectionOfChildren@ofsted.gov.uk.", []),
            "one under a domain that only ends alike": (
                "Ask us@ted.gov.uk or us@gov.uk.example.",
                ["us@ted.gov.uk", "us@gov.uk.example"],
            ),
            "a person's at the inspectorate": (
                "Ask jo.ash@ofsted.gov.uk.",
                ["jo.ash@ofsted.gov.uk"],
            ),
            "a mailbox that a contact of the register has": (
                "Ask Director@westmere.example.",
                ["Director@westmere.example"],
            ),
            "none": ("We met @ noon.", []),
        }
    ),
)
def test_email_address_printed(text, expected):
    letter = a_letter(letterhead=HEAD, closing=paragraphs(text))

    assert [words for _, words in found_in(email_address_printed, letter)] == expected


def test_a_contact_is_a_person_even_under_the_letterheads_domain():
    head = Letterhead(organisation="Westmere", lines=("www.westmere.example",))
    letter = a_letter(letterhead=head, closing=paragraphs("Ask director@westmere.example."))

    assert found_in(email_address_printed, letter) == [("closing/1", "director@westmere.example")]


def test_contacts_without_an_address_have_none_to_be_printed():
    register = a_register(a_contact("westmere", "deputy", "Kit Ash", None))
    letter = a_letter(letterhead=HEAD, closing=paragraphs("Ask enquiries@ofsted.gov.uk."))

    assert found_in(email_address_printed, letter, register=register) == []


def test_addressees_lines_are_looked_at():
    addressee = Addressee(role="director", name="Ms Siân Prydderch", lines=("s@westmere.example",))

    found = found_in(email_address_printed, a_letter(addressees=(addressee,)))

    assert found == [("addressees/1", "")]
