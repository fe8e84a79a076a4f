"""Inbound types of the editor's fields: amounts as people type them, percentages, lists of lines."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from market.listings import rules
from market.values.money import round_half_up
from market.values.text import lazy
from market.web.forms import wrong

MAX_LINES, MAX_LINE = 20, 160
_AMOUNT = re.compile(r"(?:rp\.?)?\s*(\d{1,12}|\d{1,3}(?:[.,\s]\d{3})+)", re.ASCII | re.IGNORECASE)
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?", re.ASCII)


def _rupiah(raw: Any) -> Any:
    """`250.000`, `250,000`, `Rp 250 000` and `250000` are the same amount."""
    if not isinstance(raw, str):
        return raw
    match = _AMOUNT.fullmatch(raw.strip())
    if match is None:
        raise wrong(lazy("Enter an amount in whole rupiah, for example 250000."))
    return int(re.sub(r"\D", "", match[1]))


def _basis_points(raw: Any) -> Any:
    """`12,5` and `12.5` per cent are 1,250 basis points."""
    if not isinstance(raw, str):
        return raw
    match = _PERCENT.fullmatch(raw.strip())
    if match is None:
        raise wrong(lazy("Enter a percentage, for example 12.5."))
    return round_half_up(Fraction(int(match[1]) * 100) + Fraction(int((match[2] or "0").ljust(2, "0"))))


def _lines(raw: Any) -> Any:
    """The non-blank lines of a text, each one entry."""
    lines = [line.strip() for text in raw for line in str(text).splitlines() if line.strip()]
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise wrong(
            lazy(
                "Use at most %(lines)s lines of %(letters)s letters each.", lines=MAX_LINES, letters=MAX_LINE
            )
        )
    return lines


def percent_text(basis_points: int) -> str:
    """1,250 basis points as `12.5`, the way the field takes it back."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


Rupiah = Annotated[int, BeforeValidator(_rupiah), Field(ge=1, le=rules.MAX_PRICE)]
RupiahOrNothing = Annotated[int, BeforeValidator(_rupiah), Field(ge=0, le=rules.MAX_PRICE)]
ShareBp = Annotated[int, BeforeValidator(_basis_points), Field(ge=1, le=rules.MAX_SHARES_BP)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
Name = Annotated[str, StringConstraints(max_length=80)]
Title = Annotated[str, StringConstraints(max_length=rules.MAX_TITLE)]
Summary = Annotated[str, StringConstraints(max_length=rules.MAX_SUMMARY)]
Body = Annotated[str, StringConstraints(max_length=rules.MAX_BODY)]
Note = Annotated[str, StringConstraints(max_length=400)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
