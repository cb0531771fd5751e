import fcntl
import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

import flows
from flows.dead_runs import is_process_living, process_tag
from flows.engine import Engine, EngineUnavailable, embedded_prefect
from flows.engine_settings import embedded_environment, server_environment

ROOT = Path(flows.__file__).parents[1]
A_COMMAND = Path(__file__).with_name("a_command.py")


class Command:
    """A command in a process of its own; `ask` waits for its answer."""

    def __init__(self, home: Path, *options: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        self.process = subprocess.Popen(
            [sys.executable, A_COMMAND, home, *options],
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.hello = self.answer()

    def ask(self, question: str) -> Any:
        assert self.process.stdin
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def leave(self) -> None:
        try:
            self.process.communicate("leave\n", timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: making the tables takes longer than starting the server."""
    return tmp_path_factory.mktemp("shared-office") / "prefect"


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Command]]:
    """Start commands; end what is left of them, and with the last the server."""
    commands = []

    def start(*options: str, at: Path = home) -> Command:
        commands.append(Command(at, *options))
        return commands[-1]

    yield start
    for command in commands:
        if command.process.poll() is None:
            command.leave()


def server_of(home: Path) -> psutil.Process:
    return psutil.Process(json.loads((home / "server.json").read_text())["pid"])


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def status(url: str, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse().status


def test_the_engine_is_imported_without_prefect() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, flows.engine; print('prefect' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout == "False\n"


@pytest.mark.slow
def test_processes_share_a_private_server_which_the_last_stops(
    home: Path, start: Callable[..., Command]
) -> None:
    first, second = start(), start()
    server = server_of(home)
    url = first.hello["url"]

    assert second.hello == {"url": url}
    assert {
        path.name: oct(stat.S_IMODE(path.stat().st_mode))
        for path in (home, home / "server.json", home / "api-auth", home / "prefect.db")
    } == {"prefect": "0o700", "server.json": "0o600", "api-auth": "0o600", "prefect.db": "0o600"}
    assert {
        connection.laddr.ip
        for connection in server.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    } == {"127.0.0.1"}
    assert status(url, "/api/admin/version", {}) == 401
    _, token = (home / "api-auth").read_text().split(":")
    assert token not in " ".join(server.cmdline())

    # A server without pages, in use, isn't taken away from its users.
    assert start("ui").hello == {
        "error": "prefect-unavailable",
        "where": str(home / "server.log"),
        "message": "The office's Prefect server has no pages, but is in use.",
    }

    # The one that started it goes first: the other still has it.
    assert first.ask("leave") == "left"
    assert len(second.ask("run 1 1")) == 1
    assert second.ask("leave") == "left"
    assert has_ended(server)
    assert not (home / "server.json").exists()


@pytest.mark.slow
def test_no_task_run_is_lost_when_the_server_is_stopped_at_once(
    start: Callable[..., Command],
) -> None:
    first = start()
    runs = first.ask("run 20 5")
    assert first.ask("leave") == "left"

    assert start().ask(f"task-states {' '.join(runs)}") == [["Completed"] * 5] * 20


@pytest.mark.slow
def test_the_run_of_a_killed_process_is_marked_crashed_by_the_next(
    home: Path, start: Callable[..., Command]
) -> None:
    killed = start()
    dead_run = killed.ask("run-for-ever")["running"]
    killed.kill()

    # Its server lives on and is joined.
    following, living = start(), start()
    assert following.hello == living.hello == killed.hello
    living_run = living.ask("run-for-ever")["running"]

    assert following.ask("mark") == [dead_run]
    assert following.ask("mark") == []
    assert following.ask(f"state {dead_run}") == "Crashed"
    assert following.ask(f"state {living_run}") == "Running"

    # When all its users were killed, the server still ends with the next.
    server = server_of(home)
    living.kill()
    assert following.ask("leave") == "left"
    assert has_ended(server)


@pytest.mark.slow
def test_a_killed_server_is_replaced_by_the_next_command(
    home: Path, start: Callable[..., Command]
) -> None:
    first = start()
    server_of(home).kill()

    second = start()

    assert second.hello != first.hello
    assert len(second.ask("run 1 1")) == 1


@pytest.mark.slow
def test_a_server_that_cannot_start_is_an_error_that_names_its_log(
    tmp_path: Path, start: Callable[..., Command]
) -> None:
    (tmp_path / "prefect.db").write_text("not a database")

    assert start(at=tmp_path).hello == {
        "error": "prefect-unavailable",
        "where": str(tmp_path / "server.log"),
        "message": "The office's Prefect server didn't come up: it ended with code 3.",
    }
    assert "file is not a database" in (tmp_path / "server.log").read_text()


@pytest.mark.slow
def test_a_server_named_by_the_user_is_joined_and_nothing_started(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded_prefect(tmp_path / "prefect", announce=pytest.fail) as joined:
        assert joined == Engine(engine.api_url, is_embedded=False)
    assert not (tmp_path / "prefect").exists()

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with (
        pytest.raises(EngineUnavailable, match="PREFECT_API_URL"),
        embedded_prefect(tmp_path / "prefect", announce=pytest.fail),
    ):
        pass

    from prefect.settings import get_current_settings

    assert get_current_settings().api.url == engine.api_url


def test_only_our_prefect_settings_hold_and_the_users_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = {"PREFECT_API_KEY": "of another project", "PREFECT_HOME": "/theirs"}
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LETTERS_SENDGRID_KEY", "secret")

    def prefects() -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if k.startswith("PREFECT_")}

    with embedded_environment({"PREFECT_HOME": "/ours"}):
        assert prefects() == {"PREFECT_HOME": "/ours"}

    assert prefects() == theirs
    assert {
        k: v
        for k, v in server_environment({"PREFECT_HOME": "/ours"}).items()
        if k.startswith(("PREFECT_", "LETTERS_"))
    } == {"PREFECT_HOME": "/ours"}


def a_watching_process(turn: Path, users: Path) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from pathlib import Path; import flows.engine_process as process\n"
        "process.LOOK_SECONDS = 0.01\n"
        "process.end_when_unused(*map(Path, sys.argv[1:]))"
    )
    return subprocess.Popen([sys.executable, "-c", script, turn, users], cwd=ROOT)


@pytest.mark.parametrize(
    "held",
    [
        pytest.param("turn", id="someone joins, starts, leaves or stops it"),
        pytest.param("users", id="someone uses it"),
    ],
)
def test_an_unused_server_ends_itself_but_not_while(tmp_path: Path, held: str) -> None:
    with (tmp_path / held).open("ab") as user:
        fcntl.flock(user, fcntl.LOCK_SH)
        server = a_watching_process(tmp_path / "turn", tmp_path / "users")
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(timeout=0.5)

    assert server.wait(timeout=30) == -signal.SIGTERM


def test_a_server_whose_office_is_removed_ends_itself(tmp_path: Path) -> None:
    server = a_watching_process(tmp_path / "gone" / "turn", tmp_path / "gone" / "users")

    assert server.wait(timeout=30) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("tag", "living"),
    [
        pytest.param(lambda own: ":".join(own), True, id="this process lives"),
        pytest.param(
            lambda own: ":".join([*own[:3], "1"]),
            False,
            id="a number used again is another process",
        ),
        pytest.param(
            lambda own: ":".join([*own[:2], "4194305", own[3]]),
            False,
            id="no process has that number",
        ),
        pytest.param(
            lambda own: ":".join([own[0], "elsewhere", *own[2:]]),
            True,
            id="of another host nothing is known",
        ),
        pytest.param(
            lambda own: ":".join([*own[:2], "x", own[3]]), True, id="no number names no process"
        ),
        pytest.param(lambda own: ":".join(own[:2]) + ":", True, id="an empty tag names no process"),
    ],
)
def test_a_tag_tells_whether_its_process_lives(
    tag: Callable[[list[str]], str], living: bool
) -> None:
    assert is_process_living(tag(process_tag().split(":"))) is living


def test_a_process_that_nobody_has_asked_after_yet_is_dead() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    start = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[19]
    tag = ":".join([*process_tag().split(":")[:2], str(child), start])

    assert not is_process_living(tag)
    os.waitpid(child, 0)
