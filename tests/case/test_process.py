"""A process is gone for certain, or nothing is concluded."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from letters.delivery import Owner
from tasks.case import process
from tasks.case.process import host_name, is_gone, this_process

BOOT, NAMESPACE, START = this_process().started.rsplit("-", 2)


def an_owner(*, host=None, pid=None, boot=BOOT, namespace=NAMESPACE, start="0"):
    """Who is gone: another process that had this one's number before."""
    return Owner(
        host=host or host_name(), pid=pid or os.getpid(), started=f"{boot}-{namespace}-{start}"
    )


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def owner_of(child):
    return an_owner(pid=child.pid, start=process._start_of(child.pid))


def test_this_process_says_where_its_number_is_counted():
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")

    assert this_process().started == f"{boot}-{namespace}-{START}"
    assert int(START) > 0


@pytest.mark.parametrize(
    ("owner", "is_certain"),
    [
        pytest.param(this_process(), False, id="it is this one"),
        pytest.param(an_owner(), True, id="its number is another's now"),
        pytest.param(an_owner(host="another-desk"), False, id="another machine's"),
        pytest.param(
            an_owner(boot="f00d"), False, id="another machine's of our name, or we booted"
        ),
        pytest.param(an_owner(namespace="1"), False, id="another container's"),
        pytest.param(
            an_owner().model_copy(update={"started": f"{BOOT[:8]}-0"}),
            False,
            id="an old claim, without its namespace",
        ),
        pytest.param(
            an_owner().model_copy(update={"started": ""}), False, id="one that couldn't tell"
        ),
    ],
)
def test_gone_is_concluded_only_where_both_count_alike(owner, is_certain):
    assert is_gone(owner) is is_certain


def test_a_process_is_gone_once_it_has_ended(child):
    owner = owner_of(child)
    assert not is_gone(owner)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert is_gone(owner)  # nobody has asked for its end yet
    child.wait()
    assert is_gone(owner)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(errno.ENOENT, id="it isn't shown"),
        pytest.param(errno.EACCES, id="it may not be read"),
        pytest.param(errno.EMFILE, id="too many files are open"),
    ],
)
def test_nothing_is_concluded_of_a_process_that_lives_and_can_not_be_looked_at(
    child, monkeypatch, number
):
    owner = owner_of(child)
    read = Path.read_text

    def reading(path):
        if path == Path(f"/proc/{child.pid}/stat"):
            raise OSError(number, os.strerror(number))
        return read(path)

    monkeypatch.setattr(Path, "read_text", reading)

    assert not is_gone(owner)


@pytest.mark.parametrize(
    "number", [pytest.param(4711, id="of others"), pytest.param(None, id="not at all")]
)
def test_where_proc_does_not_show_our_namespace_nothing_is_said_or_concluded(monkeypatch, number):
    owner = an_owner()
    assert is_gone(owner)

    def readlink(path):
        if number is None:
            raise FileNotFoundError(path)
        return Path(str(number))

    monkeypatch.setattr(Path, "readlink", readlink)

    assert this_process().started == ""
    assert not is_gone(owner)
    assert not is_gone(this_process())
