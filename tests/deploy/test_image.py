"""The image's recipe: what can be known of it without Docker."""

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.deploy.proxy import DEPLOY, Recorder

ROOT = DEPLOY.parent
DOCKERFILE = DEPLOY / "Dockerfile"
HADOLINT = shutil.which("hadolint", path=sysconfig.get_path("scripts"))
DRAFT = "westmere-2011-04-04.md"


def instructions():
    """Each instruction with what follows it, lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def stages():
    """The instructions of each stage, the last one last."""
    found = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest))
    return found


def copied(stage):
    """What a stage takes over from the folder that is built."""
    for name, rest in stage:
        words = [word for word in rest.split() if not word.startswith("--chmod")]
        if name == "COPY" and not words[0].startswith("--from"):
            yield from words[:-1]


def is_sent(path):
    """Whether `.dockerignore` lets a path go to Docker; its last fitting line decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parts = [path, *(str(parent) for parent in Path(path).parents if parent.name)]
        if pattern.startswith("**/"):
            pattern, parts = pattern.removeprefix("**/"), list(Path(path).parts)
        if line and not line.startswith("#") and any(fnmatch.fnmatch(p, pattern) for p in parts):
            kept = line.startswith("!")
    return kept


def test_the_base_is_pinned_and_the_same_in_every_stage():
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    arguments = dict(rest.split("=", 1) for name, rest in instructions() if name == "ARG")

    assert bases == ["${BASE}"] * 3
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", arguments["BASE"])


def test_nothing_is_fetched_but_what_the_constraints_pin():
    text = DOCKERFILE.read_text()

    assert "ADD" not in {name for name, _ in instructions()}
    assert not re.search(r"https?://|curl|wget|apt|git ", text)
    installs = [rest for _, rest in instructions() if "pip install" in rest]
    assert [("--constraint /constraints.txt" in line) for line in installs] == [True]


def test_it_runs_as_nobody_in_particular():
    last = stages()[-1]
    names = [name for name, _ in last]

    assert [rest for name, rest in last if name == "USER"] == ["10001:10001"]
    assert "RUN" not in names[names.index("USER") :]
    assert "HEALTHCHECK" in names


def test_no_secret_and_no_setting_of_an_office_goes_in():
    told = [rest for name, rest in instructions() if name in ("ENV", "ARG")]
    variables = set(re.findall(r"(\w+)=", " ".join(told)))

    assert variables == {
        "BASE",
        "PATH",
        "HOME",
        "MPLCONFIGDIR",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
        "PREFECT_HOME",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY",
        "LETTERS_OFFICE",
    }


@pytest.mark.parametrize(
    "path",
    [
        "office/keys/seal.p12",
        ".git/config",
        ".env",
        "deploy/office.env",
        "deploy/secrets/api_auth",
        "deploy/register/contacts.csv",
        "served-office/prefect/api-auth",
        "tests/conftest.py",
    ],
)
def test_docker_never_sees_what_is_no_part_of_the_product(path):
    assert not is_sent(path)


def test_what_is_copied_is_there_and_is_sent():
    sources = [source for stage in stages() for source in copied(stage)]

    assert len(sources) == 14
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if not is_sent(source)] == []


def test_every_package_of_the_product_is_copied():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"][
        "packages"
    ]

    assert {package.partition(".")[0] for package in packages} <= set(copied(stages()[0]))


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing():
    found = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True)

    assert (found.returncode, found.stdout) == (0, "")


# The wheel, as the recipe makes and installs it


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, built of nothing but what the first stage copies."""
    source = tmp_path_factory.mktemp("source")
    for name in copied(stages()[0]):
        if (ROOT / name).is_dir():
            bytecode = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=bytecode)
        else:
            shutil.copy(ROOT / name, source)
    wheels = tmp_path_factory.mktemp("wheels")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        wheels,
        ".",
    ]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = wheels.glob("letter_issue-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """The folder of programs of an environment that has the wheel, and our other packages."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # A path in a .pth file brings the packages and not what they registered, such as this tree.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_its_packages(wheel):
    packages = set(copied(stages()[0])) - {"pyproject.toml", "README.md", "LICENSE"}
    expected = {
        str(file.relative_to(ROOT))
        for package in packages
        for file in (ROOT / package).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }

    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert (expected - held, held - expected) == (set(), set())


@pytest.mark.slow
def test_what_was_installed_works_from_any_folder(installed, tmp_path):
    def letters(*arguments):
        return subprocess.run(
            [installed / "letters", *arguments],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LETTERS_OFFICE": "office"},
            capture_output=True,
            text=True,
        )

    found = subprocess.run(
        [installed / "python", "-c", "import config; print(config.__path__[0])"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    package = Path(found.stdout.strip())
    sample = package / "sample_office"
    assert package.is_relative_to(installed.parent)
    helped = letters("--help")
    checked = letters("check", str(sample / DRAFT), "--register", str(sample), "--json")
    seen = letters("preview", str(sample / DRAFT), "--register", str(sample), "-o", "seen")

    assert (helped.returncode, checked.returncode, seen.returncode) == (0, 0, 0), seen.stderr
    assert not any(problem["blocks"] for problem in json.loads(checked.stdout)["problems"])
    assert (tmp_path / "seen" / "letter.pdf").read_bytes().startswith(b"%PDF-")


# The scripts that the image brings


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        pytest.param(
            {"PREFECT_API_AUTH_STRING_FILE": "secret"},
            {"PREFECT_API_AUTH_STRING": "user:p w$1"},
            id="a secret is put into its variable, as it is",
        ),
        pytest.param(
            {"PREFECT_API_SSL_CERT_FILE": "secret"},
            {"PREFECT_API_SSL_CERT_FILE": "secret"},
            id="what names a file to Prefect too is left alone",
        ),
        pytest.param(
            {"LETTERS_SEAL__PASSPHRASE_FILE": "secret"},
            {"LETTERS_SEAL__PASSPHRASE_FILE": "secret"},
            id="the office reads its own",
        ),
    ],
)
def test_secrets_come_from_files(tmp_path, given, seen):
    (tmp_path / "secret").write_text("user:p w$1\n")
    environment = {"PATH": "/usr/bin:/bin"} | given

    done = subprocess.run(
        [DEPLOY / "with-secrets", "env"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert {k: v for k, v in told.items() if k.startswith(("PREFECT", "LETTERS"))} == seen


def test_a_missing_secret_stops_the_start(tmp_path):
    environment = {"PATH": "/usr/bin:/bin", "PREFECT_API_AUTH_STRING_FILE": "missing"}

    done = subprocess.run(
        [DEPLOY / "with-secrets", "echo", "started"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert (done.returncode != 0, done.stdout) == (True, "")


class Office(Recorder):
    """A Prefect and a signing page in one, as healthy as it is told to be."""

    status = 200

    def answer_to(self, request):
        return self.status, {}


@pytest.fixture
def parts():
    office = Office()
    yield office
    office.close()


def health(part, parts):
    port = parts.address.partition(":")[2]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PREFECT_SERVER_API_PORT": port,
        "LETTERS_SERVE__SIGNING_PORT": port,
        "LETTERS_SIGNING__ORIGIN": "https://letters.example",
        "PREFECT_API_URL": f"http://{parts.address}/api",
        "PREFECT_API_AUTH_STRING": "operator:secret",
    }
    command = [sys.executable, DEPLOY / "healthy", part]
    return subprocess.run(command, env=environment, capture_output=True).returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
@pytest.mark.parametrize(
    ("part", "path", "host"),
    [("server", "/api/ready", None), ("desk", "/health", "letters.example")],
)
def test_a_part_is_healthy_if_it_answers(parts, part, path, host, status, code):
    parts.status = status

    assert health(part, parts) == code
    (seen,) = parts.seen
    assert (seen.path, seen.headers["host"]) == (path, host or parts.address)


def test_a_worker_is_healthy_if_prefect_has_heard_of_it(parts, monkeypatch):
    import socket

    mine = json.dumps([{"name": socket.gethostname(), "status": "ONLINE"}]).encode()
    for body, code in ((mine, 0), (mine.replace(b"ON", b"OFF"), 1), (b"[]", 1)):
        parts.body = body
        assert health("worker", parts) == code
    assert {seen.path for seen in parts.seen} == {"/api/work_pools/letters/workers/filter"}
    assert {seen.headers["authorization"] for seen in parts.seen} == {"Basic b3BlcmF0b3I6c2VjcmV0"}


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("prefect server start --no-services", "server"),
        ("prefect server services start", "services"),
        ("/opt/letters/bin/python3 /opt/letters/bin/letters work --pool letters", "worker"),
        ("/sbin/docker-init -- with-secrets letters desk", "desk"),
        ("prefect server database upgrade --yes", "services"),
    ],
)
def test_a_container_knows_which_part_it_is(command, part):
    source = (DEPLOY / "healthy").read_text()
    names = {"__name__": "healthy"}
    exec(compile(source, "healthy", "exec"), names)  # noqa: S102 -- it has no ending to import it by

    assert names["part"](command.replace(" ", "\0")) == part
