"""Rules that reckon with time, at the twelve moments of `tests.moments` and around them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from market import clock
from market.accounts import second_factor
from market.bookings import arrival_rules, checks
from market.bookings.policies import POLICIES, Policy, deadlines, refund_due
from market.bookings.quote import Choice
from market.calendars import ics, repeating
from market.i18n import formats
from market.listings.offering import Kind
from market.outbox import worker
from market.payments.adapters.stripe import page_ends_at
from market.payouts import rules as payout_rules
from market.payouts import statements
from market.register import rules as register_rules
from market.values.dates import WITA, DateRange, local_day, local_instant
from market.values.party import Party
from market.values.periods import Period
from market.web.signing import sign, unsign
from tests.moments import MOMENTS
from tests.unit.offerings import ROOM, offering, slot

SECRETS = ("a-secret-of-the-tests-0123456789-0123456789",)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
pytestmark = pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())


def test_the_clock_and_the_day_of_the_village(now: datetime):
    with clock.frozen(now.astimezone(ZoneInfo("Europe/Berlin"))):
        assert clock.now() == now
        assert clock.now().tzinfo is UTC
        assert clock.today() == (now + timedelta(hours=8)).date()
    day = local_day(now)
    for zone in (WITA, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")):
        assert local_day(local_instant(day, zone=zone), zone) == day
    assert local_instant(day) <= now < local_instant(day + timedelta(days=1))


def test_what_is_signed_lasts_exactly_as_long_as_it_says(now: datetime):
    with clock.frozen(now):
        signed = sign("K7QF3M9T", "trip", SECRETS, now + timedelta(days=60))
    with clock.frozen(now + timedelta(days=60) - timedelta(seconds=2)):
        assert unsign(signed, "trip", SECRETS) == "K7QF3M9T"
    with clock.frozen(now + timedelta(days=60) + timedelta(seconds=2)):
        assert unsign(signed, "trip", SECRETS) is None


def test_second_factors_count_on(now: datetime):
    secret = second_factor.new_secret()
    step = second_factor.matching_step(secret, second_factor.code_now(secret, now), now)
    assert step == int(now.timestamp()) // 30


def test_booking_closes_at_the_second(now: datetime):
    """A session and a stay may be booked until the cut-off and not after it."""
    lesson, stay = offering(), offering(Kind.HOMESTAY)
    starts = now + timedelta(days=3)
    closes = starts - timedelta(hours=lesson.cutoff_hours)
    day = local_day(starts)
    session = slot(starts_on=day, ends_on=day, starts_at=starts, ends_at=starts, book_until=closes)
    choice = Choice(Party(2), slot=session)
    assert checks.cutoff_at(lesson, choice) == closes
    assert checks.problems(lesson, choice, closes - SECOND) == []
    assert [field for field, _ in checks.problems(lesson, choice, closes)] == ["slot"]
    first = checks.first_arrival(stay, now)
    nights = [
        Choice(Party(2), room=ROOM, nights=DateRange(d, d + timedelta(days=2))) for d in (first, first - DAY)
    ]
    assert checks.cutoff_at(stay, nights[0]) > now >= checks.cutoff_at(stay, nights[1])
    assert checks.problems(stay, nights[0], now) == []
    assert checks.problems(stay, nights[1], now) != []


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_cancelling_is_never_worth_more_later(now: datetime, policy: Policy):
    starts_at, confirmed_at = now + timedelta(days=45), now - timedelta(days=2)
    nights = [(local_day(starts_at) + timedelta(days=n), 100_000) for n in range(3)]

    def back(at: datetime) -> int:
        return refund_due(
            policy,
            paid=300_000,
            starts_at=starts_at,
            confirmed_at=confirmed_at,
            now=at,
            nights=nights if policy is POLICIES["flexible"] or policy is POLICIES["moderate"] else None,
        ).amount

    steps = [now + timedelta(hours=hours) for hours in range(0, 46 * 24, 7)]
    steps += [end for end, _ in deadlines(policy, starts_at)]
    amounts = [back(at) for at in sorted(steps)]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == 300_000
    for end, percent in deadlines(policy, starts_at):
        assert back(end - SECOND) >= back(end + SECOND)
        assert 0 <= percent <= 100


def test_months_of_claims_and_statements_follow_one_another(now: datetime):
    period = Period.of(now)
    first, after = period.bounds()
    assert first <= now < after
    assert Period.of(after) == period.following()
    assert Period.of(first - SECOND) == period.before()
    assert period.following().before() == period
    assert Period.parse(str(period)) == period
    month = statements.month_of(local_day(now))
    assert month == period.first_day
    assert statements.next_month(month) == period.following().first_day


def test_terms_in_hours_are_hours(now: datetime):
    assert payout_rules.due_at(now) - now == timedelta(hours=72)
    assert payout_rules.usable_from(now) - now == timedelta(hours=72)
    assert register_rules.due_at(now) - now == timedelta(hours=24)
    assert arrival_rules.completes_at(starts_at=now, ends_at=now + timedelta(days=3), seen=True) > now
    ends = page_ends_at(now + timedelta(minutes=15), now)
    assert 30 * 60 < ends - now.timestamp() <= 42 * 60
    assert timedelta() < worker.backoff(30) <= timedelta(hours=2)
    gone = register_rules.erase_before(local_day(now), 365)
    assert register_rules.erase_on(gone - timedelta(days=1), 365) <= local_day(now)


@pytest.mark.parametrize("locale", ["en", "id"])
def test_words_for_time(now: datetime, locale: str):
    assert "WITA" in formats.instant(now, locale)
    day = local_day(now)
    assert str(day.year) in formats.day(day, locale)
    assert formats.day_range(day, day + timedelta(days=40), locale)
    assert formats.epoch_ms(now) == int(now.timestamp() * 1000)


def test_calendars_of_other_sites(now: datetime):
    """Whole days, Berlin's wall clock and UTC: nights are those of the village, also where an hour is missing."""
    day = local_day(now)
    berlin = datetime.combine(day, time(2, 30))
    utc = datetime.combine(day, time(20, 0))
    events = [
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}\r\nDTEND;VALUE=DATE:{day + timedelta(days=2):%Y%m%d}",
        (
            f"DTSTART;TZID=Europe/Berlin:{berlin:%Y%m%dT%H%M%S}\r\n"
            f"DTEND;TZID=Europe/Berlin:{berlin + timedelta(days=2):%Y%m%dT%H%M%S}"
        ),
        f"DTSTART:{utc:%Y%m%dT%H%M%SZ}\r\nDTEND:{utc + timedelta(days=1):%Y%m%dT%H%M%SZ}",
    ]
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@other.example\r\n{event}\r\nEND:VEVENT\r\n"
        for n, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{body}END:VCALENDAR\r\n"
    found = ics.read(text.encode(), today=day, own_domain="benang.example")
    spans = sorted((w.start, w.end) for w in found.windows)
    assert (day, day + timedelta(days=2)) in spans
    assert len(spans) == 3
    assert all(start < end for start, end in spans)


def test_what_repeats_keeps_its_rhythm(now: datetime):
    start = local_day(now)
    last = start + timedelta(days=800)
    weekly = list(repeating.days_of(start, "FREQ=WEEKLY;COUNT=60", last))
    assert len(weekly) == 60
    assert {after - before for before, after in itertools.pairwise(weekly)} == {timedelta(days=7)}
    daily = list(repeating.days_of(start, "FREQ=DAILY;COUNT=400", last))
    assert daily == [start + timedelta(days=n) for n in range(400)]


def test_nights_of_a_stay(now: datetime):
    start = local_day(now)
    stay = DateRange(start, start + timedelta(days=3))
    assert [*stay] == [start, start + timedelta(days=1), start + timedelta(days=2)]
    assert stay.nights == 3
    assert start + timedelta(days=3) not in stay
    assert isinstance(stay.end, date)
