"""The programme's public pages: what the rule is, what was awarded, where the money went, and how to check it all.

Everything here is read from awards and the public log; files for programs are `files`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import programme
from market.claims.flags.benford import EXPECTED, LIMIT, FirstDigits
from market.claims.hotel_pages.words import category
from market.claims.lots import Draw, DrawKind
from market.claims.periods import Period
from market.claims.states import LABELS, TAGS, State
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.opendata import awards, files, spending, tables
from market.opendata.awards import AwardRow
from market.opendata.rule_words import sentences
from market.opendata.suppression import Published
from market.opendata.tables import UNKNOWN
from market.places import areas
from market.transparency import log
from market.transparency.kinds import name_of
from market.values.text import Text, lazy
from market.web import urls
from market.web.guards import ANYONE, page
from market.web.render import render
from market.web.render import words as say
from market.web.request import locale as locale_of

_DRAWS_SHOWN = 12
_AWARDS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class AwardView:
    """An award in a table."""

    href: str
    hotel: str
    hotel_href: str
    month: str
    correction: bool
    share: str
    award: str
    tag: tuple[str, str]
    decree: str


@dataclass(frozen=True, slots=True)
class SpendView:
    """A bar of local spend."""

    name: str
    amount: str
    suppliers: str
    width: str


@dataclass(frozen=True, slots=True)
class Spend:
    """Local spend by something: what may be told, and the names of what is too small for that."""

    shown: list[SpendView]
    withheld: list[str]

    @property
    def any(self) -> bool:
        return bool(self.shown or self.withheld)


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw in words, with where to repeat it."""

    claim: str
    kind: str
    when: str
    outcome: str
    commit_href: str
    made_href: str


@dataclass(frozen=True, slots=True)
class DigitView:
    digit: str
    found: str
    expected: str
    width: str
    mark: str


@dataclass(frozen=True, slots=True)
class ShowProgramme:
    """Context of opendata/programme.html."""

    rule: list[str]
    rule_name: str
    legal_basis: str
    tiles: list[tuple[str, str]]
    awards: list[AwardView]
    categories: Spend
    places: Spend
    draws: list[DrawView]
    digits: list[DigitView]
    digits_words: str


@dataclass(frozen=True, slots=True)
class ShowAward:
    """Context of opendata/award.html."""

    hotel: str
    hotel_href: str
    month: str
    tag: tuple[str, str]
    facts: list[tuple[str, str]]
    file_href: str
    sample_href: str
    draws: list[DrawView]
    entries: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class ShowHotel:
    """Context of opendata/hotel.html."""

    awards: list[AwardView]
    in_effect: bool
    tiles: list[tuple[str, str]]
    categories: Spend


@dataclass(frozen=True, slots=True)
class ShowData:
    """Context of opendata/data.html."""

    months: list[tuple[str, str, str]]
    licence: str


async def show(request: Request) -> Response:
    """The programme: rule, awards, local spend, lots, digits."""
    locale, today = locale_of(request), clock.today()
    stored = await programme.in_force(Period(today.year, today.month))
    found = await awards.list_awards(limit=_AWARDS_SHOWN)
    rows = await spending.spent()
    known = await spending.suppliers(row.supplier_id for row in rows)
    places, categories = tables.by_place(rows, known), tables.by_category(rows)
    digits = await awards.first_digits()
    context = ShowProgramme(
        rule=sentences(stored.rule, locale),
        rule_name=stored.rule.version,
        legal_basis=stored.rule.legal_basis,
        tiles=await _tiles(found, rows, locale),
        awards=[_award(row, locale) for row in found],
        categories=_spend(categories, locale, category),
        places=_spend(places, locale, _place),
        draws=[_draw(claim, draw, locale) for claim, draw in await awards.list_draws(limit=_DRAWS_SHOWN)],
        digits=_digits(digits, locale) if digits else [],
        digits_words=_digits_words(digits, locale) if digits else "",
    )
    description = lazy("Every award, lot and figure of the local sourcing programme, open to recomputation.")
    return render(
        request,
        "opendata/programme.html",
        context,
        title=say(request, lazy("The local sourcing programme")),
        description=say(request, description),
        keep=True,
    )


async def show_award(request: Request) -> Response:
    """One award with its files, lots and log entries."""
    row = await awards.get_award(request.path_params["reference"])
    if row is None:
        raise NotFound
    locale = locale_of(request)
    draws = await awards.list_draws(claim=row.claim)
    sampled = any(draw.kind is DrawKind.SAMPLE and draw.seed for _, draw in draws)
    entries = await log.entries_about(f"claim:{row.claim}")
    context = ShowAward(
        hotel=row.hotel,
        hotel_href=urls.path("opendata:hotel", locale=locale, slug=row.hotel_slug),
        month=formats.month(row.period.first_day, locale),
        tag=_tag(row.state, locale),
        facts=_facts(row, locale),
        file_href=urls.path("opendata:claim_file", reference=row.claim),
        sample_href=urls.path("opendata:sample_file", reference=row.claim) if sampled else "",
        draws=[_draw(claim, draw, locale) for claim, draw in draws],
        entries=[
            (
                formats.number(entry.index, locale),
                say(request, name_of(entry.leaf.kind)),
                urls.path("transparency:entry", locale=locale, index=entry.index),
            )
            for entry in entries
        ],
    )
    month = formats.month(row.period.first_day, locale)
    title = say(request, lazy("Award of %(hotel)s, %(month)s", hotel=row.hotel, month=month))
    return render(request, "opendata/award.html", context, title=title, keep=True)


async def show_hotel(request: Request) -> Response:
    """A hotel's awards and local purchases."""
    locale = locale_of(request)
    found = await awards.list_awards(hotel_slug=request.path_params["slug"])
    if not found:
        raise NotFound
    rows = [row for row in await spending.spent() if row.hotel_id == found[0].hotel_id]
    categories = tables.by_category(rows)
    context = ShowHotel(
        awards=[_award(row, locale) for row in found],
        in_effect=any(row.state is State.EFFECTIVE for row in found),
        tiles=await _tiles(found, rows, locale),
        categories=_spend(categories, locale, category),
    )
    return render(request, "opendata/hotel.html", context, title=found[0].hotel, keep=True)


async def show_data(request: Request) -> Response:
    """What there is to download, under which licence, and what each column means."""
    locale = locale_of(request)
    months = [
        (
            formats.month(month.first_day, locale),
            urls.path("opendata:package", month=str(month)),
            urls.path("opendata:purchases", month=str(month)),
        )
        for month, _ in await spending.months()
    ]
    context = ShowData(months, files.LICENCE)
    return render(request, "opendata/data.html", context, title=say(request, lazy("Open data")), keep=True)


# Rows ---------------------------------------------------------------------------------------------------


def _award(row: AwardRow, locale: str) -> AwardView:
    return AwardView(
        href=urls.path("opendata:award", locale=locale, reference=row.claim),
        hotel=row.hotel,
        hotel_href=urls.path("opendata:hotel", locale=locale, slug=row.hotel_slug),
        month=formats.month(row.period.first_day, locale),
        correction=row.is_correction,
        share=formats.share(row.exact_share, locale) if row.exact_share else "–",
        award=formats.money(row.award, locale),
        tag=_tag(row.state, locale),
        decree=row.decree,
    )


def _tag(state: State, locale: str) -> tuple[str, str]:
    return TAGS[state], translate(LABELS[state], locale)


def _facts(row: AwardRow, locale: str) -> list[tuple[str, str]]:
    facts: list[tuple[Text, str]] = [
        (lazy("Local share"), formats.share(row.exact_share, locale) if row.exact_share else "–"),
        (lazy("The same, exact"), row.share or "–"),
        (lazy("Award"), formats.money(row.award, locale)),
        (lazy("Rule"), row.rule),
        (lazy("Decided"), formats.instant(row.decided_at, locale)),
    ]
    if row.payable is not None:
        facts.append((lazy("Comes off the tax"), formats.money(row.payable, locale)))
    if row.decree and row.decree_on:
        facts.append((lazy("Mayor's decree"), f"{row.decree}, {formats.day(row.decree_on, locale)}"))
    return [(translate(label, locale), value) for label, value in facts]


async def _tiles(
    found: Sequence[AwardRow], rows: Sequence[spending.Spent], locale: str
) -> list[tuple[str, str]]:
    effective = [row for row in found if row.state is State.EFFECTIVE]
    suppliers = {row.supplier_id for row in rows}
    people = await spending.people_employed(suppliers)
    figures: list[tuple[str, Text]] = [
        (formats.money(sum(row.award for row in effective), locale), lazy("awarded and in effect")),
        (formats.money(sum(row.net for row in rows), locale), lazy("bought locally and checked")),
        (formats.number(len(suppliers), locale), lazy("suppliers it came from")),
        (formats.number(people, locale), lazy("people work there, as they state")),
    ]
    return [(value, translate(words, locale)) for value, words in figures]


def _spend(cells: Published[str], locale: str, named: Callable[[str, str], str]) -> Spend:
    most = max((cell.value for cell in cells.shown.values()), default=1)
    views = [
        SpendView(
            named(key, locale),
            formats.money(cell.value, locale),
            formats.number(cell.count, locale),
            _width(Fraction(cell.value, most)),
        )
        for key, cell in sorted(cells.shown.items(), key=lambda item: -item[1].value)
    ]
    return Spend(views, sorted(named(key, locale) for key in cells.withheld))


def _width(part: Fraction) -> str:
    hundredths = max(0, min(10_000, int(part * 10_000)))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _place(code: str, locale: str) -> str:
    if code == UNKNOWN or not areas.exists(code):
        return translate(lazy("Elsewhere in the province"), locale)
    return areas.get(code).name


_KINDS: dict[DrawKind, Text] = {
    DrawKind.LOT: lazy("Lot for verifier and approver"),
    DrawKind.AUDIT: lazy("Draw for the audit"),
    DrawKind.SAMPLE: lazy("Sample of rupiah"),
    DrawKind.REVIEWER: lazy("Lot for the reviewer of an objection"),
}


def _draw(claim: str, draw: Draw, locale: str) -> DrawView:
    return DrawView(
        claim=claim,
        kind=translate(_KINDS[draw.kind], locale),
        when=formats.instant(draw.drawn_at or draw.committed_at, locale),
        outcome=translate(_outcome(draw), locale),
        commit_href=urls.path("transparency:entry", locale=locale, index=draw.committed_index),
        made_href=urls.path("transparency:entry", locale=locale, index=draw.drawn_index)
        if draw.drawn_index is not None
        else "",
    )


def _outcome(draw: Draw) -> Text:
    result = draw.result
    if result is None:
        return lazy("The list is fixed; the seed is not known yet.")
    match draw.kind:
        case DrawKind.SAMPLE:
            return lazy("Starts at rupiah %(start)s.", start=result["start"])
        case DrawKind.AUDIT:
            auditor = result.get("auditor")
            return lazy("%(code)s audits.", code=auditor) if auditor else lazy("Not audited.")
        case DrawKind.REVIEWER:
            return lazy("%(code)s reviews.", code=result["reviewer"])
        case DrawKind.LOT:
            return lazy(
                "%(verifier)s verifies, %(approver)s approves.",
                verifier=result.get("verifier", "–"),
                approver=result.get("approver", "–"),
            )


def _digits(found: FirstDigits, locale: str) -> list[DigitView]:
    total = sum(found.counts)
    views: list[DigitView] = []
    for digit, (count, expected) in enumerate(zip(found.counts, EXPECTED, strict=True), start=1):
        part, wanted = Fraction(count, total), Fraction(expected, 1_000_000)
        views.append(
            DigitView(
                str(digit),
                formats.basis_points(int(part * 10_000), locale),
                formats.basis_points(int(wanted * 10_000), locale),
                _width(part * 2),
                _width(wanted * 2),
            )
        )
    return views


def _digits_words(found: FirstDigits, locale: str) -> str:
    square = formats.number(round(float(found.chi_square), 1), locale)
    limit = formats.number(round(float(LIMIT), 1), locale)
    words = (
        lazy(
            "Chi-square is %(found)s; above %(limit)s one looks closer. This says nothing about any one hotel.",
            found=square,
            limit=limit,
        )
        if found.unusual
        else lazy(
            "Chi-square is %(found)s, below %(limit)s: nothing unusual. This says nothing about any one hotel.",
            found=square,
            limit=limit,
        )
    )
    return translate(words, locale)


routes = [
    *files.routes,
    page("/{locale}/programme", show, access=ANYONE, name="opendata:programme"),
    page("/{locale}/programme/awards/{reference}", show_award, access=ANYONE, name="opendata:award"),
    page("/{locale}/programme/hotels/{slug}", show_hotel, access=ANYONE, name="opendata:hotel"),
    page("/{locale}/data", show_data, access=ANYONE, name="opendata:data"),
]
