"""Importing this module registers every feature's job handlers and timed duties."""

from __future__ import annotations

import market.app.sealed  # pyright: ignore[reportUnusedImport] - registers what the log covers
import market.bookings.taking_along  # pyright: ignore[reportUnusedImport] - parts of the file one may take along
import market.messaging.taking_along  # noqa: F401 # pyright: ignore[reportUnusedImport] - more of its parts
from market.accounts import handlers as accounts
from market.arrivals import handlers as arrivals
from market.bookings import departure_handlers as departures
from market.bookings import handlers as bookings
from market.calendars import handlers as calendars
from market.claims import handlers as claims
from market.demo import handlers as demo
from market.media import handlers as media
from market.messaging import handlers as messaging
from market.notifications import handlers as notifications
from market.payments import handlers as payments
from market.payouts import handlers as payouts
from market.register import handlers as register
from market.reviews import handlers as reviews
from market.sms import handlers as sms
from market.sourcing import handlers as sourcing
from market.sourcing.imports import working as imports
from market.suppliers import handlers as suppliers
from market.transparency import handlers as transparency

__all__ = [
    "accounts",
    "arrivals",
    "bookings",
    "calendars",
    "claims",
    "demo",
    "departures",
    "imports",
    "media",
    "messaging",
    "notifications",
    "payments",
    "payouts",
    "register",
    "reviews",
    "sms",
    "sourcing",
    "suppliers",
    "transparency",
]
