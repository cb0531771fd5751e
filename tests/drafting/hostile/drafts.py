"""What a hostile draft is, and the honest drafts into which hostile words are put."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SAMPLE_OFFICE = Path(__file__).resolve().parents[3] / "config" / "sample_office"

USUAL_BYTES = 2_000_000
MOST_BYTES = 50_000_000
"""The largest limit that an office can set for its drafts."""


class Packed(NamedTuple):
    """Files that are to be packed, and how."""

    files: Sequence[tuple[bytes, bytes]]
    pack: Callable[[Sequence[tuple[bytes, bytes]]], bytes]

    def __bytes__(self) -> bytes:
        """Pack them as they are."""
        return self.pack(self.files)


@dataclass(frozen=True)
class Hostile:
    """One hostile draft; bytes are made when they are needed, for some are large."""

    family: str
    says: str
    """What is hostile about it, as a clause."""
    make: Callable[[], bytes | str | Packed]
    name: str = "draft.md"
    limit_bytes: int = USUAL_BYTES
    is_laid: bool = False
    """Whether it is named in the office's drafts folder, not handed over as bytes."""

    @property
    def id(self) -> str:
        """An English sentence that names the draft among all others."""
        return f"{self.family}: {self.says}"

    def data(self, fill: Callable[[bytes], bytes] = bytes) -> bytes:
        """Make the draft's bytes; `fill` puts the places that are watched into its words."""
        made = self.make()
        if isinstance(made, Packed):
            return made.pack([(fill(name), fill(data)) for name, data in made.files])
        return fill(made.encode("utf-8", "surrogatepass") if isinstance(made, str) else made)


COPIES = """\
  - role: chief-executive
    name: Łukasz Wierzbicki
    line: Łukasz Wierzbicki, Chief Executive, Westmere Borough Council
  - role: safeguarding-board-chair
    name: Professor Zoë Lindqvist
    line: Professor Zoë Lindqvist, Chair of Westmere Safeguarding Children Board
  - role: lead-member
    name: Councillor Mrs Noreen Fairhurst MBE
    line: Councillor Mrs Noreen Fairhurst MBE, Lead Member, Westmere Borough Council
  - role: department
    name: Martin Ashgrove
    line: Martin Ashgrove, Department for Education
"""

HEAD = f"""\
kind: unannounced-inspection
authority: westmere
date: 4 April 2011
addressees:
  - role: director
    name: Ms Siân Prydderch
    lines: [Director of Children’s Services, Westmere Borough Council]
salutation: Dear Ms Prydderch
valediction: Yours sincerely
signatories:
  - name: Harriet Elmsley
    title: Her Majesty’s Inspector
copies:
{COPIES}"""

SUBJECT = (
    "Annual unannounced inspection of contact, referral and assessment arrangements in Westmere"
    " Borough Council children’s services"
)

OPENING = """\
The inspection took place on 8 and 9 March 2011 and was carried out under section 138 of the
Education and Inspections Act 2006."""


CLOSING = "The areas for development will be considered in any future inspection."


def markdown(
    *,
    head: str = HEAD,
    subject: str = SUBJECT,
    opening: str = OPENING,
    strength: str = "Calls are answered by a qualified social worker at all hours.",
    body: str = "",
    closing: str = CLOSING,
) -> str:
    """Write a draft in the office's Markdown; what isn't named is honest."""
    return (
        f"---\n{head}---\n\n# {subject}\n\n{opening}\n\n"
        f"## Strengths\n\n- {strength}\n\n{body}\n\n"
        "## Satisfactory practice\n\n- Files are in order.\n\n"
        "## Areas for development\n\n- Reasons are not always recorded.\n\n"
        f"---\n\n{closing}\n"
    )


def front_matter(more: str) -> str:
    """Write a draft with a further line in its front matter."""
    return markdown(head=HEAD + more + "\n")


def with_value(key: str, value: str) -> str:
    """Write a draft in whose front matter a key has another value."""
    lines = markdown().splitlines(keepends=True)
    return "".join(f"{key}: {value}\n" if line.startswith(f"{key}: ") else line for line in lines)


def text(*, before: str = "", inside: str = "", after: str = "") -> str:
    """Write a letter in plain text."""
    copies = "\n".join(
        line.partition(": ")[2] for line in COPIES.splitlines() if line.startswith("    line")
    )
    return (
        f"{before}4 April 2011\n\nMs Siân Prydderch\nDirector of Children’s Services\n"
        f"Westmere Borough Council\n\nDear Ms Prydderch\n\n{SUBJECT}\n\n{OPENING}\n\n"
        f"Strengths\n\n- Calls are answered at all hours.\n\n{inside}\n\n"
        "Satisfactory practice\n\n- Files are in order.\n\n"
        "Areas for development\n\n- Reasons are not always recorded.\n\n"
        f"Yours sincerely\n\nHarriet Elmsley\nHer Majesty’s Inspector\n\n"
        f"Copy: {copies}\n\n{after}"
    )
