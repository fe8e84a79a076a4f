"""Deny by default: every route declares its access, and the declaration is what happens, role by role."""

from __future__ import annotations

import re

import httpx
import pytest

from market.app.routes import routes
from market.web.guards import GuardedRoute
from tests import factories
from tests.web import sign_in

ROLES = ("visitor", "guest", "host", "supplier", "hotel", "officer", "operator")
ALL = [route for route in routes() if isinstance(route, GuardedRoute)]


def test_every_route_declares_access_and_has_a_unique_name():
    assert len(ALL) == len(routes())
    assert len({route.name for route in ALL}) == len(ALL)


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
                assert answer.status_code in {400, 403, 404}, where


def allowed(route: GuardedRoute, role: str) -> bool:
    access = route.access
    if access.roles:
        return role in access.roles
    return not access.signed_in or role != "visitor"
