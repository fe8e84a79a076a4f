"""Thousands of listings for measuring: the demo's own, varied in place, price, rating and dates.

Villages are real ones from the administrative list, around their kabupaten's seat; nothing else is true of
them. The same number of listings always varies in the same way.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from market import clock, db
from market.accounts.models import Organisation
from market.demo import reader
from market.listings import bulk, rules
from market.listings.drafts import ListingDraft, ListingText
from market.listings.languages_themes import ISLANDS
from market.listings.offering import Kind
from market.listings.rows import Home
from market.media import ikat
from market.places import areas, geo
from market.places.models import Village

Progress = Callable[[int, int], None]
LISTINGS_PER_VILLAGE = 25
_ROUNDS_PER_BATCH = 25
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_WORDS = {
    "en": {"about": "A village made up for measuring.", "fund_name": "Village fund"},
    "id": {"about": "Kampung contoh untuk pengukuran.", "fund_name": "Kas kampung"},
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A village of the scaled set, with the one family that hosts everything in it."""

    home: Home
    host_id: int


@dataclass(frozen=True, slots=True)
class _Base:
    """A listing of the demo to vary. Its steps name rooms by their place in `sleeps_in`, counted from 1."""

    entry: reader.Entry
    draft: ListingDraft
    starts: tuple[date, ...]
    island: str


async def scale(count: int, progress: Progress) -> None:
    """Add `count` published listings with their rooms and dates in the coming 90 days, words indexed.

    Calls `progress(done, count)` after each batch. Needs nothing but a migrated database.
    """
    dice = random.Random(5371)  # the same variation every time, so that two measurements compare
    bases, places = _bases(), await _places(count)
    row = await db.fetch_one("SELECT COALESCE(MAX(id), 0) AS last FROM listing")
    serial, done = (row["last"] if row else 0) + 1, 0
    while done < count:
        wanted = min(count - done, _ROUNDS_PER_BATCH * len(bases))
        numbers = range(serial + done, serial + done + wanted)
        rooms: dict[tuple[int, str], int] = {}
        # Homestays first: the tours of the same round sleep in them.
        for homestays in (True, False):
            turns = [
                (n // len(bases), bases[n % len(bases)], number)
                for n, number in enumerate(numbers)
                if (bases[n % len(bases)].entry.kind is Kind.HOMESTAY) is homestays
            ]
            items = [
                _vary(base, places[base.island], turn, number, rooms, dice) for turn, base, number in turns
            ]
            for (turn, base, _), ids in zip(turns, await bulk.load(items), strict=True):
                rooms |= {(turn, f"{base.entry.slug}/{key}"): room_id for key, room_id in ids.items()}
        done += wanted
        progress(done, count)
    if db.is_postgres():  # autovacuum would get there; a measurement should not depend on when
        await db.execute("ANALYZE")


def _bases() -> list[_Base]:
    content, today = reader.read(), clock.today()
    islands = {village["slug"]: village["island"] for village in content.villages}
    bases: list[_Base] = []
    for entry in content.listings:
        numbered = {name: n for n, name in enumerate(dict.fromkeys(entry.sleeps_in), 1)}
        draft = reader.draft(entry, host_id=0, village_id=0, room_ids=numbered, today=today)
        draft = replace(draft, texts={locale: _shorter(text) for locale, text in draft.texts.items()})
        starts = tuple(reader.starts(entry, today))
        bases.append(_Base(entry, replace(draft, closures=()), starts, islands[entry.village]))
    return bases


def _shorter(text: ListingText) -> ListingText:
    """The first paragraph alone: the words of fifty thousand full texts would measure the disk."""
    return replace(text, body=text.body.split("\n\n", 1)[0])


def _vary(
    base: _Base,
    places: list[_Place],
    turn: int,
    number: int,
    rooms: dict[tuple[int, str], int],
    dice: random.Random,
) -> bulk.BulkListing:
    place = places[number % len(places)]
    percent = dice.randint(80, 130)
    names = tuple(dict.fromkeys(base.entry.sleeps_in))
    steps = tuple(
        replace(step, room_type_id=rooms.get((turn, names[step.room_type_id - 1])))
        if step.room_type_id
        else step
        for step in base.draft.steps
    )
    draft = replace(
        base.draft,
        slug=f"{base.entry.slug}-{number}",
        host_id=place.host_id,
        village_id=place.home.village_id,
        region=place.home.region,
        lat=round(place.home.lat + dice.uniform(-0.02, 0.02), 4),
        lon=round(place.home.lon + dice.uniform(-0.02, 0.02), 4),
        instant=dice.random() < 0.67,
        price_minor=_price(base.draft.price_minor, percent),
        group_prices=(),
        texts={locale: _titled(text, place.home.village) for locale, text in base.draft.texts.items()},
        rooms=tuple(replace(r, price_minor=_price(r.price_minor, percent)) for r in base.draft.rooms),
        steps=steps,
    )
    count = dice.choice((0, 0, 1, 2, 3, 5, 8, 13, 21))
    return bulk.BulkListing(
        draft=draft,
        home=place.home,
        starts=tuple(_shifted(base.starts, dice.randint(0, 6))),
        closed_nights=tuple(_closed_nights(base.entry.kind, dice)),
        rating_sum=sum(dice.choice((3, 4, 4, 5, 5, 5)) for _ in range(count)),
        rating_count=count,
    )


def _price(price_minor: int, percent: int) -> int:
    return price_minor * percent // 100 // 5000 * 5000


def _titled(text: ListingText, village: str) -> ListingText:
    """The demo's title with the village behind it, cut at a word so that both fit."""
    ending = f" · {village}"
    title, room = text.title, rules.MAX_TITLE - len(ending)
    if len(title) > room:
        title = title[:room].rsplit(" ", 1)[0].rstrip(",:;")
    return replace(text, title=title + ending)


def _shifted(starts: tuple[date, ...], days: int) -> Iterator[date]:
    horizon = clock.today() + timedelta(days=reader.HORIZON_DAYS)
    return (day + timedelta(days=days) for day in starts if day + timedelta(days=days) <= horizon)


def _closed_nights(kind: Kind, dice: random.Random) -> Iterator[date]:
    """Every fifth homestay is closed for some nights, so that a search by date leaves something out."""
    if kind is Kind.HOMESTAY and dice.random() < 0.2:
        first = clock.today() + timedelta(days=dice.randint(1, 80))
        for n in range(dice.randint(2, 6)):
            yield first + timedelta(days=n)


# Villages and their hosts --------------------------------------------------------------------------------
async def _places(count: int) -> dict[str, list[_Place]]:
    """Villages on every island, made where they are missing, each with its host."""
    per_island = max(1, count // LISTINGS_PER_VILLAGE // len(ISLANDS))
    found: dict[str, list[_Place]] = {}
    for island in ISLANDS:
        chosen = _spread([area for area in _villages() if area.island == island], per_island)
        found[island] = await _settle(chosen, island)
    return found


def _villages() -> list[areas.Area]:
    return [area for area in areas.every().values() if area.level is areas.Level.DESA]


def _spread(found: list[areas.Area], count: int) -> list[areas.Area]:
    """At most `count` of them, evenly over the list and so over the kabupaten."""
    step = max(1, len(found) // count)
    return found[::step][:count]


async def _settle(chosen: list[areas.Area], island: str) -> list[_Place]:
    now = clock.now()
    drafts = [_village(area, island) for area in chosen]
    slugs = [village.slug for village in drafts]
    async with db.transaction():
        await Village.bulk_create(drafts, ignore_conflicts=True)
        villages = {village.slug: village for village in await Village.filter(slug__in=slugs)}
        await Organisation.bulk_create(
            [
                Organisation(
                    kind="host",
                    slug=f"keluarga-{slug}",
                    name=f"Keluarga {villages[slug].name}",
                    village_id=villages[slug].id,
                    texts={locale: {"about": words["about"]} for locale, words in _WORDS.items()},
                    created_at=now,
                )
                for slug in slugs
            ],
            ignore_conflicts=True,
        )
        hosts = {
            h.slug: h for h in await Organisation.filter(slug__in=[f"keluarga-{slug}" for slug in slugs])
        }
    return [_place(villages[slug], hosts[f"keluarga-{slug}"]) for slug in slugs]


def _village(area: areas.Area, island: str) -> Village:
    seat = next(seat for seat in geo.SEATS if seat.code == area.code[:5])
    around = random.Random(area.code)  # a village never moves
    name = _NOT_SLUG.sub("-", area.name.lower()).strip("-")
    return Village(
        slug=f"{name}-{area.code.replace('.', '')}",
        name=area.name,
        code=area.code,
        island=island,
        region=ikat.place_of(area.code),
        lat=round(seat.at.lat + around.uniform(-0.12, 0.12), 4),
        lon=round(seat.at.lon + around.uniform(-0.12, 0.12), 4),
        texts=_WORDS,
    )


def _place(village: Village, host: Organisation) -> _Place:
    home = Home(
        village_id=village.id,
        village=village.name,
        code=village.code,
        island=village.island,
        region=village.region,
        lat=village.lat,
        lon=village.lon,
        fund_bp=village.fund_bp,
        host=host.name,
    )
    return _Place(home, host.id)
