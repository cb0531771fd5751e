"""Text in Markdown: a reader sees what was typed, and no markup that a value brought along.

Read by GitHub's dialect with links made of everything that looks like one, which is
more than any page makes of it that shows our Markdown.
"""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tasks.markdown_text import Markdown, code, escaped, link
from tasks.templating import TEMPLATES, TemplateFailed, render_markdown_template

PLACES = {
    "a paragraph": "{}\n",
    "a paragraph's middle": "before {} after\n",
    "a heading": "## {}\n",
    "a list": "- {}\n- {}\n",
    "a quotation": "> {}\n",
    "a table": "| a | b |\n| --- | --- |\n| {} | {} |\n| {} | c |\n",
    "strong words": "**{}**, she said\n",
    "the line below a paragraph": "words\n{}\n",
}

FRAGMENTS = (
    *("www.", "example.com", "http://", "HTTPS://a.example/b?c=d&e", "//b.example", "mailto:a@b.c"),
    *("a@b.example", "ftp://c.example", "<http://d.example>", "![x](https://e.example/i.png)"),
    *("[text](javascript:alert(1))", "[a]: https://f.example", "[a][b]", "[^1]", "[x] ", "[ ] "),
    *("<b>", "</td>", "<!-- -->", "<script>", "<img src=x onerror=alert(1)>", "&lt;", "&#42;"),
    *(
        "\n",
        "\r\n",
        "\n\n",
        "\t",
        "    ",
        "  \n",
        "\\",
        "\\\n",
        "\u2028",
        "\x0b",
        "\x00",
        "\x1b[1m",
    ),
    *(
        "*",
        "**",
        "_",
        "__",
        "~~",
        "`",
        "```",
        "~~~",
        "$",
        "==",
        "^",
        ":",
        ":smile:",
        "@",
        "#1",
        "|",
    ),
    *("# ", "> ", "- ", "+ ", "1. ", "1) ", "---", "===", "***", "| --- |", ":-:", '"', "'", "..."),
    *("{{ 1 }}", "{% x %}", "word", " ", "é", "\u202e", "\ufeff", "\u00a0", "(c)", "1/2", "--"),
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)).filter(
    lambda text: text.replace("\ufeff", " ").split()
)

READER = MarkdownIt("gfm-like", {"linkify": True, "html": True, "breaks": True}).enable(
    ["linkify", "autolink"]
)


def read(markdown):
    """What stands on the page: the kinds of its elements, and its texts."""
    elements, said = [], []
    for token in chain.from_iterable(
        (block, *(block.children or ())) for block in READER.parse(markdown)
    ):
        if token.type == "text":
            said.append(token.content)
        else:
            elements.append((token.type, token.attrGet("href")))
    return elements, "\n".join(said)


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=30)  # in each of the places
@given(text=texts)
@example(text="www.example.com")
@example(text="https://example.com/a_b_c")
@example(text="someone@example.com")
@example(text="\\|")
@example(text="ends with a backslash \\")
@example(text="1986. A great year")
def test_any_text_is_read_as_that_text_and_as_nothing_else(place, text):
    words = text.replace("\ufeff", " ").split()
    line = re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", " ".join(words))
    markdown = PLACES[place]

    elements, said = read(markdown.replace("{}", escaped(text)))

    harmless, around = read(markdown.replace("{}", "QQQ"))
    assert elements == harmless
    assert said == around.replace("QQQ", line)


@given(texts)
def test_a_value_never_has_a_line_end_or_half_a_character(text):
    written = escaped(text + "\ud800")

    assert written.splitlines() == [written]
    written.encode("utf-8")


def test_what_is_no_text_is_written_as_python_prints_it():
    assert (escaped(7), escaped(None), escaped(Markdown("**7**"))) == ("7", "None", "**7**")


def test_a_link_is_made_of_its_text_and_of_its_address():
    url = "http://localhost:8377/sign/CRA-WESTMERE-2011-03-08/r1/helmsley/1300000000-00ff"

    elements, said = read(link("Sign [here]", url))

    assert [element for element in elements if element[0] == "link_open"] == [("link_open", url)]
    assert said == "Sign [here]"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com/",
        "/sign",
        "file:///etc/passwd",
        "https://",
        "https://user:password@example.com/",
        "https://example.com/a b",
        "https://example.com/a\nb",
        "https://example.com/>x",
        "https://example.com/a)b",
        "https://example.com/?q=1",
        "https://example.com/a\n",
    ],
)
def test_no_link_is_made_of_anything_but_a_plain_address(url):
    with pytest.raises(ValueError, match="plain http or https address"):
        link("text", url)


def test_code_is_read_as_it_is():
    tokens = READER.parse(code("r1/emails/chief-executive.json"))

    assert [(t.type, t.content) for t in tokens[1].children or ()] == [
        ("code_inline", "r1/emails/chief-executive.json")
    ]


@pytest.mark.parametrize("text", ["", "a`b", "a|b", "a b", "a\nb", "a\\", "<b>"])
def test_no_code_is_made_of_what_could_break_out_of_it(text):
    with pytest.raises(ValueError, match="code is made of"):
        code(text)


@pytest.fixture
def template(tmp_path, monkeypatch):
    """Write a template, and return what comes of it with values."""
    from tasks import templating

    monkeypatch.setattr(templating, "TEMPLATES", tmp_path)
    monkeypatch.setattr(templating, "_environment", templating._environment.__wrapped__)

    def filled_in(source, **values):
        (tmp_path / "it.md.j2").write_text(source)
        return render_markdown_template("it.md.j2", **values)

    return filled_in


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("{{ value }}", id="printed"),
        pytest.param("{{ value | safe }}", id="said to be safe"),
        pytest.param("{{ value ~ '' }}", id="joined"),
        pytest.param("{{ [value] | join }}", id="joined by a filter"),
        pytest.param("{% for one in [value] %}{{ one }}{% endfor %}", id="in a loop"),
        pytest.param("{% set it = value %}{{ it }}", id="under another name"),
        pytest.param("{% autoescape false %}{{ value }}{% endautoescape %}", id="unescaped"),
        pytest.param("{{ (link('x', 'http://x.example') ~ value)[23:] }}", id="next to a link"),
    ],
)
def test_every_value_of_a_template_is_escaped_however_it_is_printed(template, source):
    assert template(source, value="<b>*x*</b>") == r"\<b\>\*x\*\<\/b\>"


def test_a_template_s_own_markup_links_and_code_stand(template):
    source = "## {{ name }}\n\n{{ link('Open it', url) }} {{ code(name) }} {{ '*' }}\n"

    assert template(source, name="r-1", url="http://x.example/y") == (
        "## r\\-1\n\n[Open it](<http://x.example/y>) `r-1` \\*\n"
    )


def test_a_link_to_elsewhere_fails_the_template(template):
    with pytest.raises(TemplateFailed, match="plain http or https address"):
        template("{{ link('x', url) }}", url="javascript:alert(1)")


def test_no_template_puts_a_value_where_escapes_do_not_count():
    """Between backticks a backslash is a backslash; in an address it is a slash."""
    templates = sorted((TEMPLATES / "artifacts").glob("*.md.j2"))

    assert templates
    for template in templates:
        source = template.read_text("utf-8")
        assert re.findall(r"`|\]\(|<|\]:|!\[", source) == [], template.name
