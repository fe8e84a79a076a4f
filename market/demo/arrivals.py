"""Guests of the demo host who come, are here, never came, or have left: with check-ins, reviews and the register.

Made through the real commands at the times they would have happened. Guests are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import structlog

from market import clock, db
from market.accounts import queries as accounts
from market.bookings import absences, arriving, rows
from market.bookings import service as bookings
from market.bookings.arrival_rules import How
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.demo.people import HOST, TRAVELLER
from market.errors import Refused
from market.listings import queries as listings
from market.outbox.tools import Tools
from market.payments import inbox
from market.payments import queries as payments
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import DemoCards, Press
from market.payments.port import CardProvider
from market.register import service as register
from market.register.rules import Facts
from market.reviews import rules
from market.reviews import service as reviews
from market.reviews.rules import Reason, Side
from market.settings import Settings
from market.values.dates import DateRange, local_instant
from market.values.party import Party

log = structlog.get_logger()
HOUSE: Final = "messakh-sasando-rooms"


@dataclass(frozen=True, slots=True)
class Stay:
    """Nights from so many days ago (negative) or today."""

    name: str
    starts: int
    nights: int
    note: str = ""
    own: bool = False
    house: str = HOUSE


COMING = Stay("Lucía Fernández", 0, 3, "One of us eats no gluten. We come with the afternoon flight.")
HERE = Stay("Kenji Tanaka", -1, 3, "No seafood, please.")
ABSENT = Stay("Oliver Brandt", -4, 3)
BOTH = Stay("Amara Nwosu", -14, 2)
SEALED = Stay("Pieter Bakker", -7, 2)
OPEN = Stay("Hannah Lindqvist", -10, 2, own=True)
BEFORE = Stay("Hannah Lindqvist", -14, 2, own=True, house="wona-inerie-house")
_PRAISED = (
    "We fell asleep to somebody tuning a sasando and woke to coffee on the veranda. Pak Soleman showed us how"
    " the lontar leaf is folded. Bring a torch for the lane at night."
)
_OF_THE_GUEST = "Tamu yang ramah dan rapi. Ikut memasak jagung bose bersama kami, dan menyapa semua tetangga."
_TOLD_BEFORE = (
    "Two nights under the volcano, coffee from the garden, and stories until late. Bring a warm jacket."
)
_OF_HANNAH = (
    "Hannah tepat waktu, bertanya sebelum memotret, dan menyapu beranda tanpa diminta. Silakan datang lagi."
)
_REPLY = "Terima kasih, Ibu Amara. Lampu jalan sudah kami pasang. Pintu kami selalu terbuka."
_SEALED_WORDS = (
    "A quiet house, kind people, and the best sambal lu'at of our trip. The fan could be stronger."
)


async def load(config: Settings | None = None) -> None:
    """Make the stays. One that the rules refuse on this day is left out: dates move with the calendar."""
    config = config or Settings(database_url="", data_dir=Path())
    host = await accounts.find_by_email(HOST)
    traveller = await accounts.find_by_email(TRAVELLER)
    if host is None or traveller is None:
        raise LookupError("the demo has no host or traveller")
    for story in (_coming, _here, _absent, _both, _sealed, _open, _before):
        try:
            await story(host.id, traveller.id, config)
        except Refused as refused:
            log.info("demo stay left out", story=story.__name__, reason=refused.code)
    await _reported(traveller.id)


async def _coming(host: int, traveller: int, config: Settings) -> None:
    await _booked(COMING, traveller)


async def _here(host: int, traveller: int, config: Settings) -> None:
    """Checked in yesterday with the QR code; one of two passports is written down and nothing reported yet."""
    booking = await _booked(HERE, traveller)
    came = booking.starts_at + timedelta(minutes=70)
    with clock.frozen(came):
        await arriving.check_in(booking.reference, by=host, now=came, how=How.QR)
        facts = Facts(
            full_name="Kenji Tanaka",
            nationality="JP",
            passport="TZ0000000",
            born_on=date(1991, 4, 3),
            arrives_on=booking.starts_on,
            leaves_on=booking.ends_on,
        )
        await register.write(
            await rows.get(booking.reference),
            facts,
            guest_id=None,
            filled_by="guest",
            by=None,
            secrets=config.secrets,
            now=came,
        )


async def _absent(host: int, traveller: int, config: Settings) -> None:
    """Said not to have come, and says otherwise: an operator has to decide."""
    booking = await _booked(ABSENT, traveller)
    said = booking.starts_at + timedelta(hours=25)
    with clock.frozen(said):
        await arriving.no_show(booking.reference, by=host, now=said, reason="Kami tunggu sampai pukul 23.00.")
    answered = said + timedelta(hours=6)
    with clock.frozen(answered):
        await absences.contest(
            booking.reference,
            text="Our boat was late and we knocked at midnight. Nobody opened, so we slept at the harbour.",
            by=None,
            now=answered,
        )


async def _both(host: int, traveller: int, config: Settings) -> None:
    """Both wrote, and the host answered."""
    booking = await _over(BOTH, host, traveller)
    later = booking.ends_at + timedelta(days=1)
    with clock.frozen(later):
        await _write(booking, Side.HOST, 5, _OF_THE_GUEST, "id", later)
        await _write(booking, Side.GUEST, 5, _PRAISED, "en", later)
    row = await db.fetch_one(
        "SELECT id, host_id FROM review WHERE booking_id = $1 AND side = 'guest'", booking.id
    )
    answered = later + timedelta(hours=20)
    if row is not None:
        with clock.frozen(answered):
            await reviews.reply(
                row["id"], host_ids=[row["host_id"]], body=_REPLY, locale="id", by=host, now=answered
            )


async def _sealed(host: int, traveller: int, config: Settings) -> None:
    """The guest wrote, the host has not yet."""
    booking = await _over(SEALED, host, traveller)
    later = booking.ends_at + timedelta(days=2)
    with clock.frozen(later):
        await _write(booking, Side.GUEST, 4, _SEALED_WORDS, "en", later)


async def _open(host: int, traveller: int, config: Settings) -> None:
    """The traveller's own: nobody has written yet."""
    await _over(OPEN, host, traveller)


async def _before(host: int, traveller: int, config: Settings) -> None:
    """Both wrote about the traveller's stay with another family: her next hosts read what that family said of her."""
    offering = await listings.get_offering(slug=BEFORE.house)
    if offering is None:
        return
    family = (await accounts.people_of_organisation(offering.host_id, "host"))[0]
    booking = await _over(BEFORE, family.id, traveller)
    later = booking.ends_at + timedelta(days=1)
    with clock.frozen(later):
        await _write(booking, Side.HOST, 5, _OF_HANNAH, "id", later, author=family.name)
        await _write(booking, Side.GUEST, 5, _TOLD_BEFORE, "en", later)


async def _write(
    booking: BookingRow,
    side: Side,
    stars: int,
    body: str,
    locale: str,
    now: datetime,
    *,
    author: str = "Soleman Messakh",
) -> None:
    await reviews.write(
        booking,
        side=side,
        stars=stars,
        notes={"welcome": 5, "clean": 4, "respect": 5, "communication": 5},
        body=body,
        locale=locale,
        author=author if side is Side.HOST else rules.public_name(booking.guest_name),
        person_id=None,
        now=now,
    )


async def _over(stay: Stay, host: int, traveller: int) -> BookingRow:
    """A stay that was checked in and is over, with the time to write open. Its host had no foreigner to report."""
    booking = await _booked(stay, traveller)
    with clock.frozen(booking.starts_at + timedelta(hours=1)):
        await arriving.check_in(booking.reference, by=host, now=clock.now(), how=How.CODE)
        await register.say_none(booking, by=host, now=clock.now())
    with clock.frozen(booking.ends_at + timedelta(minutes=5)):
        await bookings.complete(booking.reference, clock.now())
        await reviews.open_window(booking.reference, clock.now())
    return await rows.get(booking.reference)


async def _booked(stay: Stay, traveller: int) -> BookingRow:
    """A paid and confirmed stay, booked a week before it began."""
    first = clock.today() + timedelta(days=stay.starts)
    with clock.frozen(local_instant(first - timedelta(days=7), time(9))):
        reference = await _hold_and_pay(stay, first, traveller)
    return await rows.get(reference)


async def _hold_and_pay(stay: Stay, first: date, traveller: int) -> str:
    offering, now = await listings.get_offering(slug=stay.house), clock.now()
    if offering is None:
        raise LookupError(f"the demo has no listing {stay.house}")
    nights = DateRange(first, first + timedelta(days=stay.nights))
    held = await bookings.hold(
        offering=offering,
        choice=Choice(Party(2), room=offering.rooms[0], nights=nights),
        request_key=f"demo-arrival-{stay.house}-{stay.name}",
        locale="en",
        person_id=traveller if stay.own else None,
        now=now,
    )
    email = TRAVELLER if stay.own else f"{stay.name.split()[0].lower().replace('í', 'i')}@guests.example"
    here = f"/en/bookings/{held.reference}"
    await bookings.proceed(
        held.reference,
        guest=Guest(stay.name, email, f"+62812000{len(stay.name):05}", stay.note),
        method="demo_card",
        tools=Tools({CardProvider: DemoCards()}),
        links=Links(here, here),
        description=offering.titles["en"],
        now=now,
    )
    payment = (await payments.list_payments(held.reference))[-1]
    async with db.transaction():
        news = await demo_card.press(payment.reference, Press.PAY)
        if news is not None:
            await inbox.receive(DemoCards.name, news, now=now)
    # The worker would do this when it comes round; a past stay cannot wait for it.
    await bookings.payment_succeeded(held.reference, payment.reference, payment.amount_minor, now)
    return held.reference


async def _reported(traveller: int) -> None:
    """Somebody thinks that one of the older reviews should not stand."""
    row = await db.fetch_one(
        "SELECT r.id FROM review r JOIN listing l ON l.id = r.listing_id WHERE l.slug <> $1 AND r.stars <= 4"
        " AND r.published_at IS NOT NULL ORDER BY r.id LIMIT 1",
        HOUSE,
    )
    if row is not None:
        await reviews.report(
            row["id"],
            by=traveller,
            reason=Reason.PERSONAL,
            body="It names a neighbour who has nothing to do with the house.",
            now=clock.now() - timedelta(hours=5),
        )
