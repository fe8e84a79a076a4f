"""A year of money for the demo: stays that are over, batches that were paid, one that waits for its second person,
one payout that bounced, a village's fund with what it was spent on, and a problem that is being decided.

Stays are rows of the past (nothing can be booked backwards); their money moves through the real commands, each at
the time it would have moved. Guests and accounts are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from market import clock, db
from market.accounts import queries as people
from market.bookings import placing
from market.bookings.quote import Choice, Quote, quote
from market.db.sql import to_json
from market.demo.people import FUND, HOST, OPERATOR, OPERATOR_2
from market.listings import queries as listings
from market.listings.offering import Offering
from market.payments import disputes, ledger
from market.payments import service as payments
from market.payouts import accounts, fund, queries, service
from market.payouts.accounts import Details
from market.settings import Settings
from market.values.dates import DateRange, local_instant
from market.values.ids import new_reference
from market.values.party import Party


@dataclass(frozen=True, slots=True)
class Stay:
    """Nights in a homestay that ended so many days ago."""

    slug: str
    ended: int
    nights: int
    guest: str
    cash: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """A line of the village fund."""

    days_ago: int
    amount_minor: int
    purpose: str
    receipt: str


OWN, WONA = "messakh-sasando-rooms", "wona-inerie-house"
_ENDED: Final = (352, 331, 318, 297, 284, 262, 251, 233, 214, 203, 188, 171, 166, 149, 131, 122, 108, 97, 83, 74, 62,
                 53, 41, 33, 19, 12, 6, 2)  # fmt: skip
_GUESTS: Final = ("Lena Vogel", "Rahmat Hidayat", "Emma Clarke", "Dewi Lestari", "Tomás Rivera", "Siti Aminah",
                  "Noor de Vries")  # fmt: skip
STAYS: Final = (
    *(
        Stay(OWN, days, 2 + n % 3, _GUESTS[n % len(_GUESTS)], cash=n % 9 == 4)
        for n, days in enumerate(_ENDED)
    ),
    Stay(WONA, 48, 3, "Claire Dubois"),
    Stay(WONA, 13, 2, "Ben Okafor"),
    Stay(WONA, 1, 2, "Mira Kovač"),
)
BATCHES: Final = (190, 100, 45, 15)  # days ago; one more is proposed today
SPENT: Final = (
    Spent(96, 180_000, "Papan petunjuk jalan ke pantai", "Nota toko besi no. 114"),
    Spent(58, 120_000, "Obat kotak P3K di lopo", "Kuitansi apotek, map B"),
    Spent(22, 150_000, "Bibit mangrove untuk muara", "Nota kelompok tani, map B"),
)
WAITING: Final = Spent(3, 90_000, "Cat untuk papan nama kampung", "Nota toko cat no. 27")
ACCOUNTS: Final = {
    "soleman-messakh": Details("Bank NTT", "001002003004", "SOLEMAN MESSAKH"),
    "rosalina-wona": Details("BRI", "34010100567890", "ROSALINA WONA"),
}


async def load(config: Settings | None = None) -> None:
    """Make the year. In one transaction: a demo with half of its money would not add up."""
    config = config or Settings(database_url="", data_dir=Path())
    async with db.transaction():
        await _accounts(config)
        first, second = await _person(OPERATOR), await _person(OPERATOR_2)
        left = sorted(STAYS, key=lambda stay: -stay.ended)
        for days in BATCHES:
            moment = clock.now() - timedelta(days=days)
            while left and left[0].ended > days:
                await _stay(left.pop(0))
            await _paid_batch(await service.propose_batch(by=first, now=moment), second, moment)
        for stay in left:
            await _stay(stay)
        await _bounce(first, second)
        await service.propose_batch(by=second, now=clock.now() - timedelta(hours=3))
        await _fund()
        await _problem()


async def _person(email: str) -> int:
    person = await people.find_by_email(email)
    if person is None:
        raise LookupError(f"the demo has no {email}")
    return person.id


async def _accounts(config: Settings) -> None:
    for slug, details in ACCOUNTS.items():
        row = await db.fetch_one("SELECT id FROM organisation WHERE slug = $1", slug)
        if row is None:
            raise LookupError(f"the demo has no host {slug}")
        member = (await people.people_of_organisation(row["id"], "host"))[0]
        then = clock.now() - timedelta(days=360)
        # A year-old entry is no news: nobody is written to.
        await accounts.keep(row["id"], details, by=member.id, keys=config.secrets, now=then)


async def _stay(stay: Stay) -> str:
    """A completed stay with its payment and the release of its money."""
    offering = await listings.get_offering(slug=stay.slug)
    if offering is None:
        raise LookupError(f"the demo has no listing {stay.slug}")
    last = clock.today() - timedelta(days=stay.ended)
    choice = Choice(
        Party(2), room=offering.rooms[0], nights=DateRange(last - timedelta(days=stay.nights), last)
    )
    priced = quote(offering, choice)
    reference = await _row(stay, offering, choice, priced)
    ends = placing.span(offering, choice).ends_at
    await payments.settle(
        booking_reference=reference,
        parts=priced.parts,
        host_id=offering.host_id,
        village_id=offering.village_id,
        now=ends,
    )
    return reference


async def _row(stay: Stay, offering: Offering, choice: Choice, priced: Quote) -> str:
    when, reference = placing.span(offering, choice), new_reference()
    asked = local_instant(when.starts_on, time(10)) - timedelta(days=14)  # type: ignore[arg-type]
    method = "on_arrival" if stay.cash else "transfer"
    await db.execute(
        "INSERT INTO booking (reference, request_key, state, kind, listing_id, host_id, locale, starts_on, ends_on,"
        " starts_at, ends_at, cutoff_at, adults, instant, method, guest_name, currency, total_minor, paid_minor, offer,"
        " held_at, confirmed_at, closed_at, created_at, updated_at) VALUES ($1, $2, 'completed', $3, $4, $5, 'en', $6,"
        " $7, $8, $9, $10, 2, TRUE, $11, $12, 'IDR', $13, $13, $14, $15, $15, $9, $15, $9)",
        reference,
        f"demo-year-{stay.slug}-{stay.ended}",
        offering.kind.value,
        offering.id,
        offering.host_id,
        when.starts_on,
        when.ends_on,
        when.starts_at,
        when.ends_at,
        when.cutoff_at,
        method,
        stay.guest,
        priced.total,
        to_json(placing.offer_json(offering, choice, priced)),
        asked,
    )
    await db.execute(
        "INSERT INTO booking_event (booking_id, name, from_state, to_state, actor, at)"
        " SELECT id, 'completed', 'checked_in', 'completed', 'time', ends_at FROM booking WHERE reference = $1",
        reference,
    )
    paid = when.starts_at if stay.cash else asked
    await db.execute(
        "INSERT INTO payment (reference, booking_reference, purpose, subject, method, state, amount_minor, currency,"
        " captured_minor, refunded_minor, url, created_at, updated_at) VALUES ($1, $2, 'booking', $2, $3, 'captured',"
        " $4, 'IDR', $4, 0, '', $5, $5)",
        f"PY{new_reference(10)}",
        reference,
        method,
        priced.total,
        paid,
    )
    source = ledger.host_receivable(offering.host_id) if stay.cash else ledger.BANK
    moves = [(source, ledger.guest_hold(reference), priced.total)]
    await ledger.post(f"pay:demo-{reference}", "paid", reference, moves, paid)
    return reference


async def _paid_batch(reference: str, approver: int, moment: datetime) -> None:
    await service.approve_batch(reference, by=approver, now=moment + timedelta(hours=2))
    for number, payout in enumerate((await queries.get_batch(reference)).payouts, start=1):
        await service.settle_line(
            payout.reference,
            amount_minor=payout.amount_minor,
            bank_reference=f"NTT{moment:%y%m%d}{number:03}",
            now=moment + timedelta(days=1),
            by=approver,
        )
    await db.execute("DELETE FROM job WHERE handler = 'payouts.tell'")


async def _bounce(first: int, second: int) -> None:
    """The second host's last payout came back: that host has to enter its bank details anew."""
    moment = clock.now() - timedelta(days=8)
    reference = await service.propose_batch(by=second, now=moment)
    await service.approve_batch(reference, by=first, now=moment + timedelta(hours=1))
    for payout in (await queries.get_batch(reference)).payouts:
        await service.settle_line(
            payout.reference,
            amount_minor=payout.amount_minor,
            bank_reference="NTT-0901",
            now=moment + timedelta(days=1),
        )
        if payout.host_name.endswith("Wona"):
            await service.bounce_line(
                payout.reference,
                amount_minor=payout.amount_minor,
                reason="rekening sudah ditutup",
                now=moment + timedelta(days=2),
            )


async def _fund() -> None:
    village = await db.fetch_one("SELECT id FROM village WHERE slug = 'lasiana'")
    if village is None:
        raise LookupError("the demo has no Lasiana")
    one, two = await _person(HOST), await _person(FUND)
    for member in (one, two):
        await fund.appoint(
            village["id"], member, by=await _person(OPERATOR), now=clock.now() - timedelta(days=340)
        )
    for spent in SPENT:
        reference = await _spend(village["id"], spent, one)
        await fund.sign(
            reference, village["id"], by=two, now=clock.now() - timedelta(days=spent.days_ago - 1)
        )
    await _spend(village["id"], WAITING, two)


async def _spend(village_id: int, spent: Spent, by: int) -> str:
    return await fund.propose(
        village_id,
        spent_on=clock.today() - timedelta(days=spent.days_ago),
        amount_minor=spent.amount_minor,
        purpose=spent.purpose,
        receipt=spent.receipt,
        by=by,
        now=clock.now() - timedelta(days=spent.days_ago),
    )


async def _problem() -> None:
    """The last guest of the second host tells of a problem, so that stay's money waits."""
    row = await db.fetch_one("SELECT reference FROM booking WHERE request_key = $1", f"demo-year-{WONA}-1")
    if row is not None:
        await disputes.open_dispute(
            booking_reference=row["reference"],
            body="There was no water on the second day, from morning to night. The family was kind about it, but we"
            " could not wash after the walk. We would wish for one night back.",
            now=clock.now() - timedelta(hours=5),
        )
