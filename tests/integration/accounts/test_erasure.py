"""Erasure leaves nothing behind: markers of one guest, planted wherever the product takes words, are looked for in
every column of every table, in every file and in everything that was logged, after the account was deleted.

What is kept on purpose stands in `KEPT`, each with its reason, as docs/operations/security.md tells it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from market import clock, db
from market.accounts import new_address, sessions, tokens
from market.accounts import service as accounts
from market.app.logs import configure_logs
from market.bookings import absences, arriving, rows, waiting
from market.bookings.access import Role
from market.bookings.arrival_rules import Outcome
from market.bookings.quote import Choice
from market.errors import DomainError
from market.listings import queries as listings
from market.messaging import reports
from market.messaging import service as messages
from market.notifications import consents
from market.outbox import worker
from market.outbox.tools import Tools
from market.payouts import complaints
from market.register import service as register
from market.register.rules import Facts
from market.reviews import rules as review_rules
from market.reviews import service as reviews
from market.reviews.rules import Side
from market.settings import Settings
from market.sourcing import opening
from market.values.party import Party
from market.web.request import SESSION_COOKIE
from tests import factories
from tests.integration.bookings.doing import check_out, hold, pay_demo
from tests.web import post_form

PLANTED = {
    "account name": "Quillfeather",
    "account e-mail": "zebedee@quill.example",
    "account phone": "+4917012340001",
    "browser": "Zeppelin-Browser",
    "booking name": "Quincepaw",
    "booking e-mail": "quincepaw@other.example",
    "booking phone": "+4917012340002",
    "booking note": "allergic to starfruit",
    "message": "my grandmother Ottoline comes along",
    "message before": "write to secret-way@hidden.example",
    "picture's name": "IMG-Ottoline-passport",
    "picture's inside": "Exif-Ottoline-Street-7",
    "report of a message": "he called me a walrus",
    "complaint": "the roof of Casimir leaked on us",
    "no-show answer": "we stood at the gate of Bartholomew",
    "review's name": "Quincepaw",
    "host's words about the guest": "Quincepaw sang all night with zeal",
    "report of a review": "this review insults Eulalia",
    "passport": "XQ77881234",
    "passport's name": "ZEBEDEE ARCHIBALD",
    "waiting name": "Waitalot Quillfeather",
    "waiting e-mail": "waitalot@other.example",
    "waiting as one": "Waitalot",
    "SMS number": "+4917012340003",
    "address wished for": "wished-for@elsewhere.example",
    "link's way": "/en/bookings/of-ottoline",
    "business asked for": "Ottoline Jams",
    "business address": "Lane of the Otter 9",
    "business phone": "+4917012340004",
    "business note": "we cook with tamarillo",
    "mail that failed": "quillbox",
    "review": "the weaving of Persimmon was a wonder to see",
    "refund account": "DE-99-OTTOLINE-BANK",
    "payer in the bank": "Q. OTTOLINE QUILL",
}
KEPT = {
    "review": "a published review stays, without its author's name: others decide by it",
    "refund account": "where money was sent belongs to the books, for the tax years",
    "payer in the bank": "the bank's own words on a receipt belong to the books, for the tax years",
}
assert len(PLANTED) >= 30


async def everything() -> str:
    """Every column of every row of every table, bytes included, each table under its name."""
    if db.is_postgres():
        tables = await db.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    else:
        tables = await db.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert len(tables) > 100
    names = [row["name"] for row in tables]
    kept = [(name, await db.fetch(f'SELECT * FROM "{name}"')) for name in names]
    return "".join(f"\n{name}: {rows}" for name, rows in kept)


def in_files(folder: Path) -> str:
    """Every name and every byte under a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return "".join(f"{path}{path.read_bytes().decode('latin-1')}" for path in files)


def hits(text: str, *, but: Iterable[str] = ()) -> set[str]:
    """The planted markers that a text holds."""
    return {name for name, marker in PLANTED.items() if marker.lower() in text.lower() and name not in but}


async def left_in_tables() -> dict[str, set[str]]:
    """The markers that are still there by table, but for those that are kept."""
    tables = (await everything()).split("\n")
    return {table.partition(":")[0]: found for table in tables if (found := hits(table, but=KEPT))}


def photo() -> bytes:
    image = Image.new("RGB", (640, 480), "teal")
    exif = Image.Exif()
    exif[0x010E] = PLANTED["picture's inside"]
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_nothing_is_left_of_a_guest_who_deletes_the_account(
    client: httpx.AsyncClient,
    app: Starlette,
    tools: Tools,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
):
    configure_logs("text")
    plant = PLANTED
    guest = await factories.make_person(
        name=plant["account name"], email=plant["account e-mail"], phone=plant["account phone"]
    )
    rosa, staff = await factories.make_person(name="Rosa"), await factories.make_person(name="Op")
    host = await factories.make_host(person=rosa)
    lesson = await factories.make_listing(host_id=host.id)
    soon = await factories.make_start(lesson, days=5)
    stay, _room = await factories.make_homestay(host_id=host.id)
    started = await sessions.start_session(guest.id, device=plant["browser"])
    client.cookies.set(SESSION_COOKIE, started.token, domain="testserver.local")

    # A class that is visited, talked about and reviewed.
    visited = await hold(client, lesson.slug, slot=soon.id, adults=1)
    answer = await check_out(
        client,
        visited,
        "demo_card",
        name=plant["booking name"],
        email=plant["booking e-mail"],
        phone=plant["booking phone"],
        note=plant["booking note"],
    )
    await pay_demo(client, tools, answer)
    await worker.drain(tools)
    await post_form(
        client,
        f"/en/bookings/{visited}/messages",
        {"body": plant["message"]},
        action="messages",
        files={"pictures": (plant["picture's name"] + ".jpg", photo(), "image/jpeg")},
    )
    now = clock.now()
    await messages.write(visited, author=Role.HOST, person_id=rosa.id, body="Welcome, all of you", now=now)
    [hosts] = await db.fetch("SELECT id FROM message WHERE author = 'host'")
    booking = await rows.get(visited)
    await reports.report(
        booking.id,
        hosts["id"],
        by=Role.GUEST,
        person_id=guest.id,
        reason=reports.Reason.OFFENSIVE,
        body=plant["report of a message"],
        now=now,
    )
    await worker.drain(tools)

    # A stay that the guest is said to have missed, with a register and a complaint.
    nights = {"from_": factories.in_days(6).isoformat(), "to": factories.in_days(8).isoformat()}
    offering = await listings.get_offering(listing_id=stay.id)
    assert offering
    missed = await hold(client, stay.slug, **nights, room=offering.rooms[0].id, rooms=1, adults=2)
    answer = await check_out(
        client, missed, "demo_card", name=plant["booking name"], email=plant["booking e-mail"]
    )
    await pay_demo(client, tools, answer)
    await post_form(
        client, f"/en/bookings/{missed}/messages", {"body": plant["message before"]}, action="messages"
    )

    # Waiting for a class that is full, as somebody else.
    full = await factories.make_start(lesson, days=25, capacity=1, confirmed=1)
    offering = await listings.get_offering(listing_id=lesson.id)
    assert offering
    await waiting.join(
        offering=offering,
        choice=Choice(Party(1), slot=await listings.get_slot(full.id, clock.now())),
        name=plant["waiting name"],
        email=plant["waiting e-mail"],
        person_id=guest.id,
        proven=True,
        locale="en",
        now=clock.now(),
    )

    # The account's own wishes.
    await consents.ask(guest.id, plant["SMS number"], locale="en", brand="Benang", now=clock.now())
    await new_address.ask(guest.id, email=plant["address wished for"], current="", address="127.0.0.1")
    with contextlib.suppress(DomainError):
        await accounts.sign_in(plant["account e-mail"], "wrong-password-here", "127.0.0.1")
    wish = opening.Wish(
        kind="supplier",
        name=plant["business asked for"],
        area_code="53.71.01.1001",
        address=plant["business address"],
        phone=plant["business phone"],
        note=plant["business note"],
    )
    await opening.ask(wish, by=guest.id, now=clock.now())
    await worker.drain(tools)

    missed_row = await rows.get(missed)
    with clock.frozen(missed_row.starts_at + timedelta(hours=1)):
        facts = Facts(
            plant["passport's name"],
            "DE",
            plant["passport"],
            date(1983, 7, 19),
            missed_row.starts_on,
            missed_row.ends_on,
        )
        await register.write(
            missed_row,
            facts,
            guest_id=None,
            filled_by="host",
            by=rosa.id,
            secrets=settings.secrets,
            now=clock.now(),
        )
    with clock.frozen(missed_row.starts_at + timedelta(hours=30)):
        await arriving.no_show(missed, by=rosa.id, now=clock.now())
        await absences.contest(missed, text=plant["no-show answer"], by=guest.id, now=clock.now())
        await worker.run_due_duties(tools)
        await worker.drain(tools)
        dispute = await complaints.complain(
            visited, opened_by="guest", body=plant["complaint"], person_id=guest.id, now=clock.now()
        )
        await worker.drain(tools)
        await complaints.resolve(
            dispute, refund_minor=0, reason="Looked into: the roof is whole.", by=staff.id, now=clock.now()
        )
        await worker.drain(tools)
        done = await rows.get(visited)
        await reviews.open_window(visited, clock.now())
        words = {Side.GUEST: plant["review"], Side.HOST: plant["host's words about the guest"]}
        for side, who, author in ((Side.GUEST, guest, plant["review's name"]), (Side.HOST, rosa, "Rosa")):
            await reviews.write(
                done,
                side=side,
                stars=4,
                notes=dict.fromkeys(review_rules.NOTES[side], 4),
                body=words[side],
                locale="en",
                author=author,
                person_id=who.id,
                now=clock.now(),
            )
        [of_host] = await db.fetch("SELECT id FROM review WHERE side = 'host'")
        await reviews.report(
            of_host["id"],
            by=guest.id,
            reason=review_rules.Reason.PERSONAL,
            body=plant["report of a review"],
            now=clock.now(),
        )
        await worker.drain(tools)
        async with db.transaction():
            await tokens.request_link(
                tokens.RESET, plant["account e-mail"], next_path=plant["link's way"], locale="en"
            )
        await worker.drain(tools)
        await _books(visited)
        await _failed_mail(plant["booking e-mail"])
        found = hits(await everything() + in_files(settings.data_dir))
        # Sealed when it was written, and never kept at all: what a picture was called and what lay in it.
        assert set(PLANTED) - found <= {"passport", "passport's name", "picture's name", "picture's inside"}

        resolve_at = clock.now()
        await absences.resolve(
            missed, by=staff.id, outcome=Outcome.STANDS, note="The gate was shut.", now=resolve_at
        )
        await worker.drain(tools)
        await accounts.delete_person(guest.id)
        await worker.drain(tools)
    for days in (4, 6, 8, 10):
        with clock.frozen(missed_row.ends_at + timedelta(days=days)):
            await worker.run_due_duties(tools)
            await worker.drain(tools)
    with clock.frozen(missed_row.ends_at + timedelta(days=20)):
        assert await left_in_tables() == {}
        assert hits(in_files(settings.data_dir)) == set()
        assert hits(await _public(app, lesson.slug), but=KEPT) == set()
    logged = capsys.readouterr()
    assert hits(logged.out + logged.err) == set()
    left = hits(await everything())
    assert left == set(KEPT)


async def _books(booking: str) -> None:
    """What the books say of the guest: where a refund went, and what the bank wrote on a receipt."""
    [paid] = await db.fetch("SELECT id FROM payment WHERE booking_reference = $1", booking)
    now = clock.now()
    await db.execute(
        "INSERT INTO refund (reference, booking_reference, payment_id, amount_minor, currency, reason, state,"
        " bank_account, created_at, updated_at) VALUES ('RF1', $1, $2, 1, 'IDR', 'late', 'confirmed', $3, $4, $4)",
        booking,
        paid["id"],
        PLANTED["refund account"],
        now,
    )
    await db.execute(
        "INSERT INTO bank_receipt (bank_reference, received_on, amount_minor, payer, created_at)"
        " VALUES ('B1', $1, 1, $2, $3)",
        clock.today(),
        PLANTED["payer in the bank"],
        now,
    )


async def _failed_mail(to: str) -> None:
    """The mail server refused a mail and said whom it did not know."""
    [mail] = await db.fetch("SELECT id FROM delivery WHERE recipient = $1 ORDER BY id LIMIT 1", to)
    words = f"SMTPRecipientRefused: 550 {PLANTED['mail that failed']} is unknown"
    await db.execute("UPDATE delivery SET state = 'failed', last_error = $2 WHERE id = $1", mail["id"], words)
    changed = await db.execute(
        "UPDATE job SET state = 'parked', last_error = $2 WHERE dedupe_key = $1",
        f"notifications.send:{mail['id']}",
        words,
    )
    assert changed == 1


async def _public(app: Starlette, slug: str) -> str:
    """What strangers read: the listing with its reviews, and the search."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as stranger:
        pages = [await stranger.get(path) for path in (f"/en/listings/{slug}", "/en/search?q=ottoline")]
    return "".join(page.text for page in pages)
