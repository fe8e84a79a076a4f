"""A night that another site sold too: the host's phone hears of it in one SMS, while the booking stands."""

from __future__ import annotations

from market import clock, db
from market.bookings import rows
from market.calendars.letters import TELL_PHONES
from market.notifications.sms_text import ONE_PART, septets
from market.outbox import queue
from tests.integration.sms.phones import connect, make_class, request
from tests.integration.sms.test_requests import code_in


async def test_the_phone_hears_it_once_and_only_while_the_booking_stands(tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    reference = await request(listing, session, tools, phone.now)
    await phone.send(f"YA {code_in(await phone.last())}")
    day = (await rows.get(reference)).starts_on.isoformat()
    news = {"booking": reference, "calendar": "Airbnb", "days": [day]}
    for again in range(2):
        async with db.transaction():
            await queue.add(TELL_PHONES, news, dedupe_key=f"{TELL_PHONES}:{again}")
        await phone.work()
    told = [text for text in await phone.got() if "Airbnb" in text]
    assert len(told) == 1
    assert "juga terjual di Airbnb. Pesanan di sini tetap." in told[0]
    assert septets(told[0]) <= ONE_PART
    await db.execute("UPDATE booking SET state = 'cancelled_by_host' WHERE reference = $1", reference)
    async with db.transaction():
        await queue.add(TELL_PHONES, news | {"calendar": "Booking"}, dedupe_key=f"{TELL_PHONES}:late")
    with clock.frozen(phone.now):
        await phone.work()
    assert not [text for text in await phone.got() if "Booking" in text]
