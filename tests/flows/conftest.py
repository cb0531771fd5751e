"""The one Prefect server that the flow tests of a session share."""

from collections.abc import Iterator

import pytest

from flows.engine import Engine, embedded_prefect


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An embedded Prefect of its own, against which every flow of the session runs."""
    home = tmp_path_factory.mktemp("office") / "prefect"
    with pytest.MonkeyPatch.context() as environment:
        # A developer's own server is not for tests.
        environment.delenv("PREFECT_API_URL", raising=False)
        with embedded_prefect(home, announce=lambda _: None) as engine:
            yield engine
