"""Log entries: canonical bytes, salted commitments, and nothing personal in them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.transparency.entries import (
    Entry,
    canonical,
    commitment,
    commits_to,
    new_entry,
    new_salt,
)

SALT = bytes(range(32))
FACTS = {"hotel": "H-1", "award": 8_000_000, "name": "Wisma Flobamora", "share": "1/3"}

facts = st.dictionaries(
    st.text(max_size=4),
    st.text(max_size=8) | st.integers(1 - 2**53, 2**53 - 1) | st.booleans() | st.none(),
    max_size=4,
)


def test_canonical_json():
    assert canonical({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()
    with pytest.raises(ValueError, match=r".+"):
        canonical({"a": 2**53})
    with pytest.raises(ValueError, match=r".+"):
        canonical(float("nan"))


def test_the_commitment_is_salt_then_canonical_json():
    expected = hashlib.sha256(
        SALT + b'{"award":8000000,"hotel":"H-1","name":"Wisma Flobamora","share":"1/3"}'
    )
    assert commitment(SALT, FACTS) == expected.digest()


@given(facts, facts)
def test_a_commitment_stands_for_one_set_of_facts(one, other):
    found = commitment(SALT, one)
    assert commits_to(found, SALT, dict(reversed(one.items())))
    assert commits_to(found, SALT, other) == (canonical(one) == canonical(other))
    assert not commits_to(found, bytes(32), one)


def test_salts():
    assert len(new_salt()) == 32
    assert new_salt() != new_salt()
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"short", FACTS)


def test_an_entry_holds_no_facts_and_has_one_spelling():
    entry = new_entry("claim.decided", {"hotel": "7", "claim": "12"}, 2, salt=SALT, facts=FACTS)
    data = entry.encode()
    expected = (
        f'{{"commitment":"{commitment(SALT, FACTS).hex()}","ids":{{"claim":"12","hotel":"7"}},'
        '"type":"claim.decided","version":2}'
    )
    assert data.decode() == expected
    assert b"Flobamora" not in data
    assert Entry.decode(data) == entry


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"\xff", b'{"commitment":"00","ids":{},"type":"a","version":1}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":[],"type":"a","version":1}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":{},"type":"A b","version":1}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":{},"type":"a","version":0}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":{},"type":"a","version":"1"}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":{}, "type":"a","version":1}',
        b'{"commitment":"' + b"0" * 64 + b'","ids":{},"more":1,"type":"a","version":1}',
    ],
)  # fmt: skip
def test_other_bytes_are_no_entries(data):
    with pytest.raises(ValueError, match=r".+"):
        Entry.decode(data)


def test_impossible_entries():
    for ids in ((("b", "1"), ("a", "1")), (("a", "1"), ("a", "2"))):
        with pytest.raises(ValueError, match="sorted and unique"):
            Entry("claim.decided", ids, 1, bytes(32))
    with pytest.raises(ValueError, match="too long"):
        Entry("claim.decided", (("a", "x" * 70_000),), 1, bytes(32)).encode()
