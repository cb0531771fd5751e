"""A disk that is full, and one that may only be read: said in words, and nothing is half done."""

import os
import subprocess
from contextlib import contextmanager

import pytest

from desk.command_line import run
from flows.verification import verify_office
from letters.delivery import DeliveryState
from tasks.case.case import Case
from tasks.case.store import StoreFull, StoreRefused
from tasks.mailing import deliver
from tests.issuing import (
    REFERENCE,
    SAMPLE_OFFICE,
    a_sample_office,
    as_another_process,
    files_of,
    issue,
    submit,
)

pytestmark = pytest.mark.slow

KILOBYTE = 1024
ROOMS = [KILOBYTE * size for size in (8, 64, 150, 260, 330, 400, 460, 520)]
"""Bytes left when the letter is begun, which needs more on a file system of whole pages."""


@contextmanager
def mounted(*arguments, at):
    """Mount something for the test; skip where nobody may."""
    done = subprocess.run(["mount", *arguments, at], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted("-t", "tmpfs", "-o", "size=4m", "tmpfs", at=folder):
        yield folder


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """For a disk that nobody clears meanwhile."""
    monkeypatch.setattr(deliver, "BACK_OFF_SECONDS", (0.0,))
    monkeypatch.setattr(deliver, "STORE_WAITS_SECONDS", ())
    monkeypatch.setattr(deliver, "OUTCOME_WAITS_SECONDS", ())


def fill(folder, *, but_for):
    """Fill the file system, but for so many bytes; return the file that does."""
    filler = folder / "filler"
    disk = os.statvfs(folder)
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - but_for))
    return filler


def how_it_stops(office):
    """Issue the letter; tell by which error, or in which state its deliveries are left."""
    try:
        case, _ = issue(office)
    except StoreFull as error:
        return error.code if error.remedy else "without a remedy"
    assert case.closed() is None
    return "pending" if DeliveryState.PENDING in states(office) else "no end"


def states(office):
    return set(Case(office, REFERENCE).delivery_states(1).values())


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room // KILOBYTE} kB are left")
def test_a_letter_stops_where_the_disk_is_full_and_goes_on_when_there_is_room(small_disk, room):
    office = a_sample_office(small_disk / "office")
    filler = fill(small_disk, but_for=room)

    # An outbox that takes nothing leaves the delivery pending, for a later run.
    assert how_it_stops(office) in ("store-full", "pending")
    assert verify_office(as_another_process(office)).differences == ()
    assert [p for p in (small_disk / "office").rglob(".tmp/*") if p.is_file()] == []

    filler.unlink()
    case, _ = issue(as_another_process(office))

    report = verify_office(as_another_process(office))
    assert (report.differences, report.open_objects) == ((), ())
    assert states(office) == {DeliveryState.ACCEPTED}
    assert len(list((office.root / "outbox").glob("*.eml"))) == len(case.recipients(1))


@pytest.fixture
def read_only_office(tmp_path, monkeypatch):
    """An office with one letter issued and one that waits, all of it on a read-only disk."""
    root = tmp_path / "office"
    office = a_sample_office(root)
    issue(office)
    monkeypatch.setenv("LETTERS_OFFICE", str(root))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    with mounted("--bind", root, at=root):
        subprocess.run(["mount", "-o", "remount,ro,bind", root], check=True)
        yield office


@pytest.mark.parametrize("verb", [("list",), ("show", REFERENCE), ("verify",)], ids=lambda v: v[0])
def test_what_only_looks_works_in_an_office_that_can_only_be_read(read_only_office, verb, capsys):
    before = files_of(read_only_office)

    assert run([*verb]) == 0, capsys.readouterr()
    assert files_of(read_only_office) == before


def test_issuing_in_an_office_that_can_only_be_read_is_refused(read_only_office, tmp_path, capsys):
    (draft,) = SAMPLE_OFFICE.glob("*.md")

    code = run(["issue", str(draft), "--sign-as", "helmsley"])

    said = capsys.readouterr()
    assert code != 0
    assert "Read-only" in said.err
    assert "mounted read-only" in said.err
    assert "Traceback" not in said.err


def test_a_step_in_an_office_that_can_only_be_read_is_refused(read_only_office):
    with pytest.raises(StoreRefused) as refused:
        submit(as_another_process(read_only_office), b"another draft")

    assert (refused.value.code, bool(refused.value.remedy)) == ("store-not-writable", True)
