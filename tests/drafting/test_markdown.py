"""The office's own form of a draft: read, refused with its line, written and read again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.emphasis import Run, emphasised
from letters.letter import Addressee, Passage, Signatory
from letters.problem import Doubt, DraftUnreadable
from letters.reading import Answer, Clearance, CopyLine, Reading, ReadSection
from tasks.drafting.limits import refused_character
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.markdown.writer import write_markdown
from tests.letters.readings import KINDS

DRAFT = (
    """\
---
kind: unannounced-inspection
authority: westmere
date: 18 March 2011
addressees:
  - role: director
    name: Ms Jo Ash
    lines:
      - Director of Children's Services
      - Westmere Council
salutation: Dear Ms Ash
valediction: Yours sincerely
signatories:
  - name: Robin Grey
    title: Her Majesty's Inspector
copies:
  - role: chief-executive
    name: Sam Birch
    line: Sam Birch, Chief Executive, Westmere Council
  - line: Someone else
doubts:            # only where a reader had doubts
  - code: copies-run-together
    place: copies
    read: Sam Birch Someone else
    proposed: Sam Birch / Someone else
    blocking: yes
cleared:
  - code: copies-unclear
    place: copies
    why: Sam Birch said so.
    words: '0000000000000000000000000000000000000000000000000000000000000000'
leftovers:
  - enquiries@inspectorate.example
---

# The subject of the letter

Opening paragraph, wrapped
at the margin.

## Strengths

- one item,
  wrapped
- another item

### Below it

A paragraph.
- not an item: no, this is refused elsewhere
""".replace("- not an item: no, this is refused elsewhere\n", "")
    + """
## Areas for development

- an item

---

Closing paragraph.
"""
)


def item(text: str) -> Passage:
    return Passage(style="item", text=text)


def paragraph(text: str) -> Passage:
    return Passage(style="paragraph", text=text)


READING = Reading(
    kind="unannounced-inspection",
    authority="westmere",
    date="18 March 2011",
    addressees=(
        Addressee(
            role="director",
            name="Ms Jo Ash",
            lines=("Director of Children's Services", "Westmere Council"),
        ),
    ),
    salutation="Dear Ms Ash",
    subject="The subject of the letter",
    opening=(paragraph("Opening paragraph, wrapped at the margin."),),
    sections=(
        ReadSection(
            heading="Strengths", passages=(item("one item, wrapped"), item("another item"))
        ),
        ReadSection(heading="Below it", passages=(paragraph("A paragraph."),), level=2),
        ReadSection(heading="Areas for development", passages=(item("an item"),)),
    ),
    closing=(paragraph("Closing paragraph."),),
    valediction="Yours sincerely",
    signatories=(Signatory(name="Robin Grey", title="Her Majesty's Inspector"),),
    copies=(
        CopyLine(
            line="Sam Birch, Chief Executive, Westmere Council",
            role="chief-executive",
            name="Sam Birch",
        ),
        CopyLine(line="Someone else"),
    ),
    doubts=(
        Doubt(
            code="copies-run-together",
            place="copies",
            read="Sam Birch Someone else",
            proposed="Sam Birch / Someone else",
        ),
    ),
    clearances=(
        Clearance(code="copies-unclear", place="copies", why="Sam Birch said so.", words="0" * 64),
    ),
    leftovers=("enquiries@inspectorate.example",),
)


def read(text: str) -> Reading:
    """Read a draft; where its words stood has tests of its own."""
    return read_markdown(text, source="draft.md").model_copy(update={"sources": ()})


def body(text: str) -> Reading:
    return read(f"---\nkind: k\n---\n{text}")


def test_a_draft_is_read_whole() -> None:
    assert read(DRAFT) == READING


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read(f"\ufeff{DRAFT}") == READING


def test_an_empty_front_matter_and_body_are_an_empty_reading() -> None:
    assert read("---\n---") == Reading()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("`d` * e_f_g", id="code, lone stars and inner underscores"),
        pytest.param("[a](http://b.example) ![c](d) <http://e.example>", id="links and images"),
        pytest.param("a < b > c, <3", id="signs that are no tag"),
        pytest.param("fish &amp; chips &#65; &lt;", id="entities"),
        pytest.param("> quoted", id="a quotation"),
        pytest.param("| a | b |", id="a table"),
        pytest.param("```python", id="a fence"),
        pytest.param("{{ name }} {% if x %} #let x = $1$ @ref", id="templates of Jinja and Typst"),
        pytest.param("[a]: http://b.example", id="a link's definition"),
        pytest.param("C:\\new \\d at the end \\", id="backslashes before no sign"),
        pytest.param("#hashtag and -dash and 2010.", id="signs without a space"),
        pytest.param("a\u00a0b – “c” 'd'", id="no-break space and quotation marks"),
        pytest.param("www.gov.uk ~~struck~~ :)", id="addresses and smileys"),
    ],
)
def test_other_markup_comes_out_as_the_text_it_is(text: str) -> None:
    assert body(text).opening == (paragraph(text),)
    assert body(f"## H\n\n- {text}").sections[0].passages == (item(text),)
    assert body(f"# {text}").subject == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("\\# a", "# a", id="a hash"),
        pytest.param("\\- a", "- a", id="a dash"),
        pytest.param("1\\. a", "1. a", id="a number"),
        pytest.param("\\*a\\* \\\\ \\d", "*a* \\ \\d", id="signs within"),
        pytest.param("a  b\t c", "a b c", id="runs of space are one"),
        pytest.param("a\\\nb", "a\\ b", id="a backslash at the line's end is text"),
        pytest.param("a  \nb", "a b", id="two spaces at the line's end are none"),
        pytest.param("    a\n      b", "a b", id="indented text is no code"),
        pytest.param("Title\n===", "Title ===", id="an underline is no heading"),
        pytest.param("a\x0cb", "a b", id="a form feed is space"),
    ],
)
def test_a_backslash_makes_signs_text(written: str, text: str) -> None:
    assert body(written).opening == (paragraph(text),)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        pytest.param(
            "- a\n\n- b\n", Reading(kind="k", opening=(item("a"), item("b"))), id="a loose list"
        ),
        pytest.param(
            "* a\n\npara\n\n+ b\nc",
            Reading(kind="k", opening=(item("a"), paragraph("para"), item("b c"))),
            id="every sign of a list, a paragraph between, a line that goes on",
        ),
        pytest.param(
            "## A\n## B\ntext\n",
            Reading(
                kind="k",
                sections=(
                    ReadSection(heading="A", passages=()),
                    ReadSection(heading="B", passages=(paragraph("text"),)),
                ),
            ),
            id="headings need no blank line below",
        ),
        pytest.param(
            "### A ###",
            Reading(kind="k", sections=(ReadSection(heading="A", passages=(), level=2),)),
            id="a closing row of hashes",
        ),
        pytest.param(
            "a\n\n* * *\n\nb",
            Reading(kind="k", opening=(paragraph("a"),), closing=(paragraph("b"),)),
            id="another thematic break",
        ),
        pytest.param("\u00a0\n\n\x0c\n", Reading(kind="k"), id="nothing but space"),
    ],
)
def test_the_body_is_taken_apart(text: str, reading: Reading) -> None:
    assert body(text) == reading


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        pytest.param("a\n\n1. one", "draft-numbered-list", 6, id="a numbered list"),
        pytest.param("2010. The year", "draft-numbered-list", 4, id="a year like a number"),
        pytest.param("- a\n  - b", "draft-item-nested", 4, id="a list in an item"),
        pytest.param("- a\n\n  b", "draft-item-nested", 4, id="a second paragraph in an item"),
        pytest.param("- # a", "draft-item-nested", 4, id="a heading in an item"),
        pytest.param("- a\n-\n- b", "draft-item-empty", 5, id="an empty item"),
        pytest.param("a\n- b", "draft-blank-line-missing", 5, id="a list right below a paragraph"),
        pytest.param("a\n## b", "draft-blank-line-missing", 5, id="a heading right below"),
        pytest.param("a\n---", "draft-blank-line-missing", 5, id="a break right below"),
        pytest.param(
            "- a\n## b", "draft-blank-line-missing", 5, id="a heading right below an item"
        ),
        pytest.param("- a\n* b", "draft-blank-line-missing", 5, id="another list right below"),
        pytest.param("a\n\n# b", "draft-subject-misplaced", 6, id="a subject below the opening"),
        pytest.param("# a\n\n# b", "draft-subject-misplaced", 6, id="two subjects"),
        pytest.param("## a\n\n# b", "draft-subject-misplaced", 6, id="a subject below a section"),
        pytest.param("#### a", "draft-heading-too-deep", 4, id="a heading too deep"),
        pytest.param("---\n\n## a", "draft-heading-misplaced", 6, id="a heading in the closing"),
        pytest.param("a\n\n---\n\n---", "draft-break-twice", 8, id="two breaks"),
        pytest.param("a\n\n" + "b" * 20_001, "draft-passage-too-long", 6, id="a long passage"),
    ],
)
def test_what_would_be_lost_or_is_unclear_is_refused_with_its_line(
    text: str, code: str, line: int
) -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        body(text)

    assert (refusal.value.code, refusal.value.where) == (code, f"draft.md, line {line}")
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        pytest.param("Dear Ms Ash", "front-matter-missing", 1, id="none at all"),
        pytest.param("\n---\n---", "front-matter-missing", 1, id="not at the beginning"),
        pytest.param("---\nkind: k\n", "front-matter-unclosed", 1, id="no end"),
        pytest.param("---\nkind: [\n---", "front-matter-invalid", 2, id="no YAML"),
        pytest.param(
            "---\na: 1\nsalutation: Dear: you\n---", "front-matter-invalid", 3, id="a bare colon"
        ),
        pytest.param("---\n\tkind: k\n---", "front-matter-invalid", 2, id="a tab"),
        pytest.param("---\nkind: k\n...\nx: y\n---", "front-matter-invalid", 4, id="two documents"),
        pytest.param("---\n- kind\n---", "front-matter-type", 2, id="a list"),
        pytest.param("---\nkind\n---", "front-matter-type", 2, id="words alone"),
        pytest.param("---\nkind: [a]\n---", "front-matter-type", 2, id="a list for words"),
        pytest.param("---\ncopies: Sam\n---", "front-matter-type", 2, id="words for a list"),
        pytest.param("---\ncopies:\n- Sam\n---", "front-matter-type", 3, id="words for keys"),
        pytest.param("---\n[a]: b\n---", "front-matter-type", 2, id="a list as a key"),
        pytest.param(
            "---\ndoubts:\n- code: a\n  blocking: maybe\n---",
            "front-matter-type",
            4,
            id="neither yes nor no",
        ),
        pytest.param("---\nkind: a\n\nkind: b\n---", "front-matter-key-twice", 4, id="a key twice"),
        pytest.param("---\nsignatorys: a\n---", "front-matter-key-unknown", 2, id="a misspelt key"),
        pytest.param(
            "---\naddressees:\n- role: a\n  nam: b\n---",
            "front-matter-key-unknown",
            4,
            id="a misspelt key below",
        ),
        pytest.param("---\ncopies:\n- role: a\n---", "front-matter-key-missing", 3, id="no line"),
        pytest.param(
            "---\nsignatories:\n- name: a\n  title: ''\n---",
            "front-matter-key-missing",
            3,
            id="an empty title",
        ),
        pytest.param(
            "---\naddressees:\n- name: a\n  role: Big Boss\n---",
            "front-matter-value",
            3,
            id="a role that is none",
        ),
        *(
            pytest.param(f'---\ndate: x\nkind: "a{escape}b"\n---', code, 3, id=f"{what} by escape")
            for escape, code, what in (
                (r"\u202e", "draft-direction-character", "a turn of direction"),
                (r"\u200b", "draft-invisible-character", "a space without width"),
                (r"\0", "draft-control-character", "a NUL"),
                (r"\ud800", "draft-damaged-character", "half a character"),
            )
        ),
        pytest.param(
            '---\ndate: x\nkind: "a\\U00110000b"\n---',
            "front-matter-invalid",
            2,
            id="an escape that names no character",
        ),
        pytest.param(
            f"---\n{'k' * 90}: x\n---", "front-matter-key-unknown", 2, id="a key without end"
        ),
        pytest.param("---\nkind: &a b\n---", "front-matter-anchor", 2, id="an anchor"),
        pytest.param("---\nkind: *a\n---", "front-matter-anchor", 2, id="an alias"),
        pytest.param("---\nkind: !!str b\n---", "front-matter-tag", 2, id="a tag"),
        pytest.param("---\nkind: !b\n---", "front-matter-tag", 2, id="a tag of one's own"),
        pytest.param(
            "---\nkind: " + "[" * 50 + "\n---", "front-matter-depth", 2, id="deep nesting"
        ),
        pytest.param(
            "---\nvalediction: Yours # sincerely\n---",
            "front-matter-comment",
            2,
            id="words lost to a comment",
        ),
        pytest.param(
            "---\nsalutation: #Dear\n---", "front-matter-comment", 2, id="a value lost to a comment"
        ),
        pytest.param(
            "---\nkind: " + "a" * 200_000 + "\n---", "front-matter-too-long", 2, id="too long"
        ),
        pytest.param(
            "---\naddressees:\n- email: a\n---", "draft-carries-address", 3, id="a key email"
        ),
        pytest.param("---\nTo: a\n---", "draft-carries-address", 2, id="a key to"),
        pytest.param(
            "---\nsignatories:\n- key: a\n---", "draft-carries-address", 3, id="a key key"
        ),
        pytest.param(
            "---\ncopies:\n- line: Sam <s@b.example>\n---",
            "draft-carries-address",
            3,
            id="an address in a line",
        ),
        pytest.param(
            "---\naddressees:\n- role: a\n  name: b\n  lines:\n  - c\n  - s@b.example\n---",
            "draft-carries-address",
            7,
            id="an address among lines",
        ),
    ],
)
def test_front_matter_is_refused_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        read(text)

    assert (refusal.value.code, refusal.value.where) == (code, f"draft.md, line {line}")


def test_a_tab_is_told_as_one() -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        read("---\n\tkind: k\n---")

    assert refusal.value.remedy == "Indent with spaces: a tab stands there."


def test_a_misspelt_key_gets_a_suggestion() -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        read("---\nsignatorys: a\n---")

    assert str(refusal.value) == (
        "There is no key “signatorys” here. (draft.md, line 2) Did you mean “signatories”?"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("yes", "yes", id="yes"),
        pytest.param("2011-03-18", "2011-03-18", id="an ISO date"),
        pytest.param("1e3", "1e3", id="a number"),
        pytest.param("~", "~", id="what YAML takes for nothing"),
        pytest.param('"a # b: c"', "a # b: c", id="quoted signs"),
        pytest.param("|\n  a\n  b", "a b", id="a block of lines"),
        pytest.param("a\n  b", "a b", id="a value on two lines"),
        pytest.param("a#b", "a#b", id="a hash within a word"),
        pytest.param("'a' # note", "a", id="a note after a quoted value"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_values_are_strings_on_one_line(value: str, words: str) -> None:
    assert read(f"---\nkind: {value}\n# a note\n---\n") == Reading(kind=words)


def test_a_reading_is_written_for_people() -> None:
    written = write_markdown(READING)

    assert written == (
        re.sub(r" +# only where a reader had doubts", "", DRAFT)
        .replace("wrapped\nat", "wrapped at")
        .replace("item,\n  wrapped", "item, wrapped")
    )
    assert write_markdown(Reading()) == "---\n---\n"


def single_spaced(text: str) -> str:
    return " ".join(text.split())


signs = st.sampled_from(
    [
        *("-", "--", "---", "- a", "+", "* *", "***", "___", "_ _ _", "#", "##", "# a", "a #"),
        *("a ##", "1.", "1. a", "12) b", "2010.", ">", "> a", "|", "| a |", "\\", "\\\\", "\\#"),
        *("a\\", "\\- a", "*a*", "`a`", "<b>", "[a](b)", "&amp;", "&", "!a", "%", "?", "?a", ":"),
        *("a: b", "a:", "'a", '"a"', "yes", "no", "null", "~", "2010-08-18", "18 August 2010"),
        *("0x1F", "1_0", "a # b", "=", "===", "{a}", "{{ a }}", "}", "[", "]", ",", "...", "é"),
        *("😀", "a\u00a0b", "```", "~~~"),
    ]
)
characters = st.characters(
    exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="@"
)


def is_let_in(text: str) -> bool:
    """Whether a draft may hold a text at all."""
    return refused_character(text) is None


words = (
    st.lists(signs | st.text(characters, max_size=12), min_size=1, max_size=4)
    .map(" ".join)
    .map(single_spaced)
    .filter(bool)
    .filter(is_let_in)
)
lines = words.filter(lambda text: len(text) <= 400)
maybe = st.just("") | words


def a_passage(style: str, runs: list[Run]) -> Passage:
    text, emphasis = emphasised(runs)
    return Passage.model_validate({"style": style, "text": text, "emphasis": emphasis})


runs = st.lists(
    st.builds(Run, words, st.sampled_from(["", "bold", "italic", "bold-italic"])),
    min_size=1,
    max_size=3,
)
passages = st.lists(
    st.builds(a_passage, st.sampled_from(["paragraph", "item"]), runs), max_size=4
).map(tuple)
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
verbatim = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), include_characters="\n\t"),
    max_size=30,
).filter(is_let_in)


def a_tuple(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


readings = st.builds(
    Reading,
    kind=maybe,
    authority=maybe,
    date=maybe,
    addressees=a_tuple(st.builds(Addressee, role=slugs, name=lines, lines=a_tuple(lines))),
    salutation=maybe,
    subject=maybe,
    opening=passages,
    sections=a_tuple(
        st.builds(ReadSection, heading=maybe, passages=passages, level=st.sampled_from([1, 2]))
    ),
    closing=passages,
    valediction=maybe,
    signatories=a_tuple(st.builds(Signatory, name=lines, title=lines)),
    copies=a_tuple(st.builds(CopyLine, line=words, role=maybe, name=maybe)),
    doubts=a_tuple(
        st.builds(
            Doubt,
            code=lines,
            place=maybe,
            read=verbatim,
            proposed=verbatim,
            is_blocking=st.booleans(),
        )
    ),
    clearances=a_tuple(
        st.builds(
            Clearance,
            code=lines,
            place=maybe,
            why=lines,
            words=st.just("0" * 64),
            by=maybe,
            at=maybe,
        )
    ),
    answers=a_tuple(
        st.builds(
            Answer,
            area=lines,
            asked=st.just("2" * 64),
            place=lines,
            words=st.just("1" * 64),
        )
    ),
    leftovers=a_tuple(verbatim),
)


@settings(max_examples=200, deadline=None)
@given(readings)
def test_what_is_written_is_read_again(reading: Reading) -> None:
    assert read(write_markdown(reading)) == reading


def where_refused(draft: str) -> str:
    """Tell where a draft is refused; its first line where it is read."""
    try:
        read(draft)
    except DraftUnreadable as refusal:
        return refusal.where
    return "draft.md, line 1"


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("-#*1.) \n\\ab:&!'\"|>[]{}@"), max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for draft in (text, f"---\n{text}\n---\n", f"---\nkind: k\n---\n{text}"):
        assert where_refused(draft).startswith("draft.md, line ")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["# ", "- ", "a b", "\n", "\n\n", "c", "---", "## ", "1. ", "  "])))
def test_no_word_of_a_body_is_lost_or_moved(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        reading = body(text)
    except DraftUnreadable:
        return
    read_texts = [reading.subject, *(passage.text for passage in reading.opening)]
    for section in reading.sections:
        read_texts += [section.heading, *(passage.text for passage in section.passages)]
    read_texts += [passage.text for passage in reading.closing]

    assert re.findall("[abc]+", " ".join(read_texts)) == re.findall("[abc]+", text)


@pytest.mark.parametrize(
    ("written", "text", "emphasis"),
    [
        pytest.param("a *b c* d", "a b c d", [(2, 5, "italic")], id="italics"),
        pytest.param("**a** b", "a b", [(0, 1, "bold")], id="bold"),
        pytest.param("***a***", "a", [(0, 1, "bold-italic")], id="both"),
        pytest.param("a **b**, c", "a b, c", [(2, 4, "bold")], id="whole words, with their comma"),
        pytest.param("**a** **b**", "a b", [(0, 3, "bold")], id="neighbours are one"),
        pytest.param("\\*a\\*", "*a*", [], id="escaped stars are stars"),
    ],
)
def test_emphasis_is_of_whole_words(written, text, emphasis):
    (passage,) = body(f"# S\n\n{written}\n").opening

    assert passage.text == text
    assert [(e.start, e.end, e.style) for e in passage.emphasis] == emphasis


@pytest.mark.parametrize("html", ["<b>bold</b>", "a <br> b", "<!-- note -->", "<div>\na\n</div>"])
def test_html_is_refused_with_its_line(html):
    with pytest.raises(DraftUnreadable) as refused:
        body(f"# S\n\nwords\n\n{html}\n")

    assert (refused.value.code, refused.value.where) == ("draft-html", "draft.md, line 8")


def test_each_word_is_found_where_it_stood():
    reading = read_markdown(DRAFT, source="draft.md", kinds=tuple(KINDS.values()))
    stood: dict[str, list[str]] = {}
    for source in reading.sources:
        assert DRAFT.split("\n")[source.line - 1] == source.text
        stood.setdefault(source.place, []).append(source.text)

    assert stood["date"] == ["date: 18 March 2011"]
    assert stood["copies/2"] == ["  - line: Someone else"]
    assert stood["subject"] == ["# The subject of the letter"]
    assert stood["opening/1"] == ["Opening paragraph, wrapped", "at the margin."]
    assert stood["strengths"] == ["## Strengths"]
    assert stood["strengths/2"] == ["- another item"]
    assert stood["areas-for-development/1"] == ["- an item"]
    assert stood["closing/1"] == ["Closing paragraph."]
