"""What a verification says, in one value."""

from letters.report import Difference, Report


def test_a_report_is_clean_if_nothing_differs():
    assert Report(cases=1, objects=2, entries=3).is_clean


def test_a_report_with_a_difference_is_not_clean():
    difference = Difference(
        code="missing", object="ledger/00000001.json", message="It is gone.", check="hashes"
    )

    assert not Report(differences=(difference,)).is_clean


def test_what_can_t_be_spoken_for_is_no_difference():
    report = Report(
        open_objects=("cases/2011/westmere/CRA-WESTMERE-2011-03-08/r1/proof.pdf",),
        emails_picked_up=("outbox/00000000000000000000000000000000.eml",),
        unwitnessed_entries=("ledger/00000001.json",),
        unanchored_entries=7,
        unanchored_in_ledger=7,
    )

    assert report.is_clean
