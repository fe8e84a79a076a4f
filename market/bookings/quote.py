"""Pricing one choice of one offering: every line, the fee inside them, and where the money goes. Pure.

Every unit price a guest sees already carries the service fee, so lines add up to the total exactly, and the
host's share and the fee are known line by line. All amounts are whole rupiah.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from market.listings.offering import (
    ExtraItem,
    Kind,
    Offering,
    Per,
    Room,
    SlotRow,
    Texts,
    adult_price,
    night_price,
    with_fee,
)
from market.values.dates import DateRange
from market.values.money import allocate, percent_of
from market.values.party import ADULT, CHILD, INFANT, Party


@dataclass(frozen=True, slots=True)
class Choice:
    """What a guest picked: a departure or session (`slot`), or so many rooms of a kind for some nights."""

    party: Party
    slot: SlotRow | None = None
    room: Room | None = None
    rooms: int = 1
    nights: DateRange | None = None
    extras: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` times a unit price. `kind` is band, room or extra; `key` says which; `texts` are its names."""

    kind: str
    key: str
    quantity: int
    unit_minor: int
    host_unit_minor: int
    texts: Texts
    nights: int = 0
    from_on: str = ""

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Part:
    """One receiver's part of the total. `kind`: family, guide, materials, fund, platform, tax."""

    kind: str
    amount: int
    texts: Texts


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of a choice. `total` is the sum of the lines and the sum of the parts."""

    lines: tuple[Line, ...]
    total: int
    host_minor: int
    fee_minor: int
    parts: tuple[Part, ...]
    night_amounts: tuple[tuple[date, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The snapshot a booking keeps."""
        return {
            "lines": [asdict(line) for line in self.lines],
            "total": self.total,
            "host_minor": self.host_minor,
            "fee_minor": self.fee_minor,
            "parts": [asdict(part) for part in self.parts],
            "night_amounts": [[night.isoformat(), amount] for night, amount in self.night_amounts],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Quote:
        return cls(
            lines=tuple(Line(**line) for line in data["lines"]),
            total=data["total"],
            host_minor=data["host_minor"],
            fee_minor=data["fee_minor"],
            parts=tuple(Part(**part) for part in data["parts"]),
            night_amounts=tuple((date.fromisoformat(d), amount) for d, amount in data["night_amounts"]),
        )


def quote(offering: Offering, choice: Choice) -> Quote:
    """Price a choice that `checks.problems` found nothing wrong with."""
    lines = [*(_room_lines(offering, choice) if choice.room else _band_lines(offering, choice))]
    lines += _extra_lines(offering, choice)
    host = sum(line.quantity * line.host_unit_minor for line in lines)
    total = sum(line.amount for line in lines)
    return Quote(
        lines=tuple(lines),
        total=total,
        host_minor=host,
        fee_minor=total - host,
        parts=split(offering, host=host, fee=total - host),
        night_amounts=_night_amounts(offering, choice),
    )


def split(offering: Offering, *, host: int, fee: int) -> tuple[Part, ...]:
    """Where the money goes: the host's price by largest remainder, ties to the family, and the fee to the platform."""
    weights = [payee.bp for payee in offering.payees]
    family = 10_000 - sum(weights) - offering.fund_bp
    amounts = allocate(host, [family, *weights, offering.fund_bp])
    parts = [Part("family", amounts[0], {})]
    parts += [Part(p.kind, a, p.texts) for p, a in zip(offering.payees, amounts[1:-1], strict=True)]
    parts.append(Part("fund", amounts[-1], {}))
    parts.append(Part("platform", fee, {}))
    return tuple(part for part in parts if part.amount or part.kind == "family")


def _line(
    kind: str, key: str, quantity: int, host_unit: int, offering: Offering, texts: Texts, **more: Any
) -> Line:
    return Line(kind, key, quantity, with_fee(host_unit, offering.service_fee_bp), host_unit, texts, **more)


def _band_lines(offering: Offering, choice: Choice) -> list[Line]:
    payers = sum(choice.party.count(b.key) for b in offering.bands if b.percent > 0)
    adult = adult_price(offering, payers, choice.slot.price_minor if choice.slot else None)
    lines: list[Line] = []
    for key in (ADULT, CHILD, INFANT):
        count, band = choice.party.count(key), offering.band(key)
        if count and band is not None:
            lines.append(_line("band", key, count, percent_of(adult, band.percent), offering, {}))
    return lines


def _room_lines(offering: Offering, choice: Choice) -> list[Line]:
    """One line for each run of nights at the same price."""
    if choice.room is None or choice.nights is None:
        raise ValueError("a stay needs a room and nights")
    room = choice.room
    priced = [(night, night_price(offering, room, night)) for night in choice.nights]
    lines: list[Line] = []
    for price, run in groupby(priced, key=lambda pair: pair[1]):
        nights = [night for night, _ in run]
        lines.append(
            _line(
                "room",
                room.key,
                len(nights) * choice.rooms,
                price,
                offering,
                room.texts,
                nights=len(nights),
                from_on=nights[0].isoformat(),
            )
        )
    return lines


def _extra_lines(offering: Offering, choice: Choice) -> list[Line]:
    lines: list[Line] = []
    for extra in offering.extras:
        wanted = choice.extras.get(extra.key, 0)
        if wanted > 0:
            lines.append(
                _line(
                    "extra",
                    extra.key,
                    _times(extra, wanted, choice),
                    extra.price_minor,
                    offering,
                    extra.texts,
                )
            )
    return lines


def _times(extra: ExtraItem, wanted: int, choice: Choice) -> int:
    """How often an extra's price counts: `wanted` people or once, times the nights where it is per night."""
    nights = choice.nights.nights if choice.nights else 1
    if choice.slot is not None:
        nights = max(1, (choice.slot.ends_on - choice.slot.starts_on).days)
    match extra.per:
        case Per.PERSON:
            return wanted
        case Per.BOOKING:
            return 1
        case Per.NIGHT:
            return nights
        case Per.PERSON_NIGHT:
            return wanted * nights


def _night_amounts(offering: Offering, choice: Choice) -> tuple[tuple[date, int], ...]:
    if choice.room is None or choice.nights is None:
        return ()
    return tuple(
        (night, choice.rooms * with_fee(night_price(offering, choice.room, night), offering.service_fee_bp))
        for night in choice.nights
    )


def seats(offering: Offering, party: Party) -> int:
    """How many places of a departure or session a party takes."""
    return sum(party.count(band.key) for band in offering.bands if band.seat)


def needs_nights(offering: Offering) -> bool:
    """Whether a departure of this offering sleeps in listed rooms."""
    return offering.kind is Kind.TOUR and any(step.room_type_id for step in offering.steps)
