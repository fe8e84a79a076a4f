"""A statement as files: a PDF for a bank's desk and a CSV for a spreadsheet, in the reader's language.

Words and amounts are made here; where the money is, is `statements`' answer. The PDF is set by typst from a
template that takes everything as data, with its own fonts embedded; call `pdf` in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.payouts import bank_files
from market.payouts.statements import Kind, Line, Statement
from market.values.text import Text, lazy

_TEMPLATE: Final = Path(__file__).parent / "typst" / "statement.typ"
KINDS: Final[dict[Kind, Text]] = {
    Kind.EARNED: lazy("Booking"),
    Kind.TAKEN_BACK: lazy("Given back to the guest"),
    Kind.CASH: lazy("Cash you took for us"),
    Kind.PAID_OUT: lazy("Payout"),
    Kind.RETURNED: lazy("Payout that came back"),
    Kind.OTHER: lazy("Refund you paid for us"),
}


def title(statement: Statement, locale: str) -> str:
    """`Statement, October 2026`."""
    return translate(lazy("Statement, %(month)s", month=formats.month(statement.first_day, locale)), locale)


def file_name(statement: Statement, ending: str) -> str:
    return f"statement-{statement.number}.{ending}"


def what(line: Line, locale: str) -> str:
    """What a line is, in words: the kind, the listing and the days."""
    parts = [translate(KINDS[line.kind], locale)] if line.kind is not Kind.EARNED else []
    if line.titles:
        parts.append(pick(line.titles, locale))
    if line.stay:
        parts.append(formats.day_range(*line.stay, locale))
    if line.masked:
        parts.append(line.masked)
    return ", ".join(parts)


def csv_file(statement: Statement, locale: str) -> bytes:
    """Every movement with a running balance; whole rupiah without separators, days as 2026-10-31."""

    def say(text: Text) -> str:
        return translate(text, locale)

    period = f"{statement.first_day.isoformat()}/{statement.last_day.isoformat()}"
    head = (lazy("Statement"), lazy("Host"), lazy("Period"), lazy("Day"), lazy("Kind"), lazy("Reference"))
    more = (lazy("What"), lazy("Guest paid"), lazy("Village fund"), lazy("Service fee"), lazy("You receive"))
    last = (lazy("The bank's reference"), lazy("Balance"))
    first = (statement.number, statement.host_name, period)
    rows: list[Sequence[str | int]] = [[say(text) for text in (*head, *more, *last)]]
    rows.append([*first, statement.first_day.isoformat(), say(lazy("Opening balance")), "", "", 0, 0, 0, 0, "",
                 statement.opening_minor])  # fmt: skip
    balance = statement.opening_minor
    for line in statement.lines:
        balance += line.net_minor
        rows.append([*first, line.on.isoformat(), say(KINDS[line.kind]), line.reference, what(line, locale),
                     line.gross_minor, line.fund_minor, line.fee_minor, line.net_minor, line.bank_reference,
                     balance])  # fmt: skip
    totals = [statement.total(name, statement.lines) for name in _COLUMNS]
    rows.append([*first, statement.last_day.isoformat(), say(lazy("Closing balance")), "", "", *totals, "",
                 statement.closing_minor])  # fmt: skip
    return bank_files.table(rows)


_COLUMNS: Final = ("gross_minor", "fund_minor", "fee_minor", "net_minor")


def pdf(statement: Statement, locale: str, brand: str) -> bytes:
    """The statement as PDF. Takes some tens of milliseconds of processor time."""
    import typst  # noqa: PLC0415 - 40 MB that only a process that sets a PDF should load

    data = json.dumps(_data(statement, locale, brand), ensure_ascii=False)
    return typst.compile(_TEMPLATE, format="pdf", sys_inputs={"data": data}, ignore_system_fonts=True)


def _data(statement: Statement, locale: str, brand: str) -> dict[str, Any]:
    def say(text: Text) -> str:
        return translate(text, locale)

    def money(amount: int) -> str:
        return formats.money(amount, locale)

    days = formats.day_range(statement.first_day, statement.last_day, locale)
    paid = statement.total("net_minor", statement.payments)
    earned = statement.total("net_minor", statement.bookings)
    so_far = lazy("This month is not over: the statement shows what is known so far.")
    return {
        "lang": locale,
        "brand": brand,
        "title": title(statement, locale),
        "number": say(lazy("Statement %(number)s", number=statement.number)),
        "note": "" if statement.is_over else say(so_far),
        "facts": [
            [say(lazy("Statement number")), statement.number],
            [say(lazy("Host")), ", ".join(part for part in (statement.host_name, statement.village) if part)],
            [say(lazy("Period")), days],
        ],
        "sums": [
            [say(lazy("Opening balance")), money(statement.opening_minor)],
            [say(lazy("Earned")), money(earned)],
            [say(lazy("Paid out")), money(-paid)],
            [say(lazy("Closing balance")), money(statement.closing_minor)],
        ],
        "empty": say(lazy("Nothing in this period.")),
        "bookings": _bookings(statement, locale, say, money),
        "payments": _payments(statement, locale, say, money),
        "ties": [
            [say(lazy("Opening balance")), money(statement.opening_minor)],
            [say(lazy("+ bookings")), money(earned)],
            [say(lazy("− payouts")), money(paid)],
            [say(lazy("= closing balance")), money(statement.closing_minor)],
        ],
        "closing": say(
            lazy(
                "All amounts are whole rupiah (IDR) out of %(brand)s's double-entry ledger. The balance is what"
                " %(brand)s owes the host, payouts on their way included.",
                brand=brand,
            )
        ),
    }


Say = Callable[[Text], str]
Amount = Callable[[int], str]


def _bookings(statement: Statement, locale: str, say: Say, money: Amount) -> dict[str, Any]:
    head = (lazy("Day"), lazy("Reference"), lazy("What"), lazy("Guest paid"), lazy("Village fund"))
    rows = [
        [formats.day_short(line.on, locale), line.reference, what(line, locale),
         *(money(getattr(line, name)) for name in _COLUMNS)]
        for line in statement.bookings
    ]  # fmt: skip
    totals = [money(statement.total(name, statement.bookings)) for name in _COLUMNS]
    return {
        "title": say(lazy("Bookings")),
        "head": [say(text) for text in (*head, lazy("Service fee"), lazy("You receive"))],
        "rows": rows,
        "foot": [say(lazy("Together")), "", "", *totals],
    }


def _payments(statement: Statement, locale: str, say: Say, money: Amount) -> dict[str, Any]:
    head = (lazy("Day"), lazy("Reference"), lazy("What"), lazy("Amount"))
    rows = [
        [formats.day_short(line.on, locale), line.reference,
         f"{what(line, locale)}{_bank(line, say)}", money(line.net_minor)]
        for line in statement.payments
    ]  # fmt: skip
    return {
        "title": say(lazy("Payouts")),
        "head": [say(text) for text in head],
        "rows": rows,
        "foot": [say(lazy("Together")), "", "", money(statement.total("net_minor", statement.payments))],
    }


def _bank(line: Line, say: Say) -> str:
    if not line.bank_reference:
        return ""
    return ", " + say(lazy("bank reference %(reference)s", reference=line.bank_reference))
