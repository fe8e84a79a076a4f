"""One's own account: details, language, password, where one is signed in, and deleting it all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import passwords, queries, service, sessions, taking_along
from market.accounts.forms import ChangePassword, Deletion, Details, EndSession
from market.accounts.pages.answers import blame, device, hold_back, status_for, titled
from market.accounts.queries import OrganisationRow, PersonRow, SessionRow
from market.errors import DomainError, NotFound
from market.i18n.locales import LOCALES
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

_CONFIRM_MINUTES = 10


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Context of accounts/profile.html."""

    person: PersonRow
    form: Form[Any]
    password_form: Form[Any]
    least: int
    languages: list[tuple[str, str]]
    sessions: list[SessionRow]
    organisations: list[OrganisationRow]


@dataclass(frozen=True, slots=True)
class DeletePage:
    """Context of accounts/delete.html."""

    form: Form[Any]
    word: str


def _details(person: PersonRow) -> Form[Any]:
    return filled({"name": person.name, "phone": person.phone, "language": person.locale})


async def _profile_page(
    request: Request, person: PersonRow, form: Form[Any], password_form: Form[Any], status: int
) -> Response:
    context = ProfilePage(
        person=person,
        form=form,
        password_form=password_form,
        least=passwords.WITH_SECOND_FACTOR if person.has_second_factor else passwords.ALONE,
        languages=list(LOCALES.items()),
        sessions=await queries.sessions_of(person.id, viewer(request).session_hash),
        organisations=await queries.organisations_of(person.id),
    )
    title = titled(request, lazy("Your account"), form, password_form)
    return render(request, "accounts/profile.html", context, title=title, status=status, robots="noindex")


async def profile(request: Request) -> Response:
    """See and change one's details. The chosen language is used at once, and in every mail."""
    person = await queries.get_person(person_id(request))
    if request.method != "POST":
        return await _profile_page(request, person, _details(person), filled({}), 200)
    form = parse(Details, await request.form(), locale(request))
    if form.data is None:
        return await _profile_page(request, person, form, filled({}), status_for(form))
    data = form.data
    await service.change_details(person.id, name=data.name, phone=data.phone or "", locale=data.language)
    request.path_params["locale"] = data.language
    to = urls.path("accounts:profile", locale=data.language)
    return redirect(request, to, flash=lazy("Your details are saved."))


async def password(request: Request) -> Response:
    """Change the password, or choose the first one."""
    home = urls.path("accounts:profile", locale=locale(request))
    if request.method != "POST":
        return redirect(request, home)
    person = await queries.get_person(person_id(request))
    if not person.has_password and not sessions.is_fresh(viewer(request), _CONFIRM_MINUTES):
        return redirect(request, urls.path("accounts:step_up", locale=locale(request), next=home))
    form = parse(ChangePassword, await request.form(), locale(request))
    if form.data is None:
        return await _profile_page(request, person, _details(person), form, status_for(form))
    try:
        started = await service.change_password(
            person.id,
            current=form.data.current_password,
            new=form.data.new_password,
            device=device(request),
        )
    except DomainError as error:
        status = blame(request, form, error, "current_password")
        return hold_back(await _profile_page(request, person, _details(person), form, status), error)
    flash = lazy("The password is changed. Every other device is signed out.")
    response = redirect(request, home, flash=flash)
    sessions.put_cookie(response, started, settings(request))
    return response


async def end_session(request: Request) -> Response:
    """Sign one other device out, or all of them (`all`)."""
    home = urls.path("accounts:profile", locale=locale(request))
    if request.method != "POST":
        return redirect(request, home)
    form = parse(EndSession, await request.form(), locale(request))
    if form.data is None:
        raise NotFound
    own = person_id(request)
    if form.data.session == "all":
        await sessions.end_all_sessions(own, but=viewer(request).session_hash)
        return redirect(request, home, flash=lazy("Every other device is signed out."))
    if not await service.end_one_session(own, form.data.session):
        raise NotFound
    return redirect(request, home, flash=lazy("That device is signed out."))


async def delete(request: Request) -> Response:
    """Delete the account, after typing a word."""
    first = sessions.confirm_first(request, _CONFIRM_MINUTES)
    if first is not None:
        return first
    word = words(request, lazy("DELETE"))
    if request.method != "POST":
        return _delete_page(request, filled({}), word, 200)
    form = parse(Deletion, await request.form(), locale(request))
    if form.data is not None and form.data.confirmation.casefold() != word.casefold():
        form.add_error("confirmation", words(request, lazy("Type the word %(word)s to go on.", word=word)))
    if form.data is None:
        return _delete_page(request, form, word, status_for(form))
    try:
        await service.delete_person(person_id(request))
    except DomainError as error:
        return _delete_page(request, form, word, blame(request, form, error))
    to = urls.path("discovery:home", locale=locale(request))
    response = redirect(request, to, flash=lazy("Your account is deleted. Thank you for travelling with us."))
    sessions.drop_cookie(response, settings(request))
    return response


async def take_along(request: Request) -> Response:
    """Everything kept about the person who is signed in, as one JSON file."""
    first = sessions.confirm_first(request, _CONFIRM_MINUTES)
    if first is not None:
        return first
    kept = await taking_along.everything(person_id(request))
    body = json.dumps(kept, ensure_ascii=False, indent=1)
    name = f"{settings(request).brand.lower()}-{clock.today().isoformat()}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


def _delete_page(request: Request, form: Form[Any], word: str, status: int) -> Response:
    title = titled(request, lazy("Delete your account"), form)
    return render(
        request,
        "accounts/delete.html",
        DeletePage(form, word),
        title=title,
        status=status,
        robots="noindex",
        lean=True,
    )


routes = [
    page("/{locale}/profile", profile, access=SIGNED_IN, name="accounts:profile", methods=("GET", "POST")),
    page(
        "/{locale}/profile/password",
        password,
        access=SIGNED_IN,
        name="accounts:password",
        methods=("GET", "POST"),
    ),
    page(
        "/{locale}/profile/sessions",
        end_session,
        access=SIGNED_IN,
        name="accounts:end_session",
        methods=("GET", "POST"),
    ),
    page("/{locale}/profile/data", take_along, access=SIGNED_IN, name="accounts:take_along", own_eyes=True),
    page(
        "/{locale}/profile/delete",
        delete,
        access=SIGNED_IN,
        name="accounts:delete",
        methods=("GET", "POST"),
    ),
]
