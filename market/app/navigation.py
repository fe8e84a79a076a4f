"""What stands in the header for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from market.accounts.rights import COMMITTEE
from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.web import urls
from market.web.render import NavItem
from market.web.request import Viewer

# Somebody with a desk of their own has less use for this entry than for the room it takes.
_FOR_TRAVELLERS = "discovery:money"
_ENTRIES: tuple[tuple[str, Text, str, str], ...] = (
    # role ("" for everybody), label, icon, route
    ("", lazy("Explore"), "search", "discovery:search"),
    ("", lazy("Suppliers"), "store", "suppliers:directory"),
    ("", lazy("Where the money goes"), "hand-coins", "discovery:money"),
    ("", lazy("My trips"), "ticket", "bookings:trips"),
    ("host", lazy("Hosting"), "house", "console:host"),
    (COMMITTEE, lazy("Village fund"), "hand-coins", "payouts:own_funds"),
    ("supplier", lazy("Supplying"), "clipboard-list", "suppliers:workspace"),
    ("hotel", lazy("Purchases"), "receipt", "sourcing:index"),
    ("officer", lazy("Claims"), "clipboard-list", "claims:officer_queue"),
    ("officer", lazy("Origins"), "scale", "suppliers:origins"),
    ("operator", lazy("Operations"), "settings", "console:operator"),
)


def navigation(viewer: Viewer, locale: str, path: str) -> Sequence[NavItem]:
    """The header's entries for a viewer; the one whose section is open is marked."""
    entries = _entries(viewer.roles, locale)
    return [replace(item, current=True) if path.startswith(item.href) else item for item in entries]


@lru_cache(maxsize=256)
def _entries(roles: frozenset[str], locale: str) -> tuple[NavItem, ...]:
    items: list[NavItem] = []
    for role, label, icon, route in _ENTRIES:
        wanted = role in roles if role else route != _FOR_TRAVELLERS or not roles
        # A host finds the fund at the desk: the header has no room for both.
        wanted = wanted and not (role == COMMITTEE and "host" in roles)
        if wanted:
            drawn = "" if roles else icon
            items.append(NavItem(translate(label, locale), urls.path(route, locale=locale), drawn))
    return tuple(items)


def home_of(viewer: Viewer, locale: str) -> str:
    """Where a signed-in person's own name leads."""
    return urls.path("accounts:profile", locale=locale)
