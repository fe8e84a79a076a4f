"""Deny by default: every route declares its access, and the declaration is what happens, role by role."""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.applications import Starlette

from market.app.routes import routes
from market.web import guards
from market.web.guards import GuardedRoute
from tests import factories
from tests.web import sign_in

ROLES = ("visitor", "guest", "host", "supplier", "hotel", "officer", "operator")
ALL = [route for route in routes() if isinstance(route, GuardedRoute)]


def test_every_route_declares_access_and_has_a_unique_name():
    assert len(ALL) == len(routes())
    assert len({route.name for route in ALL}) == len(ALL)


# Who may come in, written down a second time: loosening a route must be done here as well. First match counts.
DOORS: tuple[tuple[str, str], ...] = (
    (r"/\{locale\}/host/", "host"),
    (r"/\{locale\}/operator/", "operator"),
    (r"/\{locale\}/officer/", "officer"),
    (r"/\{locale\}/supplier/", "supplier"),
    (r"/\{locale\}/hotel/", "hotel"),
    (r"/\{locale\}/(villages/\{slug\}/fund/entries|funds$)", "signed in"),
    (r"/\{locale\}/suppliers/\{slug\}/\{product\}/ask$", "hotel"),
    (
        r"/\{locale\}/(profile|notices(/|$)|step-up|become-a-host$|register/|invitations/|reviews/)",
        "signed in",
    ),
    (r"/\{locale\}/(gallery|outbox|sms|pay/demo|sign-in/demo)", "anyone, in demo mode"),
    (r"/webhooks/", "a machine that signs its messages"),
    (r"/(log|data)/", "anyone"),
    (r"/\{locale\}/(programme(/|$)|data$)", "anyone"),
    (r"/\{locale\}/(log(/|$)|verify$)", "anyone"),
    (r"/calendars/", "anyone"),
    (r"/(healthz|robots\.txt|sitemap\.xml|static/.*|covers/.*|media/.*)?$", "anyone"),
    (
        r"/\{locale\}/(sign-|check-mail|reset|welcome/|bookings/|listings/|villages/|trips?$|trip/|waiting/|confirm(/|$))",
        "anyone",
    ),
    (r"/\{locale\}/(suppliers|(search|money|about|terms|privacy)?$)", "anyone"),
)


def test_every_door_is_as_wide_as_it_was_agreed():
    for route in ALL:
        agreed = next((access for pattern, access in DOORS if re.match(pattern, route.path)), None)
        assert agreed == route.access.name, route.path
        assert route.access.form_token or route.path.startswith("/webhooks/")
        assert route.access.roles == ({agreed} if agreed in ROLES else set())
        assert route.access.signed_in == (agreed in {*ROLES, "signed in"})
        assert route.access.demo_only == (agreed == "anyone, in demo mode")


def filled(path: str) -> str:
    """A path with plausible values that belong to nobody."""
    path = path.replace("{locale}", "en").replace("{path:path}", "none.txt")
    path = re.sub(r"{(\w*(id|number)\w*)(:int)?}", "999999", path)
    path = re.sub(r"{\w+:int}", "999999", path)
    return re.sub(r"{\w+(:\w+)?}", "NOBODY99", path)


@pytest.mark.parametrize("role", ROLES)
async def test_access_is_what_the_route_says(client: httpx.AsyncClient, role: str):
    if role != "visitor":
        person = await factories.make_person()
        if role == "host":
            await factories.make_host(person=person)
        elif role != "guest":
            await factories.make_member(person, role)
        await sign_in(client, person.id)
    for route in ALL:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = await client.request(method, filled(route.path))
            expected = allowed(route, role)
            where = f"{method} {route.path} as {role}: {answer.status_code}"
            assert answer.status_code < 500, where
            if not expected:
                redirected = answer.status_code == 303 and "/sign-in" in answer.headers["location"]
                assert answer.status_code == 403 or (role == "visitor" and redirected), where
            elif method in {"POST", "PUT", "PATCH", "DELETE"}:
                # Without a form token nothing unsafe happens; signed machine messages are refused as forged.
                refused = {403} if route.access.form_token else {400, 404}
                assert answer.status_code in refused, where


async def test_the_walk_sees_a_missing_guard(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    """With the guard switched off, every route that asks for a role must answer a stranger."""
    monkeypatch.setattr(guards, "_refusal", lambda *_: None)
    await sign_in(client, (await factories.make_person()).id)
    for route in ALL:
        if route.access.roles and "GET" in (route.methods or set()):
            answer = await client.get(filled(route.path))
            assert answer.status_code in {200, 303, 404}, route.path


async def test_demo_pages_do_not_exist_outside_demo_mode(client: httpx.AsyncClient, app: Starlette):
    app.state.demo = False
    for route in ALL:
        if route.access.demo_only:
            for method in sorted((route.methods or set()) - {"HEAD"}):
                answer = await client.request(method, filled(route.path))
                assert answer.status_code == 404, route.path


def allowed(route: GuardedRoute, role: str) -> bool:
    access = route.access
    if access.roles:
        return role in access.roles
    return not access.signed_in or role != "visitor"
