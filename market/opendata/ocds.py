"""OCDS 1.1 release packages from plain rows. Pure: the same rows give the same bytes, always.

One release says what one hotel bought from one supplier in one month, with an award for each category. The
programme's purchases are made by hotels, not by an authority; `docs/howto/read-the-open-data.md` says how they are
mapped. Who may be named was decided before, in `parties`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from market.claims.periods import Period
from market.opendata.parties import Party
from market.opendata.spending import HotelParty, Spent
from market.places import areas

VERSION: Final = "1.1"
CATEGORY_SCHEME: Final = "x_benang_category"
ORIGIN_SCHEME: Final = "x_benang_origin"
COUNTRY: Final = "Indonesia"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, where, and under which prefix and licence."""

    name: str
    base_url: str
    ocid_prefix: str
    licence: str


def package(
    publisher: Publisher,
    period: Period,
    rows: Sequence[Spent],
    suppliers: Mapping[int, Party],
    hotels: Mapping[int, HotelParty],
    effective_at: Mapping[str, datetime],
) -> dict[str, Any]:
    """The release package of a month. `effective_at` says when each claim's award took effect.

    It is published when the last of them did, so that nothing in it depends on when somebody asks.
    """
    by_pair: defaultdict[tuple[str, int], list[Spent]] = defaultdict(list)
    for row in rows:
        by_pair[row.claim, row.supplier_id].append(row)
    releases = [
        _release(
            publisher, period, hotels[those[0].hotel_id], suppliers[number], those, claim, effective_at[claim]
        )
        for (claim, number), those in by_pair.items()
    ]
    releases.sort(key=lambda release: str(release["ocid"]))
    return {
        "uri": f"{publisher.base_url}/data/ocds/{period}.json",
        "version": VERSION,
        "publishedDate": _instant(max(effective_at.values())),
        "publisher": {"name": publisher.name, "uri": publisher.base_url},
        "license": publisher.licence,
        "publicationPolicy": f"{publisher.base_url}/en/data",
        "releases": releases,
    }


def _release(
    publisher: Publisher,
    period: Period,
    hotel: HotelParty,
    supplier: Party,
    rows: Sequence[Spent],
    claim: str,
    at: datetime,
) -> dict[str, Any]:
    ocid = f"{publisher.ocid_prefix}-{hotel.code}-{period}-{supplier.code}"
    by_category: defaultdict[str, list[Spent]] = defaultdict(list)
    for row in rows:
        by_category[row.category].append(row)
    return {
        "ocid": ocid,
        "id": f"{claim}-{supplier.code}",
        "date": _instant(at),
        "tag": ["award"],
        "initiationType": "tender",
        "language": "id",
        "parties": [_hotel(hotel), _supplier(supplier)],
        "buyer": {"id": f"HOTEL-{hotel.code}", "name": hotel.name},
        "awards": [
            _award(ocid, category, those, supplier, period) for category, those in sorted(by_category.items())
        ],
    }


def _hotel(hotel: HotelParty) -> dict[str, Any]:
    return {
        "id": f"HOTEL-{hotel.code}",
        "name": hotel.name,
        "roles": ["buyer"],
        "address": _address(hotel.area_code),
    }


def _supplier(supplier: Party) -> dict[str, Any]:
    return {
        "id": f"SUPPLIER-{supplier.code}",
        "name": supplier.name,
        "roles": ["supplier"],
        "address": _address(supplier.area_code),
    }


def _address(area_code: str) -> dict[str, str]:
    names = list(areas.path(area_code)) if areas.exists(area_code) else []
    # From the kecamatan up: villages of named suppliers are no business of a table of figures.
    parts = names[-3:] if len(names) >= 3 else names
    found = {"countryName": COUNTRY}
    if parts:
        found["region"] = parts[-1]
    if len(parts) > 1:
        found["locality"] = ", ".join(parts[:-1])
    return found


def _award(
    ocid: str, category: str, rows: Sequence[Spent], supplier: Party, period: Period
) -> dict[str, Any]:
    start, end = period.bounds()
    return {
        "id": f"{ocid}-{category}",
        "title": f"{category} {period}",
        "status": "active",
        "value": {"amount": sum(row.net for row in rows), "currency": "IDR"},
        "suppliers": [{"id": f"SUPPLIER-{supplier.code}", "name": supplier.name}],
        "items": [
            {
                "id": row.origin.value,
                "description": f"{category}, origin class {row.origin.value}",
                "classification": {"scheme": CATEGORY_SCHEME, "id": category},
                "additionalClassifications": [{"scheme": ORIGIN_SCHEME, "id": row.origin.value}],
                "quantity": 1,
                "unit": {"name": "sum of purchases", "value": {"amount": row.net, "currency": "IDR"}},
            }
            for row in sorted(rows, key=lambda row: row.origin.value)
        ],
        "contractPeriod": {"startDate": _instant(start), "endDate": _instant(end)},
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(value: Any) -> bytes:
    """JSON in one fixed form: keys in the order given, two spaces, a line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
