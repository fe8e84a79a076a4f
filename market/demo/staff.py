"""What waits for operators in the demo: a first listing, a reported message, a mail that never arrived; and unread
notices for the people one can be with one click. Through the real commands, with invented people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from market import clock, db
from market.accounts import queries as people
from market.bookings.access import Role
from market.db.sql import to_json
from market.demo.people import HOST, HOTEL, OPERATOR, SUPPLIER, TRAVELLER
from market.listings import moderation
from market.messaging import reports
from market.messaging.reports import Reason
from market.notifications import service as notifications
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import Wording
from market.outbox import queue
from market.staff import log
from market.staff.log import Act

GONE: Final = "rina.lay@surat-lama.test"
_NOTICES: Final[tuple[tuple[str, Topic, str, str], ...]] = (
    (HOST, Topic.PAYOUTS, "Pembayaran Anda sedang dalam perjalanan ke bank", "/host/money"),
    (HOST, Topic.CALENDAR, "Kalender lain dan kalender Anda tidak cocok pada satu malam", "/host/calendar"),
    (SUPPLIER, Topic.PURCHASES, "Hotel Cendana Teluk mencatat pembelian dari Anda: benar?", "/supplier/"),
    (HOTEL, Topic.PURCHASES, "Pemasok menjawab jumlah lain untuk satu pembelian", "/hotel/purchases"),
    (TRAVELLER, Topic.BOOKINGS, "Your host confirmed the weaving class", "/trips"),
)
_ASKED: Final = "Kalau bayar tunai di luar situs, harganya lebih murah. Nomor saya nanti saya kirim."


async def load() -> None:
    """Make it all. In one transaction, after everything else of the demo."""
    async with db.transaction():
        await _notices()
        await _lost_mail()
        await _first_listing()
        await _report()
        await _acts()


async def _notices() -> None:
    for number, (mailbox, topic, sentence, href) in enumerate(_NOTICES):
        person = await people.find_by_email(mailbox)
        if person is None:
            continue
        # They look as if sent: the notice alone, without a mail to an invented mailbox.
        await db.execute(
            "INSERT INTO notice (person_id, topic, words, href, dedupe_key, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            person.id,
            topic.value,
            to_json({person.locale: sentence}),
            telling.without_language(href),
            f"demo:{number}",
            clock.now() - timedelta(hours=2 + number),
        )


async def _lost_mail() -> None:
    """A mail to a mailbox that is gone, tried eight times."""
    words = Wording("Pemesanan Anda dikonfirmasi", "Sampai jumpa di Oebelo.\n", "")
    key = "demo:lost-mail"
    await notifications.send_wording(words, to=GONE, locale="id", dedupe_key=key)
    row = await db.fetch_one("SELECT id FROM delivery WHERE dedupe_key = $1", key)
    if row is None:
        return
    error = "450 4.2.1 mailbox temporarily unavailable"
    await db.execute("UPDATE delivery SET attempts = $2, last_error = $3 WHERE id = $1", row["id"], 8, error)
    await db.execute(
        "UPDATE job SET state = 'parked', attempts = $2, last_error = $3 WHERE dedupe_key = $1",
        f"notifications.send:{row['id']}",
        queue.PARK_AFTER,
        f"Upstream: mail: {error}",
    )


async def _first_listing() -> None:
    """One draft of a host, or a listing that no guest knows yet, becomes a first listing that waits for a look."""
    row = await db.fetch_one(
        "SELECT l.id, l.host_id FROM listing l WHERE l.status = 'draft' AND l.review = '' ORDER BY l.id LIMIT 1"
    )
    if row is None:
        row = await db.fetch_one(
            "SELECT l.id, l.host_id FROM listing l WHERE l.rating_count = 0 AND l.pooled = FALSE AND NOT EXISTS"
            " (SELECT 1 FROM booking b WHERE b.listing_id = l.id) ORDER BY l.id DESC LIMIT 1"
        )
    if row is None:
        return
    await db.execute("UPDATE listing SET status = 'draft' WHERE id = $1", row["id"])
    await db.execute("UPDATE organisation SET needs_review = TRUE WHERE id = $1", row["host_id"])
    await moderation.ask(row["id"], clock.now() - timedelta(hours=5))


async def _report() -> None:
    """A host's message about paying outside the site, reported by the guest."""
    booking = await db.fetch_one(
        "SELECT id FROM booking WHERE state IN ('confirmed', 'requested') AND guest_email <> '' ORDER BY id LIMIT 1"
    )
    if booking is None:
        return
    at = clock.now() - timedelta(hours=9)
    rows = [
        (Role.GUEST, "Selamat siang! Bolehkah kami tiba sekitar pukul empat sore?", at),
        (Role.HOST, "Boleh, kami menunggu di rumah.", at + timedelta(minutes=20)),
        (Role.HOST, _ASKED, at + timedelta(minutes=24)),
    ]
    message = 0
    for author, body, when in rows:
        written = await db.fetch_one(
            "INSERT INTO message (booking_id, author, body, created_at, read_at) VALUES ($1, $2, $3, $4, $4)"
            " RETURNING id",
            booking["id"],
            author.value,
            body,
            when,
        )
        message = written["id"] if written else 0
    await reports.report(
        booking["id"],
        message,
        by=Role.GUEST,
        person_id=None,
        reason=Reason.OUTSIDE,
        body="Saya merasa tidak enak.",
        now=at + timedelta(hours=1),
    )


async def _acts() -> None:
    """An operator looked on as the traveller last week, who sees it in their profile."""
    operator, traveller = await people.find_by_email(OPERATOR), await people.find_by_email(TRAVELLER)
    if operator is None or traveller is None:
        return
    then = clock.now() - timedelta(days=6)
    reason = "The traveller wrote that the voucher does not open on the phone."
    await log.note(Act.LOOKING, by=operator.id, now=then, person_id=traveller.id, reason=reason)
    await log.note(Act.LOOKED, by=operator.id, now=then + timedelta(minutes=4), person_id=traveller.id)
