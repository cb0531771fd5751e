"""What the doctor finds in a bucket, on two servers that differ."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tasks.case.bucket import bucket_findings
from tasks.case.s3 import make_client

WELL = {
    "bucket-reached": "ok",
    "clock": "ok",
    "versioning": "ok",
    "no-lock": "ok",
    "bucket-private": "ok",
    "conditional-writes": "ok",
    "versions-deletable": "warning",
    "bucket-changeable": "warning",
}
"""Of an owner's own bucket without Object Lock."""


def looked_at(server, bucket, *, client=None, now=None, prefix="office", **settings):
    archive = server.archive(bucket, prefix=prefix, **settings)
    return bucket_findings(
        client or server.client(), bucket, prefix, archive, now or datetime.now(UTC)
    )


def levels(findings):
    for finding in findings:
        assert finding.message
        assert finding.remedy or finding.level == "ok"
    return {finding.code: finding.level for finding in findings}


@pytest.fixture(params=["moto", "radosgw"])
def server(request):
    return request.getfixturevalue(request.param)


def on(server, told):
    """What is told of a server that ignores conditions."""
    if not server.is_radosgw:
        return told
    return {
        "conditional-writes-ignored" if code == "conditional-writes" else code: level
        for code, level in told.items()
    }


def test_an_owner_s_bucket_is_fit_and_its_owner_may_too_much(server):
    assert levels(looked_at(server, server.bucket())) == on(server, WELL)


def test_a_bucket_that_locks_holds_only_against_those_who_cannot_bypass(server):
    told = on(server, WELL) | {"lock": "ok", "governance-bypassed": "failure"}
    del told["no-lock"]

    assert levels(looked_at(server, server.bucket(locks=True), lock="governance")) == told
    strict = levels(looked_at(server, server.bucket(locks=True), lock="compliance"))
    assert strict == told | {"governance-bypassed": "warning"}


def test_a_lock_that_nobody_asks_for_is_told(server):
    told = levels(looked_at(server, server.bucket(locks=True)))

    assert told["lock-unused"] == "warning"


def test_a_lock_that_the_bucket_does_not_have_is_a_failure(server):
    told = levels(looked_at(server, server.bucket(), lock="governance"))

    assert told["bucket-without-lock"] == "failure"


@pytest.mark.parametrize(
    ("mode", "code", "level"),
    [
        ("COMPLIANCE", "default-compliance", "failure"),
        ("GOVERNANCE", "default-retention", "warning"),
    ],
)
def test_a_default_retention_is_told(server, mode, code, level):
    bucket = server.bucket(locks=True)
    rule = {"DefaultRetention": {"Mode": mode, "Days": 1}}
    server.client().put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )

    found = looked_at(server, bucket, lock="compliance")

    assert levels(found)[code] == level
    assert next(each.message for each in found if each.code == code).count("1 days") == 1


def test_a_bucket_without_versions_is_a_failure_and_is_not_tried(server):
    bucket = server.bucket(is_versioned=False)

    told = levels(looked_at(server, bucket))

    assert told == {
        "bucket-reached": "ok",
        "clock": "ok",
        "bucket-not-versioned": "failure",
        "no-lock": "ok",
        "bucket-private": "ok",
    }


def test_an_open_bucket_is_a_failure(server):
    bucket = server.bucket()
    server.client().put_bucket_acl(Bucket=bucket, ACL="public-read")

    assert levels(looked_at(server, bucket))["bucket-public"] == "failure"


def test_clocks_apart_are_told(server):
    late = datetime.now(UTC) + timedelta(minutes=5)

    assert levels(looked_at(server, server.bucket(), now=late))["clock-wrong"] == "warning"


def test_nothing_is_left_behind_in_a_bucket_that_lets_versions_be_deleted(server):
    bucket = server.bucket(locks=True)
    cabinet = server.store(bucket, "office")
    cabinet.put("a", b"x")
    before = server.client().list_object_versions(Bucket=bucket)["Versions"]

    looked_at(server, bucket, lock="governance")

    after = server.client().list_object_versions(Bucket=bucket)
    assert (after["Versions"], after.get("DeleteMarkers", [])) == (before, [])


def test_a_bucket_that_cannot_be_had_is_one_failure(server):
    assert levels(looked_at(server, "nonesuch-bucket")) == {"bucket-missing": "failure"}


RIGHTS = ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucketVersions"]
ASKING = ["s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketAcl"]
LOCKING = ["s3:PutObjectRetention", "s3:GetObjectRetention"]


def office_of_little(server, bucket, rights, denied=()):
    """A client of somebody who has these rights on another's bucket."""
    user = f"office-of-{bucket}"
    credentials = server.another_user(user)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": effect,
                "Principal": {"AWS": [f"arn:aws:iam:::user/{user}"]},
                "Action": actions,
                "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            }
            for effect, actions in (("Allow", rights), ("Deny", list(denied)))
            if actions
        ],
    }
    server.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return make_client(server.archive(bucket), root=server.folder, credentials=credentials)


def test_an_office_with_its_own_few_rights_is_well(radosgw):
    bucket = radosgw.bucket(locks=True)
    client = office_of_little(radosgw, bucket, [*RIGHTS, *ASKING, *LOCKING])

    told = levels(looked_at(radosgw, bucket, client=client, lock="governance"))

    assert told == {
        "bucket-reached": "ok",
        "clock": "ok",
        "versioning": "ok",
        "lock": "ok",
        "bucket-private": "ok",
        "conditional-writes-ignored": "ok",
        "versions-kept": "ok",
        "governance-holds": "ok",
        "bucket-not-changeable": "ok",
        "bucket-reticent": "warning",
    }
    # Another visit comes upon what the first had to leave, and leaves the archive as it is.
    assert levels(looked_at(radosgw, bucket, client=client, lock="governance")) == told
    cabinet = radosgw.store(bucket, "office")
    assert (cabinet.list(""), cabinet.strangers()) == ([], [])


def test_an_office_that_may_not_lock_is_told_so(radosgw):
    bucket = radosgw.bucket(locks=True)
    # Who puts an object owns it there, and may lock it unless that is denied.
    client = office_of_little(radosgw, bucket, [*RIGHTS, *ASKING], denied=LOCKING)

    told = levels(looked_at(radosgw, bucket, client=client, lock="governance"))

    assert told["lock-refused"] == "failure"


def test_an_office_that_may_not_write_is_told_so(radosgw):
    bucket = radosgw.bucket()
    client = office_of_little(radosgw, bucket, [*RIGHTS[1:], *ASKING])

    told = levels(looked_at(radosgw, bucket, client=client))

    assert told["store-not-writable"] == "failure"


def test_an_office_that_may_not_ask_for_versioning_is_told_so(radosgw):
    bucket = radosgw.bucket()
    client = office_of_little(radosgw, bucket, RIGHTS)

    told = levels(looked_at(radosgw, bucket, client=client, lock="governance"))

    assert (told["bucket-not-versioned"], told["bucket-without-lock"]) == ("failure", "warning")
    assert told["bucket-reticent"] == "warning"


def test_a_stranger_is_told_that_nothing_may_be_read(radosgw):
    bucket = radosgw.bucket()
    client = office_of_little(radosgw, bucket, ["s3:PutObject"])

    assert levels(looked_at(radosgw, bucket, client=client)) == {"store-not-readable": "failure"}
