"""What bookings do when payments report, and when time passes. Every reaction may safely run twice."""

from __future__ import annotations

from datetime import timedelta

from market import clock, db
from market.bookings import absences, changing, following, forgetting, service, telling
from market.errors import NotFound
from market.outbox import queue
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools


@handles("booking.payment_succeeded")
async def payment_succeeded(payload: Payload, tools: Tools) -> None:
    """Confirm, apply a change, or give late money back."""
    now = clock.now()
    reference, payment, amount = payload["booking"], payload["payment"], payload["amount_minor"]
    if payload["purpose"] == "amendment":
        await changing.payment_succeeded(reference, payload["subject"], payment, amount, now)
    else:
        await service.payment_succeeded(reference, payment, amount, now)


@handles("booking.payment_authorised")
async def payment_authorised(payload: Payload, tools: Tools) -> None:
    """A card's promise arrived: ask the host."""
    await service.payment_authorised(payload["booking"], payload["payment"], clock.now())


@handles("booking.capture_failed")
async def capture_failed(payload: Payload, tools: Tools) -> None:
    """The promise could not be kept after the host said yes."""
    await service.capture_failed(payload["booking"], payload["payment"], clock.now())


@handles("booking.payment_failed")
async def payment_failed(payload: Payload, tools: Tools) -> None:
    """A card was refused: the hold goes on, and the checkout page says so. Nothing changes here."""


@handles("booking.payment_voided")
async def payment_voided(payload: Payload, tools: Tools) -> None:
    """A promise was let go because a booking ended; its story already says why."""


@handles("booking.refunded")
async def refunded(payload: Payload, tools: Tools) -> None:
    """The money is on its way back: tell the guest."""
    try:
        await telling.refunded(payload["booking"], payload["amount_minor"], payload.get("refund", ""), tools)
    except NotFound:
        return


@handles("bookings.tell", flushed=False)
async def tell(payload: Payload, tools: Tools) -> None:
    """Write the mails and messages that follow from a transition."""
    await telling.tell(payload, tools)


@handles("accounts.person_deleted")
async def person_deleted(payload: Payload, tools: Tools) -> None:
    """Forget the guest in bookings that are over, and come back for the others when they are."""
    now = clock.now()
    again = await forgetting.forget_guest(payload["person"], payload.get("mailbox", ""), now)
    if again is not None:
        async with db.transaction():
            await queue.add(
                "accounts.person_deleted",
                payload,
                due_at=again,
                dedupe_key=f"accounts.person_deleted:{payload['person']}:{again.isoformat()}",
            )


@handles("accounts.address_changed")
async def address_changed(payload: Payload, tools: Tools) -> None:
    """The guest's bookings go along to the new address of the account."""
    await following.follow_guest(payload["person"], payload["mailbox"])


@every(timedelta(seconds=20), "bookings.lapse")
async def lapse(tools: Tools) -> None:
    """End waits whose time has run out."""
    await service.lapse_all(clock.now())


@every(timedelta(minutes=5), "bookings.complete")
async def complete(tools: Tools) -> None:
    """Complete what is over, and settle no-shows that nobody contested."""
    await service.complete_all(clock.now())
    await absences.settle_uncontested(clock.now())
