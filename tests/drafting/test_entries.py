"""An entry is added to a draft's front matter, and nothing else of the file changes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from letters.problem import DraftUnreadable
from tasks.drafting.markdown.entries import DraftNotChanged, add_entry, with_entry
from tasks.drafting.markdown.reader import read_markdown

ENTRY = {"code": "a-b", "place": "strengths/1", "why": 'He said: "so" # it is', "words": "0" * 64}
WRITTEN = [
    'code: "a-b"',
    'place: "strengths/1"',
    'why: "He said: \\"so\\" # it is"',
    f'words: "{"0" * 64}"',
]
BODY = "\n# Subject\n\nWords.\n"


@pytest.mark.parametrize(
    ("matter", "margin", "after"),
    [
        pytest.param("kind: k\n", 2, "kind: k\ncleared:\n", id="no such key yet"),
        pytest.param("", 2, "cleared:\n", id="an empty front matter"),
        pytest.param("cleared:\nkind: k\n", 2, "cleared:\n", id="a key without entries"),
        pytest.param(
            f"cleared:\n- code: x\n  why: y\n  words: {'1' * 64}\nkind: k\n",
            0,
            f"  words: {'1' * 64}\n",
            id="entries at the margin",
        ),
        pytest.param(
            f"cleared:\n    - code: x\n      why: y\n      words: {'1' * 64}\n\nkind: k\n",
            4,
            f"      words: {'1' * 64}\n",
            id="entries further in, and a blank line",
        ),
    ],
)
def test_it_stands_at_the_end_of_its_list(matter, margin, after):
    text = f"---\n{matter}---\n{BODY}"

    changed = with_entry(text, "cleared", ENTRY, source="a.md")

    signs = ("- ", *["  "] * (len(WRITTEN) - 1))
    block = "".join(
        f"{' ' * margin}{sign}{line}\n" for sign, line in zip(signs, WRITTEN, strict=True)
    )
    assert f"{after}{block}" in changed
    assert changed.replace(block, "").replace("cleared:\n", "", 1) == text.replace(
        "cleared:\n", "", 1
    )
    assert read_markdown(changed, source="a.md").clearances[-1].why == ENTRY["why"]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40))
def test_any_reason_is_read_again(why):
    why = " ".join(why.split())
    assume(why and why.isprintable())
    text = with_entry(f"---\n---\n{BODY}", "cleared", {**ENTRY, "why": why}, source="a.md")
    assert read_markdown(text, source="a.md").clearances[0].why == why


def test_a_list_in_one_line_is_left_alone():
    with pytest.raises(DraftNotChanged) as refused:
        with_entry("---\ncleared: []\n---\n", "cleared", ENTRY, source="a.md")
    assert refused.value.where == "a.md, line 2"


def test_a_text_without_front_matter_is_refused():
    with pytest.raises(DraftUnreadable):
        with_entry("# Subject\n", "cleared", ENTRY, source="a.md")


def test_the_file_keeps_its_line_ends_and_mode(tmp_path):
    draft = tmp_path / "a.md"
    draft.write_bytes(f"---\nkind: k\n---\n{BODY}".replace("\n", "\r\n").encode())
    draft.chmod(0o640)

    add_entry(draft, "cleared", ENTRY, limit_bytes=10_000)

    data = draft.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert draft.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [draft]


def test_other_drafts_have_no_room_for_it(tmp_path):
    draft = tmp_path / "a.docx"
    draft.write_bytes(b"PK")

    with pytest.raises(DraftNotChanged) as refused:
        add_entry(draft, "cleared", ENTRY, limit_bytes=10_000)

    assert refused.value.code == "draft-not-markdown"
    assert refused.value.remedy == f"Make one: letters draft {draft} -o {tmp_path / 'a.md'}"
