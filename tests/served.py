"""An office served by the real command, as operators have it, and what they may do to it."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.sample import INSPECTOR, authorities, draft_of, write_register
from flows.office import open_office
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.signoff.signing import sign_as_sample

READY_SECONDS = 90
ENDED = ("Issued", "Failed", "Crashed", "Refused", "Blocked", "Returned", "Superseded", "Cancelled")


COMMAND = "from desk.command_line import main; main()"


class ServedOffice:
    """`letters serve` in a process of its own, on free ports, with many authorities to write to."""

    def __init__(self, root: Path, server: str = COMMAND) -> None:
        self._server = server
        self.root = root / "office"
        self.log = root / "serve.log"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "LETTERS"))},
            "LETTERS_OFFICE": str(self.root),
            "LETTERS_REGISTER": str(root / "register"),
            "LETTERS_SERVE__PREFECT_PORT": str(free_port()),
            "LETTERS_SERVE__SIGNING_PORT": (signing := str(free_port())),
            "LETTERS_SIGNING__ORIGIN": f"http://localhost:{signing}",
            "LETTERS_STEPS__FIRST_WAIT_SECONDS": "0",
        }
        self._authorities = iter(authorities(70))
        write_register(root / "register", authorities(70))
        self._http = httpx.Client(timeout=90, trust_env=False)
        self._process = None
        self.ready_seconds = 0.0

    @property
    def home(self) -> Path:
        return self.root / "prefect"

    @property
    def prefect(self) -> str:
        return json.loads((self.home / "server.json").read_text())["url"]

    @property
    def password(self) -> str:
        return (self.home / "api-auth").read_text()

    @property
    def office(self):
        """The office as a process of its own opens it."""
        return open_office(self.environment)

    @property
    def pid(self) -> int:
        return self._process.pid

    def begin(self) -> None:
        """Serve, and wait until it is ready."""
        began = time.monotonic()
        # One that was killed has left its own.
        (self.home / "serve.json").unlink(missing_ok=True)
        with self.log.open("a") as log:
            self._process = self.command("serve", program=self._server, stdout=log, stderr=log)
        waited = wait_for(
            lambda: (self.home / "serve.json").exists() or self._process.poll() is not None,
            seconds=READY_SECONDS,
        )
        assert waited, self.log.read_text()
        assert self._process.poll() is None, self.log.read_text()
        self.ready_seconds = time.monotonic() - began

    def end(self, by: int = signal.SIGINT) -> int:
        """End it, and return its exit code."""
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.send_signal(by)
        return self._process.wait(timeout=120)

    def command(self, *arguments: str, program: str = COMMAND, **options) -> subprocess.Popen:
        """Start the command `letters` at this office."""
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env=self.environment,
            cwd=Path(__file__).parent.parent,
            text=True,
            # Ctrl-C of whoever runs the tests is not for it.
            start_new_session=True,
            **options,
        )

    def letters(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run the command `letters` to its end."""
        process = self.command(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        out, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out)

    def new_draft(self) -> tuple[str, str]:
        """Lay a draft to the next authority into the drafts folder; its file and reference."""
        authority = next(self._authorities)
        name = f"{authority.code}.md"
        (self.root / "drafts" / name).write_bytes(draft_of(authority))
        return name, authority.reference

    def case(self, reference: str) -> Case:
        return Case(self.office, reference)

    def decide(self, reference: str, decision=Decision.APPROVE, comments: str = "") -> None:
        """Decide as the sample signatory, without telling Prefect."""
        case = self.case(reference)
        sign_as_sample(
            case,
            case.revisions()[-1],
            inspector_id=INSPECTOR,
            decision=decision,
            comments=comments,
        )

    def emails(self, reference: str) -> list[str]:
        """Whom the letter's e-mails in the outbox went to, each as often as one lies there."""
        case = self.case(reference)
        sent_to = {
            entry.detail["object"].split("/")[-2]: entry.detail["recipient"]
            for entry in case.chain.entries()
            if entry.event == "claimed"
        }
        files = [path.stem for path in case.office.outbox_folder.glob("*.eml")]
        return sorted(sent_to[name] for name in files if name in sent_to)

    def api(self, method: str, path: str, **body):
        """Ask Prefect as a browser or a script of the operator would."""
        answer = self._http.request(
            method,
            f"{self.prefect}/api{path}",
            json=body or None,
            headers={"Authorization": "Basic " + base64.b64encode(self.password.encode()).decode()},
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def start(self, draft: str) -> str:
        """Start a letter as the form does; return the run's id."""
        deployment = self.api("GET", "/deployments/name/issue-letter/office")["id"]
        run = self.api(
            "POST",
            f"/deployments/{deployment}/create_flow_run",
            parameters={"draft": draft},
            state={"type": "SCHEDULED"},
        )
        return run["id"]

    def run(self, run_id: str) -> dict:
        return self.api("GET", f"/flow_runs/{run_id}")

    def wait(self, run_id: str, *names: str, seconds: float = 120) -> dict:
        """Wait until a run is in one of these states; return it."""
        wait_for(lambda: self.run(run_id)["state_name"] in names, seconds=seconds)
        run = self.run(run_id)
        assert run["state_name"] in names, (run["state_name"], run["state"]["message"])
        return run

    def states(self, run_id: str) -> list[str]:
        """The names of a run's states, in order."""
        return [
            state["name"] for state in self.api("GET", f"/flow_run_states/?flow_run_id={run_id}")
        ]

    def rounds(self, run_id: str) -> int:
        """How often a run was suspended."""
        return self.states(run_id).count("Suspended")

    def resume(self, run_id: str) -> None:
        self.api("POST", f"/flow_runs/{run_id}/resume")

    def set_state(self, run_id: str, kind: str, name: str = "", *, force: bool = True) -> None:
        """Set a run's state by hand."""
        state = {"type": kind, "name": name or kind.capitalize()}
        self.api("POST", f"/flow_runs/{run_id}/set_state", state=state, force=force)

    def waiting(self) -> tuple[str, str]:
        """A letter that waits for its sign-off: its run and its reference."""
        name, reference = self.new_draft()
        run_id = self.start(name)
        self.wait(run_id, "Suspended")
        return run_id, reference


@contextmanager
def served(root: Path, server: str = COMMAND):
    """Serve an office for the length of a block, by another program than the command if need be."""
    office = ServedOffice(root, server)
    (office.root / "drafts").mkdir(parents=True)
    office.begin()
    try:
        yield office
    finally:
        office.end()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(holds, *, seconds: float) -> bool:
    """Wait until `holds()`; return whether it does."""
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return held
