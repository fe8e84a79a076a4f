"""What a guest does on the booking pages, step by step."""

from __future__ import annotations

from typing import Any

import httpx

from market.outbox import worker
from market.outbox.tools import Tools
from tests.web import follow, submit

CONTACT = {
    "name": "Maria Ndolu",
    "email": "maria@example.test",
    "phone": "+62 812 3456 7890",
    "note": "No pork.",
}


async def look(client: httpx.AsyncClient, slug: str, locale: str = "en", **choice: Any) -> httpx.Response:
    """Open the quote page with a choice in its address."""
    return await client.get(
        f"/{locale}/listings/{slug}/book", params={k.rstrip("_"): v for k, v in choice.items()}
    )


async def hold(client: httpx.AsyncClient, slug: str, locale: str = "en", **choice: Any) -> str:
    """Look and hold; the reference."""
    response = await submit(client, await look(client, slug, locale, **choice), action="/book")
    assert response.status_code == 303, response.text
    assert response.headers["location"].endswith("/checkout")
    return response.headers["location"].split("/")[3]


async def check_out(
    client: httpx.AsyncClient, reference: str, method: str, locale: str = "en", **values: Any
) -> httpx.Response:
    """Fill in the checkout; the answer to it."""
    page = await client.get(f"/{locale}/bookings/{reference}/checkout")
    assert page.status_code == 200, page.text
    return await submit(client, page, {**CONTACT, "method": method, **values}, action="/checkout")


async def pay_demo(client: httpx.AsyncClient, tools: Tools, response: httpx.Response) -> httpx.Response:
    """Press "pay" on the demonstration card page, let the jobs run, and come back to the booking."""
    card_page = await client.get(response.headers["location"])
    assert card_page.status_code == 200, card_page.text
    back = await submit(client, card_page, {"press": "pay"}, action="/pay/demo")
    await worker.drain(tools)
    return await follow(client, back)


async def book(
    client: httpx.AsyncClient, tools: Tools, slug: str, method: str = "demo_card", **choice: Any
) -> str:
    """A whole booking, confirmed where the method confirms at once; its reference."""
    reference = await hold(client, slug, **choice)
    response = await check_out(client, reference, method)
    assert response.status_code == 303, response.text
    if method == "demo_card":
        shown = await pay_demo(client, tools, response)
        assert shown.status_code == 200, shown.text
    await worker.drain(tools)
    return reference
