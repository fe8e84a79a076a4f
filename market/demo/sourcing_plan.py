"""The plan of the demo's sourcing year: eight hotels, what they buy in each month, and how far each claim goes.

Pure: no clock, no database. Months are counted back from the newest one that can be claimed (1), so that the story
never grows old. Hotels and sellers outside the directory are invented; goods come from the directory. `sourcing`
enters all of it, `sourcing_claims` takes the claims through the office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from market.sourcing.rules import NewDocument, NewLine, Paper
from market.values.dates import local_instant
from market.values.periods import Period

MONTHS: Final = 12
EVIDENCE_LIMIT: Final = 5_000_000
_LAST_DAY: Final = 27  # every month has it
_CENDANA: Final = "hotel-cendana-teluk"


class Until(StrEnum):
    """Where a claim of the demo stands."""

    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    DRAWN = "drawn"
    VERIFYING = "verifying"
    APPROVING = "approving"
    AUDITING = "auditing"
    RECOMMENDED = "recommended"
    EFFECTIVE = "effective"
    CORRECTED = "corrected"
    REJECTED = "rejected"
    OBJECTED = "objected"


class Oddity(StrEnum):
    """What an officer should find in a month."""

    SPLIT = "split"
    OTHER_AMOUNT = "other_amount"
    NOT_MINE = "not_mine"
    SAME_PHOTO = "same_photo"
    CAPACITY = "capacity"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Month:
    """A month with a story: exactly so much from producers of the province (all of origin A) and from outside."""

    back: int
    local: int
    other: int
    tax: int
    until: Until
    lines: int = 12
    odd: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class Hotel:
    """A hotel and its usual month: rupiah of purchases, and how many percent of it are local."""

    slug: str
    name: str
    area_code: str
    rooms: int
    usual: int
    percent: int
    months: tuple[Month, ...] = field(default=())

    def month(self, back: int) -> Month | None:
        return next((month for month in self.months if month.back == back), None)


HOTELS: Final = (
    Hotel(_CENDANA, "", "53.71.03.1001", 60, 58_000_000, 33, (
        Month(3, 19_400_000, 41_000_000, 71_000_000, Until.WITHDRAWN),
        Month(2, 21_000_000, 39_000_000, 76_000_000, Until.EFFECTIVE),
        # One rupiah below 30 %: it shows 29.99 %, and one more kilo of anything would change the tier.
        Month(1, 17_999_999, 42_000_001, 80_000_000, Until.DRAFT),
    )),
    Hotel("wisma-flobamora-demo", "Wisma Flobamora (demo)", "53.71.06.1008", 24, 47_000_000, 31, (
        # 32 % at first; a credit note of 2,000,000 afterwards leaves 29.16 %, and 3,000,000 go back.
        Month(4, 16_000_000, 34_000_000, 60_000_000, Until.CORRECTED),
        Month(2, 20_500_000, 31_000_000, 66_000_000, Until.EFFECTIVE),
        Month(1, 15_200_000, 33_100_000, 61_000_000, Until.CHECKING),
    )),
    # Its fish comes from a collector at the same street number, with the same bank account.
    Hotel("hotel-bukit-timor-demo", "Hotel Bukit Timor (demo)", "53.71.06.1008", 48, 96_000_000, 38, (
        Month(1, 48_000_000, 90_000_000, 92_000_000, Until.VERIFYING, 14,
              (Oddity.SPLIT, Oddity.OTHER_AMOUNT, Oddity.RELATED)),
    )),
    Hotel("penginapan-bintang-laut-demo", "Penginapan Bintang Laut (demo)", "53.71.04.1001", 16, 31_000_000, 35, (
        Month(1, 13_000_000, 18_000_000, 18_000_000, Until.APPROVING, 10, (Oddity.CAPACITY,)),
    )),
    Hotel("hotel-pasir-panjang-demo", "Hotel Pasir Panjang (demo)", "53.71.02.1004", 52, 88_000_000, 42, (
        Month(1, 44_000_000, 53_000_000, 74_000_000, Until.RECOMMENDED),
    )),
    Hotel("losmen-sasando-indah-demo", "Losmen Sasando Indah (demo)", "53.71.01.1001", 12, 26_000_000, 14, (
        Month(3, 3_200_000, 29_000_000, 14_000_000, Until.REJECTED, 9),
        Month(2, 5_000_000, 31_000_000, 12_000_000, Until.OBJECTED, 9),
        Month(1, 7_400_000, 22_000_000, 13_000_000, Until.SUBMITTED, 9),
    )),
    Hotel("hotel-teluk-raya-demo", "Hotel Teluk Raya (demo)", "53.71.06.1004", 120, 240_000_000, 36, (
        Month(1, 140_000_000, 210_000_000, 160_000_000, Until.DRAWN, 46, (Oddity.NOT_MINE,)),
    )),
    Hotel("griya-semau-demo", "Griya Semau (demo)", "53.71.01.1001", 20, 36_000_000, 30, (
        Month(2, 12_400_000, 25_000_000, 24_000_000, Until.AUDITING, 10),
        Month(1, 11_600_000, 27_000_000, 26_000_000, Until.VERIFYING, 10, (Oddity.SAME_PHOTO,)),
    )),
)  # fmt: skip
# Who shares street and account with one of the hotels.
NEIGHBOUR: Final = "Bakul Ikan Oeba Bersaudara"
_OUTSIDE: Final = (
    ("Toko Sembako Jaya (demo)", "food", ("Beras 10 karung", "Gula dan tepung", "Minyak goreng 20 jeriken")),
    ("CV Nusa Pangan (demo)", "food", ("Ayam beku", "Daging sapi beku", "Kentang dan wortel")),
    ("PT Segar Nusantara (demo)", "drink", ("Air minum kemasan", "Minuman ringan", "Sirup")),
    ("UD Sinar Linen (demo)", "textile", ("Handuk", "Seprai", "Taplak meja")),
    ("Toko Bangunan Karya (demo)", "building_material", ("Cat dan kuas", "Keramik", "Pipa dan keran")),
    ("Toko Perlengkapan Hotel (demo)", "other", ("Sabun dan sampo", "Sandal tamu", "Alat tulis")),
)


@dataclass(frozen=True, slots=True)
class Goods:
    """A product of the directory whose origin is decided, with its stated capacity by month."""

    product_id: int
    supplier_id: int
    supplier: str
    name: str
    category: str
    unit: str
    origin: str
    price: int
    judged_by: int
    capacity: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Planned:
    """A document to enter, and what is odd about it. `answers` is what the supplier says, where not a yes."""

    document: NewDocument
    odd: Oddity | None = None


def month_of(back: int, today: date) -> Period:
    """The month that many back; 1 is the newest one that is over and that there was time to claim."""
    first = today.replace(day=1)
    for _ in range(back if today.day >= 12 else back + 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first.year, first.month)


def documents(number: int, hotel: Hotel, back: int, period: Period, goods: Sequence[Goods]) -> list[Planned]:
    """A hotel's papers of one month, the same every time. `goods` are those that this hotel buys."""
    random = Random(number * 1_000 + back)
    told = hotel.month(back)
    local, other, count = (
        (told.local, told.other, told.lines) if told else _usual(hotel, random.randrange(80, 121))
    )
    chosen = [good for good in goods if good.origin == "A"] if told else list(goods)
    found = list(_odd(told, number, period, chosen)) if told else []
    spent = sum(one.document.net_minor for one in found if one.odd is not Oddity.SPLIT)
    inside = _parts(local - spent, count - count // 2, random)
    outside = _parts(other - sum(one.document.net_minor for one in found) + spent, count // 2, random)
    # A month with a story is bought near by, so that the public sums of a regency come from enough suppliers.
    first = 0 if told else back * 5
    for index, net in enumerate(inside):
        good = chosen[(first + index) % len(chosen)]
        found.append(Planned(_local(number, period, index, net, good, random)))
    found += [Planned(_other(number, period, index, net, random)) for index, net in enumerate(outside)]
    return found


def _usual(hotel: Hotel, percent: int) -> tuple[int, int, int]:
    total = hotel.usual * percent // 100
    local = total * hotel.percent // 100
    return local, total - local, 10


def _parts(total: int, count: int, random: Random) -> list[int]:
    """Amounts as a month brings them, large and small; exactly the total together."""
    weights = [random.randrange(30, 120) for _ in range(count)]
    parts = [total * weight // sum(weights) // 50 * 50 for weight in weights]
    parts[-1] += total - sum(parts)
    return parts


def _local(number: int, period: Period, index: int, net: int, good: Goods, random: Random) -> NewDocument:
    quantity = net // good.price
    # Far below what the supplier can make in a month: only the planned month goes above it.
    fits = 0 < quantity <= good.capacity.get(period.month, 0) // 16
    return _from(good, number, period, index, net, random.randrange(1, _LAST_DAY), quantity if fits else 0)


def _from(
    good: Goods, number: int, period: Period, index: int, net: int, day: int, quantity: int
) -> NewDocument:
    line = NewLine(
        description=good.name,
        category=good.category,
        amount=str(net),
        net_minor=net,
        product_id=good.product_id,
        quantity_milli=quantity * 1000 or None,
        unit=good.unit if quantity else "",
    )
    return NewDocument(
        seller_name=good.supplier,
        supplier_id=good.supplier_id,
        invoice_at=local_instant(date(period.year, period.month, day)),
        lines=(line,),
        paper=Paper.NOTA if net <= EVIDENCE_LIMIT else Paper.DELIVERY_NOTE,
        number=_number(number, period, index),
    )


def _other(number: int, period: Period, index: int, net: int, random: Random) -> NewDocument:
    seller, category, wares = _OUTSIDE[(index + number) % len(_OUTSIDE)]
    ware = wares[(index + period.month) % len(wares)]
    day = date(period.year, period.month, random.randrange(1, _LAST_DAY))
    return _bought(seller, category, ware, net, day, _number(number, period, 500 + index), Paper.INVOICE)


def _bought(
    seller: str, category: str, ware: str, net: int, day: date, number: str, paper: Paper
) -> NewDocument:
    line = NewLine(description=ware, category=category, amount=str(net), net_minor=net)
    return NewDocument(
        seller_name=seller, invoice_at=local_instant(day), lines=(line,), paper=paper, number=number
    )


def _number(hotel: int, period: Period, index: int) -> str:
    return f"{hotel}{period.year % 100:02}{period.month:02}-{index + 1:03}"


# What is odd --------------------------------------------------------------------------------------------------
def _odd(told: Month, number: int, period: Period, goods: Sequence[Goods]) -> Iterator[Planned]:
    for odd in told.odd:
        match odd:
            case Oddity.SPLIT:
                yield from _split(number, period)
            case Oddity.CAPACITY:
                yield _over_capacity(number, period, goods)
            case Oddity.SAME_PHOTO:
                for index, net in ((700, 1_450_000), (701, 1_375_000)):
                    found = _from(goods[0], number, period, index, net, 9 + (index - 700) * 7, 0)
                    yield Planned(found, odd)
            case Oddity.OTHER_AMOUNT:
                yield Planned(_from(goods[1], number, period, 710, 4_600_000, 14, 0), odd)
            case Oddity.NOT_MINE:
                yield Planned(_from(goods[2], number, period, 720, 3_850_000, 17, 0), odd)
            case Oddity.RELATED:
                near = next(good for good in goods if good.supplier == NEIGHBOUR)
                yield Planned(_from(near, number, period, 750, 2_150_000, 12, 0), odd)


def _split(number: int, period: Period) -> Iterator[Planned]:
    """Three receipts of one seller on three days, each just below the limit up to which a receipt is enough."""
    seller, category, wares = _OUTSIDE[0]
    for index, net in enumerate((4_650_000, 4_420_000, 4_880_000)):
        day = date(period.year, period.month, 11 + index)
        paper = _bought(
            seller, category, wares[0], net, day, _number(number, period, 730 + index), Paper.NOTA
        )
        yield Planned(paper, Oddity.SPLIT)


def _over_capacity(number: int, period: Period, goods: Sequence[Goods]) -> Planned:
    """A fifth more than the supplier can make in this month, of goods whose whole month is affordable."""
    able = [good for good in goods if good.capacity.get(period.month)]
    good = min(able, key=lambda one: one.capacity[period.month] * one.price)
    quantity = good.capacity[period.month] * 6 // 5 + 1
    net = min(quantity * good.price, 5_500_000)
    return Planned(_from(good, number, period, 740, net, 20, quantity), Oddity.CAPACITY)
