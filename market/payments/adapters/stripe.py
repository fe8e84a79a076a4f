"""Cards through Stripe Checkout. The only file that knows the `stripe` library, and it loads it on first use.

Stripe counts rupiah in sen (times 100), and a Checkout page lives at least 30 minutes, longer than our holds:
so a lapsed hold closes its page through the API, and a success that slips in anyway is taken as news. Reading
Stripe's objects into our nouns is `stripe_reading`'s work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from market import clock, db
from market.payments.adapters import stripe_reading as reading
from market.payments.port import (
    CONFLICT,
    BalanceMove,
    CheckoutRequest,
    Declined,
    Done,
    ForgedMessage,
    ListedPayment,
    News,
    OpenCheckout,
    ProviderPayment,
    ProviderRefund,
    ProviderSilent,
    ProviderTransfer,
    Unknown,
)
from market.payments.rules import Method
from market.settings import Stripe

if TYPE_CHECKING:
    from types import ModuleType

TIMEOUT_SECONDS: Final = 10
CLOCK_TOLERANCE: Final = timedelta(seconds=300)
# Stripe wants 30 minutes from its own now to the end of a page; ours may lag behind by a moment. Ends fall on
# whole ten minutes, so that a repeated request is the same request.
_SHORTEST: Final = timedelta(minutes=31)
_GRAIN: Final = 600
_LONGEST_METADATA: Final = 500


class StripeCards:
    """Stripe as a card provider: Checkout Sessions in payment mode, captured at once or later."""

    name = "stripe"
    can_transfer = True
    methods: tuple[Method, ...] = (Method.CARD,)

    def __init__(self, access: Stripe) -> None:
        self._access = access
        self._live = "_live_" in access.secret_key

    @cached_property
    def _library(self) -> ModuleType:
        import stripe  # noqa: PLC0415 - half a second that only a process with card traffic should pay

        return stripe

    @cached_property
    def _client(self) -> Any:
        more: dict[str, Any] = {}
        if self._access.api_base:
            more["base_addresses"] = {"api": self._access.api_base}
        return self._library.StripeClient(
            self._access.secret_key,
            http_client=self._library.HTTPXClient(timeout=TIMEOUT_SECONDS),
            # The outbox repeats with the same key, and a guest should not wait for three tries.
            max_network_retries=0,
            **more,
        )

    async def open_checkout(self, request: CheckoutRequest) -> Done[OpenCheckout] | Declined | Unknown:
        params = _checkout_params(request, clock.now())
        outcome = await self._ask(
            lambda: self._client.v1.checkout.sessions.create_async(params, {"idempotency_key": request.key})
        )
        if isinstance(outcome, Done):
            return Done(OpenCheckout(outcome.value["id"], outcome.value["url"]))
        return outcome

    async def close_checkout(self, session_ref: str) -> Done[None] | Declined | Unknown:
        return _nothing(await self._ask(lambda: self._client.v1.checkout.sessions.expire_async(session_ref)))

    async def fetch(self, session_ref: str) -> ProviderPayment:
        session = await self._get(
            lambda: self._client.v1.checkout.sessions.retrieve_async(
                session_ref, {"expand": ["payment_intent"]}
            )
        )
        refunds: list[Any] = []
        intent = session.get("payment_intent")
        if intent and intent.get("latest_charge"):
            refunds = await self._refunds({"payment_intent": intent["id"]})
        return reading.payment(session, refunds, live=self._live)

    async def list_payments(self, since: datetime) -> list[ListedPayment]:
        params = {"created": {"gte": int(since.timestamp())}, "expand": ["data.payment_intent"]}
        sessions = await self._every(self._client.v1.checkout.sessions.list_async, params)
        listed: list[ListedPayment] = []
        for session in reversed(sessions):
            intent = session.get("payment_intent") or {}
            refunds = (
                await self._refunds({"payment_intent": intent["id"]}) if intent.get("latest_charge") else []
            )
            listed.append(reading.listed(session, refunds, live=self._live))
        return listed

    async def list_refunded(self, since: datetime) -> list[str]:
        refunds = await self._refunds({"created": {"gte": int(since.timestamp())}})
        return list(dict.fromkeys(str(refund["payment_intent"]) for refund in refunds))

    async def _refunds(self, params: dict[str, Any]) -> list[Any]:
        return await self._every(self._client.v1.refunds.list_async, params)

    async def _every(
        self, call: Callable[[dict[str, Any]], Awaitable[Any]], params: dict[str, Any]
    ) -> list[Any]:
        """All pages of a list, the newest first as Stripe gives them."""
        found: list[Any] = []
        more: dict[str, Any] = {"limit": 100, **params}
        while True:
            page = await self._get(lambda asked=more: call(asked))
            found += page["data"]
            if not page["has_more"]:
                return found
            more = {**more, "starting_after": found[-1]["id"]}

    async def capture(
        self, provider_ref: str, amount_minor: int, key: str
    ) -> Done[None] | Declined | Unknown:
        params = {"amount_to_capture": amount_minor * reading.SEN}
        return _nothing(
            await self._ask(
                lambda: self._client.v1.payment_intents.capture_async(
                    provider_ref, params, {"idempotency_key": key}
                )
            )
        )

    async def void(self, provider_ref: str, key: str) -> Done[None] | Declined | Unknown:
        return _nothing(
            await self._ask(
                lambda: self._client.v1.payment_intents.cancel_async(
                    provider_ref, {}, {"idempotency_key": key}
                )
            )
        )

    async def refund(
        self, provider_ref: str, amount_minor: int, key: str, reference: str
    ) -> Done[ProviderRefund] | Declined | Unknown:
        params = {
            "payment_intent": provider_ref,
            "amount": amount_minor * reading.SEN,
            "metadata": {"refund": reference},
        }
        outcome = await self._ask(
            lambda: self._client.v1.refunds.create_async(params, {"idempotency_key": key})
        )
        return Done(reading.refund(outcome.value)) if isinstance(outcome, Done) else outcome

    async def settlement(self, provider_ref: str) -> BalanceMove | None:
        intent = await self._get(
            lambda: self._client.v1.payment_intents.retrieve_async(
                provider_ref, {"expand": ["latest_charge.balance_transaction"]}
            )
        )
        return reading.balance_move(intent)

    async def transfer(
        self, destination: str, amount_minor: int, reference: str
    ) -> Done[ProviderTransfer] | Declined | Unknown:
        params = {
            "amount": amount_minor * reading.SEN,
            "currency": "idr",
            "destination": destination,
            "transfer_group": reference,
            "metadata": {"payout": reference},
        }
        outcome = await self._ask(
            lambda: self._client.v1.transfers.create_async(params, {"idempotency_key": reference})
        )
        return Done(reading.transfer(outcome.value)) if isinstance(outcome, Done) else outcome

    async def find_transfer(self, reference: str) -> ProviderTransfer | None:
        page = await self._get(
            lambda: self._client.v1.transfers.list_async({"transfer_group": reference, "limit": 1})
        )
        found = [reading.transfer(facts) for facts in page["data"]]
        return found[0] if found else None

    def read_message(self, body: bytes, signature: str, now: datetime) -> News:
        try:
            self._library.WebhookSignature.verify_header(body, signature, self._access.webhook_secret)
        except (self._library.SignatureVerificationError, UnicodeDecodeError) as error:
            raise ForgedMessage from error
        # The library accepts any time; a replay and a clock that runs ahead are both refused.
        signed_at = _signed_at(signature)
        if signed_at is None or abs(now.timestamp() - signed_at) > CLOCK_TOLERANCE.total_seconds():
            raise ForgedMessage
        return reading.news(body, live=self._live)

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> Done[Any] | Declined | Unknown:
        """Make a call that changes something, and sort its ends into the three outcomes."""
        db.assert_idle()
        errors = self._library
        try:
            return Done((await call()).to_dict())
        except errors.CardError as error:
            return Declined(error.code or "card_declined")
        except errors.IdempotencyError as error:
            # In use by a request that is still running, or used before with other facts.
            return Unknown(str(error.code)) if error.http_status == 409 else Declined(CONFLICT)
        except errors.InvalidRequestError as error:
            return Declined(error.code or "invalid_request")
        except errors.StripeError as error:
            return Unknown(type(error).__name__)

    async def _get(self, call: Callable[[], Awaitable[Any]]) -> Any:
        db.assert_idle()
        try:
            return (await call()).to_dict()
        except self._library.StripeError as error:
            raise ProviderSilent(detail=type(error).__name__) from error


def _nothing(outcome: Done[Any] | Declined | Unknown) -> Done[None] | Declined | Unknown:
    return Done(None) if isinstance(outcome, Done) else outcome


def _signed_at(header: str) -> int | None:
    for part in header.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "t":
            return int(value) if value.isascii() and value.isdigit() and len(value) < 15 else None
    return None


def page_ends_at(expires_at: datetime, now: datetime) -> int:
    """When a Checkout page ends, as Stripe takes it.

    Our own end, but at least 31 minutes away, on a round time.
    """
    earliest = max(expires_at, now + _SHORTEST).timestamp()
    return -(-int(earliest) // _GRAIN) * _GRAIN


def _checkout_params(request: CheckoutRequest, now: datetime) -> dict[str, Any]:
    references = {"payment": request.payment_reference, "booking": request.booking_reference}
    if request.order:
        references["order"] = request.order[:_LONGEST_METADATA]
    params: dict[str, Any] = {
        "mode": "payment",
        "payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": request.amount_minor * reading.SEN,
                    "product_data": {"name": request.description},
                },
            }
        ],
        "adaptive_pricing": {"enabled": False},  # the charge is in rupiah, exactly as shown
        "locale": request.locale,
        "client_reference_id": request.payment_reference,
        "metadata": references,
        "payment_intent_data": {"metadata": references, "description": request.description},
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "expires_at": page_ends_at(request.expires_at, now),
    }
    if request.email:
        params["customer_email"] = request.email
    if request.capture_later:
        params["payment_intent_data"]["capture_method"] = "manual"
        params["metadata"] = {**references, "capture": "later"}
    return params
