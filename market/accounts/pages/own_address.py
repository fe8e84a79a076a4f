"""Another email address for one's account: the wish, with the password, and the link that the new mailbox gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.accounts import new_address, queries, sessions
from market.accounts.forms import NewAddress
from market.accounts.pages.answers import blame, enter, hold_back, status_for, titled
from market.accounts.pages.links import over
from market.accounts.queries import PersonRow
from market.accounts.service import LinkUsed
from market.errors import DomainError
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import client_address, locale, person_id, settings

_CONFIRM_MINUTES = 10


@dataclass(frozen=True, slots=True)
class AddressPage:
    """Context of accounts/address.html."""

    form: Form[Any]
    person: PersonRow


@dataclass(frozen=True, slots=True)
class MovePage:
    """Context of accounts/address_new.html."""

    email: str


async def address(request: Request) -> Response:
    """Ask for another address. The answer is the same whether or not somebody has it."""
    person = await queries.get_person(person_id(request))
    if not person.has_password:
        first = sessions.confirm_first(request, _CONFIRM_MINUTES)
        if first is not None:
            return first
    if request.method != "POST":
        return _address_page(request, person, filled({}), 200)
    form = parse(NewAddress, await request.form(), locale(request))
    if form.data is None:
        return _address_page(request, person, form, status_for(form))
    try:
        await new_address.ask(
            person.id,
            email=form.data.new_email,
            current=form.data.current_password,
            address=client_address(request),
        )
    except DomainError as error:
        status = blame(request, form, error, "new_email")
        return hold_back(_address_page(request, person, form, status), error)
    to = urls.path("accounts:check_mail", locale=locale(request), about="address")
    return redirect(request, to, flash=lazy("The address was %(email)s.", email=form.data.new_email))


def _address_page(request: Request, person: PersonRow, form: Form[Any], status: int) -> Response:
    title = titled(request, lazy("Change your email address"), form)
    context = AddressPage(form, person)
    return render(
        request, "accounts/address.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def moved(request: Request) -> Response:
    """The link in the mail: GET asks, POST moves the account and signs in here."""
    link = await new_address.find(request.path_params["token"])
    if link is None:
        return over(request, "accounts:address")
    if request.method != "POST":
        title = words(request, lazy("Use this address"))
        return render(
            request,
            "accounts/address_new.html",
            MovePage(link.email),
            title=title,
            robots="noindex",
            lean=True,
        )
    try:
        known = await new_address.move(link, settings(request))
    except LinkUsed:
        return over(request, "accounts:address")
    return await enter(request, known, urls.path("accounts:profile", locale=locale(request)))


routes = [
    page(
        "/{locale}/profile/email",
        address,
        access=SIGNED_IN,
        name="accounts:address",
        methods=("GET", "POST"),
        own_eyes=True,
    ),
    page(
        "/{locale}/sign-in/address/{token}",
        moved,
        access=ANYONE,
        name="accounts:new_address",
        methods=("GET", "POST"),
    ),
]
