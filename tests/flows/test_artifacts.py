"""What a run shows on Prefect's pages: to be read, never more than words, and never in the way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from letters.letter import words
from letters.signoff import Decision
from tasks.case.record import StepRun
from tasks.case.store import StoreUnavailable
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    issue,
    sign_off_on,
    submit,
)

pytestmark = pytest.mark.slow

LINK = f"http://localhost:8377/sign/{REFERENCE}/r1/helmsley/1301302800-0f_1e-2d"
SIGNERS = (("Harriet Elmsley", LINK),)

READER = MarkdownIt("gfm-like", {"breaks": True})


@pytest.fixture
def artifacts(engine):
    """The module, imported when there is a Prefect for it."""
    import flows.artifacts

    return flows.artifacts


@pytest.fixture
def made(artifacts, monkeypatch):
    """Keep the artifacts that are made, instead of sending them to Prefect."""
    kept = {}

    def keep(*, key, markdown, description):
        kept[key.removeprefix(f"{REFERENCE.lower()}-")] = markdown

    monkeypatch.setattr(artifacts, "create_markdown_artifact", keep)
    return kept


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """An issued letter's case, for reading."""
    case, _ = issue(a_sample_office(tmp_path_factory.mktemp("issued")))
    return case


def elements(markdown):
    """The inline and block elements of a page, and all that its links and images lead to."""
    tokens = [
        token for block in READER.parse(markdown) for token in (block, *(block.children or ()))
    ]
    targets = [str(value) for token in tokens for value in (token.attrs or {}).values()]
    return {token.type for token in tokens}, [one for one in targets if "align" not in one]


def said(markdown):
    """The words of a page without its markup."""
    blocks = (block.children or () for block in READER.parse(markdown))
    texts = (
        "".join(" " if token.type.endswith("break") else token.content for token in children)
        for children in blocks
    )
    return " ".join(words(list(texts)))


def in_a_flow(show):
    """Run a flow that does this; return what Prefect keeps of its artifacts, by their keys."""
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

    state = flow(name="show", persist_result=False)(show)(return_state=True)
    assert state.is_completed()
    run_id = state.state_details.flow_run_id
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        )
    return {artifact.key: artifact for artifact in found}


def test_a_run_shows_four_pages_of_its_letter(artifacts, issued):
    def show():
        artifacts.show_proof(issued, 1, SIGNERS)
        artifacts.show_sign_off(issued, 1)
        artifacts.show_manifest(issued, 1)
        artifacts.show_deliveries(issued, 1)

    pages = in_a_flow(show)

    key = REFERENCE.lower()
    assert {name: page.description for name, page in pages.items()} == {
        f"{key}-proof": "Who may sign, and the letter as proofed",
        f"{key}-sign-off": "Who decided what, and with which key",
        f"{key}-manifest": "What was archived, with its hashes",
        f"{key}-deliveries": "What became of each e-mail",
    }
    assert {page.type for page in pages.values()} == {"markdown"}
    assert f"[Open the signing page](<{LINK}>)" in pages[f"{key}-proof"].data


def test_the_proof_s_page_says_what_the_run_waits_for_and_all_words_of_the_letter(
    artifacts, made, issued
):
    artifacts.show_proof(issued, 1, SIGNERS)

    page, letter = made["proof"], issued.letter(1)
    head, _, proof = said(page).partition(" The letter, as proofed ")
    assert words([proof]) == words(list(letter.words_in_order()))
    for told in (
        "SAMPLE — not an official letter",
        "This run waits for a decision",
        "Harriet Elmsley",
        f"{REFERENCE}, revision 1",
        letter.content_code,
        issued.pack(1).sha256,
        "Ms Siân Prydderch director d…@westmere.example",
        "None: the draft was read without a doubt.",
    ):
        assert told in head
    assert elements(page)[1] == [LINK]


def test_without_anyone_who_may_sign_the_page_says_so(artifacts, made, issued):
    artifacts.show_proof(issued, 1, ())

    assert "Nobody in the register may sign this letter today." in said(made["proof"])
    assert elements(made["proof"])[1] == []


def test_the_doubts_that_were_cleared_are_shown(artifacts, made, issued, monkeypatch):
    from letters.problem import Doubt

    doubt = Doubt(code="copy-run-together", place="copies/2", read="A | B", proposed="A; B")
    monkeypatch.setattr(type(issued), "doubts_cleared", lambda self, revision: (doubt,))

    artifacts.show_proof(issued, 1, SIGNERS)

    assert "copy-run-together copies/2 A | B A; B" in said(made["proof"])


def test_the_sign_off_s_page_says_who_decided_with_which_key(artifacts, made, issued):
    artifacts.show_sign_off(issued, 1)

    sign_off, code = sign_off_on(issued), issued.letter(1).content_code
    assert said(made["sign-off"]).partition(" Approved ")[2] == (
        "By: Harriet Elmsley (helmsley), as signatory At: 2011-03-14 09:00 UTC"
        f" Letter: {REFERENCE}, revision 1, content code {code} Pack: {sign_off.statement.pack}"
        f" Key: {artifacts.short_id(sign_off.credential_id)}, a sample inspector's software key,"
        " enrolled 2011-03-14 09:00 UTC"
    )


def test_the_comments_of_a_return_are_shown_in_their_lines(artifacts, made, tmp_path):
    case, _ = issue(a_sample_office(tmp_path), decision=Decision.RETURN)

    artifacts.show_sign_off(case, 1)

    assert " Returned " in said(made["sign-off"])
    assert said(made["sign-off"]).endswith(" Comments Say which files were read.")
    assert "blockquote_open" in elements(made["sign-off"])[0]


def test_a_confirmation_is_shown_below_what_it_confirms(artifacts, made, tmp_path):
    case, _ = issue(a_sample_office(tmp_path))
    StepRun(case, "sign-off").once_announced("r1/confirmation-1.json", case.get("r1/signoff.json"))

    artifacts.show_sign_off(case, 1)

    assert re.findall("^## .+", made["sign-off"], re.MULTILINE) == [
        "## Approved",
        "## Confirmed with another key",
    ]


def test_a_sign_off_that_was_laid_in_by_hand_is_not_shown(artifacts, made, issued, tmp_path):
    case, _ = submit(a_sample_office(tmp_path))
    case.store.put(case.key("r1/signoff.json"), issued.get("r1/signoff.json"))

    artifacts.show_sign_off(case, 1)

    assert said(made["sign-off"]) == "SAMPLE — not an official letter"


def test_the_record_s_page_names_each_object_with_its_hash(artifacts, made, issued):
    artifacts.show_manifest(issued, 1)

    manifest = json.loads(issued.get("r1/manifest.json"))
    rows = re.findall(
        r"^\| `(.+)` \| (\d+) \| `([0-9a-f]{64})` \|$", made["manifest"], re.MULTILINE
    )
    assert rows == [(o["name"], str(o["bytes"]), o["sha256"]) for o in manifest["objects"]]


def test_the_e_mails_page_masks_the_addresses(artifacts, made, issued):
    artifacts.show_deliveries(issued, 1)

    assert re.findall(r"^\| [^-n].*$", made["deliveries"].replace("\\", ""), re.MULTILINE) == [
        "| Ms Siân Prydderch | director | d…@westmere.example | accepted | 1 |",
        "| Łukasz Wierzbicki | chief-executive | c…@westmere.example | accepted | 1 |",
    ]


def test_no_page_has_an_address_of_a_recipient(artifacts, made, issued):
    artifacts.show_proof(issued, 1, SIGNERS)
    for show in (artifacts.show_sign_off, artifacts.show_manifest, artifacts.show_deliveries):
        show(issued, 1)

    pages = " ".join(made.values()).replace("\\", "")
    assert len(made) == 4
    assert [r.email for r in issued.recipients(1) if r.email in pages] == []


HOSTILE_DRAFT = (
    "<img src=//evil.example/p.png> www.evil.example https://evil.example/ |"
    " letters@inspectorate.example | `code` **bold** &lt;b&gt; # one --- two"
)
HOSTILE_COMMENT = (
    f"{HOSTILE_DRAFT} ![pixel](https://evil.example/p.png) [click](https://evil.example)"
    " <https://evil.example> {{ 7 * 7 }} [x]: https://evil.example"
)


def test_no_words_of_a_draft_or_a_comment_become_links_images_or_markup(artifacts, made, tmp_path):
    as_text = re.sub(r"([<*`&])", r"\\\1", HOSTILE_DRAFT)  # else a draft reads it as markup itself
    written = f"Please pass on our {as_text} thanks".encode()
    draft = SHORT_DRAFT.replace(b"Please pass on our thanks", written)
    case, revision = submit(a_sample_office(tmp_path), draft)
    comments = f"{HOSTILE_COMMENT}\n\n# {HOSTILE_COMMENT}\n---\n1. {HOSTILE_COMMENT}\n"
    sign_as_sample(
        case, revision, inspector_id=SIGNATORY, decision=Decision.RETURN, comments=comments
    )

    artifacts.show_proof(case, revision, SIGNERS)
    artifacts.show_sign_off(case, revision)

    assert HOSTILE_DRAFT in said(made["proof"])
    assert said(made["sign-off"]).count(HOSTILE_COMMENT) == 3
    assert [elements(made[page])[1] for page in ("proof", "sign-off")] == [[LINK], []]
    kinds = {kind for page in made.values() for kind in elements(page)[0]}
    assert {kind for kind in kinds if re.search("image|html|hr|ordered|fence", kind)} == set()


@pytest.mark.parametrize(
    "show", ["show_proof", "show_sign_off", "show_manifest", "show_deliveries"]
)
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RuntimeError("Prefect says 503"), id="Prefect takes none"),
        pytest.param(StoreUnavailable("The disk is asleep."), id="the store fails"),
    ],
)
def test_a_page_that_can_t_be_made_is_logged_and_stops_nothing(
    artifacts, issued, monkeypatch, caplog, show, error
):
    def failing(*_args, **_options):
        raise error

    place = type(issued) if isinstance(error, StoreUnavailable) else artifacts
    name = "letter" if isinstance(error, StoreUnavailable) else "create_markdown_artifact"
    monkeypatch.setattr(place, name, failing)

    getattr(artifacts, show)(issued, 1, *((SIGNERS,) if show == "show_proof" else ()))

    (line,) = (record for record in caplog.records if record.name == "flows")
    assert line.levelname == "WARNING"
    assert f"{REFERENCE} r1: its" in line.getMessage()
    assert str(error) in line.getMessage()


def test_a_link_that_is_no_page_of_ours_is_not_shown(artifacts, made, issued, caplog):
    artifacts.show_proof(issued, 1, (("Harriet Elmsley", "javascript:alert(1)"),))

    assert made == {}
    assert "a link is made of a plain http or https address only" in caplog.text


def test_a_template_for_each_page():
    templates = Path(__file__).parents[2] / "templates" / "artifacts"

    assert sorted(path.name for path in templates.iterdir()) == [
        "annual_review.md.j2",
        "archive_check.md.j2",
        "deliveries.md.j2",
        "deliveries_to_settle.md.j2",
        "dossier.md.j2",
        "draft_problems.md.j2",
        "drafts_not_collected.md.j2",
        "history.md.j2",
        "manifest.md.j2",
        "office_page.md.j2",
        "proof.md.j2",
        "sign_off.md.j2",
    ]
