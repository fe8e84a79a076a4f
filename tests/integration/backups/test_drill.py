"""The restore drill: a world with paid bookings, a backup, hours that are lost, and everything that counts is back."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from market import clock, db
from market.bookings import rows
from market.bookings import service as bookings
from market.bookings.states import State
from market.db.config import connect, disconnect
from market.outbox import maintenance, queue, worker
from market.payments import ledger
from market.payments import queries as payments
from market.settings import Settings
from market.values.dates import DateRange
from tests import factories
from tests.integration.backups.conftest import Place, moved, operate

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
FIFTEEN_MINUTES = 15 * 60


async def confirmed() -> dict[str, tuple[Any, ...]]:
    """Every confirmed booking, with what was bought and paid."""
    found = await db.fetch("SELECT reference FROM booking WHERE state = 'confirmed' ORDER BY reference")
    read = [await rows.get(row["reference"]) for row in found]
    return {
        b.reference: (b.listing_id, b.slot_id, b.starts_on, b.ends_on, b.adults, b.total_minor, b.paid_minor)
        for b in read
    }


async def check_books() -> None:
    """The ledger is balanced, what was paid lies with its booking, and sold stock is what bookings own."""
    assert await ledger.trial_balance() == 0
    for reference, facts in (await confirmed()).items():
        assert -await ledger.balance(ledger.guest_hold(reference)) == facts[-1], reference
    odd = await db.fetch(
        "SELECT s.id FROM slot s WHERE s.confirmed <> COALESCE((SELECT SUM(a.quantity) FROM allocation a"
        " WHERE a.slot_id = s.id AND a.state = 'confirmed'), 0) OR s.confirmed + s.held > s.capacity"
    )
    assert not odd


async def test_no_confirmed_booking_is_lost_that_the_provider_also_knows(
    place: Place, elsewhere: tuple[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
):
    lesson = await factories.make_listing(instant=True, price_minor=200_000)
    asked = await factories.make_listing(instant=False, price_minor=300_000)
    stay, _ = await factories.make_homestay(rooms=2)
    sessions = [await factories.make_start(lesson, days=days, capacity=4) for days in (9, 12)]
    on_request = await factories.make_start(asked, days=15)
    week = factories.in_days(20)
    nights = DateRange(week, week + timedelta(days=3))

    kept = await place.book(lesson.id, slot_id=sessions[0].id, adults=2)
    open_then = await place.hold(lesson.id, slot_id=sessions[0].id)
    to_cancel = await place.book(lesson.id, slot_id=sessions[1].id)
    assert await operate(place.settings, "backup", str(place.settings.data_dir.parent / "backups")) == 0
    backup = str(next((place.settings.data_dir.parent / "backups").glob("*.backup")))
    since = clock.now().isoformat()
    known = await confirmed()
    assert set(known) == {kept, to_cancel}

    # The hours that will be lost.
    await place.pay(open_then)
    new = await place.book(lesson.id, slot_id=sessions[1].id, adults=2)
    new_stay = await place.book(stay.id, nights=nights, rooms=1, adults=2)
    requested = await place.book(asked.id, slot_id=on_request.id)
    await bookings.accept(requested, by=None, actor="host", now=clock.now())
    await worker.drain(place.tools)
    gone_again = await place.book(stay.id, nights=nights, rooms=1, adults=1)
    for reference in (to_cancel, gone_again):
        await _cancel(reference)
    await worker.drain(place.tools)
    never_paid = await place.hold(lesson.id, slot_id=sessions[1].id)
    truth = await confirmed()
    assert set(truth) == {kept, open_then, new, new_stay, requested}
    await check_books()

    began = time.monotonic()
    place_now, second = await _restored(place.settings, elsewhere, backup)
    assert await confirmed() == known
    assert await operate(place_now, "reconcile", "--since", since) == 1
    assert "Nothing was changed" in capsys.readouterr().out
    assert await operate(place_now, "reconcile", "--since", since, "--repair") == 0
    said = capsys.readouterr().out
    assert time.monotonic() - began < FIFTEEN_MINUTES

    await connect(place_now.database_url, 2)
    after = await confirmed()
    assert {name: after.get(name) for name in truth} == truth
    assert set(after) == {*truth, to_cancel}  # its money went back: a person is told, and cancels it
    assert gone_again not in after
    assert "given back there, not here" in said
    assert to_cancel in said
    told = await db.fetch("SELECT payload FROM job WHERE state = 'parked' AND handler = 'payments.alert'")
    assert len(told) == 1
    assert (await payments.list_refunds(to_cancel))[0].state.value == "confirmed"
    assert -await ledger.balance(ledger.guest_hold(to_cancel)) == known[to_cancel][-1]
    await check_books()
    page = (await payments.find_payment_at_provider(provider_ref="", session_ref=second)) is None
    assert page
    assert {s["status"] for s in place.fake.books.sessions.values() if s["payment_intent"] is None} == {
        "expired"
    }
    assert never_paid not in after
    remade = await rows.get(new)
    assert (remade.guest_name, remade.locale) == ("Card Holder", "en")
    assert remade.guest_email.endswith("@example.test")

    # The site is still shut, and what was repaired waits for it to open.
    assert await queue.claim(8) == []
    assert await maintenance.current() is not None
    entries = await db.fetch("SELECT COUNT(*) AS n FROM ledger_entry")
    await disconnect()
    assert await operate(place_now, "reconcile", "--since", since, "--repair") == 0
    assert "say the same" in capsys.readouterr().out
    assert await operate(place_now, "maintenance", "off") == 0
    await connect(place_now.database_url, 2)
    assert await db.fetch("SELECT COUNT(*) AS n FROM ledger_entry") == entries
    assert await maintenance.current() is None


async def _cancel(reference: str) -> None:
    booking = await rows.get(reference)
    refund = bookings.refund_now(booking, clock.now()).amount
    assert refund == booking.total_minor
    await bookings.cancel_by_guest(reference, by=None, shown_refund=refund, now=clock.now())
    assert (await rows.get(reference)).state is State.CANCELLED_BY_GUEST


async def _restored(
    settings: Settings, elsewhere: tuple[str, dict[str, Any]], backup: str
) -> tuple[Settings, str]:
    """The old place is gone; the backup comes up elsewhere. Its settings, and a page the backup knows nothing of."""
    into, names = elsewhere
    [row] = await db.fetch("SELECT session_ref FROM payment ORDER BY id DESC LIMIT 1")
    await disconnect()
    if settings.database_url.startswith("sqlite"):
        for path in settings.data_dir.parent.glob("test.db*"):
            path.unlink()
    assert await operate(settings, "restore", backup, "--into", into) == 0
    settings = moved(settings, names)
    await connect(settings.database_url, 2)
    return settings, row["session_ref"]
