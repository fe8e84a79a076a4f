"""The supplier's desk: the pages somebody keeps, opening one, changing it, making it public, who keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.places.areas import Area
from market.suppliers import desk_queries, identifiers, rules, service, villages
from market.suppliers.desk_queries import AgentChoice, OrganisationName
from market.suppliers.forms import AgentForm, MemberForm, PageForm, page_values
from market.suppliers.offering import Acting, PageDraft, PageStatus
from market.suppliers.pages.quotes import QuotationLine, line
from market.suppliers.pages.scope import Desk, Own, desk, organisation_ids, own_agency, own_page, own_pages
from market.suppliers.pages.views import supplier_href
from market.suppliers.rows import SupplierRow
from market.suppliers.wording import KINDS, PAGE_STATUSES, act_text
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id, settings

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page in the list of those somebody keeps."""

    href: str
    name: str
    kind: str
    tag: tuple[str, str]
    agent: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """Context of suppliers/workspace.html."""

    pages: list[PageLine]
    without_page: list[OrganisationName]
    may_open_for_members: bool
    requests: list[QuotationLine]


@dataclass(frozen=True, slots=True)
class VillageChoice:
    """One of several villages of a name."""

    code: str
    label: str
    level: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """Context of suppliers/page.html."""

    desk: Desk | None
    form: Form[Any]
    action: str
    kinds: Options
    choices: list[VillageChoice]
    status: tuple[str, str] | None
    public: bool
    public_href: str
    for_member: bool
    has_account: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Keepers:
    """Context of suppliers/keepers.html."""

    desk: Desk
    form: Form[Any]
    agents: Options
    agent_name: str
    may_choose: bool
    acts: list[LogLine]


async def workspace(request: Request) -> Response:
    """Every page the viewer keeps, and what hotels asked them."""
    locale = locale_of(request)
    pages = await own_pages(request)
    names = {own.row.id: own.row.name for own in pages}
    requests = await desk_queries.list_of_suppliers(names.keys())
    context = Workspace(
        pages=[
            PageLine(
                href=urls.path("suppliers:edit", locale=locale, code=own.row.code),
                name=own.row.name,
                kind=translate(KINDS[own.row.kind], locale),
                tag=_status(own.row, locale),
                agent=own.row.agent_name if own.for_member else "",
            )
            for own in pages
        ],
        without_page=await desk_queries.organisations_without_page(organisation_ids(request)),
        may_open_for_members=await own_agency(request) is not None,
        requests=[line(row, names[row.supplier_id], "suppliers:request", locale) for row in requests],
    )
    return render(
        request,
        "suppliers/workspace.html",
        context,
        title=words(request, lazy("Your supplier pages")),
        robots="noindex",
    )


def _status(row: SupplierRow, locale: str) -> tuple[str, str]:
    kind, said = PAGE_STATUSES[row.status]
    return kind, translate(said, locale)


# Opening a page ----------------------------------------------------------------------------------------


async def open_own(request: Request) -> Response:
    """A business that has no page yet gets one."""
    waiting = await desk_queries.organisations_without_page(organisation_ids(request))
    organisation = next((o for o in waiting if o.id == request.path_params["organisation_id"]), None)
    if organisation is None:
        raise NotFound
    if request.method == "GET":
        form: Form[Any] = filled({"name": organisation.name, "sole_trader": "no"})
        return _opening(request, form, (), for_member=False)
    form = parse(PageForm, await request.form(), locale_of(request))
    draft, choices = _draft(request, form)
    if draft is not None:
        acting = Acting(person_id(request))
        try:
            code = await service.open_page(organisation.id, draft, acting, clock.now())
        except (Invalid, Refused) as wrong:
            _show(form, wrong, locale_of(request))
        else:
            return _opened(request, code, draft)
    return _opening(request, form, choices, for_member=False)


async def open_member(request: Request) -> Response:
    """A BUMDes or cooperative opens the page of a member without an account."""
    agency = await own_agency(request)
    if agency is None:
        raise NotFound
    if request.method == "GET":
        return _opening(request, filled({"sole_trader": "yes"}), (), for_member=True)
    form = parse(MemberForm, await request.form(), locale_of(request))
    draft, choices = _draft(request, form)
    if draft is not None and form.data is not None:
        acting = Acting(person_id(request), agency.row.organisation_id)
        try:
            code = await service.open_member_page(draft, form.data.phone, acting, clock.now())
        except (Invalid, Refused) as wrong:
            _show(form, wrong, locale_of(request))
        else:
            return _opened(request, code, draft)
    return _opening(request, form, choices, for_member=True)


def _opening(request: Request, form: Form[Any], choices: Sequence[Area], *, for_member: bool) -> Response:
    title = lazy("Open a page for a member") if for_member else lazy("Open your supplier page")
    context = EditPage(
        desk=None,
        form=form,
        action=request.url.path,
        kinds=_kinds(locale_of(request)),
        choices=[VillageChoice(area.code, villages.label(area.code), area.level.value) for area in choices],
        status=None,
        public=False,
        public_href="",
        for_member=for_member,
        has_account=False,
    )
    return _rendered(request, context, title)


def _opened(request: Request, code: str, draft: PageDraft) -> Response:
    to = urls.path("suppliers:products", locale=locale_of(request), code=code)
    return redirect(request, to, flash=_saved(draft, lazy("The page is open. Now add what is sold.")))


# Changing it -------------------------------------------------------------------------------------------


async def edit(request: Request) -> Response:
    """What the page says."""
    own = await own_page(request)
    if request.method == "GET":
        return _editing(
            request, own.row, filled(page_values(own.row)), (), desk(request, own, "suppliers:edit")
        )
    form = parse(PageForm, await request.form(), locale_of(request))
    draft, choices = _draft(request, form, own.row.area_code)
    if draft is not None:
        try:
            await service.save_page(own.row.id, draft, own.acting, clock.now())
        except (Invalid, Refused) as wrong:
            _show(form, wrong, locale_of(request))
        else:
            return redirect(request, request.url.path, flash=_saved(draft, lazy("The page is saved.")))
    return _editing(request, own.row, form, choices, desk(request, own, "suppliers:edit"))


def _editing(
    request: Request, row: SupplierRow, form: Form[Any], choices: Sequence[Area], head: Desk
) -> Response:
    locale, public = locale_of(request), row.status is PageStatus.PUBLISHED
    context = EditPage(
        desk=head,
        form=form,
        action=request.url.path,
        kinds=_kinds(locale),
        choices=[VillageChoice(area.code, villages.label(area.code), area.level.value) for area in choices],
        status=_status(row, locale),
        public=public,
        public_href=supplier_href(row, locale) if public else "",
        for_member=False,
        has_account=row.has_account,
    )
    return _rendered(request, context, lazy("Your page: %(name)s", name=row.name))


def _rendered(request: Request, context: EditPage, title: Text) -> Response:
    said = words(request, title)
    if context.form.errors:
        said = words(request, lazy("Fix: %(title)s", title=said))
    status = 400 if context.form.errors else 200
    return render(request, "suppliers/page.html", context, title=said, robots="noindex", status=status)


def _draft(request: Request, form: Form[Any], now_in: str = "") -> tuple[PageDraft | None, Sequence[Area]]:
    """The page that was written, its village found; the villages to choose from when there are several.

    `now_in` is the village of a page that has one: of two of the same name it stays the one it was.
    """
    if form.data is None:
        return None, ()
    meant = villages.find(form.data.village, form.data.area_code or now_in)
    if meant.code is not None:
        return form.data.draft(meant.code, settings(request).secrets), ()
    message = (
        lazy("There are several of this name. Choose one below.")
        if meant.choices
        else lazy("We do not know this village. Check the spelling, or add the kecamatan after a comma.")
    )
    form.add_error("village", words(request, message))
    return None, meant.choices


def _saved(draft: PageDraft, said: Text) -> Text:
    """The sentence after saving, with what should be looked at again."""
    warning = identifiers.npwp(draft.npwp).warning if draft.npwp else None
    return said if warning is None else lazy("%(said)s %(warning)s", said=said, warning=warning)


def _show(form: Form[Any], wrong: Invalid | Refused, locale: str) -> None:
    field, message = rules.reason_of(wrong)
    form.add_error(field, translate(message, locale))


def _kinds(locale: str) -> Options:
    return [(kind.value, translate(name, locale)) for kind, name in KINDS.items()]


async def set_public(request: Request) -> Response:
    """Make the page public, or pause it."""
    own = await own_page(request)
    back = urls.path("suppliers:edit", locale=locale_of(request), code=own.row.code)
    publish = (await request.form()).get("public") == "yes"
    try:
        if publish:
            await service.publish(own.row.id, own.acting, clock.now())
        else:
            await service.pause(own.row.id, own.acting, clock.now())
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    said = lazy("The page is public.") if publish else lazy("The page is paused. Hotels no longer find it.")
    return redirect(request, back, flash=said)


# Who keeps it ------------------------------------------------------------------------------------------


async def keepers(request: Request) -> Response:
    """Who may keep the page, and everything that was done on it."""
    own = await own_page(request)
    if request.method == "POST":
        return await _choose_agent(request, own, await request.form())
    return await _keepers(request, own, filled({}))


async def _choose_agent(request: Request, own: Own, sent: FormData) -> Response:
    locale = locale_of(request)
    if sent.get("end") == "yes":
        await service.end_agent(own.row.id, own.acting, clock.now())
        to = request.url.path if not own.for_member else urls.path("suppliers:workspace", locale=locale)
        return redirect(request, to, flash=lazy("Done. They can no longer change this page."))
    form = parse(AgentForm, sent, locale)
    if form.data is not None:
        try:
            await service.name_agent(own.row.id, form.data.agent, own.acting, clock.now())
        except Invalid as wrong:
            _show(form, wrong, locale)
        else:
            return redirect(
                request, request.url.path, flash=lazy("Done. They may now keep this page and answer for you.")
            )
    return await _keepers(request, own, form)


async def _keepers(request: Request, own: Own, form: Form[Any]) -> Response:
    locale = locale_of(request)
    agents: list[AgentChoice] = [] if own.for_member else await desk_queries.list_agents()
    acts = await desk_queries.list_acts(own.row.id)
    context = Keepers(
        desk=desk(request, own, "suppliers:keepers"),
        form=form,
        agents=[("", words(request, lazy("Choose")))]
        + [(agent.code, agent.name) for agent in agents if agent.code != own.row.code],
        agent_name=own.row.agent_name,
        may_choose=not own.for_member,
        acts=[
            LogLine(
                when=formats.instant(act.at, locale),
                text=act_text(act.name, act.subject, locale),
                who=_who(act.person, act.agent, locale),
            )
            for act in acts
        ],
    )
    return render(
        request,
        "suppliers/keepers.html",
        context,
        title=words(request, lazy("Who keeps this page")),
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _who(person: str, agent: str, locale: str) -> str:
    """The person, and for whom they did it when it was on the supplier's behalf."""
    return (
        translate(lazy("%(person)s, for %(agent)s", person=person, agent=agent), locale) if agent else person
    )
