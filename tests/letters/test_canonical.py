"""The canonical form and what is hashed from it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.canonical import canonical_json, content_code, digest_of, sha256_hex, stored_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_", max_size=5), inner),
    max_leaves=12,
)


@given(VALUES)
def test_it_reads_back_as_the_same_value(value):
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text("abcdef", max_size=3), st.integers()))
def test_the_order_of_keys_changes_nothing(value):
    turned = dict(reversed(value.items()))

    assert canonical_json(turned) == canonical_json(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1.5, id="a float"),
        pytest.param({"a": [float("nan")]}, id="not a number, deep inside"),
        pytest.param({"é": 1}, id="a key outside ASCII"),
        pytest.param({1: 1}, id="a key that is no text"),
    ],
)
def test_what_languages_spell_differently_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_known_values():
    assert canonical_json({"b": [True, None], "a": "é–"}) == '{"a":"é–","b":[true,null]}'.encode()
    assert stored_json([]) == b"[]\n"
    assert digest_of([]) == sha256_hex(b"[]")


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        ("0" * 64, "0000-0000"),
        ("f" * 64, "ZZZZ-ZZZZ"),
        ("0000000001" + "f" * 54, "0000-0001"),
        ("8000000000" + "0" * 54, "G000-0000"),
    ],
)
def test_a_content_code_tells_the_first_forty_bits(digest, code):
    assert content_code(digest) == code
