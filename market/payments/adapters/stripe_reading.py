"""Stripe's JSON in our nouns: events, sessions, refunds, disputes. Pure functions, without the library.

An event that does not look as documented is refused as forged rather than half understood. What is kept of an
event leaves out the guest's name, address and e-mail: we hold those once, where they can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from market.payments.port import (
    BalanceMove,
    Dispute,
    DisputeState,
    ForgedMessage,
    Kind,
    ListedPayment,
    News,
    ProviderPayment,
    ProviderRefund,
    ProviderRefundState,
    ProviderState,
    ProviderTransfer,
)
from market.payments.rules import Received

SEN: Final = 100
_PERSONAL: Final = frozenset(
    {
        "address", "billing_details", "collected_information", "customer_details", "customer_email", "email",
        "evidence", "name", "phone", "receipt_email", "receipt_url", "shipping", "shipping_details", "url",
    }
)  # fmt: skip
Facts = Mapping[str, Any]


def news(body: bytes, *, live: bool) -> News:
    """The meaning of a verified webhook body. Raises ForgedMessage when it is not an event as documented."""
    try:
        event = json.loads(body)
        facts = event["data"]["object"]
        name = str(event["type"])
        meaning = _READERS.get(name, _ignored)(facts)
        return News(
            event_id=str(event["id"]),
            name=name,
            at=datetime.fromtimestamp(int(event["created"]), UTC),
            record=json.dumps(without_people(event), ensure_ascii=False, separators=(",", ":")),
            problem=_problem(event, live=live),
            **meaning,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ForgedMessage from error


def without_people(value: Any) -> Any:
    """The same data without what identifies a person."""
    if isinstance(value, dict):
        return {key: without_people(inner) for key, inner in value.items() if key not in _PERSONAL}
    if isinstance(value, list):
        return [without_people(inner) for inner in value]
    return value


def _problem(facts: Facts, *, live: bool) -> str:
    if facts.get("account"):
        return "another account"
    if bool(facts["livemode"]) is not live:
        return "another mode (live or test)"
    return ""


def _id(value: Any) -> str:
    """An object's id, whether Stripe sent the object or only its id."""
    if value is None:
        return ""
    return str(value if isinstance(value, str) else value["id"])


def _ours(facts: Facts, name: str = "payment") -> str:
    return str((facts.get("metadata") or {}).get(name, ""))


def _ignored(facts: Facts) -> dict[str, Any]:
    return {"kind": Kind.IGNORED}


def _session(kind: Kind) -> Callable[[Facts], dict[str, Any]]:
    def read(session: Facts) -> dict[str, Any]:
        return {
            "kind": kind,
            "payment_reference": str(session.get("client_reference_id") or _ours(session)),
            "session_ref": session["id"],
            "provider_ref": _id(session.get("payment_intent")),
            "amount": Received.from_sen(session["amount_total"]),
            "currency": str(session["currency"]).upper(),
        }

    return read


def _completed(session: Facts) -> dict[str, Any]:
    """A finished page: paid, or authorised when we asked to capture later; any other end is not money."""
    if session["payment_status"] == "paid":
        return _session(Kind.PAID)(session)
    later = _ours(session, "capture") == "later"
    return _session(Kind.AUTHORISED if later else Kind.IGNORED)(session)


def _intent(kind: Kind, amount: str = "amount") -> Callable[[Facts], dict[str, Any]]:
    def read(intent: Facts) -> dict[str, Any]:
        error = intent.get("last_payment_error") or {}
        return {
            "kind": kind,
            "payment_reference": _ours(intent),
            "provider_ref": intent["id"],
            "amount": Received.from_sen(intent[amount]),
            "currency": str(intent["currency"]).upper(),
            "reason": str(error.get("decline_code") or error.get("code") or ""),
        }

    return read


def _refunds_changed(charge: Facts) -> dict[str, Any]:
    return {
        "kind": Kind.REFUNDS_CHANGED,
        "payment_reference": _ours(charge),
        "provider_ref": _id(charge["payment_intent"]),
    }


def _refund_event(facts: Facts) -> dict[str, Any]:
    return {
        "kind": Kind.REFUND,
        "provider_ref": _id(facts["payment_intent"]),
        "currency": str(facts["currency"]).upper(),
        "refund": refund(facts),
    }


def _dispute(facts: Facts) -> dict[str, Any]:
    return {
        "kind": Kind.DISPUTE,
        "provider_ref": _id(facts.get("payment_intent")),
        "currency": str(facts["currency"]).upper(),
        "reason": str(facts.get("reason") or ""),
        "dispute": dispute(facts),
    }


def dispute(facts: Facts) -> Dispute:
    """A dispute; money has moved when Stripe lists a withdrawal for it."""
    withdrawals = [move for move in facts.get("balance_transactions") or [] if move["net"] < 0]
    fee = withdrawals[0]["fee"] if withdrawals else 0
    match facts["status"]:
        case "won":
            state = DisputeState.WON
        case "lost":
            state = DisputeState.LOST
        case _:
            state = DisputeState.OPEN
    if not withdrawals:
        over = facts["status"] in {"warning_closed", "won"}
        state = DisputeState.DROPPED if over else DisputeState.INQUIRY
    return Dispute(facts["id"], Received.from_sen(facts["amount"]), Received.from_sen(fee), state)


def refund(facts: Facts) -> ProviderRefund:
    """A refund as Stripe has it."""
    match facts["status"]:
        case "succeeded":
            state = ProviderRefundState.SUCCEEDED
        case "failed" | "canceled":
            state = ProviderRefundState.FAILED
        case _:
            state = ProviderRefundState.PENDING
    reason = str(facts.get("failure_reason") or "")
    return ProviderRefund(
        facts["id"], Received.from_sen(facts["amount"]), state, _ours(facts, "refund"), reason
    )


def payment(session: Facts, refunds: Sequence[Facts], *, live: bool) -> ProviderPayment:
    """A Checkout Session with its payment intent (expanded) and refunds. KeyError when it is not one."""
    intent: Facts = session.get("payment_intent") or {}
    amount = session["amount_total"]
    match intent.get("status"):
        case "succeeded":
            state, amount = ProviderState.PAID, intent["amount_received"]
        case "requires_capture":
            state, amount = ProviderState.AUTHORISED, intent["amount_capturable"]
        case "canceled":
            state = ProviderState.VOIDED
        case _:
            state = ProviderState.EXPIRED if session["status"] == "expired" else ProviderState.OPEN
    return ProviderPayment(
        session_ref=session["id"],
        provider_ref=_id(intent or None),
        state=state,
        amount=Received.from_sen(amount),
        currency=str(session["currency"]).upper(),
        refunds=tuple(refund(facts) for facts in refunds),
        problem=_problem(session, live=live),
    )


def listed(session: Facts, refunds: Sequence[Facts], *, live: bool) -> ListedPayment:
    """A Checkout Session as `payment` reads it, with what we wrote on it and who paid."""
    who: Facts = session.get("customer_details") or {}
    return ListedPayment(
        found=payment(session, refunds, live=live),
        at=datetime.fromtimestamp(int(session["created"]), UTC),
        payment_reference=str(session.get("client_reference_id") or _ours(session)),
        booking_reference=_ours(session, "booking"),
        order=_ours(session, "order"),
        email=str(who.get("email") or session.get("customer_email") or ""),
        name=str(who.get("name") or ""),
        return_url=str(session.get("success_url") or ""),
    )


def transfer(facts: Facts) -> ProviderTransfer:
    """A transfer to a connected account as Stripe has it."""
    return ProviderTransfer(facts["id"], Received.from_sen(facts["amount"]), bool(facts["reversed"]))


def balance_move(intent: Facts) -> BalanceMove | None:
    """The fee of an intent's charge (expanded down to its balance transaction); None while there is none."""
    charge: Facts = intent.get("latest_charge") or {}
    move = charge.get("balance_transaction")
    if not move:
        return None
    return BalanceMove(move["id"], Received.from_sen(move["fee"]), move["status"] == "available")


_READERS: Final[dict[str, Callable[[Facts], dict[str, Any]]]] = {
    "checkout.session.completed": _completed,
    "checkout.session.expired": _session(Kind.EXPIRED),
    "payment_intent.amount_capturable_updated": _intent(Kind.AUTHORISED, "amount_capturable"),
    "payment_intent.succeeded": _intent(Kind.PAID, "amount_received"),
    "payment_intent.canceled": _intent(Kind.VOIDED),
    "payment_intent.payment_failed": _intent(Kind.DECLINED),
    "charge.refunded": _refunds_changed,
    "refund.created": _refund_event,
    "refund.updated": _refund_event,
    "refund.failed": _refund_event,
    "charge.dispute.created": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
}
