"""What is posted is what was issued, even if the case was altered after its commit."""

import json

import pytest

from letters.canonical import stored_json
from letters.pack import Pack
from letters.recipient import FrozenRecipient
from tasks.archiving.archive import archive
from tasks.mailing.deliver import PackMismatch
from tasks.mailing.post import post
from tasks.rendering.pack import render_approved
from tests.issuing import a_sample_office, as_another_process, decide, do, submit


@pytest.fixture
def committed(tmp_path):
    """A letter that is archived and not sent yet."""
    case, revision = submit(a_sample_office(tmp_path))
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    return case, revision


def altered(case, name, change):
    """Replace an object's file by hand."""
    path = case.office.root / "archive" / case.key(name)
    path.write_bytes(change(path.read_bytes()))


def test_nothing_is_sent_to_an_address_that_was_slipped_in_with_a_pack_that_fits(committed):
    case, revision = committed
    people = [
        FrozenRecipient.model_validate(item) for item in json.loads(case.get("r1/recipients.json"))
    ]
    other = people[0].model_copy(update={"email": "somebody@else.example"})

    def another_pack(data):
        pack = Pack.model_validate_json(data)
        first = pack.recipients[0].model_copy(update={"address_hash": other.address_hash})
        changed = pack.model_copy(update={"recipients": (first, *pack.recipients[1:])})
        return stored_json(changed.model_dump(mode="json"))

    altered(case, "r1/pack.json", another_pack)
    altered(
        case,
        "r1/recipients.json",
        lambda _: stored_json([r.model_dump(mode="json") for r in (other, *people[1:])]),
    )

    fresh = type(case)(as_another_process(case.office), case.reference)
    with pytest.raises(PackMismatch, match="not the one that was approved and issued"):
        do("email-recipient", fresh, post, revision, other.id)
    assert list((case.office.root / "outbox").glob("*.eml")) == []
