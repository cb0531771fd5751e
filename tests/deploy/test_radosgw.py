"""deploy/radosgw: what it keeps to itself, and what it leaves alone."""

import configparser
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.deploy.proxy import DEPLOY
from tests.served import free_port

SCRIPT = DEPLOY / "radosgw"
PACKAGES = DEPLOY.parent / "build" / "radosgw"


def radosgw(*arguments, **environment):
    return subprocess.run(
        [SCRIPT, *map(str, arguments)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["credentials", "ceph.conf", "mon", "osd", "rgw"])
def test_a_folder_that_it_did_not_make_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine")

    said = radosgw("start", tmp_path, PORT=str(free_port()))

    assert said.returncode == 1
    assert "not of deploy/radosgw's making" in said.stderr
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]


@pytest.mark.parametrize("name", ["a b", "a,b", "a;b"])
def test_a_folder_of_a_name_that_ceph_would_take_for_several_is_refused(tmp_path, name):
    said = radosgw("start", tmp_path / name, PORT=str(free_port()))

    assert said.returncode == 1
    assert "Ceph can use no folder with a space, a comma or a semicolon" in said.stderr


@pytest.fixture
def watched(tmp_path):
    """Packages and a PATH with whose programs all arguments are noted; where, and how."""
    fetched = radosgw("fetch")
    if fetched.returncode:
        pytest.skip(fetched.stderr.strip())
    notes = tmp_path / "arguments"
    root = tmp_path / "packages" / "root"
    (root / "usr" / "bin").mkdir(parents=True)
    for path in (PACKAGES / "root" / "usr").iterdir():
        if path.name != "bin":
            (root / "usr" / path.name).symlink_to(path)
    if (PACKAGES / "root" / "lib").exists():
        (root / "lib").symlink_to(PACKAGES / "root" / "lib")
    for path in (PACKAGES / "root" / "usr" / "bin").iterdir():
        (root / "usr" / "bin" / path.name).symlink_to(path)
    (root.parent / "complete").touch()
    noting(root / "usr" / "bin" / "radosgw-admin", notes)
    noting(root / "usr" / "bin" / "curl", notes, shutil.which("curl"))
    return notes, {"PACKAGES": str(root.parent), "PORT": str(free_port())}


def noting(path: Path, notes: Path, program: str | None = None) -> None:
    """Have a program note its arguments first, as anybody can see them."""
    real = program or path.readlink()
    path.unlink(missing_ok=True)
    path.write_text(f'#!/bin/sh\necho "$0 $*" >>{shlex.quote(str(notes))}\nexec {real} "$@"\n')
    path.chmod(0o755)


@pytest.mark.slow
def test_no_key_stands_in_what_everybody_can_list_or_read(tmp_path, watched):
    notes, environment = watched
    folder = tmp_path / "s3-server"
    try:
        for arguments in (
            ("start", folder),
            ("bucket", folder, "letters"),
            ("user", folder, "witness"),
            ("bucket", folder, "vouched", "witness"),
        ):
            said = radosgw(*arguments, **environment)
            if arguments[0] == "start" and "did not start" in said.stderr and said.returncode:
                pytest.skip(said.stderr.strip())  # the machine has too much to do
            assert said.returncode == 0, said.stderr

        told = configparser.ConfigParser()
        told.read(folder / "credentials")
        assert told.sections() == ["default", "witness"]
        assert buckets(told["default"], environment["PORT"]) == ["letters"]
        assert buckets(told["witness"], environment["PORT"]) == ["vouched"]

        secrets = [told[section]["aws_secret_access_key"] for section in told.sections()]
        listed = notes.read_text()
        assert listed.count("radosgw-admin -n client.rgw user create") == 2
        assert listed.count("curl") == 2
        assert [secret for secret in secrets if secret in listed] == []
        assert folder.stat().st_mode & 0o077 == 0
        holding = {
            path.name
            for path in folder.iterdir()
            if path.is_file()
            and any(secret in path.read_bytes().decode("latin-1") for secret in secrets)
        }
        assert holding == {"credentials"}
        assert (folder / "credentials").stat().st_mode & 0o077 == 0
    finally:
        radosgw("stop", folder, **environment)


def buckets(keys, port):
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        config=Config(proxies={}),
        **keys,
    )
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    for name in names:
        assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        lock = client.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
        assert lock["ObjectLockEnabled"] == "Enabled"
    return names
