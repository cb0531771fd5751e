"""The processes from which the fault tests fork theirs, and the moments at which to kill them."""

from collections.abc import Iterator

import pytest

from flows.engine import Engine
from tests.faults.commands import Commands
from tests.faults.trial import AT_ONCE, Moment, a_trial, moments, prefect_of_this_process


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Commands in real processes, for all tests of the session."""
    commands = Commands(AT_ONCE, tmp_path_factory.mktemp("prefect-of-nobody"))
    yield commands
    commands.stop()


@pytest.fixture(scope="session")
def way(
    engine: Engine, commands: Commands, tmp_path_factory: pytest.TempPathFactory
) -> list[Moment]:
    """Every moment at which a letter's process can be killed, first to last."""
    folder = tmp_path_factory.mktemp("recorded")
    trial = a_trial(commands, folder, "Recordmere", prefect_of_this_process())
    return list(moments(trial.recorded()))
