"""One file for each card provider, and the choice between them."""

from __future__ import annotations

from market.payments.port import CardProvider
from market.settings import Settings


def build_card_provider(settings: Settings) -> CardProvider:
    """The one provider of this process.

    Stripe when it is set up, else the demonstration in demo mode, else none.
    """
    if settings.stripe is not None:
        from market.payments.adapters.stripe import StripeCards  # noqa: PLC0415 - loads what is used

        return StripeCards(settings.stripe)
    if settings.demo:
        from market.payments.adapters.demo_card import DemoCards  # noqa: PLC0415

        return DemoCards()
    from market.payments.adapters.none import NoCards  # noqa: PLC0415

    return NoCards()
