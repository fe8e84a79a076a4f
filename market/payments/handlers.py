"""Jobs and timed duties of payments: provider work that must happen because a transaction said so.

Safe to repeat.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from market import clock
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.payments import disputes, settlement
from market.payments.port import CardProvider

log = structlog.get_logger()


@handles("payments.capture")
async def capture(payload: Payload, tools: Tools) -> None:
    """Take an authorised amount."""
    await settlement.capture(payload["payment"], tools.of(CardProvider), now=clock.now())


@handles("payments.void")
async def void(payload: Payload, tools: Tools) -> None:
    """Close a payment that was given up."""
    await settlement.void(payload["payment"], tools.of(CardProvider), now=clock.now())


@handles("payments.send_refund")
async def send_refund(payload: Payload, tools: Tools) -> None:
    """Give money back on the card it came from."""
    await settlement.send_refund(payload["refund"], payload["key"], tools.of(CardProvider), now=clock.now())


@handles("payments.settle_unknown")
async def settle_unknown(payload: Payload, tools: Tools) -> None:
    """Ask the provider how a payment stands."""
    await settlement.refresh(payload["payment"], tools.of(CardProvider), now=clock.now())


@handles("payments.alert")
async def alert(payload: Payload, tools: Tools) -> None:
    """An alert is parked when it is raised; running means that somebody has looked at it and let it go."""
    log.info("payments alert closed", **payload)


@every(timedelta(minutes=5), "payments.reconcile")
async def reconcile(tools: Tools) -> None:
    """Find out how silent payments ended: lost webhooks heal here."""
    await settlement.reconcile(tools.of(CardProvider), now=clock.now())


@every(timedelta(minutes=10), "payments.balances")
async def balances(tools: Tools) -> None:
    """Post the provider's fees and what it made available; place disputes that came before their payment."""
    await disputes.place()
    await settlement.settle_balances(tools.of(CardProvider), now=clock.now())
