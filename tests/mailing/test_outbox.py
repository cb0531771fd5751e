"""The outbox: what lies there was accepted, what doesn't was not, and nothing is replaced."""

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from letters.canonical import sha256_hex
from tasks.case.office import Answer
from tasks.mailing.outbox import Outbox

SEND_ID = "0123456789abcdef" * 2
FILE = f"{SEND_ID}.eml"
FIRST, SECOND = b"the first message", b"another message"


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path / "outbox")


def failing(number):
    def fail(*_args, **_options):
        raise OSError(number, os.strerror(number))

    return fail


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_message_lies_in_the_folder_for_its_owner_alone(outbox):
    answer = outbox.send(FIRST, send_id=SEND_ID)

    assert answer == Answer("accepted", FILE, f"sha256 {sha256_hex(FIRST)}")
    assert (outbox.folder / FILE).read_bytes() == FIRST
    assert (mode(outbox.folder), mode(outbox.folder / FILE)) == (0o700, 0o600)
    assert {path.relative_to(outbox.folder).as_posix() for path in outbox.folder.rglob("*")} == {
        ".tmp",
        "laid",
        f"laid/{SEND_ID}",
        FILE,
    }


@pytest.mark.parametrize(
    "again", [pytest.param(FIRST, id="the same bytes"), pytest.param(SECOND, id="other bytes")]
)
def test_a_second_message_of_a_send_id_replaces_nothing(outbox, again):
    outbox.send(FIRST, send_id=SEND_ID)

    answer = outbox.send(again, send_id=SEND_ID)

    assert answer == Answer("accepted", FILE, f"lay there already, sha256 {sha256_hex(FIRST)}")
    assert (outbox.folder / FILE).read_bytes() == FIRST


def test_evidence_is_what_lies_there(outbox):
    assert outbox.find(SEND_ID) == "absent"

    outbox.send(FIRST, send_id=SEND_ID)

    assert outbox.find(SEND_ID) == "accepted"
    assert outbox.find("f" * 32) == "absent"


@pytest.mark.parametrize(
    ("call", "number", "said"),
    [
        pytest.param("fsync", errno.ENOSPC, "store-full", id="the disk is full"),
        pytest.param("fsync", errno.EDQUOT, "store-full", id="the quota is used up"),
        pytest.param("fsync", errno.EIO, "store-unavailable", id="the disk fails"),
        pytest.param("link", errno.EIO, "store-unavailable", id="the disk fails at the link"),
        pytest.param("link", errno.EROFS, "store-not-writable", id="the disk is read-only"),
        pytest.param("link", errno.EPERM, "store-without-hard-links", id="there are no links"),
        pytest.param("open", errno.EACCES, "store-not-writable", id="the folder is another's"),
    ],
)
def test_an_error_before_the_file_has_its_name_proves_that_nothing_was_accepted(
    outbox, monkeypatch, call, number, said
):
    with monkeypatch.context() as patched:
        if call == "open":  # only for writing: a folder that can't be read can't be looked into
            real = os.open

            def opening(path, flags, *args, **options):
                return (failing(number) if flags & os.O_CREAT else real)(
                    path, flags, *args, **options
                )

            patched.setattr(os, "open", opening)
        else:
            patched.setattr(os, call, failing(number))
        answer = outbox.send(FIRST, send_id=SEND_ID)

    assert answer.result == "not-accepted"
    assert answer.said.partition(":")[0] == said
    assert outbox.find(SEND_ID) == "absent"
    assert outbox.send(FIRST, send_id=SEND_ID).result == "accepted"


def test_an_error_after_the_file_has_its_name_is_still_an_acceptance(outbox, monkeypatch):
    outbox.send(SECOND, send_id="f" * 32)  # the folders are made
    real, synced = os.fsync, []

    def fsync(opened):
        synced.append(opened)
        if len(synced) == 2:  # the file was the first, its folder is the second
            failing(errno.EIO)()
        real(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    answer = outbox.send(FIRST, send_id=SEND_ID)

    assert (answer.result, answer.said.partition(":")[0]) == (
        "accepted",
        "lies there; store-unavailable",
    )
    assert (outbox.folder / FILE).read_bytes() == FIRST


def test_a_folder_that_cannot_be_read_proves_nothing(outbox, monkeypatch):
    outbox.send(FIRST, send_id=SEND_ID)
    monkeypatch.setattr(os, "open", failing(errno.EIO))

    assert outbox.find(SEND_ID) == "unknown"
    assert outbox.send(FIRST, send_id=SEND_ID).result == "unknown"


def test_a_link_planted_under_the_name_is_neither_written_through_nor_believed(outbox, tmp_path):
    outbox.send(SECOND, send_id="f" * 32)
    (tmp_path / "elsewhere").write_bytes(b"someone's")
    (outbox.folder / FILE).symlink_to(tmp_path / "elsewhere")

    assert outbox.send(FIRST, send_id=SEND_ID).result == "unknown"
    assert outbox.find(SEND_ID) == "unknown"
    assert (tmp_path / "elsewhere").read_bytes() == b"someone's"


def test_a_message_too_large_for_the_folder_is_refused_for_good(outbox, monkeypatch):
    monkeypatch.setattr("tasks.case.store.MAX_OBJECT_BYTES", 10)

    answer = outbox.send(FIRST, send_id=SEND_ID)

    assert (answer.result, answer.said.partition(":")[0]) == ("refused", "object-too-large")


def test_of_many_at_once_one_message_lies_there_and_all_are_told_which(outbox):
    start, answers = Barrier(8), []

    def send(number):
        start.wait()
        answers.append(outbox.send(b"message %d" % number, send_id=SEND_ID))

    threads = [Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = sha256_hex((outbox.folder / FILE).read_bytes())
    assert {answer.result for answer in answers} == {"accepted"}
    assert {answer.said.rpartition(" ")[2] for answer in answers} == {stored}


def test_a_message_taken_away_is_still_known_and_not_laid_again(tmp_path):
    outbox = Outbox(tmp_path / "outbox")
    outbox.send(b"words", send_id=SEND_ID)
    (tmp_path / "outbox" / f"{SEND_ID}.eml").unlink()

    again = Outbox(tmp_path / "outbox")

    assert again.find(SEND_ID) == "accepted"
    assert again.send(b"words", send_id=SEND_ID).said == "taken away already"
    assert list((tmp_path / "outbox").glob("*.eml")) == []


def test_what_a_dead_process_left_half_written_is_swept(outbox):
    outbox.send(FIRST, send_id=SEND_ID)
    left, young = (outbox.folder / ".tmp" / name for name in ("1-dead", "2-alive"))
    for path in (left, young):
        path.write_bytes(b"half a mess")
    now = datetime.now(UTC)
    two_hours_ago = (now - timedelta(hours=2)).timestamp()
    os.utime(left, (two_hours_ago, two_hours_ago))

    assert outbox.sweep(now) == 1

    assert [path.name for path in (outbox.folder / ".tmp").iterdir()] == ["2-alive"]
    assert (outbox.folder / FILE).read_bytes() == FIRST
