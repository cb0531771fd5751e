"""Telling a notice once: it is announced, handed over, and noted in the case's chain.

A notice is no part of the letter: one that can't be sent stops nothing. Owns what tells
one notice from another, and how far it has come; whom to tell of what is `notices.py`'s and
`alerts.py`'s, the words are `notice_words.py`'s.

The message's hash is announced in the chain before the message is handed over, so that
what lies in the outbox is always known to the chain. The event `notified` ends a notice:
it was taken, or refused for good; after `not-taken` it is tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Literal

from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.recipient import masked, normalised_address
from tasks.case.case import Case
from tasks.case.faults import reach
from tasks.case.office import Answer
from tasks.case.record import ANNOUNCED, StepRun
from tasks.mailing.headers import MessageRefused
from tasks.mailing.message import Envelope, build_notice
from tasks.mailing.notice_words import OFFICE, Notice, OfficeKind, words_of
from tasks.templating import TemplateFailed

SAID_CHARACTERS = 500


class NoticeUndelivered(LettersError):
    """A notice was not taken. The letter goes on without it."""

    code = "notice-undelivered"

    def __init__(self, message: str, *, where: str, remedy: str, is_transient: bool) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.is_transient = is_transient


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
            raise undelivered("Whether it was sent can't be found out", where)
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
            raise undelivered(f"It was refused: {_told(answer)}", where, is_for_good=True)
        case "not-accepted":
            _note(run, "not-taken", notice, identity, sha256, answer.result)
            raise undelivered(f"It was not taken: {_told(answer)}", where)
        case _:
            raise undelivered(f"Whether it was taken is unknown: {_told(answer)}", where)


def notice_id(notice: Notice, reference: str) -> str:
    """Name one notice for life: 32 hexadecimal digits, other than those of any delivery."""
    said = ["notice", notice.kind, reference, str(notice.revision)]
    said.append(normalised_address(notice.address))
    if notice.signatory is not None:
        said.append(f"signatory {notice.signatory}")
    if notice.about:
        said.append(f"about {notice.about}")
    told = "\n".join(said)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def file_of(identity: str) -> str:
    """Name a notice's file in the outbox."""
    return f"notices/{identity}.eml"


def to_office(
    case: Case,
    kind: OfficeKind,
    revision: int,
    *,
    signatory: int | None = None,
    about: str = "",
    **says: Any,
) -> Notice:
    """Address a notice to the letters office."""
    mail = case.office.settings.mail
    return Notice(
        kind,
        revision,
        OFFICE,
        mail.from_name,
        mail.office_address,
        signatory=signatory,
        about=about,
        says=says,
    )


def try_all(tries: Iterable[Callable[[], None]]) -> None:
    """Try each; then raise one failure, rather one that may pass. Raises NoticeUndelivered."""
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
            closed=case.get(case.closing_name_of(notice.revision))
            if notice.kind == "issued"
            else None,
        )
    except (MessageRefused, TemplateFailed) as error:
        raise undelivered(
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


def undelivered(what: str, where: str, *, is_for_good: bool = False) -> NoticeUndelivered:
    """Say that a notice was not taken; `is_for_good` where another run would not help."""
    return NoticeUndelivered(
        f"{what}.",
        where=where,
        remedy="The letter goes on without it; tell them yourself."
        if is_for_good
        else "The letter goes on without it; the next run tries again.",
        is_transient=not is_for_good,
    )
