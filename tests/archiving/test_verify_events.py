"""What the provider told is held to the batches that came, and nothing else counts."""

import pytest

from flows.verification import verify_office
from letters.canonical import stored_json
from letters.events import ProviderEvent
from tasks.case.case import Case
from tasks.mailing.batches import batch_key, keep_batch
from tasks.mailing.event_signature import TIMESTAMP
from tasks.mailing.events import apply_batch
from tests.archiving.forging import laid
from tests.issuing import REFERENCE, a_sample_office, as_another_process, issue
from tests.offices import some_settings
from tests.provider_batches import body_of, event_of, kept, provider_key, public_key, signed


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office whose provider has told that its letter was delivered to everybody."""
    root = tmp_path_factory.mktemp("office")
    settings = some_settings(root, webhook={"public_key": public_key()})
    office = a_sample_office(root, settings=settings)
    case, _ = issue(office)
    apply_batch(office, kept(office, *(event_of(case, r) for r in case.recipients(1))))
    return office


def told(office, reference=None):
    report = verify_office(as_another_process(office), reference=reference)
    return [(d.check, d.code, d.object) for d in report.differences], report.open_objects


@pytest.mark.parametrize("reference", [None, REFERENCE], ids=["the archive", "the letter"])
def test_an_event_that_stands_in_a_batch_is_no_difference(office, reference):
    report = verify_office(as_another_process(office), reference=reference)

    (events,) = (check for check in report.checks if check.name == "events")
    assert (report.differences, events.checked, events.differences) == ((), 2, 0)


@pytest.mark.parametrize("reference", [None, REFERENCE], ids=["the archive", "the letter"])
def test_an_event_that_stands_in_no_batch_is_found(office, reference):
    case = Case(office, REFERENCE)
    (name, *_) = (name for name in case.names() if "/event-" in name)
    event = ProviderEvent.model_validate_json(case.get(name))
    another = stored_json(event.model_copy(update={"event": "bounce"}).model_dump(mode="json"))

    with laid(office, case.key(name), another):
        differences, _ = told(office, reference)

    assert ("events", "event-differs", case.key(name)) in differences


def a_batch(office, key=None):
    """The batch of another event, as it is stored while nobody has named it yet."""
    case = Case(office, REFERENCE)
    body = body_of(event_of(case, case.recipients(1)[0], "bounce"))
    headers = signed(body, office.clock(), key)
    place = batch_key(headers[TIMESTAMP], body)
    elsewhere = a_sample_office(office.root / "elsewhere", clock=office.clock)
    keep_batch(elsewhere, headers=headers, body=body, size=1)
    return place, elsewhere.store.get(place)


def test_a_batch_of_the_provider_s_that_nobody_has_named_yet_is_open(office):
    place, data = a_batch(office)

    with laid(office, place, data):
        assert told(office) == ([], (place,))


def test_a_batch_that_somebody_else_signed_is_found(office):
    place, data = a_batch(office, provider_key("another"))

    with laid(office, place, data):
        assert told(office) == ([("hashes", "added", place)], ())


def test_a_batch_in_another_s_place_is_found(office):
    place, data = a_batch(office)
    other = place.replace(".json", "0.json")

    with laid(office, other, data):
        assert told(office) == ([("hashes", "added", other)], ())


def test_an_office_that_has_lost_its_provider_s_key_believes_no_batch_that_nobody_named(office):
    place, data = a_batch(office)
    without = a_sample_office(office.root)

    with laid(office, place, data):
        assert told(without) == ([("hashes", "added", place)], ())
    assert told(without) == ([], ())
