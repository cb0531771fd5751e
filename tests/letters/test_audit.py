"""Audit entries and what can be seen to be wrong with a chain of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from letters.audit import (
    MAX_ENTRY_BYTES,
    NO_PREVIOUS,
    AuditEntry,
    AuditEntryTooLarge,
    AuditEntryUnreadable,
    chain_faults,
    moment_text,
)
from letters.canonical import sha256_hex, stored_json


def an_entry(**changes: Any) -> AuditEntry:
    return AuditEntry(
        **{
            "seq": 1,
            "previous": NO_PREVIOUS,
            "at": "2010-08-18T09:30:00.000Z",
            "actor": "office@desk-1",
            "step": "archiving",
            "event": "completed",
            "attempt": 1,
            "of": 3,
            "detail": {"manifest": "ab" * 32},
        }
        | changes
    )


def a_chain(length: int) -> list[tuple[int, bytes]]:
    chain: list[tuple[int, bytes]] = []
    previous = NO_PREVIOUS
    for seq in range(1, length + 1):
        data = an_entry(seq=seq, previous=previous, detail={"number": seq}).to_bytes()
        chain.append((seq, data))
        previous = sha256_hex(data)
    return chain


def respelt(data: bytes, **changes: Any) -> bytes:
    return stored_json(json.loads(data) | changes)


canonical_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=10,
)
details = st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), canonical_values)


def test_an_entry_is_stored_as_canonical_json_with_a_line_feed() -> None:
    assert an_entry().to_bytes() == (
        b'{"actor":"office@desk-1","at":"2010-08-18T09:30:00.000Z","attempt":1,'
        b'"detail":{"manifest":"' + b"ab" * 32 + b'"},"event":"completed","of":3,'
        b'"previous":"' + b"0" * 64 + b'","seq":1,"step":"archiving"}\n'
    )


@settings(deadline=None)
@given(detail=details)
def test_an_entry_reads_back_as_it_was_written(detail: dict[str, Any]) -> None:
    entry = an_entry(detail=detail)

    assert AuditEntry.from_bytes(entry.to_bytes()) == entry


def test_an_entry_does_not_change_with_the_dictionary_it_was_made_from() -> None:
    detail = {"recipients": ["director"]}
    entry = an_entry(detail=detail)

    detail["recipients"].append("mayor")

    assert entry.detail == {"recipients": ["director"]}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"seq": 0}, id="numbers begin at one"),
        pytest.param({"seq": 100_000_000}, id="a number has eight digits at most"),
        pytest.param({"seq": True}, id="a truth value is no number"),
        pytest.param({"seq": "1"}, id="digits in a string are no number"),
        pytest.param({"previous": "0" * 63}, id="a hash has 64 digits"),
        pytest.param({"previous": "A" * 64}, id="a hash is in lower case"),
        pytest.param({"at": "2010-08-18T09:30:00Z"}, id="a moment has milliseconds"),
        pytest.param({"at": "2010-08-18T09:30:00.000+00:00"}, id="a moment ends with Z"),
        pytest.param({"at": "2010-02-30T09:30:00.000Z"}, id="a moment is in the calendar"),
        pytest.param({"at": "2010-08-18T09:30:00.000Z\n"}, id="a moment has no line feed"),
        pytest.param({"actor": ""}, id="somebody did it"),
        pytest.param({"step": ""}, id="it belongs to a step"),
        pytest.param({"event": ""}, id="something happened"),
        pytest.param({"attempt": 0}, id="attempts begin at one"),
        pytest.param({"of": 0}, id="there is one attempt at least"),
        pytest.param({"detail": {"ratio": 0.5}}, id="a detail holds no floats"),
        pytest.param({"detail": {"when": datetime(2010, 8, 18, tzinfo=UTC)}}, id="only JSON"),
        pytest.param({"detail": {"é": 1}}, id="keys of a detail are ASCII"),
        pytest.param({"detail": {"name": "\ud800"}}, id="a detail can be written as UTF-8"),
        pytest.param({"comment": "x"}, id="no field is unknown"),
    ],
)
def test_what_is_no_entry_cannot_be_built_or_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        an_entry(**changes)


def test_a_detail_nested_too_deeply_to_be_written_is_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(100_000):
        nested = {"in": nested}

    with pytest.raises(ValidationError):
        an_entry(detail=nested)


def test_the_largest_entry_is_written_and_one_byte_more_is_refused() -> None:
    room = MAX_ENTRY_BYTES - len(an_entry(detail={"text": ""}).to_bytes())

    assert len(an_entry(detail={"text": "x" * room}).to_bytes()) == MAX_ENTRY_BYTES
    with pytest.raises(AuditEntryTooLarge) as refused:
        an_entry(detail={"text": "x" * (room + 1)}).to_bytes()
    assert refused.value.code == "audit-entry-too-large"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"[]\n", id="not an object"),
        pytest.param(b'{"seq":1}\n', id="fields missing"),
        pytest.param(an_entry().to_bytes()[:-20], id="cut short"),
        pytest.param(b"[" * 60_000, id="nested too deeply"),
        pytest.param(b'{"seq":' + b"9" * 5000 + b"}", id="a number of thousands of digits"),
        pytest.param(
            an_entry().to_bytes().replace(b'"ab', b'1.5,"b":"ab', 1), id="a float in the detail"
        ),
        pytest.param(an_entry().to_bytes() + b" " * MAX_ENTRY_BYTES, id="larger than allowed"),
    ],
)
def test_bytes_that_are_no_entry_are_unreadable(data: bytes) -> None:
    with pytest.raises(AuditEntryUnreadable) as refused:
        AuditEntry.from_bytes(data, where="audit/00000001.json")

    assert refused.value.where == "audit/00000001.json"
    assert "\n" not in str(refused.value)
    assert [fault.code for fault in chain_faults([(1, data)])] == ["unreadable"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param(
            datetime(2010, 8, 18, 9, 30, 0, 123_999, UTC),
            "2010-08-18T09:30:00.123Z",
            id="milliseconds are cut, never rounded into the future",
        ),
        pytest.param(
            datetime(2010, 8, 18, 10, 30, tzinfo=timezone(timedelta(hours=1))),
            "2010-08-18T09:30:00.000Z",
            id="summer time is written as UTC",
        ),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert moment_text(moment) == text


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment_text(datetime(2010, 8, 18))  # noqa: DTZ001 - what is to be refused


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_a_whole_chain_has_no_faults_in_whatever_order_it_is_read(length: int) -> None:
    assert chain_faults(reversed(a_chain(length))) == []


CHAIN = a_chain(5)


@pytest.mark.parametrize(
    ("entries", "faults"),
    [
        pytest.param([CHAIN[0], *CHAIN[2:]], [(2, "gap")], id="one entry taken out"),
        pytest.param([CHAIN[0], *CHAIN[3:]], [(2, "gap")], id="two entries taken out"),
        pytest.param(CHAIN[2:], [(1, "gap")], id="the beginning cut off"),
        pytest.param(CHAIN[:3], [], id="the end cut off can't be seen from the chain"),
        pytest.param(
            [CHAIN[0], (2, respelt(CHAIN[1][1], event="failed")), *CHAIN[2:]],
            [(3, "wrong-previous")],
            id="an entry altered",
        ),
        pytest.param(
            [*CHAIN[:4], (5, respelt(CHAIN[4][1], event="failed"))],
            [],
            id="the last entry altered can't be seen from the chain",
        ),
        pytest.param(
            [(1, respelt(CHAIN[0][1], previous="1" * 64))],
            [(1, "wrong-previous")],
            id="a first entry with one before it",
        ),
        pytest.param(
            [CHAIN[0], (2, CHAIN[1][1].replace(b":", b": ", 1)), *CHAIN[2:]],
            [(2, "not-canonical"), (3, "wrong-previous")],
            id="an entry spelt otherwise",
        ),
        pytest.param(
            [CHAIN[0], (2, CHAIN[1][1].replace(b'{"', b'{"step":"x","', 1)), *CHAIN[2:]],
            [(2, "not-canonical"), (3, "wrong-previous")],
            id="a field given twice",
        ),
        pytest.param(
            [*CHAIN[:4], (5, CHAIN[4][1].rstrip(b"\n"))],
            [(5, "not-canonical")],
            id="no line feed at the end",
        ),
        pytest.param(
            [CHAIN[0], (2, b"rubbish"), *CHAIN[2:]],
            [(2, "unreadable"), (3, "wrong-previous")],
            id="an entry overwritten with rubbish",
        ),
        pytest.param(
            [CHAIN[0], (2, CHAIN[2][1]), (3, CHAIN[1][1])],
            [
                (2, "wrong-seq"),
                (2, "wrong-previous"),
                (3, "wrong-seq"),
                (3, "wrong-previous"),
            ],
            id="two entries exchanged",
        ),
        pytest.param([(0, CHAIN[0][1]), *CHAIN], [(0, "unexpected")], id="an entry zero"),
        pytest.param([*CHAIN, CHAIN[4]], [(5, "unexpected")], id="an entry given twice"),
    ],
)
def test_faults_of_a_chain_are_named_with_their_entry(
    entries: list[tuple[int, bytes]], faults: list[tuple[int, str]]
) -> None:
    assert [(fault.seq, fault.code) for fault in chain_faults(entries)] == faults


def test_a_gap_says_which_entries_are_missing() -> None:
    one, two = chain_faults([CHAIN[0], CHAIN[2]]), chain_faults([CHAIN[0], CHAIN[3]])

    assert [fault.message for fault in (*one, *two)] == [
        "Entry 2 is missing.",
        "Entries 2 to 3 are missing.",
    ]


@settings(deadline=None)
@given(data=st.data())
def test_any_byte_changed_before_the_last_entry_is_seen(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(CHAIN) - 2))
    seq, stored = CHAIN[number]
    place = data.draw(st.integers(0, len(stored) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != stored[place]))

    altered = stored[:place] + bytes([other]) + stored[place + 1 :]

    assert chain_faults([*CHAIN[:number], (seq, altered), *CHAIN[number + 1 :]]) != []
