"""What the tests of the post room share: a case ready to be sent, and honest fakes."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from letters.audit import chain_faults, moment_text
from letters.canonical import sha256_hex, stored_json
from letters.delivery import Claim, Outcome, Owner, Settlement
from letters.email import Email
from letters.pack import Pack, PackEmail, PackRecipient
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.chain import stored_entries
from tasks.case.office import Answer
from tasks.case.process import this_process
from tasks.case.record import StepRun
from tasks.case.store import check_key, object_missing
from tasks.mailing.deliver import deliver
from tasks.mailing.delivery import Delivery
from tests.builders import a_letter
from tests.offices import START

PDF = b"%PDF-1.7\r\nnot a whole one, but bytes of every kind: " + bytes(range(256))
PDF_NAME = "CRA-WESTMERE-2011-02-14.pdf"


def a_recipient(**changes):
    fields = {
        "id": "director",
        "role": "director",
        "name": "Ms Siân Łukasz",
        "email": "director@westmere.example",
        "salt": "5a" * 16,
    }
    return FrozenRecipient(**fields | changes)


def an_email(recipient=None, **changes):
    recipient = recipient or a_recipient()
    fields = {
        "recipient": recipient.id,
        "subject": "Inspection of children’s services in Westmere",
        "text": f"Dear {recipient.name},\n\nPlease find the letter attached.\n",
        "html": f"<p>Dear {recipient.name},</p>\n<p>Please find the letter attached.</p>",
    }
    return Email(**fields | changes)


def a_pack(*recipients, **changes):
    emails = [an_email(recipient) for recipient in recipients]
    fields = {
        "reference": a_letter().reference,
        "revision": 1,
        "letter_digest": a_letter().digest,
        "recipients": tuple(
            PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
            for r in recipients
        ),
        "pdf_sha256": sha256_hex(PDF),
        "html_sha256": "0" * 64,
        "text_sha256": "0" * 64,
        "emails": tuple(
            PackEmail(
                recipient=email.recipient,
                subject_sha256=sha256_hex(email.subject.encode()),
                text_sha256=sha256_hex(email.text.encode()),
                html_sha256=sha256_hex(email.html.encode()),
            )
            for email in emails
        ),
        "doubts_cleared": (),
        "problems_overridden": (),
    }
    return Pack(**fields | changes)


def a_case(office, *recipients, pack=None, letter=None):
    """A case whose first revision only waits to be sent to `recipients`."""
    recipients = recipients or (a_recipient(),)
    letter = letter or a_letter()
    case = Case(office, letter.reference)
    run = StepRun(case, "prepare")
    run.once("case.json", lambda: case.opening_bytes(letter))
    for name, value in (
        ("letter.json", letter.model_dump(mode="json")),
        ("recipients.json", [r.model_dump(mode="json") for r in recipients]),
        ("pack.json", (pack or a_pack(*recipients)).model_dump(mode="json")),
    ):
        run.once(f"r1/{name}", lambda value=value: stored_json(value))
    run.complete()
    return case


def post(office, recipient=None, **changes):
    """Deliver the prepared case as a new process would; waiting only moves the clock."""
    recipient = recipient or a_recipient()
    arguments = {
        "email": an_email(recipient),
        "pdf": PDF,
        "pdf_name": PDF_NAME,
        "sleep": office.clock.advance,
    }
    run = StepRun(Case(office, a_letter().reference), "email-recipient")
    state = deliver(office, run, 1, recipient, **arguments | changes)
    run.complete()
    return state


ANOTHER_MACHINE = Owner(host="another-desk", pid=1, started="f00d")
AN_ENDED_PROCESS = this_process().model_copy(
    update={"started": f"{this_process().started.rpartition('-')[0]}-0"}
)
"""Another process had this one's number before: it is gone for certain."""
A_MACHINE_AHEAD = START + timedelta(days=365)
"""What the clock of a machine shows that nobody has set."""


def a_claim(attempt=1, *, owner=ANOTHER_MACHINE, at=START, seconds=60):
    return Claim(
        send_id=id_of(),
        attempt=attempt,
        at=moment_text(at),
        expires_at=moment_text(at + timedelta(seconds=seconds)),
        owner=owner,
        nonce="0" * 32,
        message_sha256="0" * 64,
        case_head=f"1:{'0' * 64}",
    )


def an_outcome(result, attempt=1):
    return Outcome(
        send_id=id_of(), attempt=attempt, result=result, provider="fake", at=moment_text(START)
    )


def a_settlement(ends_as, attempt=1):
    return Settlement(
        send_id=id_of(),
        attempt=attempt,
        ends_as=ends_as,
        why="because",
        actor="anna@desk",
        at=moment_text(START),
    )


def held(case, *values):
    """Lay claims, outcomes and settlements into the case, as earlier runs would have."""
    delivery = Delivery(case.office, StepRun(case, "prepare"), 1, a_recipient())
    for value in values:
        assert delivery.write(type(value).__name__.lower(), value)


def assert_whole(case):
    """Every object of the deliveries is named in the chain with its hash; the chain is whole."""
    named = case.recorded()
    kept = [name for name in case.names() if "/deliveries/" in name]
    hashes = {case.key(name): sha256_hex(case.get(name)) for name in kept}
    assert {key: named.get(key) for key in hashes} == hashes
    assert chain_faults(stored_entries(case.store, case.chain.prefix)) == []


def id_of(recipient=None):
    """The send id of the prepared case's delivery."""
    return send_id(a_letter().reference, 1, (recipient or a_recipient()).email)


FOLDER = f"r1/deliveries/{id_of()}"
"""Where the delivery to the director is kept in its case."""


def events_of(case):
    """What happened at the case since it was prepared: the events, in order."""
    return [entry.event for entry in case.chain.entries() if entry.step != "prepare"]


class Killed(BaseException):
    """The process ended here, as far as the code under test can tell."""


class FakeProvider:
    """A provider without any memory of send ids, as SendGrid is.

    It takes what it is given as often as it is given it, and counts. `does` is what
    it does with each request in turn, the last for all that follow; `evidence`
    tells whether it can be asked afterwards.
    """

    name = "fake"

    def __init__(self, *does, evidence=False, takes_samples=True, wait_seconds=0.0):
        self.takes_samples = takes_samples
        self.wait_seconds = wait_seconds
        self.does = list(does) or ["accepted"]
        self.evidence = evidence
        self.requests = []
        self.taken = Counter()
        self._open = Counter()
        self.meanwhile = lambda: None
        """Called while a request is being made, before the provider has decided."""

    def send(self, message, *, send_id):
        does = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        self.requests.append(message)
        self._open[send_id] += 1
        try:
            self.meanwhile()
            if does == "killed before":
                raise Killed
            if does in ("accepted", "killed after", "taken, and no answer"):
                self.taken[send_id] += 1
            if does == "killed after":
                raise Killed
        finally:
            self._open[send_id] -= 1
        if does in ("taken, and no answer", "not taken, and no answer"):
            return Answer("unknown", said="time-out")
        return Answer(
            does,
            provider_id=f"m-{len(self.requests)}",
            said="to d.rector@x.example",
            wait_seconds=self.wait_seconds,
        )

    def find(self, send_id):
        if not self.evidence or self._open[send_id]:
            return "unknown"
        return "accepted" if self.taken[send_id] else "absent"


class MemoryStore:
    """A store in a dictionary, for tests that need thousands of puts."""

    def __init__(self):
        self.objects = {}

    def put(self, key, data):
        return self.objects.setdefault(check_key(key), data)

    def find(self, key):
        return self.objects.get(check_key(key))

    def get(self, key):
        if key not in self.objects:
            raise object_missing(key)
        return self.objects[key]

    def series(self, key_of, first):
        while (data := self.find(key_of(first))) is not None:
            yield data
            first += 1

    def exists(self, key):
        return key in self.objects

    def list(self, prefix):
        start = prefix and f"{prefix.removesuffix('/')}/"
        return sorted(key for key in self.objects if key.startswith(start))

    def folders(self, prefix):
        start = prefix and f"{prefix.removesuffix('/')}/"
        below = (key.removeprefix(start).partition("/") for key in self.list(prefix))
        return sorted({name for name, slash, _ in below if slash})


class HookedStore:
    """Another store, with `hook("before" or "after", number)` called around each put.

    Two of them are never equal: each stands for a process with a memory of its own.
    """

    def __init__(self, store, hook):
        self._store = store
        self._hook = hook
        self._puts = 0

    def put(self, key, data):
        self._puts += 1
        number = self._puts
        self._hook("before", number)
        stored = self._store.put(key, data)
        self._hook("after", number)
        return stored

    def __getattr__(self, name):
        return getattr(self._store, name)


def kill(moment):
    """A hook that kills the process at one moment, `("before", 3)`."""

    def hook(*reached):
        if reached == moment:
            raise Killed

    return hook


def post_until_killed(office, recipient=None):
    """Deliver, and let the process die where it is killed; tell whether it lived."""
    with suppress(Killed):
        post(office, recipient)
        return True
    return False
