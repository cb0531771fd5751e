"""The daily check: each letter has its day, what differs is told once, the head goes out."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from prefect.client.orchestration import get_client

from flows.check_archive import (
    CLEAN,
    DIFFERS,
    NOT_ANCHORED,
    SLICES,
    check_archive,
    check_slice,
    slice_of,
)
from flows.verification import verify_office
from letters.report import CHECKS
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tests.issuing import REFERENCE, SAMPLE_OFFICE, a_sample_office, as_another_process, issue
from tests.mailing.post_room import FakeProvider
from tests.offices import TickingClock, some_settings

MAILBOX = "anchors@elsewhere.example"

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def on(office_root, day, **overrides):
    """The office as a process of that day opens it, anchoring by e-mail."""
    settings = some_settings(office_root, anchors={"mailbox": MAILBOX})
    clock = TickingClock(day)
    return a_sample_office(office_root, settings=settings, clock=clock, **overrides)


@pytest.fixture
def root(tmp_path):
    issue(on(tmp_path / "office", MONDAY))
    return tmp_path / "office"


def day_of(reference, slices=SLICES):
    """The first day from Monday on that has the letter's slice."""
    days = (MONDAY + timedelta(days=n) for n in range(slices))
    return next(day for day in days if day.toordinal() % slices == slice_of(reference, slices))


def alter(root, name="r1/letter.txt"):
    office = on(root, MONDAY)
    path = office.store.root / Case(office, REFERENCE).key(name)
    path.write_bytes(path.read_bytes() + b" ")


def e_mails(root, header="X-Ledger-Head"):
    told = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((root / "outbox" / "notices").glob("*.eml"))
    ]
    return [message for message in told if header in message]


def test_each_letter_is_checked_on_one_day_of_the_cycle(root):
    days = [MONDAY + timedelta(days=n) for n in range(SLICES)]

    checks = [check_slice(on(root, day)) for day in days]

    assert [day for day, check in zip(days, checks, strict=True) if check.report.cases] == [
        day_of(REFERENCE)
    ]
    assert sorted(check.number for check in checks) == list(range(1, SLICES + 1))
    assert {check.state_name for check in checks} == {CLEAN}


def test_the_ledger_its_keys_and_seals_are_checked_every_day(root):
    another_day = day_of(REFERENCE) + timedelta(days=1)
    alter(root)
    office = on(root, another_day)
    assert check_slice(office).state_name == CLEAN

    (seal,) = office.store.list("seals")
    (office.store.root / seal).write_bytes(b"another")

    check = check_slice(on(root, another_day))
    assert [(d.code, d.object) for d in check.report.differences] == [("changed", seal)]


def test_all_letters_are_in_one_slice_of_one(root):
    alter(root)

    check = check_slice(on(root, MONDAY), slices=1)

    assert (check.number, check.report.cases, check.state_name) == (1, 1, DIFFERS)
    assert "r1/letter.txt" in str(check)


def test_the_ledger_s_head_goes_out_once(root):
    first = check_slice(on(root, MONDAY))
    again = check_slice(on(root, MONDAY + timedelta(days=1)))

    assert (first.anchored.mailed, again.anchored) == ("accepted", None)
    (message,) = e_mails(root)
    assert (message["To"], message["X-Ledger-Head"].partition(":")[0]) == (
        MAILBOX,
        str(first.anchored.seq),
    )
    assert verify_office(on(root, MONDAY)).is_clean


def test_the_office_is_told_of_each_difference_once(root):
    alter(root)
    day = day_of(REFERENCE)
    check_slice(on(root, day))
    told = [m for m in e_mails(root) if m["To"] != MAILBOX]
    assert len(told) == 1
    assert "r1/letter.txt" in told[0].get_body(("plain",)).get_content().replace("\n", "")

    check_slice(on(root, day + timedelta(days=SLICES)))
    assert len([m for m in e_mails(root) if m["To"] != MAILBOX]) == 1

    alter(root, "r1/letter.html")
    check_slice(on(root, day + timedelta(days=2 * SLICES)))
    _, new = sorted(
        (m for m in e_mails(root) if m["To"] != MAILBOX), key=lambda m: "letter.html" in str(m)
    )
    assert "r1/letter.txt" not in new.get_body(("plain",)).get_content()


def test_no_anchor_and_no_notice_goes_round_in_circles(root):
    """What is sent is entered into the ledger, which is not thereby new."""
    alter(root)
    check_slice(on(root, day_of(REFERENCE)))
    head = ledger_of(on(root, MONDAY)).head()

    check_slice(on(root, day_of(REFERENCE) + timedelta(days=SLICES)))

    assert ledger_of(on(root, MONDAY)).head() == head
    assert {d.object for d in verify_office(on(root, MONDAY)).differences} == {
        Case(on(root, MONDAY), REFERENCE).key("r1/letter.txt")
    }


@pytest.mark.parametrize("result", ["not-accepted", "refused", "unknown"])
def test_an_anchor_that_was_not_taken_is_no_clean_day(root, result):
    check = check_slice(on(root, MONDAY, notices=FakeProvider(result)))

    assert check.state_name == NOT_ANCHORED
    assert f"the e-mail to the mailbox is {result}" in str(check)
    assert check_slice(on(root, MONDAY)).anchored.mailed == "accepted"


def test_a_ledger_that_was_cut_is_told_and_not_added_to(root):
    office = on(root, MONDAY)
    last = office.store.list("ledger")[-1]
    (office.store.root / last).unlink()

    check = check_slice(as_another_process(office))

    assert check.state_name == DIFFERS
    assert ("cut-off", last) in {(d.code, d.object) for d in check.report.differences}
    assert len(check.troubles) == 2
    assert last not in office.store.list("ledger")


@pytest.mark.slow
@pytest.mark.parametrize("is_altered", [False, True], ids=["a clean archive", "an altered one"])
def test_a_run_ends_by_what_was_found_and_shows_it(root, monkeypatch, engine, is_altered):
    monkeypatch.setenv("LETTERS_OFFICE", str(root))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    if is_altered:
        alter(root)

    state = check_archive(slices=1, return_state=True)

    assert (state.name, state.type) == ((DIFFERS, "FAILED") if is_altered else (CLEAN, "COMPLETED"))
    assert ("letter.txt" in state.message) is is_altered
    with get_client(sync_client=True) as client:
        (artifact, *_) = sorted(
            client.read_artifacts(), key=lambda artifact: artifact.created, reverse=True
        )
    assert artifact.key == "check-archive"
    assert ("What differs" in artifact.data) is is_altered
    assert all(f"| {name} |" in artifact.data for name in (n.replace("-", "\\-") for n in CHECKS))
