"""A village with a pool of families for tests: its organisation, its listing, and each family's own room."""

from __future__ import annotations

from dataclasses import dataclass

from market import clock
from market.accounts.models import Organisation, Person
from market.bookings import service as bookings
from market.bookings.quote import Choice
from market.listings import queries as listings
from market.listings.models import Listing, RoomType
from market.values.dates import DateRange
from market.values.party import Party
from market.villages import queries, service
from tests import factories


@dataclass
class Home:
    """A family with somebody who acts for it, its own listing and room."""

    host: Organisation
    person: Person
    listing: Listing
    room: RoomType


@dataclass
class Village:
    """The village's organisation, its coordinator and listing, and the families in the turns."""

    org: Organisation
    coordinator: Person
    listing: Listing
    room: RoomType
    homes: list[Home]


async def build(families: int = 3) -> Village:
    place = await factories.make_village(name="Takpala")
    coordinator = await factories.make_person(name="Koordinator")
    org = await factories.make_host(
        village_id=place.id, person=coordinator, kind="village", name="Desa Wisata Takpala"
    )
    listing, room = await factories.make_homestay(host_id=org.id, title="A night with a family")
    await service.make_pool(listing.id)
    homes = [await family(place.id, n) for n in range(families)]
    village = Village(org, coordinator, listing, room, homes)
    for home in homes:
        await join(village, home)
    return village


async def family(village_id: int, n: int = 0) -> Home:
    person = await factories.make_person(name=f"Mama {n}")
    host = await factories.make_host(village_id=village_id, person=person, name=f"Keluarga {n}")
    listing, room = await factories.make_homestay(host_id=host.id, title=f"House {n}")
    return Home(host, person, listing, room)


async def join(village: Village, home: Home) -> None:
    now = clock.now()
    await service.ask_to_join(village.listing.id, home.host.id, home.room.id, now)
    places = await queries.list_places(village.listing.id, "en")
    member = next(place for place in places if place.host_id == home.host.id)
    await service.admit(village.listing.id, member.id, now)


async def hold(listing: Listing, room: RoomType, first: int, last: int, key: str = "") -> str:
    """Hold one room from so many days ahead to so many; the reference."""
    offering = await listings.get_offering(listing_id=listing.id)
    assert offering
    nights = DateRange(factories.in_days(first), factories.in_days(last))
    held = await bookings.hold(
        offering=offering,
        choice=Choice(Party(2), room=offering.room(room.id), nights=nights),
        request_key=f"pool-{listing.id}-{first}-{last}-{key or next(_numbers)}",
        locale="en",
        person_id=None,
        now=clock.now(),
    )
    return held.reference


_numbers = iter(range(1, 1_000_000))
