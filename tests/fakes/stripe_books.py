"""What a small Stripe knows and allows: sessions, intents, charges, refunds, disputes, and the events about them.

No HTTP here (that is `stripe_app`). Rules are Stripe's own as far as our product meets them: pages live 30
minutes to 24 hours, amounts have at most 12 digits, captures need an authorisation, refunds never exceed what
was captured, unknown parameters are refused.
"""

from __future__ import annotations

import copy
import itertools
import time
from typing import Any

Object = dict[str, Any]
_SESSION_PARAMS = {
    "mode", "payment_method_types", "line_items", "adaptive_pricing", "locale", "client_reference_id", "metadata",
    "payment_intent_data", "success_url", "cancel_url", "expires_at", "customer_email", "expand",
}  # fmt: skip
_LOCALES = {"auto", "en", "id", "nl", "zh", "pt"}


class ApiError(Exception):
    """An answer with a status other than 200."""

    def __init__(self, status: int, kind: str, code: str, message: str = "") -> None:
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message or code}}
        super().__init__(code)


def invalid(code: str, message: str = "") -> ApiError:
    return ApiError(400, "invalid_request_error", code, message)


class Books:
    """The state. `events` collects what has happened, in order, for whoever delivers it."""

    def __init__(self, *, livemode: bool = False, fee_sen: int = 0, funds_available: bool = True) -> None:
        self.livemode = livemode
        self.fee_sen = fee_sen
        self.funds_available = funds_available
        self.refund_state = "succeeded"
        self.sessions: dict[str, Object] = {}
        self.intents: dict[str, Object] = {}
        self.charges: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.balance: dict[str, Object] = {}
        self.transfers: dict[str, Object] = {}
        self.connected = {"acct_host"}
        self.events: list[Object] = []
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06d}"

    def tell(self, kind: str, obj: Object) -> Object:
        """Write an event about an object as it is now."""
        event = {
            "id": self.new_id("evt"), "object": "event", "type": kind, "created": int(time.time()),
            "livemode": self.livemode, "api_version": "2026-10-28", "data": {"object": copy.deepcopy(obj)},
        }  # fmt: skip
        self.events.append(event)
        return event

    # Sessions -----------------------------------------------------------------------------------------------
    def create_session(self, params: Object) -> Object:
        unknown = set(params) - _SESSION_PARAMS
        if unknown:
            raise invalid("parameter_unknown", f"Received unknown parameter: {unknown}")
        if params.get("mode") != "payment" or params.get("locale", "auto") not in _LOCALES:
            raise invalid("parameter_invalid")
        item = params["line_items"]["0"]["price_data"]
        amount = int(item["unit_amount"])
        if not 0 < amount < 10**12 or item["currency"] != "idr":
            raise invalid("amount_too_large", "Amount must be no more than 12 digits")
        ends = int(params.get("expires_at", time.time() + 86400))
        if not time.time() + 1800 <= ends <= time.time() + 86400:
            raise invalid("parameter_invalid", "expires_at must be between 30 minutes and 24 hours from now")
        session = {
            "id": self.new_id("cs_test"), "object": "checkout.session", "mode": "payment", "status": "open",
            "payment_status": "unpaid", "amount_total": amount, "currency": "idr", "livemode": self.livemode,
            "client_reference_id": params.get("client_reference_id"), "metadata": params.get("metadata", {}),
            "customer_email": params.get("customer_email"), "success_url": params["success_url"],
            "cancel_url": params["cancel_url"], "expires_at": ends, "payment_intent": None, "url": "",
            "created": int(time.time()), "locale": params.get("locale"), "title": item["product_data"]["name"],
            "intent_data": params.get("payment_intent_data", {}),
        }  # fmt: skip
        self.sessions[session["id"]] = session
        return session

    def session(self, session_id: str) -> Object:
        session = self.sessions.get(session_id)
        if session is None:
            raise ApiError(404, "invalid_request_error", "resource_missing")
        if session["status"] == "open" and session["expires_at"] <= time.time():
            self._end(session)
        return session

    def expire_session(self, session_id: str) -> Object:
        session = self.session(session_id)
        if session["status"] != "open":
            raise invalid(
                "checkout_session_not_open", "Only Checkout Sessions with a status of open can be expired"
            )
        self._end(session)
        return session

    def _end(self, session: Object) -> None:
        session["status"] = "expired"
        self.tell("checkout.session.expired", session)

    def _intent_for(self, session: Object) -> Object:
        if session["payment_intent"] is None:
            data = session["intent_data"]
            intent = {
                "id": self.new_id("pi"), "object": "payment_intent", "amount": session["amount_total"],
                "amount_capturable": 0, "amount_received": 0, "currency": "idr", "livemode": self.livemode,
                "status": "requires_payment_method", "capture_method": data.get("capture_method", "automatic"),
                "metadata": data.get("metadata", {}), "latest_charge": None, "last_payment_error": None,
            }  # fmt: skip
            self.intents[intent["id"]] = intent
            session["payment_intent"] = intent["id"]
        return self.intents[session["payment_intent"]]

    # What a cardholder does ---------------------------------------------------------------------------------
    def pay(self, session_id: str) -> Object:
        """A card is accepted on the page: authorised or captured. The intent."""
        session = self.session(session_id)
        if session["status"] != "open":
            raise invalid("checkout_session_not_open")
        intent = self._intent_for(session)
        session["status"] = "complete"
        session["customer_details"] = {"email": session["customer_email"], "name": "Card Holder"}
        charge = {
            "id": self.new_id("ch"), "object": "charge", "amount": intent["amount"], "amount_captured": 0,
            "amount_refunded": 0, "currency": "idr", "payment_intent": intent["id"], "metadata": intent["metadata"],
            "livemode": self.livemode, "balance_transaction": None, "billing_details": {"name": "Card Holder"},
        }  # fmt: skip
        self.charges[charge["id"]] = charge
        intent["latest_charge"] = charge["id"]
        if intent["capture_method"] == "manual":
            intent.update(status="requires_capture", amount_capturable=intent["amount"])
            self.tell("payment_intent.amount_capturable_updated", intent)
        else:
            session["payment_status"] = "paid"
            self._take(intent, charge)
        self.tell("checkout.session.completed", session)
        return intent

    def decline(self, session_id: str) -> Object:
        """A card is refused on the page, which stays open."""
        session = self.session(session_id)
        intent = self._intent_for(session)
        intent["last_payment_error"] = {"code": "card_declined", "decline_code": "insufficient_funds"}
        self.tell("payment_intent.payment_failed", intent)
        return intent

    def dispute(self, intent_id: str, *, fee_sen: int = 0) -> Object:
        """The cardholder's bank takes the money back."""
        intent = self.intents[intent_id]
        dispute = {
            "id": self.new_id("dp"), "object": "dispute", "amount": intent["amount_received"], "currency": "idr",
            "payment_intent": intent_id, "charge": intent["latest_charge"], "status": "needs_response",
            "reason": "fraudulent", "livemode": self.livemode,
            "balance_transactions": [{"net": -intent["amount_received"] - fee_sen, "fee": fee_sen}],
        }  # fmt: skip
        self.tell("charge.dispute.created", dispute)
        return dispute

    def close_dispute(self, dispute: Object, status: str) -> None:
        dispute["status"] = status
        if status == "won":
            dispute["balance_transactions"].append({"net": dispute["amount"], "fee": 0})
        self.tell("charge.dispute.closed", dispute)

    # Intents and refunds ------------------------------------------------------------------------------------
    def intent(self, intent_id: str) -> Object:
        if intent_id not in self.intents:
            raise ApiError(404, "invalid_request_error", "resource_missing")
        return self.intents[intent_id]

    def capture(self, intent_id: str, params: Object) -> Object:
        intent = self.intent(intent_id)
        if intent["status"] != "requires_capture":
            raise invalid("payment_intent_unexpected_state")
        if int(params.get("amount_to_capture", intent["amount"])) != intent["amount_capturable"]:
            raise invalid("amount_too_large")
        self._take(intent, self.charges[intent["latest_charge"]])
        return intent

    def _take(self, intent: Object, charge: Object) -> None:
        intent.update(status="succeeded", amount_received=intent["amount"], amount_capturable=0)
        move = {
            "id": self.new_id("txn"), "object": "balance_transaction", "amount": intent["amount"],
            "fee": self.fee_sen, "net": intent["amount"] - self.fee_sen, "currency": "idr",
            "status": "available" if self.funds_available else "pending",
        }  # fmt: skip
        self.balance[move["id"]] = move
        charge.update(amount_captured=intent["amount"], balance_transaction=move["id"])
        self.tell("payment_intent.succeeded", intent)

    def cancel(self, intent_id: str) -> Object:
        intent = self.intent(intent_id)
        if intent["status"] in {"succeeded", "canceled"}:
            raise invalid("payment_intent_unexpected_state")
        intent.update(status="canceled", amount_capturable=0)
        self.tell("payment_intent.canceled", intent)
        return intent

    def create_refund(self, params: Object) -> Object:
        intent = self.intent(params["payment_intent"])
        charge = self.charges.get(intent["latest_charge"] or "")
        amount = int(params["amount"])
        if charge is None or charge["amount_refunded"] + amount > charge["amount_captured"]:
            raise invalid(
                "charge_already_refunded", "Refund amount is greater than unrefunded amount on charge"
            )
        refund = {
            "id": self.new_id("re"), "object": "refund", "amount": amount, "currency": "idr",
            "payment_intent": intent["id"], "charge": charge["id"], "status": self.refund_state,
            "metadata": params.get("metadata", {}), "failure_reason": None, "livemode": self.livemode,
            "created": int(time.time()),
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        return refund

    def create_transfer(self, params: Object) -> Object:
        """Money sent on to a connected account."""
        unknown = set(params) - {"amount", "currency", "destination", "transfer_group", "metadata"}
        if unknown:
            raise invalid("parameter_unknown", f"Received unknown parameter: {unknown}")
        if params["destination"] not in self.connected:
            raise invalid("account_invalid", "No such destination")
        if params["currency"] != "idr" or not 0 < int(params["amount"]) < 10**12:
            raise invalid("parameter_invalid")
        transfer = {
            "id": self.new_id("tr"), "object": "transfer", "amount": int(params["amount"]), "currency": "idr",
            "destination": params["destination"], "transfer_group": params["transfer_group"],
            "metadata": params.get("metadata", {}), "reversed": False, "livemode": self.livemode,
        }  # fmt: skip
        self.transfers[transfer["id"]] = transfer
        self.tell("transfer.created", transfer)
        return transfer

    def finish_refund(self, refund_id: str, status: str) -> None:
        """A pending refund ends; a failed one no longer counts as given back."""
        refund = self.refunds[refund_id]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "lost_or_stolen_card"
            self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self.tell("refund.updated" if status == "succeeded" else "refund.failed", refund)

    def list_refunds(self, intent_id: str) -> list[Object]:
        """Those of one intent, or all of them; the newest first."""
        return [r for r in reversed(self.refunds.values()) if intent_id in {"", r["payment_intent"]}]

    # Expansion ----------------------------------------------------------------------------------------------
    def expanded(self, obj: Object, paths: list[str]) -> Object:
        """A copy with the named references replaced by objects."""
        result = copy.deepcopy(obj)
        for path in paths:
            self._expand(result, path.split("."))
        return result

    def _expand(self, obj: Object, parts: list[str]) -> None:
        tables = {
            "payment_intent": self.intents,
            "latest_charge": self.charges,
            "balance_transaction": self.balance,
        }
        reference = obj.get(parts[0])
        if isinstance(reference, str):
            obj[parts[0]] = copy.deepcopy(tables[parts[0]][reference])
        if parts[1:] and obj.get(parts[0]):
            self._expand(obj[parts[0]], parts[1:])
