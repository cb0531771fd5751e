"""Locks and holds: what is kept how long, and that the store keeps it against the office itself."""

import json
from calendar import isleap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from flows.verification import verify_office
from letters.errors import UsageError
from letters.kind import Retention
from letters.signoff import Decision
from tasks.archiving.archive import archive
from tasks.archiving.holding import hold, is_on_hold
from tasks.archiving.locking import (
    Keeping,
    intake_keys,
    keeping_of,
    lock_record,
    lock_what_came_later,
)
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.case.s3 import S3Store
from tasks.case.store import Lock, StoreRefused
from tasks.rendering.pack import render_approved
from tests.issuing import (
    SHORT_DRAFT,
    a_sample_office,
    copied,
    decide,
    do,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.offices import TickingClock, some_settings
from tests.radosgw import moto as moto
from tests.radosgw import radosgw as radosgw

pytestmark = pytest.mark.slow

TODAY = datetime.now(UTC).replace(microsecond=0)
"""Servers lock by their own clock."""

YEARS = Retention()


@pytest.mark.parametrize(
    ("name", "keeping"),
    [
        ("case.json", Keeping.RECORD),
        ("issue-1.json", Keeping.RECORD),
        ("closed.json", Keeping.RECORD),
        ("hold-1.json", Keeping.RECORD),
        ("audit/00000001.json", Keeping.RECORD),
        ("runs/1/1.json", Keeping.RECORD),
        ("r2/letter.json", Keeping.RECORD),
        ("r2/letter.pdf", Keeping.RECORD),
        ("r2/emails/director.json", Keeping.RECORD),
        ("r2/signoff.json", Keeping.RECORD),
        ("r2/confirmation-1.json", Keeping.RECORD),
        ("r2/pack.json", Keeping.RECORD),
        ("r2/manifest.json", Keeping.RECORD),
        ("r2/deliveries/0/claim-1.json", Keeping.RECORD),
        ("r2/recipients.json", Keeping.CONTACTS),
        ("r2/proof.pdf", Keeping.WORKING),
        ("r2/draft/original.md", Keeping.WORKING),
        ("r2/draft/cleared.json", Keeping.WORKING),
        ("r1/letter.json", Keeping.WORKING),
        ("r1/signoff.json", Keeping.WORKING),
        ("r1/recipients.json", Keeping.WORKING),
        ("r20/letter.json", Keeping.WORKING),
    ],
)
def test_what_an_object_is_kept_as_where_the_second_revision_was_issued(name, keeping):
    assert keeping_of(name, 2) is keeping


def locking(case, server, *, lock="governance", locks=True):
    """The case in another office, whose archive is a bucket of its own that locks.

    A letter of a sample inspector is begun in an office that doesn't: a live one refuses it.
    """
    before, bucket = case.office, server.bucket(locks=locks)
    archive = server.archive(bucket, prefix="office", lock=lock).model_dump()
    store = server.store(bucket, "office")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, before.store.get(key)), before.store.list("")))
    root = before.root.with_name(bucket)
    office = a_sample_office(
        copied(before.root, root),
        store=store,
        settings=some_settings(root, archive=archive),
        clock=TickingClock(before.clock()),
    )
    return Case(office, case.reference)


def an_office_of_today(root):
    """An office with its archive in a folder, where steps are quick."""
    return a_sample_office(root, clock=TickingClock(TODAY))


def entries(case, event):
    return [
        {k: entry.detail[k] for k in ("class", "mode", "until", "objects") if k in entry.detail}
        for entry in case.chain.entries()
        if entry.event == event
    ]


def years_from(day, years):
    """The end of that day, so many years later."""
    return datetime(day.year + years, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def locks_of(case, revision):
    """Every lock in the case, by what its object is kept as, and how many bear it."""
    store, found = case.store, {}
    for name in case.names():
        key = (keeping_of(name, revision), store.locked(case.key(name)))
        found[key] = found.get(key, 0) + 1
    for key in intake_keys(case):
        found[Keeping.WORKING, store.locked(key)] = (
            found.get((Keeping.WORKING, store.locked(key)), 0) + 1
        )
    return set(found)


def approved(office, data=SHORT_DRAFT):
    """A letter that is rendered after its approval, and not yet archived."""
    case, revision = submit(office, data)
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    return case, revision


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A letter that is ready for the archive; each test copies it into a bucket of its own."""
    return approved(an_office_of_today(tmp_path_factory.mktemp("office")))


@pytest.fixture(scope="module")
def issued(radosgw, tmp_path_factory):
    """A letter returned once, then issued, in an office whose record is under compliance."""
    office = an_office_of_today(tmp_path_factory.mktemp("office"))
    issue(office, decision=Decision.RETURN)
    begun, revision = approved(office, in_other_words())
    case = locking(begun, radosgw, lock="compliance")
    assert send_out(case, revision)
    return case, revision


def test_a_closed_case_is_locked_whole_by_what_its_objects_are(issued):
    case, revision = issued

    assert (revision, locks_of(case, revision)) == (
        2,
        {
            (Keeping.RECORD, Lock("compliance", years_from(TODAY, YEARS.record_years))),
            (Keeping.WORKING, Lock("governance", years_from(TODAY, YEARS.working_years))),
            (Keeping.CONTACTS, Lock("governance", years_from(TODAY, YEARS.contacts_years))),
        },
    )


def test_each_class_is_entered_once_when_committed_and_once_when_closed(issued):
    case, _ = issued
    told = entries(case, "locked")

    assert [(each["class"], each["mode"]) for each in told] == [
        ("record", "compliance"),
        ("working", "governance"),
        ("contacts", "governance"),
        ("record", "compliance"),
    ]
    assert all(each["objects"] > 0 for each in told)


def test_what_came_after_the_closing_is_locked_later(issued):
    case, _ = issued
    StepRun(case, "housekeeping").note("looked")

    assert lock_what_came_later(case) == 2  # that the step began, and what it noted
    assert lock_what_came_later(case) == 0


def test_what_is_under_compliance_is_never_a_working_paper_or_an_address(issued):
    case, revision = issued
    strict = [
        name for name in case.names() if case.store.locked(case.key(name)).mode == "compliance"
    ]

    assert {keeping_of(name, revision) for name in strict} == {Keeping.RECORD}
    assert [name for name in strict if name.startswith("r1/")] == []
    assert {case.store.locked(key).mode for key in intake_keys(case)} == {"governance"}


@pytest.mark.parametrize("name", ["r2/letter.pdf", "r2/proof.pdf", "audit/00000001.json"])
def test_what_is_locked_is_kept_against_the_office_s_own_credentials(issued, radosgw, name):
    case, _ = issued
    key, client = case.key(name), radosgw.client()
    at = {
        "Bucket": case.office.settings.archive.bucket,
        "Key": f"office/{key}",
        "VersionId": case.store.version(key),
    }
    before = case.store.locked(key)
    shorter = {"Mode": before.mode.upper(), "RetainUntilDate": before.until - timedelta(days=1)}

    for attempt in (
        lambda: client.delete_object(**at),
        lambda: client.put_object_retention(**at, Retention=shorter),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            attempt()
    if before.mode == "compliance":
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_object(**at, BypassGovernanceRetention=True)

    client.delete_object(
        **{**at, "VersionId": ""} if False else {k: at[k] for k in ("Bucket", "Key")}
    )
    assert (case.store.locked(key), case.store.exists(key)) == (before, True)


def test_a_case_issued_once_more_is_neither_written_nor_locked_anew(issued, monkeypatch):
    case, revision = issued
    before = case.names()
    monkeypatch.setattr(S3Store, "lock", lambda *_: pytest.fail("locked anew"))
    # Days later: the years run from the day of the commit.
    case.office.clock.advance(3 * 86_400)

    assert send_out(Case(case.office, case.reference), revision)

    assert case.names() == before


def test_the_manifest_names_the_version_of_each_object(issued):
    case, revision = issued
    manifest = json.loads(case.get(f"r{revision}/manifest.json"))

    assert [each["version"] for each in manifest["objects"]] == [
        case.store.version(case.key(each["name"])) for each in manifest["objects"]
    ]
    assert len(manifest["objects"]) > 5


def test_a_letter_that_was_locked_verifies(issued):
    case, _ = issued
    report = verify_office(case.office)

    # The markers that the test above laid are told, and nothing else.
    assert [f for f in report.differences if "Someone deleted it" not in f.message] == []


# Before anything is sent


def test_the_record_is_locked_before_anything_is_sent(radosgw, begun):
    case, revision = locking(begun[0], radosgw), begun[1]

    do("archive-letter", case, archive, revision)

    record = Lock("governance", years_from(TODAY, YEARS.record_years))
    locked = {name: case.store.locked(case.key(name)) for name in case.names()}
    assert {locked[f"r1/{name}"] for name in ("manifest.json", "letter.pdf", "pack.json")} == {
        record
    }
    assert locked["issue-1.json"] == record
    # The trail still grows.
    assert locked["audit/00000001.json"] is None


def test_a_bucket_that_cannot_lock_stops_the_letter_before_it_is_sent(radosgw, begun):
    case, revision = locking(begun[0], radosgw, locks=False), begun[1]

    with pytest.raises(StoreRefused) as refused:
        do("archive-letter", case, archive, revision)

    assert refused.value.code == "bucket-without-lock"
    assert [entry.detail["error"] for entry in case.chain.entries() if entry.event == "failed"] == [
        "bucket-without-lock"
    ]


def test_nothing_is_locked_that_nobody_asked_to_be(radosgw, begun):
    case, revision = locking(begun[0], radosgw, lock="none"), begun[1]

    do("archive-letter", case, archive, revision)

    assert lock_record(StepRun(case, "archive-letter"), revision) == 0
    assert entries(case, "locked") == []
    assert {case.store.locked(case.key(name)) for name in case.names()} == {None}


def test_a_letter_is_kept_from_its_date_where_that_lies_ahead(radosgw, begun):
    case, revision = locking(begun[0], radosgw), begun[1]
    leap = next(year for year in range(TODAY.year + 1, TODAY.year + 9) if isleap(year))
    ahead = case.letter(revision).model_copy(update={"date": date(leap, 2, 29)})
    case.letter = lambda _: ahead

    do("archive-letter", case, archive, revision)

    told = {each["class"]: each["until"][:10] for each in entries(case, "locked")}
    assert told == {
        "record": f"{leap + 25}-03-02",
        "working": f"{leap + 2}-03-02",
        "contacts": f"{leap + 6}-03-02",
    }


def test_what_needs_no_keeping_is_not_locked(radosgw, begun):
    case, revision = locking(begun[0], radosgw), begun[1]
    no_years = {"retention": Retention(working_years=0, contacts_years=1)}
    kinds = {id_: kind.model_copy(update=no_years) for id_, kind in case.office.kinds.items()}
    case = Case(replace(case.office, kinds=kinds), case.reference)
    # More than a year after the commit, what was to be kept for a year needs no lock any more.
    do("archive-letter", case, archive, revision)
    case.office.clock.advance(400 * 86_400)

    lock_record(StepRun(case, "close-case"), revision)

    assert [each["class"] for each in entries(case, "locked")] == ["record", "contacts"]


# Legal hold


def held_keys(case):
    keys = [*(case.key(name) for name in case.names()), *intake_keys(case)]
    return [key for key in keys if case.store.is_held(key)], keys


def test_a_hold_covers_every_object_and_is_told_until_its_release(moto, tmp_path):
    case = locking(issue(an_office_of_today(tmp_path))[0], moto, lock="none")
    ledger = case.office.chain("ledger")

    changed = hold(case, is_held=True, why="The court asks for it, ref. 12/34.")

    held, keys = held_keys(case)
    assert held == keys
    assert (changed > 20, is_on_hold(case)) == (True, True)
    assert ledger.entries()[-1].event == "held"
    assert ledger.entries()[-1].detail["object"] == case.key("hold-1.json")
    assert (ledger.entries()[-1].detail["case_seq"], ledger.entries()[-1].detail["case_head"]) == (
        case.chain.head()
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        moto.client().delete_object(
            Bucket=case.office.settings.archive.bucket,
            Key=f"office/{keys[0]}",
            VersionId=case.store.version(keys[0]),
            BypassGovernanceRetention=True,
        )

    before = (case.names(), ledger.head())
    assert hold(case, is_held=True, why="Once more.") == 0
    assert (case.names(), ledger.head()) == before

    hold(case, is_held=False, why="The court has decided.")

    assert (held_keys(case)[0], is_on_hold(case)) == ([], False)
    assert [e.event for e in ledger.entries()][-2:] == ["held", "released"]
    with pytest.raises(UsageError) as not_held:
        hold(case, is_held=False, why="Again.")
    assert not_held.value.code == "not-held"
    report = verify_office(case.office)
    assert (report.differences, report.open_objects, report.unanchored_entries) == ((), (), 0)


def test_a_hold_once_more_takes_in_what_came_since(moto, tmp_path):
    submitted, revision = submit(an_office_of_today(tmp_path))
    case = locking(submitted, moto, lock="none")
    hold(case, is_held=True, why="The court asks for it.")
    decide(case, revision)

    changed = hold(case, is_held=True, why="The court asks for it.")

    held, keys = held_keys(case)
    assert (held, changed > 1) == (keys, True)
    assert [name for name in case.names() if name.startswith("hold-")] == ["hold-1.json"]


@pytest.mark.parametrize(
    ("why", "code"), [("", "why-missing"), (" \n", "why-missing"), ("x" * 2001, "why-too-long")]
)
def test_a_hold_needs_a_reason(issued, why, code):
    case, _ = issued
    before = case.names()

    with pytest.raises(UsageError) as refused:
        hold(case, is_held=True, why=why)

    assert (refused.value.code, case.names()) == (code, before)


def test_a_folder_cannot_hold_and_says_so(tmp_path):
    case, _ = submit(a_sample_office(tmp_path))
    before = case.names()

    with pytest.raises(UsageError) as refused:
        hold(case, is_held=True, why="The court asks for it.")

    assert (refused.value.code, case.names()) == ("hold-impossible", before)
