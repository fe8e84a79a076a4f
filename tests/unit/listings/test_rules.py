"""What makes a listing sound and ready, and when its dates start."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.listings import rules
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    ListingText,
    PayeeDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.offering import Band, GroupPrice, Per
from market.values.dates import local_day

from .drafts import BANDS, TEXTS, both, homestay, lesson, room, tour

FUND = 500


def codes(draft: ListingDraft, fund_bp: int = FUND) -> set[str]:
    return {problem.code for problem in rules.draft_problems(draft, fund_bp)}


def gaps(draft: ListingDraft, starts_ahead: int = 1) -> set[str]:
    return {problem.code for problem in rules.publish_problems(draft, FUND, starts_ahead)}


@pytest.mark.parametrize("draft", [lesson(), tour(), homestay()], ids=["lesson", "tour", "homestay"])
def test_a_whole_draft_is_sound_and_ready(draft: ListingDraft) -> None:
    assert codes(draft) == set()
    assert gaps(draft) == set()


PAYEE = PayeeDraft(kind="guide", bp=8500, texts=both(name="Guide"))
EXTRA = ExtraDraft(key="dinner", price_minor=50_000, per=Per.PERSON, texts=both(name="Dinner"))
SEASON = SeasonDraft(from_md="12-20", to_md="01-05", percent=125, texts=both(name="Christmas"))


@pytest.mark.parametrize(
    ("code", "draft"),
    [
        ("policy", lesson(policy="flexible")),
        ("title", lesson(texts={"en": ListingText(title=" ")})),
        ("locale", lesson(texts={**TEXTS, "xx": TEXTS["en"]})),
        ("text_long", lesson(texts={"en": ListingText(title="x" * 71)})),
        ("languages", lesson(languages=())),
        ("languages", lesson(languages=("klingon",))),
        ("themes", lesson(themes=("gambling",))),
        ("party", lesson(min_party=5, max_party=4)),
        ("party", lesson(max_party=61)),
        ("notice", lesson(notice_hours=-1)),
        ("capacity", lesson(capacity=0)),
        ("min_guests", lesson(min_guests=7)),
        ("days", replace(tour(), days=0)),
        ("minutes", lesson(minutes=0)),
        ("nights", homestay(min_nights=3, max_nights=2)),
        ("bands", lesson(bands=BANDS[1:])),
        ("bands", lesson(bands=(BANDS[0], BANDS[2]))),
        ("bands", lesson(bands=(replace(BANDS[0], percent=90), *BANDS[1:]))),
        ("bands", lesson(bands=(*BANDS, BANDS[2]))),
        ("price", lesson(price_minor=0)),
        ("price", lesson(price_minor=10**12)),
        ("room_price", homestay(rooms=(room(price_minor=0),))),
        ("extra_price", lesson(extras=(replace(EXTRA, price_minor=-1),))),
        ("group", tour(group_prices=(GroupPrice(4, 3_000_001),))),
        ("group", tour(group_prices=(GroupPrice(1, 100),))),
        ("group", tour(group_prices=(GroupPrice(4, 200), GroupPrice(4, 100)))),
        ("percent", homestay(weekday_percent={7: 110})),
        ("percent", homestay(seasons=(replace(SEASON, percent=5),))),
        ("shares", lesson(payees=(replace(PAYEE, bp=8501),))),
        ("shares", lesson(payees=(replace(PAYEE, bp=0),))),
        ("rooms_kind", lesson(rooms=(room(),))),
        ("room_keys", homestay(rooms=(room(), room()))),
        ("room_keys", homestay(rooms=(room("Front room"),))),
        ("room_size", homestay(rooms=(room(sleeps=0),))),
        ("extra_keys", lesson(extras=(EXTRA, EXTRA))),
        ("payee_kind", lesson(payees=(replace(PAYEE, kind="cousin"),))),
        ("season_days", homestay(seasons=(replace(SEASON, to_md="13-01"),))),
        ("closure", lesson(closures=(ClosureDraft(start=date(2026, 8, 2), end=date(2026, 8, 1), texts={}),))),
        ("meals", tour(steps=(StepDraft(texts={}, meals=("brunch",)),))),
        ("sleeps", lesson(steps=(StepDraft(texts={}, room_type_id=1),))),
    ],
)
def test_each_contradiction_is_named(code: str, draft: ListingDraft) -> None:
    assert codes(draft) == {code}


def test_nine_tenths_may_leave_the_family_and_no_more() -> None:
    assert codes(lesson(payees=(PAYEE,)), FUND) == set()
    assert codes(lesson(payees=(PAYEE,)), FUND + 1) == {"shares"}


@pytest.mark.parametrize(
    ("code", "draft"),
    [
        ("text_id", lesson(texts={"en": TEXTS["en"]})),
        ("text_en", lesson(texts={**TEXTS, "en": replace(TEXTS["en"], body=" ")})),
        ("extras_texts", lesson(extras=(replace(EXTRA, texts={"en": {"name": "Dinner"}}),))),
        ("rooms_texts", homestay(rooms=(replace(room(), texts={}),))),
        ("no_rooms", homestay(rooms=())),
        ("no_rooms", homestay(rooms=(room(count=0),))),
        ("steps", tour(days=3, steps=tour(days=2).steps)),
        ("bands", lesson(bands=())),
    ],
)
def test_what_guests_need_is_asked_for_before_publishing(code: str, draft: ListingDraft) -> None:
    assert codes(draft) == set(), "a draft may still lack it"
    assert gaps(draft) == {code}


def test_a_tour_or_class_needs_a_date_and_a_homestay_does_not() -> None:
    assert gaps(tour(), 0) == {"no_starts"}
    assert gaps(lesson(), 0) == {"no_starts"}
    assert gaps(homestay(), 0) == set()


def test_every_error_carries_all_problems() -> None:
    found = rules.draft_problems(lesson(capacity=0, price_minor=0), FUND)
    error = rules.BadDraft(found)
    assert [problem.code for problem in error.facts["problems"]] == ["capacity", "price"]
    assert error.field == "capacity"
    assert len(rules.NotReady(found).facts["problems"]) == 2


def test_the_shown_price_is_the_cheapest_room_there_is() -> None:
    rooms = (room("a", count=0, price_minor=100), room("b", price_minor=300), room("c", price_minor=250))
    assert rules.headline_price(homestay(rooms=rooms)) == 250
    assert rules.headline_price(lesson(price_minor=90)) == 90


@given(
    starts_on=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    days=st.integers(1, 21),
    lead=st.integers(0, 1440),
)
def test_a_departure_covers_its_days(starts_on: date, start: time, days: int, lead: int) -> None:
    times = rules.departure_times(starts_on, start, days, lead)
    assert local_day(times.starts_at) == starts_on
    assert times.ends_on == starts_on + timedelta(days=days - 1)
    assert times.starts_at < times.ends_at
    assert times.starts_at - times.book_until == timedelta(hours=lead)


def test_a_session_at_nine_wita_is_one_utc() -> None:
    times = rules.session_times(date(2026, 8, 1), time(9), 150, 12)
    assert times.starts_at == datetime(2026, 8, 1, 1, tzinfo=UTC)
    assert times.ends_at == datetime(2026, 8, 1, 3, 30, tzinfo=UTC)
    assert times.book_until == datetime(2026, 7, 31, 13, tzinfo=UTC)


@given(
    first=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    every=st.integers(1, 4),
    count=st.integers(0, 30),
)
def test_weekly_dates_keep_to_their_rule(first: date, weekdays: set[int], every: int, count: int) -> None:
    until = first + timedelta(days=90)
    days = rules.weekly_dates(first, weekdays, every_weeks=every, count=count, until=until)
    assert len(days) <= count
    assert days == sorted(set(days))
    for day in days:
        assert first <= day <= until
        assert day.weekday() in weekdays
        assert (day - first).days // 7 % every == 0


@given(sold=st.integers(0, 20), blocked=st.integers(0, 20), free=st.integers(0, 20), extra=st.integers(0, 20))
def test_a_new_capacity_never_opens_what_was_closed(sold: int, blocked: int, free: int, extra: int) -> None:
    capacity = sold + blocked + free
    after = rules.blocked_after(sold=sold, blocked=blocked, capacity=capacity, new_capacity=sold + extra)
    assert 0 <= after <= extra
    if blocked and not free:
        assert after == extra, "fully closed stays fully closed"
    else:
        assert after <= blocked


@given(st.lists(st.integers(1, 5), max_size=200))
def test_rank_is_between_best_and_worst_and_rises_with_praise(stars: list[int]) -> None:
    rank = rules.rank_of(sum(stars), len(stars))
    assert 0 <= rank <= 1000
    assert rules.rank_of(sum(stars) + 5, len(stars) + 1) <= rank


@given(st.text(max_size=300))
def test_a_slug_is_plain_and_short(title: str) -> None:
    slug = rules.slug_of(title)
    assert 1 <= len(slug) <= 60
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in slug)


def test_a_slug_reads_like_its_title() -> None:
    assert rules.slug_of("Se'i & sambal lu’at: a day in Baun") == "sei-sambal-luat-a-day-in-baun"


def test_bands_may_be_just_adults() -> None:
    assert list(rules.band_problems((Band("adult", 0, 120, 100, seat=True),))) == []
