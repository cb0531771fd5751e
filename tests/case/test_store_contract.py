"""What every store must do, whatever it lies in: `tasks/case/store.py`, kept by each of them."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.case import folder, store
from tasks.case.store import InvalidKey, ObjectMissing, ObjectTooLarge
from tests.case.places import a_place

CHECKOUT = Path(__file__).parent.parent.parent
NOW = datetime(2010, 8, 18, 9, 30, tzinfo=UTC)
AT_ONCE = 24

KINDS = (
    pytest.param("folder", id="a folder"),
    pytest.param("moto", id="a bucket that heeds conditions"),
    pytest.param("radosgw", id="a bucket that ignores conditions"),
)

RACE_OF_PROCESSES = f"""
import json, multiprocessing, sys
from tests.case.places import Place

context = multiprocessing.get_context("fork")
start = context.Barrier({AT_ONCE})
store = Place.read(sys.argv[1]).open()

def race(number):
    start.wait()
    return [store.put(f"race/{{key}}", f"{{number}}-{{key}}".encode()).decode() for key in range(3)]

with context.Pool({AT_ONCE}) as pool:
    print(json.dumps(pool.map(race, range({AT_ONCE}), chunksize=1)))
"""


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    return a_place(request.param, tmp_path, request)


@pytest.fixture
def cabinet(place):
    return place.open()


def test_whoever_puts_first_decides_for_everybody(cabinet, place):
    answers = [cabinet.put("a/b", b"first"), cabinet.put("a/b", b"second")]
    answers.append(place.open().put("a/b", b"third"))

    assert answers == [b"first"] * 3
    assert [each.get("a/b") for each in (cabinet, place.open())] == [b"first"] * 2


def test_what_is_not_there_is_missing(cabinet):
    cabinet.put("a/b", b"x")

    for key in ("a", "a/c", "a/bc", "b"):
        assert (cabinet.find(key), cabinet.exists(key)) == (None, False)
        with pytest.raises(ObjectMissing) as missing:
            cabinet.get(key)
        assert missing.value.where == key


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="no bytes"),
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"\r\n" * 524_288, id="a megabyte"),
    ],
)
def test_bytes_come_back_as_they_went_in(cabinet, data):
    assert cabinet.put("a/b", data) == data

    assert (cabinet.get("a/b"), cabinet.find("a/b"), cabinet.exists("a/b")) == (data, data, True)


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        pytest.param("", ["a-b/c", "a/b", "a/b.c/d", "a/c/d/e", "b"], id="everything"),
        pytest.param("a", ["a/b", "a/b.c/d", "a/c/d/e"], id="a folder"),
        pytest.param("a/", ["a/b", "a/b.c/d", "a/c/d/e"], id="a folder with its slash"),
        pytest.param("a/b.c", ["a/b.c/d"], id="a folder within"),
        pytest.param("a/b", [], id="an object"),
        pytest.param("c", [], id="nothing"),
    ],
)
def test_a_prefix_lists_a_whole_folder_in_order_of_the_whole_key(cabinet, prefix, found):
    for key in ("b", "a/c/d/e", "a/b", "a-b/c", "a/b.c/d"):
        cabinet.put(key, b"x")

    assert cabinet.list(prefix) == found


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        pytest.param("", ["a", "a-b"], id="of everything"),
        pytest.param("a", ["b.c", "c"], id="of a folder"),
        pytest.param("a/c/", ["d"], id="of a folder with its slash"),
        pytest.param("a/c/d", [], id="of one that holds objects only"),
        pytest.param("b", [], id="of an object"),
        pytest.param("c", [], id="of nothing"),
    ],
)
def test_the_folders_below_one_are_listed_without_what_is_in_them(cabinet, prefix, found):
    for key in ("b", "a/c/d/e", "a/b", "a-b/c", "a/b.c/d"):
        cabinet.put(key, b"x")

    assert cabinet.folders(prefix) == found


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="empty"),
        pytest.param("/", id="only a slash"),
        pytest.param("/a", id="from the root of the machine"),
        pytest.param("a//b", id="an empty part"),
        pytest.param("a/b//", id="two slashes at the end"),
        pytest.param(".", id="the folder itself"),
        pytest.param("..", id="the folder above"),
        pytest.param("a/../b", id="up and down again"),
        pytest.param("a/..", id="up at the end"),
        pytest.param(".tmp/a", id="among the temporary files"),
        pytest.param(".doctor/a", id="among the doctor's probes"),
        pytest.param("a/.b", id="a hidden file"),
        pytest.param("-a", id="a hyphen first"),
        pytest.param("_a", id="an underscore first"),
        pytest.param("a b", id="a space"),
        pytest.param("a\\b", id="a backslash"),
        pytest.param("a\n", id="a line feed at the end"),
        pytest.param("a\x00b", id="a zero byte"),
        pytest.param("é", id="a letter that is not ASCII"),
        pytest.param("١", id="a digit that is not ASCII"),
        pytest.param("/".join("a" * 13), id="thirteen parts"),
        pytest.param("a" * 201, id="201 characters"),
    ],
)
def test_what_is_no_key_is_refused_by_every_method(cabinet, key):
    calls = [
        lambda: cabinet.put(key, b""),
        lambda: cabinet.get(key),
        lambda: cabinet.find(key),
        lambda: cabinet.exists(key),
        *([lambda: cabinet.list(key), lambda: cabinet.strangers(key)] if key else []),
    ]
    for call in calls:
        with pytest.raises(InvalidKey):
            call()

    assert cabinet.list("") == []


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("/".join("a" * 12), id="twelve parts"),
        pytest.param("a" * 200, id="200 characters"),
        pytest.param("cases/2010/wirral/CRA-WIRRAL-2010-07-20/r1/letter.json", id="a real one"),
    ],
)
def test_the_longest_keys_are_kept(cabinet, key):
    cabinet.put(key, b"x")

    assert (cabinet.get(key), cabinet.list("")) == (b"x", [key])


def test_a_slash_may_close_a_prefix_but_not_a_key(cabinet):
    cabinet.put("a/b", b"x")

    assert cabinet.list("a/") == ["a/b"]
    with pytest.raises(InvalidKey):
        cabinet.put("a/", b"x")


def test_an_object_larger_than_allowed_is_neither_written_nor_read(cabinet, monkeypatch):
    cabinet.put("planted", b"123456")
    for module in (store, folder):
        monkeypatch.setattr(module, "MAX_OBJECT_BYTES", 5)

    assert cabinet.put("largest", b"12345") == b"12345"
    with pytest.raises(ObjectTooLarge):
        cabinet.put("larger", b"123456")
    with pytest.raises(ObjectTooLarge):
        cabinet.get("planted")
    assert cabinet.list("") == ["largest", "planted"]


def test_an_empty_store_answers_like_one(cabinet):
    answers = (cabinet.find("a"), cabinet.exists("a/b"), cabinet.list(""), cabinet.sweep(NOW))

    assert (answers, cabinet.strangers(), cabinet.name) == ((None, False, [], 0), [], "archive")


def test_one_place_is_one_store_and_another_place_another(place, tmp_path, request):
    elsewhere = a_place(place.kind, tmp_path / "elsewhere", request)

    assert {place.open(), place.open()} == {place.open()}
    assert place.open() != elsewhere.open()
    assert place.open() != "archive"


def test_of_many_threads_one_is_first_and_all_are_told_the_same(cabinet):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda number: cabinet.put("a/b", b"%d" % number), range(AT_ONCE)))

    assert told == [cabinet.get("a/b")] * AT_ONCE
    assert (cabinet.list(""), cabinet.strangers()) == (["a/b"], [])


def test_of_many_processes_one_is_first_and_all_are_told_the_same(place):
    raced = subprocess.run(
        [sys.executable, "-c", RACE_OF_PROCESSES, place.told()],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert raced.returncode == 0, raced.stderr
    cabinet = place.open()
    stored = [cabinet.get(f"race/{key}").decode() for key in range(3)]
    assert json.loads(raced.stdout) == [stored] * AT_ONCE
    assert (len(cabinet.list("")), cabinet.strangers()) == (3, [])


@pytest.mark.parametrize("first", [1, 2, 3, 4])
def test_a_series_ends_before_the_first_number_that_is_missing(cabinet, place, first):
    def key_of(number):
        return f"a/chain/{number:08d}.json"

    for number in (1, 2, 3, 5):
        cabinet.put(key_of(number), f"{number}".encode())
    cabinet.put("a/chain/00000003.json.copy", b"no number of it")

    expected = [f"{number}".encode() for number in range(first, 4)]
    assert list(cabinet.series(key_of, first)) == expected
    assert list(place.open().series(key_of, first)) == expected


def test_what_is_removed_is_gone_for_everybody_and_nothing_else_is(cabinet, place):
    for key in ("a/b", "a/bc", "a/c"):
        cabinet.put(key, key.encode())
    other = place.open()
    other.get("a/b")

    for _ in range(2):  # what is gone is not there to be removed: that is no error
        cabinet.remove("a/b")
    cabinet.remove("never/was")

    for each in (cabinet, other):
        assert (each.find("a/b"), each.exists("a/b"), each.list("")) == (
            None,
            False,
            ["a/bc", "a/c"],
        )
    assert cabinet.strangers() == []
    assert cabinet.put("a/b", b"anew") == other.get("a/b") == b"anew"


def test_a_store_from_which_can_be_removed_says_so(cabinet):
    assert isinstance(cabinet, store.DisposingStore)
