"""The card provider of an installation without one: offers nothing and takes nothing."""

from __future__ import annotations

from datetime import datetime

from market.payments.port import (
    BalanceMove,
    CheckoutRequest,
    Declined,
    ForgedMessage,
    ListedPayment,
    News,
    ProviderPayment,
    ProviderSilent,
)
from market.payments.rules import Method

_NO = Declined("no_provider")


class NoCards:
    """Declines everything. A payment left over from an earlier provider stays visible as an unsettled job."""

    name = "none"
    can_transfer = False
    methods: tuple[Method, ...] = ()

    async def open_checkout(self, request: CheckoutRequest) -> Declined:
        return _NO

    async def close_checkout(self, session_ref: str) -> Declined:
        return _NO

    async def fetch(self, session_ref: str) -> ProviderPayment:
        raise ProviderSilent

    async def list_payments(self, since: datetime) -> list[ListedPayment]:
        return []

    async def list_refunded(self, since: datetime) -> list[str]:
        return []

    async def capture(self, provider_ref: str, amount_minor: int, key: str) -> Declined:
        return _NO

    async def void(self, provider_ref: str, key: str) -> Declined:
        return _NO

    async def refund(self, provider_ref: str, amount_minor: int, key: str, reference: str) -> Declined:
        return _NO

    async def settlement(self, provider_ref: str) -> BalanceMove | None:
        return None

    async def transfer(self, destination: str, amount_minor: int, reference: str) -> Declined:
        return _NO

    async def find_transfer(self, reference: str) -> None:
        return None

    def read_message(self, body: bytes, signature: str, now: datetime) -> News:
        raise ForgedMessage
