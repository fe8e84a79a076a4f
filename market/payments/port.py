"""What a card provider must be able to do, in our own nouns. Adapters live in `adapters/`, one file each.

Every call that changes something has three outcomes: done, declined with a reason, or unknown. Unknown is
settled by fetching or by repeating with the same key, never by guessing. Amounts are whole rupiah here; an
adapter whose provider counts in sen converts, and reports sen that do not make a rupiah as they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from market.errors import DomainError, Upstream
from market.payments.rules import Method, Received
from market.values.text import lazy

T = TypeVar("T")


class ForgedMessage(DomainError):
    """A webhook whose signature, time or shape does not hold."""

    code = "forged_message"
    message = lazy("This message is not signed by the payment provider.")


class ProviderSilent(Upstream):
    """The card provider did not answer, or not in words we can act on."""

    code = "provider_silent"
    message = lazy("The payment service did not answer. No money was taken; please try again in a moment.")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider said no, for good. `reason` is its short code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have happened."""

    detail: str = ""


CONFLICT = "conflict"
"""The reason of a refusal because the same key was used before with other facts."""


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """Everything a provider needs to ask a guest for money."""

    key: str
    payment_reference: str
    booking_reference: str
    amount_minor: int
    capture_later: bool
    description: str
    email: str
    locale: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    currency: str = "IDR"
    order: str = ""
    """What is bought, in the words of whoever asks for the money: kept by the provider, so that a booking lost here
    can be made again from there. Says nothing about who buys."""


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """Where the guest pays. `url` may be a path on this site."""

    session_ref: str
    url: str


class ProviderState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    AUTHORISED = "authorised"
    PAID = "paid"
    VOIDED = "voided"


class ProviderRefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider has it.

    `reference` is ours, empty when somebody made it in the provider's own screens.
    """

    provider_ref: str
    amount: Received
    state: ProviderRefundState
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider has it now.

    `problem` is set when it cannot be ours (wrong mode or account).
    """

    session_ref: str
    provider_ref: str
    state: ProviderState
    amount: Received
    currency: str = "IDR"
    refunds: tuple[ProviderRefund, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """A payment as the provider lists it, with what we wrote on it when we asked for the money.

    `name` is the cardholder's, where the provider knows it; `return_url` leads to the site that asked.
    """

    found: ProviderPayment
    at: datetime
    payment_reference: str
    booking_reference: str
    order: str = ""
    email: str = ""
    name: str = ""
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class BalanceMove:
    """What became of a captured payment in the provider's own books."""

    reference: str
    fee: Received
    available: bool


class Kind(StrEnum):
    """What a piece of news means to us."""

    PAID = "paid"
    AUTHORISED = "authorised"
    EXPIRED = "expired"
    VOIDED = "voided"
    DECLINED = "declined"
    REFUND = "refund"
    REFUNDS_CHANGED = "refunds_changed"
    DISPUTE = "dispute"
    IGNORED = "ignored"


class DisputeState(StrEnum):
    INQUIRY = "inquiry"  # a question; no money has moved
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    DROPPED = "dropped"  # the question was answered, and no money ever moved


@dataclass(frozen=True, slots=True)
class Dispute:
    """A cardholder asked the bank for the money back."""

    reference: str
    amount: Received
    fee: Received
    state: DisputeState


@dataclass(frozen=True, slots=True)
class News:
    """One event of a provider, read and checked. `record` is what we keep of it, without personal details."""

    event_id: str
    name: str
    kind: Kind
    at: datetime
    record: str
    payment_reference: str = ""
    session_ref: str = ""
    provider_ref: str = ""
    amount: Received | None = None
    currency: str = "IDR"
    reason: str = ""
    refund: ProviderRefund | None = None
    dispute: Dispute | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProviderTransfer:
    """Money sent on to a connected account, as the provider has it; `reversed` when it came back in full."""

    provider_ref: str
    amount: Received
    reversed: bool = False


class CardProvider(Protocol):
    """Takes card payments. No method may be called inside a transaction (`db.assert_idle()` comes first)."""

    @property
    def name(self) -> str:
        """`stripe`, `demo` or `none`; provider events are unique within it."""
        ...

    @property
    def methods(self) -> tuple[Method, ...]:
        """What it lets a guest pay with; empty when it takes nothing."""
        ...

    async def open_checkout(self, request: CheckoutRequest) -> Done[OpenCheckout] | Declined | Unknown:
        """Make a page where the guest pays. The same key and facts give the same page."""
        ...

    async def close_checkout(self, session_ref: str) -> Done[None] | Declined | Unknown:
        """Let nobody pay there any more; declined when it is already over (fetch to learn how)."""
        ...

    async def fetch(self, session_ref: str) -> ProviderPayment:
        """How it stands, refunds included. Raises ProviderSilent."""
        ...

    async def list_payments(self, since: datetime) -> list[ListedPayment]:
        """Everything a guest was asked to pay since then, refunds included, oldest first. Raises ProviderSilent."""
        ...

    async def list_refunded(self, since: datetime) -> list[str]:
        """The `provider_ref` of every payment of which something was given back since then. Raises ProviderSilent."""
        ...

    async def capture(
        self, provider_ref: str, amount_minor: int, key: str
    ) -> Done[None] | Declined | Unknown:
        """Take an authorised amount."""
        ...

    async def void(self, provider_ref: str, key: str) -> Done[None] | Declined | Unknown:
        """Give an authorisation up."""
        ...

    async def refund(
        self, provider_ref: str, amount_minor: int, key: str, reference: str
    ) -> Done[ProviderRefund] | Declined | Unknown:
        """Give money back; never more than was captured. `reference` is our refund's."""
        ...

    async def settlement(self, provider_ref: str) -> BalanceMove | None:
        """The fee and whether the money is available; None while the provider does not know.

        Raises ProviderSilent.
        """
        ...

    @property
    def can_transfer(self) -> bool:
        """Whether hosts can have an account with this provider that money is sent on to."""
        ...

    async def transfer(
        self, destination: str, amount_minor: int, reference: str
    ) -> Done[ProviderTransfer] | Declined | Unknown:
        """Send money on to a connected account. `reference` is our payout's, and the idempotency key."""
        ...

    async def find_transfer(self, reference: str) -> ProviderTransfer | None:
        """What became of a payout; None when the provider never heard of it. Raises ProviderSilent."""
        ...

    def read_message(self, body: bytes, signature: str, now: datetime) -> News:
        """A webhook's meaning. Raises ForgedMessage unless its signature and time hold."""
        ...
