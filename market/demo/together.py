"""Hosting together in the demo: Takpala's four families in turn, their coordinator, a helper, and an allotment.

Runs after the hosts and their listings are there. Everything goes through the commands that pages use. People,
families and phone numbers are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts import rights
from market.accounts.models import Membership, Organisation
from market.accounts.rights import Right
from market.bookings import rotation
from market.bookings import service as bookings
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.console.village_pages import routes as village_pages
from market.demo import people
from market.i18n import formats
from market.listings import allotments, draft_queries, nights
from market.listings import queries as listings
from market.listings import service as listing_service
from market.listings.drafts import ListingDraft, ListingText, RoomDraft
from market.listings.models import Listing
from market.listings.offering import Kind, Status
from market.outbox.tools import Tools
from market.places.models import Village
from market.settings import Settings, load
from market.values.dates import DateRange
from market.values.party import Party
from market.villages import acts, queries, service
from market.villages.acts import Acting
from market.web import urls

COORDINATOR: Final = people.COORDINATOR
POOL: Final = "takpala-night-with-a-family"
_HELPER: Final = "yuliana-ndoen"
_SLEEPS: Final = 2


@dataclass(frozen=True, slots=True)
class _Family:
    """A family of the village: one that lists already (`slug`), or one that only hosts in turn."""

    slug: str
    name: str
    person: str
    phone: str
    room_id: str
    room_en: str
    address: str = ""
    way_id: str = ""
    way_en: str = ""


_FAMILIES: Final = (
    _Family("yakob-atamai", "", "", "", "", ""),
    _Family("yohana-lema", "", "", "", "", ""),
    _Family(
        "keluarga-maukari",
        "Keluarga Maukari (demo)",
        "Martha Maukari",
        "+62 812-0000-0811",
        "Kamar atas",
        "Upper room",
        "Takpala, rumah panggung kedua di kanan lapangan lego-lego, Lembur Barat, Alor",
        "Dari Kalabahi naik mobil sampai pelataran parkir Takpala, lalu lima menit menanjak; kami menjemput di gapura.",
        "By car from Kalabahi to the parking ground of Takpala, then five minutes uphill; we meet you at the gate.",
    ),
    _Family(
        "keluarga-kafelmai",
        "Keluarga Kafelmai (demo)",
        "Abner Kafelmai",
        "+62 812-0000-0812",
        "Kamar depan",
        "Front room",
        "Takpala, rumah panggung di bawah pohon kenari besar, Lembur Barat, Alor",
        "Dari Kalabahi naik mobil sampai pelataran parkir Takpala; rumah kami di sebelah kiri jalan setapak.",
        "By car from Kalabahi to the parking ground of Takpala; our house is on the left of the footpath.",
    ),
)
_GUESTS: Final = (
    ("Ingrid Solberg", 9, 2),
    ("Dewi Lestari", 9, 1),
    ("Teresa Pinto", 16, 2),
    ("Lukas Brandt", 23, 3),
)


async def make(config: Settings | None = None) -> None:
    """The village, its families and their turns; the helper and the allotment of the demo's host."""
    urls.learn(village_pages)  # what is done in a family's name leads there
    now = clock.now()
    village = await Village.get(slug="takpala")
    org = await Organisation.create(
        kind="village",
        slug="desa-wisata-takpala",
        name="Desa Wisata Takpala (demo)",
        village_id=village.id,
        phone="+62 812-0000-0810",
        since=2019,
        answers_hours=4,
        languages="id,en",
        texts={
            "id": {"about": "Empat keluarga Abui menerima tamu bergiliran. Rekaan untuk demo."},
            "en": {"about": "Four Abui families host guests in turn. Invented."},
        },
        created_at=now,
    )
    coordinator = await people.create_person("Ribka Lanmai", COORDINATOR, "+62 812-0000-0910")
    await people.create_membership(coordinator, "host", org.id)
    pool_id = await _pool(org.id, village.id)
    for family in _FAMILIES:
        host = await _host(family, village.id)
        await _join(pool_id, host, family)
    await _coordination(org.id, coordinator, config or load({"MARKET_DEMO": "1"}))
    await _demo_host(coordinator)


async def _pool(org_id: int, village_id: int) -> int:
    texts = {
        "id": ListingText(
            title="Semalam bersama keluarga di Takpala",
            summary="Empat keluarga Abui menerima tamu bergiliran; Anda tidur di rumah keluarga yang gilirannya tiba.",
            body="Takpala menerima tamu bersama-sama. Keluarga yang gilirannya tiba menyiapkan kamar, makan malam"
            " jagung dan ikan, dan sarapan kenari di beranda.\n\nSiapa tuan rumah Anda tertulis di pesanan. Bila"
            " keluarga itu berhalangan, keluarga berikutnya menerima Anda dengan harga dan tanggal yang sama.",
            access="Dari Kalabahi naik mobil atau ojek ke Takpala, sekitar setengah jam; keluarga menjemput di gapura.",
            included=("Makan malam", "Sarapan", "Air minum"),
            excluded=("Perjalanan ke Takpala",),
        ),
        "en": ListingText(
            title="A night with a family of Takpala",
            summary="Four Abui families host in turn; you sleep in the house of the family whose turn it is.",
            body="Takpala hosts together. The family whose turn it is prepares the room, a supper of maize and fish,"
            " and kenari nuts for breakfast on the veranda.\n\nYour booking names your hosts. If they cannot host,"
            " the next family does, on the same dates and at the same price.",
            access="By car or motorbike taxi from Kalabahi, about half an hour; the family meets you at the gate.",
            included=("Supper", "Breakfast", "Drinking water"),
            excluded=("The way to Takpala",),
        ),
    }
    room = RoomDraft(
        key="family",
        count=1,
        sleeps=_SLEEPS,
        price_minor=185_000,
        texts={
            "id": {"name": "Kamar di rumah keluarga", "about": "Kasur, kelambu, air hangat atas permintaan."},
            "en": {
                "name": "Room in a family's house",
                "about": "Mattress, mosquito net, warm water on request.",
            },
        },
    )
    listing_id = await listing_service.create_listing(
        ListingDraft(
            kind=Kind.HOMESTAY,
            host_id=org_id,
            village_id=village_id,
            slug=POOL,
            policy="moderate",
            texts=texts,
            max_party=_SLEEPS,
            notice_hours=24,
            cutoff_hours=24,
            languages=("id", "en"),
            rooms=(room,),
        )
    )
    await service.make_pool(listing_id)
    await listing_service.set_status(listing_id, Status.PUBLISHED)
    return listing_id


async def _host(family: _Family, village_id: int) -> Organisation:
    """The family's organisation; one that lists nothing yet gets a house with one room."""
    if not family.name:
        return await Organisation.get(slug=family.slug)
    host = await Organisation.create(
        kind="host",
        slug=family.slug,
        name=family.name,
        village_id=village_id,
        phone=family.phone,
        since=2023,
        texts={"id": {"about": "Rekaan untuk demo."}, "en": {"about": "Invented."}},
        created_at=clock.now(),
    )
    address = f"{family.slug}@hosts.example"
    await people.create_membership(
        await people.create_person(family.person, address, family.phone), "host", host.id
    )
    draft = ListingDraft(
        kind=Kind.HOMESTAY,
        host_id=host.id,
        village_id=village_id,
        policy="moderate",
        address=family.address,
        texts={
            "id": ListingText(
                title=f"Rumah {family.name}",
                access=family.way_id,
                summary="Satu kamar di rumah keluarga Abui, di atas lapangan lego-lego.",
                body="Rumah panggung dengan satu kamar tamu. Kami makan bersama di beranda dan menunjukkan jalan ke"
                " kebun kenari bila Anda mau.",
            ),
            "en": ListingText(
                title=f"House of {family.name}",
                access=family.way_en,
                summary="One room in the house of an Abui family, above the lego-lego ground.",
                body="A stilt house with one guest room. We eat together on the veranda and show you the way to the"
                " kenari garden if you like.",
            ),
        },
        max_party=_SLEEPS,
        slug=f"rumah-{family.slug}",
        rooms=(
            RoomDraft(
                key="room",
                count=1,
                sleeps=_SLEEPS,
                price_minor=170_000,
                texts={"id": {"name": family.room_id}, "en": {"name": family.room_en}},
            ),
        ),
    )
    listing_id = await listing_service.create_listing(draft)
    await listing_service.set_status(listing_id, Status.PUBLISHED)
    return host


async def _join(pool_id: int, host: Organisation, family: _Family) -> None:
    house = await Listing.filter(host_id=host.id, kind="homestay").order_by("id").first()
    if house is None:
        return
    offering = await listings.get_offering(listing_id=house.id)
    room = next((each for each in offering.rooms if each.sleeps >= _SLEEPS), None) if offering else None
    if room is None:
        return
    await service.ask_to_join(pool_id, host.id, room.id, clock.now())
    member = next(place for place in await queries.list_places(pool_id, "id") if place.host_id == host.id)
    await service.admit(pool_id, member.id, clock.now())


async def _coordination(org_id: int, coordinator: int, config: Settings) -> None:
    """Two families let the coordinator act for them; she closed a night for one of them."""
    now = clock.now()
    for family in _FAMILIES[1:3]:
        host = await Organisation.get(slug=family.slug)
        owner = (await accounts.people_of_organisation(host.id, "host"))[0]
        await service.agree(org_id, host.id, by=owner.id, now=now)
    host = await Organisation.get(slug=_FAMILIES[2].slug)
    house = await Listing.get(host_id=host.id)
    room_id = next(iter((await draft_queries.get_room_ids(house.id)).values()))
    day = clock.today() + timedelta(days=5)
    async with db.transaction():
        await nights.close_days(room_id, [day], now)
        await acts.record(
            Acting(host.id, coordinator, org_id),
            "closed",
            f"Rumah {host.name}",
            detail=formats.day(day, "id"),
            now=now,
            config=config,
        )


async def _demo_host(by: int) -> None:
    """The demo's host promises one room, has somebody who helps until the season's end, and reachable hours."""
    host = await Organisation.get(slug=people.DEMO_HOST)
    await Organisation.filter(id=host.id).update(reachable_from="06:00", reachable_to="20:00")
    house = await Listing.filter(host_id=host.id, kind="homestay").order_by("id").first()
    owner = (await accounts.people_of_organisation(host.id, "host"))[0]
    if house is not None:
        room_id = next(iter((await draft_queries.get_room_ids(house.id)).values()))
        await allotments.declare(house.id, room_id, 1, by=owner.id, now=clock.now())
        weekend = [clock.today() + timedelta(days=n) for n in range(35, 49)]
        dear = [day for day in weekend if day.weekday() in {4, 5}]
        await nights.price_days(room_id, dear, 325_000, clock.now())
    helper = await Organisation.get(slug=_HELPER)
    friend = (await accounts.people_of_organisation(helper.id, "host"))[0]
    await _help(host.id, friend.id, timedelta(days=60))
    nephew = await people.create_person("Deni Messakh", people.COHOST, "+62 812-0000-0911")
    await _help(host.id, nephew, timedelta(days=90))
    student = await people.create_person("Selvi Bani", people.FORMER_COHOST, "+62 812-0000-0912")
    await _help(host.id, student, timedelta(days=-12))


async def _help(host_id: int, person_id: int, ends_in: timedelta) -> None:
    """The person keeps the host's calendar and guests, until an end that may lie in the past."""
    await Membership.create(
        person_id=person_id,
        organisation_id=host_id,
        role="host",
        rights=rights.stored((Right.CALENDAR, Right.REQUESTS)),
        created_at=clock.now() - timedelta(days=100),
        expires_at=clock.now() + ends_in,
    )


async def visit() -> None:
    """A few guests of the village, and one whose family could not host."""
    offering = await listings.get_offering(slug=POOL)
    if offering is None:
        return
    tools = Tools({})  # they pay at the village: nobody is asked for a card
    references: list[str] = []
    for n, (name, ahead, length) in enumerate(_GUESTS):
        start = clock.today() + timedelta(days=ahead)
        nights_of_stay = DateRange(start, start + timedelta(days=length))
        held = await bookings.hold(
            offering=offering,
            choice=Choice(Party(2), room=offering.rooms[0], nights=nights_of_stay),
            request_key=f"demo-together-{n}",
            locale="en",
            person_id=None,
            now=clock.now(),
        )
        here = f"/en/bookings/{held.reference}"
        guest = Guest(name, f"{name.split(maxsplit=1)[0].lower()}@guests.example", f"+62812000099{n:02}")
        await bookings.proceed(
            held.reference,
            guest=guest,
            method="on_arrival",
            tools=tools,
            links=Links(here, here),
            description=offering.titles["en"],
            now=clock.now(),
        )
        references.append(held.reference)
    await rotation.hand_on(
        references[1], reason="Ada kedukaan di keluarga kami minggu itu.", by=None, now=clock.now()
    )
