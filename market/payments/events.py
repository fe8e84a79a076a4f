"""What payments tell upward, and alerts for operators.

Told in the transaction of the fact, through the outbox.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog

from market.outbox import queue
from market.payments.queries import PaymentRow

log = structlog.get_logger()


class Event(StrEnum):
    """Names of the jobs that the floor above handles."""

    SUCCEEDED = "booking.payment_succeeded"
    AUTHORISED = "booking.payment_authorised"
    FAILED = "booking.payment_failed"
    VOIDED = "booking.payment_voided"
    CAPTURE_FAILED = "booking.capture_failed"
    REFUNDED = "booking.refunded"


async def tell(
    event: Event, payment: PaymentRow, amount_minor: int, now: datetime, *, once: str = "", **more: Any
) -> None:
    """Tell a fact about a payment; `once` distinguishes facts of one kind about the same payment."""
    payload = {
        "payment": payment.reference,
        "booking": payment.booking_reference,
        "purpose": payment.purpose,
        "subject": payment.subject,
        "amount_minor": amount_minor,
        "at": now.isoformat(),
        **more,
    }
    suffix = f":{once}" if once else ""
    await queue.add(
        event.value, payload, dedupe_key=f"{event.value}:{payment.reference}{suffix}", urgent=True
    )


async def alert(key: str, what: str, **facts: Any) -> None:
    """Something a person must look at: logged, and kept among the parked jobs until somebody releases it."""
    log.error("payments need a person", what=what, **facts)
    await queue.park(
        "payments.alert", {"what": what, **facts}, reason=what, dedupe_key=f"payments.alert:{key}"
    )
