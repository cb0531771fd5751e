"""What the chain says was locked and held is asked of the store, and nothing more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.verification import verify_office
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.holding import hold
from tasks.archiving.locking import intake_keys, lock_record
from tasks.archiving.verify_locks import check_locks
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.record import StepRun
from tasks.case.store import Lock, StoreUnavailable
from tests.archiving.locking_folder import LockingFolder, settings_that_lock
from tests.archiving.test_locking import an_office_of_today, approved
from tests.issuing import as_another_process, copied, send_out

WHY = "The court asks for it."


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """A letter issued in an office whose record is under compliance."""
    office = an_office_of_today(tmp_path_factory.mktemp("office"))
    begun, revision = approved(office)
    store = LockingFolder(office.root / "archive")
    settings = settings_that_lock(office.root, "compliance")
    case = Case(
        replace(as_another_process(office), store=store, settings=settings), begun.reference
    )
    assert send_out(case, revision)
    return case


@pytest.fixture
def case(issued, tmp_path):
    """The same in a folder of its own, with the locks that its objects had."""
    root = copied(issued.office.root, tmp_path / "copy")
    store = LockingFolder(root / "archive")
    store.locks = dict(issued.store.locks)
    office = an_office_of_today(root)
    settings = settings_that_lock(root, "compliance")
    return Case(replace(office, store=store, settings=settings), issued.reference)


def checked(case, meanwhile=lambda: None):
    """The keys that differ, and how many were asked about."""
    case = Case(as_another_process(case.office), case.reference)
    found = Findings()
    chain = VerifiedChain(case.office, case.chain.prefix, found)
    meanwhile()
    check_locks(case, chain, found)
    assert {(d.check, d.code) for d in found.differences} <= {("locks", "not-locked")}
    return sorted(d.object for d in found.differences), found.checked["locks"]


def named(case):
    return sorted(case.recorded())


def later(case, name="r1/deliveries/0/event-0.json"):
    """Something comes to the case after it was closed."""
    run = StepRun(case, "provider-event")
    run.name_object("stored", name, case.store.put(case.key(name), b"{}"))
    return case.key(name)


def test_nothing_differs_where_all_is_as_the_chain_tells(case):
    assert checked(case) == ([], len(named(case)))


def test_each_object_that_was_locked_must_be_and_the_trail_is_not_asked_about(case):
    keys = named(case)
    names = {key.removeprefix(f"{case.prefix}/") for key in keys}
    assert names >= {"case.json", "closed.json", "r1/letter.pdf", "r1/recipients.json"}
    assert any(key.startswith("intake/") for key in keys)
    assert any("/claim-1.json" in key for key in keys)
    case.store.locks.clear()

    assert checked(case) == (keys, len(keys))


@pytest.mark.parametrize(
    ("name", "change", "differs"),
    [
        ("r1/letter.pdf", {"mode": "governance"}, True),
        ("r1/letter.pdf", {"days": -1}, True),
        ("r1/letter.pdf", {"days": 1}, False),
        ("r1/proof.pdf", {"mode": "compliance"}, False),
        ("r1/proof.pdf", {"days": -1}, True),
        ("r1/recipients.json", {"days": -1}, True),
    ],
    ids=[
        "a record that could be bypassed",
        "a record for less long",
        "a record for longer",
        "a working paper more strictly",
        "a working paper for less long",
        "addresses for less long",
    ],
)
def test_a_lock_must_be_as_strict_and_last_as_long_as_told(case, name, change, differs):
    key = case.key(name)
    mode, until = case.store.locks[key]
    case.store.locks[key] = Lock(
        change.get("mode", mode), until + timedelta(days=change.get("days", 0))
    )

    assert checked(case)[0] == ([key] if differs else [])


def test_today_s_settings_change_nothing_of_what_was_told(case):
    settings = settings_that_lock(case.office.root, "none")
    other = Case(replace(case.office, settings=settings, kinds={}), case.reference)
    case.store.locks.pop(case.key("r1/letter.pdf"))

    assert checked(other)[0] == [case.key("r1/letter.pdf")]


def test_what_came_later_is_not_judged(case):
    later(case)

    assert checked(case)[0] == []


def test_what_another_process_adds_while_all_is_locked_is_not_judged(case, monkeypatch):
    case.store.locks.clear()
    names, added = case.names, []

    def names_and_then():
        listed = names()
        added.append(later(case))
        return listed

    monkeypatch.setattr(case, "names", names_and_then)
    assert lock_record(StepRun(case, "close-case"), 1) > 0

    assert (checked(case)[0], added[0] in case.store.locks) == ([], False)


def test_a_lock_that_is_over_is_not_asked_for(case):
    key = case.key("r1/proof.pdf")
    case.store.locks.pop(key)
    assert checked(case)[0] == [key]

    case.office.clock.advance(3 * 366 * 86_400)

    assert checked(case)[0] == []


def test_what_is_gone_is_told_by_the_hashes_alone(case):
    key = case.key("r1/proof.pdf")
    (case.store.root / key).unlink()

    assert checked(case)[0] == []


def test_a_letter_s_verification_tells_it(case):
    key = case.key("r1/letter.pdf")
    case.store.locks.pop(key)

    report = verify_office(as_another_process(case.office), reference=case.reference)

    (difference,) = report.differences
    assert (difference.check, difference.code, difference.object) == ("locks", "not-locked", key)
    assert difference.message.startswith("It is not locked; the chain says: under compliance until")


def test_nothing_is_asked_of_a_copy_in_a_folder(case):
    there = replace(case.office, store=FolderStore(case.store.root))

    assert checked(Case(there, case.reference)) == ([], 0)


def test_a_store_that_cannot_be_asked_just_now_is_no_difference(case, monkeypatch):
    def unavailable(_):
        raise StoreUnavailable("It doesn't answer.")

    monkeypatch.setattr(case.store, "locked", unavailable)

    with pytest.raises(StoreUnavailable):
        checked(case)


# Legal hold


def test_what_is_on_hold_must_be_held_but_for_what_came_since(case):
    hold(case, is_held=True, why=WHY)
    keys = named(case)
    after = later(case)
    assert checked(case)[0] == []

    case.store.held.clear()

    assert checked(case)[0] == keys
    hold(case, is_held=True, why=WHY)
    assert checked(case)[0] == []
    case.store.held.clear()
    assert checked(case)[0] == sorted([*keys, after])


def test_what_was_released_need_not_be_held(case):
    hold(case, is_held=True, why=WHY)
    hold(case, is_held=False, why=WHY)

    assert (checked(case)[0], case.store.held) == ([], set())


def test_a_release_while_it_is_verified_makes_no_difference(case, monkeypatch):
    hold(case, is_held=True, why=WHY)
    is_held = case.store.is_held

    def released_first(key):
        monkeypatch.setattr(case.store, "is_held", is_held)
        hold(case, is_held=False, why=WHY)
        return is_held(key)

    def ask_late():
        monkeypatch.setattr(case.store, "is_held", released_first)

    monkeypatch.setattr("tasks.archiving.verify_locks.AT_ONCE", 1)
    assert checked(case, ask_late)[0] == []


def test_a_hold_that_was_cut_short_is_judged_when_it_was_done(case, monkeypatch):
    def cut_short(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tasks.archiving.holding._set_all", cut_short)
        with pytest.raises(KeyboardInterrupt):
            hold(case, is_held=True, why=WHY)
    assert checked(case)[0] == []

    # All of it was held when the process died, so that nothing changes now.
    case.store.held.update([*map(case.key, case.names()), *intake_keys(case)])
    hold(case, is_held=True, why=WHY)
    case.store.held.discard(case.key("r1/letter.pdf"))

    assert checked(case)[0] == [case.key("r1/letter.pdf")]


def test_an_entry_that_no_step_wrote_is_told_and_stops_nothing(case):
    told = {"class": "record", "mode": "compliance", "until": "some day", "up_to": 9}
    StepRun(case, "close-case").note("locked", revision=1, **told)
    case = Case(as_another_process(case.office), case.reference)
    found = Findings()

    check_locks(case, VerifiedChain(case.office, case.chain.prefix, found), found)

    assert [(d.check, d.code, d.object) for d in found.differences] == [
        ("locks", "unreadable", case.prefix)
    ]
