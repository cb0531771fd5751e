"""Kinds of letter as files: what is read, and what is refused with its place and the fix."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from letters.kind import Kind, KindError, SectionRule, SignatoryTitle, Standard, StatutoryBasis
from tasks.drafting.kind_files import load_kinds
from tasks.templating import render_string
from tests.letters.readings import a_read_section, a_reading, composed

SMALL = """\
code = "FV"
title = "Focused visit"
deadline_working_days = 20
copy_roles = []
signatory_titles = []
statutory_basis = []
[[sections]]
key = "findings"
heading = "Findings"
"""


def a_folder(tmp_path: Path, **written: str) -> Path:
    for name, text in written.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_small_kind_is_read_and_named_by_its_file(tmp_path):
    folder = a_folder(tmp_path, visit=SMALL)
    (folder / "README.md").write_text("not a kind")
    assert load_kinds(folder) == {
        "visit": Kind(
            id="visit",
            code="FV",
            title="Focused visit",
            deadline_working_days=20,
            sections=(SectionRule(key="findings", heading="Findings"),),
            statutory_basis=(),
            signatory_titles=(),
            copy_roles=(),
        )
    }


HOLD_FINDINGS = {
    "annual-review": {"strengths", "areas-for-development"},
    "focused-visit": {"areas-for-priority-action", "needs-to-improve", "main-findings"},
    "joint-inspection": {"needs-to-improve", "strengths", "main-findings"},
    "unannounced-inspection": {
        *("strengths", "satisfactory-practice"),
        *("areas-for-development", "areas-for-priority-action"),
    },
}


def test_each_kind_says_which_sections_hold_findings():
    kinds = load_kinds(files("config") / "kinds")

    assert {
        kind.id: {rule.key for rule in kind.sections if rule.holds_findings}
        for kind in kinds.values()
    } == HOLD_FINDINGS


def test_areas_for_development_are_findings():
    rules = [
        rule for kind in load_kinds(files("config") / "kinds").values() for rule in kind.sections
    ]

    assert [rule.key for rule in rules if rule.raises_areas and not rule.holds_findings] == []


def test_kinds_come_in_the_order_of_their_ids(tmp_path):
    folder = a_folder(tmp_path, b=SMALL, a=SMALL.replace("FV", "AA"))
    assert list(load_kinds(folder)) == ["a", "b"]


def test_an_office_has_kinds_of_its_own(tmp_path):
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir()
    a_folder(theirs, a=SMALL, b=SMALL.replace("FV", "BB"))
    a_folder(ours, b=SMALL.replace("FV", "CC"), c=SMALL.replace("FV", "DD"))

    kinds = load_kinds(theirs, own=ours)

    assert {kind.id: kind.code for kind in kinds.values()} == {"a": "FV", "b": "CC", "c": "DD"}
    assert list(load_kinds(theirs, own=tmp_path / "none")) == ["a", "b"]


def test_the_unannounced_inspection():
    kind = load_kinds(files("config") / "kinds")["unannounced-inspection"]

    assert (kind.code, kind.reference_by, kind.deadline_working_days) == (
        "CRA",
        "first-inspection-day",
        20,
    )
    assert [(rule.key, rule.is_required) for rule in kind.sections] == [
        ("strengths", False),
        ("satisfactory-practice", True),
        ("areas-for-development", True),
        ("areas-for-priority-action", False),
    ]
    assert kind.statutory_basis == (
        StatutoryBasis(
            act="Education and Inspections Act 2006",
            section="138",
            since=date(2007, 4, 1),
            until=date(2012, 7, 17),
        ),
    )
    assert kind.signatory_titles == (
        SignatoryTitle(title="Her Majesty's Inspector", until=date(2022, 9, 8)),
        SignatoryTitle(title="His Majesty's Inspector", since=date(2022, 9, 9)),
    )
    assert kind.addressee_roles == ("director",)
    assert kind.copy_roles == (
        *("chief-executive", "safeguarding-board-chair", "lead-member", "department"),
    )
    assert kind.standard == Standard(
        closing="When we next inspect how {{ authority }} safeguards children, we shall look in "
        "particular at what has been done about the areas for development set out in this letter.",
        valediction="Yours sincerely",
        salutation="Dear {{ addressee }}",
    )


@pytest.mark.parametrize(
    ("written", "message", "where", "remedy"),
    [
        pytest.param(
            SMALL.replace("deadline_working_days", "deadline_workng_days"),
            "There is no key “deadline_workng_days”.",
            "",
            "Did you mean “deadline_working_days”?",
            id="a misspelt key",
        ),
        pytest.param(
            SMALL.replace("heading", "headng"),
            "There is no key “headng”.",
            ", key sections[1]",
            "Did you mean “heading”?",
            id="a misspelt key of a section",
        ),
        pytest.param(
            SMALL + '[standard]\nclosin = "x"\n',
            "There is no key “closin”.",
            ", key standard",
            "Did you mean “closing”?",
            id="a misspelt key of the standard words",
        ),
        pytest.param(
            'id = "other"\n' + SMALL,
            "There is no key “id”.",
            "",
            "Known: addressee_roles, code, copy_roles, deadline_working_days, frameworks, "
            "grades, priority_action, reference_by, "
            "retention, sections, signatory_titles, standard, statutory_basis, title.",
            id="an id, which is the file's name",
        ),
        pytest.param(
            SMALL.replace('title = "Focused visit"\n', ""),
            "The key title is missing.",
            "",
            "Write it as the kinds that come with the product do.",
            id="a missing key",
        ),
        pytest.param(
            SMALL.replace('heading = "Findings"\n', ""),
            "The key sections[1].heading is missing.",
            "",
            "Write it as the kinds that come with the product do.",
            id="a missing key of a section",
        ),
        pytest.param(
            SMALL.replace("= 20", '= "20"'),
            "The key deadline_working_days is wrong: Input should be a valid integer.",
            "",
            "Write it as the kinds that come with the product do.",
            id="a number in quotes",
        ),
        pytest.param(
            SMALL.replace('"FV"', '"fv"'),
            "The key code is wrong: String should match pattern '^[A-Z]{2,6}$'.",
            "",
            "Write it as the kinds that come with the product do.",
            id="a code in small letters",
        ),
        pytest.param(
            "standard = 3\n" + SMALL,
            "The key standard is wrong: Input should be a valid dictionary or instance of "
            "Standard.",
            "",
            "Write it as the kinds that come with the product do.",
            id="a number where a table belongs",
        ),
        pytest.param(
            SMALL.replace('"findings"', '"opening"'),
            "The section “opening” can't be told from another by key or heading.",
            ", key sections[1]",
            "Rename it; opening and closing can't be keys.",
            id="a section called like another part",
        ),
        pytest.param(
            SMALL + '[[sections]]\nkey = "main"\nheading = "Main"\nknown_as = ["FINDINGS"]\n',
            "The section “main” can't be told from another by key or heading.",
            ", key sections[2]",
            "Rename it; opening and closing can't be keys.",
            id="two sections of one heading",
        ),
        pytest.param(
            SMALL.replace(
                "signatory_titles = []",
                'signatory_titles = [{title = "HMI", since = 2022-09-09, until = 2022-09-08}]',
            ),
            "It would end (2022-09-08) before it begins (2022-09-09).",
            ", key signatory_titles[1]",
            "Correct since or until.",
            id="a period that ends before it begins",
        ),
        pytest.param(
            SMALL + "\x00",
            "visit.toml holds the control character U+0000.",
            ", line 10",
            "Delete the character; type that line anew if it can't be seen.",
            id="a control character",
        ),
        pytest.param(
            "code: FV",
            "visit.toml is not valid TOML: Expected '=' after a key in a key/value pair (at line "
            "1, column 5).",
            "",
            'Correct that place; text stands in quotes: key = "value".',
            id="not TOML",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_fix(
    tmp_path, written, message, where, remedy
):
    folder = a_folder(tmp_path, visit=written)

    with pytest.raises(KindError) as caught:
        load_kinds(folder)

    assert (caught.value.message, caught.value.where, caught.value.remedy) == (
        message,
        f"{folder / 'visit.toml'}{where}",
        remedy,
    )
    assert caught.value.code == "kind-invalid"


def test_two_kinds_of_one_code_are_refused(tmp_path):
    folder = a_folder(tmp_path, a=SMALL, b=SMALL)
    with pytest.raises(KindError) as caught:
        load_kinds(folder)
    assert (caught.value.message, caught.value.where) == (
        "The code FV is also that of a.",
        f"{folder / 'b.toml'}, key code",
    )


def test_a_file_name_that_is_no_id_is_refused(tmp_path):
    folder = a_folder(tmp_path, **{"Focused Visit": SMALL})
    with pytest.raises(KindError, match=r"^A kind's file is named by lower-case letters"):
        load_kinds(folder)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "The folder holds no kind of letter."),
        ("nowhere", "There is no folder with kinds of letter."),
    ],
)
def test_a_folder_without_kinds_is_refused(tmp_path, name, message):
    with pytest.raises(KindError) as caught:
        load_kinds(tmp_path / name)
    assert (caught.value.message, caught.value.where) == (message, str(tmp_path / name))


@pytest.mark.parametrize(
    ("written", "message", "where", "remedy"),
    [
        pytest.param(
            '[priority_action]\nsection = "finding"\nmust_say = []\n',
            "There is no section “finding”.",
            ", key priority_action.section",
            "Did you mean “findings”?",
            id="a priority action in a section that isn't there",
        ),
        pytest.param(
            '[standard]\nclosing = "We shall come back to {{ autority }}."\n',
            "Standard words know no “autority”.",
            ", key standard.closing",
            "Did you mean “authority”?",
            id="standard words that name what they don't know",
        ),
        pytest.param(
            "[[frameworks]]\nname = 'ILACS'\nsince = 2018-01-02\nuntil = 2018-01-01\n",
            "It would end (2018-01-01) before it begins (2018-01-02).",
            ", key frameworks[1]",
            "Correct since or until.",
            id="a framework that ends before it begins",
        ),
    ],
)
def test_what_hangs_together_must_fit(tmp_path, written, message, where, remedy):
    folder = a_folder(tmp_path, visit=SMALL + written)

    with pytest.raises(KindError) as caught:
        load_kinds(folder)

    assert (caught.value.message, caught.value.where, caught.value.remedy) == (
        message,
        f"{folder / 'visit.toml'}{where}",
        remedy,
    )


def test_the_product_s_kinds():
    kinds = load_kinds(files("config") / "kinds")

    assert {kind.id: (kind.code, kind.reference_by) for kind in kinds.values()} == {
        "annual-review": ("ANR", "year"),
        "focused-visit": ("FV", "first-inspection-day"),
        "joint-inspection": ("JTI", "first-inspection-day"),
        "unannounced-inspection": ("CRA", "first-inspection-day"),
    }


@pytest.mark.parametrize("kind", load_kinds(files("config") / "kinds").values(), ids=lambda k: k.id)
def test_standard_words_can_be_filled_in(kind):
    closing = kind.standard.closing or ""
    action = kind.priority_action.standard or "" if kind.priority_action else ""
    for source in (closing, action, kind.standard.salutation):
        filled = render_string(
            source, authority="Westmere Borough Council", short_name="Westmere", addressee="Ms Ash"
        )
        assert "{" not in filled
        assert bool(filled) is bool(source)


def test_adding_a_kind_is_adding_a_file(tmp_path):
    folder = a_folder(tmp_path, visit=SMALL)
    kinds = load_kinds(folder)
    reading = a_reading(
        kind="visit", sections=(a_read_section("Findings", "Visits are made in good time."),)
    )

    composition = composed(reading, kinds=kinds)

    assert [problem.code for problem in composition.problems if problem.is_blocking] == []
    assert composition.letter is not None
    assert composition.letter.reference == "FV-WESTMERE-2011-03-08"
    assert composition.letter.kind_title == "Focused visit"
    assert [section.key for section in composition.letter.sections] == ["findings"]
