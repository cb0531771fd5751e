"""The verbs `letters hold` and `letters release`."""

from __future__ import annotations

from desk.failures import Exit
from desk.printing import print_json, say
from tasks.archiving.holding import hold
from tasks.case.case import open_case
from tasks.case.office import Office


def hold_letter(office: Office, reference: str, *, is_held: bool, why: str, as_json: bool) -> int:
    """Have the archive let go of no object of a letter, until it is released."""
    case = open_case(office, reference)
    changed = hold(case, is_held=is_held, why=why)
    if as_json:
        print_json({"reference": case.reference, "is_held": is_held, "objects": changed})
    elif not changed:
        say(f"{case.reference} was held before; nothing came since.")
    else:
        said = "held: the archive lets none of them go" if is_held else "released"
        say(f"{case.reference}: {changed} objects are {said}.")
    return Exit.DONE
