"""Nobody gets a right back by taking away or changing the file that took it."""

import pytest

from letters.errors import LettersError
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.chain import ChainBroken, entry_key
from tasks.signoff.decide import decisions_on, require_not_frozen
from tasks.signoff.delegations import delegate, delegations, recall
from tasks.signoff.inspectors import keys_of, revoke
from tasks.signoff.invitations import invite, open_invitation, open_invitations, take_up
from tasks.signoff.signers import signers
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    a_sample_office,
    as_another_process,
    issue,
    send_out,
)
from tests.signoff.signing_room import SIGNATORY, a_passkey, enrolled, registered


class Links:
    """One-time links: one that was used, and one that stood open on a page meanwhile."""

    def __init__(self, office):
        url = invite(office, office.register.inspector(COLLEAGUE))
        self.token = url.rpartition("/")[2]
        self.opened = open_invitation(office, COLLEAGUE, self.token)
        self.second = registered(office, self.opened, a_passkey(office))
        take_up(office, self.opened, registered(office, self.opened, a_passkey(office)))


@pytest.fixture
def rights(room):
    """An approval whose key was revoked, a delegate who was recalled, and a link that was used."""
    office, today = room.office, room.office.clock().date()
    room.sign()
    revoke(office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")
    room.links = Links(office)
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today)
    recall(office, signatory=SIGNATORY, delegate=COLLEAGUE)
    return room


def sign_as_the_recalled_delegate(room):
    sign_as_sample(room.case, 1, inspector_id=COLLEAGUE, decision=Decision.APPROVE, comments="")


TAKEN = [
    ("revoked", "the approval of a revoked key goes out", lambda r: require_not_frozen(r.case, 1)),
    ("revoked", "a revoked key signs", lambda r: r.ask()),
    ("revoked", "a revoked key is told as standing", lambda r: keys_of(r.office, SIGNATORY)),
    (
        "used",
        "a used link opens",
        lambda r: open_invitation(r.office, COLLEAGUE, r.links.token),
    ),
    ("used", "a used link is told as open", lambda r: open_invitations(r.office, COLLEAGUE)),
    (
        "used",
        "a used link enrols a second key",
        lambda r: take_up(r.office, r.links.opened, r.links.second),
    ),
    ("recalled", "a recalled delegate signs", sign_as_the_recalled_delegate),
    (
        "recalled",
        "a recalled delegate reads",
        lambda r: signers(r.case, 1, r.office.clock().date()),
    ),
    ("recalled", "a recalled delegation counts", lambda r: delegations(r.office)),
]
TABLE = [pytest.param(kind, do, id=f"else {what}") for kind, what, do in TAKEN]


@pytest.mark.parametrize("how", ["gone", "changed"])
@pytest.mark.parametrize(("kind", "do"), TABLE)
def test_what_the_ledger_says_was_taken_is_not_given_back_by_a_file(rights, kind, do, how):
    whose = SIGNATORY if kind == "revoked" else COLLEAGUE
    (path,) = rights.office.root.glob(f"archive/inspectors/{whose}/*.{kind}.json")
    key, data = path.relative_to(rights.office.root / "archive").as_posix(), path.read_bytes()
    keys = len(keys_of(rights.office, COLLEAGUE))
    path.unlink()
    if how == "changed":
        path.write_bytes(data.replace(b"2011", b"2012"))

    with pytest.raises(LettersError) as raised:
        do(rights)

    assert (raised.value.code, raised.value.where) == ("inspectors-damaged", key)
    assert how in raised.value.message
    assert "restored from a backup" in raised.value.remedy
    assert ("missing" if how == "gone" else "changed", key) in rights.differences()

    path.write_bytes(data)
    assert rights.differences() == []
    assert len(keys_of(as_another_process(rights.office), COLLEAGUE)) == keys


@pytest.mark.parametrize("kind", ["revoked", "recalled"])
def test_nothing_is_sent_until_the_file_is_back(room, kind):
    office, today = room.office, room.office.clock().date()
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today)
    recall(office, signatory=SIGNATORY, delegate=COLLEAGUE)
    revoke(office, SIGNATORY, room.enrolment.credential_id, why="Lost on a train.")
    room.key, _ = enrolled(office, SIGNATORY)
    room.sign()
    (path,) = office.root.glob(f"archive/inspectors/*/*.{kind}.json")
    data = path.read_bytes()
    path.unlink()

    with pytest.raises(LettersError) as raised:
        require_not_frozen(room.case, 1)  # as the flow asks before each thing it sends
    assert raised.value.code == "inspectors-damaged"

    path.write_bytes(data)
    require_not_frozen(room.case, 1)
    assert send_out(room.case, 1)
    assert room.differences() == []


def test_what_is_gone_of_one_inspector_keeps_no_other_from_signing(room):
    _, theirs = enrolled(room.office, COLLEAGUE)
    revoke(room.office, COLLEAGUE, theirs.credential_id, why="Lost on a train.")
    for path in room.office.root.glob("archive/inspectors/treyne/*.revoked.json"):
        path.unlink()

    assert room.sign() == room.decision()


def test_a_lost_entry_of_the_chain_makes_no_sign_off_a_forgery(tmp_path):
    """The true sign-off can't be judged any more; nobody is told to take it away."""
    office = a_sample_office(tmp_path)
    case, revision = issue(office)
    (office.root / "archive" / entry_key(case.chain.prefix, 3)).unlink()

    with pytest.raises(ChainBroken) as broken:
        decisions_on(Case(as_another_process(office), case.reference), revision)

    assert "Touch nothing" in broken.value.remedy
