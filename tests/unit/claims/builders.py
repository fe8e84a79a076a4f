"""Lines and files for the calculation's tests, with everything in order unless a test says otherwise."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from market.claims.assess_file import assess_file
from market.claims.assessment import Assessment, assess
from market.claims.lines import Line, Origin
from market.claims.periods import Period
from market.claims.rule_versions import R1

SEPTEMBER = Period(2026, 9)
MIDDLE = datetime(2026, 9, 15, 3, tzinfo=UTC)
_numbers = itertools.count(1)


def make_line(net: int = 1_000_000, origin: str = "A", **changes: Any) -> Line:
    """A purchase of September that passes every check, from a supplier of its own."""
    number = next(_numbers)
    values = {
        "id": f"line-{number}",
        "supplier": f"supplier-{number}",
        "category": "food",
        "invoice_at": MIDDLE,
        **changes,
    }
    return Line(net=net, origin=Origin(origin), **values)


def spread(total: int, origin: str = "A", *, over: int = 20, **changes: Any) -> list[Line]:
    """`total` rupiah from so many suppliers that no cap binds."""
    parts = [total // over] * (over - 1)
    return [make_line(part, origin, **changes) for part in (*parts, total - sum(parts)) if part]


def assessed(lines, *, rule=R1, period=SEPTEMBER, tax=80_000_000, awarded=0, budget=None) -> Assessment:
    """The assessment through the function."""
    return assess(rule, period, lines, tax_principal=tax, awarded_this_year=awarded, budget=budget)


def as_record(line: Line) -> dict[str, Any]:
    """The line as it stands in a file."""
    return {**line._asdict(), "origin": line.origin.value, "invoice_at": line.invoice_at.isoformat()}


def make_file(
    lines=(),
    *,
    rule: Any = "R1",
    period: Any = "2026-09",
    tax: Any = 80_000_000,
    awarded: Any = 0,
    **more: Any,
) -> dict[str, Any]:
    """The file's content; `lines` are lines or ready records."""
    records = [as_record(line) if isinstance(line, Line) else line for line in lines]
    return {
        "rule": rule,
        "period": period,
        "tax_principal": tax,
        "awarded_this_year": awarded,
        "budget": None,
        "lines": records,
        **more,
    }


def answer(lines=(), **settings: Any) -> dict[str, Any]:
    """The assessment through the file."""
    return json.loads(assess_file(json.dumps(make_file(lines, **settings))))
