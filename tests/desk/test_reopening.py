"""An office that is served sees a changed register at once, and is not opened anew for nothing."""

import os
import shutil

import pytest

from desk.reopening import KeptOffice
from letters.errors import LettersError
from tests.issuing import SAMPLE_OFFICE


@pytest.fixture
def places(tmp_path):
    shutil.copytree(SAMPLE_OFFICE, tmp_path / "register")
    return {
        "LETTERS_OFFICE": str(tmp_path / "office"),
        "LETTERS_REGISTER": str(tmp_path / "register"),
    }


def test_an_unchanged_office_stays_open(places):
    opener = KeptOffice(places)

    assert opener() is opener()


def test_a_new_inspector_is_known_at_once(places, tmp_path):
    opener = KeptOffice(places)
    before = opener()
    entry = (
        '\n[[inspector]]\nid = "late"\nname = "Lee Late"\nemail = "l@i.example"\nsample = true\n'
    )

    with (tmp_path / "register" / "inspectors.toml").open("a") as file:
        file.write(entry)

    assert before.register.inspector("late") is None
    assert opener().register.inspector("late") is not None


def test_new_settings_count_at_once(places, tmp_path):
    opener = KeptOffice(places)
    before = opener()
    office = tmp_path / "office"
    office.mkdir()

    (office / "office.toml").write_text("[signing]\nlink_days = 3\n")

    assert (before.settings.signing.link_days, opener().settings.signing.link_days) == (14, 3)


def test_a_register_that_broke_is_told_and_one_that_is_mended_counts(places, tmp_path):
    opener = KeptOffice(places)
    inspectors = tmp_path / "register" / "inspectors.toml"
    whole = inspectors.read_text()
    inspectors.write_text("no TOML [")
    with pytest.raises(LettersError):
        opener()

    inspectors.write_text(whole)
    os.utime(inspectors, ns=(1, 1))

    assert opener().register.inspector("helmsley") is not None
