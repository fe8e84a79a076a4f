"""The host's day and guests: requests answered in one tap, and nothing of anybody else's."""

from __future__ import annotations

import pytest

from market.bookings import rows
from market.bookings.states import State
from market.outbox import worker
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk


async def requested(host: desk.Host, tools, method: str = "demo_card") -> str:
    slot = await factories.make_start(host.listing, days=30)
    reference = await flows.hold_seat(host.listing, slot, adults=2)
    await flows.go_on(reference, tools, method=method)
    if method == "demo_card":
        await flows.press(reference, tools)
    assert (await rows.get(reference)).state is State.REQUESTED
    return reference


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_today_of_a_new_host_offers_a_first_listing(client, locale):
    person = await factories.make_person()
    await factories.make_host(person=person)
    await web.sign_in(client, person.id)
    text = await desk.page(client, f"/{locale}/host/")
    assert f"/{locale}/host/new" in text


async def test_a_request_is_accepted_in_one_tap(client, tools):
    host = await desk.host_with(instant=False)
    reference = await requested(host, tools)
    await web.sign_in(client, host.person.id)
    text = await desk.page(client, "/en/host/")
    assert "Hannah Weber" in text
    assert "2 adults" in text
    assert "Rp\xa0380,000" in text  # without the service fee and the village fund
    assert "+491700000000" not in text  # the number appears once it is accepted
    answer = await web.post_form(client, "/en/host/", {"answer": "yes"}, action=reference)
    assert answer.status_code == 303
    await worker.drain(tools)
    assert (await rows.get(reference)).state is State.CONFIRMED
    text = await desk.page(client, "/en/host/guests")
    assert "+491700000000" in text


async def test_a_request_is_declined_with_a_word(client, tools):
    host = await desk.host_with(instant=False)
    reference = await requested(host, tools)
    await web.sign_in(client, host.person.id)
    await web.post_form(client, "/id/host/", {"answer": "no", "reason": "Ada pesta"}, action=reference)
    await worker.drain(tools)
    assert (await rows.get(reference)).state is State.DECLINED
    again = await web.post_form(client, "/en/host/new", {"answer": "yes"}, action="/host/new")
    assert again.status_code == 422


async def test_answering_nothing_changes_nothing(client, tools):
    host = await desk.host_with(instant=False)
    reference = await requested(host, tools)
    await web.sign_in(client, host.person.id)
    await web.post_form(client, "/en/host/", {"answer": "maybe"}, action=reference)
    assert (await rows.get(reference)).state is State.REQUESTED
    assert "Choose to accept or to decline" in await desk.page(client, "/en/host/")


async def test_another_hosts_request_is_not_found(client, tools):
    theirs = await desk.host_with(instant=False)
    reference = await requested(theirs, tools)
    mine = await desk.host_with(instant=False)
    await requested(mine, tools)
    await web.sign_in(client, mine.person.id)
    home = await client.get("/en/host/")
    assert reference not in home.text
    form = web.form_with(home.text, action="/host/requests/")
    path = f"/en/host/requests/{reference}"
    answer = await client.post(path, data={**form["data"], "answer": "yes"})
    assert answer.status_code == 404
    assert (await rows.get(reference)).state is State.REQUESTED


async def test_a_guest_who_pays_at_the_village_is_noted(client, tools):
    host = await desk.host_with(instant=True)
    slot = await factories.make_start(host.listing, days=30)
    booking = await flows.confirmed(host.listing, slot, tools, method="on_arrival")
    await web.sign_in(client, host.person.id)
    text = await desk.page(client, "/en/host/guests")
    assert "The guest has paid me" in text
    await web.post_form(client, "/en/host/guests", action=f"{booking.reference}/paid")
    await worker.drain(tools)
    assert (await rows.get(booking.reference)).paid_minor == booking.total_minor
    assert "The guest has paid me" not in await desk.page(client, "/en/host/guests")


async def test_the_desk_is_for_hosts_only(client):
    person = await factories.make_person()
    assert (await client.get("/en/host/")).status_code == 303
    await web.sign_in(client, person.id)
    for path in ("/en/host/", "/en/host/listings", "/en/host/calendar", "/en/host/guests", "/en/operator/"):
        assert (await client.get(path)).status_code == 403
