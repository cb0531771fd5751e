"""An office in which a letter waits, made once and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.inspectors import sample_key
from tests.desk.signing.visiting import Visitor
from tests.issuing import REFERENCE, SIGNATORY, a_sample_office, copied, submit


@pytest.fixture(scope="session")
def waiting_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = a_sample_office(tmp_path_factory.mktemp("waiting"))
    submit(office)
    signatory = office.register.inspector(SIGNATORY)
    assert signatory is not None
    sample_key(office, signatory)
    return office.root


@pytest.fixture
def office(waiting_office: Path, tmp_path: Path) -> Office:
    """An office where a letter waits for an inspector who has a key."""
    office = a_sample_office(copied(waiting_office, tmp_path / "office"))
    office.clock.advance(60)  # type: ignore[attr-defined] -- its clock begins again
    return office


@pytest.fixture
def case(office: Office) -> Case:
    return Case(office, REFERENCE)


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(office).with_sample_key()
