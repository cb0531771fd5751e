"""What belongs to no letter is locked by night, and little more than what is new is asked about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.check_archive import check_slice
from tasks.archiving.locking import RUN, lock_office
from tasks.case.store import Lock, StoreUnavailable
from tests.archiving.locking_folder import LockingFolder, settings_that_lock
from tests.archiving.test_locking import TODAY, YEARS, an_office_of_today, locking, years_from
from tests.issuing import issue
from tests.radosgw import moto as moto

ROOMS = ("ledger", "inspectors", "seals", "anchors", "events")


def an_office_that_locks(root, lock="governance", **overrides):
    office = an_office_of_today(root)
    store, settings = LockingFolder(root / "archive"), settings_that_lock(root, lock)
    return replace(office, **{"store": store, "settings": settings, **overrides})


def laid(office, *keys):
    for key in keys:
        office.store.put(key, b"{}")
    return list(keys)


def in_the_ledger(office, first, last):
    return laid(office, *(f"ledger/{seq:08d}.json" for seq in range(first, last + 1)))


def day(back):
    return f"{TODAY - timedelta(days=back):%Y-%m-%d}"


def bare(office):
    return [key for key in office.store.list("") if key not in office.store.locks]


ONE_OF_EACH = (
    "anchors/00000003-0123456789abcdef.tsr",
    f"events/{day(0)}/ab.json",
    f"events/{day(400)}/ab.json",
    "events/audit/00000001.json",
    "inspectors/helmsley/keys/1.json",
    "ledger/00000001.json",
    "reviews/2010/whole/1/review.json",
    "reviews/2011/authorities/westmere/audit/00000001.json",
    "seals/ab.pem",
)


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_each_room_is_locked_from_today_for_as_long_as_any_kind_s_record_is_kept(tmp_path, mode):
    office = an_office_that_locks(tmp_path, mode)
    longer, shorter = (
        kind.model_copy(update={"retention": YEARS.model_copy(update={"record_years": years})})
        for kind, years in zip([*office.kinds.values()] * 2, (40, 3), strict=False)
    )
    office = replace(office, kinds={"longer": longer, "shorter": shorter})
    keys = laid(office, *ONE_OF_EACH)
    others = laid(office, "cases/2011/westmere/X/case.json", "intake/ab/original.md")

    assert lock_office(office) == len(keys)

    batches = {key for key in keys if key.startswith("events/2")}
    assert office.store.locks == {
        key: Lock("governance", years_from(TODAY, YEARS.contacts_years))
        if key in batches
        else Lock(mode, years_from(TODAY, 40))
        for key in keys
    }
    assert bare(office) == others
    assert lock_office(office) == 0


def test_what_bears_a_lock_is_left_alone(tmp_path):
    office = an_office_that_locks(tmp_path, "compliance")
    laid(office, *ONE_OF_EACH)
    short = Lock("governance", TODAY + timedelta(days=1))
    office.store.locks["seals/ab.pem"] = short

    assert lock_office(office) == len(ONE_OF_EACH) - 1
    assert office.store.locks["seals/ab.pem"] == short


@pytest.mark.parametrize("why", ["no lock asked for", "no years", "a folder"])
def test_nothing_is_locked_where_nothing_is_to_be(tmp_path, why):
    office = an_office_that_locks(tmp_path, "none" if why == "no lock asked for" else "governance")
    laid(office, *ONE_OF_EACH)
    if why == "no years":
        none = {"retention": YEARS.model_copy(update={"record_years": 0, "contacts_years": 0})}
        kinds = {id_: kind.model_copy(update=none) for id_, kind in office.kinds.items()}
        office = replace(office, kinds=kinds)
    if why == "a folder":
        office = replace(office, store=an_office_of_today(tmp_path).store)

    assert lock_office(office) == 0
    assert getattr(office.store, "locks", {}) == {}


def test_of_a_long_ledger_only_the_end_is_asked_about(tmp_path):
    office = an_office_that_locks(tmp_path)
    in_the_ledger(office, 1, 10 * RUN)
    assert lock_office(office) == 10 * RUN
    new = in_the_ledger(office, 10 * RUN + 1, 10 * RUN + 3)
    office.store.asked.clear()

    assert lock_office(office) == len(new)

    assert (bare(office), len(set(office.store.asked)) <= 3 * RUN) == ([], True)


def test_of_many_days_only_the_last_are_asked_about(tmp_path):
    office = an_office_that_locks(tmp_path)
    for back in range(0, 300, 3):
        laid(office, *(f"events/{day(back)}/{n:02d}.json" for n in range(5)))
    assert lock_office(office) == 500
    laid(office, f"events/{day(0)}/99.json")
    office.store.asked.clear()

    assert lock_office(office) == 1

    assert (bare(office), len(set(office.store.asked)) <= 2 * RUN) == ([], True)


def test_a_batch_that_comes_late_to_a_busy_day_is_locked(tmp_path):
    office = an_office_that_locks(tmp_path)
    laid(office, *(f"events/{day(back)}/{n:02d}.json" for back in (0, 1) for n in range(2 * RUN)))
    lock_office(office)
    late = laid(office, f"events/{day(1)}/zz.json")

    assert (lock_office(office), late[0] in office.store.locks) == (1, True)


def reviews(office, year, *numbers):
    """What is kept of a year in which each authority was told of so often."""
    places = [f"reviews/{year}/authorities/a{n:02d}" for n in range(RUN)]
    return laid(
        office,
        *(f"{place}/{number}/review.json" for place in places for number in numbers),
        *(f"{place}/audit/{3 * n:08d}.json" for place in places for n in numbers),
    )


def test_of_reviews_only_the_last_year_is_asked_about_and_what_was_told_anew(tmp_path):
    office = an_office_that_locks(tmp_path)
    for year in (2008, 2009, 2010):
        reviews(office, year, 1)
    assert lock_office(office) == 6 * RUN
    place = "reviews/2008/authorities/a07"
    laid(
        office,
        f"{place}/2/review.json",
        f"{place}/2/charts/1/a.svg",
        f"{place}/audit/00000004.json",
    )
    office.store.asked.clear()

    assert lock_office(office) == 3

    assert (bare(office), len(set(office.store.asked)) <= 4 * RUN + 3) == ([], True)


def test_an_interrupted_night_leaves_nothing_behind(tmp_path, monkeypatch):
    """The server fails once for an old entry, while those after it are locked."""
    office = an_office_that_locks(tmp_path)
    keys = in_the_ledger(office, 1, 6 * RUN)
    lock = office.store.lock

    def failing(key, wanted):
        if key == keys[2 * RUN]:
            raise StoreUnavailable("It doesn't answer.")
        lock(key, wanted)

    monkeypatch.setattr(office.store, "lock", failing)
    with pytest.raises(StoreUnavailable):
        lock_office(office)
    monkeypatch.setattr(office.store, "lock", lock)
    in_the_ledger(office, 6 * RUN + 1, 6 * RUN + 2)

    lock_office(office)

    assert bare(office) == []


@pytest.mark.slow
def test_the_nightly_check_locks_them_in_a_bucket(moto, tmp_path):
    case = locking(issue(an_office_of_today(tmp_path))[0], moto)
    store = case.store

    assert check_slice(case.office).troubles == ()

    keys = [key for room in ROOMS for key in store.list(room)]
    assert len(keys) > 5
    assert {store.locked(key) for key in keys} == {
        Lock("governance", years_from(TODAY, YEARS.record_years))
    }
