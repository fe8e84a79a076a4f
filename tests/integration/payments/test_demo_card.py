"""The demonstration card page: clear that no money moves, usable without a script, and as good as a provider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from market import clock
from market import db as database
from market.outbox.tools import Tools
from market.payments import ledger, queries, settlement
from market.payments import service as payments
from market.payments.adapters import build_card_provider
from market.payments.adapters.none import NoCards
from market.payments.port import CardProvider, Declined, ProviderSilent
from market.payments.rules import Method, RefundState, State
from market.settings import Settings
from tests.web import forms, post_form

BOOKING = "K7QF3M9T"
AMOUNT = 420_000


async def begun(tools: Tools, *, later: bool = False, locale: str = "en") -> tuple[str, str]:
    async with database.transaction():
        reference = await payments.open_payment(
            booking_reference=BOOKING,
            purpose="booking",
            subject=BOOKING,
            method="demo_card",
            amount_minor=AMOUNT,
            capture_later=later,
            expires_at=clock.now() + timedelta(minutes=15),
            now=clock.now(),
        )
    url = await payments.begin(
        reference,
        tools=tools,
        description="Weaving in Tiworiwu",
        email="ana@example.test",
        locale=locale,
        return_url="/en/done",
        cancel_url="/en/back",
    )
    assert url is not None
    return reference, url


async def told(name: str) -> int:
    row = await database.fetch_one("SELECT COUNT(*) AS n FROM job WHERE handler = $1", name)
    return row["n"] if row else 0


async def press(client: httpx.AsyncClient, url: str, button: str) -> httpx.Response:
    return await post_form(client, url, {"press": button}, action="/pay/demo/")


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_the_page_says_that_no_money_moves(
    client: httpx.AsyncClient, tools: Tools, locale: str
) -> None:
    reference, url = await begun(tools, locale=locale)
    response = await client.get(url)
    assert response.status_code == 200
    assert url == f"/{locale}/pay/demo/{reference}"
    assert "Weaving in Tiworiwu" in response.text
    assert reference in response.text
    assert "420" in response.text
    assert "/en/back" in response.text
    form = next(f for f in forms(response.text) if "pay/demo" in f["action"])
    assert set(form["data"]) == {"csrf"}  # two buttons, and no card number


async def test_paying_confirms_through_the_inbox(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools)
    response = await press(client, url, "pay")
    assert (response.status_code, response.headers["location"]) == (303, "/en/done")
    assert (await queries.get_payment(reference)).state is State.CAPTURED
    assert await told("booking.payment_succeeded") == 1
    assert await ledger.balance(ledger.guest_hold(BOOKING)) == -AMOUNT
    again = await client.get(url)
    assert (again.status_code, again.headers["location"]) == (303, "/en/done")
    rows = await database.fetch("SELECT provider, kind FROM provider_event")
    assert [(row["provider"], row["kind"]) for row in rows] == [("demo", "demo.paid")]


async def test_a_declined_card_stays_on_the_page(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools)
    response = await press(client, url, "decline")
    assert (response.status_code, response.headers["location"]) == (303, url)
    assert (await queries.get_payment(reference)).state is State.PENDING
    assert await told("booking.payment_failed") == 1
    await press(client, url, "pay")
    assert (await queries.get_payment(reference)).state is State.CAPTURED


async def test_a_lost_message_heals(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools)
    response = await press(client, url, "pay_silently")
    assert response.headers["location"] == "/en/done"
    assert (await queries.get_payment(reference)).state is State.PENDING
    await database.execute("UPDATE payment SET updated_at = $1", clock.now() - timedelta(minutes=3))
    await settlement.reconcile(tools.of(CardProvider), now=clock.now())
    assert (await queries.get_payment(reference)).state is State.CAPTURED
    assert await told("booking.payment_succeeded") == 1


async def test_a_request_is_only_reserved(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools, later=True)
    await press(client, url, "pay")
    assert (await queries.get_payment(reference)).state is State.AUTHORISED
    assert await told("booking.payment_authorised") == 1
    await settlement.capture(reference, tools.of(CardProvider), now=clock.now())
    assert (await queries.get_payment(reference)).state is State.CAPTURED


async def test_a_refund_reaches_the_demonstration_card(client: httpx.AsyncClient, tools: Tools) -> None:
    _, url = await begun(tools)
    await press(client, url, "pay")
    now = clock.now()
    async with database.transaction():
        await payments.cancelled(
            booking_reference=BOOKING,
            key="cxl:1",
            refund_minor=AMOUNT,
            rest=[],
            host_id=1,
            village_id=1,
            now=now,
        )
        await payments.refund(
            booking_reference=BOOKING, amount_minor=AMOUNT, key="cxl:1", reason="guest", now=now
        )
    refund = (await queries.list_refunds(BOOKING))[0]
    for _ in range(2):
        await settlement.send_refund(refund.reference, refund.reference, tools.of(CardProvider), now=now)
    assert (await queries.list_refunds(BOOKING))[0].state is RefundState.CONFIRMED
    assert await ledger.balance(ledger.refund_due(BOOKING)) == 0
    assert await told("booking.refunded") == 1


async def test_a_given_up_payment_cannot_be_paid(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools)
    async with database.transaction():
        await payments.abandon(BOOKING, now=clock.now())
    await settlement.void(reference, tools.of(CardProvider), now=clock.now())
    response = await client.get(url)
    assert response.status_code == 200
    assert not [f for f in forms(response.text) if "pay/demo" in (f["action"] or "")]
    assert (await queries.get_payment(reference)).state is State.CANCELLED


@pytest.mark.parametrize("data", [{}, {"press": "x"}, {"press": "pay\x00"}])
async def test_an_unknown_button_changes_nothing(
    client: httpx.AsyncClient, tools: Tools, data: dict[str, str]
) -> None:
    reference, url = await begun(tools)
    response = await post_form(client, url, data, action="/pay/demo/")
    assert (response.status_code, response.headers["location"]) == (303, url)
    assert (await queries.get_payment(reference)).state is State.PENDING


async def test_nobody_pays_a_payment_that_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/en/pay/demo/PYNOBODY")).status_code == 404


async def test_a_form_from_elsewhere_is_refused(client: httpx.AsyncClient, tools: Tools) -> None:
    reference, url = await begun(tools)
    assert (await client.post(url, data={"press": "pay"})).status_code == 403
    assert (await queries.get_payment(reference)).state is State.PENDING


async def test_outside_demo_mode_there_is_no_demonstration_card(settings: Settings) -> None:
    from dataclasses import replace

    provider = build_card_provider(replace(settings, demo=False))
    assert isinstance(provider, NoCards)
    assert provider.methods == ()
    refusals: list[Any] = [
        await provider.close_checkout("x"),
        await provider.capture("x", 1, "k"),
        await provider.void("x", "k"),
        await provider.refund("x", 1, "k", "r"),
    ]
    assert refusals == [Declined("no_provider")] * 4
    assert await provider.settlement("x") is None
    with pytest.raises(ProviderSilent):
        await provider.fetch("x")


async def test_the_demonstration_offers_its_card(tools: Tools) -> None:
    assert payments.offered(tools, days_ahead=1) == [Method.DEMO_CARD]


async def test_its_news_do_not_come_over_the_network(client: httpx.AsyncClient) -> None:
    response = await client.post("/webhooks/stripe", content=b"{}", headers={"stripe-signature": "t=1,v1=x"})
    assert response.status_code == 400
