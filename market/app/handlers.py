"""Importing this module registers every feature's job handlers and timed duties."""

from __future__ import annotations

import market.app.sealed  # noqa: F401 # pyright: ignore[reportUnusedImport] - registers what the log covers
from market.accounts import handlers as accounts
from market.arrivals import handlers as arrivals
from market.bookings import departure_handlers as departures
from market.bookings import handlers as bookings
from market.demo import handlers as demo
from market.media import handlers as media
from market.messaging import handlers as messaging
from market.notifications import handlers as notifications
from market.payments import handlers as payments
from market.payouts import handlers as payouts
from market.register import handlers as register
from market.sms import handlers as sms
from market.suppliers import handlers as suppliers
from market.transparency import handlers as transparency

__all__ = [
    "accounts",
    "arrivals",
    "bookings",
    "demo",
    "departures",
    "media",
    "messaging",
    "notifications",
    "payments",
    "payouts",
    "register",
    "sms",
    "suppliers",
    "transparency",
]
