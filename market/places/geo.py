"""Places as points: onto the map's drawing, apart in kilometres, and coarse enough to be public.

The outline drawing and this projection belong together: change one and a test of the other fails. Coordinates
are WGS 84 degrees, south negative. Which codes exist is `areas.py`.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from market.places.areas import Area, Island, get

MAP_VIEWBOX: Final = "0 -14 900 442"
# Plate carrée, true to scale in the middle of the province: 900 units for 118.75° to 125.45° east.
_WEST, _NORTH, _TRUE_AT = 118.75, -7.95, 9.475
_X_PER_DEGREE = 900 / 6.7
_Y_PER_DEGREE = _X_PER_DEGREE / math.cos(math.radians(_TRUE_AT))

_EARTH_KM = 6371.0088
_CELLS_PER_DEGREE = 100  # about 1.1 km from north to south and from west to east, this near to the equator


class Point(NamedTuple):
    """Degrees: latitude first."""

    lat: float
    lon: float


class Spot(NamedTuple):
    """Units of the map's viewBox: x to the right, y down."""

    x: float
    y: float


class Seat(NamedTuple):
    """The town a kabupaten is run from, good to about two kilometres."""

    code: str
    town: str
    at: Point


class Near(NamedTuple):
    """An area and how far its seat is."""

    area: Area
    km: float


SEATS: Final = (
    Seat("53.01", "Oelamasi", Point(-10.07, 123.85)),
    Seat("53.02", "Soe", Point(-9.86, 124.28)),
    Seat("53.03", "Kefamenanu", Point(-9.45, 124.48)),
    Seat("53.04", "Atambua", Point(-9.11, 124.89)),
    Seat("53.05", "Kalabahi", Point(-8.22, 124.52)),
    Seat("53.06", "Larantuka", Point(-8.34, 122.98)),
    Seat("53.07", "Maumere", Point(-8.62, 122.21)),
    Seat("53.08", "Ende", Point(-8.85, 121.65)),
    Seat("53.09", "Bajawa", Point(-8.79, 120.98)),
    Seat("53.10", "Ruteng", Point(-8.61, 120.46)),
    Seat("53.11", "Waingapu", Point(-9.66, 120.26)),
    Seat("53.12", "Waikabubak", Point(-9.64, 119.41)),
    Seat("53.13", "Lewoleba", Point(-8.38, 123.41)),
    Seat("53.14", "Ba'a", Point(-10.72, 123.05)),
    Seat("53.15", "Labuan Bajo", Point(-8.49, 119.88)),
    Seat("53.16", "Mbay", Point(-8.55, 121.28)),
    Seat("53.17", "Waibakul", Point(-9.6, 119.56)),
    Seat("53.18", "Tambolaka", Point(-9.42, 119.24)),
    Seat("53.19", "Borong", Point(-8.81, 120.61)),
    Seat("53.20", "Seba", Point(-10.49, 121.85)),
    Seat("53.21", "Betun", Point(-9.57, 124.9)),
    Seat("53.71", "Kupang", Point(-10.17, 123.6)),
)


def project(lat: float, lon: float) -> Spot:
    """Where the point lies on the map drawing, to a tenth of a unit."""
    return Spot(round((lon - _WEST) * _X_PER_DEGREE, 1), round((_NORTH - lat) * _Y_PER_DEGREE, 1))


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres along the sphere between two (lat, lon); within half a per cent of the true distance."""
    lat_1, lon_1, lat_2, lon_2 = map(math.radians, (*one, *other))
    half_chord = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half_chord)))


def blur(lat: float, lon: float) -> Point:
    """The middle of the grid cell of about one kilometre that holds the point: for public maps.

    Every home in a cell gives the same answer, always, so that asking often tells nothing more.
    """
    return Point(_cell_middle(lat), _cell_middle(lon))


def nearest_kabupaten(lat: float, lon: float, limit: int = 3) -> tuple[Near, ...]:
    """Kabupaten by the distance of their seats, nearest first: a suggestion, not a border."""
    ranked = sorted((distance_km((lat, lon), seat.at), seat.code) for seat in SEATS)
    return tuple(Near(get(code), km) for km, code in ranked[:limit])


def nearest_islands(lat: float, lon: float, limit: int = 3) -> tuple[Island, ...]:
    """Islands by their nearest seat, nearest first: what to suggest when a search finds nothing here."""
    islands = (near.area.island for near in nearest_kabupaten(lat, lon, len(SEATS)))
    return tuple(dict.fromkeys(island for island in islands if island is not None))[:limit]


def _cell_middle(degrees: float) -> float:
    return round((math.floor(degrees * _CELLS_PER_DEGREE) + 0.5) / _CELLS_PER_DEGREE, 4)
