"""The verb `letters sign`."""

from __future__ import annotations

import webbrowser

from desk.failures import Exit
from desk.issuing import waits_for
from desk.printing import print_fields, print_json, say
from desk.shown import shown_letter
from desk.waking import wake_runs
from letters.decisions import listed
from letters.errors import UsageError
from letters.refusals import PackStale
from letters.signoff import Decision
from tasks.case.case import Case, open_case
from tasks.case.office import Office
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import awaited_parts, require_awaited
from tasks.signoff.links import signing_url
from tasks.signoff.signers import Signer, awaited_signers
from tasks.signoff.signing import sign_as_sample


def sign_letter(
    office: Office,
    reference: str,
    *,
    sign_as: str | None,
    on_behalf_of: str | None,
    decision: Decision,
    comments: str,
    code: str | None,
    open_page: bool,
    as_json: bool,
) -> int:
    """Print or open the signing page, or record a sample inspector's decision."""
    case = open_case(office, reference)
    revision = case.revisions()[-1]
    awaited = awaited_parts(case, revision) or case.parts(revision)
    require_awaited(case, revision, decision, signatory=awaited[0].number)
    seen = case.letter(revision).content_code
    if code is not None and code.upper() != seen:
        raise PackStale(
            f"You have read {code.upper()}; what waits now is {seen}.",
            where=f"{reference} r{revision}",
            remedy="Read the proof of the latest revision, then decide on that.",
        )
    if sign_as is None and (comments or decision is Decision.RETURN):
        raise UsageError(
            "Nobody was named who decides so.",
            where="--sign-as",
            remedy="Name a sample inspector; all others decide on the signing page"
            f" (`letters sign {reference}` prints its link).",
            code="signer-not-named",
        )
    if sign_as is None:
        return _show_page(case, revision, open_page=open_page, as_json=as_json)
    signed = sign_as_sample(
        case,
        revision,
        inspector_id=sign_as,
        decision=decision,
        comments=comments,
        on_behalf_of=on_behalf_of,
        is_as_packed=require_as_packed,
    )
    woken = wake_runs(office, reference)
    decisions = case.decisions(revision)
    if as_json:
        print_json(shown_letter(case))
    elif decisions.decision is None:
        say(f"{reference} r{revision} (content code {seen}) is approved by {sign_as}.")
        say(f"{decisions}.")
    elif signed.statement.decision is Decision.APPROVE:
        say(f"{reference} r{revision} (content code {seen}) is approved by {sign_as}.")
        say("Its run goes on." if woken else f"Send it with: letters issue {reference}")
    else:
        say(f"{reference} r{revision} (content code {seen}) is returned by {sign_as}.")
        say("Change the draft as the comments ask and issue it again.")
    return Exit.DONE


def _show_page(case: Case, revision: int, *, open_page: bool, as_json: bool) -> int:
    """Print the links to the signing page of those who may sign, and open the first."""
    links = {
        _label(one): signing_url(
            case.office, case.reference, revision, one.inspector.id, one.part.number
        )
        for one in awaited_signers(case, revision, case.office.clock().date())
    }
    letter = case.letter(revision)
    if not links:
        raise UsageError(
            f"{case.reference} r{revision} waits for"
            f" {listed([part.name for part in awaited_parts(case, revision)])},"
            " whom the register doesn't know.",
            where="inspectors.toml",
            remedy="Enter them there, under the name as the letter prints it.",
            code="signatory-unknown",
        )
    if as_json:
        print_json({**shown_letter(case), "signing_pages": links})
        return Exit.DONE
    where = f"{case.reference} r{revision}"
    say(f"{where} (content code {letter.content_code}) waits for its sign-off.")
    print_fields("", list(links.items()))
    days = case.office.settings.signing.link_days
    say(f"The page is there while `letters serve` runs; a link opens it for {days} days.")
    if (decisions := case.decisions(revision)).is_joint:
        say(f"{decisions}.")
    for sample in waits_for(case, revision):
        say(f"To try things out: letters sign {case.reference} --sign-as {sample}")
    if open_page:
        webbrowser.open(next(iter(links.values())))
    return Exit.DONE


def _label(signer: Signer) -> str:
    """Name who signs by the id; of several signatories, for whom a delegate would."""
    is_own = str(signer) == signer.inspector.name
    return signer.inspector.id if is_own else f"{signer.inspector.id} for {signer.part.name}"
