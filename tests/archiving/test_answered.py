"""What a letter says became of earlier areas: in its pack, which is signed and kept with it."""

from __future__ import annotations

import pytest

from letters.earlier import ANSWERED, UNANSWERED, AreaAnswer, answers_in, quoted
from letters.problem import Doubt
from tasks.archiving.locking import Keeping, keeping_of
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.review.reviewing import WHY, in_april, issue_in, next_january, reference_in
from tests.archiving.test_changes import ordered, sent
from tests.issuing import copied, issue

LATE = "“Visits” are late. Nothing in this letter answers it, of the letters that we read."
SLOW = f"Two is slow. {'It is so in every team, and at all hours. ' * 8}".strip()


@pytest.fixture(scope="module")
def two_years(tmp_path_factory):
    """A letter that asks for two things, and one that answers the first and waives the second."""
    root = tmp_path_factory.mktemp("two") / "office"
    issue_in(root, 2008, LATE, SLOW)
    issue_in(root, 2009, waived=("areas-for-development/2",))
    return root


@pytest.fixture
def case(two_years, tmp_path):
    office = in_april(copied(two_years, tmp_path / "office"), 2009)
    return Case(office, reference_in(2009))


def told(case, revision=1):
    pack = case.pack(revision)
    assert pack is not None
    return [*answers_in(pack)]


def test_the_pack_tells_of_each_area_what_answers_it_or_why_nothing_needs_to(case):
    asked, first = reference_in(2008), "areas-for-development/1"

    assert told(case) == [
        AreaAnswer(asked, first, LATE, "strengths/1", ""),
        AreaAnswer(asked, "areas-for-development/2", quoted(SLOW), "", WHY),
    ]
    assert quoted(SLOW) != SLOW


def test_a_letter_of_whom_nothing_was_asked_tells_nothing(case):
    assert told(Case(case.office, reference_in(2008))) == []


def test_it_is_told_nowhere_else_and_kept_as_long_as_the_letter(case):
    assert [name for name in case.names() if "answered" in name] == []
    assert keeping_of("r1/pack.json", 1) is Keeping.RECORD


def test_a_draft_submitted_again_is_the_same_revision(case):
    data = case.get("r1/draft/original.md")

    again, revision = issue(case.office, data)

    assert (again.reference, revision, again.revisions()) == (case.reference, 1, [1])


def test_a_correction_tells_it_anew(case):
    data = case.get("r1/draft/original.md").replace(b"Please pass on", b"We ask you to pass on")
    revision = sent(case, ordered(case, data, reason="It was put otherwise."))

    assert told(case, revision) == told(case)


def test_a_correction_on_a_day_of_its_own_is_asked_what_the_letter_was_asked(two_years, tmp_path):
    root = copied(two_years, tmp_path / "office")
    issue_in(root, 2010)
    case = Case(next_january(root, 2010), reference_in(2009))
    data = case.get("r1/draft/original.md").replace(b"6 April 2009", b"7 January 2011")

    revision = sent(case, ordered(case, data, reason="The day was wrong."))

    assert told(case, revision) == told(case)


def test_a_withdrawal_answers_nothing(case):
    assert told(case, sent(case, order_withdrawal(StepRun(case, STEP), reason="Another's."))) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code": "other"}, id="another doubt"),
        pytest.param({"why": "It answers it."}, id="an answer that doesn't say to what"),
    ],
)
def test_what_says_something_else_is_no_answer(case, changes):
    doubt = Doubt(
        code=ANSWERED, place="strengths/1", read=LATE, proposed="", why="It answers a/1 of X-1."
    )
    pack = case.pack(1)
    assert pack is not None
    others = pack.model_copy(
        update={"doubts_cleared": (doubt,), "problems_overridden": ()},
    )
    assert [*answers_in(others)] == [AreaAnswer("X-1", "a/1", LATE, "strengths/1", "")]

    other = others.model_copy(update={"doubts_cleared": (doubt.model_copy(update=changes),)})

    assert [*answers_in(other)] == []


def test_a_waiver_is_read_though_an_answer_had_grown_stale(case):
    pack = case.pack(1)
    assert pack is not None
    (problem,) = pack.problems_overridden
    assert problem.code == UNANSWERED
    stale = "The words at strengths/1 that were to answer it have changed since, or are gone."
    message = problem.message.replace("Nothing in this letter answers it.", stale)
    stale_too = problem.model_copy(update={"message": message})

    again = pack.model_copy(update={"problems_overridden": (stale_too,)})

    assert (message != problem.message, [*answers_in(again)]) == (True, told(case))
