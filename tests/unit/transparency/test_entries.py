"""Log entries: canonical bytes, salted commitments, and nothing personal in them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.transparency.entries import (
    Leaf,
    canonical,
    commitment,
    commits_to,
    new_leaf,
    new_salt,
)

SALT = bytes(range(32))
AT = datetime(2026, 9, 1, 2, 3, 4, 5, UTC)
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


def test_a_leaf_holds_no_facts_and_has_one_spelling():
    leaf = new_leaf("claim.decided", "claim:12", 2, AT, salt=SALT, facts=FACTS)
    data = leaf.encode()
    expected = (
        f'{{"at":"2026-09-01T02:03:04.000005Z","commitment":"{commitment(SALT, FACTS).hex()}",'
        '"subject":"claim:12","type":"claim.decided","version":2}'
    )
    assert data.decode() == expected
    assert b"Flobamora" not in data
    assert Leaf.decode(data) == leaf


def test_open_facts_stand_in_the_leaf():
    leaf = new_leaf("claim.decided", "claim:12", 1, AT, salt=SALT, facts=FACTS, public={"award": 8_000_000})
    assert b'"public":{"award":8000000}' in leaf.encode()
    assert Leaf.decode(leaf.encode()) == leaf


def test_instants_are_written_in_utc():
    wita = timezone(timedelta(hours=8))
    there = new_leaf("a.b", "x", 1, AT.astimezone(wita), salt=SALT, facts={})
    assert there.encode() == new_leaf("a.b", "x", 1, AT, salt=SALT, facts={}).encode()


GOOD = Leaf("a.b", "x:1", 1, AT, bytes(32), {"n": 1}).encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GOOD, b""), (GOOD, b"[]"), (GOOD, b"{}"), (GOOD, b"\xff"), (GOOD, b"[" * 100_000),
        (b'"' + b"0" * 64, b'"00'), (b"a.b", b"A b"), (b'"x:1"', b'""'), (b'"x:1"', b"7"), (b":1}", b":0}"),
        (b'"version":1', b'"version":"1"'), (b'"version":1', b'"version":true'), (b'"version":1', b'"version": 1'),
        (b'"version":1', b'"version":1,"zmore":1'), (b'{"n":1}', b"[]"), (b'{"n":1}', b"null"),
        (b"04.000005Z", b"04Z"), (b"2026-09", b"2026-13"), (b'"at":', b'"a":'),
    ],
)  # fmt: skip
def test_other_bytes_are_no_entries(old, new):
    assert old in GOOD
    with pytest.raises(ValueError, match=r".+"):
        Leaf.decode(GOOD.replace(old, new))


def test_impossible_entries():
    for subject in ("", "x" * 201, "two\nlines"):
        with pytest.raises(ValueError, match="one short line"):
            Leaf("claim.decided", subject, 1, AT, bytes(32))
    with pytest.raises(ValueError, match="an instant"):
        Leaf("claim.decided", "x", 1, AT.replace(tzinfo=None), bytes(32))
    with pytest.raises(ValueError, match="too long"):
        Leaf("claim.decided", "x", 1, AT, bytes(32), {"a": "x" * 70_000}).encode()
