"""LETTERS_KILL_AT: heeded in offices of sample inspectors only, and nothing without it."""

import os
import signal

import pytest

from flows.office import open_office
from letters.errors import UsageError
from tasks.case import faults
from tasks.case.folder import FolderStore
from tasks.case.witness import Witness
from tests.issuing import SAMPLE_OFFICE, a_sample_office, issue
from tests.offices import a_register

SAMPLE = a_register()
REAL = SAMPLE.inspectors[0].model_copy(update={"id": "real", "sample": False})


@pytest.fixture(autouse=True)
def disarmed():
    """No test leaves anything behind that would end the next one."""
    yield
    faults.arm("", SAMPLE)


def points_of(tmp_path, work):
    """The points by which `work` comes."""
    tmp_path.mkdir(exist_ok=True)
    record = tmp_path / "points.txt"
    faults.arm(f"{faults.RECORD}{record}", SAMPLE)
    work()
    faults.arm("", SAMPLE)
    return record.read_text().splitlines() if record.exists() else []


def test_a_put_and_a_note_are_points_named_by_what_they_are(tmp_path):
    store, witness = FolderStore(tmp_path / "archive"), Witness(tmp_path / "witness")
    case = "cases/2011/westmere/CRA-WESTMERE-2011-03-08"

    def work():
        store.put(f"{case}/r1/pack.json", b"{}")
        store.put(f"{case}/audit/00000007.json", b'{"step": "sign-off", "event": "stored"}')
        witness.note(f"{case}/audit", 7, "0" * 64)
        store.put(f"{case}/r1/deliveries/{'ab' * 16}/claim-1.json", b"{}")
        store.put(f"{case}/r1/deliveries/{'cd' * 16}/claim-1.json", b"{}")
        store.put(f"intake/{'0' * 64}/original.md", b"")
        FolderStore(tmp_path / "outbox").put(f"{'ab' * 16}.eml", b"")
        faults.reach("before-suspend")

    assert points_of(tmp_path, work) == [
        "before-put case/r1/pack.json",
        "after-put case/r1/pack.json",
        "before-put case/audit/sign-off.stored",
        "after-put case/audit/sign-off.stored",
        "before-note case/audit",
        "after-note case/audit",
        "before-put case/r1/deliveries/*/claim-1.json",
        "after-put case/r1/deliveries/*/claim-1.json",
        "before-put case/r1/deliveries/*/claim-1.json #2",
        "after-put case/r1/deliveries/*/claim-1.json #2",
        "before-put intake/*/original.md",
        "after-put intake/*/original.md",
        "before-put outbox/*.eml",
        "after-put outbox/*.eml",
        "before-suspend",
    ]


def test_the_same_letter_comes_by_the_same_points_in_every_office(tmp_path):
    here, there = (
        points_of(tmp_path / name, lambda name=name: issue(a_sample_office(tmp_path / name)))
        for name in ("here", "there")
    )

    assert here == there
    assert len(here) == len(set(here)) > 200


def test_the_process_dies_at_its_point_and_at_no_other(tmp_path):
    store = FolderStore(tmp_path / "archive")
    child = os.fork()
    if child == 0:
        faults.arm("after-put b", SAMPLE)
        for key in "abc":
            store.put(key, b"")
        os._exit(0)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert store.list("") == ["a", "b"]


@pytest.mark.parametrize(
    "inspectors",
    [
        pytest.param((REAL,), id="a real inspector"),
        pytest.param((*SAMPLE.inspectors, REAL), id="a real inspector among sample ones"),
        pytest.param((), id="no inspector, so that nobody knows"),
    ],
)
def test_it_is_refused_where_letters_may_be_real(inspectors):
    with pytest.raises(UsageError) as refused:
        faults.arm("after-put b", SAMPLE.model_copy(update={"inspectors": inspectors}))

    assert refused.value.code == "not-a-sample-office"


def test_the_variable_is_heeded_where_the_office_is_opened(tmp_path):
    record = tmp_path / "points.txt"
    environment = {
        "LETTERS_OFFICE": str(tmp_path / "office"),
        "LETTERS_REGISTER": str(SAMPLE_OFFICE),
        "LETTERS_KILL_AT": f"record:{record}",
    }

    for _ in range(2):  # a command and its flow each open the office
        open_office(environment).store.put("a", b"")
    del environment["LETTERS_KILL_AT"]
    open_office(environment).store.put("a", b"")

    assert record.read_text().splitlines() == [
        "before-put a",
        "after-put a",
        "before-put a #2",
        "after-put a #2",
    ]
