"""Departures and sessions as the booking box lists them: places left, whether booking is open, which is chosen.

Pure: stock comes in, rows go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from market.bookings.departing import minimum_of
from market.bookings.words import minimum
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.offering import Kind, Offering, SlotRow, with_fee
from market.values.text import Text, lazy, lazy_n

SHOWN_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Start:
    """One departure or session, ready for `ui/slots.html`."""

    value: str
    day: str
    month: str
    title: str
    text: str
    tag: tuple[str, str] | None
    disabled: bool


def with_beds(slots: Sequence[SlotRow], beds: Mapping[int, int]) -> list[SlotRow]:
    """The same starts, with no more places than the houses they sleep in have beds left."""
    return [replace(slot, free=max(0, min(slot.free, beds.get(slot.id, slot.free)))) for slot in slots]


def why_not(offering: Offering, slot: SlotRow, seats: int, now: datetime) -> Text | None:
    """The reason why this start cannot be booked for so many; None when it can."""
    shut = _why_shut(offering, slot, now)
    if shut is not None:
        return shut
    if slot.free <= 0:
        return lazy("Full")
    if slot.free < seats:
        return lazy_n("Only %(count)s place left", "Only %(count)s places left", slot.free)
    return None


def is_sold_out(offering: Offering, slot: SlotRow, seats: int, now: datetime) -> bool:
    """Whether only places are missing: then one may wait for them."""
    return slot.free < seats <= slot.capacity and _why_shut(offering, slot, now) is None


def _why_shut(offering: Offering, slot: SlotRow, now: datetime) -> Text | None:
    lead = timedelta(hours=max(offering.notice_hours, offering.cutoff_hours))
    if slot.status == "called_off":
        return lazy("Called off")
    if slot.status == "closed" or any(c.covers(slot.starts_on) for c in offering.closures):
        return lazy("Closed")
    if min(slot.book_until, slot.starts_at - lead) <= now:
        return lazy("Booking closed")
    return None


def is_open(offering: Offering, slot: SlotRow, seats: int, now: datetime) -> bool:
    return why_not(offering, slot, seats, now) is None


def start_rows(
    offering: Offering, slots: Sequence[SlotRow], seats: int, now: datetime, locale: str
) -> list[Start]:
    """Every start ahead, in order; those that cannot be chosen say why."""
    return [_row(offering, slot, seats, now, locale) for slot in slots]


def _row(offering: Offering, slot: SlotRow, seats: int, now: datetime, locale: str) -> Start:
    reason = why_not(offering, slot, seats, now)
    if reason is None:
        places = lazy_n("%(count)s place left", "%(count)s places left", slot.free)
        tag = ("ok", translate(places, locale))
    else:
        tag = ("", translate(reason, locale))
    return Start(
        value=str(slot.id),
        day=str(slot.starts_on.day),
        month=formats.month_short(slot.starts_on, locale),
        title=_title(offering, slot, locale),
        text=_text(offering, slot, locale),
        tag=tag,
        disabled=reason is not None,
    )


def _title(offering: Offering, slot: SlotRow, locale: str) -> str:
    if offering.kind is Kind.TOUR:
        return formats.day_range(slot.starts_on, slot.ends_on, locale)
    return formats.weekday(slot.starts_on, locale)


def _text(offering: Offering, slot: SlotRow, locale: str) -> str:
    parts: list[str] = []
    if offering.kind is Kind.LESSON:
        parts.append(f"{formats.time(slot.starts_at, locale)}, {formats.duration(offering.minutes, locale)}")
    else:
        parts.append(translate(lazy("Starts %(time)s", time=formats.time(slot.starts_at, locale)), locale))
    if slot.price_minor is not None and slot.price_minor != offering.price_minor:
        parts.append(formats.money(with_fee(slot.price_minor, offering.service_fee_bp), locale))
    stands = minimum_of(slot)
    if stands is not None:
        parts.append(minimum(stands, locale))
    return " · ".join(part for part in parts if part)


def chosen(
    offering: Offering,
    slots: Sequence[SlotRow],
    wanted: int | None,
    between: tuple[date | None, date | None],
    seats: int,
    now: datetime,
) -> SlotRow | None:
    """The start that was asked for, else the first open one in the days asked for, else the first open one."""
    free = [slot for slot in slots if is_open(offering, slot, seats, now)]
    start, end = between
    inside = [s for s in free if start and s.starts_on >= start and (end is None or s.ends_on <= end)]
    by_id = [slot for slot in free if slot.id == wanted]
    return next(iter([*by_id, *inside, *free]), None)
