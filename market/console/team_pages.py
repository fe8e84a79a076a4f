"""Who helps a host: inviting by mail, rights with an end, removing; the hours it can be reached; and accepting.

Only whoever may do everything for a host gives rights. An invitation opens to the mailbox it was sent to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import cohosts, hosting, rights, sessions
from market.accounts.cohosts import Invitation, Member
from market.accounts.hosting import HostName
from market.accounts.rights import Right
from market.console import scope
from market.console.frame import Place, Tab, host_places
from market.console.listing_pages import fix
from market.errors import Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.notifications.addresses import MailAddress
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

RightKey = Literal["calendar", "requests", "prices", "money", "coordinate"]
_NO_RIGHT = lazy("Choose at least one thing this person may do.")


class InviteForm(Inbound):
    """Somebody to invite, what they may do, and perhaps until when."""

    email: MailAddress
    rights: list[RightKey] = Field(default_factory=list[RightKey])
    until: date | None = None
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "email": {"missing": lazy("Enter an email address, for example maria@example.org.")},
        "rights": {"any": _NO_RIGHT},
    }


class MemberForm(Inbound):
    """Other rights for a co-host, or none at all."""

    act: Literal["change", "remove"]
    rights: list[RightKey] = Field(default_factory=list[RightKey])
    until: date | None = None


class HoursForm(Inbound):
    """From when to when the host can be reached."""

    reachable_from: time
    reachable_to: time


@dataclass(frozen=True, slots=True)
class RightChoice:
    """A right as a row to tick."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Somebody who helps, with the form that changes it."""

    member: Member
    rights: Sequence[str]
    chosen: Sequence[str]
    until: str


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation that waits."""

    invitation: Invitation
    rights: Sequence[str]


@dataclass(frozen=True, slots=True)
class Team:
    """Context of console/team.html."""

    places: Sequence[Place]
    host: HostName
    tabs: Sequence[Tab]
    members: Sequence[MemberLine]
    invitations: Sequence[InvitationLine]
    choices: Sequence[RightChoice]
    form: Form[Any]
    hours: Form[Any]


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Context of console/invitation.html; `invitation` is None when it is over."""

    invitation: Invitation | None
    rights: Sequence[RightChoice]
    token: str


async def show(request: Request) -> Response:
    """The people of the first of the viewer's hosts, or of the one asked for."""
    own = sorted(scope.host_ids(request))
    if not own:
        raise NotFound
    asked = request.query_params.get("host", "")
    host_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else own[0]
    if host_id not in own:
        raise NotFound
    return await _page(request, host_id, filled({}))


def _host_id(request: Request) -> int:
    """The host that the path names; NotFound unless the viewer may do everything for it."""
    host_id = int(request.path_params["host"])
    if host_id not in scope.host_ids(request):
        raise NotFound
    return host_id


def _choices(request: Request, kind: str) -> list[RightChoice]:
    offered = [right for right in Right if right is not Right.COORDINATE or kind == "village"]
    return [
        RightChoice(right.value, words(request, rights.LABELS[right]), words(request, rights.HINTS[right]))
        for right in offered
    ]


def _names(request: Request, held: frozenset[Right]) -> list[str]:
    return [words(request, rights.LABELS[right]) for right in Right if right in held]


async def _page(request: Request, host_id: int, form: Form[Any], hours: Form[Any] | None = None) -> Response:
    host = await hosting.get_host(host_id)
    own = await hosting.list_hosts(sorted(scope.host_ids(request)))
    members = [
        MemberLine(
            member=each,
            rights=_names(request, each.rights),
            chosen=[right.value for right in each.rights],
            until=each.until.isoformat() if each.until else "",
        )
        for each in await cohosts.list_members(host_id)
    ]
    shown = {
        "reachable_from": host.reachable_from,
        "reachable_to": host.reachable_to.replace("24:00", "00:00"),
    }
    context = Team(
        places=host_places(request, "console:host"),
        host=host,
        tabs=[(each.name, _link(request, each.id), each.id == host_id) for each in own],
        members=members,
        invitations=[
            InvitationLine(each, _names(request, each.rights))
            for each in await cohosts.list_invitations(host_id)
        ],
        choices=_choices(request, host.kind),
        form=form,
        hours=hours or filled(shown),
    )
    wrong = form if form.errors else context.hours
    title = fix(request, words(request, lazy("People and hours")), wrong)
    status = 422 if wrong.errors else 200
    return render(request, "console/team.html", context, title=title, status=status, robots="noindex")


def _link(request: Request, host_id: int) -> str:
    return urls.path("console:host_team", locale=locale(request), host=host_id)


def _rights(keys: Sequence[str], kind: str) -> set[Right]:
    chosen = {Right(key) for key in keys}
    return chosen if kind == "village" else chosen - {Right.COORDINATE}


async def invite(request: Request) -> Response:
    """Mail somebody an invitation."""
    host_id = _host_id(request)
    host = await hosting.get_host(host_id)
    form = parse(InviteForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, host_id, form)
    try:
        await cohosts.invite(
            host_id,
            form.data.email,
            _rights(form.data.rights, host.kind),
            until=form.data.until,
            by=person_id(request),
            locale=locale(request),
            config=settings(request),
        )
    except (Invalid, Refused) as refusal:
        form.add_error(getattr(refusal, "field", None) or "", words(request, refusal.message))
        return await _page(request, host_id, form)
    return redirect(
        request,
        _link(request, host_id),
        flash=lazy("The invitation is on its way. It can be accepted for seven days."),
    )


async def change_member(request: Request) -> Response:
    """Change what a co-host may do, or end it."""
    host_id, member_id = _host_id(request), int(request.path_params["member"])
    host = await hosting.get_host(host_id)
    form = parse(MemberForm, await request.form(), locale(request))
    back = _link(request, host_id)
    if member_id >= 2**53 or member_id not in {
        each.id for each in await cohosts.list_members(host_id) if not each.is_owner
    }:
        raise NotFound
    if form.data is None:
        return redirect(request, back, flash=Invalid.message, kind="bad")
    try:
        if form.data.act == "remove":
            await cohosts.remove(host_id, member_id)
            return redirect(request, back, flash=lazy("Removed. This person sees nothing of you any more."))
        wanted = _rights(form.data.rights, host.kind)
        await cohosts.change(host_id, member_id, wanted, until=form.data.until)
    except Invalid as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=lazy("Saved. It counts from now on."))


async def revoke(request: Request) -> Response:
    """Take an invitation back."""
    host_id, invitation_id = _host_id(request), int(request.path_params["invitation"])
    if invitation_id >= 2**53:
        raise NotFound
    await cohosts.revoke(host_id, invitation_id)
    return redirect(request, _link(request, host_id), flash=lazy("The invitation is taken back."))


async def set_hours(request: Request) -> Response:
    """Declare when the host can be reached."""
    host_id = _host_id(request)
    form = parse(HoursForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await hosting.set_reachable(host_id, form.data.reachable_from, form.data.reachable_to)
        except Invalid as refusal:
            form.add_error("reachable_to", words(request, refusal.message))
        else:
            flash = lazy("Saved. Guests see when you can be reached.")
            return redirect(request, _link(request, host_id), flash=flash)
    return await _page(request, host_id, filled({}), form)


# The other side ------------------------------------------------------------------------------------------
async def invitation(request: Request) -> Response:
    """What one is invited to do, for whoever is signed in; only the mailbox it went to can accept."""
    token = request.path_params["token"]
    found = await cohosts.find_invitation(token)
    mine = found is not None and viewer(request).email.lower() == found.email
    shown = [
        RightChoice(right.value, words(request, rights.LABELS[right]), words(request, rights.HINTS[right]))
        for right in Right
        if found is not None and mine and right in found.rights
    ]
    context = InvitationPage(found if mine else None, shown, token)
    title = translate(lazy("Invitation to help with hosting"), locale(request))
    status = 200 if mine else 404 if found is None else 403
    return render(
        request, "console/invitation.html", context, title=title, status=status, robots="noindex", lean=True
    )


async def accept(request: Request) -> Response:
    """Become a co-host; the session's secret changes with the role."""
    token, who = request.path_params["token"], viewer(request)
    here = urls.path("console:host_invitation", locale=locale(request), token=token)
    try:
        name = await cohosts.accept(token, person_id=person_id(request), email=who.email)
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    device = sessions.device_label(request.headers.get("user-agent", ""))
    started = await sessions.rotate_session(who.session_hash, person_id(request), device=device)
    flash = lazy("Thank you. You now help %(name)s.", name=name)
    response = redirect(request, urls.path("console:host", locale=locale(request)), flash=flash)
    sessions.put_cookie(response, started, settings(request))
    return response


_TEAM = "/{locale}/host/team"
routes = [
    page(_TEAM, show, access=HOST, name="console:host_team"),
    page(f"{_TEAM}/{{host:int}}/invite", invite, access=HOST, name="console:host_invite", methods=("POST",)),
    page(f"{_TEAM}/{{host:int}}/hours", set_hours, access=HOST, name="console:host_hours", methods=("POST",)),
    page(
        f"{_TEAM}/{{host:int}}/people/{{member:int}}",
        change_member,
        access=HOST,
        name="console:host_member",
        methods=("POST",),
    ),
    page(
        f"{_TEAM}/{{host:int}}/invitations/{{invitation:int}}",
        revoke,
        access=HOST,
        name="console:host_revoke",
        methods=("POST",),
    ),
    page("/{locale}/invitations/{token}", invitation, access=SIGNED_IN, name="console:host_invitation"),
    page(
        "/{locale}/invitations/{token}",
        accept,
        access=SIGNED_IN,
        name="console:host_accept_invitation",
        methods=("POST",),
    ),
]
