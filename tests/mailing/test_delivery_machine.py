"""Never twice, never lost: several processes at one delivery, in any order that there is.

Each process is a thread that stands still before and after each of its puts, in its
request and where it waits; who moves next, who is killed, what the clock does, what
people decide and what the provider tells on its own is drawn by hypothesis. So an owner
may wake after its claim has run out, and write its outcome late.

`test_delivery_interleavings.py` disturbs one process at a time, and more deliveries.
"""

from collections import Counter
from contextlib import suppress
from threading import Event, Thread

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

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.delivery import DeliveryState
from letters.events import ProviderEvent
from tasks.case.office import Answer
from tasks.case.record import StepRun
from tasks.mailing.delivery import MARGIN_SECONDS, POLL_SECONDS
from tasks.mailing.progress import settle_by_evidence
from tasks.mailing.settle import NothingToSettle, settle
from tests.builders import a_letter
from tests.mailing.post_room import (
    FOLDER,
    HookedStore,
    Killed,
    MemoryStore,
    a_case,
    a_recipient,
    assert_whole,
    id_of,
    post,
)
from tests.offices import TickingClock, an_office, some_settings

CLAIM_SECONDS = 4
PROCESSES = 4
LONGEST_WAITS = (CLAIM_SECONDS + MARGIN_SECONDS) / POLL_SECONDS + 2
STUCK_SECONDS = 20
HOUR = 3600
EXAMPLES = 60
RECIPIENT = a_recipient()

answers = st.sampled_from(
    [
        *("accepted", "taken, and no answer", "accepted", "taken, and no answer"),
        *("refused", "not-accepted", "not taken, and no answer"),
    ]
)

places = st.sampled_from(
    ["end", "claim", "request", "answer", "outcome", "settlement", "", "end", "claim", "request"]
)
"""Where a process stands still: just after it put one of these, in its request, or anywhere."""


class Process:
    """One process at the delivery: it moves only when it is told to."""

    def __init__(self, room, answer):
        self.room, self.answer = room, answer
        self.is_killed = self.has_ended = False
        self._go, self._stands = Event(), Event()
        self.at = ""
        office = room.office(StandingStore(room.store, self), self)
        self._thread = Thread(target=self._live, args=(office,), daemon=True)
        self._thread.start()
        self._wait()

    def wait(self, seconds):
        """Stand still where the code under test would sleep."""
        self.stand("waits")

    def stand(self, at=""):
        """Stand still until told to move; end here if killed meanwhile."""
        self.at = at
        self._stands.set()
        assert self._go.wait(STUCK_SECONDS)
        self._go.clear()
        if self.is_killed:
            raise Killed

    def move(self):
        """Go on to where it next stands still, or to its end."""
        if not self.has_ended:
            self._stands.clear()
            self._go.set()
            self._wait()

    def move_to(self, place):
        """Go on to a place, or to where it waits for others, or to its end."""
        self.move()
        while not self.has_ended and self.at not in (place, "waits"):
            self.move()

    def kill(self):
        self.is_killed = True
        self.move()

    def _wait(self):
        assert self._stands.wait(STUCK_SECONDS), "a process neither stands nor ends"

    def _live(self, office):
        try:
            with suppress(Killed):
                self.stand()
                post(office, RECIPIENT, sleep=self.wait)
        finally:
            self.has_ended = True
            self._stands.set()


class StandingStore(HookedStore):
    """A process's store: it stands still before each put and after it."""

    def __init__(self, store, process):
        super().__init__(store, None)
        self._process = process

    def put(self, key, data):
        name = key.rpartition("/")[2]
        self._process.stand()
        stored = self._store.put(key, data)
        self._process.stand(name.partition("-")[0] if "-" in name else "")
        return stored


class Provider:
    """It has no memory that it could be asked for, unless there is evidence."""

    name, takes_samples = "fake", True

    def __init__(self, room, process):
        self.room, self.process = room, process

    def send(self, message, *, send_id):
        room = self.room
        room.open_requests += 1
        try:
            # Those who die before their message was taken, or after.
            self.process.stand("request")
            if self.process.answer in ("accepted", "taken, and no answer"):
                room.taken += 1
            self.process.stand("answer")
        finally:
            room.open_requests -= 1
        is_sure = "no answer" not in self.process.answer
        return Answer(self.process.answer if is_sure else "unknown", said="as told")

    def find(self, send_id):
        if not self.room.has_evidence or self.room.open_requests:
            return "unknown"
        return "accepted" if self.room.taken else "absent"


class OneDelivery(RuleBasedStateMachine):
    """What the provider took and persons decided, against what the case says."""

    root, settings_told = None, None

    @initialize(has_evidence=st.booleans())
    def prepare(self, has_evidence):
        self.store, self.clock = MemoryStore(), TickingClock()
        self.has_evidence, self.taken, self.open_requests = has_evidence, 0, 0
        self.decided, self.processes = Counter(), []
        self.case = a_case(self.office(), RECIPIENT)

    def office(self, store=None, process=None):
        return an_office(
            self.root,
            settings=self.settings_told,
            store=store or self.store,
            witness=None,
            clock=self.clock,
            provider=Provider(self, process),
        )

    def at_work(self):
        return [process for process in self.processes if not process.has_ended]

    @precondition(lambda self: len(self.at_work()) < PROCESSES)
    @rule(answer=answers, place=places)
    def begin(self, answer, place):
        self.processes.append(Process(self, answer))
        self.processes[-1].move_to(place)

    @precondition(lambda self: len(self.at_work()) < PROCESSES - 1)
    @rule(
        answer=st.sampled_from(["accepted", "taken, and no answer"]),
        place=st.sampled_from(["claim", "claim", "request", "answer"]),
    )
    def hold_up_and_overtake(self, answer, place):
        self.begin(answer, place)
        self.move_the_clock(CLAIM_SECONDS + 1)
        self.begin("accepted", "end")

    @precondition(lambda self: len(self.at_work()) < PROCESSES - 1)
    @rule(
        answer=st.sampled_from(["accepted", "taken, and no answer"]),
        place=st.sampled_from(["claim", "claim", "request", "answer"]),
    )
    def hold_up_and_wait_to_the_end(self, answer, place):
        """The clock was set back: a claim is waited for no longer than it holds."""
        self.begin(answer, place)
        self.move_the_clock(-HOUR)
        self.begin("accepted", "end")
        waiting, waits = self.processes[-1], 0
        while waiting.at == "waits" and not waiting.has_ended:
            assert waits <= LONGEST_WAITS, "it waits without end"
            waiting.move()
            waits += 1

    @precondition(lambda self: self.at_work())
    @rule(data=st.data(), place=places)
    def move(self, data, place):
        data.draw(st.sampled_from(self.at_work())).move_to(place)

    @precondition(lambda self: self.at_work())
    @rule(data=st.data())
    def kill(self, data):
        data.draw(st.sampled_from(self.at_work())).kill()

    @rule(seconds=st.sampled_from([CLAIM_SECONDS + 1, CLAIM_SECONDS / 2, HOUR, -HOUR]))
    def move_the_clock(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def evidence_comes_or_goes(self):
        self.has_evidence = not self.has_evidence

    @rule(as_=st.sampled_from(["resend", "sent"]))
    def a_person_decides(self, as_):
        with suppress(NothingToSettle):
            attempts = len(self.case.attempts(1, id_of()))
            settled = settle(
                self.office(),
                self.case,
                1,
                RECIPIENT,
                as_=as_,
                why="because",
                sleep=lambda _: None,
            )
            ends_as = self.case.attempts(1, id_of())[attempts - 1].settlement.ends_as
            if ends_as == as_:
                self.decided[as_] += 1
            assert settled is not DeliveryState.UNKNOWN

    @precondition(lambda self: self.taken)
    @rule()
    def the_provider_tells_on_its_own(self):
        event = ProviderEvent(
            sg_event_id="e-1",
            event="delivered",
            at=moment_text(self.clock()),
            send_id=id_of(),
            reference=a_letter().reference,
            revision=1,
        )
        run = StepRun(self.case, "provider-event")
        if not any("/event-" in name for name in self.case.recorded()):
            data = stored_json(event.model_dump(mode="json"))
            run.once_announced(f"{FOLDER}/event-{'0' * 32}.json", data)
        settle_by_evidence(self.case, 1, RECIPIENT)

    @invariant()
    def nothing_is_taken_twice_unless_a_person_said_so(self):
        assert self.taken <= 1 + self.decided["resend"]

    @invariant()
    def what_the_case_says_is_so(self):
        state = self.case.delivery_state(1, RECIPIENT)
        if state is DeliveryState.ACCEPTED:
            assert self.taken
        if state in (DeliveryState.PENDING, DeliveryState.REFUSED):
            assert not self.taken or self.decided["resend"]
        if state is DeliveryState.SETTLED_AS_SENT:
            assert self.decided["sent"]

    def teardown(self):
        if not hasattr(self, "case"):
            return
        for process in self.at_work():
            process.kill()
        assert self.open_requests == 0
        self.has_evidence = True
        self.clock.advance(1_000 * HOUR)  # past all claims, however it was set back
        last = Process(self, "accepted")
        last.move_to("end")
        assert last.has_ended
        state = self.case.delivery_state(1, RECIPIENT)
        assert state in (
            DeliveryState.ACCEPTED,
            DeliveryState.REFUSED,
            DeliveryState.SETTLED_AS_SENT,
        )
        # Never lost: it was taken, or it can be seen that it may not have been.
        assert self.taken or state is not DeliveryState.ACCEPTED
        self.nothing_is_taken_twice_unless_a_person_said_so()
        self.what_the_case_says_is_so()
        assert_whole(self.case)


def test_no_order_of_processes_sends_twice_or_loses(tmp_path):
    class Here(OneDelivery):
        root = tmp_path
        settings_told = some_settings(tmp_path, mail={"claim_seconds": CLAIM_SECONDS})

    run_state_machine_as_test(
        Here, settings=settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)
    )
