"""After the approval the letter goes out as approved, or it stops: nothing in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tasks.templating
import tasks.typesetting
from flows.office import open_office
from letters.case import State
from letters.signoff import Decision
from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.record import StepRun, attempt_step
from tasks.drafting.draft import draft
from tasks.mailing.post import post
from tasks.rendering.pack import RenderingDiffers, prepare, render_approved
from tasks.signoff.signing import sign_as_sample
from tests.issuing import a_sample_office, in_other_words, submit

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config" / "sample_office"


def do(record, step, work, *arguments):
    return attempt_step(StepRun(record, step), work, lambda _: None, *arguments)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Copies of all that an office can change: the register, the kinds, the templates."""
    shutil.copytree(SAMPLE, tmp_path / "register")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    use_templates(monkeypatch, tmp_path / "templates")
    yield tmp_path
    tasks.templating._environment.cache_clear()


def use_templates(monkeypatch, folder):
    """Read the templates as a new process would."""
    monkeypatch.setattr(tasks.templating, "TEMPLATES", folder)
    monkeypatch.setattr(tasks.typesetting, "TEMPLATES", folder)
    tasks.templating._environment.cache_clear()
    tasks.typesetting._typesetter.cache_clear()


@pytest.fixture
def approved(places):
    """A letter approved by its inspector and not yet rendered for sending."""
    office = open_office()
    intake = take_in(office, next(SAMPLE.glob("*.md")).read_bytes(), "md")
    reference, revision = do(intake, "draft-letter", draft)
    case = Case(office, reference)
    do(case, "prepare-pack", prepare, revision)
    sign_as_sample(case, revision, inspector_id="helmsley", decision=Decision.APPROVE, comments="")
    return reference


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "differs"),
    [
        pytest.param("letter.typ", "Page ", "Sheet ", "the PDF", id="the PDF's template"),
        pytest.param("letter.html.j2", "<body", "<body class='x'", "the HTML", id="the HTML's"),
        pytest.param("letter.txt.j2", "Copy:", "Copies:", "the plain text", id="the text's"),
        pytest.param(
            "email/director.txt.j2",
            "attached",
            "enclosed",
            "the covering e-mails",
            id="an e-mail's",
        ),
    ],
)
def test_a_template_changed_after_the_approval_stops_the_letter(
    places, approved, monkeypatch, file, old, new, differs
):
    replace_in(places / "templates" / file, old, new)
    use_templates(monkeypatch, places / "templates")
    case = Case(open_office(), approved)

    with pytest.raises(RenderingDiffers) as raised:
        do(case, "render-letter", render_approved, 1)

    assert differs in raised.value.message
    assert case.state(1) is State.SIGNED
    assert case.find("r1/letter.pdf") is None
    assert [e.detail["error"] for e in case.chain.entries() if e.event == "failed"] == [
        "rendering-differs"
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            "LiberationSans-Bold.ttf", "LiberationSans-Regular.ttf", id="a face that is another"
        ),
        pytest.param("LiberationSans-Regular.ttf", None, id="a missing face"),
    ],
)
def test_a_font_changed_after_the_approval_stops_the_letter(
    places, approved, monkeypatch, name, content
):
    fonts = places / "templates" / "fonts"
    other = None if content is None else (fonts / content).read_bytes()
    (fonts / name).unlink()
    if other is not None:
        (fonts / name).write_bytes(other)
    use_templates(monkeypatch, places / "templates")
    case = Case(open_office(), approved)

    with pytest.raises(RenderingDiffers, match="the PDF"):
        do(case, "render-letter", render_approved, 1)

    assert case.state(1) is State.SIGNED
    assert case.find("r1/letter.pdf") is None


def test_a_register_changed_after_the_approval_changes_nothing(places, approved):
    replace_in(places / "register" / "contacts.csv", "director.children@", "someone.else@")
    replace_in(places / "register" / "contacts.csv", "Łukasz Wierzbicki", "Somebody Else")

    assert sent_to(approved) == [
        "director.children@westmere.example",
        "chief.executive@westmere.example",
        "chair@westmere-board.example",
        "lead.member@westmere.example",
        "inspection.letters@department.example",
    ]


def test_a_kind_changed_after_the_approval_changes_nothing(places, approved, monkeypatch):
    import flows.office

    changed = {
        name: kind.model_copy(
            update={"title": "Another title", "sections": (), "copy_roles": ("nobody",)}
        )
        for name, kind in open_office().kinds.items()
    }
    monkeypatch.setattr(flows.office, "load_kinds", lambda folder, **_: changed)

    assert open_office().kinds["unannounced-inspection"].title == "Another title"
    assert len(sent_to(approved)) == 5


def sent_to(reference: str) -> list[str]:
    """Take the letter up again in a new office, to its end; say to which addresses it went."""
    from tasks.mailing.message import parse_message

    office = open_office()
    case = Case(office, reference)
    pack = case.pack(1)
    do(case, "render-letter", render_approved, 1)
    do(case, "archive-letter", archive, 1)
    for recipient in case.recipients(1):
        do(case, "email-recipient", post, 1, recipient.id)
    assert do(case, "close-case", close, 1)
    do(case, "anchor-case", anchor, 1)
    assert case.pack(1) == pack
    sent = [parse_message(path.read_bytes()) for path in office.outbox_folder.glob("*.eml")]
    by_address = {message.to_address for message in sent}
    return [r.email for r in case.recipients(1) if r.email in by_address]


def test_a_pack_names_the_pack_that_it_supersedes(tmp_path):
    office = a_sample_office(tmp_path)
    case, _ = submit(office)

    submit(office, in_other_words())

    assert case.pack(1).supersedes is None
    assert case.pack(2).supersedes == case.pack(1).sha256
