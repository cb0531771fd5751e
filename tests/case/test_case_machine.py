"""The states of a letter: its commands in any order, on real files, against the table.

Whatever is asked of whichever revision, it does what `letters/case.py` says, or is
refused with the code that stands there.
"""

import os
import shutil
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows.verification import verify_office
from letters.case import Command, CommandRefused, State, cell
from letters.signoff import Decision
from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.drafting.draft import draft
from tasks.mailing.post import post
from tasks.rendering import pack
from tasks.rendering.pack import prepare, render_approved
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    do,
    in_other_words,
)

DRAFTS = (
    SHORT_DRAFT,
    in_other_words(SHORT_DRAFT),
    SHORT_DRAFT.replace(b"Please pass on our thanks", b"Do pass on our thanks"),
)
DECISIONS = {Command.APPROVE: Decision.APPROVE, Command.RETURN: Decision.RETURN}
ALIVE = (State.SIGNED, State.ARCHIVED, State.ISSUED)


class Letter(RuleBasedStateMachine):
    """What the table says, command by command, against the case."""

    folder, numbers = None, None

    @initialize()
    def open(self):
        self.root = self.folder / str(next(self.numbers))
        self.office = a_sample_office(self.root)
        self.case = Case(self.office, REFERENCE)
        self.states = {}
        """What the table says of each revision."""
        self.words = {}
        """Which draft each revision holds."""
        self.decisions, self.issue, self.is_delivered = {}, None, False

    def ask(self, revision, command, work):
        """Do what is asked; it must be what the table says of the revision's state."""
        told = cell(self.states[revision], command)
        if told.state is None:
            with pytest.raises(CommandRefused) as refused:
                work()
            assert refused.value.code == told.refusal
            return False
        work()
        self.states[revision] = told.state
        return True

    @rule(number=st.integers(0, len(DRAFTS) - 1))
    def submit(self, number):
        def work():
            return do("draft-letter", take_in(self.office, DRAFTS[number], "md"), draft)

        if not self.states:
            assert work() == (REFERENCE, 1)
            self.states[1], self.words[1] = State.DRAFTED, number
            return
        latest = max(self.states)
        earlier = [r for r, words in self.words.items() if words == number and r != latest]
        if self.words[latest] == number:
            assert work() == (REFERENCE, latest)
        elif earlier:
            with pytest.raises(CommandRefused) as refused:
                work()
            assert refused.value.code == cell(State.SUPERSEDED, Command.SUBMIT_SAME).refusal
        elif self.ask(latest, Command.SUBMIT_NEW, work):
            self.states[latest + 1], self.words[latest + 1] = State.DRAFTED, number

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def prepare(self, data):
        revision = data.draw(st.sampled_from([*self.states]))
        if self.case.pack(revision) is None:
            self.ask(revision, Command.PREPARE, lambda: do("p", self.case, prepare, revision))
        else:  # what is there already is returned, in whatever state
            do("prepare-pack", self.case, prepare, revision)

    @precondition(lambda self: self.states)
    @rule(data=st.data(), command=st.sampled_from([*DECISIONS]))
    def decide(self, data, command):
        revision = data.draw(st.sampled_from([*self.states]))

        def work():
            sign_as_sample(
                self.case,
                revision,
                inspector_id=SIGNATORY,
                decision=DECISIONS[command],
                comments="Say which files." if command is Command.RETURN else "",
            )

        if self.ask(revision, command, work):
            self.decisions[revision] = command

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def archive(self, data):
        revision = data.draw(st.sampled_from([*self.states]))

        def work():
            do("render-letter", self.case, render_approved, revision)
            do("archive-letter", self.case, archive, revision)

        if self.case.has_manifest(revision):
            work()
        elif self.ask(revision, Command.ARCHIVE, work):
            self.issue = revision

    @precondition(lambda self: self.states)
    @rule(data=st.data())
    def send(self, data):
        revision = data.draw(st.sampled_from([*self.states]))
        recipients = self.case.recipients(revision)

        def work():
            for recipient in recipients:
                do("email-recipient", self.case, post, revision, recipient.id)

        if revision == self.issue:
            work()
            self.states[revision] = State.ISSUED
        else:
            with pytest.raises(CommandRefused) as refused:
                work()
            assert refused.value.code == "not-archived"

    @precondition(lambda self: self.issue)
    @rule()
    def close(self):
        is_closed = do("close-case", self.case, close, self.issue)
        assert is_closed is (self.states[self.issue] is State.ISSUED)
        if is_closed:
            do("anchor-case", self.case, anchor, self.issue)

    @rule()
    def another_process_goes_on(self):
        self.office = as_another_process(self.office)
        self.case = Case(self.office, REFERENCE)

    @invariant()
    def the_case_is_where_the_table_says(self):
        if hasattr(self, "case"):
            assert {r: self.case.state(r) for r in self.case.revisions()} == self.states

    @invariant()
    def nothing_is_issued_twice_and_no_decision_replaced(self):
        if not hasattr(self, "case"):
            return
        issue = self.case.issue()
        assert (issue and issue.revision) == self.issue
        assert sum(state in ALIVE for state in self.states.values()) <= 1
        kept = {r: self.case.decisions(r).decision for r in self.states}
        told = {r: decision for r, decision in kept.items() if decision is not None}
        assert told == {r: DECISIONS[command] for r, command in self.decisions.items()}

    def teardown(self):
        if not hasattr(self, "case"):
            return
        report = verify_office(as_another_process(self.office))
        assert (report.differences, report.open_objects) == ((), ())
        laid_out = len(list((self.root / "outbox").glob("*.eml")))
        is_sent = self.issue is not None and self.states[self.issue] is State.ISSUED
        assert laid_out == (len(self.case.recipients(self.issue)) if is_sent else 0)
        with suppress(OSError):
            shutil.rmtree(self.root)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No disk is waited for, and each letter is rendered once: it has the same bytes."""
    rendered = {}
    monkeypatch.setattr(os, "fsync", lambda _: None)
    render = pack.render_pdf

    def render_once(letter, *, is_proof=False):
        known = (letter.digest, is_proof)
        if known not in rendered:
            rendered[known] = render(letter, is_proof=is_proof)
        return rendered[known]

    monkeypatch.setattr(pack, "render_pdf", render_once)


def test_commands_in_any_order_do_what_the_table_says(tmp_path):
    class Here(Letter):
        folder, numbers = tmp_path, count()

    run_state_machine_as_test(
        Here, settings=settings(max_examples=20, stateful_step_count=16, deadline=None)
    )
