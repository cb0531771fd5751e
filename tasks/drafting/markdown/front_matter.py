"""The front matter of a Markdown draft: YAML in which every value is a string.

Refuses what YAML would do behind the writer's back: anchors, tags, keys given
twice, words lost to a comment. Which keys there are is the reader's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NoReturn

import yaml

from letters.problem import DraftUnreadable
from letters.suggestion import did_you_mean
from tasks.drafting.limits import refused_character

FENCE = "---"
LONGEST_CHARACTERS = 200_000
DEEPEST = 6
LONGEST_KEY_SHOWN = 60

_ADDRESS_KEYS = frozenset(
    (
        *("address", "addresses", "email", "e-mail", "emails", "mail", "mailto", "to", "cc"),
        *("email-address", "email_address", "key", "passkey", "public-key", "public_key"),
    )
)
_COMMENT = re.compile(r"[ \t]+#")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")


class ListPlace(NamedTuple):
    """How a list stands in the front matter, for one who adds to it."""

    margin: int
    """The column of its dashes, from 0."""
    last_line: int
    """Of the draft, from 1."""
    is_in_one_line: bool


class Mapping:
    """A mapping of the front matter, asked key by key; it knows the line of each."""

    def __init__(self, matter: FrontMatter, node: yaml.MappingNode) -> None:
        self._matter = matter
        self._node = node
        self._values: dict[str, yaml.Node] = {}
        self.line = matter.line_of(node)
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                matter.refuse("A key must be a word.", key, "front-matter-type")
            if key.value in self._values:
                matter.refuse(
                    f"The key “{_shown(key.value)}” is given twice.",
                    key,
                    "front-matter-key-twice",
                    "Take one of the two out.",
                )
            if str(key.value).casefold() in _ADDRESS_KEYS:
                matter.refuse(
                    f"“{_shown(key.value)}” has no place here: a draft carries words only.",
                    key,
                    "draft-carries-address",
                    "Take it out: the register has the e-mail addresses. A postal address "
                    "stands under `lines`.",
                )
            self._values[key.value] = value
            matter.keys[id(value)] = key

    def allow(self, known: Sequence[str]) -> None:
        """Refuse every key that is not one of `known`."""
        for name, value in self._values.items():
            if name not in known:
                self._matter.refuse(
                    f"There is no key “{_shown(name)}” here.",
                    self._matter.keys[id(value)],
                    "front-matter-key-unknown",
                    did_you_mean(name, known),
                )

    def words(self, name: str, *, is_required: bool = False) -> str:
        """Return a value as one line of words, empty where it isn't there."""
        node = self._values.get(name)
        text = single_spaced(self._matter.scalar(node)) if node is not None else ""
        if node is not None:
            self._refuse_address(name, text, node)
        if is_required and not text:
            self._matter.refuse_line(
                f"“{name}” is missing.", self.line, "front-matter-key-missing", "Write it."
            )
        return text

    def verbatim(self, name: str) -> str:
        """Return a value as it stands, line breaks and all."""
        node = self._values.get(name)
        return self._matter.scalar(node) if node is not None else ""

    def claim(self, name: str, *, default: bool) -> bool:
        """Return a value that is `yes` or `no`."""
        node = self._values.get(name)
        if node is None:
            return default
        if self._matter.scalar(node) not in ("yes", "no"):
            self._matter.refuse(f"“{name}” must be yes or no.", node, "front-matter-type")
        return self._matter.scalar(node) == "yes"

    def mappings(self, name: str) -> list[Mapping]:
        """Return a list of mappings, empty where it isn't there."""
        mappings = []
        for node in self._items(name):
            if not isinstance(node, yaml.MappingNode):
                self._matter.refuse(
                    f"Each entry under “{name}” has keys of its own.", node, "front-matter-type"
                )
            mappings.append(Mapping(self._matter, node))
        return mappings

    def lines(self, name: str) -> list[str]:
        """Return a list of lines of words, empty where it isn't there."""
        lines = [single_spaced(text) for text in self.texts(name)]
        for line, node in zip(lines, self._items(name), strict=True):
            self._refuse_address(name, line, node)
        return lines

    def list_at(self, name: str) -> ListPlace | None:
        """Tell how the list under a key stands; None where there is no such key."""
        node = self._values.get(name)
        if node is None:
            return None
        last = max(self._matter.lines_of(node))
        if isinstance(node, yaml.ScalarNode) and not node.value:
            return ListPlace(2, self._matter.line_of(self._matter.keys[id(node)]), False)
        self._items(name)
        margin = node.start_mark.column if node.start_mark else 2
        is_flow = isinstance(node, yaml.SequenceNode) and bool(node.flow_style)
        return ListPlace(margin, last, is_flow)

    def lines_at(self, name: str) -> list[int]:
        """Return the numbers of the draft's lines on which a value stands, if it is there."""
        node = self._values.get(name)
        return [] if node is None else self._matter.lines_of(node)

    def own_lines(self) -> list[int]:
        """Return the numbers of the lines of the draft on which this mapping stands."""
        return self._matter.lines_of(self._node)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts as they stand."""
        return [self._matter.scalar(node) for node in self._items(name)]

    def _refuse_address(self, name: str, text: str, node: yaml.Node) -> None:
        if _ADDRESS.search(text):
            self._matter.refuse(
                f"“{name}” holds an e-mail address: a draft carries words only.",
                node,
                "draft-carries-address",
                "Take it out: the register has the e-mail addresses.",
            )

    def _items(self, name: str) -> Iterable[yaml.Node]:
        node = self._values.get(name)
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            return []
        if not isinstance(node, yaml.SequenceNode):
            message = f"“{name}” must be a list: begin each entry with a dash."
            self._matter.refuse(message, node, "front-matter-type")
        items: list[yaml.Node] = node.value
        return items


class FrontMatter:
    """The front matter of one draft, with the lines by which to name its faults."""

    def __init__(self, text: str, *, first_line: int, source: str) -> None:
        self.keys: dict[int, yaml.Node] = {}
        self._text = text
        self._first_line = first_line
        self._source = source
        if len(text) > LONGEST_CHARACTERS:
            self._refuse_at(
                f"The front matter is longer than {LONGEST_CHARACTERS:,} characters.",
                0,
                "front-matter-too-long",
                "See whether it is the right file.",
            )
        try:
            node = _Loader(text).get_single_node()
        except _Refused as refused:
            self._refuse_at(refused.args[0], refused.line, refused.code, refused.remedy)
        except ValueError:
            self._refuse_at(
                "An escape such as \\U00110000 names no character.",
                0,
                "front-matter-invalid",
                "Write the character itself.",
            )
        except yaml.YAMLError as wrong:
            mark, problem = getattr(wrong, "problem_mark", None), getattr(wrong, "problem", "")
            self._refuse_at(
                f"The front matter can't be read: {problem or wrong}.",
                mark.line if mark else 0,
                "front-matter-invalid",
                "Indent with spaces: a tab stands there."
                if r"'\t'" in str(problem)
                else "Put words that hold a colon, a dash or a quotation mark into double quotes.",
            )
        if node is None:
            node = yaml.MappingNode("", [])
        if not isinstance(node, yaml.MappingNode):
            self.refuse("The front matter must be keys and values.", node, "front-matter-type")
        self.top = Mapping(self, node)

    def line_of(self, node: yaml.Node) -> int:
        """Tell on which line of the draft a node begins."""
        return self._first_line + (node.start_mark.line if node.start_mark else 0)

    def lines_of(self, node: yaml.Node) -> list[int]:
        """Return the numbers of the lines of the draft on which a node stands."""
        first = self.line_of(node)
        end = node.end_mark
        if end is None:
            return [first]
        # A block ends at the beginning of the line below it.
        last = self._first_line + end.line - (end.column == 0)
        return list(range(first, max(first, last) + 1))

    def scalar(self, node: yaml.Node) -> str:
        """Return a node's string. Raises DraftUnreadable for lists, mappings and lost words."""
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(
                "Words are expected here.",
                node,
                "front-matter-type",
                "Put words that hold a colon into double quotes.",
            )
        if not node.style and _COMMENT.match(self._text, node.end_mark.index):
            self.refuse(
                "What follows the # would be left out.",
                node,
                "front-matter-comment",
                "Put the words into double quotes, or the note on a line of its own.",
            )
        return str(node.value)

    def refuse(self, message: str, node: yaml.Node, code: str, remedy: str = "") -> NoReturn:
        """Refuse the draft because of a node."""
        self.refuse_line(message, self.line_of(node), code, remedy)

    def refuse_line(self, message: str, line: int, code: str, remedy: str = "") -> NoReturn:
        """Refuse the draft because of a line."""
        raise DraftUnreadable(
            message, where=f"{self._source}, line {line}", remedy=remedy, code=code
        )

    def _refuse_at(self, message: str, offset: int, code: str, remedy: str = "") -> NoReturn:
        self.refuse_line(message, self._first_line + offset, code, remedy)


class _Refused(Exception):
    def __init__(self, message: str, line: int, code: str, remedy: str) -> None:
        super().__init__(message)
        self.line, self.code, self.remedy = line, code, remedy


class _Loader(yaml.BaseLoader):
    """Composes nodes only; refuses what isn't plain words, lists and mappings on the way."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # so are PyYAML's stubs
        line = event.start_mark.line
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                "Anchors and aliases (& and *) are not read.",
                line,
                "front-matter-anchor",
                "Put words that begin with & or * into double quotes.",
            )
        if getattr(event, "tag", None):
            raise _Refused(
                "Tags (!) are not read.",
                line,
                "front-matter-tag",
                "Put words that begin with ! into double quotes.",
            )
        if self._depth >= DEEPEST:
            raise _Refused("The front matter is nested too deep.", line, "front-matter-depth", "")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode) and (refused := refused_character(node.value)):
            raise _Refused(  # an escape such as \u202e says it in letters that are let in
                f"Words of the front matter hold {refused.what}.",
                line,
                refused.code,
                "Delete it there, and type the words again if in doubt.",
            )
        return node


def _shown(key: str) -> str:
    return key if len(key) <= LONGEST_KEY_SHOWN else f"{key[:LONGEST_KEY_SHOWN]}…"


def single_spaced(text: str) -> str:
    """Return words on one line, one space apart; other kinds of space stay as they are."""
    return re.sub(r"[ \t\n\f\r]+", " ", text).strip()
