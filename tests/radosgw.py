"""S3 servers for tests: moto within the process, and a real one, Ceph's radosgw.

`from tests.radosgw import moto, radosgw` gives a module or a room the fixtures.
"""

import configparser
import fcntl
import logging
import os
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import NamedTuple

import pytest
from moto.server import ThreadedMotoServer

from tasks.case.s3 import S3Store, make_client
from tasks.case.settings import Archive

SCRIPT = Path(__file__).parent.parent / "deploy" / "radosgw"


def an_archive(**overrides):
    """Settings of an archive in a bucket, impatient."""
    fields = {
        "store": "s3",
        "bucket": "letters",
        "prefix": "",
        "endpoint": "",
        "region": "",
        "path_style": True,
        "ca_file": "",
        "credentials_block": "",
        "connect_seconds": 2,
        "read_seconds": 20,
        "attempts": 2,
        "lock": "none",
    }
    return Archive(**fields | overrides)


_clients = {}


class Server(NamedTuple):
    """An S3 server on this machine."""

    endpoint: str
    credentials: dict[str, str]
    folder: Path = Path("/")
    tls_endpoint: str = ""

    @property
    def is_radosgw(self) -> bool:
        """Whether it is the real one, which ignores conditions and lets nobody pass by."""
        return bool(self.tls_endpoint)

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that vouches for the TLS endpoint."""
        return self.folder / "ca.pem"

    def archive(self, bucket="letters", **overrides):
        """Settings of an archive in one of its buckets."""
        return an_archive(**{"endpoint": self.endpoint, "bucket": bucket} | overrides)

    def client(self, **overrides):
        """A client of the office's own credentials, made once: that takes a quarter second."""
        archive = self.archive(**overrides)
        if archive not in _clients:
            _clients[archive] = make_client(archive, root=self.folder, credentials=self.credentials)
        return _clients[archive]

    def bucket(self, *, locks=False, is_versioned=True):
        """Make a bucket and return its name."""
        client, name = self.client(), f"b-{uuid.uuid4().hex}"
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locks)
        if is_versioned:
            told = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration=told)
        return name

    def store(self, bucket="", prefix="", *, locks=False):
        """A store in a bucket, in a new one where none is named."""
        bucket = bucket or self.bucket(locks=locks)
        return S3Store(self.client(), bucket, prefix, endpoint=self.endpoint)

    def another_user(self, name):
        """Credentials of a user who may do nothing in the office's buckets."""
        key, secret = uuid.uuid4().hex, uuid.uuid4().hex
        self.admin(
            "user",
            "create",
            f"--uid={name}",
            f"--display-name={name}",
            f"--access-key={key}",
            f"--secret={secret}",
        )
        return {"aws_access_key_id": key, "aws_secret_access_key": secret}

    def admin(self, *arguments):
        """What only who runs the server may do."""
        _run("admin", self.folder, *arguments)


@pytest.fixture(scope="session")
def moto():
    """A server within this process: quick, but deaf to signatures and soft on COMPLIANCE."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "office", "aws_secret_access_key": "office"}
    yield Server(endpoint=f"http://{host}:{port}", credentials=keys)
    server.stop()


@pytest.fixture(scope="session")
def radosgw():
    """The server: the first who wants it starts it, and it ends with the last of its users."""
    # Workers of pytest-xdist share it. It lies where no other session of pytest clears up.
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"radosgw-{os.getuid()}-{session}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "turn").open("w") as turn, (folder / "users").open("w") as users:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not (folder / "ports").exists() or _said("status", folder).returncode:
            _start(folder)
        fcntl.flock(turn, fcntl.LOCK_UN)
        port, tls_port = (folder / "ports").read_text().split()
        told = configparser.ConfigParser()
        told.read(folder / "credentials")
        yield Server(
            endpoint=f"http://127.0.0.1:{port}",
            tls_endpoint=f"https://127.0.0.1:{tls_port}",
            credentials=dict(told["default"]),
            folder=folder,
        )


def _start(folder):
    fetched = _said("fetch", folder)
    if fetched.returncode:
        pytest.skip(fetched.stderr.strip())
    ports = [str(_free_port()), str(_free_port())]
    # The kernel gives the lock when all users are gone, however they ended.
    ending = f'{SCRIPT} stop "$1"; rm -r "$1"'
    subprocess.Popen(
        ["flock", folder / "users", "sh", "-c", ending, "sh", folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started = _said("start", folder, environment={"PORT": ports[0], "TLS_PORT": ports[1]})
    if started.returncode:
        # As when it can't be had: pytest's summary names what was not tried, and why.
        pytest.skip(f"radosgw did not come up: {started.stderr.strip()[-500:]}")
    (folder / "ports").write_text(" ".join(ports))


def _run(verb, folder, *arguments, environment=None):
    said = _said(verb, folder, *arguments, environment=environment)
    assert said.returncode == 0, said.stderr


def _said(verb, folder, *arguments, environment=None):
    return subprocess.run(
        [SCRIPT, verb, folder, *arguments],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
