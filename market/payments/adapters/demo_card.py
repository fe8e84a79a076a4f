"""The demonstration card provider (demo mode only): a local page, own books, and no money anywhere.

It behaves as a real provider does: it keeps its own record of each checkout, tells its news through the same
inbox, answers the same key the same way, never refunds more than it took, and can be asked how things stand.
The page itself is in `pages`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from market import clock, db
from market.db.sql import Row, as_instant, as_json, to_json
from market.payments.port import (
    CONFLICT,
    BalanceMove,
    CheckoutRequest,
    Declined,
    Done,
    ForgedMessage,
    Kind,
    ListedPayment,
    News,
    OpenCheckout,
    ProviderPayment,
    ProviderRefund,
    ProviderRefundState,
    ProviderSilent,
    ProviderState,
)
from market.payments.rules import Method, Received
from market.values.ids import new_reference
from market.web import urls

_SESSION, _CHARGE = "demo_cs_", "demo_pi_"


class Press(StrEnum):
    """What a visitor may do on the page."""

    PAY = "pay"
    PAY_SILENTLY = "pay_silently"  # paid, and the message about it gets lost
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Checkout:
    """An entry of the demonstration provider's books."""

    payment_reference: str
    request_key: str
    state: ProviderState
    amount_minor: int
    refunded_minor: int
    capture_later: bool
    description: str
    return_url: str
    cancel_url: str
    refunds: dict[str, dict[str, Any]]

    @property
    def charge(self) -> str:
        return _CHARGE + self.payment_reference


class DemoCards:
    """A card provider that moves no money."""

    name = "demo"
    can_transfer = False
    methods: tuple[Method, ...] = (Method.DEMO_CARD,)

    async def open_checkout(self, request: CheckoutRequest) -> Done[OpenCheckout] | Declined:
        db.assert_idle()
        if not await _made(request):
            kept = await _load(request.payment_reference)
            if kept is None or (_facts(kept) != _asked(request) and not await _replaced(kept, request)):
                return Declined(CONFLICT)
        url = urls.path(
            "payments:demo_card", locale=request.locale, payment_reference=request.payment_reference
        )
        return Done(OpenCheckout(_SESSION + request.payment_reference, url))

    async def close_checkout(self, session_ref: str) -> Done[None] | Declined:
        db.assert_idle()
        if await _move(session_ref.removeprefix(_SESSION), ("open",), "expired"):
            return Done(None)
        return Declined("already_over")

    async def fetch(self, session_ref: str) -> ProviderPayment:
        db.assert_idle()
        found = await _load(session_ref.removeprefix(_SESSION))
        if found is None:
            raise ProviderSilent
        refunds = (_refund(found, key) for key in found.refunds)
        return ProviderPayment(
            session_ref, found.charge, found.state, Received(found.amount_minor), refunds=tuple(refunds)
        )

    async def list_payments(self, since: datetime) -> list[ListedPayment]:
        # Its books are our own database: what was lost here is lost there, so only our own side can be asked.
        db.assert_idle()
        rows = await db.fetch(
            f"SELECT {_COLUMNS} FROM demo_checkout WHERE expires_at >= $1 ORDER BY id", since
        )
        return [await self._listed(_checkout(row), as_instant(row["expires_at"])) for row in rows]

    async def _listed(self, kept: Checkout, at: datetime) -> ListedPayment:
        found = await self.fetch(_SESSION + kept.payment_reference)
        row = await db.fetch_one(
            "SELECT booking_reference FROM payment WHERE reference = $1", kept.payment_reference
        )
        return ListedPayment(found, at, kept.payment_reference, row["booking_reference"] if row else "")

    async def list_refunded(self, since: datetime) -> list[str]:
        db.assert_idle()
        rows = await db.fetch("SELECT payment_reference FROM demo_checkout WHERE refunded_minor > 0")
        return [_CHARGE + row["payment_reference"] for row in rows]

    async def capture(self, provider_ref: str, amount_minor: int, key: str) -> Done[None] | Declined:
        db.assert_idle()
        found = await _load(provider_ref.removeprefix(_CHARGE))
        if found is None or amount_minor != found.amount_minor:
            return Declined("wrong_amount")
        done = await _move(found.payment_reference, ("authorised", "paid"), "paid")
        return Done(None) if done else Declined("not_authorised")

    async def void(self, provider_ref: str, key: str) -> Done[None] | Declined:
        db.assert_idle()
        done = await _move(provider_ref.removeprefix(_CHARGE), ("authorised", "voided", "open"), "voided")
        return Done(None) if done else Declined("already_captured")

    async def refund(
        self, provider_ref: str, amount_minor: int, key: str, reference: str
    ) -> Done[ProviderRefund] | Declined:
        db.assert_idle()
        async with db.transaction():
            found = await _load(provider_ref.removeprefix(_CHARGE), lock=True)
            if found is None or found.state is not ProviderState.PAID:
                return Declined("not_captured")
            if key in found.refunds:
                same = found.refunds[key]["amount"] == amount_minor
                return Done(_refund(found, key)) if same else Declined(CONFLICT)
            if found.refunded_minor + amount_minor > found.amount_minor:
                return Declined("more_than_captured")
            found.refunds[key] = {"amount": amount_minor, "reference": reference}
            await db.execute(
                "UPDATE demo_checkout SET refunded_minor = refunded_minor + $1, refunds = $2"
                " WHERE payment_reference = $3",
                amount_minor,
                to_json(found.refunds),
                found.payment_reference,
            )
            return Done(_refund(found, key))

    async def settlement(self, provider_ref: str) -> BalanceMove | None:
        return BalanceMove(f"demo_txn_{provider_ref.removeprefix(_CHARGE)}", Received(0), available=True)

    async def transfer(self, destination: str, amount_minor: int, reference: str) -> Declined:
        return Declined("no_connected_accounts")

    async def find_transfer(self, reference: str) -> None:
        return None

    def read_message(self, body: bytes, signature: str, now: datetime) -> News:
        # Its news never travel over the network, so whatever arrives there is not its own.
        raise ForgedMessage


async def _made(request: CheckoutRequest) -> bool:
    """Whether the page is new."""
    made = await db.fetch(
        "INSERT INTO demo_checkout (payment_reference, request_key, state, amount_minor, refunded_minor,"
        " capture_later, description, return_url, cancel_url, refunds, expires_at)"
        " VALUES ($1, $2, 'open', $3, 0, $4, $5, $6, $7, '{}', $8)"
        " ON CONFLICT (payment_reference) DO NOTHING RETURNING id",
        request.payment_reference,
        request.key,
        request.amount_minor,
        request.capture_later,
        request.description,
        request.return_url,
        request.cancel_url,
        request.expires_at,
    )
    return bool(made)


async def _replaced(kept: Checkout, request: CheckoutRequest) -> bool:
    """A new key may ask anew as long as nobody paid; the same key with other facts may not."""
    if kept.request_key == request.key or kept.state is not ProviderState.OPEN:
        return False
    await db.execute(
        "UPDATE demo_checkout SET request_key = $1, description = $2, return_url = $3, cancel_url = $4,"
        " expires_at = $5 WHERE payment_reference = $6 AND state = 'open'",
        request.key,
        request.description,
        request.return_url,
        request.cancel_url,
        request.expires_at,
        request.payment_reference,
    )
    return True


async def find(payment_reference: str) -> Checkout | None:
    """A checkout for its page, or None."""
    return await _load(payment_reference)


async def press(payment_reference: str, button: Press) -> News | None:
    """What happens at the provider when a visitor presses a button; the news it sends, if any.

    Call it inside a transaction together with taking the news in: then paying is one commit. None when the
    checkout is over, or when the message is meant to get lost.
    """
    if button is Press.DECLINE:
        found = await _load(payment_reference)
        open_still = found is not None and found.state is ProviderState.OPEN
        return _news(found, Kind.DECLINED, "card_declined") if found is not None and open_still else None
    rows = await db.fetch(
        "UPDATE demo_checkout SET state = CASE WHEN capture_later THEN 'authorised' ELSE 'paid' END"
        f" WHERE payment_reference = $1 AND state = 'open' AND expires_at > $2 RETURNING {_COLUMNS}",
        payment_reference,
        clock.now(),
    )
    if not rows or button is Press.PAY_SILENTLY:
        return None
    found = _checkout(rows[0])
    return _news(found, Kind.AUTHORISED if found.capture_later else Kind.PAID)


def _news(found: Checkout, kind: Kind, reason: str = "") -> News:
    event_id = f"demo_evt_{new_reference(16)}"
    return News(
        event_id=event_id,
        name=f"demo.{kind.value}",
        kind=kind,
        at=clock.now(),
        record=json.dumps({"id": event_id, "payment": found.payment_reference, "amount": found.amount_minor}),
        payment_reference=found.payment_reference,
        session_ref=_SESSION + found.payment_reference,
        provider_ref=found.charge,
        amount=Received(found.amount_minor),
        reason=reason,
    )


_COLUMNS = (
    "payment_reference, request_key, state, amount_minor, refunded_minor, capture_later,"
    " description, return_url,"
    " cancel_url, refunds, expires_at"
)


async def _load(payment_reference: str, *, lock: bool = False) -> Checkout | None:
    suffix = " FOR UPDATE" if lock and db.is_postgres() else ""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM demo_checkout WHERE payment_reference = $1{suffix}", payment_reference
    )
    return None if row is None else _checkout(row)


def _checkout(row: Row) -> Checkout:
    state = ProviderState(row["state"])
    if state is ProviderState.OPEN and as_instant(row["expires_at"]) <= clock.now():
        state = ProviderState.EXPIRED
    return Checkout(
        payment_reference=row["payment_reference"],
        request_key=row["request_key"],
        state=state,
        amount_minor=row["amount_minor"],
        refunded_minor=row["refunded_minor"],
        capture_later=bool(row["capture_later"]),
        description=row["description"],
        return_url=row["return_url"],
        cancel_url=row["cancel_url"],
        refunds=as_json(row["refunds"]),
    )


async def _move(payment_reference: str, from_states: tuple[str, ...], to: str) -> bool:
    """Change a checkout's state if it is in one of `from_states`."""
    allowed = ", ".join(f"'{state}'" for state in from_states)
    changed = await db.execute(
        f"UPDATE demo_checkout SET state = $1 WHERE payment_reference = $2 AND state IN ({allowed})",
        to,
        payment_reference,
    )
    return changed == 1


def _facts(kept: Checkout) -> tuple[Any, ...]:
    return (kept.amount_minor, kept.capture_later, kept.description, kept.return_url, kept.cancel_url)


def _asked(request: CheckoutRequest) -> tuple[Any, ...]:
    return (
        request.amount_minor,
        request.capture_later,
        request.description,
        request.return_url,
        request.cancel_url,
    )


def _refund(found: Checkout, key: str) -> ProviderRefund:
    kept = found.refunds[key]
    return ProviderRefund(
        f"demo_re_{key}", Received(kept["amount"]), ProviderRefundState.SUCCEEDED, kept["reference"]
    )
