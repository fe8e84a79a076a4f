"""Commands of reviews: open the window, write, publish both together, answer, report, hide and restore.

The only writer of its tables, and the only caller that moves a listing's average: a review counts from the
moment it is shown and while it is not hidden, so a sealed one never leaks through the stars.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from market import db
from market.bookings import rows
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.db.sql import Row, as_instant, to_json
from market.errors import Invalid, NotFound, Refused
from market.listings import service as listings
from market.outbox import queue
from market.reviews import queries, rules
from market.reviews.queries import Written
from market.reviews.rules import Reason, Side
from market.values.text import lazy
from market.web import page_cache


class WindowClosed(Refused):
    """The 14 days are over, or both sides have written and are shown."""

    code = "review_window_closed"
    message = lazy("The time to write about this visit is over.")


class AlreadyAnswered(Refused):
    """A host answers a review once."""

    code = "already_answered"
    message = lazy("You have answered this review already.")


async def open_window(reference: str, now: datetime) -> bool:
    """A visit is over: both sides may write, and are invited; False when that was done before."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is not State.COMPLETED:
            return False
        made = await db.fetch(
            "INSERT INTO review_window (booking_id, opened_at, closes_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (booking_id) DO NOTHING RETURNING booking_id",
            booking.id,
            now,
            rules.closes_at(now),
        )
        if made:
            await queue.add("reviews.invite", {"booking": reference})
    return bool(made)


async def write(
    booking: BookingRow,
    *,
    side: Side,
    stars: int,
    notes: Mapping[str, int],
    body: str,
    locale: str,
    author: str,
    person_id: int | None,
    now: datetime,
) -> bool:
    """Write, or change what is still sealed; True when both are now shown. Raises WindowClosed, Invalid."""
    words = rules.clean(body)
    if len(words) < rules.SHORTEST:
        raise Invalid("too_short", lazy("Write at least a sentence or two."), field="body")
    async with db.transaction():
        await rows.lock(booking.reference)
        window = await _window(booking.id)
        if not rules.may_write(
            closes=as_instant(window["closes_at"]), closed=bool(window["closed_at"]), now=now
        ):
            raise WindowClosed
        await db.execute(
            "INSERT INTO review (listing_id, host_id, booking_id, side, person_id, author, country, stars, notes,"
            " body, locale, written_at) VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8, $9, $10, $11)"
            " ON CONFLICT (booking_id, side) DO UPDATE SET stars = excluded.stars, notes = excluded.notes,"
            " body = excluded.body, locale = excluded.locale, written_at = excluded.written_at",
            booking.listing_id,
            booking.paid_host_id,
            booking.id,
            side.value,
            person_id,
            author,
            stars,
            to_json({key: value for key, value in notes.items() if key in rules.NOTES[side]}),
            words,
            locale,
            now,
        )
        return await _publish_when_due(booking.id, as_instant(window["closes_at"]), now)


async def _window(booking_id: int) -> Row:
    row = await db.fetch_one("SELECT * FROM review_window WHERE booking_id = $1", booking_id)
    if row is None:
        raise NotFound
    return row


async def _publish_when_due(booking_id: int, closes: datetime, now: datetime) -> bool:
    found = await queries.written_about(booking_id)
    if not rules.must_publish(sides=[Side(one.side) for one in found], closes=closes, now=now):
        return False
    for one in found:
        await _publish(one, now)
    await db.execute("UPDATE review_window SET closed_at = $2 WHERE booking_id = $1", booking_id, now)
    if found:
        await queue.add("reviews.tell_published", {"booking": booking_id})
    return True


async def _publish(one: Written, now: datetime) -> None:
    changed = await db.execute(
        "UPDATE review SET published_at = $2 WHERE id = $1 AND published_at IS NULL", one.id, now
    )
    if not changed:
        return
    await _act(one.id, "published", None, "", now)
    if one.side == Side.GUEST:
        await listings.add_ratings(one.listing_id, [one.stars])


async def close_due(now: datetime, limit: int = 200) -> int:
    """Show what was written where the 14 days are over; how many visits."""
    due = await db.fetch(
        f"SELECT w.booking_id, b.reference, w.closes_at FROM review_window w JOIN booking b ON b.id = w.booking_id"
        f" WHERE w.closed_at IS NULL AND w.closes_at <= $1 ORDER BY w.closes_at LIMIT {limit:d}",
        now,
    )
    for row in due:
        async with db.transaction():
            await rows.lock(row["reference"])
            await _publish_when_due(row["booking_id"], as_instant(row["closes_at"]), now)
    return len(due)


async def remind_due(now: datetime, limit: int = 200) -> int:
    """Queue the one reminder where a week has passed and somebody has not written; how many visits."""
    due = await db.fetch(
        "SELECT w.booking_id, b.reference FROM review_window w JOIN booking b ON b.id = w.booking_id"
        f" WHERE w.closed_at IS NULL AND w.reminded_at IS NULL AND w.opened_at <= $1 LIMIT {limit:d}",
        now - rules.REMIND_AFTER,
    )
    for row in due:
        async with db.transaction():
            changed = await db.execute(
                "UPDATE review_window SET reminded_at = $2 WHERE booking_id = $1 AND reminded_at IS NULL",
                row["booking_id"],
                now,
            )
            if changed:
                await queue.add("reviews.remind", {"booking": row["reference"]})
    return len(due)


async def reply(
    review_id: int, *, host_ids: Iterable[int], body: str, locale: str, by: int, now: datetime
) -> None:
    """The host answers a published review, once. Raises NotFound for another host's, AlreadyAnswered, Invalid."""
    words = rules.clean(body)
    if len(words) < 2:
        raise Invalid("too_short", lazy("Write your answer first."), field="body")
    async with db.transaction():
        found = await queries.get_review(review_id)
        if found.host_id not in set(host_ids) or found.side != Side.GUEST or found.published_at is None:
            raise NotFound
        changed = await db.execute(
            "UPDATE review SET reply = $2, reply_locale = $3, replied_at = $4, replied_by = $5"
            " WHERE id = $1 AND replied_at IS NULL",
            review_id,
            words,
            locale,
            now,
            by,
        )
        if not changed:
            raise AlreadyAnswered
        await page_cache.bump()


async def report(review_id: int, *, by: int, reason: Reason, body: str, now: datetime) -> bool:
    """Somebody thinks that a review should not stand; False when they said so before. Raises NotFound."""
    async with db.transaction():
        found = await queries.get_review(review_id)
        if found.published_at is None or found.hidden_at is not None:
            raise NotFound
        made = await db.fetch(
            "INSERT INTO review_report (review_id, person_id, reason, body, at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (review_id, person_id) DO NOTHING RETURNING id",
            review_id,
            by,
            reason.value,
            body,
            now,
        )
    return bool(made)


async def hide(review_id: int, *, by: int, reason: str, now: datetime) -> None:
    """Take a review away with a reason; its stars no longer count and its author is told. Raises Refused."""
    async with db.transaction():
        found = await _judged(review_id, shown=True)
        await db.execute("UPDATE review SET hidden_at = $2 WHERE id = $1", review_id, now)
        if found.side == Side.GUEST:
            await listings.remove_rating(found.listing_id, found.stars)
        await _close_reports(review_id, now)
        await _act(review_id, "hidden", by, reason, now)
        await queue.add("reviews.tell_judged", {"review": review_id, "act": "hidden", "reason": reason})


async def restore(review_id: int, *, by: int, reason: str, now: datetime) -> None:
    """Show a hidden review again; its stars count again and its author is told. Raises Refused."""
    async with db.transaction():
        found = await _judged(review_id, shown=False)
        await db.execute("UPDATE review SET hidden_at = NULL WHERE id = $1", review_id)
        if found.side == Side.GUEST:
            await listings.add_ratings(found.listing_id, [found.stars])
        await _act(review_id, "restored", by, reason, now)
        await queue.add("reviews.tell_judged", {"review": review_id, "act": "restored", "reason": reason})


async def keep(review_id: int, *, by: int, reason: str, now: datetime) -> None:
    """The reports are heard and the review stands. Raises Refused."""
    async with db.transaction():
        await _judged(review_id, shown=True)
        await _close_reports(review_id, now)
        await _act(review_id, "kept", by, reason, now)


async def _judged(review_id: int, *, shown: bool) -> Written:
    suffix = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM review WHERE id = $1{suffix}", review_id)
    if row is None or row["published_at"] is None:
        raise NotFound
    found = queries.written(row)
    if (found.hidden_at is None) is not shown:
        raise Refused("already_judged", lazy("Somebody has decided about this review in the meantime."))
    return found


async def _close_reports(review_id: int, now: datetime) -> None:
    await db.execute(
        "UPDATE review_report SET closed_at = $2 WHERE review_id = $1 AND closed_at IS NULL", review_id, now
    )


async def _act(review_id: int, act: str, by: int | None, reason: str, now: datetime) -> None:
    await db.execute(
        "INSERT INTO review_act (review_id, act, reason, person_id, at) VALUES ($1, $2, $3, $4, $5)",
        review_id,
        act,
        reason,
        by,
        now,
    )


async def forget_reporter(person_id: int) -> None:
    """Somebody who thought that reviews should not stand is forgotten: that they were looked at stays."""
    await db.execute("UPDATE review_report SET body = '' WHERE person_id = $1", person_id)


async def forget_guest(reference: str) -> None:
    """The guest of a booking is forgotten: what they said stays without their name; what was said of them goes."""
    async with db.transaction():
        await db.execute(
            "UPDATE review SET author = '', country = '{}', person_id = NULL WHERE side = 'guest'"
            " AND booking_id = (SELECT id FROM booking WHERE reference = $1)",
            reference,
        )
        await db.execute(
            "UPDATE review SET body = '' WHERE side = 'host'"
            " AND booking_id = (SELECT id FROM booking WHERE reference = $1)",
            reference,
        )
        await page_cache.bump()
