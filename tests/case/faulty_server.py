"""Servers on this machine that answer badly, or not at all."""

import socket
import socketserver
import struct
import threading
from contextlib import contextmanager


@contextmanager
def answering(answer):
    """A server that reads a request's head and leaves the rest to `answer(connection)`."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head and (read := self.request.recv(65_536)):
                head += read
            answer(self.request, over)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()


def silence(connection, over):
    """Say nothing until the test is over."""
    over.wait(10)


def hang_up(connection, over):
    """Close the connection without a word."""


def reset(connection, over):
    """End the connection so that the other side is told of an error (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def saying(status, code):
    """Answer with an error as S3 words it."""
    body = (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>SECRET-WORDS</Message></Error>"
    ).encode()
    return lambda connection, over: connection.sendall(
        f"HTTP/1.1 {status} Error\r\nContent-Type: application/xml\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )


def garbage(connection, over):
    """Answer as a server of something else would."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot <xml>"
    )


def refusing():
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
