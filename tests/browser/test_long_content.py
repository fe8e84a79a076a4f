"""User text never sets layout: long words, high prices and empty lists fit on the smallest phone and on a desk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from playwright.async_api import Browser

from tests.browser import walking
from tests.browser.test_hosting import make_homestay
from tests.browser.walking import Site, Visitor, visit

WORD = "Kampungpenenunkainsotisdanbunayangsangatpanjangsekalinamanya"
HIGH = "46190476"
WIDTHS = (320, 390, 1280)
# Whatever a reader needs whole stands inside the window, unless it scrolls in a frame of its own.
OUTSIDE = """() => [...document.querySelectorAll("h1, h2, h3, .price, .bill dd, .btn, .tag, .key b, .stay")]
  .filter(e => e.checkVisibility() && !e.closest(".tbl-wrap, .tabs, .vh"))
  .filter(e => {
    const b = e.getBoundingClientRect();
    const cut = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline";
    return cut || b.left < -1 || b.right > innerWidth + 1;
  })
  .map(e => e.outerHTML.slice(0, 120))"""


async def _broken(visitor: Visitor, paths: Sequence[str]) -> list[str]:
    found: list[str] = []
    for path in paths:
        await visitor.go(path)
        for width in WIDTHS:
            await visitor.page.set_viewport_size({"width": width, "height": 800})
            wide = await visitor.page.evaluate("document.documentElement.scrollWidth")
            outside = await visitor.page.evaluate(OUTSIDE)
            if wide > width or outside:
                found.append(f"{path} at {width}: {wide} px wide, outside: {outside}")
    return found


async def test_long_word_and_high_price(chromium: Browser, site: Site) -> None:
    assert len(WORD) == 60
    async with visit(chromium, site) as host:
        slug = await make_homestay(host, title=WORD, price=HIGH)
        broken = await _broken(
            host,
            [
                "/host/",
                "/host/listings",
                f"/host/calendar?listing={slug}",
                f"/host/listings/{slug}",
                f"/host/listings/{slug}/photos",
            ],
        )
    async with visit(chromium, site) as guest:
        await guest.go(f"/listings/{slug}")
        await walking.choose_nights(guest, 2)
        quote = guest.page.url.split("/en", 1)[1]
        reference = await walking.hold(guest)
        broken += await _broken(
            guest,
            [f"/search?q={WORD}", f"/listings/{slug}", quote, f"/bookings/{reference}/checkout", "/trips"],
        )
        await guest.go(f"/bookings/{reference}/checkout")
        await walking.give_details(guest, "transfer")
        broken += await _broken(
            guest,
            [f"/bookings/{reference}", f"/bookings/{reference}/cancel", f"/bookings/{reference}/change"],
        )
    assert not broken, "\n".join(broken)


def _host_with_nothing(site: Site) -> None:
    """Give a demo person a host profile that has neither a listing nor a booking."""
    with closing(sqlite3.connect(site.database, timeout=10)) as database, database:
        [village] = database.execute("SELECT id FROM village LIMIT 1").fetchone()
        made = database.execute(
            "INSERT INTO organisation (kind, slug, name, village_id, texts, created_at)"
            " VALUES ('host', 'nothing-yet', 'Nothing Yet', ?, '{}', '2026-01-01T00:00:00+00:00')",
            [village],
        ).lastrowid
        database.execute(
            "INSERT INTO membership (person_id, organisation_id, role, created_at)"
            " SELECT id, ?, 'host', '2026-01-01T00:00:00+00:00' FROM person WHERE email = 'officer3@demo.test'",
            [made],
        )


async def test_empty_lists(chromium: Browser, site: Site) -> None:
    await asyncio.to_thread(_host_with_nothing, site)
    async with visit(chromium, site) as host:
        await walking.sign_in(host, "officer3")
        broken = await _broken(
            host,
            [
                "/host/",
                "/host/listings",
                "/host/calendar",
                "/host/guests",
                "/host/sms",
                "/trips",
                "/officer/origins",
            ],
        )
    async with visit(chromium, site) as nobody:
        broken += await _broken(nobody, ["/trips", "/search?q=zzzzqqqq", "/suppliers?q=zzzzqqqq"])
    assert not broken, "\n".join(broken)
