"""What stands in the header for whom."""

from __future__ import annotations

from collections.abc import Sequence

from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.web import urls
from market.web.render import NavItem
from market.web.request import Viewer

_ENTRIES: tuple[tuple[str, Text, str, str], ...] = (
    # role ("" for everybody), label, icon, route
    ("", lazy("Explore"), "search", "discovery:search"),
    ("", lazy("Suppliers"), "store", "suppliers:directory"),
    ("", lazy("Where the money goes"), "hand-coins", "discovery:money"),
    ("", lazy("My trips"), "ticket", "bookings:trips"),
    ("host", lazy("Hosting"), "house", "console:host"),
    ("host", lazy("By SMS"), "smartphone", "sms:host"),
    ("supplier", lazy("Supplying"), "clipboard-list", "suppliers:workspace"),
    ("hotel", lazy("Quotations"), "receipt-text", "suppliers:quotations"),
    ("officer", lazy("Origins"), "scale", "suppliers:origins"),
    ("operator", lazy("Operations"), "settings", "console:operator"),
    ("operator", lazy("SMS from hosts"), "message-square", "sms:operator"),
)


def navigation(viewer: Viewer, locale: str, path: str) -> Sequence[NavItem]:
    """The header's entries for a viewer; the one whose section is open is marked."""
    entries = [
        (urls.path(route, locale=locale), label, icon)
        for role, label, icon, route in _ENTRIES
        if not role or role in viewer.roles
    ]
    # A desk's pages may have entries of their own: the longest path that leads here is the open one.
    open_one = max((href for href, _, _ in entries if path.startswith(href)), key=len, default=None)
    return [
        NavItem(translate(label, locale), href, icon, current=href == open_one)
        for href, label, icon in entries
    ]


def home_of(viewer: Viewer, locale: str) -> str:
    """Where a signed-in person's own name leads."""
    return urls.path("accounts:profile", locale=locale)
