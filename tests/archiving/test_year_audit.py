"""What the archive tells of a year: every letter, the damaged too, and always the same."""

import csv
import io
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta

import outloud
import pikepdf
import pytest

from letters.errors import UsageError
from letters.signoff import Decision
from tasks.archiving.year_audit import audit_year
from tasks.archiving.year_letter import LEFT_OUT, without_addresses
from tasks.archiving.year_report import PDF, report_files, report_values, write_files
from tasks.archiving.year_tables import LETTER_COLUMNS, cell
from tasks.case.case import Case
from tasks.case.chain import ChainBroken
from tasks.case.record import StepRun
from tasks.case.store import StoreUnavailable
from tasks.drafting.draft import compose_draft
from tasks.drafting.markdown.entries import with_entry
from tasks.mailing.events import apply_batch
from tasks.mailing.settle import settle
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    copied,
    decide,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.mailing.post_room import FakeProvider
from tests.offices import START, TickingClock, some_settings
from tests.provider_batches import event_of, kept, public_key

ORGANISATION = "Inspectorate of Children’s Services"
WAITING = "CRA-WESTMERE-2011-01-04"
WHY = "Counsel agrees."
ASK = "They rang: it came. Ask anna.bell@inspectorate.example, or Anna."
RETURNED_FOR = "=SUM(A1) Say which files."


class Provider(FakeProvider):
    """A provider that can write to anybody."""

    def carries_name(self, name):
        return True


def overridden(office, data, why):
    """The draft with everything that blocks it overridden."""
    text = data.decode()
    for problem in compose_draft(office, data, "draft.md").problems:
        if problem.is_blocking:
            entry = {"code": problem.code, "place": problem.place, "why": why}
            text = with_entry(
                text, "cleared", entry | {"words": problem.binding}, source="draft.md"
            )
    return text.encode()


def an_eventful_letter(office):
    """A letter overridden, returned, tried again, in doubt, settled and bounced."""
    unlawful = SHORT_DRAFT.replace(b"section 138", b"section 139")
    case, _ = submit(office, overridden(office, unlawful, WHY))
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.RETURN, comments=RETURNED_FOR)
    again = in_other_words(unlawful)
    case, revision = submit(office, overridden(office, again, WHY))
    decide(case, revision)
    first = StepRun(case, "render-letter", attempt=1, of=4)
    first.fail(StoreUnavailable("disk asleep"), again_in_seconds=1)
    StepRun(case, "render-letter", attempt=2, of=4).begin()
    send_out(case, revision)
    doubted = case.recipients(revision)[0]
    settle(office, case, revision, doubted, as_="sent", why=ASK)
    send_out(case, revision)
    event = event_of(case, case.recipients(revision)[1], "bounce", revision=revision)
    apply_batch(office, kept(office, event))
    return case


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """An office with an eventful letter, one that waits, and one of another year."""
    root = tmp_path_factory.mktemp("year") / "office"
    settings = some_settings(root, webhook={"public_key": public_key()})
    provider = Provider("unknown", "accepted")
    office = a_sample_office(root, settings=settings, provider=provider)
    an_eventful_letter(office)
    submit(office, SHORT_DRAFT.replace(b"8 and 9 March 2011", b"4 and 5 January 2011"))
    earlier = SHORT_DRAFT.replace(b"8 and 9 March 2011", b"8 and 9 March 2010")
    submit(office, overridden(office, earlier, "It was found in a drawer."))
    return root


@pytest.fixture
def office(root, tmp_path):
    """The office's folder, to be done with as one likes."""
    return a_sample_office(copied(root, tmp_path / "office"))


@pytest.fixture(scope="module")
def audit(root):
    return audit_year(a_sample_office(root), 2011)


@pytest.fixture(scope="module")
def files(audit):
    return report_files(audit, organisation=ORGANISATION)


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


def test_it_tells_the_letters_of_the_year_and_no_other(audit, root):
    assert [row.reference for row in audit.letters] == [WAITING, REFERENCE]
    assert (audit.damaged, audit.is_whole) == ((), True)
    assert [row.reference for row in audit_year(a_sample_office(root), 2010).letters] == [
        "CRA-WESTMERE-2010-03-08"
    ]
    assert audit_year(a_sample_office(root), 2012).letters == ()


def test_an_eventful_letter_s_row(audit):
    row = audit.letters[1]

    assert row.model_dump(
        include={
            *("state", "rounds", "revision", "inspected_until", "deadline_working_days"),
            *("returns", "overrides", "clearances", "retries", "settlements", "recipients"),
            *("attempts", "in_doubt", "refused", "bounced", "replacements", "held_by"),
        }
    ) == {
        "state": "issued",
        "rounds": 2,
        "revision": 2,
        "inspected_until": date(2011, 3, 9),
        "deadline_working_days": 20,
        "returns": 1,
        "overrides": 1,
        "clearances": 0,
        "retries": 1,
        "settlements": 1,
        "recipients": 2,
        "attempts": 2,
        "in_doubt": 0,
        "refused": 0,
        "bounced": 1,
        "replacements": 0,
        "held_by": "",
    }
    assert [one.signer for one in row.sign_offs] == ["Harriet Elmsley"]
    times = [row.drafted_at, row.packed_at, row.signed_at, row.archived_at]
    times += [row.first_accepted_at, row.last_accepted_at, row.issued_at]
    assert times == sorted(times)
    assert (row.days_to_signature, row.days_to_acceptance) == (3, 3)


def test_a_waiting_letter_s_row_has_no_times_that_are_still_to_come(audit):
    row = audit.letters[0]

    assert (row.state, row.rounds, row.recipients) == ("awaiting-sign-off", 1, 0)
    assert (row.signed_at, row.archived_at, row.last_accepted_at, row.issued_at) == (None,) * 4
    assert row.punctuality(audit.as_of.at) == "overdue"


def test_what_people_decided_is_told_with_who_when_and_why(audit):
    told = [(d.what, d.revision, d.code, d.about, d.who, d.why) for d in audit.decisions]

    assert told == [
        (
            *("override", 1, "statutory-basis-unlawful", "opening/1"),
            *("submitted by tester@desk", WHY),
        ),
        ("returned", 1, "", "", "Harriet Elmsley", RETURNED_FOR),
        ("approved", 2, "", "", "Harriet Elmsley", ""),
        (
            *("settlement", 2, "sent", "director", "tester@desk"),
            f"They rang: it came. Ask {LEFT_OUT}, or Anna.",
        ),
    ]
    assert all(decision.at for decision in audit.decisions)


def test_what_was_tried_again_is_told_by_its_step(audit):
    assert [row.model_dump() for row in audit.steps] == [
        {
            "reference": REFERENCE,
            "step": "render-letter",
            "retries": 1,
            "failures": 1,
            "errors": ("store-unavailable",),
        }
    ]


def test_a_withdrawal_is_told_with_its_reason(tmp_path):
    from tasks.drafting.change import order_withdrawal

    case, _ = issue(a_sample_office(tmp_path))
    order_withdrawal(StepRun(case, "change"), reason="It went to the wrong authority.")

    audit = audit_year(case.office, 2011)

    (decision,) = [d for d in audit.decisions if d.what == "withdrawal"]
    assert (decision.revision, decision.who, decision.why) == (
        *(1, "tester@desk"),
        "It went to the wrong authority.",
    )
    assert audit.letters[0].replacements == 1


# The same archive gives the same report.


def test_neither_clock_nor_process_nor_register_changes_a_byte(root, files):
    office = a_sample_office(root, clock=TickingClock(START + timedelta(days=4000)))
    office = replace(office, register=office.register.model_copy(update={"contacts": ()}))

    again = report_files(audit_year(as_another_process(office), 2011), organisation=ORGANISATION)

    assert again == files


def test_a_claim_without_an_outcome_is_in_doubt_whenever_one_looks(tmp_path):
    class DiesAtTheSecond(Provider):
        def send(self, message, *, send_id):
            if self.requests:
                raise KeyboardInterrupt
            return super().send(message, send_id=send_id)

    office = a_sample_office(tmp_path, provider=DiesAtTheSecond())
    case, revision = submit(office)
    decide(case, revision)
    with pytest.raises(KeyboardInterrupt):
        send_out(case, revision)

    told = audit_year(office, 2011)

    office.clock.advance(3600)
    assert audit_year(office, 2011) == told
    assert (told.letters[0].in_doubt, told.letters[0].attempts) == (1, 2)


def test_reading_writes_nothing_and_leaves_the_office_s_clock_alone(office):
    before = office.store.list("")
    case = Case(office, WAITING)

    audit_year(office, 2011)

    assert office.store.list("") == before
    assert case.chain.append("test", "noted").at.startswith("2011-")


# What is damaged is a row, and no figure.


def path_of(office, reference, name):
    return office.store.root / Case(office, reference).key(name)


def altered(office):
    path = path_of(office, REFERENCE, "r1/letter.json")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"9 March", b"4 March"))


def without_sign_off(office):
    path_of(office, REFERENCE, "r2/signoff.json").unlink()


def with_a_gap(office):
    path_of(office, REFERENCE, "audit/00000030.json").unlink()


def cut_off(office):
    for path in sorted(path_of(office, REFERENCE, "audit").iterdir())[-3:]:
        path.unlink()


def unreadable(office):
    path = path_of(office, REFERENCE, "audit/00000030.json")
    path.unlink()
    path.write_bytes(b"{}\n")


def gone(office):
    shutil.rmtree(path_of(office, REFERENCE, ""))


def unwitnessed(damage):
    """The same damage, by someone who could write in the witness too."""

    def do(office):
        damage(office)
        shutil.rmtree(office.root / "witness" / "cases")

    return do


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(altered, "case-damaged", id="a letter was altered"),
        pytest.param(without_sign_off, "case-damaged", id="a sign-off was taken away"),
        pytest.param(with_a_gap, "chain-broken", id="the chain has a gap"),
        pytest.param(cut_off, "chain-broken", id="the chain was cut"),
        pytest.param(unreadable, "audit-entry-unreadable", id="an entry can't be read"),
        pytest.param(gone, "chain-broken", id="all of it is gone"),
        pytest.param(unwitnessed(gone), "case-damaged", id="only the ledger knows of it"),
        pytest.param(unwitnessed(with_a_gap), "chain-broken", id="nobody witnessed the gap"),
    ],
)
def test_a_damaged_letter_is_told_and_the_others_too(office, audit, damage, code):
    damage(office)

    told = audit_year(as_another_process(office), 2011)

    assert [(row.reference, row.code) for row in told.damaged] == [(REFERENCE, code)]
    assert told.letters == audit.letters[:1]
    assert not told.is_whole
    rows = rows_of(report_files(told, organisation=ORGANISATION), "letters.csv")
    assert [(row["reference"], row["damage"].partition(":")[0]) for row in rows] == [
        (WAITING, ""),
        (REFERENCE, code),
    ]


def test_a_letter_that_someone_works_on_meanwhile_is_no_damage(office, audit, monkeypatch):
    names, worked_on = Case.names, []

    def meanwhile(case):
        if case.reference != WAITING or worked_on:
            return names(case)
        worked_on.append(Case(office, WAITING).chain.append("test", "noted"))
        listed = names(case)
        worked_on.append(Case(office, WAITING).chain.append("test", "noted"))
        return listed

    monkeypatch.setattr(Case, "names", meanwhile)

    told = audit_year(as_another_process(office), 2011)

    assert len(worked_on) == 2
    assert (told.damaged, len(told.letters)) == ((), len(audit.letters))


def test_what_no_step_wrote_is_damage_too(tmp_path):
    office = a_sample_office(tmp_path)
    case, _ = submit(office)
    run = StepRun(case, "draft-letter")
    run.once_announced("r2/letter.json", b"[]\n")

    told = audit_year(office, 2011)

    assert [(row.reference, row.code) for row in told.damaged] == [(REFERENCE, "case-damaged")]


def test_without_its_ledger_s_end_nothing_is_told(office):
    (office.store.root / office.store.list("ledger")[-1]).unlink()

    with pytest.raises(ChainBroken):
        audit_year(as_another_process(office), 2011)


def test_a_case_that_was_opened_and_has_no_letter_is_none_yet(tmp_path):
    office = a_sample_office(tmp_path)
    StepRun(Case(office, REFERENCE), "draft-letter").once("case.json", lambda: b"{}\n")

    assert audit_year(office, 2011).model_dump(include={"letters", "damaged"}) == {
        "letters": (),
        "damaged": (),
    }


# The files.


def test_the_pdf_is_accessible_archivable_and_has_a_title(files, tmp_path):
    path = tmp_path / PDF
    path.write_bytes(files[PDF])

    result = outloud.check(str(path))

    assert (result.error, [str(finding) for finding in result.findings]) == (None, [])
    with pikepdf.open(path) as pdf:
        assert pdf.docinfo["/Title"] == f"Letters of 2011: {ORGANISATION}"
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert pdf.Root.Lang == "en-GB"
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata


def test_the_pdf_of_a_damaged_year_and_of_none_is_accessible_too(office, tmp_path):
    altered(office)
    for year in (2011, 2012):
        path = tmp_path / PDF
        told = audit_year(as_another_process(office), year)
        path.write_bytes(report_files(told, organisation=ORGANISATION)[PDF])

        result = outloud.check(str(path))

        assert (result.error, [str(finding) for finding in result.findings]) == (None, [])


def test_the_pdf_says_as_of_when_it_speaks_and_what_it_did_not_check(audit):
    values = report_values(audit, organisation=ORGANISATION)

    said = " ".join(values["verdict_says"])
    assert (
        f"As of 2011-03-14 09:00 UTC, when the ledger ended with entry {audit.as_of.seq},"
        f" of this hash: {audit.as_of.head}" in said
    )
    assert "Whether the archive is unaltered was not checked" in said
    assert dict(values["figures"])["By their deadline"] == "1 in time, 1 overdue"
    assert [row[1] for row in values["decisions"]] == [
        "problem overridden, statutory-basis-unlawful, opening/1",
        "returned",
        "settlement, sent, director",
    ]


def test_the_tables_hold_a_row_for_each_letter_step_and_decision(files, audit):
    letters, steps = rows_of(files, "letters.csv"), rows_of(files, "retries.csv")
    decisions = rows_of(files, "decisions.csv")

    assert tuple(letters[1]) == LETTER_COLUMNS
    assert letters[1]["working_days_to_acceptance"] == "3"
    assert letters[1]["sign_offs"] == f"Harriet Elmsley {audit.letters[1].signed_at}"
    assert [row["punctuality"] for row in letters] == ["overdue", "in time"]
    assert [row["step"] for row in steps] == ["render-letter"]
    assert [row["what"] for row in decisions] == ["override", "returned", "approved", "settlement"]


def test_no_e_mail_address_stands_in_any_file(files, audit):
    told = b"".join(files[name] for name in files if name != PDF).decode("utf-8-sig")
    told += str(report_values(audit, organisation=ORGANISATION))

    assert re.findall(r"[^\s\"',]+@[^\s\"',]+\.[^\s\"',]+", told) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("=SUM(A1)", "'=SUM(A1)", id="a formula"),
        pytest.param("+44 1632", "'+44 1632", id="a plus"),
        pytest.param("-1", "'-1", id="a minus"),
        pytest.param("@here", "'@here", id="an at sign"),
        pytest.param("\t=1", "'\t=1", id="a tab before a formula"),
        pytest.param("one\r\n=two", "one =two", id="lines become one"),
        pytest.param(None, "", id="nothing"),
        pytest.param(True, "yes", id="a claim that holds"),
        pytest.param(date(2011, 3, 9), "2011-03-09", id="a day"),
    ],
)
def test_a_cell_is_shown_and_never_computed(value, written):
    assert cell(value) == written


def test_a_reason_that_looks_like_a_formula_is_text(files):
    (why,) = [r["why"] for r in rows_of(files, "decisions.csv") if r["what"] == "returned"]

    assert why == f"'{RETURNED_FOR}"


def test_spreadsheets_are_told_that_it_is_utf_8(files):
    assert all(files[name].startswith(b"\xef\xbb\xbf") for name in files if name != PDF)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("Ask a@b.example.", f"Ask {LEFT_OUT}", id="an address"),
        pytest.param("Ask <josé@b.example>!", f"Ask <{LEFT_OUT}>!", id="one in brackets"),
        pytest.param("one\ntwo", "one two", id="lines become one"),
        pytest.param("5 @ 3", "5 @ 3", id="an at sign alone"),
    ],
)
def test_addresses_are_left_out_of_what_people_wrote(text, told):
    assert without_addresses(text) == told


def test_files_are_private_and_written_only_where_they_are_others(tmp_path):
    folder = tmp_path / "reports" / "2011"

    assert write_files(folder, {"a": b"1", "b": b"2"}) == ["a", "b"]
    assert write_files(folder, {"a": b"1", "b": b"3"}) == ["b"]

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a": b"1", "b": b"3"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_can_t_be_written_to_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UsageError) as refused:
        write_files(tmp_path / "file" / "folder", {"a": b"1"})

    assert refused.value.code == "output-not-writable"
