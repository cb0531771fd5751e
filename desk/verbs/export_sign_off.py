"""The verb `letters export-sign-off`."""

from __future__ import annotations

import json
from pathlib import Path

from desk.failures import Exit
from desk.printing import print_json, say
from letters.errors import UsageError
from tasks.case.case import open_case
from tasks.case.office import Office
from tasks.signoff.decide import decisions_on
from tasks.signoff.export import exported
from tasks.signoff.signers import part_named


def export_sign_off(
    office: Office,
    reference: str,
    output: Path | None,
    *,
    revision: int | None,
    signatory: str | None,
) -> int:
    """Write the sign-off that stands, of one revision or of the latest that was decided.

    Of a letter with several signatories it is that of one of them.
    """
    case = open_case(office, reference)
    for number in reversed(case.revisions()):
        if revision not in (None, number):
            continue
        if not decisions_on(case, number).sign_offs:
            continue
        sign_off = part_named(case, number, signatory).sign_off
        if sign_off is not None:
            break
    else:
        raise UsageError(
            f"No inspector has decided on {reference}.",
            where="" if revision is None else f"r{revision}",
            remedy=f"`letters show {reference}` tells where it stands.",
            code="not-decided",
        )
    told = exported(sign_off)
    if output is None:
        print_json(told)
        return Exit.DONE
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(
            "There is such a file already.",
            where=str(output),
            remedy="Choose another name.",
            code="output-exists",
        ) from None
    except OSError as error:
        raise UsageError(
            f"The sign-off can't be written: {error.strerror}.",
            where=str(output),
            remedy="Choose a folder that is there and yours.",
            code="output-not-writable",
        ) from None
    said = sign_off.statement
    say(f"The sign-off of {said.reference} r{said.revision} is in {output.absolute()}")
    say("How a stranger checks it: docs/check-a-sign-off.md")
    return Exit.DONE
