"""In the demo: a calendar linked to the demo host's rooms that has fallen silent, a night sold twice, saved texts, and
a conversation with a picture. The other site's address is invented and leads nowhere, which is what the page shows.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Final

from PIL import Image, ImageDraw

from market import clock, db
from market.bookings.access import Role
from market.calendars import feeds, ics, links, syncing
from market.calendars.pages import routes as feed_pages
from market.console.calendar_link_pages import routes as calendar_pages
from market.demo.people import DEMO_HOST
from market.media.adapters.disk import DiskStorage
from market.messaging import phrases, pictures, service
from market.settings import Settings
from market.values.dates import local_day
from market.web import urls

_STAY: Final = "messakh-sasando-rooms"
_ADDRESS: Final = "https://www.airbnb.example/calendar/ical/30214.ics?s=demo"
_PHRASES: Final = (
    (
        "Selamat datang",
        "Halo {tamu}, terima kasih sudah memesan {acara}. Kami menunggu Anda pada {datang} pukul {jam}.",
        "Dear {guest}, thank you for booking {listing}. We expect you on {arrival} at {time}.",
    ),
    (
        "Jemput di jalan besar",
        "Halo {tamu}, kami menjemput Anda di jalan besar pada {datang}. Kabari kami bila bemo terlambat.",
        "Dear {guest}, we pick you up at the main road on {arrival}. Tell us when the bemo is late.",
    ),
    (
        "Soal makanan",
        "Halo {tamu}, adakah makanan yang tidak Anda makan? Kami memasak untuk {rombongan}.",
        "Dear {guest}, is there anything you do not eat? We cook for {people}.",
    ),
)


async def load(config: Settings | None) -> None:
    """Add it to the trips that are there; what this day's demo does not have is left out."""
    urls.learn([*calendar_pages, *feed_pages])
    tomorrow = clock.today() + timedelta(days=1)
    room = await db.fetch_one(
        "SELECT r.id, r.count FROM room_type r JOIN listing l ON l.id = r.listing_id WHERE l.slug = $1"
        " ORDER BY r.position LIMIT 1",
        _STAY,
    )
    stay = await db.fetch_one(
        "SELECT b.reference FROM booking b JOIN listing l ON l.id = b.listing_id WHERE l.slug = $1"
        " AND b.state = 'confirmed' AND b.starts_on <= $2 AND b.ends_on > $2 LIMIT 1",
        _STAY,
        tomorrow,
    )
    host = await db.fetch_one("SELECT id FROM organisation WHERE slug = $1", DEMO_HOST)
    if host is not None:
        for title, indonesian, english in _PHRASES:
            texts = {"id": indonesian, "en": english}
            await phrases.save(None, host_id=host["id"], title=title, texts=texts, by=None, now=clock.now())
    if config is None or room is None:
        return
    await _calendar(room["id"], room["count"], tomorrow if stay else None, config)
    if stay is not None:
        await _talk(stay["reference"], config)


async def _calendar(room_id: int, rooms: int, sold_on: date | None, config: Settings) -> None:
    """A good copy of 19 hours ago, failures since, and a night on which the other site sold a room too many."""
    now = clock.now()
    today = local_day(now)
    await feeds.renew(room_id, config, now - timedelta(days=20))
    link_id = await links.add(room_id, name="Airbnb", url=_ADDRESS, by=None, now=now, config=config)
    first = today + timedelta(days=5)
    taken = [(first, first + timedelta(days=2)), (today + timedelta(days=33), today + timedelta(days=36))]
    if sold_on is not None:
        sold = await db.fetch_one(
            "SELECT held + confirmed AS n FROM slot WHERE room_type_id = $1 AND starts_on = $2",
            room_id,
            sold_on,
        )
        over = rooms - (sold["n"] if sold else 0) + 1
        taken += [(sold_on, sold_on + timedelta(days=1))] * over
    windows = tuple(
        ics.Window(f"demo-{number}", start, end, ics.RESERVED) for number, (start, end) in enumerate(taken)
    )
    good_at = now - timedelta(hours=19)
    with clock.frozen(good_at):
        await syncing.apply(link_id, ics.Reading(windows), now=good_at, config=config)
    await db.execute(
        "UPDATE calendar_link SET problem = 'no_such_host', failures = 6, asked_at = $2, checked_at = $3,"
        " next_at = $4 WHERE id = $1",
        link_id,
        now - timedelta(minutes=20),
        now - timedelta(minutes=19),
        now + timedelta(hours=3),
    )
    await db.execute(
        "UPDATE job SET state = 'done', done_at = $2 WHERE handler = $1 AND state = 'ready'",
        links.REFRESH,
        now,
    )


async def _talk(reference: str, config: Settings) -> None:
    """Questions and answers about a confirmed stay, with a picture from the guest."""
    now = clock.now()
    said = (
        (Role.GUEST, "May we come a little earlier, at 13:00? Our flight was moved."),
        (Role.HOST, "Boleh. Of course. Shall we cook lunch for you?"),
        (Role.GUEST, "Yes, thank you! This is the cloth we bought on the way; do you know the pattern?"),
    )
    keys: list[str] = []
    if config.s3 is None:
        keys = await pictures.keep([_cloth()], DiskStorage(config.data_dir / "media", "/media"))
    for number, (side, body) in enumerate(said):
        await service.write(
            reference,
            author=side,
            person_id=None,
            body=body,
            now=now - timedelta(hours=3 * (len(said) - number)),
            picture_keys=keys if number == len(said) - 1 else (),
        )


def _cloth() -> bytes:
    """A woven band with diamonds, drawn here: no photo of anybody's is needed."""
    picture = Image.new("RGB", (960, 640), "#27346b")
    draw = ImageDraw.Draw(picture)
    for row, colour in enumerate(("#9a2d25", "#e2a52b", "#f3efe6", "#9a2d25")):
        top = 60 + row * 140
        draw.rectangle((0, top, 960, top + 96), fill=colour)
        for left in range(-40, 960, 96):
            middle = top + 48
            draw.polygon(
                [(left, middle), (left + 48, top + 6), (left + 96, middle), (left + 48, top + 90)],
                fill="#27346b",
            )
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()
