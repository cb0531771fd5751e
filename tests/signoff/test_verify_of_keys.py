"""`verify` knows what the ledger names of inspectors: changed, taken away or added, it is found."""

import re

import pytest

from flows.verification import verify_office
from tasks.case.folder import FolderStore
from tasks.signoff.delegations import delegate, delegations, recall
from tasks.signoff.inspectors import enrolments, revoke, standing
from tasks.signoff.invitations import open_invitations
from tests.issuing import COLLEAGUE
from tests.signoff.signing_room import SIGNATORY, enrolled

KINDS = (
    "[0-9a-f]" * 32 + ".json",
    "*.revoked.json",
    "*.delegation.json",
    "*.recalled.json",
    "*.invitation.json",
    "*.used.json",
)


@pytest.fixture
def kept(room):
    """An office with one of everything that it keeps of its inspectors, and a confirmation."""
    office = room.office
    today = office.clock().date()
    room.sign()
    revoke(office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")
    room.key, _ = enrolled(office, SIGNATORY)
    room.sign()
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today)
    recall(office, signatory=SIGNATORY, delegate=COLLEAGUE)
    return room


def an_object(room, kind):
    path = sorted(room.office.root.glob(f"archive/inspectors/*/{kind}"))[0]
    return path, path.relative_to(room.office.root / "archive").as_posix()


def test_nothing_differs_where_all_of_it_is_as_it_was(kept):
    assert kept.differences() == []
    assert kept.case.sign_off_names(1) == ["r1/signoff.json", "r1/confirmation-1.json"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_changed_or_taken_away_is_found(kept, kind):
    path, key = an_object(kept, kind)
    data = path.read_bytes()

    path.unlink()
    assert ("missing", key) in kept.differences()
    path.write_bytes(data[:-2] + b" }\n")
    assert ("changed", key) in kept.differences()


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_added_is_found(kept, kind):
    path, key = an_object(kept, kind)
    stem, _, ending = path.name.partition(".")
    laid = path.with_name(f"{stem[::-1]}.{ending}")
    laid.write_bytes(path.read_bytes().replace(b"2011", b"2012"))

    assert ("added", key.replace(path.name, laid.name)) in kept.differences()


class Killed(BaseException):
    """The process ends here."""


def given(room):
    today = room.office.clock().date()
    delegate(room.office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today)


def lost(room):
    revoke(room.office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")


DONE = [
    ("/[0-9a-f]{32}.json", lambda room: enrolled(room.office, COLLEAGUE)),
    (".invitation.json", lambda room: enrolled(room.office, COLLEAGUE)),
    (".used.json", lambda room: enrolled(room.office, COLLEAGUE)),
    (".delegation.json", given),
    (".recalled.json", lambda room: recall(room.office, signatory=SIGNATORY, delegate=COLLEAGUE)),
    (".revoked.json", lost),
]


@pytest.mark.parametrize(("ending", "do"), DONE, ids=[ending for ending, _ in DONE])
def test_what_a_killed_process_stored_and_did_not_enter_is_open(room, monkeypatch, ending, do):
    """It was announced, so it is no stranger; what gives a right doesn't give it yet."""
    put = FolderStore.put
    if ending == ".recalled.json":
        given(room)

    def store_and_die(store, key, data):
        stored = put(store, key, data)
        if re.search(ending.replace(".", "[.]") + "$", key):
            raise Killed
        return stored

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "put", store_and_die)
        with pytest.raises(Killed):
            do(room)

    report = verify_office(room.office)
    assert report.differences == ()
    (left,) = report.open_objects
    assert re.search(ending.replace(".", "[.]") + "$", left)
    assert enrolments(room.office, COLLEAGUE) == ()
    assert open_invitations(room.office, COLLEAGUE) == ()
    assert delegations(room.office) == ()
    is_revoked = ending == ".revoked.json"
    assert (standing(room.office, SIGNATORY) == ()) is is_revoked


@pytest.mark.parametrize("name", ["r1/confirmation-1.json", "r1/signoff.json"])
def test_a_sign_off_that_was_changed_or_taken_away_is_found(kept, name):
    key, data = kept.case.key(name), kept.case.get(name)

    kept.lay(name, data.replace(b"approve", b"return", 1))
    assert ("changed", key) in kept.differences()
    kept.path(name).unlink()
    assert ("missing", key) in kept.differences()
