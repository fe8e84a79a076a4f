"""What the rules look at: bookings in several states, the demo people signed in, names from the demo content.

Made once, by walking; pages are then opened with the cookies that the walkers got.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from playwright.async_api import Browser, StorageState

from tests.browser import walking
from tests.browser.places import GUEST, NOBODY, Place
from tests.browser.walking import Site, Visitor, visit

ROLES = ("traveller", "host", "operator", "supplier", "hotel", "officer1", "coordinator")


@dataclass(frozen=True)
class World:
    """Values for the places' paths, and the cookies of each kind of person."""

    chromium: Browser
    site: Site
    values: Mapping[str, str]
    cookies: Mapping[str, StorageState]

    def path(self, place: Place) -> str:
        return place.path.format_map(self.values)

    @asynccontextmanager
    async def as_person(
        self,
        who: str,
        locale: str,
        *,
        size: tuple[int, int] = walking.PHONE,
        scheme: Literal["light", "dark"] = "light",
    ) -> AsyncGenerator[Visitor]:
        """A window of that person."""
        state = self.cookies.get(who) if who != NOBODY else None
        async with visit(self.chromium, self.site, locale, size=size, scheme=scheme, state=state) as visitor:
            yield visitor


async def build(chromium: Browser, site: Site) -> World:
    """Walk through everything once."""
    start = date.today() + timedelta(days=45)
    values = {
        "tour": walking.TOUR,
        "stay": walking.STAY,
        "lesson": walking.LESSON,
        "village": "lasiana",
        "start": start.isoformat(),
        "end": (start + timedelta(days=3)).isoformat(),
    }
    cookies: dict[str, StorageState] = {}
    async with visit(chromium, site, script=False) as guest:
        values |= await _bookings(guest)
        values |= await _names(guest)
        cookies[GUEST] = await guest.context.storage_state()
    for role in ROLES:
        async with visit(chromium, site, script=False) as person:
            await walking.sign_in(person, role)
            if role == "supplier":
                await person.go("/supplier/")
                values["own_supplier"] = await _first(person, r"/supplier/pages/([\w-]+)")
            if role == "traveller":
                await person.go("/trips")
                values["choosing"] = await _first(person, r"/bookings/([A-Z0-9]+)/choose")
            if role == "host":
                await person.go("/host/waiting")
                values["full_slot"] = await _first(person, r"/host/departures/(\d+)")
                await person.go("/host/guests")
                values["coming"] = await _first(person, r"/host/bookings/([A-Z0-9]+)/cancel")
                await person.go("/host/money")
                values["own_host"] = await _first(person, r"/host/money/(\d+)/bank")
                await person.go("/host/arrivals")
                values["arriving"] = await _first(person, r"/host/arrivals/([A-Z0-9]+)")
                await person.go("/host/register")
                values["registered"] = await _first(person, r"/host/register/([A-Z0-9]+)")
                await person.go("/host/reviews")
                values["review"] = await _first(person, r"/reviews/(\d+)/report")
                values["visited"] = await _first(person, r"/bookings/([A-Z0-9]+)/review")
            if role == "operator":
                for name, desk in (("batch", "payouts"), ("dispute", "disputes"), ("fund", "funds")):
                    await person.go(f"/operator/{desk}")
                    values[name] = await _first(person, rf"/operator/{desk}/([A-Z0-9]+)")
            cookies[role] = await person.context.storage_state()
    return World(chromium, site, values, cookies)


async def _bookings(guest: Visitor) -> dict[str, str]:
    """One booking held, one on the card page, one confirmed, one waiting for a transfer, one cancelled."""
    found: dict[str, str] = {}
    await walking.book(guest, "lesson", 4)
    found["payment"] = guest.path.split("/")[-1]
    found["booked"] = await walking.book(guest, "lesson", 5)
    await walking.pay_by_card(guest)
    await walking.until_shown(guest, "#voucher-title")
    await guest.go(f"/bookings/{found['booked']}/change")
    found["booked_slot"] = await guest.page.locator("main [name=slot]").first.input_value()
    found["waiting"] = await walking.book(guest, "lesson", 5, method="transfer")
    found["cancelled"] = await walking.book(guest, "lesson", 6)
    await walking.pay_by_card(guest)
    await walking.until_shown(guest, "#voucher-title")
    await walking.press(guest.page.locator('a[href$="/cancel"]'))
    await walking.press(guest.page.locator("main form button.btn-no"))
    await guest.go(f"/listings/{walking.TOUR}")
    found["slot"] = await guest.page.locator("#book [name=slot]:enabled").first.input_value()
    await guest.go(f"/listings/{walking.STAY}")
    found["room"] = await guest.page.locator("#book [name=room]").input_value()
    await walking.choose_nights(guest, 6)
    found["held"] = await walking.hold(guest)
    return found


async def _names(guest: Visitor) -> dict[str, str]:
    await guest.go("/suppliers")
    supplier = await _first(guest, r"/suppliers/([\w-]+)")
    await guest.go(f"/suppliers/{supplier}")
    product = await _first(guest, rf"/suppliers/({supplier}/[\w-]+)")
    await guest.go("/outbox")
    return {"supplier": supplier, "product": product, "letter": await _first(guest, r"/outbox/(\d+)")}


async def _first(visitor: Visitor, pattern: str) -> str:
    """The first link of the page that looks like this."""
    for link in await visitor.page.locator("main a").all():
        found = re.search(pattern + r"(?:$|\?)", await link.get_attribute("href") or "")
        if found:
            return found[1]
    raise AssertionError(f"no link like {pattern} at {visitor.page.url}")
