"""Templates are filled in safely, and say where they fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tasks.templating import (
    TEMPLATES,
    TemplateFailed,
    render_html_template,
    render_string,
    render_text_template,
    wrapped,
)
from tests.builders import a_letter


def test_a_string_is_filled_in_as_text() -> None:
    assert render_string("Dear {{ name }}", name="<b>{{ 7*7 }}") == "Dear <b>{{ 7*7 }}"


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        pytest.param("a\n{{ nobody }}", "'nobody' is undefined", 2, id="a misspelt name"),
        pytest.param("a\nb {{ name.age }}", "has no attribute 'age'", 2, id="a missing part"),
        pytest.param("a\nb\n{% if %}", "Expected an expression", 3, id="a broken template"),
        pytest.param("{{ 1 / 0 }}", "division by zero", 1, id="a calculation that fails"),
        pytest.param("{{ ''.__class__ }}", "is unsafe", 1, id="a way out of the sandbox"),
        pytest.param("{{ names.append(1) }}", "is unsafe", 1, id="changing what it was given"),
        pytest.param(
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            "is unsafe",
            1,
            id="running a program",
        ),
    ],
)
def test_a_string_that_fails_says_what_and_where(source: str, said: str, line: int) -> None:
    with pytest.raises(TemplateFailed) as failure:
        render_string(source, name="Ada", names=[])

    assert failure.value.code == "template-failed"
    assert said in failure.value.message
    assert failure.value.where == f"<string>, line {line}"


def test_a_file_that_fails_is_named_with_its_line() -> None:
    source = (TEMPLATES / "letter.txt.j2").read_text().splitlines()
    line = 1 + next(number for number, text in enumerate(source) if "date" in text)

    with pytest.raises(TemplateFailed) as failure:
        render_text_template("letter.txt.j2", letter=a_letter(), mark="", parts=())

    assert failure.value.where == f"letter.txt.j2, line {line}"


def test_an_included_file_that_fails_is_named_itself() -> None:
    with pytest.raises(TemplateFailed) as failure:
        render_text_template(
            "email/director.txt.j2",
            letter=a_letter(),
            mark="",
            addressees=(),
            copy=None,
            replaces=None,
        )

    assert failure.value.where == "email/details.txt.j2, line 4"


def test_a_missing_file_is_named() -> None:
    with pytest.raises(TemplateFailed, match=r"There is no template 'nothing\.j2'"):
        render_text_template("nothing.j2")


def test_whether_values_are_escaped_follows_from_the_function_alone() -> None:
    values = {"letter": a_letter(subject="<b>"), "date": ""}

    assert "&lt;b&gt;" in render_html_template("email/details.html.j2", **values)
    assert "<b>" in render_text_template("email/details.html.j2", **values)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("word " * 20, ["word " * 14 + "word", "word " * 4 + "word"], id="at spaces"),
        pytest.param("w" * 90, ["w" * 90], id="never within a word"),
        pytest.param("a" * 70 + "-" + "b" * 9, ["a" * 70 + "-" + "b" * 9], id="nor at a hyphen"),
        pytest.param(
            "a" * 70 + " is - so", ["a" * 70, "is - so"], id="no line begins with a lone hyphen"
        ),
        pytest.param(
            "a" * 70 + " is – so", ["a" * 70, "is – so"], id="no line begins with a lone dash"
        ),
        pytest.param(
            "a" * 68 + " is b - so",
            ["a" * 68 + " is", "b - so"],
            id="a lone hyphen takes the word before it along",
        ),
        pytest.param(
            "a" * 71 + "\u00a0b c", ["a" * 71 + "\u00a0b", "c"], id="not at a no-break space"
        ),
    ],
)
def test_text_is_wrapped(text: str, lines: list[str]) -> None:
    assert wrapped(text).split("\n") == lines


def test_importing_the_module_does_not_load_jinja2() -> None:
    program = "import sys, tasks.templating; sys.exit('jinja2' in sys.modules)"

    subprocess.run([sys.executable, "-c", program], check=True, cwd=TEMPLATES.parent)
