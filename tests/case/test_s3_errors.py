"""What goes wrong between the office and its bucket, and what the office makes of it."""

import uuid
from datetime import timedelta

import botocore.auth
import pytest

from letters.errors import TransientError, UsageError
from tasks.case.s3 import S3Store, make_client
from tasks.case.store import StoreFailed, StoreFull, StoreRefused, StoreUnavailable
from tests.case import faulty_server as faulty
from tests.radosgw import an_archive

KEYS = {"aws_access_key_id": "AKIAOFFICE", "aws_secret_access_key": "SECRET-KEY"}


def a_store(server_endpoint, tmp_path, credentials=KEYS, **overrides):
    archive = an_archive(
        endpoint=server_endpoint, connect_seconds=0.5, read_seconds=0.3, attempts=1, **overrides
    )
    client = make_client(archive, root=tmp_path, credentials=credentials)
    return S3Store(client, archive.bucket, archive.prefix, endpoint=archive.endpoint)


def errors_of(store):
    """What each method raises, in the order of the calls."""
    raised = []
    for call in (
        lambda: store.put("a/b", b"x"),
        lambda: store.get("a/b"),
        lambda: store.exists("a/b"),
        lambda: store.list("a"),
        lambda: store.strangers(),
    ):
        with pytest.raises(Exception) as error:  # noqa: PT011 - judged by its type below
            call()
        assert "SECRET" not in str(error.value)
        raised.append(error.value)
    return raised


@pytest.mark.parametrize(
    "answer",
    [faulty.silence, faulty.hang_up, faulty.reset, faulty.garbage],
    ids=["nothing is said", "the server hangs up", "the connection is reset", "it is gibberish"],
)
def test_no_answer_is_tried_again(tmp_path, answer):
    with faulty.answering(answer) as endpoint:
        raised = errors_of(a_store(endpoint, tmp_path))

    assert [type(error) for error in raised] == [StoreUnavailable] * 5
    assert {error.code for error in raised} == {"store-unavailable"}


def test_a_server_that_is_not_there_is_tried_again(tmp_path):
    raised = errors_of(a_store(faulty.refusing(), tmp_path))

    assert [type(error) for error in raised] == [StoreUnavailable] * 5
    assert raised[1].where == "s3://letters/a/b"


@pytest.mark.parametrize(
    ("status", "said", "error", "code"),
    [
        (503, "SlowDown", StoreUnavailable, "store-unavailable"),
        (500, "InternalError", StoreUnavailable, "store-unavailable"),
        (502, "", StoreUnavailable, "store-unavailable"),
        (429, "TooManyRequests", StoreUnavailable, "store-unavailable"),
        (400, "RequestTimeout", StoreUnavailable, "store-unavailable"),
        (400, "BadDigest", StoreUnavailable, "store-unavailable"),
        (507, "InsufficientStorage", StoreFull, "store-full"),
        (403, "QuotaExceeded", StoreFull, "store-full"),
        (403, "AccessDenied", StoreRefused, "store-not-{}"),
        (403, "InvalidAccessKeyId", StoreRefused, "store-not-{}"),
        (403, "SignatureDoesNotMatch", StoreRefused, "store-not-{}"),
        (400, "ExpiredToken", StoreRefused, "store-not-{}"),
        (401, "", StoreRefused, "store-not-{}"),
        (403, "RequestTimeTooSkewed", StoreRefused, "clock-wrong"),
        (404, "NoSuchBucket", StoreRefused, "bucket-missing"),
        (400, "InvalidArgument", StoreFailed, "store-failed"),
        (501, "NotImplemented", StoreFailed, "store-failed"),
    ],
)
def test_an_error_of_the_server_has_a_meaning(tmp_path, status, said, error, code):
    with faulty.answering(faulty.saying(status, said)) as endpoint:
        raised = errors_of(a_store(endpoint, tmp_path))

    assert [type(each) for each in raised] == [error] * 5
    assert [each.code for each in raised] == [
        code.format(may) for may in ("writable", *["readable"] * 4)
    ]
    assert all(each.remedy for each in raised)
    assert issubclass(error, TransientError) == (error in (StoreUnavailable, StoreFull))


def test_a_request_is_made_as_often_as_the_settings_say(tmp_path):
    asked = []

    def count(connection, over):
        asked.append(1)
        faulty.saying(503, "SlowDown")(connection, over)

    with faulty.answering(count) as endpoint:
        archive = an_archive(endpoint=endpoint, attempts=2)
        client = make_client(archive, root=tmp_path, credentials=KEYS)
        with pytest.raises(StoreUnavailable):
            S3Store(client, "letters").get("a")

    assert len(asked) == 2


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="nowhere any"),
        pytest.param({"AWS_ACCESS_KEY_ID": "AKIAOFFICE"}, id="half of them"),
        pytest.param({"AWS_PROFILE": "nobody"}, id="a profile that isn't there"),
    ],
)
def test_missing_credentials_are_named_as_such(tmp_path, monkeypatch, environment):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    nowhere = {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in (nowhere | environment).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(StoreRefused) as refused:
        a_store(faulty.refusing(), tmp_path, credentials=None).get("a")

    assert refused.value.code == "credentials-missing"


# A real server


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"aws_secret_access_key": "SECRET-KEY"}, id="a wrong secret"),
        pytest.param({"aws_access_key_id": "AKIANOBODY"}, id="a key that nobody has"),
    ],
)
def test_wrong_credentials_are_refused(radosgw, tmp_path, wrong):
    archive = radosgw.archive(radosgw.bucket())
    client = make_client(archive, root=tmp_path, credentials=radosgw.credentials | wrong)
    store = S3Store(client, archive.bucket)

    raised = errors_of(store)

    assert [error.code for error in raised] == ["store-not-writable", *["store-not-readable"] * 4]
    assert all("Check the credentials" in error.remedy for error in raised)


def test_somebody_without_rights_is_refused(radosgw, tmp_path):
    archive = radosgw.archive(radosgw.bucket())
    stranger = radosgw.another_user(f"u-{uuid.uuid4().hex}")
    store = S3Store(make_client(archive, root=tmp_path, credentials=stranger), archive.bucket)

    raised = errors_of(store)

    assert [error.code for error in raised] == ["store-not-writable", *["store-not-readable"] * 4]


def test_a_wrong_clock_is_named_as_such(radosgw, monkeypatch):
    store = radosgw.store()
    real = botocore.auth.get_current_datetime
    monkeypatch.setattr(
        botocore.auth,
        "get_current_datetime",
        lambda *args, **kwargs: real(*args, **kwargs) + timedelta(hours=1),
    )

    raised = errors_of(store)

    assert [error.code for error in raised] == ["clock-wrong"] * 5


def test_a_bucket_that_is_not_there_is_named_as_such(radosgw):
    raised = errors_of(S3Store(radosgw.client(), f"b-{uuid.uuid4().hex}"))

    assert [error.code for error in raised] == ["bucket-missing"] * 5


def test_a_quota_that_is_used_up_may_pass(radosgw, tmp_path):
    user = f"u-{uuid.uuid4().hex}"
    owner = radosgw._replace(credentials=radosgw.another_user(user))
    client = make_client(radosgw.archive(), root=tmp_path, credentials=owner.credentials)
    bucket = f"b-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    radosgw.admin(
        "quota", "set", "--quota-scope=user", f"--uid={user}", "--max-objects=0", "--max-size=0"
    )
    radosgw.admin("quota", "enable", "--quota-scope=user", f"--uid={user}")

    with pytest.raises(StoreFull) as full:
        S3Store(client, bucket).put("a", b"x" * 100_000)

    assert full.value.code == "store-full"


def test_a_server_is_trusted_by_its_authority_and_by_nothing_else(radosgw, tmp_path):
    bucket = radosgw.bucket()

    def store(ca_file):
        archive = radosgw.archive(
            bucket, endpoint=radosgw.tls_endpoint, ca_file=ca_file, attempts=1
        )
        client = make_client(archive, root=radosgw.folder, credentials=radosgw.credentials)
        return S3Store(client, bucket)

    # Named relative to the office's folder.
    assert store("ca.pem").put("a", b"x") == b"x"
    assert store(str(radosgw.ca_file)).get("a") == b"x"
    assert [error.code for error in errors_of(store(""))] == ["store-not-trusted"] * 5
    with pytest.raises(UsageError) as missing:
        store("nowhere.pem")
    assert missing.value.code == "ca-file-missing"
