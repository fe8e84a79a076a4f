"""Every decision asks that the officer proved who they are at most five minutes ago.

Whoever was not gives a code in the form itself, so that nothing typed is lost; the session's secret changes with
it. Somebody without a second factor (demo) is sent to the page that asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market.accounts import queries as accounts
from market.accounts import service as account_service
from market.accounts import sessions
from market.accounts.sessions import Started
from market.errors import DomainError, Invalid
from market.values.text import lazy
from market.web import urls
from market.web.request import locale as locale_of
from market.web.request import person_id, settings, viewer

PREFIX: Final = "code_"


@dataclass(frozen=True, slots=True)
class Need:
    """What a form has to ask before it decides: nothing, a code, or a detour to `link`."""

    code: bool = False
    link: str = ""


class Elsewhere(Exception):
    """The page that asks again who one is has to come first."""


async def need(request: Request, back: str) -> Need:
    """What the decisions of a page ask of this viewer now."""
    if sessions.is_fresh(viewer(request)):
        return Need()
    person = await accounts.get_person(person_id(request))
    if person.has_second_factor:
        return Need(code=True)
    return Need(link=urls.path("accounts:step_up", locale=locale_of(request), next=back))


async def confirm(request: Request, raw: Mapping[str, list[str]]) -> Started | None:
    """Make sure that the viewer is fresh; a new session when a code of the form proved it.

    Raises Invalid at the code's field, TooMany, or Elsewhere.
    """
    who = viewer(request)
    if sessions.is_fresh(who):
        return None
    person = await accounts.get_person(person_id(request))
    if not person.has_second_factor:
        raise Elsewhere
    name, code = next(
        ((key, values[0].strip()) for key, values in raw.items() if key.startswith(PREFIX) and values),
        (f"{PREFIX}decision", ""),
    )
    if not code:
        raise Invalid(message=lazy("Enter the six digits from your authenticator app."), field=name)
    try:
        await account_service.check_second_factor(person.id, code, settings(request).secrets)
    except DomainError as wrong:
        raise Invalid(wrong.code, wrong.message, field=name) from wrong
    device = sessions.device_label(request.headers.get("user-agent", ""))
    return await sessions.rotate_session(who.session_hash, person.id, device=device)


def elsewhere(request: Request, back: str) -> Response:
    """A redirect to the page that asks again, which leads back to `back`."""
    address = urls.path("accounts:step_up", locale=locale_of(request), next=back)
    return RedirectResponse(address, status_code=303)


def keep_session(request: Request, response: Response, started: Started | None) -> Response:
    """Hand over the new session's secret, if there is one."""
    if started is not None:
        sessions.put_cookie(response, started, settings(request))
    return response
