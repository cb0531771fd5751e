"""What the DNS says of the domain that letters come from: whether receivers can trust them.

Owns the records that receivers look at (SPF, DKIM, DMARC) and how they are judged. That
nobody answers is told as such, and never taken for a missing record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from letters.finding import Finding

LOOK_UP_SECONDS = 3.0

DKIM_SELECTORS = ("s1", "s2")
"""Under which SendGrid publishes its keys for a domain that it was given."""


class _Unanswered(Exception):
    """The name servers said neither yes nor no."""


def domain_findings(
    domain: str, resolver: Resolver | None = None, *, is_sendgrid: bool
) -> Iterator[Finding]:
    """Look at what receivers look at: SPF, DKIM, DMARC of the sender's domain."""
    resolver = _resolver(resolver)
    if resolver is None:
        yield _untold("SPF, DKIM and DMARC", domain)
        return
    try:
        yield _spf(domain, _texts(resolver, domain))
    except _Unanswered:
        yield _untold("SPF", domain)
    policy: str | None = None
    try:
        policy = _dmarc_policy(resolver, domain)
        yield _dmarc(domain, policy)
    except _Unanswered:
        yield _untold("DMARC", domain)
    if not is_sendgrid:
        yield _finding(
            "ok",
            "dkim-not-known",
            f"Whether e-mails of {domain} are signed (DKIM) is the SMTP server's business, and"
            " can't be told from here.",
        )
        return
    try:
        yield _dkim(domain, resolver, is_policy_strict=policy in ("quarantine", "reject"))
    except _Unanswered:
        yield _untold("DKIM", domain)


def _resolver(given: Resolver | None) -> Resolver | None:
    """Make a resolver that doesn't wait for long; None where the machine names no server."""
    if given is not None:
        return given
    try:
        resolver = Resolver()
    except (DNSException, OSError):
        return None
    resolver.lifetime = LOOK_UP_SECONDS
    return resolver


def _spf(domain: str, texts: list[str]) -> Finding:
    """Judge the sender policy (RFC 7208 §4.5: one record, not two)."""
    records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return _finding(
            "warning",
            "spf-missing",
            f"{domain} doesn't say who may send in its name (SPF).",
            "Publish the records that the provider names for the domain.",
        )
    if len(records) > 1:
        return _finding(
            "failure",
            "spf-twice",
            f"{domain} has {len(records)} SPF records, which receivers take for an error.",
            "Make one of them.",
        )
    if {"+all", "all"} & set(records[0].lower().split()):
        return _finding(
            "warning",
            "spf-open",
            f"By its SPF record anybody may send in the name of {domain}.",
            "Let it end with ~all or -all.",
        )
    return _finding("ok", "spf", f"{domain} says who may send in its name (SPF).")


def _dmarc(domain: str, policy: str | None) -> Finding:
    if policy is None:
        return _finding(
            "warning",
            "dmarc-missing",
            f"{domain} doesn't say what is to happen with forged e-mails (DMARC).",
            f"Publish a TXT record at _dmarc.{domain}.",
        )
    if policy not in ("quarantine", "reject"):
        return _finding(
            "warning",
            "dmarc-toothless",
            f"By its DMARC record, forged e-mails of {domain} are to be delivered.",
            "Change p=none to quarantine or reject once the reports look right.",
        )
    return _finding("ok", "dmarc", f"{domain} wants forged e-mails kept out (DMARC: {policy}).")


def _dmarc_policy(resolver: Resolver, domain: str) -> str | None:
    """Find the policy: the domain's own, else that of a domain above it (RFC 7489 §6.6.3)."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        for text in _texts(resolver, f"_dmarc.{'.'.join(labels[start:])}"):
            tags = _tags(text)
            if tags.get("v", "").upper() == "DMARC1":
                own = tags.get("p", "none").lower()
                return own if start == 0 else tags.get("sp", own).lower()
    return None


def _dkim(domain: str, resolver: Resolver, *, is_policy_strict: bool) -> Finding:
    missing = [
        f"{selector}._domainkey.{domain}"
        for selector in DKIM_SELECTORS
        if not any(
            _tags(text).get("p") for text in _texts(resolver, f"{selector}._domainkey.{domain}")
        )
    ]
    if not missing:
        return _finding("ok", "dkim", f"SendGrid's keys for {domain} are published (DKIM).")
    return _finding(
        "failure" if is_policy_strict else "warning",
        "dkim-missing",
        f"There is no key at {' and '.join(missing)}: receivers can't tell SendGrid's e-mails"
        " from forged ones.",
        "Authenticate the domain at SendGrid, and publish the records that it names.",
    )


def _texts(resolver: Resolver, name: str) -> list[str]:
    """Look up TXT records; none where there are none. Raises _Unanswered."""
    try:
        answer = resolver.resolve(name, "TXT", raise_on_no_answer=True)
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, OSError) as error:
        raise _Unanswered from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _tags(text: str) -> dict[str, str]:
    """Read `v=DMARC1; p=reject` (RFC 6376 §3.2)."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _untold(what: str, domain: str) -> Finding:
    return _finding(
        "warning",
        "dns-unanswered",
        f"{what} of {domain} can't be told: the name servers don't answer.",
        "See that this machine can look names up, and look again.",
    )


def _finding(
    level: Literal["ok", "warning", "failure"], code: str, message: str, remedy: str = ""
) -> Finding:
    return Finding(level=level, code=code, message=message, remedy=remedy)
