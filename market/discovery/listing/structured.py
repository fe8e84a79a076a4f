"""A listing as search engines read it: one small object in the words of schema.org.

Pure: what the page shows comes in, JSON for a data block goes out. It says nothing that the page does not say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from market.discovery.listing.queries import Shown
from market.listings.offering import Kind, Offering, SlotRow
from market.values.dates import WITA

_SESSIONS: Final = 3
_REGION: Final = {"addressRegion": "Nusa Tenggara Timur", "addressCountry": "ID"}
# What ends a data block, or begins another tag, is written as JSON's own escapes.
_UNSAFE: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class About:
    """What the page knows besides the listing itself. `spot` is the place as the map shows it, not the house."""

    url: str
    picture: str
    place: str
    rating_tenths: int
    spot: tuple[float, float]
    steps: Sequence[str]
    sessions: Sequence[SlotRow]


def data_block(shown: Shown, offering: Offering, about: About) -> Markup:
    """The JSON of a `<script type="application/ld+json">`, safe to stand in a page."""
    whole = {"@context": "https://schema.org", **_thing(shown, offering, about)}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE))  # noqa: S704 - what could end the block is escaped just above


def _thing(shown: Shown, offering: Offering, about: About) -> dict[str, Any]:
    common: dict[str, Any] = {
        "name": shown.title,
        "description": shown.summary,
        "url": about.url,
        "image": about.picture,
    }
    if shown.rating_count:
        whole, tenth = divmod(about.rating_tenths, 10)
        common["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{whole}.{tenth}",
            "reviewCount": shown.rating_count,
        }
    match offering.kind:
        case Kind.TOUR:
            return {"@type": ["TouristTrip", "Product"], **common, **_trip(shown, about)}
        case Kind.HOMESTAY:
            return {"@type": "LodgingBusiness", **common, **_lodging(shown, offering, about)}
        case Kind.LESSON:
            return {"@type": "Course", **common, **_course(shown, about)}


def _trip(shown: Shown, about: About) -> dict[str, Any]:
    days = [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(about.steps, 1)]
    trip: dict[str, Any] = {"provider": _host(shown), "offers": _offer(shown, about)}
    return trip | ({"itinerary": {"@type": "ItemList", "itemListElement": days}} if days else {})


def _lodging(shown: Shown, offering: Offering, about: About) -> dict[str, Any]:
    lat, lon = about.spot
    return {
        "address": _address(about),
        "geo": {"@type": "GeoCoordinates", "latitude": round(lat, 2), "longitude": round(lon, 2)},
        "priceRange": f"IDR {shown.shown_price_minor}",
        "numberOfRooms": sum(room.count for room in offering.rooms),
        "makesOffer": _offer(shown, about),
    }


def _course(shown: Shown, about: About) -> dict[str, Any]:
    where = {"@type": "Place", "name": shown.village_name, "address": _address(about)}
    instances = [
        {
            "@type": "CourseInstance",
            "courseMode": "onsite",
            "startDate": slot.starts_at.astimezone(WITA).isoformat(),
            "endDate": slot.ends_at.astimezone(WITA).isoformat(),
            "location": where,
        }
        for slot in about.sessions[:_SESSIONS]
    ]
    course: dict[str, Any] = {"provider": _host(shown), "offers": _offer(shown, about, category="Paid")}
    return course | ({"hasCourseInstance": instances} if instances else {})


def _host(shown: Shown) -> dict[str, str]:
    return {"@type": "Organization", "name": shown.host_name}


def _offer(shown: Shown, about: About, **more: str) -> dict[str, str]:
    price = {"price": str(shown.shown_price_minor), "priceCurrency": "IDR"}
    return {"@type": "Offer", **price, "url": about.url, **more}


def _address(about: About) -> dict[str, str]:
    return {"@type": "PostalAddress", "addressLocality": about.place, **_REGION}
