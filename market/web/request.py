"""What a page knows about the request: who looks, in which language, and the process's settings and adapters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv6Network
from typing import cast

from starlette.requests import Request

from market.i18n.locales import DEFAULT, LOCALES
from market.outbox.tools import Tools
from market.settings import Settings

SESSION_COOKIE = "bn_session"
TRIPS_COOKIE = "bn_trips"


@dataclass(frozen=True, slots=True)
class LookingOn:
    """Who really looks at the site as somebody else, and until when."""

    person_id: int
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page. A visitor has no `person_id`; roles name what the person may act as.

    Staff who look on as somebody are that person here, and `looking` says who really looks; nothing can be
    changed then (see `market.web.guards`).
    """

    person_id: int | None = None
    name: str = ""
    email: str = ""
    locale: str = DEFAULT
    roles: frozenset[str] = frozenset()
    organisations: frozenset[tuple[str, int]] = field(default_factory=frozenset[tuple[str, int]])
    session_hash: str = ""
    stepped_up_at: datetime | None = None
    unread: int = 0
    looking: LookingOn | None = None

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    def organisation_ids(self, role: str) -> frozenset[int]:
        """The organisations this person may act for in a role.

        `host` is everything a host may do; a co-host has only some of it: `host:calendar`, `host:requests`,
        `host:prices`, `host:money` (see `market.accounts.rights`). Who may do everything has those as well.
        """
        return frozenset(org for r, org in self.organisations if r == role)


VISITOR = Viewer()


def viewer(request: Request) -> Viewer:
    return cast("Viewer", getattr(request.state, "viewer", VISITOR))


def person_id(request: Request) -> int:
    """The signed-in person's id; only for pages whose access demands a sign-in."""
    found = viewer(request).person_id
    if found is None:
        raise LookupError("this page is open to visitors")
    return found


def locale(request: Request) -> str:
    """The language of the page. Its address may name one that nobody speaks (`/favicon.ico/`)."""
    named = request.path_params.get("locale")
    return named if named in LOCALES else cast("str", getattr(request.state, "locale", DEFAULT))


def settings(request: Request) -> Settings:
    return tools(request).of(Settings)


def tools(request: Request) -> Tools:
    return cast("Tools", request.app.state.tools)


def client_address(request: Request) -> str:
    """The address limits are counted by; behind a known proxy, the one it reports (set by the server).

    One household has a whole IPv6 network of 2**64 addresses, so that network counts as one.
    """
    host = request.client.host if request.client else "unknown"
    if ":" not in host:
        return host
    try:
        return str(IPv6Network((host.partition("%")[0], 64), strict=False).network_address)
    except ValueError:
        return host
