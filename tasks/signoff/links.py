"""Links to the signing page: for one revision and one inspector, for some days.

A link lets its holder read the letter and be asked; it signs nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from letters.refusals import LinkExpired, LinkInvalid
from tasks.case.office import Office
from tasks.signoff.sealing import is_mark, mark

_TOKEN = re.compile(r"([1-9][0-9]{0,11})-([A-Za-z0-9_-]{43})")


def signing_url(office: Office, reference: str, revision: int, inspector_id: str) -> str:
    """Write the link by which an inspector opens the page of one revision."""
    signing = office.settings.signing
    expires = int((office.clock() + timedelta(days=signing.link_days)).timestamp())
    token = f"{expires}-{mark(office, 'link', reference, revision, inspector_id, expires)}"
    return f"{signing.origin}/sign/{reference}/r{revision}/{inspector_id}/{token}"


def check_link(
    office: Office, reference: str, revision: int, inspector_id: str, token: str
) -> None:
    """Return if the token opens this page now. Raises LinkInvalid, LinkExpired."""
    where = f"{reference} r{revision}"
    match = _TOKEN.fullmatch(token)
    if match is None or not is_mark(
        match[2], office, "link", reference, revision, inspector_id, int(match[1])
    ):
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
