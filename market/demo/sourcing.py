"""A year of purchases of eight hotels at the suppliers of the directory, and the claims that come of it.

The mass is entered month by month through `entry.enter_many`, in one transaction; suppliers' yeses are written a
month at a time. The plan is `sourcing_plan`, the office `sourcing_claims`, the photos of the papers that an officer
compares `sourcing_photos`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.models import Organisation
from market.claims import claiming_service
from market.db.sql import as_json
from market.demo import people, sourcing_claims, sourcing_photos
from market.demo.sourcing_claims import Case
from market.demo.sourcing_plan import (
    HOTELS,
    MONTHS,
    NEIGHBOUR,
    Goods,
    Hotel,
    Month,
    Oddity,
    Planned,
    documents,
    month_of,
)
from market.settings import Settings
from market.sourcing import confirmations, entry, standing
from market.sourcing.confirmations import Reply, Said, Way
from market.sourcing.inserting import note
from market.sourcing.models import HotelProfile
from market.sourcing.rules import Source
from market.suppliers.models import Supplier
from market.values import marks
from market.values.dates import local_instant
from market.values.periods import Period

_OTHER_AMOUNT: Final = 2_400_000
# The same address as two people write it.
_SHARED_STREET, _SHARED_STREET_TOO = "Jalan Ikan Tongkol No. 17", "Jl. Ikan Tongkol 17"
_SHARED_ACCOUNT: Final = "0070 1122 3344"


async def load(config: Settings | None) -> None:
    """The year, then the claims. Nothing without settings: the log has no key then."""
    if config is None:
        return
    async with db.transaction():
        made = await _year(config)
        # Last year's suppliers have answered already: no letters to them.
        await db.execute("DELETE FROM job WHERE handler IN ('sourcing.ask', 'sourcing.tell_hotel')")
    await sourcing_photos.hand_in(made.photographed, config)
    await sourcing_claims.load(made.cases, config)


@dataclass(slots=True)
class _Made:
    """What the year left behind: claims to be made, and two papers with the same photo."""

    cases: list[Case]
    photographed: list[int]


@dataclass(frozen=True, slots=True)
class _Buyer:
    number: int
    hotel: Hotel
    hotel_id: int
    person: int
    goods: Sequence[Goods]


async def _year(config: Settings) -> _Made:
    goods = await _goods()
    judges = [person.id for email in people.OFFICERS if (person := await accounts.find_by_email(email))]
    made, today = _Made([], []), clock.today()
    buyers: list[_Buyer] = []
    for number, hotel in enumerate(HOTELS, start=1):
        # One officer judged everything that a hotel buys: the others may verify its claims.
        judged = [good for good in goods if good.judged_by == judges[number % len(judges)]]
        buyers.append(await _buyer(number, hotel, judged))
    oldest_first = range(MONTHS, -1 if today.day < 12 else 0, -1)
    for back in oldest_first:
        await _month(back, month_of(back, today), buyers, made)
    await _neighbours(buyers, config)
    for buyer in buyers:
        await standing.refresh(hotel_id=buyer.hotel_id)
    made.cases.sort(key=lambda case: case.now)
    return made


async def _goods() -> list[Goods]:
    """What the directory offers with an origin that still holds, the regencies near the hotels first."""
    capacity: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for row in await db.fetch(
        "SELECT product_id, month, capacity FROM product_month WHERE capacity IS NOT NULL"
    ):
        capacity[row["product_id"]][row["month"]] = row["capacity"]
    rows = await db.fetch(
        "SELECT p.id, p.supplier_id, s.name AS supplier, p.texts, p.category, p.unit, o.origin, o.decided_by,"
        " COALESCE(p.price_low_minor, 50000) AS price FROM supplier_product p JOIN supplier s ON s.id = p.supplier_id"
        " JOIN origin_decision o ON o.id = (SELECT MAX(m.id) FROM origin_decision m WHERE m.product_id = p.id)"
        " WHERE s.status = 'published' AND o.about = p.judged_as AND o.origin <> 'X' AND o.expires_on >= $1"
        " ORDER BY p.position, CASE WHEN s.area_code LIKE '53.01%' OR s.area_code LIKE '53.02%' THEN 0 ELSE 1 END,"
        " p.id",
        clock.today(),
    )
    return [
        Goods(
            product_id=row["id"],
            supplier_id=row["supplier_id"],
            supplier=row["supplier"],
            name=as_json(row["texts"])["id"]["name"],
            category=row["category"],
            unit=row["unit"],
            origin=row["origin"],
            price=row["price"],
            judged_by=row["decided_by"],
            capacity=capacity[row["id"]],
        )
        for row in rows
    ]


async def _buyer(number: int, hotel: Hotel, goods: Sequence[Goods]) -> _Buyer:
    """The hotel with its facts and who buys for it; the demo's own hotel is there already."""
    now = clock.now() - timedelta(days=400)
    known = await Organisation.get_or_none(slug=hotel.slug)
    if known is None:
        texts = {"id": {"about": "Rekaan untuk demo."}, "en": {"about": "Invented."}}
        known = await Organisation.create(
            kind="hotel", slug=hotel.slug, name=hotel.name, texts=texts, created_at=now
        )
        person = await people.create_person(
            f"Bagian pembelian {number} (demo)", f"hotel-claims{number}@demo.test", ""
        )
        await people.create_membership(person, "hotel", known.id)
    else:
        person = (await accounts.people_of_organisation(known.id, "hotel"))[0].id
    await HotelProfile.create(
        organisation_id=known.id,
        code=f"H-DEMO-{number}",
        area_code=hotel.area_code,
        address="Alamat rekaan",
        npwp="",
        nib="",
        nitku="",
        regional_tax_number="",
        room_count=hotel.rooms,
        updated_at=now,
    )
    return _Buyer(number, hotel, known.id, person, goods)


async def _neighbours(buyers: Sequence[_Buyer], config: Settings) -> None:
    """The hotel that buys from its neighbour: both state the same street, number and bank account."""
    hotels = [
        buyer.hotel_id for buyer in buyers if any(Oddity.RELATED in month.odd for month in buyer.hotel.months)
    ]
    account = marks.kept("bank", _SHARED_ACCOUNT, config.secrets)
    await HotelProfile.filter(organisation_id__in=hotels).update(address=_SHARED_STREET, bank_key=account)
    await Supplier.filter(name=NEIGHBOUR).update(street=_SHARED_STREET_TOO, account_keys=account)


async def _month(back: int, period: Period, buyers: Sequence[_Buyer], made: _Made) -> None:
    """All hotels enter their papers on the second day after the month; suppliers answer the day after."""
    now = min(
        local_instant(period.following().first_day + timedelta(days=1)) + timedelta(hours=10), clock.now()
    )
    said = min(now + timedelta(days=1), clock.now())
    odd: list[int] = []
    for buyer in buyers:
        planned = documents(buyer.number, buyer.hotel, back, period, buyer.goods)
        entered = await entry.enter_many(
            [one.document for one in planned],
            hotel_id=buyer.hotel_id,
            by=buyer.person,
            now=now,
            source=Source.UBL,
        )
        odd += await _oddities(planned, entered, said, made)
        if told := buyer.hotel.month(back):
            total = sum(one.document.net_minor for one in planned)
            made.cases.append(await _case(buyer, told, period, total))
    await _say_yes(period, said)


async def _oddities(
    planned: Sequence[Planned], entered: Sequence[entry.Entered], now: datetime, made: _Made
) -> list[int]:
    """What single suppliers say otherwise, and which papers get photos; the ids of odd papers."""
    found: list[int] = []
    for one, kept in zip(planned, entered, strict=True):
        if one.odd is None or kept.document_id is None:
            continue
        found.append(kept.document_id)
        if one.odd is Oddity.NOT_MINE:
            reply = Reply(Said.NOT_MINE, Way.SMS, None, "Bulan itu kami tidak mengirim ke hotel ini.")
            await confirmations.answer(kept.document_id, reply, now=now)
        elif one.odd is Oddity.OTHER_AMOUNT:
            reply = Reply(Said.OTHER_AMOUNT, Way.LINK, _OTHER_AMOUNT, "Yang kami antar hanya setengahnya.")
            await confirmations.answer(kept.document_id, reply, now=now)
        elif one.odd is Oddity.SAME_PHOTO:
            made.photographed.append(kept.document_id)
    return found


async def _say_yes(period: Period, now: datetime) -> None:
    """Every supplier who was asked about this month and said nothing else says yes."""
    asked = "FROM purchase_document d WHERE d.period = $1 AND d.confirmation = 'asked'"
    rows = await db.fetch(f"SELECT d.id, d.hotel_id {asked} ORDER BY d.id", str(period))
    await db.execute(
        "INSERT INTO confirmation_answer (document_id, answer, way, answered_at)"
        f" SELECT d.id, 'yes', 'link', $2 {asked}",
        str(period),
        now,
    )
    await db.execute(
        "UPDATE purchase_document SET confirmation = 'yes', confirmed_net_minor = net_minor"
        " WHERE period = $1 AND confirmation = 'asked'",
        str(period),
    )
    by_hotel: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_hotel[row["hotel_id"]].append(row["id"])
    for hotel_id, ids in by_hotel.items():
        await note(ids, hotel_id=hotel_id, name="said_yes", reason="", by=None, now=now)


async def _case(buyer: _Buyer, told: Month, period: Period, total: int) -> Case:
    """The draft of a claim, opened on the ninth day after its month."""
    now = local_instant(period.following().first_day + timedelta(days=8)) + timedelta(hours=8 + buyer.number)
    reference = await claiming_service.open_draft(buyer.hotel_id, period, by=buyer.person, now=now)
    return Case(reference, buyer.hotel_id, buyer.person, period, now, told, total)
