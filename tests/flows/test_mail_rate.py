"""The rate at which e-mails leave the house is a global limit of Prefect's."""

from types import SimpleNamespace

import pytest
from prefect.client.orchestration import get_client

from flows.mail_rate import limit_name, wait_for_turn
from tests.offices import an_office, some_settings

pytestmark = pytest.mark.usefixtures("engine")


def an_office_that_posts(root, *, per_second, takes_samples=False):
    return an_office(
        root,
        settings=some_settings(root, mail={"per_second": per_second}),
        provider=SimpleNamespace(takes_samples=takes_samples),
    )


def the_limit(office):
    with get_client(sync_client=True) as client:
        found = client.read_global_concurrency_limits(limit=200)
    return next((limit for limit in found if limit.name == limit_name(office)), None)


def test_each_email_takes_a_slot_of_the_offices_own_limit(tmp_path):
    office = an_office_that_posts(tmp_path, per_second=0.5)

    wait_for_turn(office)

    limit = the_limit(office)
    assert (limit.limit, limit.slot_decay_per_second) == (1, 0.5)
    assert limit.active_slots == 1


BUCKET = {"store": "s3", "bucket": "letters", "prefix": "", "endpoint": "https://s3.example"}


def named(root, **archive):
    """The limit's name on a machine whose folder for the office is `root`."""
    return limit_name(an_office(root, settings=some_settings(root, archive=archive)))


def test_all_machines_of_an_office_share_one_limit(tmp_path):
    here, there = tmp_path / "machine-a", tmp_path / "machine-b"

    assert named(here, **BUCKET) == named(there, **BUCKET)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"bucket": "letters-of-the-north"}, id="another bucket"),
        pytest.param({"prefix": "north"}, id="another part of the bucket"),
        pytest.param({"endpoint": "https://s3.north.example"}, id="a bucket of another server"),
    ],
)
def test_two_offices_that_call_their_folders_the_same_have_a_limit_each(tmp_path, other):
    assert named(tmp_path, **BUCKET) != named(tmp_path, **BUCKET | other)


def test_a_prefix_with_its_closing_slash_is_the_same_place(tmp_path):
    assert named(tmp_path, **BUCKET | {"prefix": "north/"}) == named(
        tmp_path, **BUCKET | {"prefix": "north"}
    )


def test_offices_that_keep_their_archives_in_folders_have_a_limit_each(tmp_path):
    assert named(tmp_path / "north") != named(tmp_path / "south")


def test_what_stays_in_the_house_waits_for_nobody(tmp_path):
    office = an_office_that_posts(tmp_path, per_second=0.5, takes_samples=True)

    wait_for_turn(office)

    assert the_limit(office) is None


def test_a_letter_goes_out_even_where_the_rate_cannot_be_kept(tmp_path, monkeypatch, caplog):
    def unreachable(*_args, **_more):
        raise ConnectionError("no server")

    monkeypatch.setattr("flows.mail_rate.rate_limit", unreachable)

    wait_for_turn(an_office_that_posts(tmp_path, per_second=7))

    assert "The rate of e-mails is not kept: no server" in caplog.text
