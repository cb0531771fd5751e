"""Debian's nginx with the office's own file, what stands behind it, and people in front of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import NameOID

from tests.served import free_port, wait_for

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

AS_WE_ARE = ("-g", "user root;") if os.geteuid() == 0 else ()
"""Else root's nginx turns into somebody who can't read what tests wrote."""

SIGNING, PREFECT = "letters.example", "prefect.letters.example"
PREFECT_LOGIN = "Basic b3BlcmF0b3I6c2VjcmV0"
ADA = {"Cookie": "session=ada; other=1"}
"""Someone who is logged in at the identity proxy."""


class Seen(NamedTuple):
    """A request as it arrived behind the proxy; header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Recorder:
    """A server that answers every request with 200, and remembers it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.body = b"{}"
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Seen(self.command, self.path, headers, body)
                recorder.seen.append(request)
                status, more = recorder.answer_to(request)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(recorder.body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(recorder.body)

            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):
                    return self.answer
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Patient(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer_to(self, request: Seen) -> tuple[int, dict[str, str]]:
        """Say status and further headers of an answer."""
        return 200, {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Patient(ThreadingHTTPServer):
    # A page asks for a lot at once.
    request_queue_size = 128


class Identity(Recorder):
    """An identity proxy that knows people by the cookie `session`."""

    def __init__(self) -> None:
        super().__init__()
        # nginx looks at the head of its answer and leaves.
        self.body = b""

    def answer_to(self, request: Seen) -> tuple[int, dict[str, str]]:
        if request.path != "/oauth2/auth":
            return 200, {}
        known = re.search(r"session=(\w+)", request.headers.get("cookie", ""))
        return (202, {"X-Auth-Request-User": known[1]}) if known else (401, {})


class Proxy:
    """A running nginx, and what stands behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk, self.webhook = Recorder(), Recorder()
        self.prefect, self.identity = Recorder(), Identity()
        self.port, self.plain_port = free_port(), free_port()
        self.log = folder / "nginx.log"

    def origin(self, name: str) -> str:
        """How a browser names a site here."""
        return f"https://{name}:{self.port}"

    def client(self, name: str, **options: object) -> httpx.Client:
        """A client of one of the sites, wherever the name leads elsewhere."""
        trust = ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))
        return httpx.Client(
            base_url=self.origin(name), transport=_ToLoopback(verify=trust), timeout=30, **options
        )

    def raw(self, name: str, target: str, method: str = "GET", **headers: str) -> int:
        """Send a request whose target no client would write so; its status, 0 without an answer."""
        trust = ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))
        told = {"Host": f"{name}:{self.port}", "Connection": "close", **ADA, **headers}
        head = "".join(f"{key}: {value}\r\n" for key, value in told.items())
        with (
            socket.create_connection(("127.0.0.1", self.port)) as plain,
            trust.wrap_socket(plain, server_hostname=name) as sent,
        ):
            sent.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
            answer = sent.recv(4096)
            return int(answer.split()[1]) if answer else 0

    def lines(self) -> list[dict[str, object]]:
        """What was logged of each request."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]


class _ToLoopback(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)


@contextmanager
def running_proxy(
    folder: Path,
    *,
    login: str = "identity",
    desk: str = "",
    prefect: str = "",
    prefect_login: str = PREFECT_LOGIN,
) -> Iterator[Proxy]:
    """Run nginx with the office's file for the length of a block."""
    assert NGINX is not None
    proxy = Proxy(folder)
    write_certificate(folder)
    (folder / "prefect-login").write_text(f'proxy_set_header Authorization "{prefect_login}";\n')
    # Ada's password is “engine”; in real life `htpasswd -B` writes it.
    (folder / "people").write_text("ada:{PLAIN}engine\n")
    values = {
        "PROXY_SIGNING_NAME": SIGNING,
        "PROXY_PREFECT_NAME": PREFECT,
        "PROXY_HTTPS_PORT": f"127.0.0.1:{proxy.port}",
        "PROXY_HTTP_PORT": f"127.0.0.1:{proxy.plain_port}",
        "PROXY_DESK": desk or proxy.desk.address,
        "PROXY_WEBHOOK": proxy.webhook.address,
        "PROXY_PREFECT": prefect or proxy.prefect.address,
        "PROXY_LOGIN": login,
        "PROXY_IDENTITY": proxy.identity.address,
        "PROXY_PEOPLE": str(folder / "people"),
        "PROXY_CERTIFICATE": str(folder / "certificate.pem"),
        "PROXY_CERTIFICATE_KEY": str(folder / "certificate.key"),
        "PROXY_PREFECT_LOGIN": str(folder / "prefect-login"),
        "PROXY_HOME": str(folder),
    }
    assert set(values) == set(proxy_variables())
    for source in (DEPLOY / "nginx.conf", *(DEPLOY / "nginx").glob("*.conf")):
        (folder / source.name).write_text(put_in(source.read_text(), values))
    with proxy.log.open("w") as log:
        process = subprocess.Popen(
            [NGINX, "-p", folder, "-c", folder / "nginx.conf", *AS_WE_ARE], stdout=log, stderr=log
        )
    try:
        is_up = wait_for(lambda: _listens(proxy.port) or process.poll() is not None, seconds=20)
        assert is_up, proxy.log.read_text()
        assert process.poll() is None, proxy.log.read_text()
        yield proxy
    finally:
        process.terminate()
        process.wait(timeout=20)
        for server in (proxy.desk, proxy.webhook, proxy.prefect, proxy.identity):
            server.close()


def put_in(template: str, values: dict[str, str]) -> str:
    """Put in ${PROXY_…} and nothing else, as nginx's container and envsubst do."""
    return re.sub(r"\$\{(PROXY_[A-Z_]+)\}", lambda found: values[found[1]], template)


def proxy_variables() -> dict[str, str]:
    """The variables that the example lists, with its values."""
    lines = (DEPLOY / "proxy.env.example").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def write_certificate(folder: Path) -> None:
    """Make a certificate of both names that vouches for itself."""
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SIGNING)])
    names = x509.SubjectAlternativeName([x509.DNSName(name) for name in (SIGNING, PREFECT)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "certificate.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        time.sleep(0.02)
        return False
    return True
