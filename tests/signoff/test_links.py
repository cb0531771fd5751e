"""A link opens one page, for one inspector, for some days."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.refusals import LinkExpired, LinkInvalid
from tasks.signoff.links import check_link, signing_url
from tests.issuing import REFERENCE, a_sample_office, as_another_process

LINK_DAYS = 14


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


def linked(office):
    """The token of a link to the first revision."""
    return signing_url(office, REFERENCE, 1, "helmsley").rpartition("/")[2]


def test_a_link_opens_its_page_also_after_a_restart(office):
    token = linked(office)

    assert signing_url(office, REFERENCE, 1, "helmsley").rpartition("/")[0] == (
        f"http://localhost:8377/sign/{REFERENCE}/r1/helmsley"
    )
    check_link(office, REFERENCE, 1, "helmsley", token)
    check_link(as_another_process(office), REFERENCE, 1, "helmsley", token)


@pytest.mark.parametrize(
    ("reference", "revision", "inspector"),
    [
        pytest.param("CRA-WESTMERE-2010-03-09", 1, "helmsley", id="another letter"),
        pytest.param(REFERENCE, 2, "helmsley", id="another revision"),
        pytest.param(REFERENCE, 1, "treyne", id="another inspector"),
    ],
)
def test_a_link_opens_no_other_page(office, reference, revision, inspector):
    with pytest.raises(LinkInvalid):
        check_link(office, reference, revision, inspector, linked(office))


def test_a_link_of_another_office_opens_nothing(office, tmp_path):
    with pytest.raises(LinkInvalid):
        check_link(office, REFERENCE, 1, "helmsley", linked(a_sample_office(tmp_path / "another")))


def test_a_link_opens_its_page_for_some_days(office):
    token = linked(office)
    office.clock.advance(LINK_DAYS * 24 * 3600 - 60)
    check_link(office, REFERENCE, 1, "helmsley", token)
    office.clock.advance(60)

    with pytest.raises(LinkExpired) as raised:
        check_link(office, REFERENCE, 1, "helmsley", token)

    assert raised.value.message == "This link was good until 28 March 2011, 09:00 UTC."


def test_a_link_can_not_be_made_to_last(office):
    token = linked(office)
    expires, _, mark = token.partition("-")

    with pytest.raises(LinkInvalid):
        check_link(office, REFERENCE, 1, "helmsley", f"{int(expires) + 1}-{mark}")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 53), to=st.characters(codec="utf-8"))
def test_a_link_with_one_character_changed_opens_nothing(office, at, to):
    token = linked(office)
    changed = token[:at] + to + token[at + 1 :]
    if changed == token:
        return

    with pytest.raises(LinkInvalid):
        check_link(office, REFERENCE, 1, "helmsley", changed)


@pytest.mark.parametrize(
    "token", ["", "-", "1-", "0-" + "A" * 43, "-1-" + "A" * 43, "١-" + "A" * 43, "9" * 5_000]
)
def test_what_is_no_token_opens_nothing(office, token):
    with pytest.raises(LinkInvalid):
        check_link(office, REFERENCE, 1, "helmsley", token)
