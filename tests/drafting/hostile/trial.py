"""One hostile draft's whole way, in a process of its own: composed, rendered, written.

What it used, how it ended and what it touched come back as an Outcome.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from desk.verbs.preview import write_preview
from letters.compose import Composition
from letters.errors import LettersError
from letters.letter import Letter, words
from tasks.case.office import Office
from tasks.drafting.draft import compose_draft, freeze
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.register_files import load_register
from tasks.drafting.submitted import submitted
from tasks.rendering import pack
from tests.drafting.hostile.drafts import SAMPLE_OFFICE, Hostile, markdown
from tests.drafting.hostile.watch import SECRET, Watch
from tests.offices import an_office, some_settings

ENDINGS = ("refused", "blocked", "composed")
MOST_SECONDS = 10
MOST_MEMORY_BYTES = 300_000_000
LARGE_FAMILIES = ("size", "Word file", "Word XML")
"""Made in a process of their own, whose memory isn't counted."""
PATIENCE_SECONDS = 30
"""After which a trial is stopped: time enough to tell by how much it was too slow."""

ROOT = Path(__file__).resolve().parents[3]
_TEMPLATE = (ROOT / "templates" / "letter.html.j2").read_text("utf-8")
_ELEMENTS = frozenset(re.findall(r"<([a-z][a-z0-9]*)", _TEMPLATE)) | {"h2", "h3"}
_ATTRIBUTES = frozenset(re.findall(r"\s([a-z-]+)=\"", _TEMPLATE))
_HEADERS = frozenset(
    (
        *("from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted"),
        *("mime-version", "content-type", "content-transfer-encoding"),
        *("x-case-reference", "x-case-revision", "x-case-head", "x-case-sample", "x-send-id"),
    )
)


@dataclass(frozen=True)
class Outcome:
    """What became of one hostile draft."""

    ending: str
    """One of `ENDINGS`; `crashed` or `hung`, which mustn't be."""
    codes: list[str]
    seconds: float
    """Of the processor: by the clock it depends on what else the machine does."""
    memory_bytes: int
    """Of the largest process on the way, the reader's own among them."""
    faults: list[str]
    """All that is against the rules: what was touched, and what was said."""


def is_harmless(outcome: Outcome) -> bool:
    """Whether a draft ended as each must, within what it may use."""
    return (
        outcome.ending in ENDINGS
        and not outcome.faults
        and "draft-reader-failed" not in outcome.codes
        and outcome.seconds <= MOST_SECONDS
        and outcome.memory_bytes <= MOST_MEMORY_BYTES
    )


class Trials:
    """Tries hostile drafts one by one, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._watch = Watch(self._root)
        self._number = 0
        self._kinds = load_kinds(files("config") / "kinds")
        self._register = load_register(SAMPLE_OFFICE)
        self._import_all()
        honest = self.outcome_of(Hostile("honest", "a letter", markdown))
        if (honest.ending, honest.codes, honest.faults) != ("composed", [], []):
            raise ValueError(f"the honest letter itself: {honest}")

    def outcome_of(self, hostile: Hostile) -> Outcome:
        """Try one draft, and clear up behind it."""
        self._number += 1
        home = self._root / str(self._number)
        for folder in ("office/drafts", "preview", "work"):
            (home / folder).mkdir(parents=True)
        name = os.fsdecode(self._watch.filled_in(hostile.name.encode("utf-8", "surrogatepass")))
        if hostile.is_laid:
            self._lay(home / "office" / "drafts", hostile)
        if hostile.family in LARGE_FAMILIES:
            _in_its_own_process(lambda: self._write(hostile, home))
        self._watch.seen()
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            self._end_with(theirs, lambda: self._told(hostile, name, home))
        os.close(theirs)
        said, is_hung = _heard(ours, child)
        _, _, used = os.wait4(child, 0)
        faults = [*self._watch.seen()]
        if list((home / "work").iterdir()):
            faults.append("something was written where it worked")
        told = json.loads(said) if said else {"ending": "hung" if is_hung else "crashed"}
        outcome = Outcome(
            ending=told["ending"],
            codes=told.get("codes", []),
            seconds=used.ru_utime + used.ru_stime,
            memory_bytes=used.ru_maxrss * 1024,
            faults=[*told.get("faults", []), *faults],
        )
        _remove(home)
        return outcome

    def _import_all(self) -> None:
        """Compose and render once here, so that trials needn't begin from nothing.

        Without the PDF, whose making begins threads: then nothing could be forked.
        """
        office = an_office(self._root / "0", register=self._register, kinds=self._kinds)
        composition = compose_draft(office, markdown().encode(), "honest.md")
        letter = composition.letter
        if letter is None:
            raise ValueError(f"the honest letter itself: {composition.problems}")
        recipients = freeze(letter.reference, composition.recipients, secret=bytes(32))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pack, "render_pdf", lambda *_, **__: b"")
            pack.render(letter, recipients)

    def _told(self, hostile: Hostile, name: str, home: Path) -> dict[str, object]:
        settings = some_settings(home / "office", limits={"draft_bytes": hostile.limit_bytes})
        office = an_office(
            home / "office", register=self._register, kinds=self._kinds, settings=settings
        )
        if hostile.family not in LARGE_FAMILIES:
            self._write(hostile, home)
        data = (home / "draft").read_bytes()
        os.chdir(home / "work")
        os.environ["HOME"] = str(home / "work")
        self._watch.guard(
            read=(
                *map(Path, {sys.prefix, sys.base_prefix, *filter(None, sys.path)}),
                *(ROOT / room for room in ("letters", "tasks", "desk", "templates", "config")),
                *map(Path, ("/proc/self/", "/usr/share/zoneinfo", "/etc/localtime")),
            ),
            write=(home / "office", home / "preview", Path(os.devnull)),
        )
        codes: list[str] = []
        faults: list[str] = []
        try:
            if hostile.is_laid:
                intake = submitted(office, name)
                data, name = intake.get(intake.original_name), intake.original_name
            composition = compose_draft(office, data, name)
            codes = sorted({problem.code for problem in composition.problems})
            ending = "blocked" if composition.is_blocked else "composed"
            if any(SECRET in problem.message for problem in composition.problems):
                faults.append("the secret stands in a problem")
            if composition.letter is None:
                ending = "refused"
            else:
                faults += _faults_of(office, composition, composition.letter, home / "preview")
        except LettersError as refused:
            ending, codes = "refused", [refused.code]
            if SECRET in str(refused):
                faults.append("the secret stands in the refusal")
        return {"ending": ending, "codes": codes, "faults": faults}

    def _end_with(self, connection: int, told: Callable[[], dict[str, object]]) -> None:
        """Say what was told, or how it failed; the process ends."""
        try:
            try:
                said = told()
            except BaseException:
                fault = traceback.format_exc().splitlines()
                said = {"ending": "crashed", "faults": [" | ".join(fault[-5:])]}
            with os.fdopen(connection, "w") as opened:
                json.dump(said, opened)
        finally:
            os._exit(0)

    def _write(self, hostile: Hostile, home: Path) -> None:
        (home / "draft").write_bytes(hostile.data(self._watch.filled_in))

    def _lay(self, drafts: Path, hostile: Hostile) -> None:
        """Lay files of every sort into the drafts folder."""
        (drafts / "link.md").symlink_to(self._watch.secret)
        (drafts / "linked").symlink_to(self._watch.outside)
        (drafts / "hard.md").hardlink_to(self._watch.secret)
        (drafts / "folder.md").mkdir()
        os.mkfifo(drafts / "pipe.md")
        for name in (".draft.md", "draft.doc", "draft.md.exe"):
            (drafts / name).write_bytes(hostile.data())


def _in_its_own_process(make: Callable[[], object]) -> None:
    """Do something without its memory being counted."""
    child = os.fork()
    if child == 0:
        try:
            make()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _heard(connection: int, child: int) -> tuple[bytes, bool]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = b""
    with os.fdopen(connection, "rb", buffering=0) as opened:
        while select.select([opened], [], [], max(deadline - time.monotonic(), 0))[0]:
            part = opened.read(1 << 16)
            if not part:
                return said, False
            said += part
    os.kill(child, signal.SIGKILL)
    return b"", True


def _faults_of(office: Office, composition: Composition, letter: Letter, into: Path) -> list[str]:
    """Render a letter in every form, and list what isn't as it should be."""
    try:
        write_preview(office, composition, letter, into)
    except LettersError as stopped:
        return [] if composition.is_blocked else [f"it is composed, but {stopped.code}: {stopped}"]
    faults = []
    html = (into / "letter.html").read_text("utf-8")
    shown = _Shown(html)
    said = {
        "HTML": shown.words,
        "text": words([(into / "letter.txt").read_text("utf-8")]),
    }
    expected = Counter(words(letter.words_in_order()))
    for form, found in said.items():
        if lacking := expected - Counter(found):
            faults.append(f"the {form} lacks {[*lacking][:5]}")
    if strange := shown.elements - _ELEMENTS:
        faults.append(f"the HTML holds the elements {sorted(strange)}")
    if strange := shown.attributes - _ATTRIBUTES:
        faults.append(f"the HTML holds the attributes {sorted(strange)}")
    for path in sorted(into.glob("emails/*")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if strange := {name.casefold() for name in message.keys()} - _HEADERS:  # noqa: SIM118
            faults.append(f"{path.name} has the headers {sorted(strange)}")
        known = {contact.email for contact in office.register.contacts}
        if {address.addr_spec for address in message["To"].addresses} - known:
            faults.append(f"{path.name} goes to a stranger: {message['To']}")
    if any(SECRET.encode() in path.read_bytes() for path in into.rglob("*") if path.is_file()):
        faults.append("the secret stands in the letter")
    return faults


class _Shown(HTMLParser):
    """The words that a browser shows, the elements that it finds, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self._texts: list[str] = []
        self._is_hidden = False
        self.feed(html)
        self.close()
        self.words = words(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._is_hidden = tag in ("style", "title")
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self._texts.append(data)


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    folder.rmdir()
