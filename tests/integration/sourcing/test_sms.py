"""Suppliers answer hotels from any phone: purchases, other amounts, prices; agents; guessing; a new number waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from market import clock
from market import db as database
from market.app import handlers as _handlers  # noqa: F401 - registers what the phones hear
from market.sms import numbers, supply_replies
from market.sourcing.models import ConfirmationAnswer, PurchaseDocument
from market.suppliers import quotations, service
from market.suppliers.models import Quotation
from market.suppliers.offering import Acting, SupplierKind
from tests.integration.sms.phones import Phone, connect
from tests.integration.sourcing.buying import bought, hotel, line, of, supplier


@pytest.fixture
def now(db: str) -> datetime:
    """Tomorrow at ten in the morning, WITA."""
    return (
        (clock.now() + timedelta(days=1)).astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    )


class Deal:
    """A hotel, a supplier and the supplier's phone."""

    def __init__(self, person, house, made, phone: Phone) -> None:
        self.person, self.house, self.made, self.phone = person, house, made, phone

    async def buy(self, *lines, **fields) -> PurchaseDocument:
        with clock.frozen(self.phone.now):
            reference = await bought(of(self.made, *lines, **fields), self.house.id, self.person.id)
        await self.phone.work()
        return await PurchaseDocument.get(reference=reference)

    async def code(self) -> str:
        found = re.search(r"(?:YA|HARGA) (\d{4})", await self.phone.last())
        assert found is not None
        return found[1]

    async def state(self, document: PurchaseDocument) -> str:
        return (await PurchaseDocument.get(id=document.id)).confirmation


@pytest.fixture
async def deal(db, tools, now) -> Deal:
    person, house = await hotel()
    made = await supplier()
    phone = await connect(made.supplier.organisation_id, tools, now)
    return Deal(person, house, made, phone)


async def test_the_phone_is_welcomed_in_its_own_words(deal):
    said = await deal.phone.got()
    assert "menjawab hotel" in said[0]
    assert said[1] == supply_replies.WELCOME.say("id")
    assert "HARGA" in await deal.phone.send("BANTU")


async def test_yes_confirms_and_the_hotel_hears_it(deal):
    document = await deal.buy(line(2_340_000))
    asked = await deal.phone.last()
    assert "Rp2.340.000" in asked
    assert await deal.state(document) == "asked"
    reply = await deal.phone.send(f"ya {await deal.code()}")
    assert "benar" in reply
    assert await deal.state(document) == "yes"
    answer = await ConfirmationAnswer.get(document_id=document.id)
    assert (answer.way, answer.person_id, answer.agent_id) == ("sms", None, None)
    mails = await database.fetch("SELECT subject FROM delivery WHERE recipient = $1", deal.person.email)
    assert any(document.reference in mail["subject"] for mail in mails)
    assert "sudah dijawab begitu" in await deal.phone.send(f"YA {reply[:4]}")


async def test_another_amount_and_not_mine(deal):
    document = await deal.buy(line(2_500_000))
    code = await deal.code()
    assert "Rp2.400.000" in await deal.phone.send(f"TIDAK {code} 2.400.000")
    row = await PurchaseDocument.get(id=document.id)
    assert (row.confirmation, row.confirmed_net_minor) == ("other_amount", 2_400_000)
    assert "belum jelas" in await deal.phone.send(f"TIDAK {code} 2,4 jt")
    assert "bukan penjualan" in await deal.phone.send(f"TIDAK {code}")
    assert await deal.state(document) == "not_mine"
    assert "benar" in await deal.phone.send(f"TIDAK {code} 2500000")
    assert await deal.state(document) == "yes"


async def test_without_a_code_nothing_is_done(deal):
    document = await deal.buy()
    code = await deal.code()
    assert code in await deal.phone.send("ya")
    assert await deal.state(document) == "asked"
    assert "tidak ada pada nomor ini" in await deal.phone.send("YA 2345")


async def test_a_code_of_another_number_is_not_yours(deal, tools, now):
    document = await deal.buy()
    code = await deal.code()
    stranger = Phone(tools, deal.phone.now, "+6281377700077")
    assert "4821" not in await stranger.send(f"YA {code}")
    assert await deal.state(document) == "asked"
    other = await supplier(name="Lain")
    phone = await connect(other.supplier.organisation_id, tools, now, number="+6281377700088")
    await phone.send(f"YA {code}")
    assert await deal.state(document) == "asked"


async def test_after_guessing_a_yes_needs_a_fresh_code(deal):
    document = await deal.buy()
    code = await deal.code()
    for guess in range(3):
        deal.phone.wait(hours=2)
        await deal.phone.send(f"YA {2000 + (int(code) + 7 * guess + 11) % 7999}")
    deal.phone.wait(hours=2)
    asked = await deal.phone.send(f"YA {code}")
    fresh = re.search(rf"YA {code} (\d{{4}})", asked)
    assert fresh is not None
    assert await deal.state(document) == "asked"
    await deal.phone.send(f"YA {code} {fresh[1]}")
    assert await deal.state(document) == "yes"


async def test_a_further_number_waits_a_week(deal, tools):
    await deal.buy()
    second = await connect(deal.made.supplier.organisation_id, tools, deal.phone.now, number="+6281377700099")
    assert "bisa menjawab mulai" in await second.send("ya")
    assert (await numbers.list_active(deal.made.supplier.organisation_id))[1].number == "+6281377700099"
    second.wait(days=8)
    assert "bisa menjawab" not in await second.send("ya")


async def test_a_bumdes_answers_for_its_members(db, tools, now):
    person, house = await hotel()
    bumdes = await supplier(name="BUMDes Mutis", kind=SupplierKind.BUMDES)
    member = await supplier(name="Penenun Ina")
    code = (await database.fetch_one("SELECT code FROM supplier WHERE id = $1", bumdes.supplier.id))["code"]
    await service.name_agent(member.supplier.id, code, Acting(member.person.id), clock.now())
    phone = await connect(bumdes.supplier.organisation_id, tools, now)
    deal = Deal(person, house, member, phone)
    document = await deal.buy()
    await phone.send(f"YA {await deal.code()}")
    answer = await ConfirmationAnswer.get(document_id=document.id)
    assert answer.agent_id == bumdes.supplier.organisation_id


async def ask_price(deal: Deal, quantity: int = 60) -> Quotation:
    with clock.frozen(deal.phone.now):
        reference = await quotations.ask(
            product_id=deal.made.product.id,
            hotel_id=deal.house.id,
            quantity=quantity,
            wanted_on=clock.today() + timedelta(days=10),
            place="",
            note="",
            by=deal.person.id,
            request_key=f"key-{quantity}-0123456789",
            today=clock.today(),
            now=clock.now(),
        )
    await deal.phone.work()
    return await Quotation.get(reference=reference)


async def test_a_price_by_sms_is_an_offer(deal):
    quotation = await ask_price(deal)
    code = await deal.code()
    assert "minta harga" in await deal.phone.last()
    assert "tulis harganya" in await deal.phone.send(f"YA {code}")
    assert "belum jelas" in await deal.phone.send(f"HARGA {code} 2,5")
    assert "Rp1.500.000" in await deal.phone.send(f"harga {code} 25.000")
    row = await Quotation.get(id=quotation.id)
    assert (row.state, row.unit_price_minor, row.total_minor) == ("answered", 25_000, 1_500_000)
    await deal.phone.send(f"HARGA {code} 24000")
    assert (await Quotation.get(id=quotation.id)).unit_price_minor == 24_000


async def test_no_to_a_request(deal):
    quotation = await ask_price(deal, 61)
    assert "tidak bisa" in await deal.phone.send(f"TIDAK {await deal.code()}")
    assert (await Quotation.get(id=quotation.id)).state == "declined"


async def test_at_night_nobody_is_woken(deal):
    deal.phone.now = deal.phone.now.replace(hour=14)  # 22.00 WITA
    before = len(await deal.phone.got())
    await deal.buy()
    assert len(await deal.phone.got()) == before
    deal.phone.wait(hours=9)
    await deal.phone.work()
    assert len(await deal.phone.got()) == before + 1


async def test_many_purchases_are_a_few_messages_and_a_number(deal):
    before = len(await deal.phone.got())
    with clock.frozen(deal.phone.now):
        for _ in range(7):
            await bought(of(deal.made), deal.house.id, deal.person.id)
    await deal.phone.work()
    said = (await deal.phone.got())[before:]
    assert len(said) == 5
    assert said[-1].startswith("3 pembelian lain")
