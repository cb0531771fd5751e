"""What tests of several rooms share."""

from collections.abc import Iterator

import pytest

from flows.engine import Engine, embedded_prefect
from tests import workers
from tests.served import served


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep together what shares a server."""
    return workers.scheduler(config, log)


def pytest_collection_modifyitems(config, items):
    """Begin with what lasts longest, unless one process runs all."""
    if hasattr(config, "workerinput"):
        items.sort(key=workers.turn)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An embedded Prefect of its own, against which the flows of the session run."""
    home = tmp_path_factory.mktemp("office") / "prefect"
    with pytest.MonkeyPatch.context() as environment:
        # A developer's own server is not for tests.
        environment.delenv("PREFECT_API_URL", raising=False)
        with embedded_prefect(home, announce=lambda _: None) as engine:
            yield engine


@pytest.fixture(scope="session")
def served_office(tmp_path_factory):
    """One office served by the real command, for all tests of a session that need one."""
    with served(tmp_path_factory.mktemp("served")) as office:
        yield office
