"""A hotel's own facts; and asking to open a hotel or a supplier, which staff then look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError, Invalid, NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications.addresses import phone_number
from market.places.areas import Area
from market.sourcing import opening, profiles
from market.sourcing.forms import OpeningForm, ProfileForm, ReasonForm
from market.sourcing.opening import RequestRow, Wish
from market.sourcing.pages import scope
from market.sourcing.pages.scope import House
from market.sourcing.profiles import Profile, ProfileRow
from market.suppliers import villages
from market.values import marks
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id, settings

_KINDS: Final[dict[str, tuple[Text, Text]]] = {
    "hotel": (lazy("Register your hotel"), lazy("Hotel")),
    "supplier": (lazy("Register as a supplier"), lazy("Supplier")),
}
_STATES: Final[dict[str, tuple[str, Text]]] = {
    "waiting": ("wait", lazy("Being looked at")),
    "approved": ("ok", lazy("Approved")),
    "refused": ("bad", lazy("Not approved")),
    "withdrawn": ("", lazy("Withdrawn")),
}


@dataclass(frozen=True, slots=True)
class VillageChoice:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """Context of sourcing/profile.html."""

    house: House
    form: Form[Any]
    code: str
    action: str
    choices: Sequence[VillageChoice]
    has_account: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request to open something, for the person who made it and for staff."""

    reference: str
    title: str
    when: str
    tag: tuple[str, str]
    reason: str
    person: str
    facts: Sequence[dict[str, str]]
    waiting: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Context of sourcing/opening.html."""

    form: Form[Any]
    kind: str
    choices: Sequence[VillageChoice]
    own: Sequence[RequestView]


@dataclass(frozen=True, slots=True)
class Queue:
    """Context of sourcing/requests.html."""

    requests: Sequence[RequestView]
    form: Form[Any]
    wrong: str


# The hotel's facts ------------------------------------------------------------------------------------------
async def profile(request: Request) -> Response:
    """What the programme knows of a hotel."""
    wanted = request.query_params.get("hotel", "")
    wanted_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 16 else None
    house = await scope.house(request, wanted_id, "sourcing:profile")
    known = await profiles.get(house.id)
    if request.method == "GET":
        values: dict[str, Any] = {}
        if known is not None:
            values = {**asdict(known.profile), "area": villages.label(known.profile.area_code)}
        return _profile_page(request, house, filled(values), known, ())
    form = parse(ProfileForm, await request.form(), locale_of(request))
    choices: Sequence[Area] = ()
    if form.data is not None:
        sent = form.data
        code, choices = _village(form, sent.area, sent.area_code, locale_of(request))
        if not form.errors:
            facts = Profile(
                code,
                sent.address,
                sent.npwp,
                sent.nib,
                sent.nitku,
                sent.regional_tax_number,
                sent.room_count,
                marks.kept("bank", sent.account, settings(request).secrets),
            )
            try:
                warning = await profiles.save(house.id, facts, now=clock.now())
            except Invalid as wrong:
                form.add_error(wrong.field or "", words(request, wrong.message))
            else:
                said = lazy("Saved.")
                said = lazy("%(said)s %(warning)s", said=said, warning=warning) if warning else said
                return redirect(request, _profile_href(request, house), flash=said)
    return _profile_page(request, house, form, known, choices)


def _profile_href(request: Request, house: House) -> str:
    href = urls.path("sourcing:profile", locale=locale_of(request))
    return f"{href}?hotel={house.id}" if house.options else href


def _profile_page(
    request: Request, house: House, form: Form[Any], known: ProfileRow | None, choices: Sequence[Area]
) -> Response:
    context = ProfilePage(
        house,
        form,
        known.code if known else "",
        _profile_href(request, house),
        _choices(choices),
        has_account=bool(known and known.profile.account_keys),
    )
    return _rendered(request, "sourcing/profile.html", context, lazy("Your hotel"), form)


def _village(form: Form[Any], typed: str, chosen: str, locale: str) -> tuple[str, Sequence[Area]]:
    """The village that was meant; its error at the field when it is not clear."""
    meant = villages.find(typed, chosen)
    if meant.code is not None:
        return meant.code, ()
    message = (
        lazy("There are several of this name. Choose one below.")
        if meant.choices
        else lazy("We do not know this village. Check the spelling, or add the kecamatan after a comma.")
    )
    form.add_error("area", translate(message, locale))
    return "", meant.choices


def _choices(areas: Sequence[Area]) -> list[VillageChoice]:
    return [VillageChoice(area.code, villages.label(area.code)) for area in areas]


def _rendered(request: Request, template: str, context: Any, title: Text, form: Form[Any]) -> Response:
    said = words(request, title)
    return render(
        request,
        template,
        context,
        title=words(request, lazy("Fix: %(title)s", title=said)) if form.errors else said,
        robots="noindex",
        status=400 if form.errors else 200,
    )


# Opening one ------------------------------------------------------------------------------------------------
async def register(request: Request) -> Response:
    """Ask to open a hotel or a supplier."""
    kind = request.path_params["kind"]
    if kind not in _KINDS:
        raise NotFound
    if request.method == "GET":
        return await _opening_page(request, kind, filled({}), ())
    data = await request.form()
    locale = locale_of(request)
    if data.get("withdraw"):
        await opening.withdraw(str(data["withdraw"])[:20], by=person_id(request))
        return redirect(request, request.url.path, flash=lazy("Your request is withdrawn."))
    form = parse(OpeningForm, data, locale)
    choices: Sequence[Area] = ()
    if form.data is not None:
        sent = form.data
        code, choices = _village(form, sent.area, sent.area_code, locale)
        phone = phone_number(sent.phone) if sent.phone else ""
        if phone is None:
            words_ = lazy("Enter the phone number with its country code, for example +62 812 3456 7890.")
            form.add_error("phone", translate(words_, locale))
        if not form.errors:
            wish = Wish(kind, sent.name, code, sent.address, phone or "", sent.npwp, sent.nib, sent.note)
            try:
                await opening.ask(wish, by=person_id(request), now=clock.now())
            except DomainError as refusal:
                field = refusal.field if isinstance(refusal, Invalid) else ""
                form.add_error(field or "", translate(refusal.message, locale))
            else:
                said = lazy("Thank you. We look at it and write to you, usually within two working days.")
                return redirect(request, request.url.path, flash=said)
    return await _opening_page(request, kind, form, choices)


async def _opening_page(request: Request, kind: str, form: Form[Any], choices: Sequence[Area]) -> Response:
    locale = locale_of(request)
    own = [_view(row, locale) for row in await opening.list_own(person_id(request)) if row.kind == kind]
    context = Opening(form, kind, _choices(choices), own)
    return _rendered(request, "sourcing/opening.html", context, _KINDS[kind][0], form)


def _view(row: RequestRow, locale: str) -> RequestView:
    tag, said = _STATES[row.state]
    facts: list[tuple[Text, str]] = [
        (lazy("Kind"), translate(_KINDS[row.kind][1], locale)),
        (lazy("Place"), row.place),
        (lazy("Address"), row.address),
        (lazy("Phone"), row.phone),
        (lazy("NPWP"), row.npwp),
        (lazy("NIB"), row.nib),
        (lazy("Note"), row.note),
        (lazy("Email"), row.email),
    ]
    return RequestView(
        reference=row.reference,
        title=row.name,
        when=formats.instant(row.asked_at, locale),
        tag=(tag, translate(said, locale)),
        reason=row.reason,
        person=row.person,
        facts=[{"label": translate(label, locale), "text": text} for label, text in facts if text],
        waiting=row.state == "waiting",
    )


# Staff ------------------------------------------------------------------------------------------------------
async def requests(request: Request) -> Response:
    """What people want to open, for staff."""
    return await _queue_page(request, filled({}), "")


async def decide(request: Request) -> Response:
    """Approve or refuse one request."""
    reference = request.path_params["reference"]
    data = await request.form()
    here = urls.path("sourcing:requests", locale=locale_of(request))
    try:
        if data.get("decision") == "approve":
            await opening.approve(reference, by=person_id(request), now=clock.now())
            return redirect(request, here, flash=lazy("Approved. The page is open to them now."))
        form = parse(ReasonForm, data, locale_of(request))
        if form.data is not None:
            await opening.refuse(reference, form.data.reason, by=person_id(request), now=clock.now())
            return redirect(request, here, flash=lazy("They have been told why not."))
    except DomainError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return redirect(request, here, flash=refusal.message, kind="bad")
    return await _queue_page(request, form, reference)


async def _queue_page(request: Request, form: Form[Any], wrong: str) -> Response:
    locale = locale_of(request)
    waiting = [_view(row, locale) for row in await opening.list_waiting()]
    context = Queue(waiting, form, wrong)
    return _rendered(request, "sourcing/requests.html", context, lazy("Hotels and suppliers to open"), form)
