"""The verbs `letters hold` and `letters release`, at an office whose archive can hold."""

import json

from desk.verbs.hold import hold_letter
from tasks.archiving.holding import is_on_hold
from tests.issuing import a_sample_office, submit
from tests.radosgw import moto as moto


def test_a_letter_is_held_and_released_and_each_time_told(moto, tmp_path, capsys):
    case, _ = submit(a_sample_office(tmp_path, store=moto.store(locks=True)))

    def told(*, is_held, as_json=False):
        hold_letter(case.office, case.reference, is_held=is_held, why="A court.", as_json=as_json)
        return capsys.readouterr().out.strip()

    assert told(is_held=True).endswith("objects are held: the archive lets none of them go.")
    assert told(is_held=True) == f"{case.reference} was held before; nothing came since."
    released = json.loads(told(is_held=False, as_json=True))

    assert (released["reference"], released["is_held"]) == (case.reference, False)
    assert released["objects"] > 20
    assert not is_on_hold(case)
