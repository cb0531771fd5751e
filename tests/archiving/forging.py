"""How an office is tampered with in tests: in one place at a time, and put right again."""

import json
import shutil
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from letters.audit import AuditEntry
from letters.canonical import sha256_hex, stored_json
from letters.reference import Reference
from tasks.archiving import verify_seal, verify_words
from tests.issuing import REFERENCE, a_sample_office, copied, files_of


@contextmanager
def each_pdf_is_read_once():
    """Its seal and its words, by its bytes: whole archives are verified hundreds of times."""
    read, told = verify_words.words_missing, {}

    def words_missing(pdf, letter):
        key = (sha256_hex(pdf), letter.digest)
        if key not in told:
            told[key] = read(pdf, letter)
        return told[key]

    with (
        patch.object(verify_seal, "seal_faults", lru_cache(verify_seal.seal_faults)),
        patch.object(verify_words, "words_missing", words_missing),
    ):
        yield


CASE = f"archive/{Reference.parse(REFERENCE).case_prefix}"

PACK = f"{CASE}/r1/pack.json"
"""Signed by its own hash: nothing in it can be made to fit."""


@contextmanager
def laid(place, key, data):
    """`data` lies under `key`, or nothing where it is None; afterwards what lay there before."""
    path = (place if isinstance(place, Path) else place.store.root) / key
    before = path.read_bytes() if path.exists() else None
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, data)
    try:
        yield
    finally:
        _write(path, before)
        for folder in made:
            folder.rmdir()


@contextmanager
def all_laid(place, objects):
    with ExitStack() as stack:
        for key, data in objects.items():
            stack.enter_context(laid(place, key, data))
        yield


@contextmanager
def linked(path, target):
    """A symbolic link stands where nothing was."""
    path.symlink_to(target)
    try:
        yield
    finally:
        path.unlink()


@contextmanager
def behind_a_link(path, tmp_path):
    """What lies at `path` is reached by a symbolic link only."""
    aside = tmp_path / "aside"
    path.rename(aside)
    path.symlink_to(aside)
    try:
        yield
    finally:
        path.unlink()
        aside.rename(path)


def place_of(key):
    """Where tampering with an object shows: in itself, or anywhere in its chain."""
    folder, _, name = key.rpartition("/")
    return folder if name.removesuffix(".json").isdigit() else key


def chains_of(office):
    keys = office.store.list("")
    return sorted({place_of(key) for key in keys if place_of(key) != key})


def entries_of(office, chain):
    return {key: office.store.get(key) for key in office.store.list(chain)}


def folders_of(office):
    root = office.store.root
    folders = (path for path in root.rglob("*") if path.is_dir() and ".tmp" not in path.parts)
    return ["", *(f"{folder.relative_to(root).as_posix()}/" for folder in sorted(folders))]


# One object.


def a_bit_flipped(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def a_value_of_another_type(data, chance):
    """JSON that a reader may stumble over; other bytes lose their first."""
    try:
        value = json.loads(data)
    except ValueError:
        return data[1:]
    if not isinstance(value, dict):
        return b"{}\n"
    inner = [v for v in value.values() if isinstance(v, dict) and v]
    within = chance.choice([value, *inner])
    within[chance.choice(sorted(within))] = chance.choice([None, -1, "x", [], {"x": []}])
    return stored_json(value)


def spelt_otherwise(data, chance):
    """The same value in other bytes."""
    try:
        return json.dumps(json.loads(data), indent=1).encode()
    except ValueError:
        return data + b" "


CHANGES = {
    "a bit is flipped": a_bit_flipped,
    "the end is cut off": lambda data, chance: data[: chance.randrange(len(data))],
    "a byte is appended": lambda data, chance: data + b"\n",
    "it is deleted": lambda data, chance: None,
    "a value has another type": a_value_of_another_type,
    "it is spelt otherwise": spelt_otherwise,
}


# Chains.


def with_another_actor(fields):
    return {**fields, "actor": "someone@else"}


def relinked(entries, change):
    """The entries with `change` made in each, and each hash right again."""
    previous, written = "0" * 64, {}
    for key, data in entries.items():
        fields = {**AuditEntry.from_bytes(data).model_dump(), "previous": previous}
        written[key] = AuditEntry(**change(fields)).to_bytes()
        previous = sha256_hex(written[key])
    return written


# Everything that names what was changed.


def forged(office, folder, name, change, *, are_emails_forged=False):
    """A copy of the office in which one file was changed, and all hashes made to fit."""
    rooms = ("archive/", "outbox/") if are_emails_forged else ("archive/",)
    true = {file: data for file, data in files_of(office).items() if file.startswith(rooms)}
    fitting, fits = {**true, name: change(true[name])}, False
    while not fits:
        hashes = {
            sha256_hex(true[file]).encode(): sha256_hex(data).encode()
            for file, data in fitting.items()
            if data != true[file]
        }
        fits = True
        for file in fitting.keys() - {name, PACK}:
            data = true[file]
            for old, new in hashes.items():
                data = data.replace(old, new)
            fits, fitting[file] = fits and data == fitting[file], data
    copied(office.root, folder)
    shutil.rmtree(folder / "witness")
    for file, data in fitting.items():
        (folder / file).unlink()
        (folder / file).write_bytes(data)
    return a_sample_office(folder, settings=office.settings)


def _write(path, data):
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)
