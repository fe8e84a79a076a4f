"""The parts of the share page as words and geometry. Each is one function from figures to rows; none of them adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from market.claims.assessment import Assessment
from market.claims.dashboard import Lack, Month, PlaceTotal, SellerTotal, ToDo
from market.claims.hotel_pages import words
from market.claims.lines import LeftOut, Reason
from market.claims.rule_versions import RuleVersion
from market.i18n import formats
from market.i18n.messages import translate
from market.places import areas
from market.suppliers.rows import SupplierRow
from market.values.share import Share
from market.values.text import Text, lazy, lazy_n
from market.web import urls


@dataclass(frozen=True, slots=True)
class TierView:
    """One tier against the share; `percent` and `mark` are lengths of a bar of 100."""

    name: str
    rate: str
    percent: str
    mark: str
    reached: bool
    lacks: str
    label: str


@dataclass(frozen=True, slots=True)
class CategoryView:
    name: str
    bought: str
    local: str
    share: str
    percent: str
    mark: str
    missed: str
    label: str


@dataclass(frozen=True, slots=True)
class SellerView:
    name: str
    href: str
    place: str
    bought: str
    counted: str
    capped: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    name: str
    sellers: str
    bought: str
    counted: str


@dataclass(frozen=True, slots=True)
class LeftOutView:
    name: str
    meaning: str
    lines: str
    href: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """Shape of an item of `ui/check_list.html`, with where it is done."""

    state: str
    title: str
    text: str
    tag: None
    href: str


@dataclass(frozen=True, slots=True)
class MonthView:
    name: str
    short: str
    share: str
    bought: str


def rupiah(value: Fraction | int, locale: str) -> str:
    """Rupiah with parts of one cut off, as awards are."""
    return formats.money(math.floor(value), locale)


def width(share: Share | None) -> str:
    """A share as a length from 0 to 100, cut to two decimals."""
    if share is None:
        return "0"
    bp = max(0, min(10_000, share.basis_points))
    return f"{bp // 100}.{bp % 100:02d}"


def tiers(rule: RuleVersion, found: Assessment, locale: str) -> list[TierView]:
    """Every tier, from the lowest up."""
    views: list[TierView] = []
    for tier in rule.tiers:
        reached = found.share is not None and found.share.reaches(tier.min_share_bp)
        mark = formats.basis_points(tier.min_share_bp, locale)
        lacking = math.ceil(Fraction(tier.min_share_bp, 10_000) * found.denominator) - found.local
        text = lazy("%(amount)s short", amount=formats.money(math.ceil(lacking), locale))
        share = formats.share(found.share, locale) if found.share else formats.basis_points(0, locale)
        views.append(
            TierView(
                name=_say(lazy("From %(share)s", share=mark), locale),
                rate=_say(
                    lazy("%(rate)s of the tax", rate=formats.basis_points(tier.rate_bp, locale)), locale
                ),
                percent=width(found.share),
                mark=f"{tier.min_share_bp / 100:.2f}",
                reached=reached,
                lacks="" if reached else _say(text, locale),
                label=_say(lazy("%(share)s, threshold %(mark)s", share=share, mark=mark), locale),
            )
        )
    return views


def categories(rule: RuleVersion, found: Assessment, locale: str) -> list[CategoryView]:
    """Categories in which something was bought; the largest first."""
    minimums = {minimum.category: minimum.min_share_bp for minimum in rule.category_minimums}
    views: list[CategoryView] = []
    for total in sorted(found.categories, key=lambda t: (-t.denominator, t.category)):
        share = Share.of(total.local, total.denominator) if total.denominator > 0 else None
        minimum = minimums.get(total.category)
        name = words.category(total.category, locale)
        shown = formats.share(share, locale) if share else "–"
        missed = total.category in found.missed_minimums
        mark = formats.basis_points(minimum, locale) if minimum is not None else ""
        views.append(
            CategoryView(
                name=name,
                bought=formats.money(total.denominator, locale),
                local=rupiah(total.local, locale),
                share=shown,
                percent=width(share),
                mark=f"{minimum / 100:.2f}" if minimum is not None else "",
                missed=_say(lazy("Below the minimum of %(minimum)s", minimum=mark), locale) if missed else "",
                label=f"{name}: {shown}",
            )
        )
    return views


def sellers(
    totals: Sequence[SellerTotal], names: dict[str, str], suppliers: dict[int, SupplierRow], locale: str
) -> list[SellerView]:
    """Suppliers and other sellers as a hotel knows them; a directory page is linked while it is public."""
    views: list[SellerView] = []
    for total in totals:
        row = suppliers.get(total.supplier_id) if total.supplier_id is not None else None
        capped = lazy("%(local)s before the limit for one supplier", local=rupiah(total.local, locale))
        views.append(
            SellerView(
                name=row.name if row else names.get(total.key) or _say(lazy("Unnamed seller"), locale),
                href=urls.path("suppliers:show", locale=locale, slug=row.address) if row else "",
                place=", ".join(areas.path(row.area_code)[-3:-1]) if row else "",
                bought=formats.money(total.bought, locale),
                counted=rupiah(total.counted, locale),
                capped=_say(capped, locale) if total.capped else "",
            )
        )
    return views


def places(totals: Sequence[PlaceTotal], locale: str) -> list[PlaceView]:
    """Kecamatan with their kabupaten."""
    views: list[PlaceView] = []
    for total in totals:
        known = areas.exists(total.area_code) and total.area_code.count(".") > 0
        name = ", ".join(areas.path(total.area_code)[:-1]) if known else _say(lazy("Place not known"), locale)
        count = lazy_n("%(count)s seller", "%(count)s sellers", total.sellers)
        bought, counted = formats.money(total.bought, locale), rupiah(total.counted, locale)
        views.append(PlaceView(name, _say(count, locale), bought, counted))
    return views


# How the list of purchases is asked for the lines behind a figure.
_REASON_FILTERS: Final[dict[Reason, str]] = {
    Reason.NOT_EVIDENCED: "&state=no_evidence",
    Reason.NOT_CONFIRMED: "&state=asked",
}
_LACK_FILTERS: Final[dict[Lack, str]] = {
    Lack.EVIDENCE: "&state=no_evidence&origin=local",
    Lack.CONFIRMATION: "&state=asked&origin=local",
    Lack.ORIGIN: "&origin=outside",
    Lack.SUPPLIER: "&origin=outside",
}


def left_out(rows: Sequence[LeftOut], lines_href: str, locale: str) -> list[LeftOutView]:
    """What does not count, by reason, with the list behind it."""
    return [
        LeftOutView(
            name=_say(words.REASONS[row.reason], locale),
            meaning=_say(words.REASON_MEANING[row.reason], locale),
            lines=_say(
                lazy_n(
                    "%(lines)s line, %(value)s",
                    "%(lines)s lines, %(value)s",
                    row.line_count,
                    lines=formats.number(row.line_count, locale),
                    value=formats.money(row.net, locale),
                ),
                locale,
            ),
            href=lines_href + _REASON_FILTERS.get(row.reason, ""),
        )
        for row in rows
    ]


_HOW: dict[Lack, Text] = {
    Lack.EVIDENCE: lazy_n(
        "%(lines)s line would add %(value)s to your local purchases.",
        "%(lines)s lines would add %(value)s to your local purchases.",
        1,
    ),
    Lack.CONFIRMATION: lazy_n(
        "%(lines)s line would add %(value)s to your local purchases.",
        "%(lines)s lines would add %(value)s to your local purchases.",
        1,
    ),
    Lack.ORIGIN: lazy_n(
        "%(lines)s line, %(net)s, from suppliers of the directory counts for nothing yet.",
        "%(lines)s lines, %(net)s, from suppliers of the directory count for nothing yet.",
        1,
    ),
    Lack.SUPPLIER: lazy_n(
        "%(lines)s line, %(net)s, is from a seller that is not linked to the directory.",
        "%(lines)s lines, %(net)s, are from sellers that are not linked to the directory.",
        1,
    ),
}


def tasks(items: Sequence[ToDo], lines_href: str, locale: str) -> list[TaskView]:
    """What can still be done, each with the lines it is about."""
    views: list[TaskView] = []
    for item in items:
        how = _HOW[item.lack]
        counted = Text(
            how.msgid,
            {
                "lines": formats.number(item.line_count, locale),
                "value": rupiah(item.would_count, locale),
                "net": formats.money(item.net, locale),
            },
            how.plural,
            item.line_count,
        )
        views.append(
            TaskView(
                state="warn",
                title=_say(words.LACKS[item.lack], locale),
                text=_say(counted, locale),
                tag=None,
                href=lines_href + _LACK_FILTERS[item.lack],
            )
        )
    return views


def months(trend: Sequence[Month], locale: str) -> list[MonthView]:
    """The months of the trend, oldest first."""
    return [
        MonthView(
            name=formats.month(one.period.first_day, locale),
            short=formats.month_short(one.period.first_day, locale),
            share=formats.share(one.share, locale) if one.share else "–",
            bought=formats.money(one.denominator, locale),
        )
        for one in trend
    ]


def _say(text: Text, locale: str) -> str:
    return translate(text, locale)
