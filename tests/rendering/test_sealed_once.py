"""The letter's PDF in its case: sealed once, named with its seal, or not there at all."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tasks.rendering.seal
from letters.canonical import sha256_hex
from letters.case import State
from letters.sealed import unsealed
from tasks.archiving.archive import archive
from tasks.archiving.verify_seal import describe_seal, seal_faults
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tasks.case.record import ANNOUNCED, ObjectForeign, StepRun
from tasks.mailing.deliver import PackMismatch
from tasks.mailing.post import post
from tasks.rendering.pack import RenderingDiffers, render_approved
from tasks.rendering.pdf import render_pdf
from tasks.rendering.seal import TimeStampUnavailable
from tasks.rendering.seal_keys import SealKeyUnusable, sealing_key
from tests.issuing import REFERENCE, a_sample_office, as_another_process, decide, do, submit
from tests.offices import some_settings
from tests.time_stamps import an_authority

NAME = "r1/letter.pdf"


@pytest.fixture(autouse=True)
def nothing_waits_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


def an_approved_case(folder, **overrides):
    case, revision = submit(a_sample_office(folder, **overrides))
    decide(case, revision)
    return case


def rendered(case):
    do("render-letter", case, render_approved, 1)
    return case.get(NAME)


def entries(case, event, name=NAME):
    """The entries that speak of an object."""
    key = case.key(name)
    return [
        entry
        for entry in case.chain.entries()
        if entry.event == event and key in (entry.detail.get("object"), entry.detail.get("of"))
    ]


def test_the_sealed_file_is_named_with_its_seal(tmp_path):
    case = an_approved_case(tmp_path)

    data = rendered(case)

    key, approved = sealing_key(case.office), case.pack(1).pdf_sha256
    told = {
        "certificate": key.fingerprint,
        "profile": "B-B",
        "is_development": True,
        "unsealed_sha256": approved,
    }
    (announced,), (sealed,) = entries(case, ANNOUNCED), entries(case, "sealed")
    named = {"sha256": sha256_hex(data), **told}
    assert announced.detail == {"of": case.key(NAME), **named}
    assert sealed.detail == {"object": case.key(NAME), "bytes": len(data), **named}
    assert unsealed(data, approved) == render_pdf(case.letter(1)) != data
    at = datetime.fromisoformat(sealed.at)
    assert seal_faults(data, certificates=[key.certificate_pem], at=at) == ()
    introduced = [e for e in ledger_of(case.office).entries() if e.event == "seal-introduced"]
    assert [e.detail["object"] for e in introduced] == [f"seals/{key.fingerprint}.pem"]


def test_it_is_sealed_once(tmp_path, monkeypatch):
    case = an_approved_case(tmp_path)
    data = rendered(case)
    count = len(case.chain.entries())
    monkeypatch.setattr(tasks.rendering.seal, "seal", None)

    again = Case(as_another_process(case.office), REFERENCE)

    assert rendered(again) == data
    assert len(again.chain.entries()) == count


def test_a_seal_that_a_crash_left_unnamed_is_named_with_what_was_announced(tmp_path, monkeypatch):
    case = an_approved_case(tmp_path)
    with monkeypatch.context() as crashing:
        crashing.setattr(StepRun, "name_object", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rendered(case)
    left = case.get(NAME)

    assert rendered(Case(as_another_process(case.office), REFERENCE)) == left

    (announced,), (sealed,) = entries(case, ANNOUNCED), entries(case, "sealed")
    told = {k: v for k, v in sealed.detail.items() if k not in ("object", "bytes")}
    assert told == {k: v for k, v in announced.detail.items() if k != "of"}


def test_a_seal_that_a_crash_kept_from_being_stored_is_made_anew(tmp_path, monkeypatch):
    case = an_approved_case(tmp_path)
    with monkeypatch.context() as crashing:
        note = StepRun.note
        crashing.setattr(
            StepRun,
            "note",
            lambda run, event, **told: (note(run, event, **told), event == ANNOUNCED and 1 / 0)[0],
        )
        with pytest.raises(ZeroDivisionError):
            rendered(case)
    assert case.find(NAME) is None

    data = rendered(case)

    (sealed,) = entries(case, "sealed")
    assert sealed.detail["sha256"] == sha256_hex(data)


def test_those_who_seal_at_once_keep_one_seal(tmp_path):
    case = an_approved_case(tmp_path)
    cases = [Case(as_another_process(case.office), REFERENCE) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(rendered, cases))

    assert set(kept) == {case.get(NAME)}
    assert {entry.detail["sha256"] for entry in entries(case, "sealed")} == {sha256_hex(kept[0])}


def plant(case, data):
    path = Path(case.office.root, "archive", case.key(NAME))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


LAID_IN = {
    "the approved file without a seal": lambda pdf: pdf,
    "the approved file with something appended": lambda pdf: pdf + b"%%EOF\n",
    "something else": lambda _: b"%PDF-1.7\n%%EOF\n",
}


@pytest.mark.parametrize("laid_in", LAID_IN.values(), ids=LAID_IN)
def test_what_was_laid_in_by_hand_is_no_seal(tmp_path, laid_in):
    case = an_approved_case(tmp_path)
    plant(case, laid_in(render_pdf(case.letter(1))))

    with pytest.raises(ObjectForeign):
        rendered(case)

    assert entries(case, "sealed") == []


def test_a_seal_over_another_file_stops_the_letter(tmp_path):
    case = an_approved_case(tmp_path)
    StepRun(case, "render-letter").put_announced(NAME, b"%PDF-1.7\n%%EOF\nsealed elsewhere")

    with pytest.raises(RenderingDiffers, match=r"letter\.pdf lies there"):
        rendered(case)

    assert entries(case, "sealed") == []
    assert case.state(1) is State.SIGNED


def test_what_came_after_the_seal_is_not_sent(tmp_path):
    case = an_approved_case(tmp_path)
    data = rendered(case)
    do("archive-letter", case, archive, 1)
    plant(case, data + b"\n% an update of someone else's\n%%EOF\n")

    with pytest.raises(PackMismatch):
        do("email-recipient", case, post, 1, "director")

    assert list(case.office.outbox_folder.glob("*.eml")) == []


def test_without_a_key_that_can_be_used_nothing_is_stored(tmp_path):
    told = {"pkcs12_file": "missing.p12"}
    case = an_approved_case(tmp_path, settings=some_settings(tmp_path, seal=told))

    with pytest.raises(SealKeyUnusable):
        rendered(case)

    assert (case.find(NAME), case.state(1)) == (None, State.SIGNED)


def test_a_trust_file_that_is_missing_is_named(tmp_path):
    told = {"trust_file": "missing.pem"}
    case = an_approved_case(tmp_path, settings=some_settings(tmp_path, seal=told))

    with pytest.raises(SealKeyUnusable) as refusal:
        rendered(case)

    assert (refusal.value.code, refusal.value.where) == ("seal-trust-missing", "missing.pem")


def test_while_there_are_no_time_stamps_nothing_is_sealed_at_a_lower_level(tmp_path):
    (tmp_path / "tsa").mkdir()
    with an_authority(tmp_path / "tsa") as tsa:
        (tmp_path / "trust.pem").write_bytes(tsa.root_pem)
        told = {"profile": "B-T", "tsa_url": tsa.url, "trust_file": "trust.pem"}
        settings = some_settings(tmp_path, seal=told)
        case = an_approved_case(tmp_path, settings=settings, clock=lambda: datetime.now(UTC))
        tsa.broken = lambda *true: (503, *true[1:])

        with pytest.raises(TimeStampUnavailable):
            rendered(case)

        assert case.find(NAME) is None
        assert entries(case, ANNOUNCED) == []
        tsa.broken = None
        assert describe_seal(rendered(case)).profile == "B-T"


def test_nothing_is_sealed_that_was_not_reproduced(tmp_path, monkeypatch):
    case = an_approved_case(tmp_path)
    monkeypatch.setattr("tasks.rendering.pack.render_pdf", lambda _: b"another")
    monkeypatch.setattr(tasks.rendering.seal, "seal", None)

    with pytest.raises(RenderingDiffers):
        rendered(case)
