"""A hotel's local share of a month: against the tiers, by category, supplier and place, over a year, and what is
missing. Figures come from `dashboard_queries`, rows and words from `share_views`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import dashboard_queries as queries
from market.claims.assessment import Assessment
from market.claims.dashboard_plot import Plot, plot
from market.claims.hotel_pages import share_views as views
from market.claims.hotel_pages import words
from market.claims.hotel_pages.draft_form import rupiah
from market.claims.hotel_pages.scope import asked_period, own_house, param, purchases_path
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.claims.states import LABELS, TAGS, State
from market.i18n import formats
from market.i18n.messages import translate
from market.sourcing.pages.scope import House
from market.values.text import lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.render import render
from market.web.render import words as say
from market.web.request import locale as locale_of

_PLACES_SHOWN = 10
_MOST_MONTHS = 36


class TaxForm(Inbound):
    """The month's tax, to estimate the award with; written as people write amounts."""

    tax: Annotated[str, Field(max_length=30)] = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """The share and the sums it is made of."""

    share: str
    local: str
    bought: str
    tier: str
    next_name: str
    next_missing: str
    next_additional: str
    award: str
    award_note: str
    below_minimum: str
    cap: str


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """The month's claim, or the way to one."""

    href: str
    label: str
    tag: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ShowShare:
    """Context of claims/hotel_share.html. Without `figures` there is nothing to reckon, and `nothing` says why."""

    nothing: str
    house: House
    periods: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    form: Form[Any] = field(default_factory=lambda: filled({}))
    period_name: str = ""
    figures: Figures | None = None
    tiers: list[views.TierView] = field(default_factory=list[views.TierView])
    categories: list[views.CategoryView] = field(default_factory=list[views.CategoryView])
    sellers: list[views.SellerView] = field(default_factory=list[views.SellerView])
    more_sellers: str = ""
    places: list[views.PlaceView] = field(default_factory=list[views.PlaceView])
    left_out: list[views.LeftOutView] = field(default_factory=list[views.LeftOutView])
    tasks: list[views.TaskView] = field(default_factory=list[views.TaskView])
    trend: list[views.MonthView] = field(default_factory=list[views.MonthView])
    plot: Plot | None = None
    lines_href: str = ""
    claim: ClaimLink | None = None
    rule_name: str = ""


async def show(request: Request) -> Response:
    """The month asked for, or the last with purchases."""
    house, locale = await own_house(request, "claims:share"), locale_of(request)
    first, last = await queries.latest_period(house.id, clock.today())
    period = asked_period(request) or last
    form = parse(TaxForm, request.query_params, locale)
    found = await queries.share_of(house.id, period, tax_principal=rupiah(form, "tax", locale))
    context = _context(house, period, found, form, _periods(first, period, locale), locale)
    title = lazy("Local share, %(month)s", month=formats.month(period.first_day, locale))
    return _page(request, context, say(request, title))


def _page(request: Request, context: ShowShare, title: str) -> Response:
    wrong = bool(context.form.errors)
    return render(
        request,
        "claims/hotel_share.html",
        context,
        title=say(request, lazy("Fix: %(title)s", title=title)) if wrong else title,
        robots="noindex",
        status=400 if wrong else 200,
    )


def _periods(first: Period, shown: Period, locale: str) -> list[tuple[str, str]]:
    """The months to choose from, newest first: back to the first purchase, at most three years."""
    today = clock.today()
    months = [max(Period(today.year, today.month), shown)]
    while months[-1] > min(first, shown) and len(months) < _MOST_MONTHS:
        months.append(months[-1].before())
    return [(str(month), formats.month(month.first_day, locale)) for month in months]


def _context(
    house: House,
    period: Period,
    found: queries.Share | None,
    form: Form[TaxForm],
    periods: list[tuple[str, str]],
    locale: str,
) -> ShowShare:
    shown = {"period": [str(period)], "hotel": [param(house)], "tax": [form.value("tax")]}
    frame: dict[str, Any] = {
        "house": house,
        "periods": periods,
        "form": Form(shown, None, form.errors),
        "period_name": formats.month(period.first_day, locale),
    }
    if found is None:
        nothing = lazy("No rule of the programme was in force in this whole month.")
        return ShowShare(translate(nothing, locale), **frame)
    lines_href = purchases_path(locale, period, house)
    frame |= {
        "lines_href": lines_href,
        "trend": views.months(found.trend, locale),
        "plot": plot(found.trend, found.rule.tiers),
        "claim": _claim(house, found, locale),
        "rule_name": found.rule.version,
    }
    if found.found is None:
        unknown = lazy(
            "The programme's rule knows no category “%(name)s”. Put those lines under another category.",
            name=found.unknown,
        )
        return ShowShare(translate(unknown, locale), **frame)
    if not found.line_count:
        return ShowShare(translate(lazy("Nothing is entered for this month yet."), locale), **frame)
    return ShowShare("", **frame, **_parts(found, found.found, lines_href, form, locale))


def _parts(
    found: queries.Share, result: Assessment, lines_href: str, form: Form[TaxForm], locale: str
) -> dict[str, Any]:
    shown = found.sellers[: queries.SELLERS_SHOWN]
    rest = found.sellers[queries.SELLERS_SHOWN :]
    more = lazy_n(
        "and %(count)s more seller, %(value)s",
        "and %(count)s more sellers, %(value)s",
        len(rest),
        value=formats.money(sum(seller.bought for seller in rest), locale),
    )
    estimated = form.value("tax") or (found.claim is not None and found.claim.tax_principal is not None)
    return {
        "figures": _figures(found.rule, result, estimated=bool(estimated), locale=locale),
        "tiers": views.tiers(found.rule, result, locale),
        "categories": views.categories(found.rule, result, locale),
        "sellers": views.sellers(shown, found.names, found.suppliers, locale),
        "more_sellers": translate(more, locale) if rest else "",
        "places": views.places(found.places[:_PLACES_SHOWN], locale),
        "left_out": views.left_out(result.left_out, lines_href, locale),
        "tasks": views.tasks(found.to_do, lines_href, locale),
    }


def _figures(rule: RuleVersion, result: Assessment, *, estimated: bool, locale: str) -> Figures:
    following = result.next_tier
    spend = sum(total.denominator for total in result.categories)
    short = spend < rule.min_period_spend
    minimum = lazy(
        "The programme asks for purchases of at least %(minimum)s a month.",
        minimum=formats.money(rule.min_period_spend, locale),
    )
    capped = any(seller.counted < seller.uncapped for seller in result.suppliers)
    cap = lazy(
        "One supplier counts for at most %(cap)s of the local purchases. %(uncapped)s before this limit,"
        " %(local)s after it.",
        cap=formats.basis_points(rule.supplier_cap_bp, locale),
        uncapped=views.rupiah(result.uncapped_local, locale),
        local=views.rupiah(result.local, locale),
    )
    return Figures(
        share=formats.share(result.share, locale) if result.share else "",
        local=views.rupiah(result.local, locale),
        bought=formats.money(result.denominator, locale),
        tier=formats.basis_points(result.tier.rate_bp, locale) if result.tier else "",
        next_name=formats.basis_points(following.tier.min_share_bp, locale) if following else "",
        next_missing=formats.money(-int(-following.missing // 1), locale) if following else "",
        next_additional=formats.money(following.additional, locale)
        if following and following.additional is not None
        else "",
        award=formats.money(result.award.amount, locale) if estimated else "",
        award_note=translate(words.CAPPED[result.award.capped_by], locale)
        if estimated and result.award.capped_by
        else "",
        below_minimum=translate(minimum, locale) if short else "",
        cap=translate(cap, locale) if capped else "",
    )


def _claim(house: House, found: queries.Share, locale: str) -> ClaimLink:
    if found.claim is None:
        href = urls.path("claims:hotel_claims", locale=locale, hotel=param(house))
        return ClaimLink(href, translate(lazy("Prepare the claim"), locale), None)
    state = State(found.claim.state)
    href = urls.path("claims:hotel_claim", locale=locale, reference=found.claim.reference)
    return ClaimLink(
        href,
        translate(lazy("Claim %(reference)s", reference=found.claim.reference), locale),
        (TAGS[state], translate(LABELS[state], locale)),
    )
