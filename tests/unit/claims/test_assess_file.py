"""The file and the command: the shape of the answer, and one clear sentence for everything that is wrong."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims.assess_file import BAD_INPUT, OK, assess_file, main
from market.claims.checked_json import BadField
from market.claims.rule_json import rule_as_json
from market.claims.rule_versions import R1
from tests.unit.claims.builders import answer, as_record, make_file, make_line, spread


def test_the_shape_of_the_answer():
    lines = [*spread(12_000_000), *spread(28_000_000, "X"), make_line(5, id="near", related=True)]
    found = answer(lines)
    assert list(found) == [
        "local", "denominator", "share", "share_shown", "tier_bp", "award", "capped_by", "next_tier",
        "excluded",
    ]  # fmt: skip
    assert found == {
        "local": 12_000_000,
        "denominator": 40_000_005,
        "share": "800000/2666667",
        "share_shown": "29.99",
        "tier_bp": 500,
        "award": 4_000_000,
        "capped_by": None,
        "next_tier": {"min_share_bp": 3_000, "missing": 2, "additional": 3},
        "excluded": [{"id": "near", "reason": "related_party"}],
    }


def test_a_whole_rule_gives_what_its_name_gives():
    lines = spread(20_000_000) + spread(40_000_000, "X")
    assert answer(lines, rule=rule_as_json(R1)) == answer(lines)


def test_numbers_serve_as_ids():
    records = [
        {**as_record(make_line(8_000_000)), "id": 7, "supplier": 1},
        {**as_record(make_line()), "id": "7"},
    ]
    assert answer(records)["denominator"] == 9_000_000


@pytest.mark.parametrize("written", ["building_material", "Building material", " building-material "])
def test_categories_by_code_or_by_name(written):
    assert answer([{**as_record(make_line(9)), "category": written}])["denominator"] == 9


def test_fractional_rates_of_vat_are_exact():
    record = {**as_record(make_line()), "gross": 1_011_000, "vat_percent": 1.1}
    del record["net"]
    assert answer([record])["denominator"] == 1_000_000


def changed(**values):
    """The file with one line of which some keys are changed; `...` removes a key."""
    record = {**as_record(make_line()), **values}
    return make_file([{key: value for key, value in record.items() if value is not ...}])


def raw(text, **values):
    """The file with a marker replaced by raw text, for what `json.dumps` would not write."""
    return json.dumps(changed(**values)).replace('"@"', text)


WRONG_LINES = [
    ({"net": 0}, "lines[0].net: must lie between 1 and"),
    ({"net": -5}, "lines[0].net: must lie between 1 and"),
    ({"net": 10**15 + 1}, "lines[0].net: must lie between 1 and"),
    ({"net": 1.0}, "lines[0].net: must be a whole number, not the decimal 1.0"),
    ({"net": True}, "lines[0].net: must be a whole number, not true"),
    ({"net": "1000"}, 'lines[0].net: must be a whole number, not "1000"'),
    ({"net": None}, "lines[0].net: must be a whole number, not null"),
    ({"net": [1]}, "lines[0].net: must be a whole number, not a list"),
    ({"net": {}}, "lines[0].net: must be a whole number, not an object"),
    ({"net": ...}, "lines[0].net: is missing; a line has net, or gross and vat_percent"),
    ({"net": ..., "gross": 5}, "lines[0].vat_percent: is missing"),
    ({"net": ..., "vat_percent": 5}, "lines[0].gross: is missing"),
    ({"gross": 5}, "lines[0].gross: stands beside net"),
    ({"vat_percent": 5}, "lines[0].vat_percent: stands beside net"),
    ({"net": ..., "gross": 0, "vat_percent": 11}, "lines[0].gross: must lie between 1"),
    ({"net": ..., "gross": 9, "vat_percent": -1}, "lines[0].vat_percent: must lie between 0 and 100"),
    ({"net": ..., "gross": 9, "vat_percent": 101}, "lines[0].vat_percent: must lie between 0 and 100"),
    ({"net": ..., "gross": 9, "vat_percent": 1.0000001}, "lines[0].vat_percent: must lie between 0 and 100"),
    ({"net": ..., "gross": 9, "vat_percent": "11"}, "lines[0].vat_percent: must be a number of per cent"),
    ({"net": ..., "gross": 9, "vat_percent": True}, "lines[0].vat_percent: must be a number of per cent"),
    ({"id": ...}, "lines[0].id: is missing"),
    ({"id": ""}, "lines[0].id: must not be empty"),
    ({"id": None}, "lines[0].id: must be text or a whole number, not null"),
    ({"id": False}, "lines[0].id: must be text or a whole number, not false"),
    ({"id": 1.5}, "lines[0].id: must be text or a whole number"),
    ({"id": "a\x00"}, "lines[0].id: holds a character that is not text"),
    ({"id": "\ud800"}, "lines[0].id: holds a character that is not text"),
    ({"id": "x" * 501}, "lines[0].id: is longer than 500 characters"),
    ({"supplier": ...}, "lines[0].supplier: is missing"),
    ({"supplier": "  "}, "lines[0].supplier: must not be empty"),
    (
        {"category": "laundry"},
        'lines[0].category: the rule knows no category "laundry", only building_material,',
    ),
    ({"category": 3}, "lines[0].category: must be text"),
    ({"origin": "D"}, 'lines[0].origin: must be one of A, B, C, X, not "D"'),
    ({"origin": "a"}, "lines[0].origin: must be one of"),
    ({"origin": ["A"]}, "lines[0].origin: must be one of"),
    ({"invoice_at": "2026-09-15T10:00:00"}, "lines[0].invoice_at: needs its zone"),
    ({"invoice_at": "2026-09-15"}, "lines[0].invoice_at: needs its zone"),
    ({"invoice_at": "yesterday"}, "lines[0].invoice_at: must be a time"),
    ({"invoice_at": 1789}, "lines[0].invoice_at: must be a time"),
    ({"credit_note": ...}, "lines[0].credit_note: is missing"),
    ({"credit_note": 0}, "lines[0].credit_note: must be true or false, not 0"),
    ({"evidenced": "yes"}, "lines[0].evidenced: must be true or false"),
    ({"confirmed": None}, "lines[0].confirmed: must be true or false"),
    ({"related": ...}, "lines[0].related: is missing"),
    ({"nett": 5}, "lines[0].nett: is not a known key"),
    ({"two words": 5}, 'lines[0]."two words": is not a known key'),
]


@pytest.mark.parametrize(("values", "problem"), WRONG_LINES)
def test_wrong_lines(values, problem):
    with pytest.raises(BadField) as caught:
        assess_file(json.dumps(changed(**values)))
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("NaN", "lines[0].net: NaN is not a number"),
        ("-Infinity", "lines[0].net: -Infinity is not a number"),
        ("9" * 31, "lines[0].net: the number is too long"),
        ("9" * 5_000, "lines[0].net: the number is too long"),
        ("1" + "0" * 29, "lines[0].net: must lie between"),
        ("1e9", "lines[0].net: must be a whole number, not the decimal"),
        ("1e999999999999999999999", "lines[0].net: the number has an absurd exponent"),
        ("1." + "0" * 400, "lines[0].net: the number is too long"),
        ('{"a": 1, "a": 2}', 'lines[0].net: the key "a" stands here more than once'),
    ],
)
def test_what_json_should_not_hold(text, problem):
    with pytest.raises(BadField) as caught:
        assess_file(raw(text, net="@"))
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("text", ["1e-999999", "1e999999", "NaN", "1e-30"])
def test_odd_rates_of_vat(text):
    with pytest.raises(BadField, match="vat_percent"):
        assess_file(raw(text, net=..., gross=100, vat_percent="@"))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"rule": "R9"}, "rule: must be R1, or a whole rule as an object"),
        ({"rule": None}, "rule: must be an object, not null"),
        ({"rule": {}}, "rule.audit: is missing"),
        ({"period": "2026-13"}, "period: a period is a month"),
        ({"period": "September"}, "period: a period is written as year and month"),
        ({"period": 202609}, "period: must be a month such as 2026-09, not 202609"),
        ({"period": "2024-12"}, "period: rule R1 is not in force in the whole of 2024-12"),
        ({"tax_principal": -1}, "tax_principal: must lie between 0"),
        ({"tax_principal": 1.5}, "tax_principal: must be a whole number"),
        ({"tax_principal": True}, "tax_principal: must be a whole number, not true"),
        ({"awarded_this_year": None}, "awarded_this_year: must be a whole number"),
        ({"budget": "all"}, "budget: must be a whole number"),
        ({"lines": {}}, "lines: must be a list, not an object"),
        ({"lines": [5]}, "lines[0]: must be an object, not 5"),
        ({"lines": [[]]}, "lines[0]: must be an object, not a list"),
        ({"hotel": "H"}, "hotel: is not a known key"),
    ],
)
def test_wrong_settings(values, problem):
    with pytest.raises(BadField) as caught:
        assess_file(json.dumps({**make_file(), **values}))
    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("key", sorted(make_file()))
def test_every_key_is_needed(key):
    content = make_file()
    del content[key]
    with pytest.raises(BadField, match=f"^{key}: is missing"):
        assess_file(json.dumps(content))


def test_an_id_stands_once():
    with pytest.raises(BadField, match=r'lines\[2\].id: "twice" stands on an earlier line too'):
        answer([make_line(id="twice"), make_line(), make_line(id="twice")])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "(file): not JSON at line 1, column 1"),
        ("{", "(file): not JSON at line 1, column 2"),
        ("[]", "(file): must be an object, not a list"),
        ("null", "(file): must be an object, not null"),
        ("NaN", "(file): NaN is not a number"),
        ("[" * 200_000, "(file): nested too deep"),
        ('{"rule": "R1", "rule": "R1"}', '(file): the key "rule" stands here more than once'),
    ],
)
def test_files_that_are_none(text, problem):
    with pytest.raises(BadField) as caught:
        assess_file(text)
    assert str(caught.value).startswith(problem)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def wrong_field(content):
    """The path that the reader complains about; None when it reads everything."""
    try:
        assess_file(json.dumps(content))
    except BadField as error:
        return error.field
    return None


@given(st.sampled_from(sorted(as_record(make_line()))), json_values)
def test_any_value_in_a_line_is_read_or_named(key, value):
    content = make_file([as_record(make_line()), {**as_record(make_line()), key: value}])
    found = wrong_field(content)
    assert found is None or found.startswith(f"lines[1].{key}")


@given(st.sampled_from(sorted(rule_as_json(R1))), json_values)
def test_any_value_in_a_rule_is_read_or_named(key, value):
    content = make_file([make_line()], rule={**rule_as_json(R1), key: value})
    found = wrong_field(content)
    assert found is None or found.startswith(
        (f"rule.{key}", "rule.excluded_categories", "rule.category_minimums", "period", "lines")
    )


# --- the command -----------------------------------------------------------------------------------------


def test_the_command_prints_the_assessment(tmp_path, capfdbinary):
    path = tmp_path / "september.json"
    path.write_text("\ufeff" + json.dumps(make_file(spread(20_000_000) + spread(40_000_000, "X"))))
    assert main([str(path)]) == OK
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["share_shown"] == "33.33"
    assert err == b""


def test_the_command_reads_standard_input(monkeypatch, capfdbinary):
    text = json.dumps(make_file([make_line(7)])).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["-"]) == OK
    assert json.loads(capfdbinary.readouterr().out)["denominator"] == 7


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps(changed(net=0)).encode(), "lines[0].net: must lie between"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (None, "No such file or directory"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(tmp_path, capsys, content, problem):
    path = tmp_path / "claim.json"
    if content is not None:
        path.write_bytes(content)
    assert main([str(path)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"assess: {path}: {problem}")
    assert err.count("\n") == 1


def test_the_command_called_wrongly(capsys, tmp_path):
    assert main([]) == main(["a", "b"]) == BAD_INPUT
    assert main(["--help"]) == OK
    assert main([str(tmp_path)]) == BAD_INPUT
    assert main(["a\x00b"]) == BAD_INPUT
    assert "usage" in capsys.readouterr().err
