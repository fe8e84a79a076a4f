"""Files that go to the bank and come back: payment orders out, results in. Pure; see docs/howto/pay-hosts.md.

Out: one line a payout, comma-separated, UTF-8 with a byte-order mark so that spreadsheets read it. In: the same
reference with what became of it. A wrong line is named by its cell, as a spreadsheet shows it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from market.values.csv_cells import safe_cell
from market.values.text import Text, lazy

ORDER_HEAD: Final = (
    "payout_reference", "amount", "currency", "beneficiary_bank", "beneficiary_account", "beneficiary_name", "message",
)  # fmt: skip
RESULT_HEAD: Final = ("payout_reference", "status", "amount", "bank_reference", "reason")
MOST_LINES: Final = 5_000
MOST_BYTES: Final = 1024 * 1024
_PAID: Final = frozenset({"paid", "success", "successful", "ok", "berhasil", "sukses", "dibayar"})
_BACK: Final = frozenset({"bounced", "failed", "rejected", "returned", "gagal", "ditolak", "kembali"})
_AMOUNT: Final = re.compile(
    r"(?:rp\.?\s*|idr\s*)?(\d{1,15}|\d{1,3}(?:[.,]\d{3}){1,4})(?:[.,]00)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class Order:
    """One transfer that the bank is asked to make."""

    reference: str
    amount_minor: int
    bank: str
    account: str
    holder: str
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the bank says about one transfer; `row` is its line in the file, the head being 1."""

    row: int
    reference: str
    paid: bool
    amount_minor: int
    bank_reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be used, as a spreadsheet names it (`C4`), and why."""

    cell: str
    message: Text


def table(rows: Iterable[Sequence[str | int]]) -> bytes:
    """Comma-separated text as spreadsheets like it, every text cell made safe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if isinstance(cell, int) else safe_cell(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def orders(lines: Sequence[Order]) -> bytes:
    """The file of payment orders."""
    body = [(o.reference, o.amount_minor, "IDR", o.bank, o.account, o.holder, o.message) for o in lines]
    return table([ORDER_HEAD, *body])


def results(content: bytes) -> tuple[list[Result], list[Wrong]]:
    """Every usable line of a result file, and every cell that is wrong. Lines without a reference are passed over."""
    rows = _rows(content)
    if isinstance(rows, Wrong):
        return [], [rows]
    head = [cell.strip().strip("'").lower() for cell in rows[0]]
    columns = {name: head.index(name) for name in RESULT_HEAD if name in head}
    missing = [name for name in RESULT_HEAD[:3] if name not in columns]
    if missing:
        text = lazy("The first line must name the columns: %(names)s.", names=", ".join(RESULT_HEAD))
        return [], [Wrong("A1", text)]
    found, wrong, seen = list[Result](), list[Wrong](), set[str]()
    for number, cells in enumerate(rows[1:], start=2):
        given = {
            name: cells[at].strip().lstrip("'") if at < len(cells) else "" for name, at in columns.items()
        }
        if not given["payout_reference"]:
            continue
        line = _line(number, given, columns)
        if isinstance(line, Wrong):
            wrong.append(line)
        elif line.reference in seen:
            wrong.append(
                Wrong(
                    _cell(columns["payout_reference"], number), lazy("This payout stands in the file twice.")
                )
            )
        else:
            seen.add(line.reference)
            found.append(line)
    if not found and not wrong:
        wrong.append(Wrong("A2", lazy("The file has no lines.")))
    return found, wrong


def _rows(content: bytes) -> list[list[str]] | Wrong:
    if len(content) > MOST_BYTES:
        return Wrong("A1", lazy("The file is too large."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        return Wrong("A1", lazy("This is not a CSV file."))
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return Wrong("A1", lazy("This is not a CSV file."))
    if not rows or len(rows) > MOST_LINES:
        return Wrong("A1", lazy("The file has no lines.") if not rows else lazy("The file is too large."))
    return rows


def _line(number: int, given: dict[str, str], columns: dict[str, int]) -> Result | Wrong:
    status = given["status"].lower()
    if status not in _PAID | _BACK:
        return Wrong(_cell(columns["status"], number), lazy("Write paid or bounced here."))
    amount = rupiah(given["amount"])
    if amount is None:
        return Wrong(_cell(columns["amount"], number), lazy("Write the amount in whole rupiah here."))
    return Result(
        row=number,
        reference=given["payout_reference"].upper()[:40],
        paid=status in _PAID,
        amount_minor=amount,
        bank_reference=given.get("bank_reference", "")[:80],
        reason=given.get("reason", "")[:200],
    )


def result_cell(result: Result, content: bytes, name: str) -> str:
    """Where a line's value stands in the file it came from."""
    rows = _rows(content)
    head = [] if isinstance(rows, Wrong) else [cell.strip().strip("'").lower() for cell in rows[0]]
    return _cell(head.index(name) if name in head else 0, result.row)


def rupiah(typed: str) -> int | None:
    """An amount as people type it, in whole rupiah; None when it is none."""
    amount = _AMOUNT.fullmatch(typed.strip())
    return int(re.sub(r"\D", "", amount[1])) if amount else None


def _cell(column: int, row: int) -> str:
    letters, n = "", column + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
