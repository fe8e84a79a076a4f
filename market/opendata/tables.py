"""The tables behind the CSV files and the programme's page, and the description of every column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from market.opendata import spending
from market.opendata.awards import AwardRow
from market.opendata.parties import Party
from market.opendata.spending import Spent
from market.opendata.suppression import Cell, Published, grid, published

Table = tuple[Sequence[str], list[Sequence[object]]]
UNKNOWN = "other"
WITHHELD = "<5 suppliers"

_PURCHASES = {
    "month": "Tax period, by invoice date in WITA",
    "hotel": "The hotel's code",
    "hotel_name": "The hotel's name",
    "supplier": "The supplier's code in the directory",
    "supplier_name": "Its name; the code again for sole traders who did not agree to be named",
    "supplier_kind": "producer, weaver, bumdes, cooperative, collector or reseller",
    "kecamatan": "Empty where fewer than five unnamed sole traders live there",
    "kabupaten": "Empty where fewer than five unnamed sole traders live there",
    "category": "The programme's category",
    "origin": "Origin class A, B or C",
    "net_idr": "Rupiah without VAT that counted, less credit notes",
}
_AWARDS = {
    "claim": "The claim's reference; its files are below /data/claims/",
    "hotel": "The hotel's name",
    "month": "Tax period",
    "correction": "Whether this claim corrects an earlier one",
    "rule": "Rule version",
    "state": "recommended, effective or superseded",
    "share": "Local share, exact, as a fraction",
    "share_percent": "The same in per cent, cut off after two decimals",
    "award_idr": "The award in rupiah",
    "payable_idr": "What comes off the tax after corrections; empty before the decree",
    "decree": "Number of the mayor's decree; empty while only recommended",
    "decree_on": "Day of the decree",
}
_SPEND = {
    "month": "Tax period",
    "kabupaten": "Kabupaten of the supplier; “other” where it may not be told",
    "category": "The programme's category",
    "suppliers": "How many suppliers; withheld below five",
    "net_idr": "Rupiah without VAT that counted; withheld below five suppliers",
}


@dataclass(frozen=True, slots=True)
class Described:
    """Publisher, address and licence for the description."""

    publisher: str
    base_url: str
    licence: str


async def purchases(period: str) -> Table:
    """A month's local purchases, a row for each hotel, supplier, category and origin."""
    rows = await spending.spent(period)
    known = await spending.suppliers(row.supplier_id for row in rows)
    hotels = await spending.hotels(row.hotel_id for row in rows)
    found: list[Sequence[object]] = []
    for row in rows:
        party, hotel = known[row.supplier_id], hotels[row.hotel_id]
        found.append(
            [
                row.period,
                hotel.code,
                hotel.name,
                party.code,
                party.name,
                party.kind,
                party.kecamatan,
                party.kabupaten,
                row.category,
                row.origin.value,
                row.net,
            ]
        )
    return tuple(_PURCHASES), sorted(found, key=lambda r: [str(value) for value in r])


def awards(rows: Iterable[AwardRow]) -> Table:
    """Every award, the earliest month first."""
    found = [
        [
            row.claim,
            row.hotel,
            str(row.period),
            "yes" if row.is_correction else "no",
            row.rule,
            row.state.value,
            row.share,
            row.exact_share.shown() if row.exact_share else "",
            row.award,
            "" if row.payable is None else row.payable,
            row.decree,
            row.decree_on.isoformat() if row.decree_on else "",
        ]
        for row in rows
    ]
    return tuple(_AWARDS), sorted(found, key=lambda r: (str(r[2]), str(r[0])))


async def spend() -> Table:
    """Local purchases by month, kabupaten and category; small cells are named and not told."""
    rows = await spending.spent()
    known = await spending.suppliers(row.supplier_id for row in rows)
    by_month: defaultdict[str, list[Spent]] = defaultdict(list)
    for row in rows:
        by_month[row.period].append(row)
    found: list[Sequence[object]] = []
    for month, those in sorted(by_month.items()):
        cells = grid(by_place_and_category(those, known))
        found += [
            [month, place, category, cell.count, cell.value]
            for (place, category), cell in sorted(cells.shown.items())
        ]
        found += [[month, place, category, WITHHELD, WITHHELD] for place, category in cells.withheld]
    return tuple(_SPEND), sorted(found, key=lambda r: [str(value) for value in r[:3]])


def by_place_and_category(rows: Iterable[Spent], known: dict[int, Party]) -> dict[tuple[str, str], Cell]:
    """Sums by kabupaten (its code) and category, with the suppliers they come from."""
    return _summed(((_place(known[row.supplier_id]), row.category), row) for row in rows)


def by_place(rows: Iterable[Spent], known: dict[int, Party]) -> Published[str]:
    """Sums by kabupaten, as far as they may be told."""
    return published(_summed((_place(known[row.supplier_id]), row) for row in rows))


def by_category(rows: Iterable[Spent]) -> Published[str]:
    """Sums by category, as far as they may be told."""
    return published(_summed((row.category, row) for row in rows))


def _place(party: Party) -> str:
    parts = party.area_code.split(".")
    return ".".join(parts[:2]) if len(parts) > 1 else UNKNOWN


def _summed(rows: Iterable[tuple[Any, Spent]]) -> dict[Any, Cell]:
    values: defaultdict[Any, int] = defaultdict(int)
    suppliers: defaultdict[Any, set[int]] = defaultdict(set)
    for key, row in rows:
        values[key] += row.net
        suppliers[key].add(row.supplier_id)
    return {key: Cell(values[key], frozenset(suppliers[key])) for key in values}


def described(months: Sequence[str], by: Described) -> dict[str, Any]:
    """A Frictionless data package of every file there is."""
    resources = [
        _resource(by, "awards", "awards.csv", _AWARDS),
        _resource(by, "spend", "spend.csv", _SPEND),
        {"name": "draws", "path": f"{by.base_url}/data/draws.json", "format": "json"},
    ]
    for month in months:
        resources.append(_resource(by, f"purchases-{month}", f"purchases/{month}.csv", _PURCHASES))
        resources.append(
            {"name": f"ocds-{month}", "path": f"{by.base_url}/data/ocds/{month}.json", "format": "json"}
        )
    return {
        "name": "local-sourcing-programme",
        "title": "Local sourcing programme: awards, local purchases and lots",
        "homepage": f"{by.base_url}/en/data",
        "licenses": [{"name": "CC-BY-4.0", "path": by.licence}],
        "contributors": [{"title": by.publisher, "role": "publisher"}],
        "resources": resources,
    }


def _resource(by: Described, name: str, path: str, columns: dict[str, str]) -> dict[str, Any]:
    numbers = {"net_idr", "award_idr", "payable_idr", "suppliers"}
    fields = [
        {"name": column, "type": "integer" if column in numbers else "string", "description": meaning}
        for column, meaning in columns.items()
    ]
    schema = {"fields": fields, "missingValues": ["", WITHHELD]}
    return {
        "name": name,
        "path": f"{by.base_url}/data/{path}",
        "format": "csv",
        "encoding": "utf-8",
        "schema": schema,
    }
