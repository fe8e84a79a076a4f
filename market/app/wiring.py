"""Builds the process's adapters from its settings. The only place that chooses between them."""

from __future__ import annotations

from market.media.storage import Storage, build_storage
from market.notifications.mailer import Mailer, build_mailer
from market.outbox.tools import Tools
from market.payments.port import CardProvider, build_card_provider
from market.settings import Settings


def build_tools(settings: Settings) -> Tools:
    """Everything pages and handlers may ask for."""
    return Tools(
        {
            Settings: settings,
            Storage: build_storage(settings),
            Mailer: build_mailer(settings),
            CardProvider: build_card_provider(settings),
        }
    )
