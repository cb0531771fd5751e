"""Names taken apart: titles, the name, honours."""

from __future__ import annotations

import pytest

from letters.printed_name import greeting_of, parse_name


@pytest.mark.parametrize(
    ("printed", "titles", "words", "greeting"),
    [
        ("Mr Howard Cooper", ("Mr",), ("Howard", "Cooper"), "Mr Cooper"),
        ("Stephen Maddox", (), ("Stephen", "Maddox"), "Stephen Maddox"),
        (
            "Councillor Mrs Sheila Clarke MBE",
            ("Councillor", "Mrs"),
            ("Sheila", "Clarke"),
            "Councillor Clarke",
        ),
        ("Cllr. Ann Ash, JP", ("Councillor",), ("Ann", "Ash"), "Councillor Ash"),
        ("Prof. Zoë Lindqvist PhD", ("Professor",), ("Zoë", "Lindqvist"), "Professor Lindqvist"),
        (
            "Mr Jan van der Berg",
            ("Mr",),
            ("Jan", "van", "der", "Berg"),
            "Mr van der Berg",
        ),
        ("Ms De La Cruz", ("Ms",), ("De", "La", "Cruz"), "Ms La Cruz"),
        ("Dame Jane Ash", ("Dame",), ("Jane", "Ash"), "Dame Jane"),
        ("Lord Ash", ("Lord",), ("Ash",), "Lord Ash"),
        (
            "Dr Sean O’Kelly BSc MB ChB MSc DCH FRCA",
            ("Dr",),
            ("Sean", "O'Kelly"),
            "Dr O'Kelly",
        ),
        ("Mr", ("Mr",), (), "Mr"),
        ("MBE", (), ("MBE",), "MBE"),
        ("", (), (), ""),
    ],
)
def test_names(printed, titles, words, greeting):
    name = parse_name(printed)
    assert (name.titles, name.words, name.greeting) == (titles, words, greeting)


@pytest.mark.parametrize(
    ("names", "greeting"),
    [
        ([], ""),
        (["Ms Ann Ash"], "Ms Ash"),
        (["Ms Ann Ash", "Dr Bo Birch"], "Ms Ash and Dr Birch"),
        (["Ms Ann Ash", "Dr Bo Birch", "Mr Al Cole"], "Ms Ash, Dr Birch and Mr Cole"),
    ],
)
def test_several_people_are_greeted_in_one_breath(names, greeting):
    assert greeting_of(names) == greeting
