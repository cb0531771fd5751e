"""The witness in a bucket, which several machines share, beside that in a folder."""

import pytest

from letters.canonical import sha256_hex
from tasks.case.chain import Chain, ChainBroken
from tasks.case.folder import FolderStore
from tasks.case.s3 import S3Store, make_client
from tasks.case.witness import StoreWitness, Witness
from tests.offices import TickingClock

ONE, OTHER = sha256_hex(b"one"), sha256_hex(b"other")


@pytest.fixture(params=["folder", "store", "moto"])
def open_witness(request, tmp_path):
    """Open the same witness as another process would."""
    if request.param == "folder":
        return lambda: Witness(tmp_path / "witness")
    if request.param == "store":
        return lambda: StoreWitness(FolderStore(tmp_path / "bucket"))
    server = request.getfixturevalue("moto")
    bucket = server.bucket()

    def opened():
        client = make_client(
            server.archive(bucket, prefix="w"), root=tmp_path, credentials=server.credentials
        )
        return StoreWitness(S3Store(client, bucket, "w", endpoint=server.endpoint))

    return opened


def test_what_one_machine_notes_another_reads(open_witness):
    open_witness().note("cases/x/audit", 1, ONE)
    open_witness().note("cases/x/audit", 2, OTHER)
    open_witness().note("ledger", 1, ONE)
    assert open_witness().heads("cases/x/audit") == [(1, ONE), (2, OTHER)]
    assert open_witness().chains() == ["cases/x/audit", "ledger"]


def test_an_entry_noted_twice_is_there_once_and_two_entries_of_a_number_both(open_witness):
    witness = open_witness()
    for sha256 in (ONE, ONE, OTHER):
        witness.note("ledger", 1, sha256)
    assert witness.heads("ledger") == sorted([(1, ONE), (1, OTHER)])


def test_a_chain_of_which_nothing_was_noted_has_no_heads(open_witness):
    assert open_witness().heads("ledger") == []
    assert open_witness().chains() == []


def test_a_tail_cut_off_on_one_machine_is_found_on_another(open_witness, tmp_path):
    def chain():
        store = FolderStore(tmp_path / "archive")
        return Chain(store, "audit", clock=TickingClock(), actor="a", witness=open_witness())

    for event in ("begun", "done"):
        chain().append("step", event)
    (tmp_path / "archive" / "audit" / "00000002.json").unlink()
    with pytest.raises(ChainBroken):
        chain().require_whole()
