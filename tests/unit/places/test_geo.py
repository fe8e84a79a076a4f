"""Points: on the drawing, apart, and not too exact in public."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.places import geo
from market.places.areas import Island, island_of, kabupaten
from market.places.geo import Point, blur, distance_km, project

LAT, LON = st.floats(-11.1, -7.9), st.floats(118.8, 125.4)

# The islands' outlines on the drawing: left, top, right, bottom. Lembata is its own shape there.
DRAWN = {
    Island.FLORES: (84, 16, 618, 136),
    Island.LEMBATA: (601, 31, 697, 88),
    Island.ALOR: (693, 24, 858, 83),
    Island.TIMOR: (613, 138, 861, 330),
    Island.SUMBA: (25, 182, 281, 322),
    Island.ROTE: (545, 338, 628, 405),
    Island.SABU: (373, 336, 438, 367),
}


def test_the_pin_of_kupang_is_where_the_drawing_has_it() -> None:
    assert project(-10.17, 123.6) == (651.5, 302.3)


@pytest.mark.parametrize(
    ("island", "lat", "lon"),
    [
        (Island.TIMOR, -10.17, 123.6),
        (Island.FLORES, -8.49, 119.88),
        (Island.ALOR, -8.22, 124.52),
        (Island.SUMBA, -9.66, 120.26),
        (Island.ROTE, -10.72, 123.05),
        (Island.SABU, -10.49, 121.85),
        (Island.LEMBATA, -8.38, 123.41),
    ],
)
def test_known_towns_fall_on_their_island(island: Island, lat: float, lon: float) -> None:
    x, y = project(lat, lon)
    left, top, right, bottom = DRAWN[island]
    assert left <= x <= right
    assert top <= y <= bottom


@pytest.mark.parametrize(
    ("lat", "lon", "x", "y"),
    [
        (-8.42, 127.31, 1150.5, 63.5),  # eastern tip of Timor
        (-10.93, 122.88, 555, 405),  # southern cape of Rote
        (-8.065, 122.86, 552.5, 16),  # northern cape of Flores
        (-9.57, 118.935, 25, 218.5),  # western cape of Sumba
    ],
)
def test_capes_lie_within_two_kilometres_of_the_drawing(lat: float, lon: float, x: float, y: float) -> None:
    spot = project(lat, lon)
    assert math.dist(spot, (x, y)) < 2.5


@pytest.mark.parametrize("seat", geo.SEATS, ids=lambda seat: seat.town)
def test_every_seat_falls_on_its_island_and_inside_the_map(seat: geo.Seat) -> None:
    x, y = project(*seat.at)
    island = island_of(seat.code)
    assert island is not None
    left, top, right, bottom = DRAWN[island]
    assert left <= x <= right
    assert top <= y <= bottom


def test_every_kabupaten_has_a_seat() -> None:
    assert [seat.code for seat in geo.SEATS] == [area.code for area in kabupaten()]


def test_distances_are_true() -> None:
    kupang, waingapu = (-10.17, 123.6), (-9.66, 120.26)
    assert distance_km(kupang, waingapu) == pytest.approx(370, abs=3)
    assert distance_km((0, 0), (0, 1)) == pytest.approx(111.195, abs=0.01)
    assert distance_km((0, 0), (0, 180)) == pytest.approx(math.pi * 6371.0088)


@given(one=st.tuples(LAT, LON), other=st.tuples(LAT, LON), third=st.tuples(LAT, LON))
def test_distance_is_a_distance(
    one: tuple[float, float], other: tuple[float, float], third: tuple[float, float]
) -> None:
    there = distance_km(one, other)
    assert there >= 0
    assert there == pytest.approx(distance_km(other, one))
    assert distance_km(one, one) == 0
    assert there <= distance_km(one, third) + distance_km(third, other) + 1e-6


@given(lat=LAT, lon=LON)
def test_a_blurred_home_is_near_but_not_itself_findable(lat: float, lon: float) -> None:
    shown = blur(lat, lon)
    assert distance_km((lat, lon), shown) < 0.8
    assert blur(*shown) == shown
    assert all(round(part * 100 - 0.5, 6).is_integer() for part in shown)


@given(lat=LAT, lon=LON, north=st.floats(0, 0.99), east=st.floats(0, 0.99))
def test_neighbours_in_a_cell_are_shown_at_one_point(
    lat: float, lon: float, north: float, east: float
) -> None:
    corner = Point(math.floor(lat * 100) / 100, math.floor(lon * 100) / 100)
    homes = {
        blur(corner.lat + 0.01 * (part + 0.005), corner.lon + 0.01 * (part + 0.005)) for part in (north, east)
    }
    assert len(homes) == 1


def test_nearest_suggestions() -> None:
    near = geo.nearest_kabupaten(-10.16, 123.6)
    assert [found.area.name for found in near][:2] == ["Kota Kupang", "Kabupaten Kupang"]
    assert near[0].km < 2
    assert geo.nearest_islands(-10.6, 123.2) == (Island.ROTE, Island.TIMOR, Island.SABU)
    assert set(geo.nearest_islands(-9, 122, 10)) == set(Island)
