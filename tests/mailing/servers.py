"""Servers on loopback that do as a test says, byte for byte, and certificates for them."""

import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

GRACE_SECONDS = 20
"""After which a server gives a client up that should have gone long before."""


class Server:
    """What a test sees of a running server."""

    def __init__(self, port):
        self.port = port
        self.requests = []
        """What came over each connection, as far as it was read."""

    @property
    def netloc(self):
        return f"127.0.0.1:{self.port}"


@contextmanager
def serving(talk, *, tls=None, receives=None):
    """Run `talk(connection, server)` for each connection, until the test is over.

    `receives`: how many bytes may lie on the way before they are read.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    if receives is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    server = Server(listening.getsockname()[1])
    threads = []

    def each(connection):
        with suppress(OSError), connection:
            connection.settimeout(GRACE_SECONDS)
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            talk(connection, server)

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                thread = threading.Thread(target=each, args=[connection])
                thread.start()
                threads.append(thread)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in (accepting, *threads):
            thread.join()


def read_request(connection, server):
    """Read a whole request of HTTP, and note it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    (size,) = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < size:
        body += _some(connection)
    server.requests.append(head + b"\r\n\r\n" + body)


def says(answer):
    """Read the request, say these bytes, and hang up."""

    def talk(connection, server):
        read_request(connection, server)
        connection.sendall(answer)

    return talk


def http(status, body=b"", **headers):
    """Write an answer of HTTP."""
    told = {"Content-Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status} As Told", *(f"{k.replace('_', '-')}: {told[k]}" for k in told)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def hangs(connection, server):
    """Read the request and say nothing until the client is gone."""
    read_request(connection, server)
    wait_until_gone(connection)


def trickles(answer):
    """Say the answer a byte at a time: each in good time, all together long after."""

    def talk(connection, server):
        read_request(connection, server)
        connection.settimeout(2 / len(answer))
        for byte in answer:
            connection.sendall(bytes([byte]))
            with suppress(TimeoutError):
                if connection.recv(1) == b"":
                    return

    return talk


def resets(connection, server):
    """End the connection with a reset, without having read anything."""
    reset(connection)


def resets_after_reading(connection, server):
    read_request(connection, server)
    reset(connection)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def wait_until_gone(connection):
    while connection.recv(65_536):
        pass


GREETS = b"220 hello\r\n"
GOES_ON = {
    b"HELO": b"502 no\r\n",
    b"EHLO": b"250-here\r\n250 SIZE 30000000\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b".": b"250 taken\r\n",
}


def hang_up(connection):
    connection.close()


def breaking(moment, does, **goes_on):
    """A server that at one moment says something else, or does something to the connection.

    `goes_on`: what it says to further commands where all goes well, and offers at first.
    """
    replies = {**GOES_ON, **{word.encode(): reply for word, reply in goes_on.items()}}
    if "AUTH" in goes_on:
        replies[b"EHLO"] = b"250-here\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n"

    def talk(connection, server):
        file = connection.makefile("rb")
        says(connection, does if moment == "greeting" else GREETS)
        in_message = False
        while line := file.readline():
            server.requests.append(line)
            word = line.split()[0][:4].upper() if line.split() else b""
            if in_message:
                if moment == "the words" and len(server.requests) > 20:
                    says(connection, does)
                    return
                if line != b".\r\n":
                    continue
                word, in_message = b".", False
            says(connection, does if word == moment else replies.get(word, b"221 bye\r\n"))
            in_message = in_message or word == b"DATA"

    def says(connection, what):
        if callable(what):
            what(connection)
        else:
            connection.sendall(what)

    return talk


def a_closed_port():
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Authority:
    """A certificate authority for tests: who trusts it, and how a server proves itself by it."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = _certificate("Test authority", self._key, self._key, None)
        self._folder = folder
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._root.public_bytes(Encoding.PEM))

    def trusting(self):
        return ssl.create_default_context(cafile=str(self.file))

    def proving(self, name="localhost", address="127.0.0.1"):
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(name), x509.IPAddress(ip_address(address))]
        certificate = _certificate(name, key, self._key, self._root, names)
        file = self._folder / f"{name}.pem"
        file.write_bytes(
            certificate.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


def _certificate(name, key, issuer_key, issuer, names=None):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, SHA256())


def _some(connection):
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the client hung up")
    return data
