"""The store as a folder: what it keeps, what it refuses, and what the disk may do to it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from letters.errors import LettersError, TransientError
from tasks.case import folder, tree
from tasks.case.folder import FolderStore
from tasks.case.store import (
    InvalidKey,
    ObjectMissing,
    ObjectNotPlain,
    StoreFailed,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    StoreWithoutHardLinks,
)

NOBODY = 65534
NOW = datetime(2010, 8, 18, 9, 30, tzinfo=UTC)

parts = st.sampled_from(["a", "b", "B", "a.b", "a-b", "0"])
keys = st.lists(parts, min_size=1, max_size=4).map("/".join)
contents = st.binary(max_size=8)


@pytest.fixture
def cabinet(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "archive")


def files_below(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


class StoreLikeADictionary(RuleBasedStateMachine):
    """A folder answers as a dictionary would in which nothing is ever replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.store = FolderStore(self.root / "archive")
        self.model: dict[str, bytes] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(key=keys, data=contents)
    def put(self, key: str, data: bytes) -> None:
        folders_of_key = {key[:at] for at, sign in enumerate(key) if sign == "/"}
        is_folder = any(known.startswith(f"{key}/") for known in self.model)
        if is_folder or folders_of_key & self.model.keys():
            with pytest.raises(InvalidKey):
                self.store.put(key, data)
        else:
            assert self.store.put(key, data) == self.model.setdefault(key, data)

    @rule(key=keys)
    def read(self, key: str) -> None:
        assert self.store.find(key) == self.model.get(key)
        assert self.store.exists(key) == (key in self.model)
        if key in self.model:
            assert self.store.get(key) == self.model[key]
        else:
            with pytest.raises(ObjectMissing):
                self.store.get(key)

    @rule(prefix=keys, slash=st.sampled_from(["", "/"]))
    def list_folder(self, prefix: str, slash: str) -> None:
        below = [key for key in self.model if key.startswith(f"{prefix}/")]
        assert self.store.list(prefix + slash) == sorted(below)

    @rule()
    def open_again(self) -> None:
        self.store = FolderStore(self.root / "archive")

    @invariant()
    def holds_what_was_put_and_nothing_else(self) -> None:
        assert self.store.list("") == sorted(self.model)
        assert files_below(self.root) == sorted(f"archive/{key}" for key in self.model)


TestStoreLikeADictionary = StoreLikeADictionary.TestCase
TestStoreLikeADictionary.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_reading_does_not_make_the_folder(cabinet: FolderStore) -> None:
    answers = (cabinet.find("a"), cabinet.exists("a/b"), cabinet.list(""), cabinet.sweep(NOW))

    assert answers == (None, False, [], 0)
    with pytest.raises(InvalidKey):
        cabinet.put("a/../b", b"x")
    assert not cabinet.root.exists()


def test_two_stores_of_one_folder_are_the_same_store(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    relative = FolderStore(Path("archive"))
    monkeypatch.chdir("/")

    assert {relative, FolderStore(tmp_path / "archive")} == {relative}
    assert relative != FolderStore(tmp_path)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777], ids=oct)
def test_files_and_folders_are_their_owners_alone_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        FolderStore(tmp_path / "office" / "archive").put("a/b/c", b"x")
    finally:
        os.umask(before)

    modes = {
        str(path.relative_to(tmp_path)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in tmp_path.rglob("*")
    }
    assert modes == {
        "office": "0o700",
        "office/archive": "0o700",
        "office/archive/.tmp": "0o700",
        "office/archive/a": "0o700",
        "office/archive/a/b": "0o700",
        "office/archive/a/b/c": "0o600",
    }


# What leads out of the folder


def plant_a_linked_file(archive: Path, outside: Path) -> None:
    (archive / "a" / "planted").symlink_to(outside / "secret")


def plant_a_link_to_nothing(archive: Path, outside: Path) -> None:
    (archive / "a" / "planted").symlink_to(outside / "nothing")


def plant_a_linked_folder(archive: Path, outside: Path) -> None:
    (archive / "a" / "planted").symlink_to(outside)


def plant_a_link_within(archive: Path, outside: Path) -> None:
    (archive / "a" / "planted").symlink_to("honest")


def plant_a_pipe(archive: Path, outside: Path) -> None:
    os.mkfifo(archive / "a" / "planted")


@pytest.mark.parametrize(
    "plant",
    [
        plant_a_linked_file,
        plant_a_link_to_nothing,
        plant_a_linked_folder,
        plant_a_link_within,
        plant_a_pipe,
    ],
)
def test_what_is_planted_in_the_folder_is_listed_and_refused(
    cabinet: FolderStore, tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    cabinet.put("a/honest", b"x")
    plant(cabinet.root, outside)

    refused: list[Callable[[], object]] = [
        lambda: cabinet.put("a/planted", b"mine"),
        lambda: cabinet.get("a/planted"),
        lambda: cabinet.find("a/planted"),
        lambda: cabinet.exists("a/planted"),
        lambda: cabinet.put("a/planted/secret", b"mine"),
        lambda: cabinet.put("a/planted/new", b"mine"),
        lambda: cabinet.get("a/planted/secret"),
        lambda: cabinet.exists("a/planted/secret"),
        lambda: cabinet.list("a/planted"),
    ]
    for call in refused:
        with pytest.raises(ObjectNotPlain):
            call()

    assert cabinet.list("") == ["a/honest", "a/planted"]
    assert files_below(outside) == ["secret"]
    assert (outside / "secret").read_bytes() == b"secret"
    assert list((cabinet.root / ".tmp").iterdir()) == []


def test_temporary_files_are_not_written_through_a_link(
    cabinet: FolderStore, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    cabinet.root.mkdir()
    (cabinet.root / ".tmp").symlink_to(tmp_path / "outside")

    with pytest.raises(ObjectNotPlain):
        cabinet.put("a", b"x")
    with pytest.raises(ObjectNotPlain):
        cabinet.sweep(NOW)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "archive").symlink_to(tmp_path / "disk")
    linked = FolderStore(tmp_path / "archive")

    linked.put("a/b", b"x")

    assert (linked.get("a/b"), FolderStore(tmp_path / "disk").get("a/b")) == (b"x", b"x")


def test_names_that_are_no_keys_are_not_listed(cabinet: FolderStore) -> None:
    cabinet.put("a/b", b"x")
    (cabinet.root / "a" / ".DS_Store").write_bytes(b"")
    (cabinet.root / "a" / "Copy of b").write_bytes(b"")
    (cabinet.root / ".git").mkdir()
    (cabinet.root / ".git" / "c").write_bytes(b"")
    (cabinet.root / Path(*"a" * 20)).mkdir(parents=True)
    (cabinet.root / Path(*"a" * 20) / "c").write_bytes(b"")

    assert cabinet.list("") == ["a/b"]


def test_what_can_be_no_object_is_a_stranger(cabinet: FolderStore, tmp_path: Path) -> None:
    cabinet.put("a/b", b"x")
    (cabinet.root / "a" / "Copy of b").write_bytes(b"")
    (cabinet.root / "a" / "link").symlink_to("b")
    (cabinet.root / "linked").symlink_to(tmp_path)
    (cabinet.root / ".git").mkdir()
    (cabinet.root / ".git" / "c").write_bytes(b"")

    found = [anomaly.key for anomaly in cabinet.strangers()]
    assert found == [".git", ".git/c", "a/Copy of b", "a/link", "linked"]
    assert [a.key for a in cabinet.strangers("a")] == ["a/Copy of b", "a/link"]
    assert FolderStore(tmp_path / "nowhere").strangers() == []


# What the disk may do


def failing(name: str, number: int) -> Callable[..., Any]:
    real = getattr(os, name)

    def fail(path: Any, *args: Any, **kwargs: Any) -> Any:
        # Opening a folder goes on working: what fails is the write.
        if name == "open" and not args[0] & os.O_CREAT:
            return real(path, *args, **kwargs)
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        (errno.EIO, StoreUnavailable, "store-unavailable"),
        (errno.ETIMEDOUT, StoreUnavailable, "store-unavailable"),
        (errno.ESTALE, StoreUnavailable, "store-unavailable"),
        (errno.EAGAIN, StoreUnavailable, "store-unavailable"),
        (errno.EINTR, StoreUnavailable, "store-unavailable"),
        (errno.EMFILE, StoreUnavailable, "store-unavailable"),
        (errno.ENFILE, StoreUnavailable, "store-unavailable"),
        (errno.ENOSPC, StoreFull, "store-full"),
        (errno.EDQUOT, StoreFull, "store-full"),
        (errno.EACCES, StoreRefused, "store-not-writable"),
        (errno.EROFS, StoreRefused, "store-not-writable"),
        (errno.EBADF, StoreFailed, "store-failed"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else None,
)
@pytest.mark.parametrize("call", ["open", "fsync", "link"])
def test_an_error_of_the_disk_has_a_meaning_and_leaves_nothing_behind(
    cabinet: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
    error: type[LettersError],
    code: str,
) -> None:
    cabinet.put("a/before", b"x")

    with monkeypatch.context() as broken:
        broken.setattr(tree.os, call, failing(call, number))
        with pytest.raises(error) as refused:
            cabinet.put("a/b", b"data")

    assert refused.value.code == code
    assert refused.value.where == f"{cabinet.root}/a/b"
    assert isinstance(refused.value, TransientError) == (error in (StoreUnavailable, StoreFull))
    assert files_below(cabinet.root) == ["a/before"]
    assert cabinet.put("a/b", b"later") == b"later"


@pytest.mark.parametrize(
    "number", [errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV], ids=errno.errorcode.get
)
def test_a_file_system_without_hard_links_is_named_as_such(
    cabinet: FolderStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(folder.os, "link", failing("link", number))

    with pytest.raises(StoreWithoutHardLinks) as refused:
        cabinet.put("a/b", b"data")

    assert refused.value.code == "store-without-hard-links"
    assert refused.value.where == str(cabinet.root)
    assert files_below(cabinet.root) == []


@contextmanager
def somebody_without_rights() -> Iterator[None]:
    """Nobody's rights where the tests run as root, whom no mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_may_not_be_written_or_read_says_which_and_what_to_do() -> None:
    # Not below tmp_path, whose own folders are closed to others.
    place = Path(tempfile.mkdtemp())
    cabinet = FolderStore(place / "archive")
    try:
        place.chmod(0o755)
        cabinet.put("a/b", b"x")
        for path, mode in ((cabinet.root, 0o555), (cabinet.root / "a", 0o000)):
            path.chmod(mode)

        with somebody_without_rights():
            with pytest.raises(StoreRefused) as not_writable:
                cabinet.put("c", b"x")
            with pytest.raises(StoreRefused) as not_readable:
                cabinet.get("a/b")
            with pytest.raises(StoreRefused):
                cabinet.strangers()
    finally:
        (cabinet.root / "a").chmod(0o700)
        cabinet.root.chmod(0o700)
        shutil.rmtree(place)

    assert [(e.value.code, e.value.where) for e in (not_writable, not_readable)] == [
        ("store-not-writable", f"{cabinet.root}/c"),
        ("store-not-readable", f"{cabinet.root}/a/b"),
    ]
    assert "permissions" in not_writable.value.remedy


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")
    cabinet = FolderStore(tmp_path / "archive")

    for call in (lambda: cabinet.put("a", b"x"), lambda: cabinet.find("a")):
        with pytest.raises(StoreFailed):
            call()


class Disk:
    """Notes in what order things reach the disk."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: list[str] = []
        real_fsync, real_link = os.fsync, os.link

        def fsync(opened: int) -> None:
            path = Path(f"/proc/self/fd/{opened}").readlink().relative_to(root)
            self.events.append("sync " + (".tmp/…" if path.parent.name == ".tmp" else str(path)))
            real_fsync(opened)

        def link(source: str, name: str, **folders: Any) -> None:
            self.events.append(f"link {name}")
            real_link(source, name, **folders)

        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "link", link)


def test_an_object_and_every_folder_made_for_it_are_on_the_disk_before_put_returns(
    cabinet: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(tmp_path, monkeypatch)

    cabinet.put("a/b/c", b"x")

    assert disk.events == [
        "sync .",
        "sync archive",
        "sync archive/a",
        "sync archive",
        "sync .tmp/…",
        "link c",
        "sync archive/a/b",
    ]


def test_a_folder_that_was_taken_away_and_made_again_is_on_the_disk_again(
    cabinet: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet.put("a/b", b"x")
    shutil.rmtree(cabinet.root / "a")
    disk = Disk(tmp_path, monkeypatch)

    cabinet.put("a/b", b"x")

    assert disk.events == ["sync archive", "sync .tmp/…", "link b", "sync archive/a"]


def test_whoever_was_not_first_makes_sure_too_that_what_they_were_given_lasts(
    cabinet: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet.put("a/b", b"first")
    disk = Disk(tmp_path, monkeypatch)

    assert FolderStore(cabinet.root).put("a/b", b"second") == b"first"

    assert disk.events == ["sync archive", "sync archive/a"]


def test_who_loses_between_looking_and_linking_gets_the_winners_bytes(
    cabinet: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_link = os.link

    def link_after_another(source: str, name: str, **folders: Any) -> None:
        monkeypatch.setattr(os, "link", real_link)
        FolderStore(cabinet.root).put("a/b", b"theirs")
        real_link(source, name, **folders)

    monkeypatch.setattr(os, "link", link_after_another)

    assert cabinet.put("a/b", b"mine") == b"theirs"
    assert files_below(cabinet.root) == ["a/b"]


# What dead writers leave


def a_leftover(cabinet: FolderStore, name: str, age: timedelta) -> Path:
    path = cabinet.root / ".tmp" / name
    path.write_bytes(b"half")
    written = (NOW - age).timestamp()
    os.utime(path, (written, written))
    return path


def test_a_sweep_takes_old_temporary_files_and_nothing_else(cabinet: FolderStore) -> None:
    cabinet.put("a/b", b"x")
    os.utime(cabinet.root / "a" / "b", (0, 0))
    a_leftover(cabinet, "old", timedelta(minutes=61))
    a_leftover(cabinet, "young", timedelta(minutes=59))
    a_leftover(cabinet, "from-a-clock-ahead", timedelta(minutes=-59))

    assert [cabinet.sweep(NOW), cabinet.sweep(NOW)] == [1, 0]

    assert files_below(cabinet.root) == [".tmp/from-a-clock-ahead", ".tmp/young", "a/b"]


def test_a_writer_whose_temporary_file_was_swept_may_try_again(
    cabinet: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_link = os.link

    def link_after_a_sweep(source: str, name: str, **folders: Any) -> None:
        cabinet.sweep(datetime.now(UTC) + timedelta(hours=2))
        real_link(source, name, **folders)

    with monkeypatch.context() as slow:
        slow.setattr(os, "link", link_after_a_sweep)
        with pytest.raises(StoreUnavailable):
            cabinet.put("a/b", b"x")

    assert cabinet.put("a/b", b"x") == b"x"
