"""Which objects a case may hold, and which of them an interrupted run may have left."""

import re
from pathlib import Path

import pytest

import tasks
from letters.audit import AuditEntry
from letters.canonical import stored_json
from letters.signoff import Decision
from tasks.archiving.layout import (
    LAYOUT,
    is_left_over,
    left_over,
    unfinished_steps,
)
from tasks.case.record import StepRun
from tests.issuing import a_sample_office, in_other_words, issue, submit


def some_entries(text):
    """Entries from words such as `draft-letter started, draft-letter completed`."""
    for seq, words in enumerate(filter(None, text.split(", ")), start=1):
        step, event = words.split()
        yield AuditEntry(
            seq=seq,
            previous="0" * 64,
            at="2011-03-14T09:00:00.000Z",
            actor="tester@desk",
            step=step,
            event=event,
            attempt=1,
            of=1,
            detail={},
        )


UNFINISHED = {
    "nothing happened": ("", set()),
    "a step started": ("archive-letter started", {"archive-letter"}),
    "a step is over": ("archive-letter started, archive-letter completed", set()),
    "a failed attempt may have left something": (
        "archive-letter started, archive-letter failed",
        {"archive-letter"},
    ),
    "one of two runs at once is over": (
        "render-letter started, render-letter started, render-letter completed",
        {"render-letter"},
    ),
    "steps don't end each other": (
        "draft-letter started, prepare-pack started, prepare-pack completed",
        {"draft-letter"},
    ),
    "what a step writes besides is no end": ("sign-off started, sign-off stored", {"sign-off"}),
}


@pytest.mark.parametrize("what", UNFINISHED)
def test_a_step_is_unfinished_while_it_started_more_often_than_it_completed(what):
    text, expected = UNFINISHED[what]

    assert unfinished_steps(some_entries(text)) == expected


ISSUE = stored_json({"layout": 1, "revision": 1, "pack": "0" * 64})

LEFT = {
    "made by a step that is unfinished": ("r1/letter.txt", b"{}", {"render-letter"}, True),
    "made by a step that is over": ("r1/letter.txt", b"{}", set(), False),
    "made by another step": ("r1/letter.txt", b"{}", {"archive-letter"}, False),
    "not what its name says": ("r1/emails/director.json", b"\xff", {"render-letter"}, False),
    "too deep to be read": ("r1/emails/director.json", b"[" * 100_000, {"render-letter"}, False),
    "of no kind that is known": ("r1/letter.doc", b"{}", {"render-letter"}, False),
    "never made twice, and not announced": ("issue-1.json", ISSUE, {"archive-letter"}, False),
    "of a revision that can't be": ("r0/proof.pdf", b"%PDF", {"prepare-pack"}, False),
    "a proof": ("r1/proof.pdf", b"%PDF", {"prepare-pack"}, True),
    "no pack": ("r1/pack.json", b"{}\n", {"prepare-pack"}, False),
}


@pytest.mark.parametrize("what", LEFT)
def test_an_object_without_its_entry_is_left_over_if_it_is(what):
    name, data, unfinished, expected = LEFT[what]

    assert is_left_over(name, data, unfinished) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(ISSUE, True, id="and can be read"),
        pytest.param(b"\xff", False, id="and is not what its name says"),
    ],
)
def test_an_object_without_its_entry_is_left_over_if_it_was_announced(data, expected):
    assert is_left_over("issue-1.json", data, set(), was_announced=True) is expected


def test_what_an_interrupted_run_left_is_listed(tmp_path):
    case, _ = submit(a_sample_office(tmp_path))
    StepRun(case, "render-letter").begin()
    for name in ("r1/letter.txt", "r1/manifest.json", "closed.json"):
        case.store.put(case.key(name), b"{}\n")

    assert left_over(case, 2) == ["r1/letter.txt"]
    assert left_over(case, 1) == []


def test_each_object_of_an_issued_letter_is_made_by_a_step_that_the_layout_names(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office, decision=Decision.RETURN)
    case, _ = issue(office, in_other_words())

    made = [
        (entry.step, entry.detail["object"].removeprefix(f"{case.prefix}/"))
        for entry in case.chain.entries()
        if entry.detail.get("object", "").startswith(case.prefix)
    ]

    assert len(made) > 25
    assert [
        (step, name)
        for step, name in made
        if not any(re.fullmatch(kept.name, name) and step in kept.steps for kept in LAYOUT)
    ] == []


def test_the_layout_names_the_steps_by_the_names_that_flows_give_them():
    folder = Path(tasks.__file__).parent
    named = set()
    for module in folder.glob("*/task.py"):
        named |= set(re.findall(r'step\("([a-z-]+)"', module.read_text()))

    in_the_layout = {step for kept in LAYOUT for step in kept.steps}

    # A sign-off and a change come from the desk, a delivery in doubt is settled and a letter held
    # there; a run's history and what a provider tells afterwards are kept when no run is under way.
    assert in_the_layout - named == {
        "sign-off",
        "settle-delivery",
        "housekeeping",
        "provider-event",
        "hold-letter",
        "change-letter",
    }
    # These make no objects: e-mails of the office to its own people, and the last anchor.
    assert named - in_the_layout == {
        "notify-inspectors",
        "notify-office-of-lapse",
        "notify-office-of-return",
        "send-receipt",
        "anchor-case",
    }
