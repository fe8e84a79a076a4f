"""Payouts through the card provider: money sent on to a host's connected account.

The payout's reference is the idempotency key. An unknown outcome is settled by asking the provider, and raises to
be tried again when that does not help. The network is called outside transactions.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from market.errors import DomainError
from market.payments.port import CardProvider, Declined, Done, ProviderTransfer
from market.payments.rules import Received
from market.payouts import accounts, queries, service
from market.payouts.queries import PayoutRow
from market.payouts.rules import PayoutState, Way
from market.settings import Settings

_KEYS_LAST = timedelta(hours=20)
"""Providers forget idempotency keys after a day; older attempts are looked up before they are repeated."""


class NotSent(DomainError):
    """The provider has not said yet what became of it: the job comes back."""

    code = "payout_not_sent"


async def transfer(reference: str, provider: CardProvider, config: Settings, *, now: datetime) -> None:
    """Send an approved payout on, or find out what became of an earlier try. Safe to repeat."""
    payout = await queries.get_payout(reference)
    if payout.state is not PayoutState.IN_TRANSIT or payout.way is not Way.STRIPE:
        return
    if not provider.can_transfer:
        raise NotSent(provider=provider.name)
    if now - payout.updated_at > _KEYS_LAST and await _found(payout, provider, now):
        return
    account = (await accounts.reveal([payout.account_id], config.secrets))[payout.account_id]
    outcome = await provider.transfer(account.number, payout.amount_minor, reference)
    if isinstance(outcome, Done):
        await _settle(payout, outcome.value, now)
    elif not await _found(payout, provider, now):
        if not isinstance(outcome, Declined):
            raise NotSent(outcome=outcome.detail)
        await service.bounce_line(reference, amount_minor=payout.amount_minor, reason=outcome.reason, now=now)


async def _found(payout: PayoutRow, provider: CardProvider, now: datetime) -> bool:
    """Ask whether an earlier try got through after all."""
    sent = await provider.find_transfer(payout.reference)
    if sent is None:
        return False
    await _settle(payout, sent, now)
    return True


async def _settle(payout: PayoutRow, sent: ProviderTransfer, now: datetime) -> None:
    if sent.amount != Received(payout.amount_minor):
        raise NotSent(sent=str(sent.amount), wanted=payout.amount_minor)
    if sent.reversed:
        await service.bounce_line(
            payout.reference, amount_minor=payout.amount_minor, reason="reversed", now=now
        )
        return
    await service.settle_line(
        payout.reference, amount_minor=payout.amount_minor, bank_reference=sent.provider_ref, now=now
    )
