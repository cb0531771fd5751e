"""A letter issued in tests as the flow does it, by the plain steps and without Prefect.

Each function walks to the first thing not yet done, so that it may be called
again after whatever interrupted it.
"""

import os
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from letters.case import CommandRefused
from letters.signoff import Decision
from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.record import StepRun, attempt_step
from tasks.drafting.draft import Blocked, draft
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.register_files import load_register
from tasks.mailing.notices import (
    NoticeUndelivered,
    notify_inspectors,
    notify_office_of_return,
    send_receipt,
)
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tasks.signoff.decide import decision_on
from tasks.signoff.signing import sign_as_sample
from tests.offices import an_office

CONFIG = Path(__file__).parent.parent / "config"
SAMPLE_OFFICE = CONFIG / "sample_office"
SAMPLE_DRAFT = (SAMPLE_OFFICE / "westmere-2011-04-04.md").read_bytes()
REFERENCE = "CRA-WESTMERE-2011-03-08"

COPY = rb"  - role: .+\n    name: .+\n    line: .+\n"
FURTHER_ITEMS = rb"(?<=\n)(- .+\n(?:  .+\n)*)(?:- .+\n(?:  .+\n)*)+"

SHORT_DRAFT = re.sub(b"(copies:\n" + COPY + b")(?:" + COPY + b")+", rb"\1", SAMPLE_DRAFT)
SHORT_DRAFT = re.sub(FURTHER_ITEMS, rb"\1", SHORT_DRAFT)
"""The sample draft with one item a section and one copy: it is issued faster."""

SIGNATORY = "helmsley"

_register = cache(load_register)
_kinds = cache(load_kinds)


def a_sample_office(root, **overrides):
    """An office with the sample office's register and kinds, which can issue its draft.

    One copy is enough for it.
    """
    fields = {
        "register": _register(SAMPLE_OFFICE),
        "kinds": with_one_copy(_kinds(CONFIG / "kinds")),
    }
    return an_office(root, **fields | overrides)


def with_one_copy(kinds):
    """Kinds of letter that ask for one copy only: letters of them are issued faster."""
    return {
        kind.id: kind.model_copy(update={"copy_roles": kind.copy_roles[:1]})
        for kind in kinds.values()
    }


def do(step, record, work, *args):
    """One attempt of a step, which is not tried again."""
    return attempt_step(StepRun(record, step), work, lambda _: None, *args)


def submit(office, data=SHORT_DRAFT):
    """Take a draft to its pack; return its case and revision."""
    drafted = do("draft-letter", take_in(office, data, "md"), draft)
    assert not isinstance(drafted, Blocked), str(drafted)
    case = Case(office, drafted.reference)
    do("prepare-pack", case, prepare, drafted.revision)
    with suppress(NoticeUndelivered):
        do("notify-inspectors", case, notify_inspectors, drafted.revision, signers(case))
    return case, drafted.revision


def signers(case):
    """Who is told that the letter waits, with a link that opens nothing."""
    inspector = case.office.register.inspector(SIGNATORY)
    link = f"http://localhost:8377/sign/{case.reference}"
    return ((inspector.id, inspector.name, inspector.email, link),)


def decide(case, revision, decision=Decision.APPROVE):
    """Return the decision on a revision, taken now unless there is one."""
    if decision_on(case, revision) is None:
        comments = "Say which files were read." if decision is Decision.RETURN else ""
        with suppress(CommandRefused):  # someone else was first
            sign_as_sample(
                case, revision, inspector_id=SIGNATORY, decision=decision, comments=comments
            )
    return decision_on(case, revision)


def send_out(case, revision):
    """Take an approved revision to its end; return whether the case is closed."""
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    for recipient in case.recipients(revision):
        do("email-recipient", case, post, revision, recipient.id)
    is_closed = do("close-case", case, close, revision)
    if is_closed:
        with suppress(NoticeUndelivered):
            do("send-receipt", case, send_receipt, revision)
        do("anchor-case", case, anchor, revision)
    return is_closed


def issue(office, data=SHORT_DRAFT, decision=Decision.APPROVE):
    """Take a draft as far as it goes: issued, or returned; return its case and revision."""
    case, revision = submit(office, data)
    kept = decide(case, revision, decision)
    if kept.statement.decision is Decision.APPROVE:
        send_out(case, revision)
    else:
        with suppress(NoticeUndelivered):
            do("notify-office-of-return", case, notify_office_of_return, revision)
    return case, revision


def in_other_words(data=SHORT_DRAFT):
    """The same letter with another sentence in it: a new revision."""
    return data.replace(b"Please pass on our thanks", b"We ask you to pass on our thanks")


def as_another_process(office):
    """The office with none of what this process remembers of its chains."""
    return replace(office, _chains=type(office._chains)())


def files_of(office):
    """Every file of an office with its bytes, but those that were never finished."""
    root = office.root
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".tmp" not in path.parts
    }


def copied(root, to):
    """Copy an office's folder as it lies there at this moment; return the copy.

    Objects are hard links: a test that alters one replaces its file.
    """
    for folder in root.iterdir():
        # The witness's files grow in place.
        copy = shutil.copy2 if folder.name == "witness" else os.link
        shutil.copytree(folder, to / folder.name, copy_function=copy)
    return to
