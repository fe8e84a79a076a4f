"""Reading plain JSON that strangers wrote: every wrong value becomes one sentence with the path to it.

Exact by construction: whole numbers stay whole, a decimal keeps its digits as `Decimal`, and NaN, numbers of
absurd length and repeated keys survive parsing as markers, so that the reader can say where they stand.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn, cast

from market.errors import Invalid
from market.values.text import Text

# A thousand million million rupiah is more than the money of the whole country; a longer number is a mistake.
MOST_RUPIAH = 10**15
_MOST_DIGITS = 30
_MOST_TEXT = 500
_MOST_QUOTED = 60


class BadField(Invalid):
    """One value of the input is not right: `field` is the path to it, `problem` says what is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(
            "bad_field", Text("%(field)s: %(problem)s", {"field": field, "problem": problem}), field=field
        )
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Stands where the text held something that has no honest value."""

    problem: str


def _whole(digits: str) -> int | _Unreadable:
    return int(digits) if len(digits) <= _MOST_DIGITS else _Unreadable("the number is too long")


def _decimal(digits: str) -> Decimal | _Unreadable:
    try:
        return Decimal(digits) if len(digits) <= _MOST_DIGITS else _Unreadable("the number is too long")
    except InvalidOperation:
        return _Unreadable("the number has an absurd exponent")


def _constant(name: str) -> _Unreadable:
    return _Unreadable(f"{name} is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Unreadable:
    record = dict(pairs)
    if len(record) == len(pairs):
        return record
    names = [name for name, _ in pairs]
    repeated = next(name for name in names if names.count(name) > 1)
    return _Unreadable(f"the key {json.dumps(repeated)} stands here more than once")


DECODER: Final = json.JSONDecoder(
    parse_int=_whole, parse_float=_decimal, parse_constant=_constant, object_pairs_hook=_unique
)
"""Reads a value exactly, with markers for what has no honest value. `json_stream` reads files with it."""


def repeated(key: str) -> BadField:
    """What is said of a file whose outermost object has a key twice."""
    return BadField("(file)", f"the key {json.dumps(key)} stands here more than once")


def refuse(path: str, value: object, wanted: str) -> NoReturn:
    """Raise BadField saying what was wanted and what came instead."""
    if isinstance(value, _Unreadable):
        raise BadField(path, value.problem)
    raise BadField(path, f"{wanted}, not {_named(value)}")


def _named(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, Decimal):
        return f"the decimal {value}"
    written = json.dumps(value)
    return written if len(written) <= _MOST_QUOTED else written[:_MOST_QUOTED] + "…"


def record(value: object, path: str, *, required: frozenset[str], optional: frozenset[str]) -> dict[str, Any]:
    """An object with exactly these keys. A missing, unknown or repeated key is an error."""
    if not isinstance(value, dict):
        refuse(path or "(file)", value, "must be an object")
    found = cast("dict[str, Any]", value)
    keys = found.keys()
    if missing := required - keys:
        raise BadField(below(path, min(missing)), "is missing")
    if unknown := keys - required - optional:
        raise BadField(below(path, min(unknown)), "is not a known key")
    return found


def below(path: str, key: str) -> str:
    """The path of a key under `path`."""
    name = key if key.isidentifier() else json.dumps(key)
    return f"{path}.{name}" if path else name


def sequence(value: object, path: str) -> list[Any]:
    """A list, of any length."""
    if not isinstance(value, list):
        refuse(path, value, "must be a list")
    return cast("list[Any]", value)


def integer(value: object, path: str, *, low: int = 0, high: int = MOST_RUPIAH) -> int:
    """A whole number from `low` to `high`; true, false, decimals and numbers in quotes are none."""
    if type(value) is not int:
        refuse(path, value, "must be a whole number")
    if not low <= value <= high:
        raise BadField(path, f"must lie between {low} and {high}")
    return value


def boolean(value: object, path: str) -> bool:
    """True or false and nothing that merely looks like it."""
    if type(value) is not bool:
        refuse(path, value, "must be true or false")
    return value


def percent(value: object, path: str) -> Decimal:
    """A rate from 0 to 100 with at most six decimals, kept as the digits that were written."""
    if type(value) is int:
        value = Decimal(value)
    if type(value) is not Decimal:
        refuse(path, value, "must be a number of per cent")
    if not 0 <= value <= 100 or value != value.quantize(Decimal("0.000001")):
        raise BadField(path, "must lie between 0 and 100, with at most six decimals")
    return value


def text(value: object, path: str) -> str:
    """Text of 1 to 500 characters without control characters or broken surrogates."""
    if not isinstance(value, str):
        refuse(path, value, "must be text")
    if not value.strip():
        raise BadField(path, "must not be empty")
    if len(value) > _MOST_TEXT:
        raise BadField(path, f"is longer than {_MOST_TEXT} characters")
    if not value.isprintable() and any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in value):
        raise BadField(path, "holds a character that is not text")
    return value


def choice(value: object, path: str, allowed: Iterable[str]) -> str:
    """One of the allowed words, exactly as written."""
    if not isinstance(value, str) or value not in allowed:
        refuse(path, value, f"must be one of {', '.join(allowed)}")
    return value


def day(value: object, path: str) -> date:
    """A calendar day written as 2026-01-31."""
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if found.isoformat() == value:  # the library also reads week dates, which nobody here means
                return found
    refuse(path, value, "must be a day such as 2026-01-31")


def instant(value: object, path: str) -> datetime:
    """An ISO 8601 time with its zone; a time without one could fall into two months, so it is refused."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            if moment.tzinfo is None:
                raise BadField(path, "needs its zone, for example 2026-09-30T16:30:00Z or …+08:00")
            return moment
    refuse(path, value, "must be a time such as 2026-09-30T16:30:00Z")
