"""Links from mails: asking for a reset, and the pages that sign-in, reset and welcome links open.

Opening a link only looks; the button on its page uses it up, because mail scanners open links too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.accounts import passwords, queries, service, tokens
from market.accounts.forms import MailboxRequest, NewPassword, Welcome
from market.accounts.pages.answers import blame, enter, hold_back, status_for, titled
from market.accounts.service import LinkUsed
from market.accounts.tokens import OneTime
from market.errors import DomainError
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render, words
from market.web.request import client_address, locale, settings

GONE = 410


@dataclass(frozen=True, slots=True)
class CheckMail:
    """Context of accounts/check_mail.html: `about` is link, reset, sign-up or address."""

    about: str
    demo: bool


@dataclass(frozen=True, slots=True)
class LinkOver:
    """Context of accounts/link_over.html: where to ask for a new link, in `again`."""

    again: str


@dataclass(frozen=True, slots=True)
class MagicPage:
    """Context of accounts/magic.html."""

    email: str


@dataclass(frozen=True, slots=True)
class ResetPage:
    """Context of accounts/reset.html."""

    form: Form[Any]


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    """Context of accounts/reset_new.html."""

    form: Form[Any]
    email: str
    least: int


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """Context of accounts/welcome.html."""

    form: Form[Any]
    email: str
    least: int


async def check_mail(request: Request) -> Response:
    """What to do now that a mail may be on its way; the same whether or not there is an account."""
    about = request.query_params.get("about", "")
    context = CheckMail(about if about in {"reset", "sign-up", "address"} else "link", settings(request).demo)
    title = words(request, lazy("Look in your mail"))
    return render(request, "accounts/check_mail.html", context, title=title, robots="noindex", lean=True)


def over(request: Request, route: str) -> Response:
    """The link was used, or its time is over; `route` is where one asks for another."""
    context = LinkOver(urls.path(route, locale=locale(request)))
    title = words(request, lazy("This link no longer works"))
    return render(
        request, "accounts/link_over.html", context, title=title, status=GONE, robots="noindex", lean=True
    )


async def magic(request: Request) -> Response:
    """A sign-in link: GET asks, POST signs in."""
    link = await tokens.find(request.path_params["token"], tokens.SIGN_IN)
    if link is None:
        return over(request, "accounts:sign_in")
    if request.method != "POST":
        title = words(request, lazy("Sign in"))
        return render(
            request, "accounts/magic.html", MagicPage(link.email), title=title, robots="noindex", lean=True
        )
    try:
        known = await service.sign_in_by_link(link)
    except LinkUsed:
        return over(request, "accounts:sign_in")
    return await enter(request, known, link.next_path)


async def reset(request: Request) -> Response:
    """Ask for a link that lets one choose a new password."""
    if request.method != "POST":
        return _reset_page(request, filled({}), 200)
    form = parse(MailboxRequest, await request.form(), locale(request))
    if form.data is None:
        return _reset_page(request, form, status_for(form))
    try:
        await service.send_link(
            tokens.RESET, form.data.email, address=client_address(request), locale=locale(request)
        )
    except DomainError as error:
        return hold_back(_reset_page(request, form, blame(request, form, error, "email")), error)
    to = urls.path("accounts:check_mail", locale=locale(request), about="reset")
    return redirect(request, to, flash=lazy("The address was %(email)s.", email=form.data.email))


def _reset_page(request: Request, form: Form[Any], status: int) -> Response:
    title = titled(request, lazy("Forgot your password?"), form)
    return render(
        request,
        "accounts/reset.html",
        ResetPage(form),
        title=title,
        status=status,
        robots="noindex",
        lean=True,
    )


async def reset_new(request: Request) -> Response:
    """A reset link: choose the new password."""
    link = await tokens.find(request.path_params["token"], tokens.RESET)
    person = await queries.find_by_email(link.email) if link else None
    if link is None or person is None:
        return over(request, "accounts:reset")
    least = passwords.WITH_SECOND_FACTOR if person.has_second_factor else passwords.ALONE
    if request.method != "POST":
        return _new_password_page(request, filled({}), link, least, 200)
    form = parse(NewPassword, await request.form(), locale(request))
    if form.data is None:
        return _new_password_page(request, form, link, least, status_for(form))
    try:
        known = await service.set_password_by_link(link, form.data.new_password)
    except LinkUsed:
        return over(request, "accounts:reset")
    except DomainError as error:
        return _new_password_page(request, form, link, least, blame(request, form, error))
    return await enter(request, known, link.next_path)


def _new_password_page(request: Request, form: Form[Any], link: OneTime, least: int, status: int) -> Response:
    title = titled(request, lazy("Choose a new password"), form)
    context = NewPasswordPage(form, link.email, least)
    return render(
        request, "accounts/reset_new.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def welcome(request: Request) -> Response:
    """A welcome link: the mailbox is proved, so the account can be made."""
    link = await tokens.find(request.path_params["token"], tokens.VERIFY)
    if link is None:
        return over(request, "accounts:sign_up")
    if request.method != "POST":
        return _welcome_page(request, filled({}), link, 200)
    form = parse(Welcome, await request.form(), locale(request))
    if form.data is None:
        return _welcome_page(request, form, link, status_for(form))
    try:
        known = await service.start_account(
            link, name=form.data.name, password=form.data.new_password, locale=locale(request)
        )
    except LinkUsed:
        return over(request, "accounts:sign_in")
    except DomainError as error:
        return _welcome_page(request, form, link, blame(request, form, error))
    return await enter(request, known, link.next_path)


def _welcome_page(request: Request, form: Form[Any], link: OneTime, status: int) -> Response:
    title = titled(request, lazy("Welcome"), form)
    context = WelcomePage(form, link.email, passwords.ALONE)
    return render(
        request, "accounts/welcome.html", context, title=title, status=status, robots="noindex", lean=True
    )


routes = [
    page("/{locale}/check-mail", check_mail, access=ANYONE, name="accounts:check_mail"),
    page(
        "/{locale}/sign-in/link/{token}",
        magic,
        access=ANYONE,
        name="accounts:magic",
        methods=("GET", "POST"),
    ),
    page("/{locale}/reset", reset, access=ANYONE, name="accounts:reset", methods=("GET", "POST")),
    page(
        "/{locale}/reset/{token}",
        reset_new,
        access=ANYONE,
        name="accounts:reset_new",
        methods=("GET", "POST"),
    ),
    page(
        "/{locale}/welcome/{token}",
        welcome,
        access=ANYONE,
        name="accounts:welcome",
        methods=("GET", "POST"),
    ),
]
