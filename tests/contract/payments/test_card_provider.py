"""The promises of the card provider port, kept by the demonstration and by Stripe (against the fake) alike."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from market import clock
from market import db as database
from market.payments import pages
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import DemoCards, Press
from market.payments.adapters.stripe import StripeCards
from market.payments.port import (
    CONFLICT,
    CardProvider,
    CheckoutRequest,
    Declined,
    Done,
    OpenCheckout,
    ProviderRefundState,
    ProviderState,
)
from market.payments.rules import Received
from market.settings import Stripe
from market.values.ids import new_reference
from market.web import urls
from tests.fakes.stripe_app import FakeStripe, serve

# The stripe library hands httpx its form as text under a name that httpx would rather see renamed.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
AMOUNT = 1_050_000


@dataclass
class Bench:
    """A provider, and the cardholder in front of it."""

    provider: CardProvider
    pay: Callable[[str], Awaitable[object]]
    decline: Callable[[str], Awaitable[object]]

    async def open(
        self, *, later: bool = False, reference: str | None = None
    ) -> tuple[CheckoutRequest, OpenCheckout]:
        request = ask(reference or f"PY{new_reference(10)}", later=later)
        outcome = await self.provider.open_checkout(request)
        assert isinstance(outcome, Done)
        return request, outcome.value


def ask(reference: str, *, later: bool = False) -> CheckoutRequest:
    return CheckoutRequest(
        key=reference,
        payment_reference=reference,
        booking_reference="K7QF3M9T",
        amount_minor=AMOUNT,
        capture_later=later,
        description="Weaving in Tiworiwu",
        email="ana@example.test",
        locale="id",
        return_url="http://testserver/id/done",
        cancel_url="http://testserver/id/back",
        expires_at=clock.now() + timedelta(minutes=40),
    )


@pytest.fixture(params=["demo", "stripe"])
async def bench(request: pytest.FixtureRequest, db: str) -> AsyncGenerator[Bench]:
    if request.param == "demo":
        urls.learn(pages.routes)

        async def press(session_ref: str, button: Press) -> None:
            async with database.transaction():
                await demo_card.press(session_ref.removeprefix("demo_cs_"), button)

        yield Bench(DemoCards(), lambda ref: press(ref, Press.PAY), lambda ref: press(ref, Press.DECLINE))
        return
    fake = FakeStripe()

    async def pay(ref: str) -> object:
        return fake.books.pay(ref)

    async def decline(ref: str) -> object:
        return fake.books.decline(ref)

    async with serve(fake) as url:
        yield Bench(StripeCards(Stripe("sk_test_x", "whsec_test", url)), pay, decline)


async def test_a_new_page_is_open_and_nothing_is_paid(bench: Bench) -> None:
    _, page = await bench.open()
    assert page.url
    found = await bench.provider.fetch(page.session_ref)
    assert (found.state, found.amount, found.currency, found.refunds) == (
        ProviderState.OPEN,
        Received(AMOUNT),
        "IDR",
        (),
    )
    assert not found.problem


async def test_the_same_request_is_the_same_page(bench: Bench) -> None:
    request, page = await bench.open()
    again = await bench.provider.open_checkout(request)
    assert again == Done(page)


async def test_the_same_key_with_other_facts_is_refused_and_a_fresh_key_is_not(bench: Bench) -> None:
    request, _ = await bench.open()
    other = replace(request, description="Something else")
    assert await bench.provider.open_checkout(other) == Declined(CONFLICT)
    assert isinstance(await bench.provider.open_checkout(replace(other, key=f"{request.key}:2")), Done)


async def test_paying_takes_the_whole_amount(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.pay(page.session_ref)
    found = await bench.provider.fetch(page.session_ref)
    assert (found.state, found.amount) == (ProviderState.PAID, Received(AMOUNT))
    assert found.provider_ref


async def test_a_declined_card_leaves_the_page_open(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.decline(page.session_ref)
    assert (await bench.provider.fetch(page.session_ref)).state is ProviderState.OPEN
    await bench.pay(page.session_ref)
    assert (await bench.provider.fetch(page.session_ref)).state is ProviderState.PAID


async def test_authorise_then_capture(bench: Bench) -> None:
    request, page = await bench.open(later=True)
    await bench.pay(page.session_ref)
    found = await bench.provider.fetch(page.session_ref)
    assert (found.state, found.amount) == (ProviderState.AUTHORISED, Received(AMOUNT))
    key = f"{request.key}:capture"
    assert await bench.provider.capture(found.provider_ref, AMOUNT, key) == Done(None)
    assert await bench.provider.capture(found.provider_ref, AMOUNT, key) == Done(None)
    assert (await bench.provider.fetch(page.session_ref)).state is ProviderState.PAID


async def test_authorise_then_void(bench: Bench) -> None:
    request, page = await bench.open(later=True)
    await bench.pay(page.session_ref)
    found = await bench.provider.fetch(page.session_ref)
    assert await bench.provider.void(found.provider_ref, f"{request.key}:void") == Done(None)
    assert (await bench.provider.fetch(page.session_ref)).state is ProviderState.VOIDED
    assert isinstance(await bench.provider.capture(found.provider_ref, AMOUNT, "late"), Declined)


async def test_what_is_paid_cannot_be_voided(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.pay(page.session_ref)
    found = await bench.provider.fetch(page.session_ref)
    assert isinstance(await bench.provider.void(found.provider_ref, "void"), Declined)


async def test_a_closed_page_takes_no_money(bench: Bench) -> None:
    _, page = await bench.open()
    assert await bench.provider.close_checkout(page.session_ref) == Done(None)
    assert (await bench.provider.fetch(page.session_ref)).state is ProviderState.EXPIRED
    assert isinstance(await bench.provider.close_checkout(page.session_ref), Declined)


async def test_a_paid_page_cannot_be_closed(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.pay(page.session_ref)
    assert isinstance(await bench.provider.close_checkout(page.session_ref), Declined)


async def test_refunds_never_exceed_what_was_taken(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.pay(page.session_ref)
    charge = (await bench.provider.fetch(page.session_ref)).provider_ref
    first = await bench.provider.refund(charge, 600_000, "RF-1", "RF-1")
    assert isinstance(first, Done)
    assert (first.value.amount, first.value.state, first.value.reference) == (
        Received(600_000),
        ProviderRefundState.SUCCEEDED,
        "RF-1",
    )
    assert await bench.provider.refund(charge, 600_000, "RF-1", "RF-1") == first
    assert isinstance(await bench.provider.refund(charge, 500_000, "RF-2", "RF-2"), Declined)
    assert isinstance(await bench.provider.refund(charge, 450_000, "RF-3", "RF-3"), Done)
    refunds = (await bench.provider.fetch(page.session_ref)).refunds
    assert sum(refund.amount.minor for refund in refunds) == AMOUNT
    assert {refund.reference for refund in refunds} == {"RF-1", "RF-3"}


async def test_what_was_not_taken_cannot_be_given_back(bench: Bench) -> None:
    _, page = await bench.open(later=True)
    await bench.pay(page.session_ref)
    charge = (await bench.provider.fetch(page.session_ref)).provider_ref
    assert isinstance(await bench.provider.refund(charge, 1, "RF-1", "RF-1"), Declined)


async def test_the_fee_is_known_after_capture(bench: Bench) -> None:
    _, page = await bench.open()
    await bench.pay(page.session_ref)
    move = await bench.provider.settlement((await bench.provider.fetch(page.session_ref)).provider_ref)
    assert move is not None
    assert move.available
    assert move.fee.minor < AMOUNT


async def test_no_call_is_made_inside_a_transaction(bench: Bench) -> None:
    request, page = await bench.open()
    provider = bench.provider
    calls = [
        lambda: provider.open_checkout(request),
        lambda: provider.close_checkout(page.session_ref),
        lambda: provider.fetch(page.session_ref),
        lambda: provider.capture("x", 1, "x"),
        lambda: provider.void("x", "x"),
        lambda: provider.refund("x", 1, "x", "x"),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match="no network"):
            async with database.transaction():
                await call()


async def test_money_sent_on_is_sent_once_or_declined(bench: Bench) -> None:
    """A provider with connected accounts sends under our payout's reference; one without them declines."""
    provider = bench.provider
    first = await provider.transfer("acct_host", 950_000, "PO7K3QF9TM")
    again = await provider.transfer("acct_host", 950_000, "PO7K3QF9TM")
    assert first == again
    if not provider.can_transfer:
        assert isinstance(first, Declined)
        assert await provider.find_transfer("PO7K3QF9TM") is None
        return
    assert isinstance(first, Done)
    assert first.value.amount == Received(950_000)
    assert await provider.find_transfer("PO7K3QF9TM") == first.value
    assert await provider.find_transfer("PO22222222") is None
    assert await provider.transfer("acct_host", 1, "PO7K3QF9TM") == Declined(CONFLICT)
    assert isinstance(await provider.transfer("acct_nobody", 950_000, "PO33333333"), Declined)


async def test_everything_since_a_moment_is_listed_with_what_we_wrote_on_it(bench: Bench) -> None:
    long_ago = clock.now() - timedelta(days=2)
    opened = [await bench.open() for _ in range(3)]
    for _, page in opened[:2]:
        await bench.pay(page.session_ref)
    paid = await bench.provider.fetch(opened[0][1].session_ref)
    await bench.provider.refund(paid.provider_ref, 50_000, "key-1", "RF1")
    listed = await bench.provider.list_payments(long_ago)
    assert [one.payment_reference for one in listed] == [request.payment_reference for request, _ in opened]
    states = [ProviderState.PAID, ProviderState.PAID, ProviderState.OPEN]
    assert [one.found.state for one in listed] == states
    assert [r.amount for r in listed[0].found.refunds] == [Received(50_000)]
    assert await bench.provider.list_refunded(long_ago) == [paid.provider_ref]
    assert await bench.provider.list_payments(clock.now() + timedelta(days=2)) == []


async def test_stripe_keeps_the_order_and_gives_long_lists_page_by_page() -> None:
    fake = FakeStripe()
    fake.most_on_a_page = 2
    async with serve(fake) as url:
        provider = StripeCards(Stripe("sk_test_x", "whsec_test", url))
        for n in range(5):
            outcome = await provider.open_checkout(replace(ask(f"PY{n}"), order=f"listing={n}&adults=2"))
            assert isinstance(outcome, Done)
        fake.books.pay(outcome.value.session_ref)
        listed = await provider.list_payments(clock.now() - timedelta(hours=1))
        assert [one.order for one in listed] == [f"listing={n}&adults=2" for n in range(5)]
        last = listed[-1]
        assert (last.booking_reference, last.email, last.name) == (
            "K7QF3M9T",
            "ana@example.test",
            "Card Holder",
        )
        assert fake.counted("GET /v1/checkout/sessions") == 3
