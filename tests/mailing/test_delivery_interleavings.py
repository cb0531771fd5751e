"""Never twice, never forgotten: deliveries interleaved with crashes, delays and decisions.

Each step is one process at work on one of a few deliveries. At one moment of it
(around any of its puts, or while its request is being made) something else
happens: it is killed, time passes, another process delivers, a person settles.
"""

from collections import Counter
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

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

CLAIM_SECONDS = 4
RECIPIENTS = [
    a_recipient(id=f"copy-{n}", role="copy", email=f"{n}@westmere.example") for n in range(6)
]

recipients = st.sampled_from(RECIPIENTS)
answers = st.lists(
    st.sampled_from(
        [
            *("accepted", "refused", "not-accepted", "killed before", "killed after"),
            *("taken, and no answer", "not taken, and no answer"),
        ]
    ),
    min_size=1,
    max_size=3,
)
moments = st.sampled_from(
    [("in the request",), *((when, n) for n in range(1, 9) for when in ("before", "after"))]
)
happenings = st.sampled_from(["killed", "time passes", "another process", "resend", "sent"])


class PostRoom(RuleBasedStateMachine):
    """What the provider took and what persons decided, against what the case says."""

    root, settings_told = None, None

    @initialize(evidence=st.booleans())
    def prepare(self, evidence):
        self.store, self.clock = MemoryStore(), TickingClock()
        self.provider = FakeProvider(evidence=evidence)
        self.case = a_case(self.office(), *RECIPIENTS)
        self.resends = Counter()

    def office(self, store=None):
        # Nothing is written below the root: the store is in memory, there is no witness.
        return an_office(
            self.root,
            settings=self.settings_told,
            store=store or self.store,
            witness=None,
            clock=self.clock,
            provider=self.provider,
        )

    @rule(recipient=recipients, answers=answers)
    def deliver(self, recipient, answers):
        self.provider.does = list(answers)
        with suppress(Killed):
            post(self.office(), recipient)

    @rule(recipient=recipients, answers=answers, moment=moments, happening=happenings)
    def deliver_disturbed(self, recipient, answers, moment, happening):
        pending = [happening]

        def reach(*reached):
            if reached == moment and pending:
                self.happens(pending.pop(), recipient)

        self.provider.does = list(answers)
        self.provider.meanwhile = lambda: reach("in the request")
        with suppress(Killed):
            post(self.office(HookedStore(self.store, reach)), recipient)
        self.provider.meanwhile = lambda: None

    @rule(recipient=recipients, happening=happenings)
    def something_happens(self, recipient, happening):
        with suppress(Killed):
            self.happens(happening, recipient)

    @rule()
    def evidence_comes_or_goes(self):
        self.provider.evidence = not self.provider.evidence

    def happens(self, what, recipient):
        match what:
            case "killed":
                raise Killed
            case "time passes":
                self.clock.advance(CLAIM_SECONDS + 1)
            case "another process":
                with suppress(Killed):
                    post(self.office(), recipient)
            case "resend" | "sent":
                with suppress(NothingToSettle):
                    settled = settle(
                        self.office(), self.case, 1, recipient, as_=what, why="because"
                    )
                    self.resends[recipient.id] += settled is DeliveryState.PENDING

    @invariant()
    def nothing_is_sent_twice_unless_a_person_said_so(self):
        for recipient in RECIPIENTS:
            assert self.provider.taken[id_of(recipient)] <= 1 + self.resends[recipient.id]

    @invariant()
    def what_the_case_says_is_so(self):
        for recipient in RECIPIENTS:
            state = self.case.delivery_state(1, recipient)
            was_taken = self.provider.taken[id_of(recipient)] > 0
            if state is DeliveryState.ACCEPTED:
                assert was_taken
            if state in (DeliveryState.PENDING, DeliveryState.REFUSED):
                assert not was_taken or self.resends[recipient.id]

    @invariant()
    def every_request_had_a_claim_of_its_own(self):
        requested = Counter(sha256_hex(message) for message in self.provider.requests)
        claimed = {
            attempt.claim.message_sha256
            for recipient in RECIPIENTS
            for attempt in self.case.attempts(1, id_of(recipient))
        }
        assert set(requested.values()) <= {1}
        assert set(requested) <= claimed

    def teardown(self):
        if not hasattr(self, "case"):
            return
        self.provider.evidence = True
        self.provider.does = ["accepted"]
        for recipient in RECIPIENTS:
            assert post(self.office(), recipient) in (
                DeliveryState.ACCEPTED,
                DeliveryState.REFUSED,
                DeliveryState.SETTLED_AS_SENT,
            )
        self.nothing_is_sent_twice_unless_a_person_said_so()
        self.what_the_case_says_is_so()
        assert_whole(self.case)


def test_no_interleaving_sends_twice_or_forgets(tmp_path):
    class Here(PostRoom):
        root = tmp_path
        settings_told = some_settings(tmp_path, mail={"claim_seconds": CLAIM_SECONDS})

    run_state_machine_as_test(
        Here, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
