"""A letter's record leaves the office as a bag, and a stranger checks it with nothing of ours."""

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import bagit
import outloud
import pikepdf
import pytest

from flows.exporting import export_office_letter
from letters.canonical import sha256_hex
from letters.errors import UsageError
from letters.recipient import send_id
from letters.signoff import Decision
from tasks.archiving.printed_values import UNPRINTABLE
from tasks.archiving.trail_report import Told, report_values
from tasks.case.case import Case
from tasks.signoff.signing import sign_as_sample
from tasks.templating import TEMPLATES
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    in_other_words,
    issue,
    submit,
)

ANOTHER_LETTER = SHORT_DRAFT.replace(b"2011", b"2010")

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office that issued a letter as its second revision."""
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    issue(office, decision=Decision.RETURN)
    issue(office, in_other_words())
    submit(office, ANOTHER_LETTER)
    return as_another_process(office)


@pytest.fixture(scope="module")
def exported(office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "bag"
    return export_office_letter(office, REFERENCE, folder)


@pytest.fixture
def bag(exported, tmp_path):
    """A copy of the bag, as it was handed to a stranger."""
    return shutil.copytree(exported.folder, tmp_path / "handed over")


def run(bag, command, *, path=None):
    """Run a command in the bag, with nothing of the product on its path."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=bag,
        env={"PATH": path or f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_bag_is_valid_by_the_rules_of_bagit(bag):
    bagit.Bag(str(bag)).validate()

    info = bagit.Bag(str(bag)).info
    assert info["External-Identifier"] == REFERENCE
    assert info["Bagging-Date"] == "2011-03-14"


def test_nobody_but_its_owner_may_read_it(exported):
    modes = {
        (path.is_dir(), stat.S_IMODE(path.stat().st_mode))
        for path in [exported.folder, *exported.folder.rglob("*")]
    }

    assert modes == {(True, 0o700), (False, 0o600)}


def test_it_holds_the_case_as_it_lies_in_the_archive_and_what_it_leans_on(office, exported):
    archive = exported.folder / "data" / "archive"
    lying = {p.relative_to(archive).as_posix(): p.read_bytes() for p in archive.rglob("*.*")}

    expected = [
        key
        for key in office.store.list("")
        if not key.startswith(("ledger/", "intake/")) or "original" in key
    ]
    others = {key for key in expected if "2010" in key or sha256_hex(ANOTHER_LETTER) in key}
    expected = sorted({*expected} - others)
    assert lying == {key: office.store.get(key) for key in expected}
    assert {key.partition("/")[0] for key in lying} == {"cases", "intake", "inspectors", "seals"}
    assert exported.missing == ()


def test_the_trail_is_the_stored_bytes_line_by_line(office, exported):
    chain = Case(office, REFERENCE).chain.prefix
    lines = (exported.folder / "data/audit.jsonl").read_bytes().splitlines(keepends=True)

    assert lines == [office.store.get(key) for key in office.store.list(chain)]


def test_of_the_ledger_it_holds_what_is_about_the_letter_its_keys_and_its_seal(office, exported):
    told = [json.loads(line) for line in (exported.folder / "data/ledger.jsonl").open("rb")]

    assert [entry["event"] for entry in told] == [
        *("opened", "announced", "enrolled", "returned", "signed"),
        *("announced", "seal-introduced", "archived", "closed"),
    ]


def test_each_e_mail_is_in_it_as_it_was_sent(office, exported):
    case = Case(office, REFERENCE)
    emails = {path.name: path.read_bytes() for path in exported.folder.glob("data/emails/*")}

    assert emails == {
        f"r2-{r.id}-1.eml": (
            office.outbox_folder / f"{send_id(REFERENCE, 2, r.email)}.eml"
        ).read_bytes()
        for r in case.recipients(2)
    }


# What a stranger does.


def commands_of(bag):
    """The commands that the README prints, in order."""
    readme = (bag / "README.txt").read_text("utf-8")
    return re.findall(r"^ {5}(\S.*)$", readme, re.MULTILINE)


def test_the_commands_of_the_readme_check_the_bag(bag):
    commands = commands_of(bag)
    assert len(commands) == 8

    said = {}
    for command in commands:
        if "SEQ:SHA256" not in command:
            done = run(bag, command)
            assert (done.returncode, done.stderr) == (0, ""), command
            said[command] = done.stdout

    (whole,) = (told for command, told in said.items() if command.startswith("sha256sum"))
    assert whole.count(": OK\n") == len(list((bag / "data").rglob("*.*")))
    decided = [told for command, told in said.items() if "check_sign_off" in command]
    assert [line.split()[1:3] for told in decided for line in told.splitlines()[:1]] == [
        ["decided", "“return”"],
        ["decided", "“approve”"],
    ]
    packs = [told.split()[0] for command, told in said.items() if "pack.json" in command]
    assert packs == [re.search(r"^pack (\w+)$", told, re.M)[1] for told in decided]
    (pdf,) = (told.split()[0] for command, told in said.items() if "letter.pdf" in command)
    (case,) = bag.glob("data/archive/cases/*/*/*")
    assert pdf == json.loads((case / "r2/pack.json").read_bytes())["pdf_sha256"]


def test_the_trail_is_held_to_the_head_that_an_e_mail_carries(bag):
    (email, *_) = sorted(bag.glob("data/emails/*"))
    head = re.search(rb"^X-Case-Head: (\S+)", email.read_bytes(), re.M)[1].decode()
    number, _, sha256 = head.partition(":")
    another = f"{number}:{sha256[::-1]}"

    assert run(bag, f"python3 -I data/check_chain.py {head}").returncode == 0
    done = run(bag, f"python3 -I data/check_chain.py {head} {another}")

    assert (done.returncode, "ANOTHER TRAIL" in done.stderr) == (1, True)


def altered(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_one_byte_altered_in_any_file_is_found(bag):
    for path in sorted((bag / "data").rglob("*.*")):
        before = path.read_bytes()
        altered(path)

        assert run(bag, "sha256sum -c --quiet manifest-sha256.txt").returncode == 1, path
        path.write_bytes(before)
    assert run(bag, "sha256sum -c --quiet manifest-sha256.txt").returncode == 0


def test_an_altered_entry_or_object_is_found_though_the_manifest_was_made_to_fit(bag):
    lines = (bag / "data/audit.jsonl").read_bytes().splitlines(keepends=True)
    for number in range(0, len(lines) - 1, 9):
        changed = [*lines]
        changed[number] = changed[number].replace(b"tester@desk", b"nobody@desk")
        (bag / "data/audit.jsonl").write_bytes(b"".join(changed))
        assert "NOT WHOLE" in run(bag, "python3 -I data/check_chain.py").stderr
    (bag / "data/audit.jsonl").write_bytes(b"".join(lines))

    named = {json.loads(line)["detail"].get("object") for line in lines} - {None}
    for key in sorted(named)[::4]:
        path = bag / "data/archive" / key
        before = path.read_bytes()
        altered(path)
        assert (
            f"NOT AS RECORDED: archive/{key}" in run(bag, "python3 -I data/check_chain.py").stderr
        )
        path.write_bytes(before)
    assert run(bag, "python3 -I data/check_chain.py").returncode == 0


def test_the_program_for_sign_offs_is_the_one_that_the_docs_print():
    page = (DOCS / "check-a-sign-off.md").read_text("utf-8")
    (printed,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)

    assert (TEMPLATES / "export" / "check_sign_off.py").read_text("utf-8") == printed


@pytest.mark.parametrize("program", ["check_chain.py"])
def test_the_other_program_needs_nothing_but_python(program):
    source = (TEMPLATES / "export" / program).read_text("utf-8")

    imported = set(re.findall(r"^import (\w+)$", source, re.M))
    assert "from " not in re.sub(r'""".*?"""', "", source, flags=re.S).replace("from outside", "")
    assert imported <= set(sys.stdlib_module_names)


# The report.


def test_the_report_is_accessible_archivable_and_has_a_title(exported):
    result = outloud.check(str(exported.folder / "data/report.pdf"))

    assert (result.error, [str(finding) for finding in result.findings]) == (None, [])
    with pikepdf.open(exported.folder / "data/report.pdf") as pdf:
        assert pdf.docinfo["/Title"] == f"Record of {REFERENCE}: Westmere Borough Council"
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert pdf.Root.Lang == "en-GB"
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata


def test_the_report_tells_who_decided_what_was_sent_and_each_entry(exported):
    done = subprocess.run(
        ["pdftotext", "-layout", exported.folder / "data/report.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    )

    text = " ".join(done.stdout.split())
    for told in (
        "Nothing differs from the record",
        "Revision 1 returned by Harriet Elmsley",
        "Say which files were read.",
        "Revision 2 approved by Harriet Elmsley",
        "d…@westmere.example",
        "taken by the provider",
        "The seal of the PDF",
        "DEVELOPMENT",
        "What it can’t prove",
        "94 entries",
    ):
        assert told in text
    assert "director@westmere" not in text


def test_what_the_fonts_lack_is_shown_as_a_box(tmp_path):
    office = a_sample_office(tmp_path)
    case, _ = submit(office)
    comments = "Look \U0001f440 again,\nplease."
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.RETURN, comments=comments)

    bag = export_office_letter(office, REFERENCE, tmp_path / "bag")

    values = report_values(case, 1, Told(_report_of(office), ()))
    ((_, told),) = (f for f in values["decisions"][0]["fields"] if f[0] == "Comments")
    assert told == f"Look {UNPRINTABLE} again, please."
    assert values["deliveries"] == []
    assert (bag.folder / "data/report.pdf").stat().st_size > 10_000


def _report_of(office):
    from flows.verification import verify_office

    return verify_office(office, reference=REFERENCE)


# What is refused, and what is missing.


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_written_over(office, tmp_path, kind):
    place = tmp_path / "there"
    {"folder": place.mkdir, "file": place.touch, "link": lambda: place.symlink_to("nowhere")}[
        kind
    ]()

    with pytest.raises(UsageError) as refused:
        export_office_letter(office, REFERENCE, place)

    assert refused.value.code == "output-exists"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_folder_that_can_t_be_made_is_refused(office, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UsageError) as refused:
        export_office_letter(office, REFERENCE, tmp_path / "file" / "bag")

    assert refused.value.code == "output-not-writable"


def test_a_letter_that_nobody_knows_is_refused(office, tmp_path):
    with pytest.raises(UsageError) as refused:
        export_office_letter(office, "CRA-WESTMERE-1999-01-01", tmp_path / "bag")

    assert refused.value.code == "case-missing"
    assert list(tmp_path.iterdir()) == []


def test_what_is_gone_from_the_archive_is_named_and_the_report_says_so(tmp_path):
    office = a_sample_office(tmp_path / "office")
    case, _ = issue(office)
    key = case.key("r1/emails/director.json")
    (office.store.root / key).unlink()

    bag = export_office_letter(as_another_process(office), REFERENCE, tmp_path / "bag")

    assert bag.missing == (
        f"archive/{key}: the trail names it, and it is gone.",
        "emails/r1-director-1.eml: it can't be written again as it was claimed.",
    )
    readme = " ".join((bag.folder / "README.txt").read_text("utf-8").split())
    assert "WHAT IS NOT HERE" in readme
    bagit.Bag(str(bag.folder)).validate()


def test_what_was_laid_in_by_hand_is_in_it_and_told_as_such(tmp_path):
    office = a_sample_office(tmp_path / "office")
    case, _ = submit(office)
    (office.store.root / case.key("foreign.json")).write_bytes(b"{}\n")

    bag = export_office_letter(as_another_process(office), REFERENCE, tmp_path / "bag")

    assert (bag.folder / "data/archive" / case.key("foreign.json")).is_file()
    assert sha256_hex(b"{}\n") in (bag.folder / "manifest-sha256.txt").read_text("utf-8")
    text = subprocess.run(
        ["pdftotext", bag.folder / "data/report.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "NOT as recorded: 1 difference" in text
