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
    Summons,
    notify_inspectors,
    notify_office_of_return,
    send_receipt,
)
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tasks.signoff.decide import decisions_on
from tasks.signoff.signers import awaited_signers
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

JOINT_INSPECTION = """---
kind: joint-inspection
authority: westmere
date: 4 April 2016
addressees:
  - role: director
    name: Ms Siân Prydderch
    lines:
      - Director of Children’s Services
      - Westmere Borough Council
signatories:
  - name: Harriet Elmsley
    title: National Director, Social Care
  - name: Tobias Reyne
    title: Assistant Chief Inspector of Constabulary
copies: []
---

# Joint targeted area inspection of the response to neglect in Westmere

Between 7 March 2016 and 11 March 2016 we undertook a joint targeted area inspection of how the
agencies in Westmere respond to neglect, under section 20 of the Children Act 2004.

## What needs to improve

- Minutes of strategy discussions do not always say what was decided.

## Strengths

- Agencies answer concerns about children on the day on which they arrive.

## Next steps

The director of children’s services should prepare a written statement of proposed action that
responds to the findings in this letter.

---

We shall look at what has been done when we next inspect services for children in your area.
""".encode()
"""What inspectors of two inspectorates write together, each under a title of their own."""

SIGNATORY = "helmsley"

COLLEAGUE = "treyne"


def signed_by_also(draft, *names):
    """The draft with further signatories below its own."""
    first = "  - name: Harriet Elmsley\n    title: Her Majesty’s Inspector\n"
    further = "".join(first.replace("Harriet Elmsley", name) for name in names)
    assert first.encode() in draft
    return draft.replace(first.encode(), (first + further).encode())


JOINT_DRAFT = signed_by_also(SHORT_DRAFT, "Tobias Reyne")
"""The same letter, of two inspectors: SIGNATORY is the first, COLLEAGUE the second."""

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
    case, revision = Case(office, drafted.reference), drafted.revision
    do("prepare-pack", case, prepare, revision)
    with suppress(NoticeUndelivered):
        do("notify-inspectors", case, notify_inspectors, revision, summoned(case, revision))
    return case, revision


def summoned(case, revision):
    """Who is told that the letter waits, with links that open nothing."""
    link = f"http://localhost:8377/sign/{case.reference}"
    return tuple(
        Summons(one.inspector.id, one.inspector.name, one.inspector.email, link, one.part.number)
        for one in awaited_signers(case, revision, case.office.clock().date())
    )


def decide(case, revision, decision=Decision.APPROVE):
    """Return what is decided of a revision, by each of its signatories now unless it is."""
    comments = "Say which files were read." if decision is Decision.RETURN else ""
    for part in decisions_on(case, revision).missing:
        inspector = case.office.register.inspector_named(part.name)
        with suppress(CommandRefused):  # someone else was first
            sign_as_sample(
                case, revision, inspector_id=inspector.id, decision=decision, comments=comments
            )
    return decisions_on(case, revision)


def sign_off_on(case, revision=1):
    """The decision of a letter's only signatory, whatever has confirmed it since."""
    (part,) = case.decisions(revision).parts
    return part.sign_offs[0] if part.sign_offs else None


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
    if decide(case, revision, decision).decision is Decision.APPROVE:
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
