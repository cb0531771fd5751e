"""Two dozen processes at the same letter, or each at its own: one issue, one e-mail each."""

import os
from collections import Counter
from pathlib import Path

import pytest

from flows.office import open_office
from flows.verification import verify_office
from letters.delivery import DeliveryState
from letters.recipient import send_id
from tasks.case.case import Case
from tests.faults.crowd import crowd, towns
from tests.radosgw import radosgw as radosgw

pytestmark = pytest.mark.slow

CROWD = 24
ISSUE = "issue-1.json"
ON_S3 = 6
"""Each of its requests takes a process of Python milliseconds, here and there."""


def assert_issued_once(office, letters):
    """Each letter is issued once and to each recipient once, and nothing differs."""
    laid_out = Counter(path.stem for path in (office.root / "outbox").glob("*.eml"))
    for town in towns(letters):
        case = Case(office, town.reference)
        assert case.revisions() == [1]
        assert set(case.delivery_states(1).values()) == {DeliveryState.ACCEPTED}
        # Those who come at the same time may each name it.
        named = [(e.detail.get("object"), e.detail.get("sha256")) for e in case.chain.entries()]
        assert len({sha256 for key, sha256 in named if key == case.key(ISSUE)}) == 1
        for recipient in case.recipients(1):
            to = send_id(case.reference, 1, recipient.email)
            accepted = [a for a in case.attempts(1, to) if a.outcome.result == "accepted"]
            assert (len(accepted), laid_out.pop(to)) == (1, 1)
    assert laid_out == Counter()
    report = verify_office(office)
    assert (report.cases, report.differences, report.open_objects) == (letters, (), ())


@pytest.mark.parametrize(
    "letters", [pytest.param(1, id="at one letter"), pytest.param(CROWD, id="each at its own")]
)
def test_a_crowd_issues_each_letter_once(tmp_path, letters):
    codes = crowd(tmp_path, CROWD, letters)

    assert codes == [0] * CROWD
    assert_issued_once(opened(tmp_path), letters)


def test_a_crowd_issues_a_letter_once_where_the_archive_is_a_bucket(radosgw, tmp_path, monkeypatch):
    archive = {
        "AWS_SHARED_CREDENTIALS_FILE": str(radosgw.folder / "credentials"),
        "LETTERS_ARCHIVE__STORE": "s3",
        "LETTERS_ARCHIVE__BUCKET": radosgw.bucket(),
        "LETTERS_ARCHIVE__ENDPOINT": radosgw.endpoint,
        "LETTERS_ARCHIVE__PATH_STYLE": "true",
    }
    for name, value in archive.items():
        monkeypatch.setenv(name, value)

    codes = crowd(tmp_path, ON_S3, 1)

    assert codes == [0] * ON_S3
    assert_issued_once(opened(tmp_path), 1)


def opened(folder: Path):
    """Open the office in which the crowd was at work."""
    return open_office(
        {
            **os.environ,
            "LETTERS_OFFICE": str(folder / "office"),
            "LETTERS_REGISTER": str(folder / "register"),
        }
    )
