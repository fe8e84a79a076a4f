"""What desks, calendars, registers and messages keep of somebody is in the file they can take along."""

from __future__ import annotations

import market.app.handlers  # noqa: F401 # pyright: ignore[reportUnusedImport] - every feature adds its part
from market import clock, db
from market.accounts import taking_along
from market.bookings import rows
from market.register import service as register
from market.settings import Settings
from tests import factories
from tests.integration.register.test_register import FACTS
from tests.security.guests import a_stay


async def test_register_pictures_and_calendars_are_in_the_own_data_file(client: object, settings: Settings):
    rosa, guest = await factories.make_person(), await factories.make_person()
    host = await factories.make_host(person=rosa)
    booking = await rows.get(await a_stay(guest, host))
    now = clock.now()
    await register.write(
        booking, FACTS, guest_id=None, filled_by="guest", by=guest.id, secrets=settings.secrets, now=now
    )
    made = await db.fetch(
        "INSERT INTO message (booking_id, author, body, created_at) VALUES ($1, 'guest', 'Our bus', $2) RETURNING id",
        booking.id,
        now,
    )
    await db.execute(
        "INSERT INTO message_picture (message_id, state, original_key, created_at) VALUES ($1, 'waiting', 'x', $2)",
        made[0]["id"],
        now,
    )
    room = await db.fetch_one("SELECT id FROM room_type LIMIT 1")
    assert room
    await db.execute(
        "INSERT INTO calendar_link (room_type_id, name, source, url, created_by, created_at, asked_at, next_at)"
        " VALUES ($1, 'Uncle', 'airbnb', 'https://x.test/secret.ics', $2, $3, $3, $3)",
        room["id"],
        rosa.id,
        now,
    )
    own = await taking_along.everything(guest.id)
    [stay] = own["register_of_foreign_guests"]
    assert (stay["booking"], stay["by_guest"], stay["by_host"]) == (booking.reference, 1, 0)
    [picture] = own["message_pictures"]
    assert picture["page"] == f"/bookings/{booking.reference}/messages"
    hosts = await taking_along.everything(rosa.id)
    assert [one["name"] for one in hosts["linked_calendars"]] == ["Uncle"]
    assert "secret.ics" not in str(hosts)
    assert hosts["register_of_foreign_guests"] == []
