"""Whatever is in the query string, search answers; what it left out it says."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from market import clock
from market.discovery.directory import get_directory
from market.discovery.search.asked import Asked, read
from market.web import page_cache
from tests import factories as make


async def ask(**query: str) -> tuple[Asked, list[str]]:
    page_cache.forget()
    params = QueryParams({name.rstrip("_"): value for name, value in query.items()})
    return read(params, await get_directory(), clock.today(), "en")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "query",
    [
        {"from_": "yesterday"},
        {"from_": "2026-13-45"},
        {"from_": "0"},
        {"from_": "9999-12-31"},
        {"to": "-1"},
        {"adults": "-3"},
        {"adults": "9" * 50},
        {"children": "many"},
        {"max": "0"},
        {"max": "1e9"},
        {"kind": "boat"},
        {"sort": "id; DROP TABLE listing"},
        {"page": "0"},
        {"page": "99999999999999999999"},
        {"language": "xx"},
        {"theme": "nothing"},
        {"place": "atlantis-under-the-sea"},
        {"q": "a\x00b"},
        {"q": "x" * 30_000},
        {"place": "\ud800"},
    ],
)
async def test_a_bad_value_is_left_out_with_a_note(query: dict[str, str]) -> None:
    asked, notes = await ask(**query)
    assert asked == Asked()
    assert len(notes) == 1
    assert notes[0]


@pytest.mark.usefixtures("db")
async def test_good_values_beside_bad_ones_are_kept() -> None:
    asked, notes = await ask(kind="tour", adults="x", theme="food", max="none", sort="price")
    assert (asked.kind, asked.theme, asked.sort, asked.adults) == ("tour", "food", "price", None)
    assert len(notes) == 2


@pytest.mark.usefixtures("db")
async def test_dates_are_completed() -> None:
    day = make.in_days(10)
    asked, notes = await ask(from_=day.isoformat())
    assert asked.dates is not None
    assert (asked.dates.start, asked.dates.nights, len(notes)) == (day, 3, 1)
    asked, notes = await ask(from_=day.isoformat(), to=day.isoformat())
    assert asked.dates is not None
    assert (asked.dates.nights, len(notes)) == (1, 1)
    asked, notes = await ask(from_=make.in_days(-1).isoformat(), to=day.isoformat())
    assert (asked.dates, len(notes)) == (None, 1)


@pytest.mark.usefixtures("db")
async def test_the_address_says_the_same_search() -> None:
    asked, _ = await ask(q="tenun", place="ngada", adults="4", kind="lesson", page="2")
    again, notes = await ask(**asked.values())
    assert (again, notes) == (asked, [])
    assert asked.values()["page"] == "2"
    assert "place" not in Asked().values()


@pytest.mark.usefixtures("db")
async def test_places_by_name_and_old_spelling() -> None:
    await make.make_listing()
    for typed, name in (
        ("Kupang", "Kupang"),
        ("sabu", "Sabu"),
        ("ende", "Ende"),
        ("Bajawa", "Ngada"),
        ("Roti", "Rote Ndao"),
    ):
        asked, notes = await ask(place=typed)
        assert asked.place is not None, typed
        assert (asked.place.name, notes) == (name, [])
