"""A real time-stamp authority on loopback: `openssl ts` behind a small HTTP server."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SIGNING = {"digital_signature": True, "content_commitment": True}
ISSUING = {"key_cert_sign": True, "crl_sign": True}

CONFIGURATION = """
[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""


def a_certificate(
    name, key, *, issuer=None, issuer_key=None, usages=SIGNING, extended=None, valid=None
):
    """A certificate by an issuer, or by itself; `valid` are its first and last moment."""
    now = datetime.now(UTC)
    first, last = valid or (now - timedelta(days=1), now + timedelta(days=900))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    told = {**dict.fromkeys(_USAGES, False), **usages}
    is_authority = usages is ISSUING
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**told), critical=True)
    )
    if extended is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=True)
    return builder.sign(issuer_key or key, SHA256())


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def a_key():
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(certificate):
    return certificate.public_bytes(Encoding.PEM)


class Authority:
    """The authority: its address, its root (PEM), and what its next answers are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = 0
        self.broken = None
        """A function of the true answer that gives (status, content type, body)."""
        root_key, key = a_key(), a_key()
        root = a_certificate("Root of time stamps", root_key, usages=ISSUING)
        certificate = a_certificate(
            "Time stamps",
            key,
            issuer=root,
            issuer_key=root_key,
            usages={"digital_signature": True},
            extended=ExtendedKeyUsageOID.TIME_STAMPING,
        )
        self.root_pem = pem_of(root)
        folder.joinpath("root.pem").write_bytes(self.root_pem)
        folder.joinpath("tsa.pem").write_bytes(pem_of(certificate))
        folder.joinpath("tsa.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        folder.joinpath("serial").write_text("01\n")
        folder.joinpath("tsa.cnf").write_text(CONFIGURATION.format(folder=folder))

    def answer(self, query: bytes):
        self.asked += 1
        self.folder.joinpath("query").write_bytes(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "out"],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
        true = (200, "application/timestamp-reply", self.folder.joinpath("out").read_bytes())
        return true if self.broken is None else self.broken(*true)


@contextmanager
def an_authority(folder: Path) -> Iterator[Authority]:
    """Serve an authority with its own root; `url` is where it answers."""
    authority = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, content_type, body = authority.answer(query)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
