"""Sections that are lists: rooms, days, extras and so on. One parser serves them all.

Row `n` has the fields `name-n`. A row whose own words and numbers are all blank does not count; a row marked
`remove-n` goes. Errors name the field of their row, and everything typed comes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from market.console.editor.controls import Control
from market.listings.drafts import ListingDraft
from market.values.text import Text
from market.web.forms import Form, Inbound, filled, parse

R = TypeVar("R", bound=Inbound)
MAX_ROWS = 24
_NUMBERED = re.compile(r"[a-z_]+-(\d{1,2})", re.ASCII)
_MOVE = re.compile(r"(\d{1,2})-(up|down)", re.ASCII)
_CHOSEN = frozenset({"select", "radio", "checks"})


@dataclass(frozen=True, slots=True)
class TableSection(Generic[R]):
    """A list of alike things in a draft. `read` gives each row's field values, `write` puts rows back."""

    name: str
    title: Text
    intro: Text
    row_title: Text
    add: Text
    model: type[R]
    layout: tuple[tuple[Control, ...], ...]
    read: Callable[[ListingDraft], list[dict[str, Any]]]
    write: Callable[[ListingDraft, Sequence[R]], ListingDraft]
    least: Callable[[ListingDraft], int] = lambda _: 0
    hidden: tuple[str, ...] = ()
    ordered: bool = False  # the rows follow each other, so a host may move them

    @property
    def controls(self) -> list[Control]:
        return [control for line in self.layout for control in line]

    def form(self, draft: ListingDraft, extra: int) -> tuple[Form[Any], int]:
        """A form of what the draft holds, and how many rows to show (`extra` blank ones at the end)."""
        rows = self.read(draft)
        count = max(len(rows) + extra, self.least(draft), 1)
        values: dict[str, Any] = {}
        for n in range(count):
            row = rows[n] if n < len(rows) else {c.name: c.blank for c in self.controls}
            values.update({f"{name}-{n}": value for name, value in row.items()})
        return filled(values), min(count, MAX_ROWS)

    def parse(self, raw: Mapping[str, list[str]], locale: str) -> tuple[Form[Any], list[R], int]:
        """The typed rows, or a form with every error; and how many rows were sent."""
        count = row_count(raw)
        rows: list[R] = []
        errors: list[tuple[str, str]] = []
        for n in range(count):
            if self._goes(raw, n):
                continue
            names = [*(c.name for c in self.controls), *self.hidden]
            one = parse(self.model, {name: raw.get(f"{name}-{n}", []) for name in names}, locale)
            errors += [(f"{name}-{n}" if name else "", message) for name, message in one.errors]
            if one.data is not None:
                rows.append(one.data)
        return Form(raw, None, errors), rows, count

    def _goes(self, raw: Mapping[str, list[str]], n: int) -> bool:
        if raw.get(f"remove-{n}"):
            return True
        own = [c for c in self.controls if c.type not in _CHOSEN]
        return not any(v.strip() and v != c.blank for c in own for v in raw.get(f"{c.name}-{n}", []))


def moved(raw: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was sent, with two neighbouring rows changed over when `move` asks for it (`2-up`, `0-down`)."""
    asked = _MOVE.fullmatch(raw.get("move", [""])[0])
    if asked is None:
        return dict(raw)
    one = int(asked[1])
    other = one - 1 if asked[2] == "up" else one + 1
    if not 0 <= other < row_count(raw):
        return dict(raw)
    swap = {one: other, other: one}
    found: dict[str, list[str]] = {}
    for name, values in raw.items():
        match = _NUMBERED.fullmatch(name)
        row = int(match[1]) if match else None
        stem = name.rpartition("-")[0]
        found[f"{stem}-{swap[row]}" if row in swap else name] = values
    return found


def row_count(raw: Mapping[str, list[str]]) -> int:
    """How many rows a sent form has, never more than `MAX_ROWS`."""
    numbers = [int(match[1]) for name in raw if (match := _NUMBERED.fullmatch(name))]
    return min(max(numbers, default=-1) + 1, MAX_ROWS)
