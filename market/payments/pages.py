"""Two doors.

The provider's signed messages, and the demonstration card page that plays the provider's page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from market import clock, db
from market.errors import NotFound
from market.payments import inbox
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import Press
from market.payments.port import CardProvider, ProviderState
from market.values.text import lazy
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import DEMO, SIGNED_MESSAGE, page
from market.web.render import redirect, render, words
from market.web.request import locale, tools

MESSAGE_BYTES = 256 * 1024


async def stripe_webhook(request: Request) -> Response:
    """Take one message in: 200 when it had its effect or had it before, 400 when it is not the provider's."""
    body = await request.body()
    provider = tools(request).of(CardProvider)
    now = clock.now()
    news = provider.read_message(body, request.headers.get("stripe-signature", ""), now)
    fresh = await inbox.receive(provider.name, news, now=now)
    return JSONResponse({"received": True, "duplicate": not fresh})


@dataclass(frozen=True, slots=True)
class DemoCardPage:
    """Context of payments/demo_card.html."""

    action: str
    payment_reference: str
    description: str
    amount_minor: int
    capture_later: bool
    cancel_url: str
    is_open: bool


class DemoCardForm(Inbound):
    """The button that was pressed."""

    press: Literal["pay", "pay_silently", "decline"]


async def demo_card_page(request: Request) -> Response:
    """Show the page, or take what a visitor pressed and go where the real provider would send them."""
    reference = request.path_params["payment_reference"]
    checkout = await demo_card.find(reference)
    if checkout is None:
        raise NotFound
    if checkout.state in {ProviderState.PAID, ProviderState.AUTHORISED}:
        return redirect(request, checkout.return_url)
    here = urls.path("payments:demo_card", locale=locale(request), payment_reference=reference)
    if request.method == "POST":
        form = parse(DemoCardForm, await request.form(), locale(request))
        if form.data is not None and checkout.state is ProviderState.OPEN:
            return await _pressed(request, checkout, Press(form.data.press), here)
        return redirect(request, here)
    context = DemoCardPage(
        action=here,
        payment_reference=reference,
        description=checkout.description,
        amount_minor=checkout.amount_minor,
        capture_later=checkout.capture_later,
        cancel_url=checkout.cancel_url,
        is_open=checkout.state is ProviderState.OPEN,
    )
    title = words(request, lazy("Demonstration card page"))
    return render(request, "payments/demo_card.html", context, title=title, robots="noindex", lean=True)


async def _pressed(request: Request, checkout: demo_card.Checkout, button: Press, here: str) -> Response:
    now = clock.now()
    async with db.transaction(brief=True):
        news = await demo_card.press(checkout.payment_reference, button)
        if news is not None:
            await inbox.receive("demo", news, now=now)
    if button is Press.DECLINE:
        declined = lazy("The card was declined. Nothing was charged; you can try again.")
        return redirect(request, here, flash=declined, kind="bad")
    return redirect(request, checkout.return_url)


routes = [
    page(
        "/webhooks/stripe",
        stripe_webhook,
        access=SIGNED_MESSAGE,
        name="payments:stripe_webhook",
        methods=("POST",),
        max_body=MESSAGE_BYTES,
    ),
    page(
        "/{locale}/pay/demo/{payment_reference}",
        demo_card_page,
        access=DEMO,
        name="payments:demo_card",
        methods=("GET", "POST"),
        max_body=16 * 1024,
    ),
]
