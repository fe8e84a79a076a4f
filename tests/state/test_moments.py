"""A hamlet does its business at each of the twelve moments of `tests.moments`: the days, holds and months hold there.

On SQLite alone: what the two databases do with instants is tested where they are written.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from market import clock
from market.bookings import queries, rows
from market.bookings.calendar_file import calendar_file
from market.bookings.states import State
from market.outbox.tools import Tools
from market.payouts import statements
from market.settings import Settings
from market.values.dates import local_day
from tests.moments import MOMENTS
from tests.state.hamlet import Hamlet
from tests.state.test_whole_walk import Walk


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
async def test_a_season_from_hold_to_statement(db: str, settings: Settings, tools: Tools, now: datetime):
    walk = Walk(Hamlet(tools, settings, now=now))
    hamlet = walk.hamlet
    with clock.frozen(now):
        await hamlet.build()
    lapsed = await walk.book("nights", 2, press=None)
    until = (await rows.get(lapsed)).expires_at
    assert until
    assert until - now >= timedelta(minutes=15)
    await walk.until(until - timedelta(seconds=1))
    walk.is_now(lapsed, State.HELD)
    await walk.until(until + timedelta(seconds=1))
    walk.is_now(lapsed, State.EXPIRED)

    stayed = await walk.book("nights", 2)
    walk.is_now(stayed, State.CONFIRMED)
    cancelled = await walk.book("nights", 2)
    await walk.do("cancel", reference=cancelled)
    walk.is_now(cancelled, State.CANCELLED_BY_GUEST)
    assert walk.row(cancelled).refunded_minor == walk.row(cancelled).total_minor

    booked = walk.row(stayed)
    with clock.frozen(hamlet.now):
        view = await queries.get_view(stayed)
        [event] = Calendar.from_ical(
            calendar_file([(view, await queries.story_of(view.row.id))], "en", settings)
        ).walk("VEVENT")
    assert (event.start, event.end) == (booked.starts_at, booked.ends_at)
    assert event["DTSTAMP"].dt <= hamlet.now
    await walk.until(booked.starts_at - timedelta(seconds=1))
    walk.is_now(stayed, State.CONFIRMED)
    await walk.until(booked.starts_at)
    await walk.do("check_in", reference=stayed)
    await walk.until(booked.ends_at + timedelta(hours=1))
    walk.is_now(stayed, State.COMPLETED)
    await walk.until(booked.ends_at + timedelta(hours=73))
    await walk.do("pay_out")
    await walk.do("bank", paid=True)
    await _check_statements(hamlet)


async def _check_statements(hamlet: Hamlet) -> None:
    """Every month begins with what the one before it ended with, and the last ends with the account."""
    with clock.frozen(hamlet.now):
        months = sorted(await statements.list_months(hamlet.host_id))
        assert months
        assert months[-1] == statements.month_of(local_day(hamlet.now))
        found = [await statements.get_statement(hamlet.host_id, month, now=hamlet.now) for month in months]
        for before, after in itertools.pairwise(found):
            assert before.closing_minor == after.opening_minor
        assert found[-1].closing_minor == await statements.balance(hamlet.host_id)
        assert sum(len(one.lines) for one in found) >= 2
