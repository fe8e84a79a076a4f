"""What search engines are told about a listing: the shapes of the three kinds, and nothing that ends the block."""

from __future__ import annotations

import json
from typing import Any

from market.discovery.listing import structured
from market.discovery.listing.queries import Shown
from market.listings.offering import Kind
from tests.unit.offerings import offering, slot


def shown(**changes: Any) -> Shown:
    values: dict[str, Any] = {
        **dict.fromkeys(Shown.__slots__, ""),
        "title": "Three days",
        "summary": "With a family.",
        "village_name": "Takpala",
        "host_name": "Bapak Yakob",
        "shown_price_minor": 1_050_000,
        "rating_count": 3,
    }
    return Shown(**{**values, **changes})


def told(kind: Kind, **changes: Any) -> dict[str, Any]:
    about = structured.About(
        url="https://benang.test/id/listings/x",
        picture="https://benang.test/x.jpg",
        place="Takpala, Alor",
        rating_tenths=47,
        spot=(-8.2712, 124.5488),
        steps=["Up the hill", "Down again"],
        sessions=[slot()] * 5,
    )
    block = structured.data_block(shown(**changes), offering(kind), about)
    assert not {"<", ">", "&"} & set(block)
    return json.loads(block)


def test_every_kind_tells_its_price_and_its_stars() -> None:
    for kind, offer in ((Kind.TOUR, "offers"), (Kind.LESSON, "offers"), (Kind.HOMESTAY, "makesOffer")):
        found = told(kind)
        assert (found[offer]["price"], found[offer]["priceCurrency"]) == ("1050000", "IDR")
        assert (found["aggregateRating"]["ratingValue"], found["aggregateRating"]["reviewCount"]) == (
            "4.7",
            3,
        )


def test_without_reviews_there_are_no_stars() -> None:
    assert "aggregateRating" not in told(Kind.TOUR, rating_count=0)


def test_a_tour_tells_its_days() -> None:
    found = told(Kind.TOUR)
    assert "TouristTrip" in found["@type"]
    assert [day["name"] for day in found["itinerary"]["itemListElement"]] == ["Up the hill", "Down again"]


def test_a_homestay_tells_the_neighbourhood_and_not_the_house() -> None:
    found = told(Kind.HOMESTAY)
    assert found["@type"] == "LodgingBusiness"
    assert (found["geo"]["latitude"], found["geo"]["longitude"]) == (-8.27, 124.55)


def test_a_class_tells_its_next_sessions_in_local_time() -> None:
    sessions = told(Kind.LESSON)["hasCourseInstance"]
    assert len(sessions) == 3
    assert sessions[0]["startDate"] == "2026-12-12T09:00:00+08:00"


def test_no_words_end_the_block() -> None:
    assert told(Kind.TOUR, title="</script><!-- & \u2028")["name"] == "</script><!-- & \u2028"
