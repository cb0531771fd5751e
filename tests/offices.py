"""Builders of offices for tests: real parts, in a temporary folder."""

import secrets
from datetime import UTC, datetime, timedelta
from threading import Lock

from config.settings import load_settings
from letters.kind import Kind, SectionRule, SignatoryTitle, StatutoryBasis
from letters.register import Contact, Inspector, Register
from tasks.case.folder import FolderStore
from tasks.case.office import Office
from tasks.case.settings import Settings
from tasks.case.witness import Witness
from tasks.mailing.outbox import Outbox
from tests.builders import BOARD_CHAIR, CHIEF_EXECUTIVE, DIRECTOR, INSPECTOR, WESTMERE

START = datetime(2011, 3, 14, 9, 0, tzinfo=UTC)
"""The morning of the day on which `tests.builders.a_letter()` is dated, a Monday."""


class TickingClock:
    """A clock that moves a millisecond each time it is read, and as far as it is told."""

    def __init__(self, start=START, tick=timedelta(milliseconds=1)):
        self._now = start
        self._tick = tick
        self._lock = Lock()

    def __call__(self):
        with self._lock:
            self._now += self._tick
            return self._now

    def advance(self, seconds):
        """Move on; given to code under test as its `sleep`, waiting costs nothing."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


def some_settings(root, **tables):
    """The default settings, with `mail={"claim_seconds": 5}` and the like laid over them."""
    told = load_settings(root, environment={}).model_dump()
    for table, values in tables.items():
        told[table] |= values
    return Settings.model_validate(told)


def a_register(**overrides):
    """The register of an invented authority, its addresses in the reserved `.example` domain."""
    fields = {
        "authorities": (WESTMERE,),
        "contacts": tuple(
            Contact(authority=authority, role=role, name=name, email=email)
            for authority, role, name, email in (
                ("westmere", DIRECTOR.role, DIRECTOR.name, "director@westmere.example"),
                ("westmere", CHIEF_EXECUTIVE.role, CHIEF_EXECUTIVE.name, "chief@westmere.example"),
                ("westmere", BOARD_CHAIR.role, BOARD_CHAIR.name, "chair@westmere-board.example"),
                ("westmere", "lead-member", "Councillor Siân O’Hara MBE", "lead@westmere.example"),
                ("*", "department", "Łukasz Birch", "letters@department.example"),
            )
        ),
        "inspectors": (
            Inspector(
                id="rpike", name=INSPECTOR.name, email="r.pike@inspectorate.example", sample=True
            ),
            Inspector(
                id="another",
                name="Another Inspector",
                email="another@inspectorate.example",
                sample=True,
            ),
        ),
    }
    return Register(**fields | overrides)


def a_kind(**overrides):
    """A kind of letter with two sections, as simple as a kind can be."""
    fields = {
        "id": "unannounced-inspection",
        "code": "CRA",
        "title": "Annual unannounced inspection of contact, referral and assessment",
        "deadline_working_days": 20,
        "sections": tuple(
            SectionRule(key=key, heading=heading)
            for key, heading in (
                ("strengths", "Strengths"),
                ("areas-for-development", "Areas for development"),
            )
        ),
        "statutory_basis": (
            StatutoryBasis(act="Education and Inspections Act 2006", section="138"),
        ),
        "signatory_titles": (SignatoryTitle(title="Her Majesty’s Inspector"),),
        "copy_roles": (CHIEF_EXECUTIVE.role, BOARD_CHAIR.role),
    }
    return Kind(**fields | overrides)


def an_office(tmp_path, **overrides):
    """An office in `tmp_path`: folder store, witness, outbox, ticking clock, sample register.

    `overrides` are the fields of `Office`. Two offices in one folder stand for two processes.
    """
    fields = {
        "root": tmp_path,
        "settings": some_settings(tmp_path),
        "store": FolderStore(tmp_path / "archive"),
        "witness": Witness(tmp_path / "witness"),
        "register": a_register(),
        "kinds": {"unannounced-inspection": a_kind()},
        "clock": TickingClock(),
        "random_bytes": secrets.token_bytes,
        "actor": "tester@desk",
        "provider": Outbox(tmp_path / "outbox"),
        "notices": Outbox(tmp_path / "outbox" / "notices"),
    }
    return Office(**fields | overrides)
