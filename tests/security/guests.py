"""What a host's guests bring along: a stay with its register, a no-show, a visit to review, a review to answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from market import clock, db
from market.accounts.models import Organisation, Person
from market.bookings import arrival_codes, rows
from market.bookings.quote import Choice
from market.bookings.service import hold
from market.listings import queries as listings
from market.register import service as register
from market.register.rules import Facts
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories
from tests.conftest import SECRET

if TYPE_CHECKING:
    from tests.security.world import Side

FACTS = Facts("Ana Example", "DE", "X1234567", date(1990, 1, 1), date(2030, 1, 1), date(2030, 1, 4))
_keys = iter(range(1_000_000))


async def add(side: Side, host: Organisation) -> None:
    """Give a side of the world guests in every situation that has pages of its own."""
    guest = side.people["guest"]
    stay = await a_stay(guest, host)
    written = [await _written(stay, by) for by in ("host", "host", "guest")]
    side.paths["stay"] = side.paths["guest stay"] = {"reference": stay}
    side.paths["registered guest"] = {"reference": stay, "guest_id": str(written[0])}
    side.paths["guest registered"] = {"reference": stay, "guest_id": str(written[2])}
    side.paths["voucher"] = {"token": arrival_codes.qr_token(stay, (SECRET,))}
    absent = await a_stay(guest, host)
    await _no_show(absent)
    side.paths["absent"] = {"reference": absent}
    visit = await a_stay(guest, host)
    side.paths["visit"] = {"reference": visit}
    side.paths["reviewed"] = {"review_id": str(await _reviewed(visit))}


async def a_stay(guest: Person, host: Organisation) -> str:
    """A confirmed stay of a signed-in guest; its reference."""
    listing, _ = await factories.make_homestay(host_id=host.id)
    offering, now = await listings.get_offering(listing_id=listing.id), clock.now()
    assert offering
    first = factories.in_days(20)
    held = await hold(
        offering=offering,
        choice=Choice(Party(1), room=offering.rooms[0], nights=DateRange(first, first + timedelta(days=3))),
        request_key=f"stay-{next(_keys)}",
        locale="en",
        person_id=guest.id,
        now=now,
    )
    await db.execute(
        "UPDATE booking SET state = 'confirmed', method = 'transfer', guest_name = $2, guest_email = $3,"
        " expires_at = NULL, confirmed_at = $4, paid_minor = total_minor WHERE reference = $1",
        held.reference,
        guest.name,
        guest.email,
        now,
    )
    return held.reference


async def _written(reference: str, filled_by: str) -> int:
    await register.write(
        await rows.get(reference),
        FACTS,
        guest_id=None,
        filled_by=filled_by,
        by=None,
        secrets=(SECRET,),
        now=clock.now(),
    )
    row = await db.fetch_one("SELECT MAX(id) AS id FROM register_guest")
    assert row
    return row["id"]


async def _no_show(reference: str) -> None:
    booking, now = await rows.get(reference), clock.now()
    await db.execute("UPDATE booking SET state = 'no_show' WHERE id = $1", booking.id)
    await db.execute(
        "INSERT INTO no_show (booking_id, stated_at, contest_until, refund_minor, freed)"
        " VALUES ($1, $2, $3, 0, '[]')",
        booking.id,
        now,
        now + timedelta(days=1),
    )


async def _reviewed(reference: str) -> int:
    """The visit may be written about, and one of its host's other reviews waits for an answer."""
    booking, now = await rows.get(reference), clock.now()
    await db.execute("UPDATE booking SET state = 'completed' WHERE id = $1", booking.id)
    await db.execute(
        "INSERT INTO review_window (booking_id, opened_at, closes_at) VALUES ($1, $2, $3)",
        booking.id,
        now,
        now + timedelta(days=14),
    )
    found = await db.fetch(
        "INSERT INTO review (listing_id, host_id, author, country, stars, body, locale, written_at, published_at)"
        " VALUES ($1, $2, 'Ben', '{}', 4, 'Nice.', 'en', $3, $3) RETURNING id",
        booking.listing_id,
        booking.host_id,
        now,
    )
    return found[0]["id"]
