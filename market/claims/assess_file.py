"""Recompute an assessment from a plain file: JSON in, JSON out, no database and no account.

This is what `python -m market assess FILE.json` runs and what the public page's files are made for;
`docs/howto/recompute-an-award.md` describes both shapes. Decisions: every key is required and no other is
known; ids are text or whole numbers and each stands once; amounts are positive; a category that the rule
does not know is an error, because leaving the line out would raise the share.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from market.claims import checked_json as checked
from market.claims.assessment import Assessment, NextTier, assess
from market.claims.checked_json import BadField
from market.claims.json_stream import Stream
from market.claims.line_values import net_of_vat
from market.claims.lines import Line, Name, Origin
from market.claims.periods import Period
from market.claims.rule_json import category_code, parse_rule
from market.claims.rule_versions import REFERENCE_RULES, RuleVersion

_KEYS = frozenset({"rule", "period", "tax_principal", "awarded_this_year", "budget", "lines"})
_FLAGS = ("credit_note", "evidenced", "confirmed", "related")
_LINE_KEYS = frozenset({"id", "supplier", "category", "origin", "invoice_at", *_FLAGS})
_VALUE_KEYS = frozenset({"net", "gross", "vat_percent"})
_EITHER = "a line has net, or gross and vat_percent"
_ORIGINS = {origin.value: origin for origin in Origin}

OK, BAD_INPUT = 0, 2


def assess_file(text: str) -> str:
    """The assessment of the input as indented JSON. Raises BadField for the first thing that is not right."""
    return "".join(written(assess_stream(BytesIO(text.encode(errors="surrogatepass")))))


def assess_stream(source: IO[bytes]) -> Assessment:
    """The assessment of a file that can be read twice, its lines one by one: a million take no more memory than
    what has to be told of them. Raises BadField for the first thing that is not right.

    The lines can only be read once the rule is known. Where they stand before it, the file is gone through twice.
    """
    found, result = dict[str, Any](), None
    stream = Stream(source)
    if not stream.is_object:
        checked.record(stream.value(), "", required=_KEYS, optional=frozenset())
    for key in stream.members():
        if key in found:
            raise checked.repeated(key)
        if key != "lines" or not stream.is_list:
            found[key] = stream.value()
        elif found.keys() >= _KEYS - {"lines"}:
            found[key] = []
            checked.record(found, "", required=_KEYS, optional=frozenset())
            result = _assess(found, stream)
        else:
            found[key] = []
            for _ in stream.items():
                pass
    checked.record(found, "", required=_KEYS, optional=frozenset())
    if result is not None:
        return result
    checked.sequence(found["lines"], "lines")
    again = Stream(source)
    for key in again.members():
        if key == "lines":
            return _assess(found, again)
        again.value()
    raise BadField("lines", "is missing")


def _assess(found: Mapping[str, Any], stream: Stream) -> Assessment:
    rule = _rule(found["rule"])
    period = _period(found["period"], rule)
    return assess(
        rule,
        period,
        _lines(stream.items(), rule),
        tax_principal=checked.integer(found["tax_principal"], "tax_principal"),
        awarded_this_year=checked.integer(found["awarded_this_year"], "awarded_this_year"),
        budget=None if found["budget"] is None else checked.integer(found["budget"], "budget"),
    )


def written(result: Assessment) -> Iterator[str]:
    """The public shape as indented JSON, in pieces: the list of excluded lines may be long."""
    head = json.dumps(_figures(result) | {"excluded": []}, indent=2, ensure_ascii=False)
    if not result.excluded:
        yield f"{head}\n"
        return
    yield head.removesuffix("]\n}")
    for number, line in enumerate(result.excluded):
        yield ",\n    {" if number else "\n    {"
        yield f'\n      "id": {json.dumps(line.id, ensure_ascii=False)},'
        yield f'\n      "reason": {json.dumps(line.reason)}\n    }}'
    yield "\n  ]\n}\n"


def as_json(result: Assessment) -> dict[str, Any]:
    """The public shape of an assessment. Amounts are whole rupiah, or "n/d" where a weight leaves a part."""
    return _figures(result) | {
        "excluded": [{"id": line.id, "reason": line.reason} for line in result.excluded]
    }


def _figures(result: Assessment) -> dict[str, Any]:
    return {
        "local": _amount(result.local),
        "denominator": result.denominator,
        "share": None if result.share is None else str(result.share),
        "share_shown": None if result.share is None else result.share.shown(),
        "tier_bp": result.tier.rate_bp if result.tier else 0,
        "award": result.award.amount,
        "capped_by": result.award.capped_by,
        "next_tier": _next_tier(result.next_tier),
    }


def _next_tier(following: NextTier | None) -> dict[str, Any] | None:
    if following is None:
        return None
    return {
        "min_share_bp": following.tier.min_share_bp,
        "missing": _amount(following.missing),
        "additional": following.additional,
    }


def _amount(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def _rule(value: object) -> RuleVersion:
    if not isinstance(value, str):
        return parse_rule(value)
    if value not in REFERENCE_RULES:
        raise BadField("rule", f"must be {' or '.join(REFERENCE_RULES)}, or a whole rule as an object")
    return REFERENCE_RULES[value]


def _period(value: object, rule: RuleVersion) -> Period:
    if not isinstance(value, str):
        checked.refuse("period", value, "must be a month such as 2026-09")
    try:
        period = Period.parse(value)
    except ValueError as error:
        raise BadField("period", str(error)) from None
    if not rule.covers(period):
        raise BadField("period", f"rule {rule.version} is not in force in the whole of {period}")
    return period


def _lines(items: Iterable[Any], rule: RuleVersion) -> Iterator[Line]:
    known = frozenset(rule.in_scope_categories) | frozenset(rule.excluded_categories)
    seen: set[Name] = set()
    for index, item in enumerate(items):
        path = f"lines[{index}]"
        line = _line(item, path, known)
        if line.id in seen:
            raise BadField(f"{path}.id", f"{json.dumps(line.id)} stands on an earlier line too")
        seen.add(line.id)
        yield line


def _line(value: object, path: str, categories: frozenset[str]) -> Line:
    found = checked.record(value, path, required=_LINE_KEYS, optional=_VALUE_KEYS)
    credit_note, evidenced, confirmed, related = (
        checked.boolean(found[flag], f"{path}.{flag}") for flag in _FLAGS
    )
    return Line(
        id=_name(found["id"], f"{path}.id"),
        supplier=_name(found["supplier"], f"{path}.supplier"),
        category=_category(found["category"], f"{path}.category", categories),
        origin=_ORIGINS[checked.choice(found["origin"], f"{path}.origin", _ORIGINS)],
        invoice_at=checked.instant(found["invoice_at"], f"{path}.invoice_at"),
        net=_net(found, path),
        credit_note=credit_note,
        evidenced=evidenced,
        confirmed=confirmed,
        related=related,
    )


def _name(value: object, path: str) -> Name:
    if isinstance(value, str):
        return checked.text(value, path)
    if type(value) is int:
        return value
    return checked.refuse(path, value, "must be text or a whole number")


def _category(value: object, path: str, known: frozenset[str]) -> str:
    code = category_code(checked.text(value, path))
    if code not in known:
        names = ", ".join(sorted(known))
        raise BadField(path, f"the rule knows no category {json.dumps(code)}, only {names}")
    return code


def _net(found: dict[str, Any], path: str) -> int:
    if "net" in found:
        for other in ("gross", "vat_percent"):
            if other in found:
                raise BadField(f"{path}.{other}", f"stands beside net; {_EITHER}")
        return checked.integer(found["net"], f"{path}.net", low=1)
    for needed in ("gross", "vat_percent"):
        if needed not in found:
            what = "net" if "gross" not in found and "vat_percent" not in found else needed
            raise BadField(f"{path}.{what}", f"is missing; {_EITHER}")
    gross = checked.integer(found["gross"], f"{path}.gross", low=1)
    return net_of_vat(gross, checked.percent(found["vat_percent"], f"{path}.vat_percent"))


def main(argv: Sequence[str]) -> int:
    """`assess FILE.json` (or `-` for standard input): print the assessment, or one line about what is wrong.

    Returns 0, or 2 when the file cannot be read or holds something that is not right.
    """
    if len(argv) != 1 or argv[0] in {"-h", "--help"}:
        sys.stderr.write("usage: python -m market assess FILE.json   (- reads standard input)\n")
        return OK if argv and argv[0] in {"-h", "--help"} else BAD_INPUT
    name = argv[0]
    try:
        with _opened(name) as source:
            result = assess_stream(source)
    except (OSError, ValueError) as error:
        return _failed(name, error.strerror or str(error) if isinstance(error, OSError) else str(error))
    except BadField as error:
        return _failed(name, str(error))
    try:
        for piece in written(result):
            sys.stdout.buffer.write(piece.encode(errors="surrogatepass"))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it had enough, as `| head` does. What is left in the buffer must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _opened(name: str) -> IO[bytes]:
    """The file; standard input as a file that can be read twice."""
    if name != "-":
        return Path(name).open("rb")
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(sys.stdin.buffer, kept)
    return kept


def _failed(name: str, problem: str) -> int:
    sys.stderr.write(f"assess: {name}: {problem}\n")
    return BAD_INPUT
