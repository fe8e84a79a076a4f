"""The officer's page on origin: what waits for a finding, and the finding on one product with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import queries as accounts
from market.accounts import sessions
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.suppliers import desk_queries, origins, rules
from market.suppliers.desk_queries import ToJudge
from market.suppliers.forms import DecisionForm
from market.suppliers.pages.scope import path_id
from market.suppliers.pages.views import OriginView, origin_options, origin_view, words_in
from market.suppliers.wording import CATEGORIES, KINDS
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id

_USUAL_TERM = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class WaitingLine:
    href: str
    product: str
    supplier: str
    category: str
    stated: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Context of suppliers/origins.html."""

    lines: list[WaitingLine]


@dataclass(frozen=True, slots=True)
class Judge:
    """Context of suppliers/origin.html."""

    product: str
    about: str
    facts: list[dict[str, str]]
    origin: OriginView
    form: Form[Any]
    options: list[dict[str, str]]
    today: date


async def index(request: Request) -> Response:
    """Products whose origin nobody found yet, or not lately."""
    locale = locale_of(request)
    context = Waiting([_line(item, locale) for item in await desk_queries.list_to_judge(clock.today())])
    return render(
        request,
        "suppliers/origins.html",
        context,
        title=words(request, lazy("Origins to check")),
        robots="noindex",
    )


def _line(item: ToJudge, locale: str) -> WaitingLine:
    origin = origin_view(item.product, locale, named=True)
    return WaitingLine(
        href=urls.path("suppliers:judge", locale=locale, product_id=item.product.id),
        product=words_in(item.product.texts, "name", locale),
        supplier=item.supplier.name,
        category=translate(CATEGORIES[item.product.category], locale),
        stated=item.product.stated_origin.value,
        tag=origin.tag,
    )


async def judge(request: Request) -> Response:
    """Find where a product comes from. Asked for again who it is before a decision."""
    item = await desk_queries.get_to_judge(path_id(request, "product_id"), clock.today())
    if item is None:
        raise NotFound
    confirm = sessions.confirm_first(request)
    if confirm is not None:
        return confirm
    if request.method == "GET":
        start = {"origin": item.product.stated_origin.value, "expires_on": clock.today() + _USUAL_TERM}
        return _page(request, item, filled(start))
    form = parse(DecisionForm, await request.form(), locale_of(request))
    if form.data is not None:
        try:
            await _decide(request, item, form.data)
        except (Invalid, Refused) as wrong:
            field, message = rules.reason_of(wrong)
            form.add_error(field, translate(message, locale_of(request)))
        else:
            to = urls.path("suppliers:origins", locale=locale_of(request))
            return redirect(
                request, to, flash=lazy("The finding is written down and shown on the product's page.")
            )
    return _page(request, item, form)


async def _decide(request: Request, item: ToJudge, sent: DecisionForm) -> None:
    person = person_id(request)
    offices = [o.name for o in await accounts.organisations_of(person) if o.role == "officer"]
    await origins.decide(
        item.product.id,
        sent.origin,
        evidence=sent.evidence(),
        office=offices[0] if offices else words(request, lazy("Regional tax office")),
        by=person,
        expires_on=sent.expires_on,
        today=clock.today(),
        now=clock.now(),
    )


def _page(request: Request, item: ToJudge, form: Form[Any]) -> Response:
    locale, supplier = locale_of(request), item.supplier
    people = formats.number(supplier.people_count, locale) if supplier.people_count else ""
    facts = (
        (lazy("Supplier"), supplier.name),
        (lazy("Kind of supplier"), translate(KINDS[supplier.kind], locale)),
        (lazy("Where"), ", ".join(supplier.place)),
        (lazy("People employed, as stated"), people),
        (lazy("Category"), translate(CATEGORIES[item.product.category], locale)),
    )
    context = Judge(
        product=words_in(item.product.texts, "name", locale),
        about=words_in(item.product.texts, "about", locale),
        facts=[{"label": translate(label, locale), "text": text} for label, text in facts if text],
        origin=origin_view(item.product, locale, named=True),
        form=form,
        options=origin_options(locale),
        today=clock.today(),
    )
    title = words(request, lazy("Where does this come from?"))
    return render(
        request,
        "suppliers/origin.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )
