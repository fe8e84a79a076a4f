"""Nobody freezes a village's places: live holds of a visitor and new holds of an address have their limits."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
from starlette.applications import Starlette

from market import clock, db
from market.app.create import create_app
from market.bookings import flooding
from market.bookings.flooding import LIVE_HOLDS
from market.listings.models import Listing, Slot
from market.outbox.tools import Tools
from market.settings import Settings
from market.web.request import client_address
from tests.factories import make_listing, make_start
from tests.integration.bookings.doing import look
from tests.web import submit


@asynccontextmanager
async def browsers(app: Starlette, count: int, address: str) -> AsyncGenerator[list[httpx.AsyncClient]]:
    """Fresh browsers behind one address."""
    async with AsyncExitStack() as stack:
        transport = httpx.ASGITransport(app=app, client=(address, 1234))
        yield [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=transport, base_url="http://testserver", headers={"accept": "text/html"}
                )
            )
            for _ in range(count)
        ]


async def offered() -> tuple[Listing, Slot]:
    listing = await make_listing(capacity=200)
    return listing, await make_start(listing, capacity=200)


async def try_to_hold(client: httpx.AsyncClient, listing: Listing, slot: Slot) -> httpx.Response:
    page = await look(client, listing.slug, slot=slot.id, adults=1)
    return await submit(client, page, action="/book")


async def test_a_visitor_keeps_a_handful_of_live_holds(client: httpx.AsyncClient):
    listing, slot = await offered()
    for _ in range(LIVE_HOLDS):
        assert (await try_to_hold(client, listing, slot)).status_code == 303
    page = await look(client, listing.slug, slot=slot.id, adults=1)
    refused = await submit(client, page, action="/book")
    assert refused.status_code == 429
    assert "You are holding 5 choices already." in refused.text
    assert f'name="slot" value="{slot.id}"' in refused.text or f'value="{slot.id}" selected' in refused.text
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM booking")
    assert row == {"n": LIVE_HOLDS}
    # Once they have lapsed, or one was taken back, there is room again.
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert (await try_to_hold(client, listing, slot)).status_code == 303


async def test_pressing_twice_at_the_limit_is_still_the_same_hold(client: httpx.AsyncClient):
    listing, slot = await offered()
    for _ in range(LIVE_HOLDS - 1):
        await try_to_hold(client, listing, slot)
    page = await look(client, listing.slug, slot=slot.id, adults=1)
    first, again = await submit(client, page, action="/book"), await submit(client, page, action="/book")
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]


async def test_an_address_makes_so_many_new_holds(db: str, settings: Settings, tools: Tools):
    app = create_app(settings, tools=tools)
    app.state.tools = tools_with(tools, replace(settings, hold_limit=6))
    listing, slot = await offered()
    async with browsers(app, 8, "203.0.113.9") as cafe, browsers(app, 1, "203.0.113.10") as home:
        statuses = [(await try_to_hold(one, listing, slot)).status_code for one in cafe]
        assert statuses == [303] * 6 + [429] * 2
        assert (await try_to_hold(home[0], listing, slot)).status_code == 303
        full = await Slot.get(id=slot.id)
        assert full.held == 7
        with clock.frozen(clock.now() + flooding.WINDOW + timedelta(seconds=1)):
            assert (await try_to_hold(cafe[7], listing, slot)).status_code == 303


async def test_sold_out_counts_nothing(db: str, settings: Settings, tools: Tools):
    app = create_app(settings, tools=tools)
    app.state.tools = tools_with(tools, replace(settings, hold_limit=2))
    listing = await make_listing(capacity=1)
    only = await make_start(listing, capacity=1)
    _, free = await offered()
    other = await Listing.get(id=free.listing_id)
    async with browsers(app, 5, "203.0.113.9") as cafe:
        pages = [await look(one, listing.slug, slot=only.id, adults=1) for one in cafe]
        statuses = [
            (await submit(one, page, action="/book")).status_code
            for one, page in zip(cafe, pages, strict=True)
        ]
        assert statuses == [303, 409, 409, 409, 409]
        assert (await try_to_hold(cafe[1], other, free)).status_code == 303
        assert (await try_to_hold(cafe[2], other, free)).status_code == 429


async def test_zero_counts_nothing(db: str, settings: Settings, tools: Tools):
    app = create_app(settings, tools=tools)
    app.state.tools = tools_with(tools, replace(settings, hold_limit=0))
    listing, slot = await offered()
    async with browsers(app, 1, "203.0.113.9") as one:
        for _ in range(LIVE_HOLDS + 2):
            assert (await try_to_hold(one[0], listing, slot)).status_code == 303


def test_an_ipv6_household_counts_as_one():
    from starlette.requests import Request

    def address(host: str) -> str:
        return client_address(Request({"type": "http", "client": (host, 1), "headers": []}))

    assert address("2001:db8:1:2:aaaa::1") == address("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::"
    assert address("2001:db8:1:3::1") != address("2001:db8:1:2::1")
    assert address("fe80::1%eth0") == "fe80::"
    assert address("203.0.113.9") == "203.0.113.9"
    assert address("not:an:address") == "not:an:address"


def tools_with(tools: Tools, settings: Settings) -> Tools:
    return Tools({**tools._adapters, Settings: settings})
