"""Coming in and going out: password and second factor, starting an account, signing out, the demo's doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries, service, sessions, tokens
from market.accounts.forms import Code, Confirm, DemoSignIn, LinkRequest, MailboxRequest, SignIn, local_path
from market.accounts.pages.answers import (
    blame,
    device,
    enter,
    halfway,
    hold_back,
    open_session,
    status_for,
    titled,
)
from market.errors import DomainError, NotFound
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, DEMO, SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import client_address, locale, person_id, settings, viewer

_DEMO_PEOPLE: tuple[tuple[str, Text], ...] = (
    ("traveller@demo.test", lazy("Traveller")),
    ("host@demo.test", lazy("Host")),
    ("cohost@demo.test", lazy("Co-host: calendar and guests")),
    ("former-cohost@demo.test", lazy("Co-host whose time is over")),
    ("supplier@demo.test", lazy("Supplier")),
    ("hotel@demo.test", lazy("Hotel")),
    ("officer1@demo.test", lazy("Tax officer 1")),
    ("officer2@demo.test", lazy("Tax officer 2")),
    ("officer3@demo.test", lazy("Tax officer 3")),
    ("officer4@demo.test", lazy("Tax officer 4")),
    ("officer5@demo.test", lazy("Tax officer 5")),
    ("operator@demo.test", lazy("Operator")),
    ("operator2@demo.test", lazy("Second operator")),
    ("fund@demo.test", lazy("Village fund committee")),
    ("coordinator@demo.test", lazy("Village coordinator")),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One door of demo mode."""

    email: str
    label: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Context of accounts/sign_in.html."""

    form: Form[Any]
    link_form: Form[Any]
    next: str
    demo_people: list[DemoPerson]


@dataclass(frozen=True, slots=True)
class SignUpPage:
    """Context of accounts/sign_up.html."""

    form: Form[Any]
    next: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Context of accounts/second_factor.html."""

    form: Form[Any]


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Context of accounts/step_up.html: `way` is code, password or link."""

    form: Form[Any]
    way: str
    email: str
    next: str


def _next(request: Request) -> str:
    return local_path(request.query_params.get("next", ""))


def _sign_in_page(
    request: Request, form: Form[Any], link_form: Form[Any], next_path: str, status: int
) -> Response:
    people = [DemoPerson(email, words(request, label)) for email, label in _DEMO_PEOPLE]
    context = SignInPage(form, link_form, next_path, people if settings(request).demo else [])
    title = titled(request, lazy("Sign in"), form, link_form)
    return render(
        request, "accounts/sign_in.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def sign_in(request: Request) -> Response:
    if request.method != "POST":
        return _sign_in_page(request, filled({}), filled({}), _next(request), 200)
    form = parse(SignIn, await request.form(), locale(request))
    next_path = local_path(form.value("next"))
    if form.data is None:
        return _sign_in_page(request, form, filled({}), next_path, status_for(form))
    try:
        known = await service.sign_in(form.data.email, form.data.password, client_address(request))
    except DomainError as error:
        status = blame(request, form, error)
        return hold_back(_sign_in_page(request, form, filled({}), next_path, status), error)
    return await enter(request, known, next_path)


async def send_link(request: Request) -> Response:
    """Ask for a sign-in link by mail, from the sign-in page."""
    if request.method != "POST":
        return redirect(request, urls.path("accounts:sign_in", locale=locale(request)))
    form = parse(LinkRequest, await request.form(), locale(request))
    next_path = local_path(form.value("next"))
    if form.data is None:
        return _sign_in_page(request, filled({}), form, next_path, status_for(form))
    try:
        await service.send_link(
            tokens.SIGN_IN,
            form.data.link_email,
            address=client_address(request),
            next_path=next_path,
            locale=locale(request),
        )
    except DomainError as error:
        status = blame(request, form, error, "link_email")
        return hold_back(_sign_in_page(request, filled({}), form, next_path, status), error)
    to = urls.path("accounts:check_mail", locale=locale(request), about="link")
    return redirect(request, to, flash=lazy("The address was %(email)s.", email=form.data.link_email))


async def second_factor(request: Request) -> Response:
    """The code that follows the password, the mailed link or the reset."""
    waiting = await halfway(request)
    if waiting is None:
        flash = lazy("This took a while. Please sign in again.")
        return redirect(
            request, urls.path("accounts:sign_in", locale=locale(request)), flash=flash, kind="wait"
        )
    known, next_path = waiting
    if request.method != "POST":
        return _code_page(request, filled({}), 200)
    form = parse(Code, await request.form(), locale(request))
    if form.data is None:
        return _code_page(request, form, status_for(form))
    try:
        await service.check_second_factor(known.person_id, form.data.code, settings(request).secrets)
    except DomainError as error:
        status = blame(request, form, error, "code")
        return hold_back(_code_page(request, form, status), error)
    return await open_session(request, known, next_path)


def _code_page(request: Request, form: Form[Any], status: int) -> Response:
    title = titled(request, lazy("Enter your code"), form)
    return render(
        request,
        "accounts/second_factor.html",
        CodePage(form),
        title=title,
        status=status,
        robots="noindex",
        lean=True,
    )


async def step_up(request: Request) -> Response:
    """Prove again who one is, before something delicate."""
    person = await queries.get_person(person_id(request))
    way = "code" if person.has_second_factor else "password" if person.has_password else "link"
    if request.method != "POST":
        return _confirm_page(request, filled({}), way, person.email, _next(request), 200)
    form = parse(Confirm, await request.form(), locale(request))
    next_path = local_path(form.value("next")) or urls.path("accounts:profile", locale=locale(request))
    if form.data is None:
        return _confirm_page(request, form, way, person.email, next_path, status_for(form))
    try:
        if way == "code":
            await service.check_second_factor(person.id, form.data.code, settings(request).secrets)
        else:
            await service.check_password(person.id, form.data.current_password)
    except DomainError as error:
        status = blame(request, form, error, "code" if way == "code" else "current_password")
        return hold_back(_confirm_page(request, form, way, person.email, next_path, status), error)
    started = await sessions.rotate_session(viewer(request).session_hash, person.id, device=device(request))
    response = redirect(request, next_path)
    sessions.put_cookie(response, started, settings(request))
    return response


def _confirm_page(
    request: Request, form: Form[Any], way: str, email: str, next_path: str, status: int
) -> Response:
    title = titled(request, lazy("Confirm that it is you"), form)
    context = ConfirmPage(form, way, email, next_path)
    return render(
        request, "accounts/step_up.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def sign_up(request: Request) -> Response:
    """Start an account: the mailbox first, name and password once it is proved."""
    if request.method != "POST":
        return _sign_up_page(request, filled({}), _next(request), 200)
    form = parse(MailboxRequest, await request.form(), locale(request))
    next_path = local_path(form.value("next"))
    if form.data is None:
        return _sign_up_page(request, form, next_path, status_for(form))
    try:
        await service.send_link(
            tokens.VERIFY,
            form.data.email,
            address=client_address(request),
            next_path=next_path,
            locale=locale(request),
        )
    except DomainError as error:
        status = blame(request, form, error, "email")
        return hold_back(_sign_up_page(request, form, next_path, status), error)
    to = urls.path("accounts:check_mail", locale=locale(request), about="sign-up")
    return redirect(request, to, flash=lazy("The address was %(email)s.", email=form.data.email))


def _sign_up_page(request: Request, form: Form[Any], next_path: str, status: int) -> Response:
    title = titled(request, lazy("Start an account"), form)
    context = SignUpPage(form, next_path)
    return render(
        request, "accounts/sign_up.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def sign_out(request: Request) -> Response:
    who = viewer(request)
    if who.signed_in:
        await sessions.end_session(who.session_hash)
    to = urls.path("discovery:home", locale=locale(request))
    response = redirect(request, to, flash=lazy("You are signed out. See you soon."))
    sessions.drop_cookie(response, settings(request))
    if "host" in who.roles:
        # A host's phone may keep the arrivals list for places without signal: nobody reads it after signing out.
        response.headers["clear-site-data"] = '"storage"'
    return response


async def demo_sign_in(request: Request) -> Response:
    """One click into a demo role."""
    form = parse(DemoSignIn, await request.form(), locale(request))
    if form.data is None or form.data.email not in dict(_DEMO_PEOPLE):
        raise NotFound
    person = await queries.find_by_email(form.data.email)
    known = await service.known(person.id) if person else None
    if known is None:
        raise NotFound
    return await enter(request, known, form.data.next)


routes = [
    page(
        "/{locale}/sign-in",
        sign_in,
        access=ANYONE,
        name="accounts:sign_in",
        methods=("GET", "POST"),
        under_repair=True,
    ),
    page(
        "/{locale}/sign-in/demo",
        demo_sign_in,
        access=DEMO,
        name="accounts:demo_sign_in",
        methods=("POST",),
        under_repair=True,
    ),
    page(
        "/{locale}/sign-in/link",
        send_link,
        access=ANYONE,
        name="accounts:send_link",
        methods=("GET", "POST"),
    ),
    page(
        "/{locale}/sign-in/code",
        second_factor,
        access=ANYONE,
        name="accounts:second_factor",
        methods=("GET", "POST"),
        under_repair=True,
    ),
    page("/{locale}/step-up", step_up, access=SIGNED_IN, name="accounts:step_up", methods=("GET", "POST")),
    page("/{locale}/sign-up", sign_up, access=ANYONE, name="accounts:sign_up", methods=("GET", "POST")),
    page(
        "/{locale}/sign-out",
        sign_out,
        access=ANYONE,
        name="accounts:sign_out",
        methods=("POST",),
        under_repair=True,
        while_looking=True,
    ),
]
