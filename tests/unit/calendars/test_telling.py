"""What a feed tells: ids that stay, numbers that rise, an end that is not taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from market.calendars.telling import CLOSED, Night, Span, reconcile, runs, spans

DAY = date(2026, 12, 1)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def night(n: int, *, capacity: int = 1, off: int = 0, closed: bool = False, **sold: int) -> Night:
    return Night(DAY + timedelta(days=n), capacity, off, closed, {int(k[1:]): v for k, v in sold.items()})


def test_one_room_tells_each_booking_and_what_is_closed():
    told = spans(
        [night(0, b7=1), night(1, b7=1), night(2, b8=1), night(3, off=1), night(4, closed=True), night(6)]
    )
    assert [(s.subject, s.start.day, s.end.day) for s in told] == [
        ("booking:7:0", 1, 3),
        ("booking:8:0", 3, 4),
        (CLOSED, 4, 6),
    ]


def test_several_rooms_tell_only_the_nights_without_any():
    told = spans(
        [night(0, capacity=2, b7=1), night(1, capacity=2, b7=1, b8=1), night(2, capacity=2, b7=1, off=1)]
    )
    assert told == [Span(CLOSED, date(2026, 12, 2), date(2026, 12, 4))]


@given(st.sets(st.integers(0, 60)))
def test_runs_cover_exactly_the_days(numbers: set[int]):
    days = {DAY + timedelta(days=n) for n in numbers}
    found = runs(days)
    covered = [start + timedelta(days=n) for start, end in found for n in range((end - start).days)]
    assert sorted(days) == covered
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))


spans_of = st.lists(
    st.tuples(st.sampled_from([CLOSED, "booking:1:0", "booking:2:0"]), st.integers(0, 30), st.integers(1, 6)),
    max_size=5,
    unique_by=lambda each: each[0] if each[0] != CLOSED else each[1] * 100,
)


@given(spans_of, spans_of)
def test_ids_are_unique_and_numbers_rise_with_every_change(first, second):
    def made(items):
        return [Span(s, DAY + timedelta(days=a), DAY + timedelta(days=a + n)) for s, a, n in items]

    ids = count()
    told = reconcile([], made(first), now=NOW, new_uid=lambda _: f"u{next(ids)}").entries
    later = NOW + timedelta(hours=1)
    changes = reconcile(told, made(second), now=later, new_uid=lambda _: f"u{next(ids)}")
    assert [entry.span for entry in changes.entries] == made(second)
    assert len({entry.uid for entry in changes.entries}) == len(changes.entries)
    before = {entry.uid: entry for entry in told}
    for entry in changes.entries:
        old = before.get(entry.uid)
        if old is None:
            assert (entry.sequence, entry.changed_at) == (0, later)
        elif old.span == entry.span:
            assert entry == old
        else:
            assert (entry.sequence, entry.changed_at) == (old.sequence + 1, later)
    again = reconcile(changes.entries, made(second), now=later, new_uid=lambda _: "never")
    assert not again.fresh
    assert not again.gone
