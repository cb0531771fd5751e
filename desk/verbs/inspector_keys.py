"""What `letters inspectors …` does and prints."""

from __future__ import annotations

from datetime import date
from typing import Any

from desk.failures import Exit
from desk.printing import print_json, print_table, say
from letters.entitlement import Delegation
from letters.errors import UsageError
from letters.invitation import Invitation
from tasks.case.office import Office
from tasks.signoff.decide import frozen_letters
from tasks.signoff.delegations import KeptDelegation, delegate, kept_delegations, recall
from tasks.signoff.inspectors import (
    InspectorKey,
    fingerprint,
    key_named,
    keys_of,
    known_inspectors,
    revoke,
)
from tasks.signoff.inspectors import short_id as short_id_of
from tasks.signoff.invitations import invite, open_invitation, open_invitations


def tell_inspectors(office: Office, *, as_json: bool) -> int:
    """Print who can sign, and by what."""
    known = known_inspectors(office)
    keys = {inspector_id: keys_of(office, inspector_id) for inspector_id in known}
    invitations = [
        open_ for inspector_id in known for open_ in open_invitations(office, inspector_id)
    ]
    delegations = kept_delegations(office)
    if as_json:
        print_json(
            {
                "inspectors": [
                    {"id": i, "name": name, "keys": [_shown_key(key) for key in keys[i]]}
                    for i, name in known.items()
                ],
                "invitations": [_shown_invitation(invitation) for invitation in invitations],
                "delegations": [_shown_kept(kept) for kept in delegations],
            }
        )
        return Exit.DONE
    if not known:
        say("The register names no inspector, and nobody ever enrolled a key.")
        return Exit.DONE
    print_table(
        "Keys",
        ("inspector", "name", "key", "enrolled", "kind", "state"),
        [
            row
            for i, name in known.items()
            for row in [(i, name, *_key_in_words(key)) for key in keys[i]]
            or [(i, name, "none", "", "", f"letters inspectors enrol {i}")]
        ],
    )
    if invitations:
        print_table(
            "Links that enrol a key, not used yet",
            ("inspector", "made", "by", "works until"),
            [(v.inspector, _moment(v.at), v.actor, _moment(v.expires_at)) for v in invitations],
        )
    if delegations:
        today = office.clock().date()
        print_table(
            "Delegations",
            ("signs", "for", "from", "until", "given", "by", "state"),
            [
                (
                    given.delegate,
                    given.signatory,
                    given.first_day,
                    given.last_day,
                    _moment(given.at),
                    given.actor,
                    _standing_in_words(kept, today),
                )
                for kept in delegations
                for given in [kept.delegation]
            ],
        )
    return Exit.DONE


def invite_inspector(office: Office, inspector_id: str, *, as_json: bool) -> int:
    """Make a one-time link, and print it with what to do with it."""
    inspector = office.register.inspector(inspector_id)
    if inspector is None:
        known = ", ".join(sorted(i.id for i in office.register.inspectors)) or "nobody"
        raise UsageError(
            f"The register knows no inspector “{inspector_id}”.",
            where="inspectors.toml",
            remedy=f"It knows {known}.",
            code="inspector-missing",
        )
    url = invite(office, inspector)
    invitation = open_invitation(office, inspector.id, url.rpartition("/")[2])
    if as_json:
        print_json({**_shown_invitation(invitation), "url": url})
        return Exit.DONE
    say(f"{inspector.name} enrols one passkey with this link:")
    say(f"  {url}")
    say(f"It works once, until {_moment(invitation.expires_at)}, while `letters serve` runs.")
    say("Whoever opens it first has the key: hand it over in person, or to an address you know.")
    return Exit.DONE


def revoke_key(
    office: Office, inspector_id: str, key: str | None, *, why: str, as_json: bool
) -> int:
    """Revoke a key, and tell which letters wait for another because of it."""
    enrolment = key_named(office, inspector_id, key)
    revocation = revoke(office, inspector_id, enrolment.credential_id, why=why)
    frozen = [f"{reference} r{revision}" for reference, revision in frozen_letters(office)]
    short_id = short_id_of(enrolment.credential_id)
    if as_json:
        print_json(
            {
                "inspector": inspector_id,
                "key": short_id,
                "revoked_at": revocation.at,
                "why": revocation.why,
                "frozen_letters": frozen,
            }
        )
        return Exit.DONE
    say(f"Key {short_id} of {inspector_id} is revoked since {_moment(revocation.at)}:")
    say(f"  {revocation.why}")
    if frozen:
        say("Frozen until confirmed with another key (letters sign REFERENCE):", style="yellow")
        for letter in frozen:
            say(f"  {letter}")
    return Exit.DONE


def give_delegation(
    office: Office, signatory: str, to: str, *, first_day: date, last_day: date, as_json: bool
) -> int:
    """Let one inspector sign for another, and say so."""
    given = delegate(
        office, signatory=signatory, delegate=to, first_day=first_day, last_day=last_day
    )
    if as_json:
        print_json(_shown_delegation(given))
    else:
        say(
            f"{given.delegate} may sign for {given.signatory}"
            f" from {given.first_day} until {given.last_day}, both included."
        )
        say(f"To end it: letters inspectors recall {signatory} {given.delegate}")
    return Exit.DONE


def recall_delegation(office: Office, signatory: str, to: str, *, as_json: bool) -> int:
    """End one inspector's signing for another, and say so."""
    ended = recall(office, signatory=signatory, delegate=to)
    if as_json:
        print_json([_shown_delegation(delegation) for delegation in ended])
    else:
        for delegation in ended:
            say(f"{delegation.delegate} signs no more for {delegation.signatory}.")
    return Exit.DONE


def _shown_key(key: InspectorKey) -> dict[str, Any]:
    enrolment, revocation = key
    return {
        "key": key.short_id,
        "fingerprint": fingerprint(enrolment),
        "credential_id": enrolment.credential_id,
        "enrolled_at": enrolment.at,
        "is_synced": enrolment.backup_eligible,
        "sample": enrolment.sample,
        "revoked_at": None if revocation is None else revocation.at,
        "revoked_why": None if revocation is None else revocation.why,
    }


def _shown_invitation(invitation: Invitation) -> dict[str, Any]:
    told = invitation.model_dump(mode="json")
    return {name: told[name] for name in ("inspector", "at", "expires_at", "actor")}


def _shown_delegation(delegation: Delegation) -> dict[str, Any]:
    return delegation.model_dump(mode="json", exclude={"layout"})


def _shown_kept(kept: KeptDelegation) -> dict[str, Any]:
    recalled_at = None if kept.recall is None else kept.recall.at
    return {**_shown_delegation(kept.delegation), "recalled_at": recalled_at}


def _key_in_words(key: InspectorKey) -> tuple[str, str, str, str]:
    enrolment, revocation = key
    kind = "synced" if enrolment.backup_eligible else "device-bound"
    return (
        key.short_id,
        _moment(enrolment.at),
        f"{kind}, sample" if enrolment.sample else kind,
        "stands" if revocation is None else f"revoked {_moment(revocation.at)}: {revocation.why}",
    )


def _standing_in_words(kept: KeptDelegation, today: date) -> str:
    if kept.recall is not None:
        return f"recalled {_moment(kept.recall.at)}"
    if kept.delegation.first_day > today:
        return "to come"
    return "over" if kept.delegation.last_day < today else "stands"


def _moment(at: str) -> str:
    return f"{at[:10]} {at[11:16]} UTC"
