"""Disposal: what is due when, that it takes two, what a certificate removes, and what remains."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from flows.exporting import export_office_letter
from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.case import State
from letters.change import ChangeKind
from letters.disposal import Certificate, Keeping
from letters.errors import UsageError
from letters.kind import Retention
from letters.report import Disposed
from letters.signoff import Decision
from tasks.archiving.certificates import (
    certificate_key,
    certificates,
    disposed_record,
    find_certificate,
    is_completed,
    proposal_key,
    proposals,
)
from tasks.archiving.disposal import approve, propose
from tasks.archiving.holding import hold
from tasks.archiving.retention import due, keys_of_case
from tasks.archiving.story import shown_history
from tasks.archiving.verify_disposals import certify
from tasks.archiving.year_audit import audit_year
from tasks.case.case import Case, open_case
from tasks.case.folder import FolderStore
from tasks.case.intake import take_in
from tasks.case.ledger import ledger_of
from tasks.case.record import StepRun
from tasks.case.store import Lock
from tasks.drafting.change import STEP, order_correction
from tasks.drafting.draft import compose_draft, draft
from tests.archiving.locking_folder import LockingFolder, settings_that_lock
from tests.archiving.test_changes import ordered, sent
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    a_sample_office,
    as_another_process,
    copied,
    do,
    in_other_words,
    issue,
)
from tests.offices import TickingClock, some_settings
from tests.radosgw import moto as moto

YEAR = timedelta(days=366)
WORKING, CONTACTS, RECORD = Keeping.WORKING, Keeping.CONTACTS, Keeping.RECORD
WHY = "Our retention schedule, line 4"


class Killed(BaseException):
    """The process is gone."""


def later(office, years, actor="anna@desk-3", **overrides):
    """The office as somebody finds it that many years later, in a process of their own."""
    clock = TickingClock(start=TickingClock()() + years * YEAR)
    return as_another_process(replace(office, clock=clock, actor=actor, **overrides))


def by(office, user):
    """The office as another person's process has it."""
    return as_another_process(replace(office, actor=user))


def disposed(office, keeping=WORKING, of=REFERENCE):
    """Propose and approve; return the certificate."""
    proposal = propose(by(office, "anna@desk-3"), of, keeping, why=WHY)
    return approve(by(office, "bert@desk-3"), proposal.number, why="Seen")


@contextmanager
def killed_after(office, count, monkeypatch):
    """The process dies before it removes one object more; with fewer to remove it doesn't."""
    remove, number = FolderStore.remove, iter(range(1000))

    def killed(store, key):
        if store.root == office.store.root and next(number) >= count:
            raise Killed
        remove(store, key)

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(FolderStore, "remove", killed)
        yield


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """An office in which the letter was returned once and then issued."""
    office = a_sample_office(tmp_path_factory.mktemp("first"))
    issue(office, decision=Decision.RETURN)
    issue(office, in_other_words())
    return office


@pytest.fixture
def office(first, tmp_path):
    """A copy of it, 30 years later, when all is due."""
    root = copied(first.root, tmp_path / "office")
    return later(a_sample_office(root, clock=first.clock), 30)


@pytest.mark.parametrize(
    ("years", "classes"),
    [
        pytest.param(1, (), id="nothing a year after the closing"),
        pytest.param(3, (WORKING,), id="working papers after two years"),
        pytest.param(7, (WORKING, CONTACTS), id="contacts after six"),
        pytest.param(26, (WORKING, CONTACTS, RECORD), id="the record after twenty-five"),
    ],
)
def test_what_is_due_is_listed(first, years, classes):
    assert [(each.of, each.keeping) for each in due(later(first, years))] == [
        (REFERENCE, keeping) for keeping in classes
    ]


def test_what_was_issued_is_the_record_and_what_was_returned_working_papers(office):
    case = Case(office, REFERENCE)
    working = {key.removeprefix(case.key("")) for key in keys_of_case(case, WORKING)}

    assert {name for name in working if name.startswith("r1/")} >= {
        "r1/letter.json",
        "r1/signoff.json",
        "r1/recipients.json",
    }
    assert {name for name in working if name.startswith("r2/")} == {
        "r2/draft/cleared.json",
        "r2/draft/original.md",
        "r2/proof.pdf",
    }
    assert [name.partition("/")[0] for name in working if not name.startswith("r")] == [
        "intake",
        "intake",
    ]
    assert keys_of_case(case, CONTACTS) == [case.key("r2/recipients.json")]


@pytest.mark.parametrize("keeping", Keeping)
def test_what_a_certificate_names_is_gone_and_nothing_differs(office, keeping):
    certificate = disposed(office, keeping)

    report = verify_office(office)
    assert report.differences == report.open_objects == report.to_be_removed == ()
    named = {each.key for each in certificate.proposal.objects}
    assert {told.object for told in report.disposed} == named
    assert not any(map(office.store.exists, named))
    assert verify_office(office, reference=REFERENCE).differences == ()
    assert due(office) == [each for each in due(office) if each.keeping is not keeping]


def test_one_after_another_until_only_the_trail_is_left(office):
    for keeping in (WORKING, CONTACTS, RECORD):
        disposed(office, keeping)

    case = Case(office, REFERENCE)
    assert {name.partition("/")[0] for name in case.names()} == {"audit", "case.json"}
    assert due(office) == []
    assert verify_office(office).is_clean
    assert [each.number for each in certificates(office)] == [1, 2, 3]
    assert disposed_record(case).number == 3
    assert shown_history(case)
    with pytest.raises(UsageError) as refused:
        open_case(office, REFERENCE)
    assert refused.value.code == "case-emptied"


def test_the_letter_stays_issued_when_its_contacts_are_gone(office):
    disposed(office, CONTACTS)

    case = Case(office, REFERENCE)
    assert (case.recipients(2), case.state(2)) == ((), State.ISSUED)


def test_the_e_mails_in_the_outbox_go_with_the_contacts(office):
    emails = sorted(path.name for path in office.outbox_folder.glob("*.eml"))

    certificate = disposed(office, CONTACTS)

    assert emails
    assert [email.key for email in certificate.emails] == emails
    assert list(office.outbox_folder.glob("*.eml")) == []
    assert verify_office(office).is_clean


def test_an_export_tells_what_is_disposed_of_and_holds_the_certificate(office, tmp_path):
    certificate = disposed(office)

    bag = export_office_letter(office, REFERENCE, tmp_path / "bag")

    assert bag.missing == tuple(
        f"archive/{each.key}: disposed of, by certificate 1."
        for each in sorted(certificate.proposal.objects, key=lambda each: each.key)
    )
    for key, paper in ((proposal_key(1), certificate.proposal), (certificate_key(1), certificate)):
        assert (tmp_path / "bag/data/archive" / key).read_bytes() == paper.to_bytes()


def test_its_reference_is_given_to_no_other_letter(office):
    disposed(office, RECORD)

    for data, code in ((SHORT_DRAFT, "draft-disposed"), (SHORT_DRAFT + b"\n", "case-emptied")):
        with pytest.raises(UsageError) as refused:
            do("draft-letter", take_in(office, data, "md"), draft)
        assert refused.value.code == code


def test_a_draft_that_became_no_letter_goes_after_two_years(tmp_path):
    office = a_sample_office(tmp_path)
    data = SHORT_DRAFT.replace(b"Yours sincerely", b"Your sincerely")
    do("draft-letter", take_in(office, data, "md"), draft)
    of = f"intake/{sha256_hex(data)}"

    assert due(later(office, 1)) == []
    (told,) = due(later(office, 3))
    assert refused(later(office, 3), CONTACTS, of) == "class-wrong"
    disposed(later(office, 3), of=of)

    assert (told.of, told.keeping, told.objects) == (of, WORKING, 1)
    assert due(later(office, 3)) == []
    assert verify_office(office).disposed == (Disposed(object=f"{of}/original.md", certificate=1),)
    assert verify_office(office).is_clean


@pytest.mark.parametrize(
    "actor",
    [
        pytest.param("anna@desk-3", id="the same user"),
        pytest.param("anna@desk-9", id="the same user on another machine"),
        pytest.param("ANNA@desk-3", id="the same user in capitals"),
    ],
)
def test_nobody_approves_what_they_proposed(office, actor):
    proposal = propose(office, REFERENCE, WORKING, why=WHY)

    with pytest.raises(UsageError) as refused:
        approve(by(office, actor), proposal.number, why="Seen")

    assert refused.value.code == "same-person"
    assert find_certificate(office, proposal.number) is None
    assert proposals(office) == [proposal]


def refused(office, keeping=WORKING, of=REFERENCE, why=WHY):
    with pytest.raises(UsageError) as error:
        propose(office, of, keeping, why=why)
    return error.value.code


def test_what_is_not_due_is_not_proposed(first, tmp_path):
    office = a_sample_office(copied(first.root, tmp_path / "office"), clock=first.clock)

    assert refused(office) == "not-due"
    assert refused(later(office, 3), CONTACTS) == "not-due"
    assert refused(later(office, 7), RECORD) == "not-due"


def test_the_record_waits_for_what_else_is_kept(first, tmp_path):
    office = a_sample_office(copied(first.root, tmp_path / "office"), clock=first.clock)
    long = Retention(record_years=1, contacts_years=9)
    kinds = {
        name: kind.model_copy(update={"retention": long}) for name, kind in office.kinds.items()
    }

    assert refused(later(office, 8, kinds=kinds), RECORD) == "not-due"
    assert disposed(later(office, 10, kinds=kinds), RECORD).number == 1


@pytest.mark.parametrize(
    ("of", "keeping", "why", "code"),
    [
        pytest.param(REFERENCE, WORKING, " ", "why-missing", id="no reason"),
        pytest.param(REFERENCE, WORKING, "x" * 2001, "why-too-long", id="a book for a reason"),
        pytest.param("CRA-NOWHERE-2011", WORKING, WHY, "case-missing", id="no such letter"),
        pytest.param(f"intake/{'0' * 64}", WORKING, WHY, "draft-missing", id="no such draft"),
        pytest.param(
            f"intake/{sha256_hex(SHORT_DRAFT)}",
            WORKING,
            WHY,
            "draft-became-letter",
            id="a letter's",
        ),
    ],
)
def test_a_proposal_is_refused(office, of, keeping, why, code):
    assert refused(office, keeping, of, why) == code
    assert proposals(office) == []


def test_the_same_is_proposed_once(office):
    propose(office, REFERENCE, WORKING, why=WHY)

    assert refused(office) == "already-proposed"
    approve(by(office, "bert@desk-3"), 1, why="Seen")
    assert refused(office) == "nothing-left"


def test_what_is_not_what_the_trail_names_is_evidence_and_stays(office):
    path = office.store.root / Case(office, REFERENCE).key("r2/draft/original.md")
    path.unlink()
    path.write_bytes(b"other words")

    assert refused(office) == "not-as-recorded"


def test_a_letter_that_is_being_corrected_is_not_disposed_of(office):
    proposal = propose(office, REFERENCE, WORKING, why=WHY)
    case, data = Case(office, REFERENCE), in_other_words() + b"\nOne more sentence.\n"
    composition = compose_draft(office, data, "original.md")
    order_correction(
        StepRun(case, STEP), take_in(office, data, "md"), composition.letter, reason="A number"
    )

    assert case.rounds().change.kind is ChangeKind.CORRECTION
    assert refused(office) == "case-open"
    with pytest.raises(UsageError) as error:
        approve(by(office, "bert@desk-3"), proposal.number, why="Seen")
    assert error.value.code == "case-open"


def test_what_came_since_the_proposal_makes_it_outdated(office):
    proposal = propose(office, REFERENCE, RECORD, why=WHY)
    disposed(office, WORKING)

    with pytest.raises(UsageError) as error:
        approve(by(office, "bert@desk-3"), proposal.number, why="Seen")

    assert error.value.code == "proposal-outdated"
    assert find_certificate(office, proposal.number) is None


def test_what_is_on_legal_hold_is_not_disposed_of(office):
    store = LockingFolder(office.store.root)
    held = as_another_process(
        replace(office, store=store, settings=settings_that_lock(office.root, "governance"))
    )
    hold(Case(held, REFERENCE), is_held=True, why="A court")

    assert refused(held) == "case-held"
    assert {each.is_held for each in due(held)} == {True}


def test_what_was_issued_and_corrected_since_is_the_record_too(tmp_path, monkeypatch):
    case, _ = issue(a_sample_office(tmp_path))
    assert sent(case, ordered(case)) == 2
    office = later(case.office, 30)

    assert [
        name.removeprefix(case.key(""))
        for name in keys_of_case(Case(office, REFERENCE), WORKING)
        if name.startswith(case.key("r1/"))
    ] == ["r1/draft/cleared.json", "r1/draft/original.md", "r1/proof.pdf"]
    for keeping in (WORKING, CONTACTS):
        disposed(office, keeping)
        assert verify_office(office).is_clean
    for removed in range(6):  # orders, closings, issues
        with killed_after(office, removed and 1, monkeypatch):
            if removed:
                approve(office, 3, why="")
            else:
                disposed(office, RECORD)
        assert verify_office(office).differences == ()
    approve(office, 3, why="")
    assert (verify_office(office).is_clean, verify_office(office).to_be_removed) == (True, ())


@pytest.mark.parametrize("code", ["object-locked", "object-held"])
def test_what_the_store_keeps_is_not_disposed_of(office, code):
    store = LockingFolder(office.store.root)
    office = replace(office, store=store, settings=settings_that_lock(office.root, "governance"))
    key = Case(office, REFERENCE).key("r2/proof.pdf")
    if code == "object-locked":
        store.lock(key, Lock("governance", office.clock() + YEAR))
    else:
        store.hold(key, True)

    assert refused(as_another_process(office)) == code


def test_in_a_bucket_no_version_of_it_is_left(office, moto):
    bucket = moto.bucket()
    store = moto.store(bucket, "office")
    for key in office.store.list(""):
        store.put(key, office.store.get(key))
    archive = moto.archive(bucket, prefix="office").model_dump()
    office = as_another_process(
        replace(office, store=store, settings=some_settings(office.root, archive=archive))
    )

    certificate = disposed(office, RECORD)

    listed = moto.client().list_object_versions(Bucket=bucket, Prefix="office/")
    left = {each["Key"] for kind in ("Versions", "DeleteMarkers") for each in listed.get(kind, ())}
    assert left.isdisjoint({f"office/{each.key}" for each in certificate.proposal.objects})
    assert verify_office(office).is_clean


@pytest.mark.parametrize("keeping", Keeping)
@pytest.mark.parametrize("removed_before", [0, 1, 3])
def test_whoever_is_killed_leaves_what_is_understood_and_completed(
    office, keeping, removed_before, monkeypatch
):
    proposal = propose(office, REFERENCE, keeping, why=WHY)
    with killed_after(office, removed_before, monkeypatch):
        approve(by(office, "bert@desk-3"), proposal.number, why="Seen")

    half = verify_office(office)
    assert half.differences == ()
    assert len(half.disposed) == min(removed_before, len(proposal.objects))
    assert len(half.disposed) + len(half.to_be_removed) == len(proposal.objects)
    if half.to_be_removed:
        assert refused(office, keeping) == "disposal-unfinished"
    # It was approved: whoever asks completes it.
    approve(office, proposal.number, why="")
    assert (verify_office(office).differences, verify_office(office).to_be_removed) == ((), ())
    assert is_completed(office, proposal.number)


def test_a_certificate_that_a_crash_left_unentered_is_entered_before_anything_goes(
    office, monkeypatch
):
    proposal = propose(office, REFERENCE, WORKING, why=WHY)
    bert = by(office, "bert@desk-3")
    put = FolderStore.put

    def killed_after(store, key, data):
        stored = put(store, key, data)
        if key == certificate_key(1):
            raise Killed
        return stored

    monkeypatch.setattr(FolderStore, "put", killed_after)
    with pytest.raises(Killed):
        approve(bert, proposal.number, why="Seen")
    monkeypatch.undo()

    report = verify_office(office)
    assert (report.differences, report.disposed) == ((), ())
    assert report.open_objects == (certificate_key(1),)
    assert approve(by(office, "carl@desk-3"), 1, why="Too").approved_by == "bert@desk-3"
    assert verify_office(office).is_clean


def test_what_is_disposed_of_while_it_is_verified_is_not_missing(office, monkeypatch):
    def then_disposed(*arguments):
        certify(*arguments)
        disposed(office)

    monkeypatch.setattr("tasks.archiving.verify.certify", then_disposed)
    report = verify_office(office)

    assert report.differences == ()
    assert {each.certificate for each in report.disposed} == {1}


def differing(office):
    return [(d.check, d.code, d.object) for d in verify_office(office).differences]


def test_what_lies_there_again_differs(office):
    key = Case(office, REFERENCE).key("r2/draft/original.md")
    data = office.store.get(key)
    disposed(office)
    office.store.put(key, data)

    assert differing(office) == [("hashes", "added", key)]


def test_an_e_mail_that_lies_there_again_differs(office):
    (path, *_) = office.outbox_folder.glob("*.eml")
    data = path.read_bytes()
    disposed(office, CONTACTS)
    path.write_bytes(data)

    assert ("sent", "added", f"outbox/{path.name}") in differing(office)


def test_what_is_gone_without_a_certificate_is_missing(office):
    key = Case(office, REFERENCE).key("r2/letter.txt")
    disposed(office)
    office.store.remove(key)

    assert ("hashes", "missing", key) in differing(office)


def test_a_certificate_that_the_ledger_does_not_name_disposes_of_nothing(office):
    proposal = propose(office, REFERENCE, CONTACTS, why=WHY)
    forged = Certificate(
        proposal=proposal,
        emails=(),
        why="Seen",
        approved_by="bert@desk-3",
        approved_at=proposal.proposed_at,
    )
    office.store.put(certificate_key(1), forged.to_bytes())
    key = proposal.objects[0].key
    office.store.remove(key)

    assert {("hashes", "missing", key), ("hashes", "added", certificate_key(1))} <= set(
        differing(office)
    )
    assert certificates(office) == []


def test_a_certificate_of_one_person_alone_disposes_of_nothing(office):
    proposal = propose(office, REFERENCE, CONTACTS, why=WHY)
    forged = Certificate(
        proposal=proposal,
        emails=(),
        why="Seen",
        approved_by="bert@desk-3",
        approved_at=proposal.proposed_at,
    ).to_bytes()
    forged = forged.replace(b"bert@desk-3", b"anna@desk-3")
    office.store.put(certificate_key(1), forged)
    told = {"object": certificate_key(1), "sha256": sha256_hex(forged), "number": 1}
    ledger_of(office).append("ledger", "disposed", detail=told)
    key = proposal.objects[0].key
    office.store.remove(key)

    assert {
        ("hashes", "missing", key),
        ("sign-offs", "sign-off-invalid", certificate_key(1)),
    } <= set(differing(office))


@pytest.mark.parametrize(
    ("key_of", "before", "after"),
    [
        pytest.param(proposal_key, b"line 4", b"line 5", id="proposal"),
        pytest.param(certificate_key, b"Seen", b"Read", id="certificate"),
    ],
)
def test_an_altered_paper_differs_and_such_a_certificate_disposes_of_nothing(
    office, key_of, before, after
):
    certificate = disposed(office)
    path = office.store.root / key_of(1)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(before, after))

    missing = {("hashes", "missing", each.key) for each in certificate.proposal.objects}
    found = {told for told in differing(office) if told[0] == "hashes"}
    assert found == {("hashes", "changed", key_of(1))} | (
        missing if key_of is certificate_key else set()
    )


def test_the_papers_are_entered_with_their_hashes_before_anything_goes(office):
    disposed(office)

    events = [entry.event for entry in ledger_of(office).entries()][-5:]
    assert events == [
        *("announced", "disposal-proposed"),
        *("announced", "disposed", "disposal-completed"),
    ]
    assert proposals(office) == [each.proposal for each in certificates(office)]


@pytest.mark.parametrize("keeping", list(Keeping), ids=lambda keeping: f"the {keeping} class")
def test_a_year_of_which_something_was_disposed_of_is_whole(office, keeping):
    disposed(office, keeping)

    audit = audit_year(as_another_process(office), 2011)

    assert [(row.reference, row.code) for row in audit.damaged] == [(REFERENCE, "disposed")]
    assert audit.is_whole
