"""The one place where Jinja2 templates are read and filled in.

Every environment is sandboxed, and a name that a template does not know is an
error. HTML, Markdown and plain text have an environment each: how values are
escaped follows from the function that is called, never from a file's name. What the
templates say is in `templates/`; how a letter becomes PDF is in `rendering/pdf.py`.
"""

from __future__ import annotations

import re
import textwrap
import traceback
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from letters.errors import LettersError
from tasks.markdown_text import code, escaped, link

# Jinja2 takes as long to import as all the rest of a command that renders nothing.
if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATES = Path(str(files("templates")))
"""The folder of all templates, and of the fonts."""

TEXT_COLUMNS = 74

_STRING = "<string>"


class TemplateFailed(LettersError):
    """A template can't be read or filled in; the message names it and the line."""

    code = "template-failed"


def render_html_template(name: str, /, **values: Any) -> str:
    """Fill in the template `name`; every value is escaped as HTML.

    Raises TemplateFailed.
    """
    return _filled_in(_environment("html"), name, values)


def render_text_template(name: str, /, **values: Any) -> str:
    """Fill in the template `name`; every value stands as it is.

    Raises TemplateFailed.
    """
    return _filled_in(_environment("text"), name, values)


def render_markdown_template(name: str, /, **values: Any) -> str:
    """Fill in the template `name`; every value is escaped as Markdown, to one line of text.

    The template's own `link(text, url)` and `code(text)` are the only markup that
    can be made of values. Raises TemplateFailed.
    """
    return _filled_in(_environment("markdown"), name, values)


def render_string(source: str, /, **values: Any) -> str:
    """Fill in a template that is a string, such as a kind's standard paragraph, as text.

    Raises TemplateFailed.
    """
    return _filled_in(_environment("text"), None, values, source=source)


_FORMS: dict[str, Literal["html", "markdown", "text"]] = {
    ".html.j2": "html",
    ".md.j2": "markdown",
    ".txt.j2": "text",
}


def load_templates() -> None:
    """Compile every template, for processes that are forked from this one. Takes a second."""
    for ending, form in _FORMS.items():
        for path in TEMPLATES.rglob(f"*{ending}"):
            _environment(form).get_template(path.relative_to(TEMPLATES).as_posix())


def wrapped(text: str, first: str = "", indent: str = "") -> str:
    """Wrap `text` to `TEXT_COLUMNS` without ever breaking a word.

    `first` begins the first line, `indent` those that follow. No line but the first
    begins with a dash or bullet that stands alone, for it would read as an item of a list.
    """
    glued = re.sub(r"[ \t\r\n]+(?=[-–—•*][ \t\r\n])", "\0", text.strip())
    lines = textwrap.wrap(
        glued,
        width=TEXT_COLUMNS,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def _filled_in(
    environment: ImmutableSandboxedEnvironment,
    name: str | None,
    values: dict[str, Any],
    source: str = "",
) -> str:
    try:
        template = environment.get_template(name) if name else _template_of(source)
        return template.render(values)
    except Exception as error:  # a template can fail in any way that Python can
        raise _failure(name or _STRING, error) from error


@cache
def _environment(form: Literal["html", "markdown", "text"]) -> ImmutableSandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=form == "html",
        # Called on whatever a template prints, the marks of `safe` notwithstanding.
        finalize=escaped if form == "markdown" else None,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    match form:
        case "text":
            environment.filters["wrapped"] = wrapped
        case "markdown":
            environment.globals |= {"code": code, "link": link}
    return environment


@lru_cache(maxsize=256)
def _template_of(source: str) -> Any:
    return _environment("text").from_string(source)


def _failure(name: str, error: Exception) -> TemplateFailed:
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    if isinstance(error, TemplateNotFound):
        return TemplateFailed(
            f"There is no template {error.name!r}.",
            where=f"wanted by {name}" if error.name != name else "",
            remedy="Install the package again, or correct the name.",
        )
    if isinstance(error, TemplateSyntaxError):
        where, line = error.name or name, error.lineno
    else:
        where, line = _place_in_templates(name, error)
    return TemplateFailed(
        f"The template could not be filled in: {error}",
        where=f"{where}, line {line}" if line else where,
        remedy="Correct the template, or give it the value it asks for.",
    )


def _place_in_templates(name: str, error: Exception) -> tuple[str, int]:
    """Find the innermost template line that `error` came through, by Jinja2's own frames."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(TEMPLATES):
            return path.relative_to(TEMPLATES).as_posix(), frame.lineno or 0
        if frame.filename in ("<template>", "<unknown>"):
            return name, frame.lineno or 0
    return name, 0
