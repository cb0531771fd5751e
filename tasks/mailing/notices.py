"""Notices: what the office tells its own people about a letter, by e-mail.

An inspector is told that a letter waits for them (a delegate of two of its signatories
twice, with two links), and gets a receipt when it is
issued; the letters office is told of a return, and of an approved letter that stands
still. A notice is no part of the letter: one that can't be sent stops nothing. Owns whom
to tell, once each, and how that is noted in the case's chain; the words are
`notice_words.py`'s.

The message's hash is announced in the chain before the message is handed over, so that
what lies in the outbox is always known to the chain. The event `notified` ends a notice:
it was taken, or refused for good; after `not-taken` it is tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal, NamedTuple

from letters.canonical import sha256_hex
from letters.case import State
from letters.errors import LettersError
from letters.recipient import masked, normalised_address
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.faults import reach
from tasks.case.office import Answer
from tasks.case.record import ANNOUNCED, StepRun
from tasks.mailing.headers import MessageRefused
from tasks.mailing.message import Envelope, build_notice
from tasks.mailing.notice_words import OFFICE, Notice, words_of
from tasks.templating import TemplateFailed

SAID_CHARACTERS = 500

OfficeKind = Literal["returned", "stranded", "frozen"]


class Summons(NamedTuple):
    """Who is asked to sign, and where."""

    inspector: str
    """Their id in the register."""
    name: str
    address: str
    link: str
    """To the signing page."""
    signatory: int | None = None
    """For which of several signatories, by the order of the letter."""


class NoticeUndelivered(LettersError):
    """A notice was not taken. The letter goes on without it."""

    code = "notice-undelivered"

    def __init__(self, message: str, *, where: str, remedy: str, is_transient: bool) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.is_transient = is_transient


def notify_inspectors(run: StepRun[Case], revision: int, summoned: Sequence[Summons]) -> None:
    """Tell those who may sign that the revision waits for them, while it does.

    Raises NoticeUndelivered when all were tried.
    """
    if run.record.state(revision) is State.AWAITING_SIGN_OFF:
        _try_all(partial(notify, run, Notice("waiting", revision, *one)) for one in summoned)


def notify_office_of_return(run: StepRun[Case], revision: int) -> None:
    """Tell the letters office who returned the revision, and why. Raises NoticeUndelivered."""
    _notify_office(run, "returned", revision, decided=Decision.RETURN)


def notify_office_of_stranded(run: StepRun[Case], revision: int) -> None:
    """Tell the office that no run goes on with an approved letter. Raises NoticeUndelivered."""
    _notify_office(run, "stranded", revision, decided=Decision.APPROVE)


def notify_office_of_frozen(
    run: StepRun[Case], revision: int, signatories: Iterable[int | None] = (None,)
) -> None:
    """Tell the office that approvals wait to be confirmed: the signatories' whose key is revoked.

    Raises NoticeUndelivered when all were tried.
    """
    approved = {part.number for part in run.record.decisions(revision).approved}
    _try_all(
        partial(notify, run, _to_office(run.record, "frozen", revision, signatory))
        for signatory in signatories
        if signatory in approved
    )


def send_receipt(run: StepRun[Case], revision: int) -> None:
    """Send `closed.json` to each inspector who approved the revision, once it is closed.

    Raises NoticeUndelivered when all were tried.
    """
    case = run.record
    if (case.closed() or {}).get("revision") == revision:
        approved = case.decisions(revision).approved
        signers = {s.statement.inspector for part in approved for s in part.sign_offs}
        _try_all(partial(_send_receipt_to, run, revision, signer) for signer in sorted(signers))


def notify(run: StepRun[Case], notice: Notice) -> None:
    """Send a notice unless it was sent. Raises NoticeUndelivered.

    What an earlier attempt left in doubt is settled by the provider's evidence; without
    any, the notice isn't sent again.
    """
    case, office = run.record, run.record.office
    identity = notice_id(notice, case.reference)
    where = f"{case.reference} r{notice.revision}, notice “{notice.kind}” to {notice.to}"
    in_doubt = None
    for entry in case.chain.entries():
        match entry.event, entry.detail:
            case event, {"of": of, "sha256": announced} if event == ANNOUNCED and of == file_of(
                identity
            ):
                in_doubt = str(announced)
            case "not-taken", {"send_id": told} if told == identity:
                in_doubt = None
            case "notified", {"send_id": told} if told == identity:
                return
    if in_doubt is not None:
        found = office.notices.find(identity)
        if found == "unknown":
            raise _undelivered("Whether it was sent can't be found out", where)
        if found == "accepted":
            _note(run, "notified", notice, identity, in_doubt, "accepted")
            return
    message = _built(run, notice, identity, where)
    sha256 = sha256_hex(message)
    run.note(ANNOUNCED, of=file_of(identity), sha256=sha256)
    reach("before-notice")
    answer = office.notices.send(message, send_id=identity)
    reach("after-notice")
    match answer.result:
        case "accepted":
            _note(run, "notified", notice, identity, sha256, answer.result)
        case "refused":
            _note(run, "notified", notice, identity, sha256, answer.result)
            raise _undelivered(f"It was refused: {_told(answer)}", where, is_for_good=True)
        case "not-accepted":
            _note(run, "not-taken", notice, identity, sha256, answer.result)
            raise _undelivered(f"It was not taken: {_told(answer)}", where)
        case _:
            raise _undelivered(f"Whether it was taken is unknown: {_told(answer)}", where)


def notice_id(notice: Notice, reference: str) -> str:
    """Name one notice for life: 32 hexadecimal digits, other than those of any delivery."""
    said = ["notice", notice.kind, reference, str(notice.revision)]
    said.append(normalised_address(notice.address))
    if notice.signatory is not None:
        said.append(f"signatory {notice.signatory}")
    told = "\n".join(said)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def file_of(identity: str) -> str:
    """Name a notice's file in the outbox."""
    return f"notices/{identity}.eml"


def _notify_office(
    run: StepRun[Case], kind: OfficeKind, revision: int, *, decided: Decision
) -> None:
    if run.record.decisions(revision).decision is decided:
        notify(run, _to_office(run.record, kind, revision))


def _to_office(case: Case, kind: OfficeKind, revision: int, signatory: int | None = None) -> Notice:
    mail = case.office.settings.mail
    return Notice(kind, revision, OFFICE, mail.from_name, mail.office_address, signatory=signatory)


def _send_receipt_to(run: StepRun[Case], revision: int, inspector_id: str) -> None:
    case = run.record
    inspector = case.office.register.inspector(inspector_id)
    if inspector is None:
        raise _undelivered(
            f"The register knows no inspector “{inspector_id}” any more",
            f"{case.reference} r{revision}, receipt",
            is_for_good=True,
        )
    notify(run, Notice("issued", revision, inspector.id, inspector.name, inspector.email))


def _try_all(tries: Iterable[Callable[[], None]]) -> None:
    """Try each; then raise one failure, rather one that may pass."""
    failures: list[NoticeUndelivered] = []
    for one in tries:
        try:
            one()
        except NoticeUndelivered as failure:
            failures.append(failure)
    if failures:
        raise max(failures, key=lambda failure: failure.is_transient)


def _built(run: StepRun[Case], notice: Notice, identity: str, where: str) -> bytes:
    """Write the message with the chain's present head."""
    case, office = run.record, run.record.office
    run.begin()
    seq, sha256 = case.chain.head()
    try:
        return build_notice(
            email=words_of(case, notice, head_seq=seq, head_sha256=sha256),
            envelope=Envelope(
                to_name=notice.name,
                to_address=notice.address,
                send_id=identity,
                reference=case.reference,
                revision=notice.revision,
                case_head=f"{seq}:{sha256}",
                at=office.clock(),
                sample=case.letter(notice.revision).sample,
            ),
            mail=office.settings.mail,
            closed=case.get("closed.json") if notice.kind == "issued" else None,
        )
    except (MessageRefused, TemplateFailed) as error:
        raise _undelivered(
            f"It can't be written: {error.message}", where, is_for_good=True
        ) from error


def _note(
    run: StepRun[Case],
    event: Literal["notified", "not-taken"],
    notice: Notice,
    identity: str,
    sha256: str,
    result: str,
) -> None:
    run.note(
        event,
        notice=notice.kind,
        revision=notice.revision,
        to=notice.to,
        send_id=identity,
        message_sha256=sha256,
        result=result,
    )


def _told(answer: Answer) -> str:
    return masked(answer.said)[:SAID_CHARACTERS].rstrip(".") or "no reason was given"


def _undelivered(what: str, where: str, *, is_for_good: bool = False) -> NoticeUndelivered:
    return NoticeUndelivered(
        f"{what}.",
        where=where,
        remedy="The letter goes on without it; tell them yourself."
        if is_for_good
        else "The letter goes on without it; the next run tries again.",
        is_transient=not is_for_good,
    )
