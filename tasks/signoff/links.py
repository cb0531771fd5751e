"""Links to the signing page: for one revision and one inspector, for some days.

A link lets its holder read the letter and be asked; it signs nothing. Of a letter with
several signatories it is for one of them: a delegate of two gets two.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from letters.refusals import LinkExpired, LinkInvalid
from tasks.case.office import Office
from tasks.signoff.sealing import is_mark, mark

_TOKEN = re.compile(r"([1-9][0-9]{0,11})-([A-Za-z0-9_-]{43})")


def signing_url(
    office: Office, reference: str, revision: int, inspector_id: str, signatory: int | None = None
) -> str:
    """Write the link by which an inspector opens the page of one revision, for a signatory."""
    signing = office.settings.signing
    expires = int((office.clock() + timedelta(days=signing.link_days)).timestamp())
    said = _said(reference, revision, signatory, inspector_id)
    token = f"{expires}-{mark(office, 'link', *said, expires)}"
    return f"{signing.origin}{page_path(reference, revision, signatory, inspector_id, token)}"


def page_path(
    reference: str, revision: int, signatory: int | None, inspector_id: str, token: str
) -> str:
    """Write the path of a signing page: `/sign/<reference>/r1-2/…` for the second signatory."""
    of = "" if signatory is None else f"-{signatory}"
    return f"/sign/{reference}/r{revision}{of}/{inspector_id}/{token}"


def check_link(
    office: Office,
    reference: str,
    revision: int,
    inspector_id: str,
    token: str,
    *,
    signatory: int | None = None,
) -> None:
    """Return if the token opens this page now. Raises LinkInvalid, LinkExpired."""
    where = f"{reference} r{revision}"
    match = _TOKEN.fullmatch(token)
    said = _said(reference, revision, signatory, inspector_id)
    if match is None or not is_mark(match[2], office, "link", *said, int(match[1])):
        raise LinkInvalid(
            "This link is not one that the office sent.",
            where=where,
            remedy="Copy it whole from the e-mail, or ask the letters office for a new one.",
        )
    if office.clock().timestamp() >= int(match[1]):
        ended = datetime.fromtimestamp(int(match[1]), UTC)
        raise LinkExpired(
            f"This link was good until {ended:%d %B %Y, %H:%M} UTC.",
            where=where,
            remedy="Ask the letters office for a new one.",
        )


def _said(
    reference: str, revision: int, signatory: int | None, inspector_id: str
) -> tuple[str | int, ...]:
    """List what a link is for; of a letter's only signatory nothing needs to be said."""
    return (reference, revision, *(() if signatory is None else (signatory,)), inspector_id)
