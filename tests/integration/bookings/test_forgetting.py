"""A guest who deletes the account is forgotten where the trip is over, and later where it is not."""

from __future__ import annotations

from datetime import timedelta

import httpx
from starlette.applications import Starlette

from market import clock, db
from market.accounts import service as accounts
from market.bookings import rows
from market.outbox import worker
from market.outbox.tools import Tools
from tests.factories import make_host, make_listing, make_person, make_start
from tests.integration.bookings.doing import CONTACT, book
from tests.web import post_form, sign_in

MARKERS = (
    "Maria Ndolu",
    "maria@example.test",
    "6281234567890",
    "No pork.",
    "We come by boat",
    "deleted@example",
)
TABLES = (
    "booking booking_event allocation amendment message delivery job payment refund demo_checkout provider_event"
    " person membership one_time_token web_session attempt ledger_entry review"
)


async def hits() -> set[str]:
    kept = "".join([str(await db.fetch(f"SELECT * FROM {table}")) for table in TABLES.split()])
    return {marker for marker in MARKERS if marker in kept}


async def test_what_is_over_is_forgotten_at_once_and_the_rest_when_it_is_over(
    client: httpx.AsyncClient, app: Starlette, tools: Tools
):
    person = await make_person(email="deleted@example.test")
    owner = await make_person(name="Rosa", email="rosa@example.test")
    listing = await make_listing(host_id=(await make_host(person=owner)).id)
    soon, later = await make_start(listing, days=5), await make_start(listing, days=30)
    await sign_in(client, person.id)
    past = await book(client, tools, listing.slug, slot=soon.id, adults=1)
    await post_form(client, f"/en/bookings/{past}/messages", {"body": "We come by boat"}, action="messages")
    with clock.frozen(soon.ends_at + timedelta(days=3)):
        ahead = await book(client, tools, listing.slug, slot=later.id, adults=1)
        await worker.run_due_duties(tools)
        await worker.drain(tools)
        money = (await rows.get(past)).total_minor
        assert set(MARKERS) <= await hits()
        await accounts.delete_person(person.id)
        await worker.drain(tools)
        finished, open_one = await rows.get(past), await rows.get(ahead)
        assert (finished.guest_name, finished.guest_email, finished.guest_phone, finished.note) == ("",) * 4
        assert (finished.state.value, finished.total_minor, finished.paid_minor) == (
            "completed",
            money,
            money,
        )
        assert open_one.guest_name == CONTACT["name"]
        assert "We come by boat" not in await hits()
        waiting = await db.fetch(
            "SELECT due_at FROM job WHERE handler = 'accounts.person_deleted' AND state = 'ready'"
        )
        assert len(waiting) == 1
        # The host still sees that somebody came and what was earned, but not who.
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://testserver",
            headers={"accept": "text/html"},
        ) as host:
            await sign_in(host, owner.id)
            page = await host.get(f"/en/bookings/{past}")
            assert page.status_code == 200
            assert "Maria" not in page.text
    for days in (1, 2, 4):
        with clock.frozen(later.ends_at + timedelta(days=days)):
            await worker.run_due_duties(tools)
            await worker.drain(tools)
    assert await hits() == set()
    assert (await rows.get(ahead)).state.value == "completed"


async def test_a_booking_without_account_is_known_by_the_proved_address_only(
    client: httpx.AsyncClient, tools: Tools
):
    listing = await make_listing()
    slot = await make_start(listing, days=5)
    reference = await book(client, tools, listing.slug, slot=slot.id, adults=1)
    proved = await make_person(email="maria@example.test")
    with clock.frozen(slot.ends_at + timedelta(days=3)):
        await worker.run_due_duties(tools)
        await worker.drain(tools)
        await db.execute("UPDATE person SET verified_at = NULL WHERE id = $1", proved.id)
        await accounts.delete_person(proved.id)
        await worker.drain(tools)
        assert (await rows.get(reference)).guest_name == CONTACT["name"]
        again = await make_person(email="maria@example.test")
        await accounts.delete_person(again.id)
        await worker.drain(tools)
        assert (await rows.get(reference)).guest_name == ""
        assert not {"Maria Ndolu", "maria@example.test"} & await hits()
