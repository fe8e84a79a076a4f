"""Payouts to connected accounts: the key is the payout's reference, and an unknown outcome is settled by asking."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from market import clock
from market.payments import ledger
from market.payments.adapters import build_card_provider
from market.payments.port import CardProvider, Declined
from market.payouts import queries, sending, service
from market.payouts.accounts import Details
from market.payouts.rules import PayoutState, Way
from market.settings import Settings, Stripe
from tests.fakes.stripe_app import FakeStripe, serve
from tests.integration.payouts import town as towns
from tests.integration.payouts.town import Town

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
DUE = towns.FAMILY + towns.GUIDE


@dataclass
class Counter:
    """The provider's counter, with a payout on its way to it."""

    fake: FakeStripe
    provider: CardProvider
    config: Settings
    payout: str

    async def send(self, **later: float) -> None:
        now = clock.now() + timedelta(**later)
        await sending.transfer(self.payout, self.provider, self.config, now=now)

    async def state(self) -> PayoutState:
        return (await queries.get_payout(self.payout)).state


@pytest.fixture
async def counter(town: Town, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Counter]:
    fake = FakeStripe()
    monkeypatch.setattr(towns, "DETAILS", Details("Stripe", "acct_host", ""))
    await town.account(way=Way.STRIPE)
    await town.completed()
    _, payout, amount = await town.in_transit()
    assert amount == DUE
    async with serve(fake) as address:
        config = replace(town.settings, demo=False, stripe=Stripe("sk_test_x", fake.secret, address))
        yield Counter(fake, build_card_provider(config), config, payout)


async def test_a_transfer_is_sent_once_and_settled_out_of_the_providers_money(counter: Counter):
    before = await ledger.balance(ledger.PSP_AVAILABLE)
    for _ in range(2):
        await counter.send()
    assert await counter.state() is PayoutState.PAID
    assert await ledger.balance(ledger.PSP_AVAILABLE) == before - DUE
    sent = list(counter.fake.books.transfers.values())
    assert [(one["amount"], one["destination"], one["transfer_group"]) for one in sent] == [
        (DUE * 100, "acct_host", counter.payout)
    ]
    assert (await queries.get_payout(counter.payout)).bank_reference == sent[0]["id"]


async def test_an_answer_that_got_lost_is_found_by_asking(counter: Counter):
    counter.fake.fail("POST /v1/transfers", "after")
    await counter.send()
    assert await counter.state() is PayoutState.PAID
    assert len(counter.fake.books.transfers) == 1


async def test_what_never_arrived_is_tried_again_with_the_same_key(counter: Counter):
    counter.fake.fail("POST /v1/transfers", "before")
    with pytest.raises(sending.NotSent):
        await counter.send()
    assert await counter.state() is PayoutState.IN_TRANSIT
    await counter.send()
    assert await counter.state() is PayoutState.PAID
    assert len(counter.fake.books.transfers) == 1


async def test_after_a_day_it_is_looked_up_before_it_is_sent_again(counter: Counter):
    counter.fake.fail("POST /v1/transfers", "after")
    counter.fake.fail("GET /v1/transfers", "before")
    with pytest.raises(Exception, match="provider_silent"):
        await counter.send()
    posted = counter.fake.counted("POST /v1/transfers")
    await counter.send(hours=30)
    assert counter.fake.counted("POST /v1/transfers") == posted
    assert await counter.state() is PayoutState.PAID


async def test_a_refusal_is_a_bounce(counter: Counter):
    counter.fake.books.connected.clear()
    await counter.send()
    payout = await queries.get_payout(counter.payout)
    assert (payout.state, payout.problem) == (PayoutState.BOUNCED, "account_invalid")
    assert await service.due_payouts(clock.now()) == []  # until the account is entered anew


async def test_other_providers_have_no_connected_accounts():
    for settings in (
        Settings(database_url="", data_dir=towns.__file__, demo=True),  # type: ignore[arg-type]
        Settings(database_url="", data_dir=towns.__file__),  # type: ignore[arg-type]
    ):
        provider = build_card_provider(settings)
        assert not provider.can_transfer
        assert isinstance(await provider.transfer("acct_x", 5, "PO1"), Declined)
        assert await provider.find_transfer("PO1") is None
