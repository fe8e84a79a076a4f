"""The places of the two desks: a host's dock and tabs, an operator's tabs."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.web import urls
from market.web.request import locale

Tab = tuple[str, str, bool]
_HOST: tuple[tuple[str, Text, str, bool], ...] = (
    ("console:host", lazy("Today"), "house", True),
    ("console:host_calendar", lazy("Calendar"), "calendar", True),
    ("console:host_guests", lazy("Guests"), "users", True),
    ("console:host_messages", lazy("Messages"), "message-square", False),
    ("console:host_listings", lazy("Listings"), "store", True),
    ("console:host_money", lazy("Money"), "wallet", True),
)
_OPERATOR: tuple[tuple[str, Text], ...] = (
    ("console:operator", lazy("Overview")),
    ("console:operator_listings", lazy("New listings")),
    ("console:operator_people", lazy("People")),
    ("console:operator_transfers", lazy("Transfers")),
    ("console:operator_refunds", lazy("Refunds")),
    ("console:operator_payouts", lazy("Payouts")),
    ("console:operator_disputes", lazy("Disputes")),
    ("console:operator_no_shows", lazy("No-shows")),
    ("console:operator_goodwill", lazy("Goodwill")),
    ("console:operator_reviews", lazy("Reviews")),
    ("console:operator_reports", lazy("Messages")),
    ("console:operator_funds", lazy("Village funds")),
    ("console:operator_bookings", lazy("Bookings")),
    ("console:operator_ledger", lazy("Ledger")),
    ("console:operator_jobs", lazy("Jobs")),
    ("console:operator_deliveries", lazy("Deliveries")),
    ("sms:operator", lazy("SMS")),
    ("transparency:witnesses", lazy("Witnesses")),
    ("console:operator_acts", lazy("Staff acts")),
    ("console:operator_settings", lazy("Settings")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the host's desk, for `ui/dock.html`; a thumb has room for five, wide screens for all."""

    icon: str
    label: str
    href: str
    current: bool
    on_dock: bool


def host_places(request: Request, current: str) -> list[Place]:
    """The places of a host; `current` is the open one's route."""
    language = locale(request)
    return [
        Place(icon, translate(label, language), urls.path(route, locale=language), route == current, on_dock)
        for route, label, icon, on_dock in _HOST
    ]


def operator_tabs(request: Request, current: str) -> list[Tab]:
    """The operator's places; `current` is the open one's route."""
    language = locale(request)
    return [
        (translate(label, language), urls.path(route, locale=language), route == current)
        for route, label in _OPERATOR
    ]
