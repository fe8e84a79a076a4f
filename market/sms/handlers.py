"""What happens by itself: news to hosts, reading the modem's inbox, forgetting what is no longer needed."""

from __future__ import annotations

from datetime import timedelta

import structlog

from market import clock, db
from market.notifications.sms_gateway import SmsGateway
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.sms import codes, numbers, receiving, rules, supply, supply_codes, telling
from market.sms.adapters.gammu import GammuSpool
from market.sms.receiving import Incoming

log = structlog.get_logger()


@handles("booking.moved", flushed=False)
async def booking_moved(payload: Payload, tools: Tools) -> None:
    """A booking's story went on: perhaps its host hears of it."""
    await telling.booking_moved(payload, clock.now())


@handles("sms.tell")
async def tell(payload: Payload, tools: Tools) -> None:
    """A note whose time to leave has come."""
    await telling.tell(payload, clock.now())


@handles("sms.remind_register")
async def remind_register(payload: Payload, tools: Tools) -> None:
    """Foreign guests of a stay are soon to be reported."""
    await telling.remind_register(payload, clock.now())


@handles(telling.SOLD_TWICE)
async def sold_twice(payload: Payload, tools: Tools) -> None:
    """A night of a booking was sold on another site too."""
    await telling.sold_twice(payload, clock.now())


@handles("sms.invite")
async def invite(payload: Payload, tools: Tools) -> None:
    """The invitation of a number that was registered."""
    await telling.invite(payload, tools.of(Settings), clock.now())


@handles(supply.ASK_PURCHASES)
async def ask_purchases(payload: Payload, tools: Tools) -> None:
    """Hotels logged purchases from a supplier: its phones are asked."""
    await supply.ask_purchases(payload, tools.of(Settings), clock.now())


@handles(supply.ASK_QUOTATION)
async def ask_quotation(payload: Payload, tools: Tools) -> None:
    """A hotel asks for a price: the supplier's phones are asked too."""
    await supply.ask_quotation(payload, clock.now())


@handles("sms.host_closed")
async def host_closed(payload: Payload, tools: Tools) -> None:
    """A host has left: its numbers hear nothing more."""
    for number in await numbers.list_of(frozenset({payload["host"]})):
        await numbers.stop(number.id, clock.now())


@handles("sms.call")
async def call(payload: Payload, tools: Tools) -> None:
    """Staff released the job, so somebody has called: what waited from this number is dealt with."""
    await db.execute(
        "UPDATE sms_inbound SET handled_at = $2 WHERE number_id = $1 AND handled_at IS NULL",
        payload["number"],
        clock.now(),
    )


@every(timedelta(seconds=5), "sms.collect")
async def collect(tools: Tools) -> None:
    """Take what came in through the modem. A file goes away only after its message is in our log."""
    gateway = tools.find(SmsGateway)
    if not isinstance(gateway, GammuSpool):
        return
    own = tools.of(Settings).sms.number
    for found in await gateway.collect():
        incoming = Incoming(found.sender, found.text, found.sent_at, "gammu")
        try:
            await receiving.receive(incoming, own=own, now=clock.now())
        except Exception:
            log.exception("SMS not taken in", sender=found.sender)
            continue
        await gateway.forget(found)


@every(timedelta(hours=6), "sms.forget")
async def forget(tools: Tools) -> None:
    """Keys after a week, old codes, and messages after a year."""
    now = clock.now()
    await db.execute("UPDATE sms_inbound SET key = NULL WHERE received_at < $1", now - rules.KEY_KEPT)
    await db.execute("DELETE FROM sms_inbound WHERE received_at < $1", now - rules.LOG_KEPT)
    await codes.forget_old(now)
    await supply_codes.forget_old(now)
