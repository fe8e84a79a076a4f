"""Nights sold elsewhere close here and open again; nothing sold here is ever touched, nor sold twice unseen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from market import clock
from market import db as sql
from market.calendars import collisions, feeds, ics, letters, links, queries, syncing
from market.listings import nights as nights_of
from market.listings import stock
from market.listings.models import RoomType
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from market.values.dates import DateRange
from tests import factories
from tests.factories import in_days
from tests.integration.bookings.doing import book
from tests.integration.calendars.site import ics as written


class Linked:
    """A room with one linked calendar."""

    def __init__(self, room: RoomType, link_id: int, slug: str, host_id: int, config: Settings) -> None:
        self.room, self.link_id, self.slug, self.host_id, self.config = room, link_id, slug, host_id, config

    async def says(self, *events: Any, link_id: int | None = None, **more: Any) -> None:
        """The other site is read, and says this."""
        now = clock.now()
        reading = ics.read(
            written(*events, **more), today=clock.today(), own_domain=feeds.domain(self.config)
        )
        await syncing.apply(link_id or self.link_id, reading, now=now, config=self.config)

    async def link(self, name: str) -> int:
        return await links.add(
            self.room.id,
            name=name,
            url=f"https://{name}.test/c.ics",
            by=None,
            now=clock.now(),
            config=self.config,
        )

    async def blocked(self) -> dict[int, tuple[int, int]]:
        """(blocked, imported) by days from today, where not zero."""
        rows = await sql.fetch(
            "SELECT starts_on, blocked, imported FROM slot WHERE room_type_id = $1 AND blocked > 0",
            self.room.id,
        )
        return {
            (sql.as_date(r["starts_on"]) - clock.today()).days: (r["blocked"], r["imported"]) for r in rows
        }

    async def read_feed(self, link_id: int = 0) -> str:
        """Somebody reads our feed."""
        file = await feeds.make(self.room.id, link_id, self.config, clock.now())
        await feeds.note_read(self.room.id, link_id, clock.now())
        return file.body.decode()


async def linked(config: Settings, *, rooms: int = 1) -> Linked:
    owner = await factories.make_person(name="Rosalina", email="rosalina@example.test")
    host = await factories.make_host(person=owner)
    listing, room = await factories.make_homestay(host_id=host.id, rooms=rooms)
    await feeds.renew(room.id, config, clock.now())
    made = Linked(room, 0, listing.slug, host.id, config)
    made.link_id = await made.link("airbnb")
    return made


def stay(start: int, end: int, words: str = "Reserved") -> tuple[date, date, str]:
    return in_days(start), in_days(end), words


async def test_nights_close_move_and_open_again(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    await room.says(stay(10, 12), stay(20, 22, "Airbnb (Not available)"))
    assert await room.blocked() == dict.fromkeys((10, 11, 20, 21), (1, 1))
    await room.says(stay(11, 13), stay(20, 22, "Airbnb (Not available)"))
    assert await room.blocked() == dict.fromkeys((11, 12, 20, 21), (1, 1))
    await room.says()
    assert await room.blocked() == {}
    await room.says(stay(10, 12))
    await links.remove(room.link_id)
    assert await room.blocked() == {}


async def test_reading_the_same_twice_changes_nothing(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    for _ in range(3):
        await room.says(stay(10, 12))
    assert await room.blocked() == {10: (1, 1), 11: (1, 1)}
    with clock.frozen(clock.now() + timedelta(days=11)):
        await room.says(stay(-1, 1))
        assert await room.blocked() == {-1: (1, 1), 0: (1, 1)}
        await room.says()
        assert await room.blocked() == {-1: (1, 1)}


async def test_the_host_cannot_open_what_is_sold_elsewhere(db: str, tools: Tools, settings: Settings):
    room = await linked(settings, rooms=2)
    days = [in_days(10), in_days(11)]
    await nights_of.sell_days(room.room.id, days, 1, clock.now())
    await room.says(stay(10, 11))
    assert await room.blocked() == {10: (2, 1), 11: (1, 0)}
    await nights_of.open_days(room.room.id, days, clock.now())
    assert await room.blocked() == {10: (1, 1)}
    await nights_of.close_days(room.room.id, days, clock.now())
    assert await room.blocked() == {10: (2, 1), 11: (2, 0)}
    await room.says()
    assert await room.blocked() == {10: (2, 0), 11: (2, 0)}


async def test_a_closed_night_sold_elsewhere_stays_closed_until_both_let_go(
    db: str, tools: Tools, settings: Settings
):
    room = await linked(settings)
    await nights_of.close_days(room.room.id, [in_days(10)], clock.now())
    await room.says(stay(10, 11))
    await nights_of.open_days(room.room.id, [in_days(10)], clock.now())
    assert await room.blocked() == {10: (1, 1)}
    await room.says()
    assert await room.blocked() == {}


async def test_a_night_sold_here_is_a_conflict_that_both_sides_hear_of_once(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    operator = await factories.make_person(name="Ops", email="ops@example.test")
    await factories.make_member(operator, "operator")
    room = await linked(settings)
    reference = await _booked(client, tools, room, 10, 12)
    for _ in range(2):
        await room.says(stay(11, 14))
    assert await room.blocked() == {12: (1, 1), 13: (1, 1)}
    found = await collisions.of_hosts([room.host_id], clock.today())
    assert [(c.reference, c.start, c.end) for c in found] == [(reference, in_days(11), in_days(12))]
    rows = await sql.fetch(
        "SELECT recipient, body FROM delivery WHERE dedupe_key LIKE 'calendar:%' ORDER BY recipient"
    )
    assert [row["recipient"] for row in rows] == ["ops@example.test", "rosalina@example.test"]
    assert all(reference in row["body"] for row in rows)
    state = await sql.fetch_one("SELECT state FROM booking WHERE reference = $1", reference)
    assert state == {"state": "confirmed"}
    # Once the booking here is gone, the night is the other site's within a minute.
    await sql.execute("UPDATE allocation SET state = 'released'")
    await sql.execute("UPDATE slot SET confirmed = 0")
    assert await syncing.settle_open(now=clock.now(), config=settings) == 1
    assert (await room.blocked())[11] == (1, 1)
    assert await collisions.of_hosts([room.host_id], clock.today()) == []


async def test_the_guest_hears_of_it_only_when_nobody_has_settled_it_in_time(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    reference = await _booked(client, tools, room, 10, 12)
    await room.says(stay(11, 14))
    found = (await collisions.of_hosts([room.host_id], clock.today()))[0]
    assert found.guest_hears_at is not None
    with clock.frozen(found.guest_hears_at - timedelta(minutes=1)):
        assert await letters.tell_guests(settings) == 0
    with clock.frozen(found.guest_hears_at):
        assert await letters.tell_guests(settings) == 1
        assert await letters.tell_guests(settings) == 0
    rows = await sql.fetch("SELECT body FROM delivery WHERE dedupe_key = $1", f"calendar:{reference}:guest")
    assert len(rows) == 1
    assert "Your booking stands." in rows[0]["body"]
    phones = await sql.fetch("SELECT id FROM job WHERE handler = $1", letters.TELL_PHONES)
    assert len(phones) == 1


def test_a_guest_hears_three_days_ahead_and_never_in_the_first_hours() -> None:
    arrival = clock.now() + timedelta(days=20)
    assert collisions.guest_hears_at(clock.now() - timedelta(days=1), arrival) == arrival - collisions.AHEAD
    soon = clock.now()
    assert collisions.guest_hears_at(soon, soon + timedelta(hours=30)) == soon + collisions.GRACE


async def test_of_several_parties_only_the_last_is_short_of_a_room(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    await sql.execute("UPDATE room_type SET count = 2")
    first = await _booked(client, tools, room, 10, 12)
    await sql.execute("UPDATE slot SET capacity = 2")
    last = await _booked(client, tools, room, 10, 12)
    await room.says(stay(10, 12))
    found = {
        one.reference: one.guest_hears_at for one in await collisions.of_hosts([room.host_id], clock.today())
    }
    assert found[first] is None
    assert found[last] is not None
    rows = await sql.fetch("SELECT subject, body FROM delivery WHERE dedupe_key LIKE 'calendar:%conflict%'")
    promised = {
        reference
        for row in rows
        for reference in found
        if reference in row["subject"] and "hears" in row["body"]
    }
    assert promised == {last}


async def test_who_acts_for_the_family_hears_of_it_too(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    coordinator = await factories.make_person(name="Ribka", email="ribka@example.test")
    village = await factories.make_host(person=coordinator, name="Kampung")
    await sql.execute("UPDATE organisation SET kind = 'village' WHERE id = $1", village.id)
    owner = await sql.fetch_one(
        "SELECT person_id FROM membership WHERE organisation_id = $1 AND role = 'host'", room.host_id
    )
    assert owner is not None
    await sql.execute(
        "INSERT INTO coordination (village_org_id, host_id, agreed_by, agreed_at) VALUES ($1, $2, $3, $4)",
        village.id,
        room.host_id,
        owner["person_id"],
        clock.now(),
    )
    await _booked(client, tools, room, 10, 12)
    await room.says(stay(11, 14))
    rows = await sql.fetch("SELECT recipient FROM delivery WHERE dedupe_key LIKE 'calendar:%conflict%'")
    assert "ribka@example.test" in {row["recipient"] for row in rows}


async def _booked(client: httpx.AsyncClient, tools: Tools, room: Linked, start: int, end: int) -> str:
    choice = {"from": in_days(start), "to": in_days(end), "room": room.room.id, "rooms": 1, "adults": 1}
    return await book(client, tools, room.slug, **choice)


async def test_a_hold_is_waited_for_and_nobody_is_alarmed(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    ids = await stock.ensure_nights([(room.room.id, in_days(10))])
    (slot,) = ids.values()
    await stock.hold(slot, 1)
    await room.says(stay(10, 11))
    assert await room.blocked() == {}
    assert await sql.fetch("SELECT id FROM delivery") == []
    await stock.release_held(slot, 1)
    await syncing.settle_open(now=clock.now(), config=settings)
    assert await room.blocked() == {10: (1, 1)}


async def test_our_own_feed_coming_back_takes_nothing(
    client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    room = await linked(settings)
    reference = await _booked(client, tools, room, 10, 12)
    await room.read_feed(room.link_id)
    await room.says(stay(10, 12), domain="testserver")
    await room.says(stay(10, 12, "Airbnb (Not available)"))
    assert await room.blocked() == {}
    assert await collisions.of_hosts([room.host_id], clock.today()) == []
    # A reservation is never an echo, and what was never told is none either.
    await room.says(stay(10, 12, "Reserved"), stay(30, 31, "Not available"))
    assert {c.reference for c in await collisions.of_hosts([room.host_id], clock.today())} == {reference}
    assert await room.blocked() == {30: (1, 1)}


async def test_two_sites_do_not_keep_each_other_closed(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    second = await room.link("booking")
    await room.says(stay(10, 12))
    assert "Not available" in await room.read_feed(second)
    assert "VEVENT" not in await room.read_feed(room.link_id)
    assert "VEVENT" not in await room.read_feed()
    await room.says(stay(10, 12, "CLOSED - Not available"), link_id=second)
    assert await room.blocked() == {10: (1, 1), 11: (1, 1)}
    await room.says()
    assert await room.blocked() == {}
    assert "VEVENT" not in await room.read_feed(second)
    await room.says(stay(10, 11, "CLOSED - Not available"), link_id=second)
    assert await room.blocked() == {10: (1, 1)}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<html>Sign in</html>",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR",
        written((in_days(10), in_days(12)))[:-20],
        written((in_days(10), in_days(12))).replace(b"END:VEVENT", b"END:VTODO"),
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\xff\xfe" + written().decode().encode("utf-16-le"),
        written(*[(in_days(1), in_days(2))] * 2001),
        b"END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n",
    ],
)
async def test_ten_broken_feeds_change_nothing(db: str, tools: Tools, settings: Settings, broken: bytes):
    room = await linked(settings)
    await room.says(stay(10, 12))
    before = await sql.fetch("SELECT * FROM calendar_window")
    good_at = (await sql.fetch("SELECT good_at FROM calendar_link"))[0]["good_at"]

    class Broken:
        async def fetch(self, url: str) -> bytes:
            return broken

    await links.refresh(room.link_id, Broken(), settings)  # type: ignore[arg-type]
    assert await room.blocked() == {10: (1, 1), 11: (1, 1)}
    assert await sql.fetch("SELECT * FROM calendar_window") == before
    (link,) = (await queries.list_links([room.room.id], clock.today()))[room.room.id]
    assert link.problem
    assert link.failures == 1
    assert (await sql.fetch("SELECT good_at FROM calendar_link"))[0]["good_at"] == good_at


async def test_an_unreadable_event_lets_nothing_go(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    await room.says(stay(10, 12))
    odd = written().replace(b"END:VCALENDAR", b"BEGIN:VEVENT\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR")
    reading = ics.read(odd, today=clock.today(), own_domain="x")
    await syncing.apply(room.link_id, reading, now=clock.now(), config=settings)
    assert await room.blocked() == {10: (1, 1), 11: (1, 1)}


async def test_failures_back_off_and_a_day_of_silence_is_told_once(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    await room.says(stay(10, 12))

    class Silent:
        async def fetch(self, url: str) -> bytes:
            from market.calendars.adapters.fetching import FetchFailed

            raise FetchFailed("no_answer")

    start = clock.now()
    for hours in (1, 2, 26, 30, 50):
        with clock.frozen(start + timedelta(hours=hours)):
            await links.refresh(room.link_id, Silent(), settings)  # type: ignore[arg-type]
    rows = await sql.fetch("SELECT recipient FROM delivery")
    assert [row["recipient"] for row in rows] == ["rosalina@example.test"]
    for failures, least, most in ((0, 24, 36), (1, 48, 72), (9, 288, 432)):
        for chance in (0.0, 0.5, 1.0):
            pause = syncing.next_time(start, failures, chance) - start
            assert timedelta(minutes=least) <= pause <= timedelta(minutes=most)


async def test_due_calendars_are_queued_once(db: str, tools: Tools, settings: Settings):
    room = await linked(settings)
    await worker.drain(tools)
    with clock.frozen(clock.now() + timedelta(hours=4)):
        assert await links.queue_due(clock.now()) == 1
        assert await links.queue_due(clock.now()) == 0
        jobs = await sql.fetch("SELECT id FROM job WHERE handler = 'calendars.refresh' AND state = 'ready'")
        assert len(jobs) == 1
        with pytest.raises(links.JustAsked):
            await links.ask(room.link_id, clock.now())


async def test_nobody_sells_a_night_that_is_sold_elsewhere(
    client: httpx.AsyncClient, app: Starlette, tools: Tools, settings: Settings
):
    room = await linked(settings)
    await room.says(stay(10, 12))
    ids = await stock.ensure_nights((room.room.id, day) for day in DateRange(in_days(10), in_days(12)))
    for slot_id in ids.values():
        assert not await stock.hold(slot_id, 1)
