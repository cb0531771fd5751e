"""The words of the signing page: moments, posts, and refusals as an inspector needs them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from letters.errors import LettersError
from letters.letter import day_in_words


class Told(NamedTuple):
    """A moment for machines, and in words."""

    exact: str
    words: str


class Advice(NamedTuple):
    """What a refusal is called, and what to do about it."""

    heading: str
    advice: str


_ASK = "Ask the letters office for a new link."
_TELL = "Please tell the letters office."
_AGAIN = "Nothing has been decided by it. Go back to the letter and decide again."

_ADVICE = {
    "link-invalid": Advice(
        "This link opens nothing",
        "Copy it whole from your e-mail. If that doesn’t help, ask the letters office for a new"
        " one.",
    ),
    "link-expired": Advice("This link is too old", _ASK),
    "invitation-used": Advice(
        "This link has been used", "If it wasn’t you who used it, tell the letters office at once."
    ),
    "not-entitled": Advice(
        "You can’t sign this letter",
        "A letter is signed by the inspector whose name stands under it, or by a delegate who was"
        " recorded for this day. If that should be you, tell the letters office.",
    ),
    "not-sample": Advice("You can’t sign this letter", _TELL),
    "key-unknown": Advice(
        "This passkey is not known here",
        "Sign with the passkey that you enrolled, or ask the letters office for a one-time link to"
        " enrol this one.",
    ),
    "key-outdated": Advice(
        "To decide, you need a passkey",
        "Those you have were enrolled before your entry in the office’s register was changed. Ask"
        " the letters office for a one-time link, and enrol one again.",
    ),
    "key-revoked": Advice(
        "This passkey has been revoked",
        "Sign with another one that you enrolled, or ask the letters office for a one-time link.",
    ),
    "user-not-verified": Advice(
        "Your passkey did not check that it was you",
        "Set up a PIN, fingerprint or face on it and decide again. Nothing has been decided yet.",
    ),
    "wrong-origin": Advice(
        "Your passkey answered for another page",
        "Close this page, and open the letter by the link in your e-mail. If you came here by"
        " another way, tell the letters office.",
    ),
    "question-expired": Advice("That took too long", _AGAIN),
    "pack-stale": Advice(
        "This letter can’t be decided on",
        "What would go out is not what was laid before you. Nothing has been decided. " + _TELL,
    ),
    "sign-off-foreign": Advice("This letter can’t be decided on", _TELL),
    "already-decided": Advice("This letter has been decided on", "Go back to see how."),
    "already-signed": Advice("This letter has been decided on", "Go back to see how."),
    "superseded": Advice(
        "This revision has been replaced",
        "The link to the revision that took its place has been sent to you, or will be.",
    ),
    "inspectors-damaged": Advice(
        "Nobody can sign just now",
        "What the office keeps of its inspectors’ keys was altered. Nothing has been decided. "
        + _TELL,
    ),
    "too-many-requests": Advice("Too many requests", ""),
    "page-missing": Advice("There is no such page", ""),
}


def advice_on(error: LettersError) -> Advice:
    """Tell what a refusal is called on the page and what its reader can do."""
    known = _ADVICE.get(error.code)
    if known is None:
        return Advice("This was not accepted", error.remedy or _AGAIN)
    return Advice(known.heading, known.advice or error.remedy)


def told_moment(moment: str | datetime) -> Told:
    """Tell a moment: `14 March 2011 at 09:00 UTC`."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return Told(at.isoformat(), f"{day_in_words(at.date())} at {at:%H:%M} UTC")


def post_in_words(role: str) -> str:
    """Write a role's name as people do: `Safeguarding board chair`."""
    return role.replace("-", " ").capitalize()
