"""Reactions of payouts: transfers through the card provider, letters to hosts and guests, keys that were rotated.

Safe to repeat: a letter has a key of its own per fact and person, a transfer its payout's reference.
"""

from __future__ import annotations

from datetime import timedelta

import market.payouts.taking_along  # noqa: F401 # pyright: ignore[reportUnusedImport] - parts of a file
from market import clock
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.payments.port import CardProvider
from market.payouts import accounts, letters, sending
from market.settings import Settings


@handles("payouts.transfer")
async def transfer(payload: Payload, tools: Tools) -> None:
    """Send an approved payout on to a connected account."""
    await sending.transfer(payload["payout"], tools.of(CardProvider), tools.of(Settings), now=clock.now())


@handles("payouts.tell")
async def tell(payload: Payload, tools: Tools) -> None:
    """Tell a host that money was paid or came back."""
    await letters.about_payout(payload["payout"], payload["what"], tools.of(Settings))


@handles("payouts.tell_seat")
async def tell_seat(payload: Payload, tools: Tools) -> None:
    """Tell somebody that they sit on a village fund's committee."""
    await letters.about_seat(payload["village"], payload["person"], tools.of(Settings))


@handles("payouts.tell_spending")
async def tell_spending(payload: Payload, tools: Tools) -> None:
    """Tell a committee that a spending waits for a second name."""
    await letters.about_spending(payload["spending"], tools.of(Settings))


@handles("payouts.tell_dispute")
async def tell_dispute(payload: Payload, tools: Tools) -> None:
    """Tell guest and host that a problem was told, or how it was decided."""
    await letters.about_dispute(payload["dispute"], payload["what"], tools.of(Settings))


@every(timedelta(hours=6), "payouts.reseal")
async def reseal(tools: Tools) -> None:
    """Move sealed bank details to the newest key, so that the old one can be thrown away."""
    keys = tools.of(Settings).secrets
    if len(keys) > 1:
        await accounts.reseal(keys)
