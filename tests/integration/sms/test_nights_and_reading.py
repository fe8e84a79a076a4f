"""TUTUP, BUKA, JADWAL and UANG against real nights, bookings and the ledger."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from market import clock, db
from market.bookings.quote import Choice
from market.listings import queries as listings
from market.listings.models import Slot
from market.payments import ledger
from market.values.dates import DateRange, local_day
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows
from tests.integration.sms.phones import connect, make_class, request


@pytest.fixture
async def home(db, tools, now):
    """A homestay with one room, and its host's phone: (listing, room, phone)."""
    listing, room = await factories.make_homestay(instant=False)
    return listing, room, await connect(listing.host_id, tools, now)


def typed(first: date, last: date) -> str:
    return f"{first.day}/{first.month}-{last.day}/{last.month}"


async def free(room_id: int, day: date) -> int:
    night = await Slot.get_or_none(room_type_id=room_id, starts_on=day)
    return 1 if night is None else night.capacity - night.held - night.confirmed - night.blocked


async def test_closing_says_back_what_was_closed_and_how_to_reopen(home):
    _, room, phone = home
    first = local_day(phone.now) + timedelta(days=30)
    last = first + timedelta(days=2)
    reply = await phone.send(f"TUTUP {typed(first, last)}")
    assert re.match(r"OK\. Front room tutup .+ \(3 malam\)\. Buka lagi: BUKA .+$", reply)
    assert [await free(room.id, first + timedelta(days=n)) for n in range(-1, 4)] == [1, 0, 0, 0, 1]
    again = reply.partition("Buka lagi: ")[2]
    phone.wait(minutes=1)
    asked = await phone.send(again)
    assert asked.startswith("Demi keamanan balas BUKA ")
    assert await free(room.id, first) == 0
    one = re.search(r"BUKA (\d{4})", asked)[1]
    assert (await phone.send(f"buka {one}")).startswith("OK. Front room buka lagi")
    assert [await free(room.id, first + timedelta(days=n)) for n in range(3)] == [1, 1, 1]
    assert "sudah dipakai" in await phone.send(f"BUKA {one}")


async def test_a_code_to_reopen_ends_after_ten_minutes(home):
    _, room, phone = home
    await phone.send("TUTUP BESOK")
    day = local_day(phone.now) + timedelta(days=1)
    one = re.search(r"BUKA (\d{4})", await phone.send("BUKA BESOK"))[1]
    phone.wait(minutes=10, seconds=1)
    assert "sudah lewat 10 menit" in await phone.send(f"BUKA {one}")
    assert await free(room.id, day) == 0


async def test_closing_what_is_sold_closes_the_rest_and_names_the_clash(home, tools):
    listing, room, phone = home
    first = local_day(phone.now) + timedelta(days=30)
    reference = await stay(listing, room, first + timedelta(days=1), 2, tools, phone)
    code = re.search(r"Pesanan (\d{4})", await phone.last())[1]
    await phone.send(f"YA {code}")
    reply = await phone.send(f"TUTUP {typed(first, first + timedelta(days=4))}")
    assert "kecuali yang sudah dipesan:" in reply
    assert code in reply
    assert "Hannah" not in reply
    assert reference not in reply
    nights = [await Slot.get(room_type_id=room.id, starts_on=first + timedelta(days=n)) for n in range(5)]
    assert [(night.confirmed, night.blocked) for night in nights] == [(0, 1), (1, 0), (1, 0), (0, 1), (0, 1)]


async def stay(listing, room, first: date, nights: int, tools, phone) -> str:
    offering = await listings.get_offering(listing_id=listing.id)
    with clock.frozen(phone.now):
        choice = room_choice(offering, room.id, first, nights)
        reference = await flows.hold_choice(listing, choice, now=phone.now)
        await flows.go_on(reference, tools, method="on_arrival", now=phone.now)
    await phone.work()
    return reference


def room_choice(offering, room_id: int, first: date, nights: int) -> Choice:
    room = next(r for r in offering.rooms if r.id == room_id)
    return Choice(Party(2), room=room, nights=DateRange(first, first + timedelta(days=nights)))


async def test_rooms_are_called_by_number_and_without_one_the_house_is_meant(home):
    listing, room, phone = home
    second = await factories.make_room(listing)
    await db.execute(
        """UPDATE room_type SET texts = '{"id":{"name":"Kamar kebun"}}' WHERE id = $1""", second.id
    )
    day = local_day(phone.now) + timedelta(days=30)
    reply = await phone.send(f"TUTUP 2 {day.day}/{day.month}")
    assert reply.startswith("OK. Kamar kebun tutup")
    assert "Buka lagi: BUKA 2 " in reply
    assert [await free(room.id, day), await free(second.id, day)] == [1, 0]
    assert (
        await phone.send(f"TUTUP 7 {day.day}/{day.month}")
        == "Kamar 7 tidak ada. Kamar Anda: 1 Front room, 2 Kamar kebun"
    )
    assert (await phone.send(f"TUTUP {day.day}/{day.month}")).startswith("OK. Semua kamar tutup")
    assert await free(room.id, day) == 0


async def test_dates_that_cannot_be_read_change_nothing(home):
    _, _, phone = home
    assert (await phone.send("TUTUP 31 FEB")).startswith("Tanggal belum terbaca, tidak ada yang berubah.")
    assert await Slot.all().count() == 0


async def test_days_closed_on_the_web_stay_closed(home):
    listing, _, phone = home
    day = local_day(phone.now) + timedelta(days=30)
    await factories.make_closure(listing, day, day)
    assert "hari tutup yang Anda tulis di web" in await phone.send(f"BUKA {day.day}/{day.month}")


async def test_a_host_without_rooms_closes_sessions(db, tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    day = session.starts_on
    assert (await phone.send(f"TUTUP {day.day}/{day.month}")).startswith("OK. 1 jadwal tutup")
    assert (await Slot.get(id=session.id)).status == "closed"
    one = re.search(r"BUKA (\d{4})", await phone.send(f"BUKA {day.day}/{day.month}"))[1]
    await phone.send(f"BUKA {one}")
    assert (await Slot.get(id=session.id)).status == "open"
    assert (await phone.send("TUTUP BESOK")).startswith("Tidak ada kamar atau jadwal Anda pada")


async def test_a_month_in_one_message(home, tools):
    listing, room, phone = home
    month = (local_day(phone.now).replace(day=1) + timedelta(days=62)).replace(day=1)
    name = phone_month(month)
    assert "kosong semua" in await phone.send(f"JADWAL {month.month}")
    await stay(listing, room, month.replace(day=4), 3, tools, phone)
    code = re.search(r"Pesanan (\d{4})", await phone.last())[1]
    await phone.send(f"TUTUP 24-26/{month.month}")
    reply = await phone.send(f"jadwal {month.month}")
    assert reply == f"{name}: 4-6 tanya {code}. 24-26 tutup. Lain kosong."
    await phone.send(f"YA {code}")
    phone.wait(minutes=11)
    assert await phone.send(f"JADWAL {month.month}") == f"{name}: 4-6 2org. 24-26 tutup. Lain kosong."


def phone_month(month: date) -> str:
    from market.i18n import formats

    year = "" if month.year == clock.today().year else f" {month.year}"
    return formats.month_short(month, "id") + year


async def test_money_is_read_from_the_ledger(home):
    listing, _, phone = home
    account = ledger.host_payable(listing.host_id)
    async with db.transaction():
        await ledger.post("rel:A", "released", "A", [(ledger.guest_hold("A"), account, 950_000)], phone.now)
        await ledger.post("po:1", "payout", "", [(account, "liab:payout_in_transit:1", 300_000)], phone.now)
        await ledger.post("po:2", "payout", "", [(account, "liab:payout_in_transit:2", 50_000)], phone.now)
        await ledger.post("po:2:b", "bounced", "", [("liab:payout_in_transit:2", account, 50_000)], phone.now)
    reply = await phone.send("UANG")
    assert re.match(
        r"Sudah dibayar Rp300\.000 \(terakhir \d+ \w+\)\. Berikut Rp650\.000\. Akan datang Rp0 dari 0 pesanan\.",
        reply,
    )


async def test_what_is_sold_is_coming(db, tools, now):
    listing, session = await make_class()
    phone = await connect(listing.host_id, tools, now)
    await request(listing, session, tools, phone.now)
    code = re.search(r"Pesanan (\d{4})", await phone.last())[1]
    await phone.send(f"YA {code}")
    assert "Akan datang Rp1.900.000 dari 1 pesanan." in await phone.send("uang")
