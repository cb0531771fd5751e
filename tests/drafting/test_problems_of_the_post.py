"""A sample inspector's letter goes no further where letters leave the house."""

import pytest

from tasks.drafting.draft import compose_draft
from tests.issuing import SAMPLE_DRAFT, a_sample_office
from tests.offices import some_settings


class Leaving:
    """A provider whose e-mails leave the house."""

    takes_samples = False

    def carries_name(self, name):
        return "," not in name


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        (lambda root: {}, []),
        (lambda root: {"provider": Leaving()}, ["sample-in-live-office"]),
        (
            lambda root: {
                "settings": some_settings(
                    root, archive={"store": "s3", "bucket": "b", "lock": "governance"}
                )
            },
            ["sample-in-live-office"],
        ),
    ],
    ids=["an office of its own", "e-mails leave the house", "objects are locked"],
)
def test_a_sample_letter_is_blocked_in_a_live_office(tmp_path, changes, codes):
    office = a_sample_office(tmp_path, **changes(tmp_path))

    composition = compose_draft(office, SAMPLE_DRAFT, "original.md")

    assert [p.code for p in composition.problems if p.is_blocking] == codes


def test_a_name_that_the_provider_cannot_carry_blocks_the_letter(tmp_path):
    office = a_sample_office(tmp_path, provider=Leaving())
    contacts = tuple(
        contact.model_copy(update={"name": f"{contact.name}, OBE"})
        if contact.role == "chief-executive"
        else contact
        for contact in office.register.contacts
    )
    register = office.register.model_copy(update={"contacts": contacts})
    draft = SAMPLE_DRAFT.replace("Łukasz Wierzbicki".encode(), "Łukasz Wierzbicki, OBE".encode())

    composition = compose_draft(
        a_sample_office(tmp_path, provider=Leaving(), register=register), draft, "original.md"
    )

    blocking = {(p.code, p.place) for p in composition.problems if p.is_blocking}
    assert ("name-not-carried", "chief-executive") in blocking
