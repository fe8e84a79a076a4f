"""The demo content on its own: shape, references, promises about sizes and spread.

Reads the TOML files only; how they become rows is the loader's business and is tested there.
"""

import csv
import itertools
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "market" / "demo" / "content"

KIND_OF_FILE = {
    "villages": "village",
    "hosts": "host",
    "tours": "tour",
    "homestays": "homestay",
    "classes": "lesson",
    "reviews": "review",
}
COUNTS = {"village": 10, "host": 20, "tour": 12, "homestay": 14, "lesson": 10}
LISTING_KINDS = ("tour", "homestay", "lesson")

REGIONS = {"timor", "belu", "alor", "flores", "manggarai", "sumba", "rote", "sabu", "kupang"}
ISLANDS = {"timor", "alor", "flores", "sumba", "rote", "sabu"}
EMBLEMS = {
    "house",
    "peak",
    "lontar",
    "sasando",
    "moko",
    "ngadhu",
    "hearth",
    "horse",
    "rooster",
    "boat",
    "fish",
    "gecko",
    "dancers",
    "star",
    "kait",
}
LANGUAGES = {"id", "en", "uab", "tet", "abui", "lam", "mgy", "xbr", "mkn", "rote", "sabu"}
THEMES = {
    "weaving",
    "food",
    "coffee",
    "walking",
    "sea",
    "music",
    "dance",
    "heritage",
    "farming",
    "language",
    "crafts",
    "wildlife",
    "family",
}
POLICIES = {
    "tour": {"tour"},
    "homestay": {"flexible", "moderate", "limited", "firm"},
    "lesson": {"class_24h", "class_7d"},
}
PER = {"person", "booking", "night", "person_night"}
MEALS = {"breakfast", "lunch", "dinner"}
HORIZON_DAYS = 90

Record = dict[str, Any]


def twins(*names: str) -> set[str]:
    return {f"{name}_{lang}" for name in names for lang in ("en", "id")}


COMMON = {
    *("slug", "village", "host", "emblem", "region", "instant", "policy", "min_party", "max_party"),
    *("notice_hours", "cutoff_hours", "languages", "themes", "lat", "lon", "address"),
    *twins("title", "summary", "body", "included", "excluded", "manners", "access"),
}
REQUIRED = {
    "village": {"slug", "name", "code", "region", "island", "lat", "lon", *twins("fund_name", "about")},
    "host": {
        *("slug", "name", "village", "phone", "languages", "since", "answers_hours", "member", "email"),
        *twins("about"),
    },
    "tour": {*COMMON, "days", "price", "min_guests", "capacity", "day", "departures", "band"},
    "homestay": {*COMMON, "min_nights", "max_nights", "room", "band"},
    "lesson": {*COMMON, "hours", "price", "capacity", "step", "sessions", "band"},
    "review": {"listing", "author", "stars", "days_ago", "locale", "text", *twins("country")},
}
OPTIONAL = {
    "tour": {"closed", "extra", "payee", "group"},
    "homestay": {"closed", "extra", "payee", "season", "weekday_percent"},
    "lesson": {"closed", "extra", "payee"},
}
PARTS = {
    "closed": {"in_days", "days", *twins("reason")},
    "extra": {"key", "price", "per", *twins("name")},
    "payee": {"kind", "bp", *twins("name")},
    "band": {"key", "min_age", "max_age", "percent", "seat"},
    "group": {"min_size", "price"},
    "day": {"sleeps", "meals", *twins("title", "body")},
    "departures": {"weekdays", "every_weeks", "first_in_days", "count", "time"},
    "sessions": {"weekdays", "every_weeks", "first_in_days", "count", "time"},
    "room": {"key", "count", "sleeps", "price", *twins("name", "about")},
    "season": {"from", "to", "percent", *twins("name")},
    "step": twins("title", "body"),
}


def read(file: str) -> list[Record]:
    document = tomllib.loads((CONTENT / f"{file}.toml").read_text(encoding="utf-8"))
    assert set(document) == {KIND_OF_FILE[file]}
    return document[KIND_OF_FILE[file]]


RECORDS: dict[str, list[Record]] = {kind: read(file) for file, kind in KIND_OF_FILE.items()}
LISTINGS = [(kind, listing) for kind in LISTING_KINDS for listing in RECORDS[kind]]
VILLAGES = {village["slug"]: village for village in RECORDS["village"]}
HOSTS = {host["slug"]: host for host in RECORDS["host"]}
HOMESTAYS = {homestay["slug"]: homestay for homestay in RECORDS["homestay"]}

each_listing = pytest.mark.parametrize(
    ("kind", "listing"), LISTINGS, ids=[listing["slug"] for _, listing in LISTINGS]
)


def parts_of(record: Record) -> Iterator[tuple[str, Record]]:
    for name in PARTS:
        value = record.get(name, [])
        for part in [value] if isinstance(value, dict) else value:
            yield name, part


def check_twins(record: Record, where: str) -> None:
    for key, value in record.items():
        if not key.endswith("_en"):
            continue
        twin = record[f"{key[:-3]}_id"]
        assert type(twin) is type(value), f"{where}: {key}"
        texts = [*value, *twin] if isinstance(value, list) else [value, twin]
        assert all(text.strip() for text in texts), f"{where}: {key} is empty"
        if isinstance(value, list):
            assert len(value) == len(twin), f"{where}: {key} and its twin differ in length"


def last_occurrence(calendar: Record) -> int:
    """The latest day, counted from today, on which the last date of this rule can fall."""
    weeks = -(-calendar["count"] // len(calendar["weekdays"]))
    return calendar["first_in_days"] + 7 * calendar["every_weeks"] * (weeks - 1) + 6


@pytest.mark.parametrize("kind", COUNTS)
def test_the_files_hold_as_many_as_promised(kind: str) -> None:
    assert len(RECORDS[kind]) == COUNTS[kind]


def test_there_are_about_a_hundred_and_twenty_reviews_on_most_listings() -> None:
    assert 110 <= len(RECORDS["review"]) <= 135
    reviewed = {review["listing"] for review in RECORDS["review"]}
    assert len(reviewed) >= 0.8 * len(LISTINGS)


@pytest.mark.parametrize("kind", REQUIRED)
def test_every_record_has_the_keys_of_its_kind_and_no_others(kind: str) -> None:
    for record in RECORDS[kind]:
        where = record.get("slug", record.get("listing", ""))
        assert REQUIRED[kind] <= set(record), where
        assert set(record) <= REQUIRED[kind] | OPTIONAL.get(kind, set()), where
        for name, part in parts_of(record):
            assert set(part) == PARTS[name], f"{where}: {name}"


@pytest.mark.parametrize("kind", REQUIRED)
def test_every_text_is_written_in_both_languages(kind: str) -> None:
    for record in RECORDS[kind]:
        where = record.get("slug", record.get("listing", ""))
        check_twins(record, where)
        for name, part in parts_of(record):
            check_twins(part, f"{where}: {name}")


def test_slugs_are_unique() -> None:
    slugs = [listing["slug"] for _, listing in LISTINGS]
    assert len(set(slugs)) == len(slugs)
    assert len(VILLAGES) == len(RECORDS["village"])
    assert len(HOSTS) == len(RECORDS["host"])


def test_villages_lie_in_the_province_and_name_known_covers() -> None:
    for village in VILLAGES.values():
        assert village["code"].startswith("53.")
        assert village["region"] in REGIONS
        assert village["island"] in ISLANDS
        assert -11.2 < village["lat"] < -8.0
        assert 118.8 < village["lon"] < 125.3
    assert {village["island"] for village in VILLAGES.values()} == ISLANDS


def test_village_codes_are_in_the_administrative_list() -> None:
    tables = list((ROOT / "market" / "places").rglob("*.csv"))
    if not tables:
        pytest.skip("the administrative list is not in this checkout")
    known: set[str] = set()
    for table in tables:
        with table.open(encoding="utf-8", newline="") as lines:
            known.update(row[0] for row in csv.reader(lines) if row)
    assert {village["code"] for village in VILLAGES.values()} <= known


def test_hosts_live_in_a_village_of_the_demo_and_are_reachable_only_in_it() -> None:
    for host in HOSTS.values():
        assert host["village"] in VILLAGES
        assert set(host["languages"]) <= LANGUAGES
        assert host["phone"].startswith("+62 812-0000-0")
        assert host["email"] == f"{host['slug']}@hosts.example"
        assert 1 <= host["answers_hours"] <= 48
    assert len({host["phone"] for host in HOSTS.values()}) == len(HOSTS)
    assert {listing["host"] for _, listing in LISTINGS} == set(HOSTS)


def test_no_two_covers_of_a_region_show_the_same_emblem() -> None:
    shown = Counter((listing["region"], listing["emblem"]) for _, listing in LISTINGS)
    assert [cover for cover, count in shown.items() if count > 1] == []


@each_listing
def test_a_listing_points_at_things_that_exist(kind: str, listing: Record) -> None:
    assert listing["village"] in VILLAGES
    assert HOSTS[listing["host"]]["village"] == listing["village"]
    assert listing["region"] in REGIONS
    assert listing["emblem"] in EMBLEMS
    assert listing["policy"] in POLICIES[kind]
    assert listing["languages"]
    assert set(listing["languages"]) <= LANGUAGES
    assert listing["themes"]
    assert set(listing["themes"]) <= THEMES
    assert 1 <= listing["min_party"] <= listing["max_party"]


@each_listing
def test_a_listing_reads_well_at_its_length(kind: str, listing: Record) -> None:
    for lang in ("en", "id"):
        assert len(listing[f"title_{lang}"]) <= 70
        assert len(listing[f"summary_{lang}"]) <= 160
        assert 2 <= len(listing[f"body_{lang}"].split("\n\n")) <= 3
        assert "<" not in listing[f"body_{lang}"]
    assert listing["summary_en"] != listing["summary_id"]
    assert listing["body_en"] != listing["body_id"]


@each_listing
def test_the_money_of_a_listing_adds_up(kind: str, listing: Record) -> None:
    payees = listing.get("payee", [])
    assert len(payees) <= 3
    assert {payee["kind"] for payee in payees} <= {"guide", "materials"}
    assert all(payee["bp"] > 0 for payee in payees)
    assert sum(payee["bp"] for payee in payees) <= 6000
    extras = listing.get("extra", [])
    assert len(extras) <= 3
    assert len({extra["key"] for extra in extras}) == len(extras)
    assert {extra["per"] for extra in extras} <= PER
    assert all(isinstance(extra["price"], int) and extra["price"] > 0 for extra in extras)


@each_listing
def test_age_bands_neither_overlap_nor_leave_a_gap(kind: str, listing: Record) -> None:
    bands = sorted(listing["band"], key=lambda band: band["min_age"])
    assert {band["key"] for band in bands} <= {"adult", "child", "infant"}
    assert bands[-1]["key"] == "adult"
    assert bands[-1]["max_age"] == 120
    assert bands[-1]["percent"] == 100
    for younger, older in itertools.pairwise(bands):
        assert older["min_age"] == younger["max_age"] + 1
    assert all(band["seat"] or band["key"] == "infant" for band in bands)


@each_listing
def test_closed_days_are_few_and_within_the_horizon(kind: str, listing: Record) -> None:
    closed = listing.get("closed", [])
    assert len(closed) <= 2
    assert all(0 <= span["in_days"] <= HORIZON_DAYS and span["days"] >= 1 for span in closed)


@each_listing
def test_departures_and_sessions_come_several_times_within_ninety_days(kind: str, listing: Record) -> None:
    if kind == "homestay":
        return
    calendar = listing["departures" if kind == "tour" else "sessions"]
    assert set(calendar["weekdays"]) <= set(range(7))
    assert calendar["count"] >= 4
    assert calendar["first_in_days"] * 24 > listing["notice_hours"]
    assert last_occurrence(calendar) <= HORIZON_DAYS
    hours, minutes = calendar["time"].split(":")
    assert 0 <= int(hours) < 24
    assert 0 <= int(minutes) < 60


@pytest.mark.parametrize("tour", RECORDS["tour"], ids=lambda tour: tour["slug"])
def test_a_tour_is_whole(tour: Record) -> None:
    assert len(tour["day"]) == tour["days"]
    assert tour["day"][-1]["sleeps"] == ""
    assert all(set(day["meals"]) <= MEALS for day in tour["day"])
    assert 2_500_000 / 3 * tour["days"] <= tour["price"] <= 4_500_000 / 3 * tour["days"]
    assert tour["min_guests"] <= tour["capacity"]
    assert tour["max_party"] <= tour["capacity"]
    assert all(step["price"] < tour["price"] for step in tour.get("group", []))
    for day in tour["day"]:
        if day["sleeps"]:
            homestay, room_key = day["sleeps"].split("/")
            rooms = {room["key"]: room for room in HOMESTAYS[homestay]["room"]}
            assert tour["capacity"] <= rooms[room_key]["count"] * rooms[room_key]["sleeps"]


def closed_days(listing: Record) -> set[int]:
    spans = listing.get("closed", [])
    return {span["in_days"] + day for span in spans for day in range(span["days"])}


@pytest.mark.parametrize("tour", RECORDS["tour"], ids=lambda tour: tour["slug"])
def test_no_departure_can_reach_a_house_on_its_closed_days(tour: Record) -> None:
    for night, day in enumerate(tour["day"]):
        if day["sleeps"]:
            house = HOMESTAYS[day["sleeps"].split("/")[0]]
            assert {closed - night for closed in closed_days(house)} <= closed_days(tour) | set(
                range(tour["departures"]["first_in_days"])
            )


@pytest.mark.parametrize("homestay", RECORDS["homestay"], ids=lambda homestay: homestay["slug"])
def test_a_homestay_is_whole(homestay: Record) -> None:
    rooms = homestay["room"]
    assert len({room["key"] for room in rooms}) == len(rooms)
    assert all(150_000 <= room["price"] <= 350_000 for room in rooms)
    assert homestay["max_party"] <= sum(room["count"] * room["sleeps"] for room in rooms)
    assert 1 <= homestay["min_nights"] <= homestay["max_nights"]
    for season in homestay.get("season", []):
        for edge in (season["from"], season["to"]):
            month, day = edge.split("-")
            assert 1 <= int(month) <= 12
            assert 1 <= int(day) <= 31
    assert set(homestay.get("weekday_percent", {})) <= set("0123456")


@pytest.mark.parametrize("lesson", RECORDS["lesson"], ids=lambda lesson: lesson["slug"])
def test_a_class_is_whole(lesson: Record) -> None:
    assert 100_000 <= lesson["price"] <= 350_000
    assert 1 <= lesson["hours"] <= 8
    assert lesson["max_party"] <= lesson["capacity"]
    assert lesson["step"]


def test_the_mix_shows_what_the_marketplace_can_do() -> None:
    instant = sum(listing["instant"] for _, listing in LISTINGS)
    assert 0.6 <= instant / len(LISTINGS) <= 0.72
    assert sum(listing["min_party"] == 2 for _, listing in LISTINGS) >= 3
    assert {listing["policy"] for _, listing in LISTINGS} == set().union(*POLICIES.values())
    assert {listing["region"] for _, listing in LISTINGS} == REGIONS
    assert any(len(listing["title_en"]) >= 66 for _, listing in LISTINGS)
    sleeping = [tour for tour in RECORDS["tour"] if any(day["sleeps"] for day in tour["day"])]
    assert len(sleeping) >= 4


@pytest.mark.parametrize("island", ["timor", "flores"])
def test_cooking_weaving_and_language_are_taught_on_both_large_islands(island: str) -> None:
    lessons = [lesson for lesson in RECORDS["lesson"] if VILLAGES[lesson["village"]]["island"] == island]
    assert {"food", "weaving", "language"} <= {theme for lesson in lessons for theme in lesson["themes"]}


def test_some_classes_can_be_joined_to_nights_in_the_same_village() -> None:
    with_beds = {homestay["village"] for homestay in HOMESTAYS.values()}
    assert sum(lesson["village"] in with_beds for lesson in RECORDS["lesson"]) >= 3


def test_reviews_belong_to_listings_and_speak_one_locale() -> None:
    slugs = {listing["slug"] for _, listing in LISTINGS}
    for review in RECORDS["review"]:
        assert review["listing"] in slugs
        assert 3 <= review["stars"] <= 5
        assert review["days_ago"] >= 1
        assert review["locale"] in {"en", "id"}
        assert review["text"].strip()
