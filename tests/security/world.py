"""Two of everything: two guests with bookings, two hosts, two suppliers, two hotels; and whose is what.

`build` makes it with the product's own commands where pages need the whole thing, and with plain rows elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from market import clock, db
from market.accounts.models import HostInvitation, Membership, Organisation, Person
from market.bookings.quote import Choice
from market.bookings.service import hold
from market.calendars.models import CalendarLink
from market.listings import queries as listings
from market.listings.models import Allotment, Listing, RoomType, SleepConsent
from market.media.models import Photo
from market.media.storage import Storage
from market.messaging.models import Message, MessagePicture, MessageTemplate
from market.outbox.tools import Tools
from market.payouts.models import FundMember, FundSpending
from market.places.models import Village
from market.sms.models import SmsInbound, SmsNumber
from market.suppliers import service as suppliers
from market.suppliers.models import Certificate, Product, Quotation, Supplier
from market.suppliers.offering import (
    Acting,
    Category,
    CertificateDraft,
    CertificateKind,
    MonthDraft,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Unit,
)
from market.values.party import Party
from market.villages.models import PoolMember
from tests import factories
from tests.security import claims, guests, purchases

Params = dict[str, str]
_numbers = iter(range(1, 1_000_000))
PICTURE = "messages/kept.jpg"


@dataclass
class Side:
    """One person of each role and what is theirs: the path parameters by family of routes."""

    people: dict[str, Person] = field(default_factory=dict)
    paths: dict[str, Params] = field(default_factory=dict)
    hotel_id: int = 0


@dataclass
class World:
    one: Side
    other: Side
    officer: Person
    operator: Person
    hall: dict[str, Any]


async def build() -> World:
    """A small marketplace with two of everything."""
    one, other = await _side("Adriana"), await _side("Bernadus")
    officer, operator = await factories.make_person(name="Officer"), await factories.make_person(name="Ops")
    await factories.make_member(officer, "officer")
    await factories.make_member(operator, "operator")
    message = await SmsInbound.create(
        key="inbound-1",
        sender="+628111",
        body="telepon",
        via="test",
        sent_at=clock.now(),
        received_at=clock.now(),
        outcome="call",
    )
    job = await db.fetch_one(
        "INSERT INTO job (handler, payload, state, due_at, attempts, last_error, created_at)"
        " VALUES ('bookings.tell', '{}', 'parked', $1, 8, 'stuck', $1) RETURNING id",
        clock.now(),
    )
    assert job
    return World(one, other, officer, operator, {"inbound_id": message.id, "job": job["id"]})


async def keep_files(world: World, tools: Tools) -> None:
    """Put away what the rows of a world name: receipts, a document of each claim, a picture."""
    await purchases.keep_files(tools)
    await claims.keep_documents((world.one, world.other), tools)
    await tools.of(Storage).put(PICTURE, b"a picture", "image/jpeg")


async def _side(name: str) -> Side:
    side = Side()
    for role in ("guest", "host", "supplier", "hotel"):
        side.people[role] = await factories.make_person(name=f"{name} {role}")
    await _hosting(side)
    await _supplying(side)
    return side


async def _hosting(side: Side) -> None:
    host = await factories.make_host(person=side.people["host"])
    lesson = await factories.make_listing(host_id=host.id)
    slot = await factories.make_start(lesson)
    photo = await Photo.create(
        listing_id=lesson.id,
        state="failed",
        original_key=f"originals/{lesson.id}.jpg",
        sha256="0" * 64,
        variants=[],
        texts={},
        created_at=clock.now(),
    )
    number = await SmsNumber.create(
        number=f"+62812{host.id:08d}",
        organisation_id=host.id,
        invited_by_name="Ana",
        locale="id",
        state="active",
        invited_at=clock.now(),
        consented_at=clock.now(),
    )
    reference = await book(side.people["guest"], lesson.slug, slot.id)
    listing = {"slug": lesson.slug}
    side.paths["booking"] = {"reference": reference}
    side.paths["host booking"] = side.paths["arriving"] = {"reference": reference}
    await _told(side, reference)
    side.paths["listing"] = listing
    side.paths["section"] = {**listing, "section": "words"}
    side.paths["photo"] = {**listing, "photo": str(photo.id)}
    side.paths["date"] = {**listing, "slot": str(slot.id)}
    side.paths["number"] = {"number_id": str(number.id)}
    await _spending(side, host)
    stay, room = await factories.make_homestay(host_id=host.id)
    tour = await factories.make_listing(kind="tour", host_id=host.id)
    departure = await factories.make_start(tour, days=30)
    side.paths |= {"homestay": {"slug": stay.slug}, "tour": {"slug": tour.slug}}
    await _hosting_together(side, host, lesson, room)
    side.paths["departure"] = {"slot": str(departure.id)}
    held = await take(side.people["guest"], tour.slug, departure.id)
    side.paths["held"] = {"reference": held}
    await guests.add(side, host)
    await _told_elsewhere(side, host, room, reference)


async def _told_elsewhere(side: Side, host: Organisation, room: RoomType, reference: str) -> None:
    """A linked calendar of the host's room, a saved text, and a picture in the guest's conversation."""
    now = clock.now()
    link = await CalendarLink.create(
        room_type_id=room.id,
        name="Airbnb",
        source="airbnb",
        url="https://airbnb.test/c.ics",
        created_at=now,
        asked_at=now - timedelta(days=1),
        next_at=now + timedelta(days=1),
    )
    phrase = await MessageTemplate.create(
        host_id=host.id, title="Welcome", texts={"id": "Halo {tamu}", "en": "Dear {guest}"}, changed_at=now
    )
    booking = await db.fetch_one("SELECT id FROM booking WHERE reference = $1", reference)
    assert booking
    message = await Message.create(booking_id=booking["id"], author="guest", body="Our bus", created_at=now)
    picture = await MessagePicture.create(
        message_id=message.id,
        state="ready",
        original_key="",
        small_key=PICTURE,
        large_key=PICTURE,
        created_at=now,
    )
    side.paths |= {
        "room": {"room": str(room.id)},
        "calendar link": {"link": str(link.id)},
        "phrase": {"phrase": str(phrase.id)},
        "message picture": {"reference": reference, "picture": str(picture.id)},
    }


async def _spending(side: Side, host: Organisation) -> None:
    """A village fund whose committee the host sits on, with an entry that waits for a second name."""
    village = await Village.get(id=host.village_id)
    other = await factories.make_person()
    spending = await FundSpending.create(
        reference=f"FS{host.id:08d}",
        village_id=village.id,
        state="proposed",
        spent_on=clock.today(),
        amount_minor=5,
        purpose="Seedlings",
        proposed_by=other.id,
        proposed_at=clock.now(),
    )
    await FundMember.create(village_id=village.id, person_id=side.people["host"].id, appointed_at=clock.now())
    side.paths["fund"] = {"slug": village.slug}
    side.paths["fund spending"] = {"slug": village.slug, "reference": spending.reference}
    side.paths["host account"] = {"host_id": str(host.id)}
    side.paths["host money"] = {"host_id": str(host.id), "month": f"{clock.today():%Y-%m}"}
    side.paths["village"] = {"village_id": str(village.id)}


async def _hosting_together(side: Side, host: Organisation, lesson: Listing, room: RoomType) -> None:
    """A promise, people who help, a tour that asks for a room, and the village's turns."""
    now, person = clock.now(), side.people["host"]
    promise = await Allotment.create(listing_id=lesson.id, units=1, from_on=clock.today(), created_at=now)
    helper = await factories.make_person(name="Helper")
    member = await Membership.create(
        person_id=helper.id, organisation_id=host.id, role="host", rights="calendar", created_at=now
    )
    invitation = await HostInvitation.create(
        organisation_id=host.id,
        email="friend@example.test",
        rights="calendar",
        token_hash=f"hash-{host.id}",
        invited_by=person.id,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    asking = await factories.make_listing(kind="tour")
    consent = await SleepConsent.create(
        listing_id=asking.id, room_type_id=room.id, state="asked", asked_at=now
    )
    village = await factories.make_host(kind="village", village_id=host.village_id, person=person)
    shared, _ = await factories.make_homestay(host_id=village.id, pooled=True)
    place = await PoolMember.create(
        listing_id=shared.id,
        host_id=host.id,
        room_type_id=room.id,
        state="active",
        asked_at=now,
        joined_at=now,
    )
    team = {"host": str(host.id)}
    side.paths |= {
        "promise": {"slug": lesson.slug, "promise": str(promise.id)},
        "team": team,
        "team member": {**team, "member": str(member.id)},
        "invitation": {**team, "invitation": str(invitation.id)},
        "consent": {"consent": str(consent.id)},
        "turns": {"listing": str(shared.id)},
        "pool member": {"listing": str(shared.id), "member": str(place.id)},
    }


async def take(guest: Person, slug: str, slot_id: int) -> str:
    """A place held by a signed-in guest; the reference."""
    now = clock.now()
    offering = await listings.get_offering(slug=slug)
    slot = await listings.get_slot(slot_id, now)
    assert offering
    assert slot
    held = await hold(
        offering=offering,
        choice=Choice(Party(1, 0, 0), slot=slot),
        request_key=f"request-of-{guest.id}-{slot_id}",
        locale="en",
        person_id=guest.id,
        now=now,
    )
    return held.reference


async def book(guest: Person, slug: str, slot_id: int) -> str:
    """A confirmed booking of a signed-in guest; its reference."""
    now, reference = clock.now(), await take(guest, slug, slot_id)
    await db.execute(
        "UPDATE booking SET state = 'confirmed', method = 'transfer', guest_name = $2, guest_email = $3,"
        " guest_phone = '+6281234567890', note = 'No pork', expires_at = NULL, confirmed_at = $4,"
        " paid_minor = total_minor WHERE reference = $1",
        reference,
        guest.name,
        guest.email,
        now,
    )
    await db.execute(
        "UPDATE allocation SET state = 'confirmed', expires_at = NULL WHERE slot_id = $1", slot_id
    )
    await db.execute("UPDATE slot SET confirmed = 1, held = 0 WHERE id = $1", slot_id)
    return reference


async def _organisation(side: Side, role: str) -> Organisation:
    person = side.people[role]
    organisation = await Organisation.create(
        kind=role, slug=f"{role}-{next(_numbers)}", name=person.name, texts={}, created_at=clock.now()
    )
    await factories.make_member(person, role, organisation.id)
    return organisation


async def _supplying(side: Side) -> None:
    now, acting = clock.now(), Acting(side.people["supplier"].id)
    business, hotel = await _organisation(side, "supplier"), await _organisation(side, "hotel")
    without_page = await _organisation(side, "supplier")
    texts = {locale: {"about": "We weave with plant dyes."} for locale in ("id", "en")}
    code = await suppliers.open_page(
        business.id,
        PageDraft(business.name, SupplierKind.COOPERATIVE, "53.08.14.2011", False, True, texts=texts),
        acting,
        now,
    )
    page = await Supplier.get(code=code)
    words = {locale: {"name": "Sarong", "about": "Cotton."} for locale in ("id", "en")}
    months = tuple(MonthDraft(10, True) for _ in range(12))
    product_id = await suppliers.add_product(
        page.id, ProductDraft(Category.TEXTILE, Unit.PIECE, words, months, Origin.A), acting, now
    )
    await suppliers.add_certificate(
        page.id,
        CertificateDraft(CertificateKind.OTHER, title="Fair", number="1", issuer="Office"),
        acting,
        now,
    )
    await suppliers.publish(page.id, acting, now)
    product, certificate = await Product.get(id=product_id), await Certificate.get(supplier_id=page.id)
    quotation = await Quotation.create(
        reference=f"Q{page.id:07d}".replace("0", "A").replace("1", "B"),
        request_key=f"quotation-{page.id}",
        state="asked",
        hotel_id=hotel.id,
        supplier_id=page.id,
        product_id=product.id,
        quantity=3,
        unit="piece",
        wanted_on=factories.in_days(20),
        asked_by=side.people["hotel"].id,
        asked_at=now - timedelta(hours=1),
    )
    side.paths["organisation"] = {"organisation_id": str(without_page.id)}
    side.paths["page"] = {"code": code}
    side.paths["own product"] = {"code": code, "product_id": str(product.id)}
    side.paths["certificate"] = {"code": code, "certificate_id": str(certificate.id)}
    side.paths["quotation"] = side.paths["hotel quotation"] = {"reference": quotation.reference}
    side.paths["public product"] = {"slug": page.slug, "product": product.slug}
    side.paths["judged"] = {"product_id": str(product.id)}
    side.hotel_id = hotel.id
    await purchases.add(side, page, hotel.id)
    await claims.add(side, hotel.id)


async def _told(side: Side, reference: str) -> None:
    """A message of the host, which the guest may report."""
    message = await db.fetch_one(
        "INSERT INTO message (booking_id, author, body, created_at, read_at)"
        " SELECT id, 'host', 'Welcome', $1, $1 FROM booking WHERE reference = $2 RETURNING id",
        clock.now(),
        reference,
    )
    assert message
    side.paths["message"] = {"reference": reference, "message": str(message["id"])}
