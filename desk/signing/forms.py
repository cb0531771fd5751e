"""Forms as they arrive: measured while they are read, and taken apart with care."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request

from desk.signing.refusals import BodyTooLarge, BodyTooSlow, FormInvalid
from letters.signoff import LONGEST_COMMENTS, Decision

CONTENT_TYPE = "application/x-www-form-urlencoded"

LARGEST_BODY_BYTES = 128 * 1024
LONGEST_BODY_SECONDS = 30
MOST_FIELDS = 8
LONGEST_RESPONSE = 96 * 1024
"""Characters of an authenticator's answer: an attestation with certificates fits."""

Form = Mapping[str, str]

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Faults(NamedTuple):
    """What is wrong with the decision form, at its two fields."""

    decision: str = ""
    comments: str = ""


class Filled(NamedTuple):
    """What stands in the decision form when it is shown, and what is wrong with it."""

    decision: str = ""
    comments: str = ""
    faults: Faults = Faults()


async def read_form(request: Request) -> Form:
    """Read a form's fields. Raises BodyTooLarge, BodyTooSlow, FormInvalid."""
    body = bytearray()
    try:
        async with asyncio.timeout(LONGEST_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY_BYTES:
                    raise BodyTooLarge(LARGEST_BODY_BYTES)
    except TimeoutError:
        raise BodyTooSlow from None
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # Unicode's errors are among them
        raise FormInvalid("it is not encoded as forms are") from None
    form = dict(fields)
    if len(form) != len(fields):
        raise FormInvalid("a field stands twice")
    return form


def field(form: Form, name: str) -> str:
    """Return a field that every form of its page has. Raises FormInvalid."""
    try:
        return form[name]
    except KeyError:
        raise FormInvalid(f"the field “{name}” is missing") from None


def decision_in(form: Form) -> Decision | None:
    """Return what was decided, or None where nothing was chosen. Raises FormInvalid."""
    told = form.get("decision")
    if told is None:
        return None
    try:
        return Decision(told)
    except ValueError:
        raise FormInvalid("it decides neither of the two") from None


def comments_in(form: Form) -> str:
    """Return the comments as they will be signed: line feeds, and no invisible controls.

    Browsers send every line break as CR LF (HTML, "Constructing the entry list").
    """
    told = form.get("comments", "").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", told).strip()


def faults_of(decision: Decision | None, comments: str) -> Faults:
    """Say what is wrong with the form, before a person is sent on to their passkey."""
    length = len(comments)
    return Faults(
        decision="" if decision else "Choose whether you approve or return the letter",
        comments="Write what has to change before the letter can go out"
        if decision is Decision.RETURN and not comments
        else f"Shorten the comments: they have {length:,} characters, {LONGEST_COMMENTS:,} fit"
        if length > LONGEST_COMMENTS
        else "",
    )


def response_in(form: Form) -> dict[str, Any]:
    """Return the authenticator's answer. Raises FormInvalid."""
    told = field(form, "response")
    if not told:
        raise FormInvalid("it holds no answer of a passkey; that takes JavaScript")
    if len(told) > LONGEST_RESPONSE:
        raise FormInvalid("the answer of the passkey is too long")
    try:
        answer = json.loads(told)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise FormInvalid("the answer of the passkey is not what a browser writes")
    return answer
