"""Whatever is changed, taken away or added, `verify` says so and names it.

Each test tampers in every place in turn, puts it right again, and lists the
places in which it wasn't found out.
"""

import os
import random
import shutil
from functools import lru_cache
from itertools import cycle, pairwise

import pytest

from flows.verification import JUDGES
from letters.audit import AuditEntry
from letters.canonical import sha256_hex, stored_json
from letters.delivery import Claim
from letters.errors import UsageError
from letters.signoff import Decision
from tasks.archiving.verify import verify_archive, verify_letter
from tasks.case.case import Case
from tasks.case.chain import entry_key
from tasks.case.intake import take_in
from tasks.case.record import StepRun
from tests.archiving.forging import (
    CHANGES,
    all_laid,
    behind_a_link,
    chains_of,
    each_pdf_is_read_once,
    entries_of,
    folders_of,
    laid,
    linked,
    place_of,
    relinked,
    with_another_actor,
)
from tests.issuing import (
    REFERENCE,
    SAMPLE_DRAFT,
    a_sample_office,
    as_another_process,
    copied,
    decide,
    in_other_words,
    issue,
    send_out,
    submit,
)

JUDGES = JUDGES._replace(read_message=lru_cache(JUDGES.read_message))


@pytest.fixture(autouse=True, scope="module")
def not_so_slow():
    with each_pdf_is_read_once():
        yield


def issued(office):
    issue(office)


def issued_after_a_return(office):
    issue(office, decision=Decision.RETURN)
    issue(office, in_other_words())


def waiting(office):
    submit(office)


@pytest.fixture(
    scope="module", params=[issued, waiting], ids=["an issued letter", "a waiting letter"]
)
def office(request, tmp_path_factory):
    return made(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A letter issued as its second revision."""
    return made(issued_after_a_return, tmp_path_factory)


def made(make, tmp_path_factory):
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        make(office)
    return office


@pytest.fixture(autouse=True)
def nothing_differs_before_and_after(request):
    offices = [request.getfixturevalue(n) for n in ("office", "twice") if n in request.fixturenames]
    yield
    for office in offices:
        for reference in (None, REFERENCE):
            report = verified(office, reference)
            assert (report.differences, report.open_objects) == ((), ())


def verified(office, reference=None):
    fresh = as_another_process(office)
    if reference is None:
        return verify_archive(fresh, judges=JUDGES)
    return verify_letter(fresh, reference, judges=JUDGES)


def found_in(office, place, *, reference=None):
    """Whether a difference names the place: a key, or the folder of a chain."""
    report = verified(office, reference)
    return any(f"{d.object}/".startswith(f"{place}/") for d in report.differences)


def missed(office, what, place, references=(None, REFERENCE)):
    """List in which verifications a place that was tampered with isn't named."""
    return [
        f"{what}: {place} ({reference or 'the whole archive'})"
        for reference in references
        if not found_in(office, place, reference=reference)
    ]


# One object.


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_any_object_is_found(office, what):
    """By turns in the whole archive and in the letter; the next change the other way round."""
    chance, misses = random.Random(2011), []  # noqa: S311 -- nothing secret
    turns = cycle([None, REFERENCE] if list(CHANGES).index(what) % 2 else [REFERENCE, None])

    for key in office.store.list(""):
        with laid(office, key, CHANGES[what](office.store.get(key), chance)):
            misses += missed(office, what, place_of(key), [next(turns)])

    assert misses == []


def test_any_object_replaced_by_the_next_is_found(office):
    keys, misses, turns = office.store.list(""), [], cycle([None, REFERENCE])

    for key, other in zip(keys, [*keys[1:], keys[0]], strict=True):
        data = office.store.get(other)
        if data != office.store.get(key):
            with laid(office, key, data):
                misses += missed(office, f"replaced by {other}", place_of(key), [next(turns)])

    assert misses == []


def test_an_object_of_another_revision_is_found(twice):
    misses, rolled_back = [], 0

    for key in twice.store.list(f"{Case(twice, REFERENCE).prefix}/r2"):
        earlier = twice.store.find(key.replace("/r2/", "/r1/"))
        if earlier is not None and earlier != twice.store.get(key):
            rolled_back += 1
            with laid(twice, key, earlier):
                misses += missed(twice, "rolled back", key)

    # Letter, draft, proof, pack and sign-off; recipients and cleared doubts are the same.
    assert rolled_back == 5
    assert misses == []


def test_an_object_that_a_link_leads_to_is_found(office, tmp_path):
    misses, turns = [], cycle([None, REFERENCE])

    for key in office.store.list(""):
        with behind_a_link(office.store.root / key, tmp_path):
            misses += missed(office, "behind a link", place_of(key), [next(turns)])

    assert misses == []


def test_a_folder_that_a_link_leads_to_is_found(office, tmp_path):
    misses = []

    for folder in folders_of(office)[1:]:
        with behind_a_link(office.store.root / folder, tmp_path):
            misses += missed(office, "behind a link", folder.removesuffix("/"))

    assert misses == []


def test_a_letter_that_the_office_never_knew_is_refused(office):
    with pytest.raises(UsageError) as refused:
        verified(office, "CRA-WESTMERE-1999-01-01")

    assert refused.value.code == "case-missing"


# Chains.


def test_a_chain_whose_end_was_cut_off_is_found(office):
    misses = []

    for chain in chains_of(office):
        entries = entries_of(office, chain)
        for kept in range(len(entries)):
            cut = dict.fromkeys(list(entries)[kept:])
            with all_laid(office, cut):
                misses += missed(office, f"cut off after {kept}", chain)

    assert misses == []


def test_two_chains_cut_off_together_are_found(office):
    case, ledger = Case(office, REFERENCE).chain.prefix, "ledger"
    misses = []

    for chain, other in ((case, ledger), (ledger, case)):
        for cut in range(1, 5):
            both = [
                *list(entries_of(office, case))[-cut:],
                *list(entries_of(office, ledger))[-cut:],
            ]
            with all_laid(office, dict.fromkeys(both)):
                misses += missed(office, f"cut off with {other}", chain)

    assert misses == []


def test_a_chain_that_is_gone_with_all_that_it_named_is_found(office):
    keys, misses = office.store.list(""), []

    for chain in chains_of(office):
        place = chain.removesuffix("/audit")
        with all_laid(office, {key: None for key in keys if key.startswith(f"{place}/")}):
            misses += missed(office, "all of it is gone", chain)

    assert misses == []


def test_a_chain_that_was_written_anew_is_found(office):
    misses = []

    for chain in chains_of(office):
        anew = relinked(entries_of(office, chain), with_another_actor)
        with all_laid(office, anew):
            misses += missed(office, "written anew", chain)

    assert misses == []


def test_two_entries_that_changed_places_are_found(office):
    misses = []

    for chain in chains_of(office):
        entries = list(entries_of(office, chain).items())
        for (first, one), (second, other) in pairwise(entries):
            with all_laid(office, {first: other, second: one}):
                misses += missed(office, "changed places", chain)

    assert misses == []


def test_an_entry_that_someone_else_wrote_after_the_last_is_named_as_unwitnessed(office):
    """It can't be told from one whose process died before it told the witness."""
    for chain in chains_of(office):
        entries = entries_of(office, chain)
        last = AuditEntry.from_bytes(list(entries.values())[-1])
        previous = sha256_hex(list(entries.values())[-1])
        forged = {**last.model_dump(), "seq": len(entries) + 1, "previous": previous}
        key = entry_key(chain, len(entries) + 1)

        with laid(office, key, AuditEntry(**forged).to_bytes()):
            report = verified(office)

        assert report.unwitnessed_entries == (key,)


def test_an_intake_of_which_a_killed_run_carried_over_the_beginning_only_is_no_difference(
    tmp_path,
):
    office = a_sample_office(tmp_path)
    case, given_up = Case(office, REFERENCE), take_in(office, SAMPLE_DRAFT, "md")
    first = given_up.chain.entries()[0]
    told = {"intake_at": first.at, "intake_entry": sha256_hex(first.to_bytes())}
    case.chain.append("intake", "started", detail=told)
    submit(office)

    for reference in (None, REFERENCE):
        assert verified(office, reference).differences == ()

    with all_laid(office, dict.fromkeys(entries_of(office, given_up.chain.prefix))):
        assert missed(office, "gone", entry_key(case.chain.prefix, 1)) == []


# Without a witness: the links, the ledger and the sent e-mails are left.


@pytest.fixture(scope="module")
def unwitnessed(tmp_path_factory):
    office = made(issued, tmp_path_factory)
    shutil.rmtree(office.witness.root)
    return office


def test_a_changed_entry_is_found_by_the_next(unwitnessed):
    misses = []

    for chain in chains_of(unwitnessed):
        for key, data in list(entries_of(unwitnessed, chain).items())[:-1]:
            changed = with_another_actor(AuditEntry.from_bytes(data).model_dump())
            with laid(unwitnessed, key, AuditEntry(**changed).to_bytes()):
                misses += missed(unwitnessed, "changed", chain, [None])

    assert misses == []


def test_a_missing_entry_is_found_by_the_next(unwitnessed):
    misses = []

    for chain in chains_of(unwitnessed):
        for key in list(entries_of(unwitnessed, chain))[:-1]:
            with laid(unwitnessed, key, None):
                misses += missed(unwitnessed, "taken out", key, [None])

    assert misses == []


def test_an_issued_letters_chain_is_anchored_in_the_ledger_to_its_end(unwitnessed):
    chain, misses = Case(unwitnessed, REFERENCE).chain.prefix, []
    entries = entries_of(unwitnessed, chain)

    for kept in range(len(entries)):
        with all_laid(unwitnessed, dict.fromkeys(list(entries)[kept:])):
            misses += missed(unwitnessed, f"cut off after {kept}", list(entries)[-1])
    with all_laid(unwitnessed, relinked(entries, with_another_actor)):
        misses += missed(unwitnessed, "written anew", list(entries)[-1])

    assert misses == []


def test_a_waiting_letter_s_chain_is_anchored_in_what_its_inspector_was_told(tmp_path_factory):
    office = made(waiting, tmp_path_factory)
    shutil.rmtree(office.witness.root)
    chain, misses = Case(office, REFERENCE).chain.prefix, []
    entries = entries_of(office, chain)
    (notice,) = (office.outbox_folder / "notices").glob("*.eml")
    head = int(JUDGES.read_case_head(notice.read_bytes()).partition(":")[0])

    for kept in range(head):
        with all_laid(office, dict.fromkeys(list(entries)[kept:])):
            misses += missed(
                office, f"cut off after {kept}", f"outbox/notices/{notice.name}", [None]
            )
    with all_laid(office, relinked(entries, with_another_actor)):
        misses += missed(office, "written anew", entry_key(chain, head))

    assert misses == []


def test_a_letter_of_which_only_the_ledger_knows_is_found(unwitnessed):
    case = Case(unwitnessed, REFERENCE)
    gone = dict.fromkeys(unwitnessed.store.list(case.prefix))

    with all_laid(unwitnessed, gone):
        assert missed(unwitnessed, "all of it is gone", case.chain.prefix) == []


# Additions.


@pytest.mark.parametrize("name", ["foreign.json", "00000099.json", "letter.json"])
def test_a_foreign_object_in_any_folder_is_found(office, name):
    misses, case = [], Case(office, REFERENCE).prefix

    for folder in folders_of(office):
        key = f"{folder}{name}"
        if office.store.find(key) is None:
            references = [None, REFERENCE] if folder.startswith(case) else [None]
            with laid(office, key, b"{}\n"):
                misses += missed(office, "added", key, references)

    assert misses == []


def test_a_file_that_can_be_no_object_is_found_in_any_folder(office):
    names, misses = cycle([".hidden", "two words.json", "ünicode.json", "-r1.json"]), []

    for folder, name in zip(folders_of(office), names, strict=False):
        with laid(office, f"{folder}{name}", b"{}\n"):
            misses += missed(office, "added", f"{folder}{name}", [None])

    assert misses == []


def test_a_link_in_any_folder_is_found(office):
    misses, case = [], Case(office, REFERENCE).prefix
    targets = cycle(["case.json", "nowhere", "."])

    for folder, target in zip(folders_of(office), targets, strict=False):
        references = [None, REFERENCE] if folder.startswith(case) else [None]
        with linked(office.store.root / folder / "link.json", target):
            misses += missed(office, "added", f"{folder}link.json", references)

    assert misses == []


def test_a_well_formed_object_of_any_kind_that_no_run_made_is_found(office, twice):
    """Every object of an issued letter that this letter lacks, taken for its own revisions."""
    case, misses = Case(office, REFERENCE), []
    lent = {
        key.replace("/r2/", f"/{revision}/"): twice.store.get(key)
        for key in twice.store.list(case.prefix)
        for revision in ("r1", "r2", "r3")
        if "/audit/" not in key
    }
    lent = {key: data for key, data in lent.items() if office.store.find(key) is None}

    for key, data in lent.items():
        with laid(office, key, data):
            misses += missed(office, "laid there", key)

    assert len(lent) > 25
    assert misses == []


def test_a_second_claim_is_found(twice):
    case, misses = Case(twice, REFERENCE), []

    for name in case.names():
        if name.endswith("/claim-1.json"):
            claim = Claim.model_validate_json(case.get(name)).model_copy(update={"attempt": 2})
            key = case.key(name.replace("claim-1", "claim-2"))
            with laid(twice, key, stored_json(claim.model_dump(mode="json"))):
                misses += missed(twice, "claimed", key)

    assert misses == []


def test_nothing_is_left_over_in_a_closed_letter_though_its_steps_were_interrupted(tmp_path):
    office = a_sample_office(tmp_path)
    case, revision = submit(office)
    StepRun(case, "email-recipient").begin()
    decide(case, revision)
    send_out(case, revision)
    (name, *_) = (name for name in case.names() if name.endswith("/claim-1.json"))
    claim = Claim.model_validate_json(case.get(name)).model_copy(update={"attempt": 2})
    key = case.key(name.replace("claim-1", "claim-2"))

    with laid(office, key, stored_json(claim.model_dump(mode="json"))):
        assert missed(office, "claimed", key) == []


def test_a_letter_that_no_run_opened_is_found(office):
    key = "cases/2011/westmere/CRA-WESTMERE-2011-12-24/case.json"

    with laid(office, key, office.store.get(Case(office, REFERENCE).key("case.json"))):
        assert missed(office, "laid there", key, [None, "CRA-WESTMERE-2011-12-24"]) == []


def test_a_letter_in_another_letters_place_is_found(office):
    key = f"cases/2012/westmere/{REFERENCE}/case.json"

    with laid(office, key, office.store.get(Case(office, REFERENCE).key("case.json"))):
        assert missed(office, "laid there", key, [None]) == []


def test_a_draft_that_nobody_submitted_is_found(office):
    key = f"intake/{sha256_hex(SAMPLE_DRAFT)}/original.md"

    with laid(office, key, SAMPLE_DRAFT):
        assert missed(office, "laid there", key, [None]) == []


@pytest.mark.parametrize("office", [waiting], ids=["a waiting letter"], indirect=True)
class TestForgedSignOffs:
    """What a forger lays there who has a key of their own."""

    @pytest.fixture
    def forged(self, office, tmp_path):
        """The objects that come to be where the letter is signed with another key."""
        forger = a_sample_office(copied(office.root, tmp_path))
        shutil.rmtree(forger.keys_folder)
        decide(Case(forger, REFERENCE), 1)
        known = set(office.store.list(""))
        return {k: forger.store.get(k) for k in forger.store.list("") if k not in known}

    def test_a_sign_off_by_a_key_that_nobody_enrolled_is_found(self, office, forged):
        (key,) = (key for key in forged if key.endswith("signoff.json"))

        with laid(office, key, forged[key]):
            assert missed(office, "forged", key) == []

    def test_an_enrolment_laid_there_by_hand_is_found(self, office, forged):
        (key,) = (key for key in forged if key.startswith("inspectors/"))

        with laid(office, key, forged[key]):
            assert missed(office, "forged", key, [None]) == []

    def test_a_sign_off_by_a_key_whose_enrolment_was_laid_there_is_found(self, office, forged):
        objects = {k: data for k, data in forged.items() if "signoff" in k or "inspectors/" in k}

        with all_laid(office, objects):
            for key in objects:
                references = [None] if key.startswith("inspectors/") else [None, REFERENCE]
                assert missed(office, "forged", key, references) == []

    def test_a_sign_off_is_found_even_where_its_entries_were_forged_as_well(self, office, forged):
        """Only the witness speaks against someone who writes whole chains."""
        with all_laid(office, forged):
            report = verified(office)

        entries = {key for key in forged if place_of(key) != key}
        assert set(report.unwitnessed_entries) == entries


# The outbox.


@pytest.mark.parametrize("office", [issued], ids=["an issued letter"], indirect=True)
class TestTheOutbox:
    @pytest.fixture(params=["outbox", "outbox/notices"])
    def folder(self, request):
        """Where the letter lies for its recipients, and what its inspector is told."""
        return request.param

    @pytest.fixture
    def emails(self, office, folder):
        emails = sorted((office.root / folder).glob("*.eml"))
        assert len(emails) == 2
        return emails

    def test_a_changed_email_is_found(self, office, folder, emails):
        chance, misses = random.Random(2011), []  # noqa: S311 -- nothing secret

        for what, change in CHANGES.items():
            for path in emails if what != "it is deleted" else ():
                with laid(path.parent, path.name, change(path.read_bytes(), chance)):
                    misses += missed(office, what, f"{folder}/{path.name}")

        assert misses == []

    def test_an_email_replaced_by_another_is_found(self, office, folder, emails):
        misses = []

        for path, other in pairwise(emails):
            with laid(path.parent, path.name, other.read_bytes()):
                misses += missed(office, "replaced", f"{folder}/{path.name}")

        assert misses == []

    def test_an_email_that_was_picked_up_is_told_and_is_no_difference(self, office, folder, emails):
        with laid(emails[0].parent, emails[0].name, None):
            report = verified(office)

        assert report.emails_picked_up == (f"{folder}/{emails[0].name}",)
        assert report.differences == ()

    @pytest.mark.parametrize("name", ["0" * 32 + ".eml", "invitation.eml", ".eml"])
    def test_an_email_of_which_no_letter_knows_is_found(self, office, folder, emails, name):
        with laid(office.root / folder, name, emails[0].read_bytes()):
            assert missed(office, "added", f"{folder}/{name}", [None]) == []

    def test_a_link_in_the_place_of_an_email_is_found(self, office, folder, emails, tmp_path):
        with behind_a_link(emails[0], tmp_path):
            assert missed(office, "behind a link", f"{folder}/{emails[0].name}") == []
