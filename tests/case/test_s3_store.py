"""The store as a bucket: which version counts, what is odd, what is locked."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tasks.case import s3_versions
from tasks.case.s3 import ObjectDamaged, S3Store
from tasks.case.store import Anomaly, Lock, LockingStore, ObjectMissing, Store, StoreRefused

SERVERS = ("moto", "radosgw")


@pytest.fixture(params=SERVERS)
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def bucket(server):
    return server.bucket(locks=True)


@pytest.fixture
def cabinet(server, bucket):
    return server.store(bucket, "office")


@pytest.fixture
def client(server):
    """Somebody who writes into the bucket past the office."""
    return server.client()


def versions(client, bucket, key):
    told = client.list_object_versions(Bucket=bucket, Prefix=key)
    return len(told.get("Versions", ())), len(told.get("DeleteMarkers", ()))


def long_ago(monkeypatch):
    """Let every later version be too late for a race, as if hours lay between."""
    monkeypatch.setattr(s3_versions, "RACE", timedelta(seconds=-1))


def typed(store: S3Store) -> tuple[Store, LockingStore]:
    """What mypy and the protocols say of the store."""
    assert isinstance(store, LockingStore)
    return store, store


def test_a_bucket_is_a_store_that_can_lock(cabinet):
    assert typed(cabinet) == (cabinet, cabinet)


def test_the_oldest_version_is_read_whatever_lies_over_it(cabinet, client, bucket):
    cabinet.put("a/b", b"ours")
    first = cabinet.version("a/b")
    for number in range(3):
        client.put_object(Bucket=bucket, Key="office/a/b", Body=b"theirs %d" % number)

    assert (cabinet.get("a/b"), cabinet.put("a/b", b"mine")) == (b"ours", b"ours")
    assert cabinet.version("a/b") == first
    assert versions(client, bucket, "office/a/b") == (4, 0)


def test_a_delete_marker_hides_nothing(cabinet, client, bucket):
    cabinet.put("a/b", b"ours")
    client.delete_object(Bucket=bucket, Key="office/a/b")

    assert (cabinet.get("a/b"), cabinet.exists("a/b")) == (b"ours", True)
    assert (cabinet.list("a"), cabinet.put("a/b", b"mine")) == (["a/b"], b"ours")
    [odd] = cabinet.strangers()
    assert odd.key == "a/b"
    assert odd.message.startswith("Someone deleted it on ")


def test_an_object_whose_version_was_deleted_under_its_marker_is_gone_and_told(
    cabinet, client, bucket
):
    cabinet.put("a/b", b"ours")
    version = cabinet.version("a/b")
    client.delete_object(Bucket=bucket, Key="office/a/b")
    client.delete_object(Bucket=bucket, Key="office/a/b", VersionId=version)

    assert (cabinet.find("a/b"), cabinet.exists("a/b"), cabinet.list("")) == (None, False, [])
    [odd] = cabinet.strangers()
    assert (odd.key, odd.message[:35]) == ("a/b", "Only a delete marker is left of it,")


@pytest.mark.parametrize(
    ("body", "is_late", "is_odd"),
    [
        pytest.param(b"theirs", True, True, id="other bytes, later"),
        pytest.param(b"theirs", False, False, id="other bytes at once: a lost race"),
        pytest.param(b"ours", True, False, id="the same bytes, later"),
    ],
)
def test_a_later_version_is_told_unless_it_lost_a_race(
    cabinet, client, bucket, monkeypatch, body, is_late, is_odd
):
    cabinet.put("a/b", b"ours")
    cabinet.put("c", b"ours")
    client.put_object(Bucket=bucket, Key="office/a/b", Body=body)
    if is_late:
        long_ago(monkeypatch)

    found = cabinet.strangers()

    assert [(odd.key, odd.message[:38]) for odd in found] == (
        [("a/b", "Someone laid another version over it o")] if is_odd else []
    )
    assert cabinet.strangers("a") == found
    assert cabinet.strangers("c") == []


def test_names_that_can_be_no_key_are_strangers_and_probes_are_none(cabinet, client, bucket):
    cabinet.put("a/b", b"x")
    for key in ("a/Copy of b", "a/", ".git/c", ".doctor/lock", "a/ü&?"):
        client.put_object(Bucket=bucket, Key=f"office/{key}", Body=b"")
    client.put_object(Bucket=bucket, Key="officers/c", Body=b"")

    assert cabinet.list("") == ["a/b"]
    assert cabinet.strangers() == [
        Anomaly(key, "It is no object of an archive.")
        for key in (".git/c", "a/", "a/Copy of b", "a/ü&?")
    ]


def test_lists_longer_than_a_page_are_whole(cabinet, client, bucket, monkeypatch):
    monkeypatch.setattr(s3_versions, "PAGE", 2)
    keys = [f"a/{number}" for number in range(5)]
    for key in keys:
        cabinet.put(key, key.encode())
    for number in range(5):
        client.put_object(Bucket=bucket, Key="office/a/2", Body=b"theirs %d" % number)

    assert (cabinet.list(""), cabinet.get("a/2")) == (keys, b"a/2")


def test_who_loses_between_looking_and_putting_gets_the_winner_s_bytes(
    cabinet, server, bucket, monkeypatch
):
    looked_for = S3Store.find

    def find_before_another_puts(self, key):
        found = looked_for(self, key)
        monkeypatch.undo()
        server.store(bucket, "office").put(key, b"theirs")
        return found

    monkeypatch.setattr(S3Store, "find", find_before_another_puts)

    assert cabinet.put("a/b", b"mine") == b"theirs"
    # What lost was taken away again.
    assert versions(server.client(), bucket, "office/a/b") == (1, 0)


def test_a_put_whose_answer_was_lost_counts_for_us(cabinet, server, bucket, monkeypatch):
    """boto3 tries again by itself: the second put comes upon the first."""
    looked_for = S3Store.find

    def find_before_we_put_unheard(self, key):
        found = looked_for(self, key)
        monkeypatch.undo()
        server.store(bucket, "office").put(key, b"mine")
        return found

    monkeypatch.setattr(S3Store, "find", find_before_we_put_unheard)

    assert cabinet.put("a/b", b"mine") == b"mine"


def test_bytes_that_are_not_those_that_were_put_are_not_returned(cabinet, client, bucket):
    client.put_object(
        Bucket=bucket, Key="office/a/b", Body=b"rotten", Metadata={"sha256": "0" * 64}
    )

    for read in (cabinet.get, cabinet.find, lambda key: cabinet.put(key, b"mine")):
        with pytest.raises(ObjectDamaged) as damaged:
            read("a/b")
        assert (damaged.value.code, damaged.value.where) == (
            "object-damaged",
            f"s3://{bucket}/office/a/b",
        )


@pytest.mark.parametrize("status", ["", "Suspended"])
def test_a_bucket_that_keeps_no_versions_is_not_written(server, status):
    bucket = server.bucket(is_versioned=False)
    if status:
        server.client().put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": status}
        )

    with pytest.raises(StoreRefused) as refused:
        server.store(bucket).put("a", b"x")

    assert refused.value.code == "bucket-not-versioned"
    assert server.store(bucket).list("") == []


def test_versioning_suspended_in_the_middle_is_noticed_at_the_next_put(server):
    bucket = server.bucket()
    cabinet = server.store(bucket)
    cabinet.put("a", b"x")
    server.client().put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )

    with pytest.raises(StoreRefused) as refused:
        cabinet.put("b", b"x")

    assert refused.value.code == "bucket-not-versioned"


def test_stores_are_the_same_by_endpoint_bucket_and_prefix(moto):
    def store(bucket="b", prefix="p", endpoint="https://s3.example"):
        return S3Store(moto.client(), bucket, prefix, endpoint=endpoint)

    alike = [store(), store(prefix="p/"), store(endpoint="https://s3.example/")]
    others = [store("c"), store(prefix="q"), store(endpoint="https://s4.example")]
    assert {*alike} == {store()}
    assert len({store(), *others}) == 4


# Locks


SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
LATER = SOON + timedelta(days=30)


def test_what_is_not_locked_says_so(cabinet):
    cabinet.put("a", b"x")

    assert (cabinet.locked("a"), cabinet.is_held("a")) == (None, False)
    for ask in (cabinet.version, cabinet.locked, cabinet.is_held):
        with pytest.raises(ObjectMissing):
            ask("b")


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        pytest.param(
            ("governance", SOON), ("governance", LATER), ("governance", LATER), id="longer"
        ),
        pytest.param(
            ("governance", LATER), ("governance", SOON), ("governance", LATER), id="shorter"
        ),
        pytest.param(
            ("compliance", LATER), ("compliance", SOON), ("compliance", LATER), id="shorter, strict"
        ),
        pytest.param(
            ("compliance", SOON), ("compliance", LATER), ("compliance", LATER), id="longer, strict"
        ),
        pytest.param(
            ("compliance", LATER), ("governance", SOON), ("compliance", LATER), id="milder within"
        ),
    ],
)
def test_a_lock_only_ever_grows(cabinet, before, asked, after):
    cabinet.put("a", b"x")
    cabinet.lock("a", Lock(*before))

    cabinet.lock("a", Lock(*asked))

    assert cabinet.locked("a") == Lock(*after)


def test_a_lock_under_compliance_is_not_prolonged_for_governance(cabinet):
    cabinet.put("a", b"x")
    cabinet.lock("a", Lock("compliance", SOON))

    with pytest.raises(StoreRefused) as refused:
        cabinet.lock("a", Lock("governance", LATER))

    assert refused.value.code == "lock-too-strict"
    assert cabinet.locked("a") == Lock("compliance", SOON)


def test_governance_becomes_compliance_where_the_server_lets_it(cabinet, server):
    cabinet.put("a", b"x")
    cabinet.lock("a", Lock("governance", LATER))

    if server.is_radosgw:  # only to those who may bypass governance
        with pytest.raises(StoreRefused) as refused:
            cabinet.lock("a", Lock("compliance", SOON))
        assert refused.value.code == "store-not-writable"
    else:
        cabinet.lock("a", Lock("compliance", SOON))
        assert cabinet.locked("a") == Lock("compliance", LATER)


def test_parts_of_a_second_count_as_one_more(cabinet):
    cabinet.put("a", b"x")

    cabinet.lock("a", Lock("governance", SOON + timedelta(microseconds=1)))

    assert cabinet.locked("a") == Lock("governance", SOON + timedelta(seconds=1))


def test_what_is_locked_or_held_is_not_deleted(cabinet, client, bucket):
    def delete(key, **more):
        client.delete_object(
            Bucket=bucket, Key=f"office/{key}", VersionId=cabinet.version(key), **more
        )

    for key in "abc":
        cabinet.put(key, b"x")
    cabinet.lock("a", Lock("compliance", SOON))
    cabinet.lock("b", Lock("governance", SOON))
    cabinet.hold("c", True)

    for key, more in (("a", {"BypassGovernanceRetention": True}), ("a", {}), ("b", {}), ("c", {})):
        with pytest.raises(ClientError, match="AccessDenied"):
            delete(key, **more)

    assert cabinet.is_held("c")
    cabinet.hold("c", False)
    assert not cabinet.is_held("c")
    delete("c")
    assert cabinet.list("") == ["a", "b"]


def test_a_bucket_without_object_lock_is_named_as_such(server):
    cabinet = server.store()
    cabinet.put("a", b"x")

    for ask in (
        lambda: cabinet.lock("a", Lock("governance", SOON)),
        lambda: cabinet.hold("a", True),
    ):
        with pytest.raises(StoreRefused) as refused:
            ask()
        assert refused.value.code == "bucket-without-lock"
    assert (cabinet.locked("a"), cabinet.is_held("a")) == (None, False)


def test_what_is_removed_is_removed_with_all_its_versions_and_markers(cabinet, client, bucket):
    cabinet.put("a/b", b"ours")
    cabinet.put("a/bc", b"another")
    client.put_object(Bucket=bucket, Key="office/a/b", Body=b"theirs")
    client.delete_object(Bucket=bucket, Key="office/a/b")

    cabinet.remove("a/b")

    assert versions(client, bucket, "office/a/b") == (1, 0)  # that of a/bc
    assert (cabinet.find("a/b"), cabinet.get("a/bc")) == (None, b"another")


@pytest.mark.parametrize("kept_by", ["a lock", "a hold"])
def test_what_the_store_keeps_is_not_removed(cabinet, kept_by):
    cabinet.put("a/b", b"ours")
    if kept_by == "a lock":
        cabinet.lock("a/b", Lock("governance", datetime.now(UTC) + timedelta(days=1)))
    else:
        cabinet.hold("a/b", True)

    with pytest.raises(StoreRefused) as refused:
        cabinet.remove("a/b")

    assert refused.value.code == "store-not-writable"
    assert cabinet.get("a/b") == b"ours"
