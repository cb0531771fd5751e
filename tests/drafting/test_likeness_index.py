"""The cache of what issued letters say: found again, kept up to date, never trusted."""

from __future__ import annotations

import sqlite3
import stat
from datetime import date

import pytest
from archived import EASTMERE, a_letter_of, an_archive_office, archive_letter

from letters.kind import PriorityAction, Standard
from tasks.case.ledger import ledger_of
from tasks.drafting import likeness_index
from tasks.drafting.likeness_index import alike
from tests.builders import a_paragraph, a_section, an_item
from tests.case.places import a_place
from tests.case.test_folder_store import somebody_without_rights
from tests.issuing import a_sample_office, issue
from tests.letters.checking import cases
from tests.letters.test_likeness import OTHER, PASSAGE
from tests.offices import a_kind
from tests.radosgw import moto as moto

KIND = a_kind()
CHANGED = PASSAGE.replace("often", "seldom").replace("clear", "dim").replace("talk", "speak")
THEIRS, OURS = date(2010, 3, 15), date(2011, 3, 14)
CACHE = "cache/likeness.sqlite"


@pytest.fixture
def office(tmp_path):
    return an_archive_office(tmp_path)


def findings(*texts, **changes):
    section = a_section("Strengths", *(an_item(text) for text in texts))
    return a_letter_of(changes.pop("day", OURS), section, **changes)


def their_letter(*texts, **changes):
    return findings(*texts, **{"day": THEIRS, "authority": EASTMERE, **changes})


def places(office, letter=None, kind=KIND):
    """Where the letter is like another, and where that says it."""
    letter = letter or findings(CHANGED)
    return [(each.place, each.reference, each.their_place) for each in alike(office, letter, kind)]


FOUND = [("strengths/1", "CRA-EASTMERE-2010-02-15", "strengths/2")]


def test_a_copied_passage_is_found_though_words_were_changed(office):
    archive_letter(office, their_letter(OTHER, PASSAGE))

    (found,) = alike(office, findings(CHANGED), KIND)

    assert (found.place, found.reference, found.their_place) == FOUND[0]
    assert found.authority == "Eastmere City Council"
    assert 0.7 < found.likeness < 1


@pytest.mark.parametrize(
    ("theirs", "ours"),
    cases(
        {
            "another passage": (their_letter(PASSAGE), findings(OTHER)),
            "a short passage": (their_letter("Staff are well."), findings("Staff are well.")),
            "the authority's own letter": (
                their_letter(PASSAGE, day=THEIRS, authority=findings().authority),
                findings(PASSAGE),
            ),
            "the opening": (
                their_letter("x", opening=(a_paragraph(PASSAGE),)),
                findings("x", opening=(a_paragraph(PASSAGE),)),
            ),
            "the closing": (
                their_letter("x", closing=(a_paragraph(PASSAGE),)),
                findings("x", closing=(a_paragraph(PASSAGE),)),
            ),
            "their opening, our findings": (
                their_letter("x", opening=(a_paragraph(PASSAGE),)),
                findings(PASSAGE),
            ),
        }
    ),
)
def test_what_is_not_told(office, theirs, ours):
    archive_letter(office, theirs)

    assert places(office, ours) == []


@pytest.mark.parametrize(
    "kind",
    [
        a_kind(standard=Standard(closing=PASSAGE)),
        a_kind(
            priority_action=PriorityAction(
                section="strengths", must_say=(("plan",),), standard=PASSAGE + " {{ authority }}"
            )
        ),
    ],
    ids=["the closing", "priority action's"],
)
def test_standard_words_of_a_kind_may_stand_in_every_letter(office, kind):
    archive_letter(office, their_letter(PASSAGE))

    assert places(office, findings(PASSAGE), kind=kind) == []


def test_the_passage_most_like_it_is_told(office):
    archive_letter(office, their_letter(CHANGED, PASSAGE))

    assert places(office, findings(PASSAGE)) == FOUND


def test_a_letter_that_was_not_archived_does_not_count(office):
    archive_letter(office, their_letter(PASSAGE), is_issued=False)

    assert places(office) == []


def test_an_empty_archive_costs_nothing(office, monkeypatch):
    monkeypatch.setattr(likeness_index, "sketch_of", None)

    assert places(office) == []
    assert not (office.root / "cache").exists()
    assert office.store.read == []


def test_where_the_cache_is_another_user_s_the_letter_is_not_compared(office, caplog):
    archive_letter(office, their_letter(PASSAGE))
    folder = office.root / "cache"
    folder.mkdir()
    (folder / "likeness.sqlite").touch()
    folder.chmod(0)
    with somebody_without_rights():
        assert places(office) == []
    folder.chmod(0o700)

    assert "The letter was not compared with others" in caplog.text


def test_only_what_is_new_is_read(office):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    places(office)
    new = their_letter(OTHER, day=date(2010, 6, 15))
    archive_letter(office, new)
    office.store.read.clear()

    assert places(office) == FOUND

    letters_read = [key for key in office.store.read if key.endswith("letter.json")]
    assert letters_read == [f"cases/2010/eastmere/{new.reference}/r1/letter.json"]

    office.store.read.clear()
    assert places(office) == FOUND
    # The entry that was read last, and that there is none after it.
    assert office.store.read == ["ledger/00000004.json", "ledger/00000005.json"]


def test_what_was_archived_again_takes_the_place_of_what_was(office):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    assert places(office) == FOUND
    archive_letter(office, their_letter(OTHER), revision=2)

    assert places(office) == []


def test_batch_by_batch_all_is_read(office, monkeypatch):
    monkeypatch.setattr(likeness_index, "ENTRIES_AT_ONCE", 1)
    archive_letter(office, their_letter(OTHER, PASSAGE))
    archive_letter(office, their_letter("x", day=date(2010, 6, 15)))

    assert places(office) == FOUND


def spoil(path):
    path.write_bytes(b"This is no database at all. " * 200)


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def age(path):
    with sqlite3.connect(path) as cache:
        cache.execute("PRAGMA user_version = 7")


def run(statement):
    def harm(path):
        with sqlite3.connect(path) as cache:
            cache.execute(statement)

    return harm


HARMS = {
    "deleted": lambda path: path.unlink(),
    "overwritten": spoil,
    "cut off": cut,
    "of another version": age,
    "hashes that are too short": run("UPDATE passages SET hashes = x'010203'"),
    "hashes that are none": run("UPDATE passages SET hashes = NULL"),
    "hashes that are text": run("UPDATE passages SET hashes = 'four'"),
    "a place that is none": run("UPDATE passages SET place = NULL"),
    "a place that is no text": run("UPDATE passages SET place = CAST(x'ff' AS TEXT)"),
    "read to nowhere": run("DELETE FROM read_to"),
    "read to what is no number": run("UPDATE read_to SET entry = 'four'"),
    "read to before the first": run("UPDATE read_to SET entry = -4"),
    "without what was read": run("DROP TABLE read_to"),
    "without letters": run("DROP TABLE letters"),
    "without passages": run("DROP TABLE passages"),
    "without bands": run("DROP TABLE bands"),
    "without a column": run("ALTER TABLE passages DROP COLUMN hashes"),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_cache_that_is_gone_or_spoilt_is_made_anew(office, harm):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    places(office)

    harm(office.root / CACHE)

    assert places(office) == FOUND
    assert places(office) == FOUND


def test_an_archive_that_was_exchanged_is_read_from_its_beginning(office, tmp_path):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    places(office)
    other = an_archive_office(tmp_path)
    archive_letter(other, their_letter(PASSAGE, day=date(2010, 6, 15)))

    assert places(other) == [("strengths/1", "CRA-EASTMERE-2010-05-15", "strengths/1")]


def test_a_letter_that_can_not_be_read_is_left_out(office, caplog):
    case = archive_letter(office, their_letter(PASSAGE, day=date(2010, 6, 15)))
    archive_letter(office, their_letter(OTHER, PASSAGE))
    office.store.objects[case.key("r1/letter.json")] = b"{}"

    assert places(office) == FOUND
    assert "can't be read" in caplog.text


@pytest.mark.parametrize(
    "key",
    [
        "cases/2010/eastmere/eastmere/r1/manifest.json",
        f"cases/2010/e/CRA-{'E' * 5000}-2010/r1/manifest.json",
        f"cases/2010/eastmere/CRA-EASTMERE-2010/r{'1' * 5000}/manifest.json",
    ],
    ids=["no reference", "a reference too long for a key", "a revision of too many digits"],
)
def test_an_entry_that_names_an_odd_letter_is_left_out(office, caplog, key):
    ledger_of(office).append("ledger", "archived", detail={"object": key})
    archive_letter(office, their_letter(OTHER, PASSAGE))

    assert places(office) == FOUND
    assert "A letter is compared with no other" in caplog.text

    caplog.clear()
    assert places(office) == FOUND
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("name", "broken"),
    [("_LIKELY", "SELECT nothing FROM nowhere -- %s"), ("Alike", None)],
    ids=["by the database", "by what it holds"],
)
def test_one_that_fails_when_made_anew_too_is_given_up(office, caplog, monkeypatch, name, broken):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    monkeypatch.setattr(likeness_index, name, broken)

    assert places(office) == []
    assert "not compared" in caplog.text


def test_where_the_cache_can_not_be_kept_nothing_is_told_and_that_is_logged(office, caplog):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    (office.root / "cache").write_text("not a folder")

    assert places(office) == []
    assert "not compared" in caplog.text


def test_one_that_another_process_writes_is_waited_for_and_then_given_up(office, monkeypatch):
    monkeypatch.setattr(likeness_index, "WAIT_SECONDS", 0)
    archive_letter(office, their_letter(OTHER, PASSAGE))
    places(office)
    archive_letter(office, their_letter("x", day=date(2010, 6, 15)))
    with sqlite3.connect(office.root / CACHE) as other:
        other.execute("BEGIN IMMEDIATE")

        assert places(office) == []

    assert places(office) == FOUND


def test_only_its_owner_may_read_the_cache(office):
    archive_letter(office, their_letter(OTHER, PASSAGE))
    places(office)

    assert stat.S_IMODE((office.root / "cache").stat().st_mode) == 0o700
    assert stat.S_IMODE((office.root / CACHE).stat().st_mode) == 0o600


def test_a_letter_that_was_really_issued_is_found(tmp_path):
    office = a_sample_office(tmp_path)
    case, revision = issue(office)
    issued = case.letter(revision)
    copied = issued.model_copy(
        update={"authority": EASTMERE, "reference": "CRA-EASTMERE-2011-03-08"}
    )

    found = places(office, copied, kind=office.kinds[issued.kind])

    assert found == [
        (place, issued.reference, place)
        for place in ("strengths/1", "satisfactory-practice/1", "areas-for-development/1")
    ]


@pytest.mark.parametrize("kind", ["folder", "moto"])
def test_letters_in_a_folder_and_in_a_bucket_are_found(kind, tmp_path, request):
    store = a_place(kind, tmp_path, request).open()
    office = an_archive_office(tmp_path, store=store)
    assert places(office) == []
    archive_letter(office, their_letter(OTHER, PASSAGE))

    assert places(office) == FOUND
    assert places(office) == FOUND
