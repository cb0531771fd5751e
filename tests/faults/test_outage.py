"""The archive's server can't be reached in the middle of a letter: said clearly, done later.

Between office and server runs a line that the test can cut, so that the server stays
there for all others.
"""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from flows.verification import verify_office
from letters.delivery import DeliveryState
from tasks.case.s3 import S3Store, make_client
from tasks.case.store import StoreUnavailable
from tests.issuing import a_sample_office, as_another_process, issue
from tests.radosgw import radosgw as radosgw

pytestmark = pytest.mark.slow

FAR = 65_536


class Line:
    """A line to a server; `cut` it, and whoever uses it is refused, or hears nothing."""

    def __init__(self, endpoint):
        parts = urlsplit(endpoint)
        self._to = (parts.hostname, parts.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._is_cut = self._is_silent = False
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, is_silent):
        self._is_cut, self._is_silent = True, is_silent
        if not is_silent:
            self._close()

    def mend(self):
        self._is_cut = False
        self._close()

    def _close(self):
        while self._open:
            with suppress(OSError):
                self._open[-1].shutdown(socket.SHUT_RDWR)
            self._open.pop().close()

    def _accept(self):
        while True:
            near, _ = self._listening.accept()
            self._open.append(near)
            if self._is_cut:
                if not self._is_silent:
                    self._close()
                continue
            far = socket.create_connection(self._to)
            self._open.append(far)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one, other):
        with suppress(OSError):
            while data := one.recv(FAR):
                # The server holds an answer's second half back until its first is acknowledged.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                if not self._is_cut:
                    other.sendall(data)
            other.shutdown(socket.SHUT_WR)


class Cutting(S3Store):
    """A store whose line is cut before its nth put."""

    def meet(self, line, number, *, is_silent):
        self._line, self._left, self._silent = line, number, is_silent

    def put(self, key, data):
        self._left -= 1
        if self._left == 0:
            self._line.cut(is_silent=self._silent)
        return super().put(key, data)


@pytest.mark.parametrize(
    ("number", "is_silent"),
    [
        pytest.param(30, False, id="refused while the pack is prepared"),
        pytest.param(60, True, id="silent while it is archived"),
    ],
)
def test_a_letter_goes_on_when_its_archive_can_be_reached_again(
    radosgw, tmp_path, number, is_silent
):
    line = Line(radosgw.endpoint)
    archive = radosgw.archive(
        radosgw.bucket(),
        endpoint=line.endpoint,
        connect_seconds=1,
        read_seconds=5,
        attempts=1,
    )
    client = make_client(archive, root=tmp_path, credentials=radosgw.credentials)
    store = Cutting(client, archive.bucket, endpoint=line.endpoint)
    store.meet(line, number, is_silent=is_silent)
    office = a_sample_office(tmp_path, store=store)

    with pytest.raises(StoreUnavailable) as refused:
        issue(office)
    assert (refused.value.is_transient, bool(refused.value.remedy)) == (True, True)

    line.mend()
    case, _ = issue(as_another_process(office))

    report = verify_office(as_another_process(office))
    assert (report.differences, report.open_objects) == ((), ())
    assert set(case.delivery_states(1).values()) == {DeliveryState.ACCEPTED}
    assert case.closed() is not None
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == len(case.recipients(1))
