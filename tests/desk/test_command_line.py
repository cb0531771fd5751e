"""The command `letters` as people and scripts meet it; what needs Prefect is in test_issue_verb."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from desk.command_line import run
from flows.office import open_office
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.intake import take_in
from tasks.case.record import StepRun, attempt_step
from tasks.drafting.draft import draft
from tasks.rendering.pack import prepare
from tasks.signoff.signing import sign_as_sample

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config" / "sample_office"
SAMPLE_DRAFT = next(SAMPLE.glob("*.md"))
REFERENCE = "CRA-WESTMERE-2011-03-08"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An office that isn't there yet, the sample register, an empty folder to work in."""
    shutil.copytree(SAMPLE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def letters(capsys):
    """Run the command; return its exit code, what it printed, and what it complained of."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def waiting():
    """A letter that waits for its sign-off."""
    office = open_office()
    intake = take_in(office, SAMPLE_DRAFT.read_bytes(), "md")
    drafted = attempt_step(StepRun(intake, "draft-letter"), draft, lambda _: None)
    case = Case(office, drafted.reference)
    attempt_step(StepRun(case, "prepare-pack"), prepare, lambda _: None, drafted.revision)
    return case


def a_draft(path: Path, **changes: str) -> Path:
    """Write the sample draft with texts replaced."""
    text = SAMPLE_DRAFT.read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sample_draft_has_no_problem(letters):
    code, out, _ = letters("check", SAMPLE_DRAFT, "--json")

    told = json.loads(out)
    assert code == 0
    assert (told["reference"], told["is_blocked"], told["problems"]) == (REFERENCE, False, [])


def test_a_blocked_draft_lists_every_problem_and_ends_with_1(letters):
    path = a_draft(
        Path("draft.md"),
        **{"Yours sincerely": "Your sincerely", "54 children": "54 54 children"},
    )

    code, out, _ = letters("check", path, "--json")

    assert code == 1
    assert [(p["code"], p["place"], p["blocking"]) for p in json.loads(out)["problems"]] == [
        ("valediction-wrong", "valediction", True)
    ]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        pytest.param("gone.md", None, 2, "draft-missing", id="a file that is missing"),
        pytest.param("x.rtf", b"x", 2, "draft-extension-unknown", id="an unknown extension"),
        pytest.param("empty.md", b"", 1, "draft-empty", id="an empty file"),
        pytest.param("blank.txt", b" \n\n", 1, "draft-empty", id="a file of white space"),
        pytest.param("latin.txt", b"Zo\xeb", 1, "draft-not-utf8", id="bytes that are no UTF-8"),
        pytest.param("wide.txt", "Dear".encode("utf-16"), 1, "draft-utf16", id="UTF-16"),
        pytest.param("big.md", b"a" * 50_000_000, 1, "draft-too-large", id="50 MB"),
        pytest.param("bell.md", b"a\x07", 1, "draft-control-character", id="a control character"),
        pytest.param(
            "turned.txt",
            "a\N{RIGHT-TO-LEFT OVERRIDE}b".encode(),
            1,
            "draft-direction-character",
            id="a character that turns the direction",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["check", "preview"])
def test_bad_input_gets_one_clear_message(letters, verb, name, content, code, said):
    if content is not None:
        Path(name).write_bytes(content)

    ended, out, err = letters(verb, name)

    assert ended == code
    assert said in out + err
    assert "Traceback" not in out + err
    assert not Path(os.environ["LETTERS_OFFICE"]).exists()


MARKUP = (
    "#set text(red) {{ 7*7 }} {% raw %} <b>bold</b> **strong** `code` $x$ \\u{1F600} &amp; “end”"
)


def test_markup_in_findings_comes_out_as_the_text_it_is(letters):
    written = MARKUP.replace("<", "\\<").replace("*", "\\*")  # as a draft writes such signs
    path = a_draft(Path("draft.md"), **{"Elected members": f"{written} members"})

    code, out, _ = letters("preview", path, "-o", "out", "--json")

    files = json.loads(out)["files"]
    assert code == 0
    assert MARKUP in " ".join(Path(files["text"]).read_text("utf-8").split())
    assert "<b>bold</b>" not in Path(files["html"]).read_text("utf-8")
    assert "&lt;b&gt;bold&lt;/b&gt;" in Path(files["html"]).read_text("utf-8")


def test_markup_in_a_name_comes_out_as_the_text_it_is(letters, tmp_path):
    name = "Siân {{ 7*7 }} <i>#x</i> Prydderch"
    contacts = tmp_path / "register" / "contacts.csv"
    contacts.write_text(
        contacts.read_text("utf-8").replace("Siân Prydderch", name), encoding="utf-8"
    )
    path = a_draft(Path("draft.md"), **{"name: Ms Siân Prydderch": f'name: "Ms {name}"'})

    code, out, _ = letters("preview", path, "-o", "out", "--json")

    files = json.loads(out)["files"]
    assert code == 0
    assert f"Ms {name}" in Path(files["text"]).read_text("utf-8")


def test_a_post_without_an_address_blocks_and_names_the_row(letters, tmp_path):
    contacts = tmp_path / "register" / "contacts.csv"
    contacts.write_text(
        contacts.read_text("utf-8").replace("chief.executive@westmere.example", ""),
        encoding="utf-8",
    )

    code, out, _ = letters("check", SAMPLE_DRAFT, "--json")

    [problem] = json.loads(out)["problems"]
    assert (code, problem["code"]) == (1, "recipient-without-address")
    assert "contacts.csv" in problem["message"]


def test_preview_and_the_case_have_the_same_content_code_and_pack(letters, waiting):
    code, out, _ = letters("preview", SAMPLE_DRAFT, "-o", "out", "--json")

    told = json.loads(out)
    assert code == 0
    assert told["content_code"] == waiting.letter(1).content_code
    assert (told["pack"], told["pack_is_final"]) == (waiting.pack(1).sha256, True)
    assert all(Path(path).is_absolute() for path in told["files"]["emails"].values())
    assert sorted(path.name for path in Path("out").rglob("*.*")) == [
        "chief-executive.eml",
        "department.eml",
        "director.eml",
        "lead-member.eml",
        "letter.html",
        "letter.pdf",
        "letter.txt",
        "proof.pdf",
        "safeguarding-board-chair.eml",
    ]


def test_places_may_stand_before_or_after_the_verb(letters, waiting, monkeypatch):
    office = os.environ.pop("LETTERS_OFFICE")
    before = letters("--office", office, "list", "--json")
    monkeypatch.delenv("LETTERS_OFFICE", raising=False)
    after = letters("list", "--json", "--office", office)

    assert before == after
    assert [letter["reference"] for letter in json.loads(after[1])] == [REFERENCE]


def test_show_tells_all_that_scripts_rely_on(letters, waiting):
    code, out, _ = letters("show", REFERENCE, "--json")

    told = json.loads(out)
    assert code == 0
    assert {key: told[key] for key in ("reference", "kind", "authority", "revision", "state")} == {
        "reference": REFERENCE,
        "kind": "unannounced-inspection",
        "authority": "Westmere Borough Council",
        "revision": 1,
        "state": "awaiting-sign-off",
    }
    assert told["pack"] == waiting.pack(1).sha256
    assert told["signed_by"] is None
    assert [(r["role"], r["state"]) for r in told["recipients"]] == [
        ("director", "pending"),
        ("chief-executive", "pending"),
        ("safeguarding-board-chair", "pending"),
        ("lead-member", "pending"),
        ("department", "pending"),
    ]
    assert Path(told["files"]["proof"]).is_absolute()
    assert (told["files"]["pdf"], told["files"]["html"]) == (None, None)


def test_history_tells_each_entry_in_order(letters, waiting):
    code, out, _ = letters("history", REFERENCE, "--json")

    told = json.loads(out)
    assert code == 0
    assert [set(entry) for entry in told] == [
        {"source", "seq", "at", "actor", "step", "event", "attempt", "of", "detail"}
    ] * len(told)
    assert [entry["seq"] for entry in told] == list(range(1, len(told) + 1))
    assert [e["step"] for e in told if e["event"] == "completed"] == [
        "intake",
        "draft-letter",
        "prepare-pack",
    ]


@pytest.mark.parametrize("verb", ["list", "show", "history", "deliveries", "verify"])
def test_what_only_looks_needs_no_register_and_prints_tables(letters, waiting, verb, monkeypatch):
    monkeypatch.delenv("LETTERS_REGISTER")

    code, out, err = letters(verb, *([] if verb == "list" else [REFERENCE]))

    assert (code, err) == (0, "")
    assert out.strip()


def test_an_inspector_approves_once(letters, waiting):
    first = letters("sign", REFERENCE, "--sign-as", "helmsley")
    second = letters("sign", REFERENCE, "--sign-as", "helmsley")

    assert first[0] == 0
    assert second[0] == 3
    assert "already-decided" in second[2]
    assert json.loads(letters("show", REFERENCE, "--json")[1])["signed_by"] == "helmsley"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(
            ["--sign-as", "treyne"], 3, "not-entitled", id="another inspector is not entitled"
        ),
        pytest.param(["--sign-as", "nobody"], 3, "not-entitled", id="nobody is not entitled"),
        pytest.param(
            ["--sign-as", "helmsley", "--decision", "return"],
            3,
            "comments-missing",
            id="a return says why",
        ),
        pytest.param(["--comments", "Say why."], 2, "signer-not-named", id="somebody has to sign"),
        pytest.param(
            ["--sign-as", "helmsley", "--decision", "maybe"], 2, "maybe", id="maybe is no decision"
        ),
    ],
)
def test_a_refused_sign_off_leaves_the_letter_waiting(letters, waiting, arguments, code, said):
    ended, out, err = letters("sign", REFERENCE, *arguments)

    assert (ended, waiting.state(1)) == (code, "awaiting-sign-off")
    assert said in out + err
    assert letters("verify")[0] == 0


def test_without_a_sample_inspector_the_link_to_the_signing_page_is_printed(letters, waiting):
    code, out, _ = letters("sign", REFERENCE)
    told = json.loads(letters("sign", REFERENCE, "--json")[1])

    assert code == 0
    (link,) = told["signing_pages"].values()
    assert f"/sign/{REFERENCE}/r1/helmsley/" in link
    assert f"/sign/{REFERENCE}/r1/helmsley/" in out
    assert waiting.state(1) == "awaiting-sign-off"


def test_a_return_keeps_its_comments_out_of_the_trail(letters, waiting):
    code, _, _ = letters(
        "sign", REFERENCE, "--sign-as", "helmsley", "--decision", "return", "--comments", "Recount."
    )

    told = json.loads(letters("show", REFERENCE, "--json")[1])
    assert (code, told["state"], told["comments"]) == (0, "returned", "Recount.")
    assert "Recount" not in letters("history", REFERENCE, "--json")[1]


def test_a_real_inspector_is_not_signed_for(letters, waiting, tmp_path):
    inspectors = tmp_path / "register" / "inspectors.toml"
    inspectors.write_text(inspectors.read_text("utf-8").replace("sample = true", ""))

    code, _, err = letters("sign", REFERENCE, "--sign-as", "helmsley")

    assert (code, waiting.state(1)) == (2, "awaiting-sign-off")
    assert "not-a-sample-inspector" in err


def test_verify_ends_with_1_on_any_difference(letters, waiting):
    proof = Path(json.loads(letters("show", REFERENCE, "--json")[1])["files"]["proof"])
    proof.write_bytes(proof.read_bytes() + b"\n")

    code, out, _ = letters("verify", "--json")

    told = json.loads(out)
    assert (code, told["is_clean"]) == (1, False)
    assert [(d["code"], d["object"].rpartition("/")[2]) for d in told["differences"]] == [
        ("changed", "proof.pdf")
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["show", "X"], 2, "reference-malformed", id="no reference"),
        pytest.param(["show", "CRA-X-2010"], 2, "case-missing", id="an unknown letter"),
        pytest.param(["chek", "x"], 2, "Did you mean 'check'", id="a misspelt verb"),
        pytest.param(["check"], 2, "DRAFT", id="a draft not named"),
        pytest.param(["check", "."], 2, "draft-is-a-folder", id="a folder for a draft"),
        pytest.param(
            ["settle", "CRA-X-2010", "director", "--as", "lost", "--why", "x"],
            2,
            "lost",
            id="a settlement that is none",
        ),
        pytest.param(
            ["list", "--office", __file__], 2, "office-is-no-folder", id="an office that is a file"
        ),
        pytest.param(
            ["check", SAMPLE_DRAFT, "--register", "nowhere"],
            2,
            "register-invalid",
            id="a register that is not there",
        ),
    ],
)
def test_mistakes_in_a_command_are_told_with_2(letters, arguments, code, said):
    ended, out, err = letters(*arguments)

    assert ended == code
    assert said in out + err


def test_a_misspelt_setting_is_told_with_2(letters, monkeypatch):
    monkeypatch.setenv("LETTERS_MAIL__FROM_NAM", "x")

    code, _, err = letters("list")

    assert code == 2
    assert "LETTERS_MAIL__FROM_NAME" in err


def test_an_office_that_can_not_be_written_is_told_and_nothing_is_half_done(
    letters, waiting, monkeypatch
):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    before = waiting.store.list("")
    monkeypatch.setattr("tasks.case.folder.os.link", refuse)

    code, _, err = letters("sign", REFERENCE, "--sign-as", "helmsley")

    assert code == 5
    assert "store-" in err
    assert waiting.store.list("") == before


def test_a_fault_of_the_product_leaves_its_details_in_a_private_file(letters, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("a fault")

    monkeypatch.setattr("desk.verbs.tell.all_cases", break_down)

    code, out, err = letters("list")

    [kept] = Path(os.environ["LETTERS_OFFICE"], "failures").iterdir()
    assert code == 5
    assert "Traceback" not in out + err
    assert kept.name in err.replace("\n", "")
    assert "RuntimeError: a fault" in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", str(SAMPLE_DRAFT)],
        ["preview", str(SAMPLE_DRAFT)],
        ["list"],
        ["show", REFERENCE],
        ["verify"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_quick_verbs_import_no_prefect(waiting, arguments):
    program = (
        "import sys; from desk.command_line import run; code = run(sys.argv[1:]);"
        "print(sorted(m for m in sys.modules if m.split('.')[0] == 'prefect'), code)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ended.stdout.splitlines()[-1] == "[] 0"


def test_a_text_becomes_a_draft_once(letters):
    Path("letter.txt").write_text("18 March 2011\n\nDear Ms Prydderch\n\nA subject\n\nText.\n")

    first = letters("draft", "letter.txt", "-o", "letter.md")
    second = letters("draft", "letter.txt", "-o", "letter.md")
    forced = letters("draft", "letter.txt", "-o", "letter.md", "--force")

    assert (first[0], second[0], forced[0]) == (0, 2, 0)
    assert "output-exists" in second[2]
    assert "subject" in Path("letter.md").read_text("utf-8")


def test_keys_and_objects_are_for_the_owner_alone(waiting):
    sign_as_sample(waiting, 1, inspector_id="helmsley", decision=Decision.APPROVE, comments="")

    modes = {
        (path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in waiting.office.root.rglob("*")
    }
    assert modes == {(True, "0o700"), (False, "0o600")}
    assert isinstance(waiting.store, FolderStore)


def test_what_was_approved_goes_on_whatever_the_register_says_by_now(letters, waiting, tmp_path):
    letters("sign", REFERENCE, "--sign-as", "helmsley")
    contacts = tmp_path / "register" / "contacts.csv"
    contacts.write_text(
        contacts.read_text("utf-8").replace("Noreen Fairhurst", "Nora Other"), encoding="utf-8"
    )
    intake = take_in(open_office(), SAMPLE_DRAFT.read_bytes(), "md")

    drafted = attempt_step(StepRun(intake, "draft-letter"), draft, lambda _: None)

    assert letters("check", SAMPLE_DRAFT)[0] == 1
    assert drafted == (REFERENCE, 1)


def test_an_inspector_who_read_another_revision_is_refused(letters, waiting):
    stale = letters("sign", REFERENCE, "--sign-as", "helmsley", "--code", "0000-0000")
    code = waiting.letter(1).content_code
    fresh = letters("sign", REFERENCE, "--sign-as", "helmsley", "--code", code.lower())

    assert (stale[0], fresh[0]) == (3, 0)
    assert "pack-stale" in stale[2]
    assert code in fresh[1]


def test_there_is_nothing_to_verify_where_no_office_is(letters):
    code, _, err = letters("verify", "--office", "nowhere")

    assert code == 2
    assert "archive-missing" in err


def test_a_witness_that_is_gone_is_a_difference(letters, waiting, tmp_path):
    shutil.rmtree(tmp_path / "office" / "witness")

    code, out, _ = letters("verify", "--json")

    assert code == 1
    assert [d["object"] for d in json.loads(out)["differences"]] == [
        f"witness of {waiting.prefix}/audit"
    ]


def test_a_name_spelt_in_other_code_points_is_the_same_name(letters):
    decomposed = unicodedata.normalize("NFD", SAMPLE_DRAFT.read_text("utf-8"))
    Path("draft.md").write_text(decomposed, encoding="utf-8")

    assert letters("check", "draft.md")[0] == 0


@pytest.mark.parametrize("verb", ["show", "history", "deliveries", "issue", "sign"])
def test_a_case_in_which_a_killed_run_put_no_letter_is_none_yet(letters, verb):
    case = Case(open_office(), REFERENCE)
    case.store.put(case.key("case.json"), b"{}")

    code, _, err = letters(verb, REFERENCE)

    assert code == 2
    assert "case-missing" in err
