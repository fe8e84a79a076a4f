"""Villages on the host's desk: turns everybody in them can read, coordinators whose every act is recorded."""

from __future__ import annotations

import httpx
import pytest

from market import clock
from market.app import handlers as _handlers
from market.bookings import rows
from market.db import execute, fetch
from market.listings.models import Slot
from market.outbox import worker
from market.villages import acts, service
from market.villages.models import Coordination, PoolMember
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.villages import pool

assert _handlers  # importing it registers the jobs


async def agreed(village: pool.Village, home: pool.Home) -> None:
    await service.agree(village.org.id, home.host.id, by=home.person.id, now=clock.now())
    await execute("INSERT INTO listing_language (listing_id, language) VALUES ($1, 'id')", home.listing.id)


async def record() -> list[tuple[str, int, int]]:
    found = await fetch("SELECT name, host_id, person_id FROM host_act ORDER BY id")
    return [(row["name"], row["host_id"], row["person_id"]) for row in found]


async def test_every_act_in_a_family_s_name_is_recorded_and_told(client: httpx.AsyncClient, tools):
    village = await pool.build(1)
    home = village.homes[0]
    await agreed(village, home)
    await execute("UPDATE listing SET instant = FALSE WHERE id = $1", home.listing.id)
    await web.sign_in(client, village.coordinator.id)
    day = factories.in_days(30).isoformat()
    calendar = f"/en/host/calendar?listing={home.listing.slug}"
    listing = f"/en/host/listings/{home.listing.slug}"
    assert "You act for" in (await client.get(calendar)).text
    steps = [
        (calendar, {"day": day, "act": "close"}, "/nights", "closed"),
        (calendar, {"day": day, "act": "open"}, "/nights", "opened"),
        (calendar, {"day": day, "act": "price", "price": "250000"}, "/nights", "priced"),
        (f"{listing}/edit/place", {"address": "By the square"}, "", "edited"),
        (f"{listing}/allotment", {}, "/allotment", "promised"),
        (f"{listing}/allotment", {}, "/withdraw", "withdrew"),
    ]
    expected = []
    for path, values, action, name in steps:
        answer = await web.post_form(client, path, values, action=action)
        assert answer.status_code == 303, (path, answer.text[:2000])
        expected.append((name, home.host.id, village.coordinator.id))
        assert await record() == expected
    reference = await pool.hold(home.listing, home.room, 60, 61)
    await flows.go_on(reference, tools, method="on_arrival")
    page = "/en/host/families"
    assert (await web.post_form(client, page, {"answer": "yes"}, action="/requests/")).status_code == 303
    expected.append(("accepted", home.host.id, village.coordinator.id))
    assert await record() == expected
    assert (await rows.get(reference)).state == "confirmed"
    text = (await client.get(page)).text
    assert "accepted the request" in text
    await worker.drain(tools)
    told = await fetch("SELECT recipient, subject FROM delivery WHERE dedupe_key LIKE 'act:%'")
    assert len(told) == len(expected)
    assert {each["recipient"] for each in told} == {home.person.email}
    await web.sign_in(client, home.person.id)
    today = (await client.get("/en/host/")).text
    assert "Koordinator" in today
    assert "in your name" in today
    with pytest.raises(Exception, match="append-only"):
        await execute("UPDATE host_act SET name = 'nothing'")


async def test_a_family_without_mail_is_told_by_sms(client: httpx.AsyncClient):
    village = await pool.build(1)
    home = village.homes[0]
    await agreed(village, home)
    await execute("UPDATE person SET email = NULL WHERE id = $1", home.person.id)
    await web.sign_in(client, village.coordinator.id)
    calendar = f"/en/host/calendar?listing={home.listing.slug}"
    day = factories.in_days(30).isoformat()
    await web.post_form(client, calendar, {"day": day, "act": "close"}, action="/nights")
    told = await fetch("SELECT channel, body FROM delivery")
    assert [each["channel"] for each in told] == ["sms"]
    assert "Koordinator" in told[0]["body"]


async def test_without_agreement_or_after_its_end_there_is_nothing(client: httpx.AsyncClient):
    village = await pool.build(2)
    home, other = village.homes
    await agreed(village, home)
    await web.sign_in(client, village.coordinator.id)
    for path in ("/en/host/calendar?listing={}", "/en/host/listings/{}", "/en/host/listings/{}/allotment"):
        assert (await client.get(path.format(home.listing.slug))).status_code == 200
        assert (await client.get(path.format(other.listing.slug))).status_code == 404
    form = web.form_with(
        (await client.get(f"/en/host/calendar?listing={home.listing.slug}")).text, action="/nights"
    )
    await web.sign_in(client, home.person.id)
    answer = await web.post_form(client, "/en/host/village", {"answer": "no"}, action="/agreement")
    assert answer.status_code == 303
    assert (await Coordination.get(host_id=home.host.id)).ended_by == home.person.id
    await web.sign_in(client, village.coordinator.id)
    sent = {**form["data"], "day": factories.in_days(30).isoformat(), "act": "close"}
    assert (await client.post(form["action"], data=sent)).status_code == 404
    assert await Slot.all().count() == 0
    # Never their money, their people or a family's messages, agreement or not.
    assert await record() == []


async def test_a_coordinator_sees_no_message_and_no_phone_of_a_family_s_guest(
    client: httpx.AsyncClient, tools
):
    village = await pool.build(1)
    home = village.homes[0]
    await agreed(village, home)
    reference = await pool.hold(home.listing, home.room, 60, 61)
    await flows.go_on(reference, tools, method="on_arrival")
    await web.sign_in(client, village.coordinator.id)
    assert (await client.get(f"/en/bookings/{reference}/messages")).status_code == 404
    assert flows.GUEST.phone not in (await client.get("/en/host/families")).text


async def test_joining_the_turns_needs_both_sides(client: httpx.AsyncClient):
    village = await pool.build(1)
    newcomer = await pool.family(village.org.village_id, 5)
    await web.sign_in(client, newcomer.person.id)
    page = await client.get("/en/host/village")
    assert "Nights hosted by each family" not in page.text, "the turns are open to those in them"
    answer = await web.submit(client, page, {"act": "join"}, action="/turns")
    assert answer.status_code == 303
    member = await PoolMember.get(host_id=newcomer.host.id)
    assert member.state == "asked"
    foreign = village.homes[0].room.id
    await web.post_form(client, "/en/host/village", {"act": "join", "room": str(foreign)}, action="/turns")
    assert (await PoolMember.get(id=member.id)).room_type_id == newcomer.room.id
    await web.sign_in(client, village.coordinator.id)
    answer = await web.post_form(
        client, "/en/host/families", {"act": "admit"}, action=f"/members/{member.id}"
    )
    assert answer.status_code == 303
    assert (await PoolMember.get(id=member.id)).state == "active"
    await web.sign_in(client, newcomer.person.id)
    assert "Nights hosted by each family" in (await client.get("/en/host/village")).text
    await web.post_form(client, "/en/host/village", {"act": "leave"}, action="/turns")
    assert (await PoolMember.get(id=member.id)).state == "left"


async def test_a_family_hands_on_from_its_own_page_and_the_guest_reads_why(client: httpx.AsyncClient, tools):
    village = await pool.build(2)
    first, second = village.homes
    reference = await pool.hold(village.listing, village.room, 10, 12)
    await flows.go_on(reference, tools, method="on_arrival")
    await web.sign_in(client, second.person.id)
    assert reference not in (await client.get("/en/host/guests")).text
    await web.sign_in(client, first.person.id)
    assert reference in (await client.get("/en/host/guests")).text
    refused = await web.post_form(client, "/en/host/guests", {"reason": ""}, action="/hand-on")
    assert refused.status_code == 303
    assert (await rows.get(reference)).hosting_id == first.host.id
    answer = await web.post_form(client, "/en/host/guests", {"reason": "Our roof leaks"}, action="/hand-on")
    assert answer.status_code == 303
    assert (await rows.get(reference)).hosting_id == second.host.id
    assert (await client.get(f"/en/bookings/{reference}")).status_code == 404
    turns = (await client.get("/en/host/village")).text
    assert "Our roof leaks" in turns
    await web.sign_in(client, second.person.id)
    shown = (await client.get(f"/en/bookings/{reference}")).text
    assert "Our roof leaks" in shown
    assert second.host.name in shown


async def test_the_money_of_a_turn_goes_to_the_family_that_hosted(db, tools):
    village = await pool.build(1)
    reference = await pool.hold(village.listing, village.room, 10, 12)
    booking = await rows.get(reference)
    assert booking.paid_host_id == village.homes[0].host.id


def test_every_act_has_words_in_which_the_subject_stands():
    for name in acts.NAMES:
        assert "Rumah Maro" in acts.words(name, "Rumah Maro", "id")
        assert "Rumah Maro" in acts.words(name, "Rumah Maro", "en")
