"""A booking as commands and pages see it: one frozen row, its promise unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from market import db
from market.bookings.policies import Policy
from market.bookings.quote import Quote
from market.bookings.states import State
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json
from market.errors import NotFound
from market.values.dates import DateRange
from market.values.party import Party


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking. `offer` is the snapshot it was sold under; see `policy` and `quote`.

    `hosting_id` is the family whose turn it is when a village as a whole was booked.
    """

    id: int
    reference: str
    state: State
    kind: str
    listing_id: int
    host_id: int
    person_id: int | None
    slot_id: int | None
    locale: str
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    cutoff_at: datetime
    adults: int
    children: int
    infants: int
    instant: bool
    method: str
    guest_name: str
    guest_email: str
    guest_phone: str
    note: str
    currency: str
    total_minor: int
    paid_minor: int
    refunded_minor: int
    offer: dict[str, Any]
    held_at: datetime
    expires_at: datetime | None
    deadline_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    hosting_id: int | None = None

    @property
    def host_ids(self) -> frozenset[int]:
        """The organisations that host: the listing's, and the family whose turn it is."""
        return frozenset({self.host_id} if self.hosting_id is None else {self.host_id, self.hosting_id})

    @property
    def paid_host_id(self) -> int:
        """Whose account the family's part goes to: the family's whose turn it is, or the listing's host."""
        return self.hosting_id or self.host_id

    @property
    def party(self) -> Party:
        return Party(self.adults, self.children, self.infants)

    @property
    def quote(self) -> Quote:
        return Quote.from_json(self.offer["quote"])

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.offer["policy"])

    @property
    def titles(self) -> dict[str, str]:
        return self.offer["titles"]

    @property
    def extras(self) -> dict[str, int]:
        return self.offer["extras"]

    @property
    def nights(self) -> DateRange | None:
        return DateRange(self.starts_on, self.ends_on) if self.kind == "homestay" else None

    @property
    def balance(self) -> int:
        """What the guest has paid and not got back, in rupiah."""
        return self.paid_minor - self.refunded_minor


_DATES = frozenset({"starts_on", "ends_on"})
_INSTANTS = frozenset({"starts_at", "ends_at", "cutoff_at", "held_at", "created_at"})
_MAYBE_INSTANTS = frozenset({"expires_at", "deadline_at", "confirmed_at"})
_COLUMNS = tuple(BookingRow.__dataclass_fields__)


def booking_row(row: Row) -> BookingRow:
    """From a `SELECT * FROM booking` row."""
    values: dict[str, Any] = {}
    for name in _COLUMNS:
        raw = row[name]
        if name in _DATES:
            raw = as_date(raw)
        elif name in _INSTANTS:
            raw = as_instant(raw)
        elif name in _MAYBE_INSTANTS:
            raw = as_instant_or_none(raw)
        values[name] = raw
    values["state"] = State(row["state"])
    values["instant"] = bool(row["instant"])
    values["offer"] = as_json(row["offer"])
    return BookingRow(**values)


async def get(reference: str) -> BookingRow:
    """A booking by reference; NotFound when there is none. Who may see it is the caller's question."""
    row = await db.fetch_one("SELECT * FROM booking WHERE reference = $1", reference)
    if row is None:
        raise NotFound
    return booking_row(row)


async def lock(reference: str) -> BookingRow:
    """The booking, locked for this transaction, so that one command at a time decides about it."""
    suffix = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM booking WHERE reference = $1{suffix}", reference)
    if row is None:
        raise NotFound
    return booking_row(row)
