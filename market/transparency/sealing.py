"""How rows of other append-only tables are covered by the log: canonical rows, and batches of them as facts.

Pure. `digests` knows which tables are covered and writes the entries; `audit` compares batches with rows again.
A batch holds a mark for every row, so that the first row that was touched can be named.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from market.db.sql import as_date, as_instant, as_json
from market.transparency.entries import JsonValue, canonical, written

SEAL_KIND = "rows.sealed"
_MARK = 32
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_RANGE = re.compile(r"(-?[0-9]{1,19})(?:\.\.(-?[0-9]{1,19}))?", re.ASCII)
_MOST_ROWS = 100_000


class Kind(StrEnum):
    """What a column holds: it is written the same way whichever database keeps it."""

    INT = "int"
    TEXT = "text"
    BOOL = "bool"
    DATE = "date"
    INSTANT = "instant"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that are covered, in their order; the first is the number rows are known by."""

    table: str
    kinds: tuple[tuple[str, Kind], ...]

    def __post_init__(self) -> None:
        if not all(_NAME.fullmatch(name) for name in (self.table, *(name for name, _ in self.kinds))):
            raise ValueError("tables and columns have plain names")
        if not self.kinds or self.kinds[0] != ("id", Kind.INT):
            raise ValueError("a covered table is known by its whole number `id`")

    @property
    def select(self) -> str:
        """The beginning of a query for these columns."""
        return f"SELECT {', '.join(name for name, _ in self.kinds)} FROM {self.table}"

    def row(self, row: Mapping[str, Any]) -> bytes:
        """A row in its canonical form."""
        values = [_text(kind, row[name]) for name, kind in self.kinds]
        # A list of texts has one spelling: this is its canonical JSON, made by the fast encoder.
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _text(kind: Kind, value: Any) -> str | None:
    return None if value is None else _WRITE[kind](value)


def _bit(value: Any) -> str:
    return "1" if value else "0"


def _day(value: Any) -> str:
    return as_date(value).isoformat()


def _instant(value: Any) -> str:
    return written(as_instant(value))


def _json(value: Any) -> str:
    found = as_json(value)
    try:
        return canonical(found).decode()
    except ValueError:  # a number too large for the canonical form: any one spelling will do
        return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _whole(value: Any) -> str:
    return str(int(value))


_WRITE: dict[Kind, Callable[[Any], str]] = {
    Kind.INT: _whole,
    Kind.TEXT: str,
    Kind.BOOL: _bit,
    Kind.DATE: _day,
    Kind.INSTANT: _instant,
    Kind.JSON: _json,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of one table as they were when they were covered."""

    columns: Columns
    ids: tuple[int, ...]
    marks: tuple[str, ...]
    digest: str

    @property
    def last(self) -> int:
        return self.ids[-1]

    @property
    def facts(self) -> dict[str, JsonValue]:
        """What the log commits to. Not for everybody: with the marks one could try out guesses of rows."""
        return {
            **self.public,
            "columns": [[name, kind.value] for name, kind in self.columns.kinds],
            "hash": self.digest,
            "ids": _ranges(self.ids),
            "marks": "".join(self.marks),
        }

    @property
    def public(self) -> dict[str, JsonValue]:
        """What stands openly in the entry."""
        return {
            "table": self.columns.table,
            "first_id": self.ids[0],
            "last_id": self.last,
            "count": len(self.ids),
        }

    @classmethod
    def parse(cls, facts_json: str) -> Batch:
        """Read facts back. Raises ValueError."""
        try:
            found = cast("dict[str, Any]", json.loads(facts_json))
            kinds = tuple((str(name), Kind(kind)) for name, kind in found["columns"])
            joined = str(found["marks"])
            marks = tuple(joined[at : at + _MARK] for at in range(0, len(joined), _MARK))
            batch = cls(Columns(str(found["table"]), kinds), _numbers(found["ids"]), marks, found["hash"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("these are not sealed rows") from error
        if len(batch.ids) != len(marks) or found["count"] != len(marks):
            raise ValueError("these are not sealed rows")
        return batch

    def first_difference(self, rows: Iterable[Mapping[str, Any]]) -> tuple[int, str] | None:
        """Id of the first row that is not as it was covered, and what happened to it; None when all are.

        `rows` are all rows the table has after the batch before, up to this one's last, in order of id.
        """
        whole = hashlib.sha256()
        found: dict[int, str] = {}
        for row in rows:
            try:
                data = self.columns.row(row)
            except (ValueError, TypeError):
                return int(row["id"]), "was changed"
            whole.update(data + b"\n")
            found[int(row["id"])] = mark(data)
        if whole.hexdigest() == self.digest and tuple(found) == self.ids:
            return None
        kept = dict(zip(self.ids, self.marks, strict=True))
        for row_id in sorted(kept.keys() | found.keys()):
            if row_id not in found:
                return row_id, "was deleted"
            if row_id not in kept:
                return row_id, "was put in"
            if found[row_id] != kept[row_id]:
                return row_id, "was changed"
        return self.last, "does not hash to what was covered"


def mark(row: bytes) -> str:
    """The mark of a canonical row: 128 bits, enough that no other row can be made to fit it."""
    return hashlib.sha256(row).hexdigest()[:_MARK]


def make_batch(columns: Columns, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """The batch of rows in order of their ids; at least one."""
    data = [columns.row(row) for row in rows]
    digest = hashlib.sha256(b"".join(part + b"\n" for part in data)).hexdigest()
    return Batch(columns, tuple(int(row["id"]) for row in rows), tuple(mark(part) for part in data), digest)


def _ranges(ids: Sequence[int]) -> str:
    """`1..3,5` for 1, 2, 3, 5."""
    starts = [at for at in range(len(ids)) if at == 0 or ids[at] != ids[at - 1] + 1]
    ends = [at - 1 for at in starts[1:]] + [len(ids) - 1]
    pairs = zip(starts, ends, strict=True)
    return ",".join(str(ids[a]) if a == b else f"{ids[a]}..{ids[b]}" for a, b in pairs)


def _numbers(ranges: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in ranges.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError("these are not ids")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first > _MOST_ROWS:
            raise ValueError("these are not ids")
        numbers += range(first, last + 1)
    return tuple(numbers)
