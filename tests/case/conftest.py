"""S3 servers for all tests of the case's store."""

import logging

import pytest
from moto.server import ThreadedMotoServer

from tests.radosgw import Server
from tests.radosgw import radosgw as radosgw


@pytest.fixture(scope="session")
def moto():
    """A server of this process: quick, honest about versions, deaf to signatures."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "office", "aws_secret_access_key": "office"}
    yield Server(endpoint=f"http://{host}:{port}", credentials=keys)
    server.stop()
