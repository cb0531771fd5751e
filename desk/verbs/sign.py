"""The verb `letters sign`."""

from __future__ import annotations

from desk.failures import Exit
from desk.issuing import waits_for
from desk.printing import print_json, say
from desk.shown import shown_letter
from letters.case import demand
from letters.errors import UsageError
from letters.letter import Signatory
from letters.signoff import Decision, PackStale
from tasks.case.case import open_case
from tasks.case.office import Office
from tasks.signoff.decide import command_of, sign_as_sample


def sign_letter(
    office: Office,
    reference: str,
    *,
    sign_as: str | None,
    decision: Decision,
    comments: str,
    code: str | None,
    as_json: bool,
) -> int:
    """Record a sample inspector's decision on the latest revision."""
    case = open_case(office, reference)
    revision = case.revisions()[-1]
    demand(case.state(revision), command_of(decision), where=f"{reference} r{revision}")
    seen = case.letter(revision).content_code
    if code is not None and code.upper() != seen:
        raise PackStale(
            f"You have read {code.upper()}; what waits now is {seen}.",
            where=f"{reference} r{revision}",
            remedy="Read the proof of the latest revision, then decide on that.",
        )
    if sign_as is None:
        sample = waits_for(case, revision)
        raise UsageError(
            f"{reference} r{revision} waits for {_names(case.letter(revision).signatories)}.",
            where=str(office.root),
            remedy=f"To try things out, sign as the sample inspector: --sign-as {sample}."
            if sample
            else "The inspector signs with a passkey, which this desk can't take yet.",
            code="signer-not-named",
        )
    signed = sign_as_sample(
        case, revision, inspector_id=sign_as, decision=decision, comments=comments
    )
    if as_json:
        print_json(shown_letter(case))
    elif signed.statement.decision is Decision.APPROVE:
        say(f"{reference} r{revision} (content code {seen}) is approved by {sign_as}.")
        say(f"Send it with: letters issue {reference}")
    else:
        say(f"{reference} r{revision} (content code {seen}) is returned by {sign_as}.")
        say("Change the draft as the comments ask and issue it again.")
    return Exit.DONE


def _names(people: tuple[Signatory, ...]) -> str:
    return " and ".join(person.name for person in people)
