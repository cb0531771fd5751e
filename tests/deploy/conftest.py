"""One nginx for the tests of this room, each of which finds that nothing arrived yet."""

import pytest

from tests.deploy.proxy import NGINX, running_proxy


@pytest.fixture(scope="session")
def _proxy(tmp_path_factory):
    if NGINX is None:
        pytest.skip("nginx is missing: run deploy/test-tools")
    with running_proxy(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.fixture
def proxy(_proxy):
    for server in (_proxy.desk, _proxy.webhook, _proxy.prefect, _proxy.identity):
        server.seen.clear()
    return _proxy
