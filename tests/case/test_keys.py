"""The office's secrets on several machines: the same on each, or nothing goes out."""

import pytest

from letters.errors import UsageError
from tasks.case.keys import INTRODUCED, KeysDiffer, keys_findings, require_same_keys
from tasks.case.ledger import ledger_of
from tests.offices import an_office

FIRST = {"recipients": b"r" * 32, "signing": b"s" * 32}


def given(folder, **secrets):
    """A folder of secrets, as it is mounted."""
    folder.mkdir()
    for name, secret in secrets.items():
        (folder / f"{name}.secret").write_bytes(secret)
    return folder


@pytest.fixture
def machine(tmp_path):
    """Another machine of the same office, with secrets that it was given."""

    def make(name, **secrets):
        return an_office(tmp_path / "office", given_keys=given(tmp_path / name, **secrets))

    return make


def test_machines_with_the_same_secrets_work_for_one_office(machine):
    for name in ("a", "b", "c"):
        require_same_keys(machine(name, **FIRST))
    found = list(keys_findings(machine("d", **FIRST)))
    assert [(f.level, f.code) for f in found] == [("ok", "same-keys")]
    entered = [e for e in ledger_of(machine("e", **FIRST)).entries() if e.event == INTRODUCED]
    assert [entry.detail["secret"] for entry in entered] == ["recipients", "signing"]


@pytest.mark.parametrize("name", FIRST)
def test_a_machine_with_another_secret_takes_no_letter(machine, name):
    require_same_keys(machine("first", **FIRST))
    other = machine("other", **(FIRST | {name: b"x" * 32}))
    with pytest.raises(KeysDiffer, match=name):
        require_same_keys(other)
    assert [(f.level, f.code) for f in keys_findings(other)] == [("failure", "keys-differ")]


def test_the_first_that_is_entered_counts_where_two_begin_at_once(machine):
    first, second = machine("first", **FIRST), machine("second", recipients=b"x", signing=b"y")
    ledger, append = ledger_of(second), ledger_of(second).append

    def after_the_first(*arguments, **options):
        ledger.append = append
        require_same_keys(first)
        return append(*arguments, **options)

    ledger.append = after_the_first
    with pytest.raises(KeysDiffer):
        require_same_keys(second)
    require_same_keys(first)


def test_the_ledger_tells_nothing_of_a_secret(machine):
    office = machine("first", **FIRST)
    require_same_keys(office)
    told = b"".join(office.store.get(key) for key in office.store.list("ledger"))
    assert FIRST["signing"] not in told
    assert FIRST["signing"].hex().encode() not in told


def test_a_secret_that_was_not_given_is_not_made(machine, tmp_path):
    office = machine("first", recipients=FIRST["recipients"])
    with pytest.raises(UsageError) as refused:
        require_same_keys(office)
    assert refused.value.code == "secret-missing"
    assert [path.name for path in (tmp_path / "first").iterdir()] == ["recipients.secret"]
    assert office.known_secret("signing") is None


def test_a_given_secret_may_be_mounted_as_a_link(machine, tmp_path):
    office = machine("first", **FIRST)
    path = tmp_path / "first" / "signing.secret"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert office.secret("signing") == FIRST["signing"]


def test_without_given_secrets_an_office_makes_its_own_once(tmp_path):
    first = an_office(tmp_path).secret("signing")
    assert len(first) == 32
    assert an_office(tmp_path).secret("signing") == first
    assert (tmp_path / "keys" / "signing.secret").stat().st_mode & 0o777 == 0o600
