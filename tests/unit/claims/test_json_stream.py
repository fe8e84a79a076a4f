"""Files of any size are read piece by piece: the same values and the same complaints as when read at once."""

from __future__ import annotations

import json
import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims import assess_file as assessing
from market.claims import json_stream
from market.claims.checked_json import BadField
from market.claims.json_stream import NotText, Stream

LINE = {
    "id": "1",
    "supplier": "S",
    "category": "food",
    "origin": "A",
    "invoice_at": "2026-09-10T10:00:00+08:00",
    "net": 10_000,
    "credit_note": False,
    "evidenced": True,
    "confirmed": True,
    "related": False,
}
HEAD = {"rule": "R1", "period": "2026-09", "tax_principal": 9, "awarded_this_year": 0, "budget": None}
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 3)


def read(text: bytes) -> dict[str, object]:
    stream = Stream(BytesIO(text))
    return {key: list(stream.items()) if stream.is_list else stream.value() for key in stream.members()}


@given(st.dictionaries(st.text(max_size=6), values, max_size=5), st.sampled_from([None, 2]))
def test_the_same_values(found: dict[str, object], indent: int | None):
    for text in (json.dumps(found, indent=indent), json.dumps(found, ensure_ascii=False)):
        assert read(text.encode()) == found


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,\n "b": [1, 2,, 3]}',
        '{"a": [1, 2}',
        '{"a" 1}',
        '{"a": 1} {"b": 2}',
        '{"a": 1, 2: 3}',
        '{"a": 1\n\n "b"}',
        '{"a": nul}',
        '{"a": "x\ny"}',
        '{"a": [{"b": "\\x"}]}',
        "",
        '{"a": [1',
        '{"a": "never ends',
    ],
)
def test_the_same_complaints(text: str):
    with pytest.raises(json.JSONDecodeError) as wanted:
        json.loads(text)
    with pytest.raises(BadField) as found:
        read(text.encode())
    error = wanted.value
    assert found.value.problem == f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"


def test_the_byte_that_is_no_text():
    with pytest.raises(NotText, match="not UTF-8 at byte 8"):
        read(b'{"a": "x\xff"}')


def test_lines_may_stand_before_the_rule():
    lines = [LINE, LINE | {"id": "2", "evidenced": False}]
    first = assessing.assess_file(json.dumps({"lines": lines, **HEAD}))
    assert first == assessing.assess_file(json.dumps({**HEAD, "lines": lines}))
    assert json.loads(first)["excluded"] == [{"id": "2", "reason": "not_evidenced"}]


def test_a_key_that_stands_twice_is_refused():
    text = json.dumps({**HEAD, "lines": []})[:-1] + ', "lines": []}'
    with pytest.raises(BadField, match='the key "lines" stands here more than once'):
        assessing.assess_file(text)


def test_what_is_printed_is_plain_indented_json():
    excluded = [LINE | {"id": n, "related": True} for n in ("a", 'é"', 3)]
    for lines in ([LINE], [LINE, *excluded]):
        printed = assessing.assess_file(json.dumps({**HEAD, "lines": lines}))
        assert printed == json.dumps(json.loads(printed), indent=2, ensure_ascii=False) + "\n"


def test_memory_does_not_grow_with_the_lines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_stream, "_CHUNK", 1 << 16)
    lines = ",".join(json.dumps(LINE | {"id": n}) for n in range(20_000))
    source = BytesIO((json.dumps(HEAD)[:-1] + f', "lines": [{lines}]}}').encode())
    tracemalloc.start()
    try:
        assessing.assess_stream(source)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
