"""Never twice, never forgotten: deliveries interleaved with crashes, delays and decisions.

Each step is one process at work on the same delivery. At one moment of it (around
any of its puts, or while its request is being made) something else happens: it is
killed, time passes, another process delivers, a person settles.
"""

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from letters.canonical import sha256_hex
from letters.delivery import DeliveryState
from tasks.mailing.settle import NothingToSettle, settle
from tests.mailing.post_room import (
    FakeProvider,
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

CLAIM_SECONDS = 8

ANSWERS = (
    *("accepted", "accepted", "refused", "not-accepted"),
    *("taken, and no answer", "not taken, and no answer", "killed before", "killed after"),
)
MOMENTS = ("in the request", *((when, n) for n in range(1, 12) for when in ("before", "after")))
MEANWHILE = ("nothing", "killed", "time passes", "another process", "resend", "sent")


class OneDelivery(RuleBasedStateMachine):
    """What the provider took and what persons decided, against what the case says."""

    @initialize(evidence=st.booleans())
    def prepare(self, evidence):
        self.store, self.clock = MemoryStore(), TickingClock()
        self.provider = FakeProvider(evidence=evidence)
        self.case = a_case(self.office())
        self.resends = 0

    def office(self, store=None):
        # No folder is touched: the settings are read from the defaults, the store is in memory.
        return an_office(
            self.nowhere,
            settings=self.told,
            store=store or self.store,
            witness=None,
            clock=self.clock,
            provider=self.provider,
        )

    @rule(
        answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3),
        moment=st.sampled_from(MOMENTS),
        meanwhile=st.sampled_from(MEANWHILE),
    )
    def deliver(self, answers, moment, meanwhile):
        self.provider.does = list(answers)

        def reach(*reached):
            if reached == (moment if isinstance(moment, tuple) else (moment,)):
                self.provider.meanwhile = lambda: None
                self.happens(meanwhile)

        self.provider.meanwhile = lambda: reach("in the request")
        with suppress(Killed):
            post(self.office(HookedStore(self.store, reach)))
        self.provider.meanwhile = lambda: None

    @rule(as_=st.sampled_from(["resend", "sent"]))
    def decide(self, as_):
        self.happens(as_)

    @rule(seconds=st.sampled_from([1, CLAIM_SECONDS // 2, CLAIM_SECONDS + 1]))
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def evidence_comes_or_goes(self):
        self.provider.evidence = not self.provider.evidence

    def happens(self, what):
        match what:
            case "killed":
                raise Killed
            case "time passes":
                self.clock.advance(CLAIM_SECONDS + 1)
            case "another process":
                with suppress(Killed):
                    post(self.office())
            case "resend" | "sent":
                with suppress(NothingToSettle):
                    settled = settle(
                        self.office(), self.case, 1, a_recipient(), as_=what, why="because"
                    )
                    self.resends += settled is DeliveryState.PENDING

    @invariant()
    def nothing_is_sent_twice_unless_a_person_said_so(self):
        assert self.provider.taken[id_of()] <= 1 + self.resends

    @invariant()
    def accepted_is_said_only_of_what_was_taken(self):
        if self.state() is DeliveryState.ACCEPTED:
            assert self.provider.taken[id_of()] > 0

    @invariant()
    def nothing_taken_is_forgotten(self):
        if self.provider.taken[id_of()] and not self.resends:
            assert self.state() not in (DeliveryState.PENDING, DeliveryState.REFUSED)

    @invariant()
    def every_request_had_a_claim_of_its_own(self):
        requested = [sha256_hex(message) for message in self.provider.requests]
        claimed = [a.claim.message_sha256 for a in self.case.attempts(1, id_of())]
        assert len(set(requested)) == len(requested)
        assert set(requested) <= set(claimed)

    def state(self):
        return self.case.delivery_state(1, a_recipient())

    def teardown(self):
        if not hasattr(self, "case"):
            return
        self.provider.evidence = True
        self.provider.does = ["accepted"]
        assert post(self.office()) in (
            DeliveryState.ACCEPTED,
            DeliveryState.REFUSED,
            DeliveryState.SETTLED_AS_SENT,
        )
        self.nothing_is_sent_twice_unless_a_person_said_so()
        self.accepted_is_said_only_of_what_was_taken()
        assert_whole(self.case)


def test_no_interleaving_sends_twice_or_forgets(tmp_path):
    class Here(OneDelivery):
        nowhere = tmp_path
        told = some_settings(tmp_path, mail={"claim_seconds": CLAIM_SECONDS})

    Here.TestCase.settings = settings(max_examples=200, stateful_step_count=12, deadline=None)
    Here.TestCase().runTest()
