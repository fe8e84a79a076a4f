"""One's own second factor: set it up with an app, get recovery codes, turn it off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import queries, second_factor, service, sessions
from market.accounts.forms import Confirm, Enrolment
from market.accounts.pages.answers import blame, device, hold_back, status_for, titled
from market.accounts.queries import PersonRow
from market.errors import DomainError
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings

_CONFIRM_MINUTES = 10
_SETUP_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """Context of accounts/second_factor_setup.html."""

    form: Form[Any]
    qr: Markup
    secret: str
    sealed: str
    app_address: str
    demo_code: str


@dataclass(frozen=True, slots=True)
class OnPage:
    """Context of accounts/second_factor_on.html."""

    form: Form[Any]
    codes_left: int
    has_password: bool
    may_turn_off: bool


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Context of accounts/recovery_codes.html; the only time the codes are shown."""

    codes: list[str]


def _seal(request: Request, secret: str) -> str:
    """A secret on its way through the form, bound to the person it was made for."""
    return second_factor.seal(f"{person_id(request)}:{secret}", settings(request).secrets)


def _unseal(request: Request, sealed: str) -> str | None:
    opened = second_factor.unseal(sealed, settings(request).secrets, max_age_seconds=_SETUP_SECONDS)
    owner, _, secret = (opened or "").partition(":")
    return secret if owner == str(person_id(request)) else None


def _set_up_page(request: Request, person: PersonRow, form: Form[Any], secret: str, status: int) -> Response:
    address = second_factor.app_address(secret, person.email, settings(request).brand)
    context = SetUpPage(
        form=form,
        qr=second_factor.qr_svg(address),
        secret=second_factor.spaced(secret),
        sealed=_seal(request, secret),
        app_address=address,
        demo_code=second_factor.code_now(secret, clock.now()) if settings(request).demo else "",
    )
    title = titled(request, lazy("Set up a second factor"), form)
    return render(
        request, "accounts/second_factor_setup.html", context, title=title, status=status, robots="noindex"
    )


async def _on_page(request: Request, person: PersonRow, form: Form[Any], status: int) -> Response:
    staff = bool(sessions.STAFF & await queries.roles_of(person.id))
    context = OnPage(
        form=form,
        codes_left=await queries.count_recovery_codes(person.id),
        has_password=person.has_password,
        may_turn_off=settings(request).demo or not staff,
    )
    title = titled(request, lazy("Second factor"), form)
    return render(
        request, "accounts/second_factor_on.html", context, title=title, status=status, robots="noindex"
    )


def _codes_page(request: Request, codes: list[str]) -> Response:
    title = words(request, lazy("Keep these recovery codes"))
    return render(request, "accounts/recovery_codes.html", CodesPage(codes), title=title, robots="noindex")


async def set_up(request: Request) -> Response:
    """Set the second factor up, or see that it is on."""
    first = sessions.confirm_first(request, _CONFIRM_MINUTES)
    if first is not None:
        return first
    person = await queries.get_person(person_id(request))
    if person.has_second_factor:
        return await _on_page(request, person, filled({}), 200)
    if request.method != "POST":
        return _set_up_page(request, person, filled({}), second_factor.new_secret(), 200)
    form = parse(Enrolment, await request.form(), locale(request))
    secret = _unseal(request, form.value("sealed"))
    if secret is None:
        late = lazy("This took a while, so the QR code below is a new one. Please scan it again.")
        form.add_error("code", words(request, late))
        secret = second_factor.new_secret()
    if form.data is None:
        return _set_up_page(request, person, form, secret, status_for(form))
    try:
        codes, started = await service.turn_on_second_factor(
            person.id, secret, form.data.code, settings(request).secrets, device=device(request)
        )
    except DomainError as error:
        status = blame(request, form, error, "code")
        return hold_back(_set_up_page(request, person, form, secret, status), error)
    response = _codes_page(request, codes)
    sessions.put_cookie(response, started, settings(request))
    return response


async def turn_off(request: Request) -> Response:
    """Back to the password alone."""
    home = urls.path("accounts:second_factor_setup", locale=locale(request))
    first = sessions.confirm_first(request, _CONFIRM_MINUTES)
    if first is not None or request.method != "POST":
        return first or redirect(request, home)
    person = await queries.get_person(person_id(request))
    if not person.has_second_factor:
        return redirect(request, home)
    form = parse(Confirm, await request.form(), locale(request))
    if form.data is None:
        return await _on_page(request, person, form, status_for(form))
    try:
        started = await service.turn_off_second_factor(
            person.id,
            current=form.data.current_password,
            device=device(request),
            demo=settings(request).demo,
        )
    except DomainError as error:
        status = blame(request, form, error, "current_password" if person.has_password else "")
        return hold_back(await _on_page(request, person, form, status), error)
    to = urls.path("accounts:profile", locale=locale(request))
    response = redirect(request, to, flash=lazy("The second factor is off."))
    sessions.put_cookie(response, started, settings(request))
    return response


async def recovery_codes(request: Request) -> Response:
    """Make new recovery codes; the old ones stop working."""
    home = urls.path("accounts:second_factor_setup", locale=locale(request))
    first = sessions.confirm_first(request, _CONFIRM_MINUTES)
    if first is not None or request.method != "POST":
        return first or redirect(request, home)
    person = await queries.get_person(person_id(request))
    if not person.has_second_factor:
        return redirect(request, home)
    return _codes_page(request, await service.new_recovery_codes(person.id))


routes = [
    page(
        "/{locale}/profile/second-factor",
        set_up,
        access=SIGNED_IN,
        name="accounts:second_factor_setup",
        methods=("GET", "POST"),
    ),
    page(
        "/{locale}/profile/second-factor/off",
        turn_off,
        access=SIGNED_IN,
        name="accounts:second_factor_off",
        methods=("GET", "POST"),
    ),
    page(
        "/{locale}/profile/second-factor/codes",
        recovery_codes,
        access=SIGNED_IN,
        name="accounts:recovery_codes",
        methods=("GET", "POST"),
    ),
]
