"""Comments are signed as they are shown: with plain line breaks and nothing invisible."""

from __future__ import annotations

import pytest

from desk.signing.forms import comments_in


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        pytest.param("One.\r\n\r\nTwo.", "One.\n\nTwo.", id="line breaks as browsers send them"),
        pytest.param("One.\rTwo.", "One.\nTwo.", id="line breaks of long ago"),
        pytest.param("  One.\n", "One.", id="space around it"),
        pytest.param("One\x00\x1b[31m\x7f\x85 red", "One[31m red", id="controls that don't print"),
        pytest.param("\tOne\tTwo", "One\tTwo", id="a tab between words"),
        pytest.param("Łukasz’ “fée” 😀", "Łukasz’ “fée” 😀", id="characters of all kinds"),
        pytest.param("<b>{{ 7*7 }}</b>", "<b>{{ 7*7 }}</b>", id="what others take for markup"),
    ],
)
def test_comments_are_read_as_they_will_be_signed(sent: str, read: str) -> None:
    assert comments_in({"comments": sent}) == read


def test_no_comments_are_the_empty_text() -> None:
    assert comments_in({}) == ""
