"""From a hotel's question to a purchase it expects: every step, its mail, and nobody else's eyes on it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import httpx
import pytest

from market import clock
from market.db import fetch
from market.errors import DomainError
from market.outbox import worker
from market.suppliers import desk_queries, quotations, rows, service
from market.suppliers.models import ExpectedPurchase, Quotation
from market.suppliers.offering import SupplierKind
from market.suppliers.rules import Offer, State
from tests import factories
from tests.integration.suppliers import making
from tests.web import follow, post_form, sign_in

pytestmark = pytest.mark.usefixtures("db")


def ahead(days: int) -> date:
    return clock.today() + timedelta(days=days)


async def asked(made: making.Made, hotel_id: int, by: int, key: str = "k" * 16) -> Quotation:
    reference = await quotations.ask(
        product_id=made.product.id,
        hotel_id=hotel_id,
        quantity=20,
        wanted_on=ahead(10),
        place="Kitchen",
        note="",
        by=by,
        request_key=key,
        today=clock.today(),
        now=clock.now(),
    )
    return await Quotation.get(reference=reference)


async def answered(made: making.Made, quotation: Quotation, price: int = 100_000, **offer) -> None:
    given = {"deliver_on": ahead(9), "valid_until": ahead(20), **offer}
    await quotations.answer(
        quotation.id, Offer(price, 50_000, **given), made.acting, today=clock.today(), now=clock.now()
    )


async def test_the_whole_way_through_the_pages(client: httpx.AsyncClient, tools):
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    await sign_in(client, buyer.id)
    product = f"/en/suppliers/{made.supplier.slug}/{made.product.slug}"
    values = {"quantity": "20", "wanted_on": ahead(10).isoformat(), "place": "Kitchen", "note": "Half litres"}
    sent = await post_form(client, f"{product}/ask", values, action="")
    assert sent.status_code == 303, sent.text
    page = await follow(client, sent)
    assert "Waiting for an answer" in page.text
    quotation = await Quotation.get(hotel_id=hotel.id)
    await worker.drain(tools)

    await sign_in(client, made.person.id)
    path = f"/en/supplier/requests/{quotation.reference}"
    assert quotation.reference in (await client.get("/en/supplier/")).text
    offer = {
        "unit_price_minor": "110000",
        "delivery_minor": "50000",
        "deliver_on": ahead(9).isoformat(),
        "valid_until": ahead(14).isoformat(),
        "answer": "With pleasure",
    }
    assert (await post_form(client, path, offer, action="/answer")).status_code == 303
    await worker.drain(tools)

    await sign_in(client, buyer.id)
    page = await client.get(f"/en/hotel/quotations/{quotation.reference}")
    assert "2,250,000" in page.text
    accepted = await post_form(client, str(page.url), action="/accept")
    assert "Accepted." in (await follow(client, accepted)).text
    await worker.drain(tools)
    purchase = await ExpectedPurchase.get(quotation_id=quotation.id)
    assert (purchase.net_minor, purchase.category, purchase.quantity, purchase.unit) == (
        2_250_000,
        "food",
        20,
        "litre",
    )
    assert (purchase.hotel_id, purchase.supplier_id, purchase.expected_on) == (
        hotel.id,
        made.supplier.id,
        ahead(9),
    )
    mails = await fetch("SELECT recipient, subject, body FROM delivery ORDER BY id")
    assert [mail["recipient"] for mail in mails] == [made.person.email, buyer.email, made.person.email]
    assert "2,250,000" in mails[1]["body"]
    assert f"/en/hotel/quotations/{quotation.reference}" in mails[1]["body"]


async def test_mails_come_in_the_readers_language_once_and_cannot_be_dressed_up(tools):
    made = await making.supplier()
    buyer, hotel = await making.hotel("Hotel A\n\nClick here:\nhttps://evil.example")
    await made.person.filter(id=made.person.id).update(locale="id")
    await asked(made, hotel.id, buyer.id)
    await worker.drain(tools)
    await worker.drain(tools)
    mails = await fetch("SELECT locale, subject, body, html FROM delivery")
    assert len(mails) == 1
    assert mails[0]["locale"] == "id"
    assert "/id/supplier/requests/" in mails[0]["body"]
    # What a person wrote stays one line of text: it never becomes a button or a paragraph of ours.
    assert "Hotel A Click here: https://evil.example" in mails[0]["body"]
    assert mails[0]["html"].count("padding:13px 22px") == 1


async def test_a_bumdes_answers_for_a_member_and_the_hotel_sees_it(client: httpx.AsyncClient, tools):
    member = await making.supplier(name="Ina Heka", sole_trader=True)
    bumdes = await making.supplier(name="BUMDes Ajaobaki", kind=SupplierKind.BUMDES)
    await service.name_agent(member.supplier.id, bumdes.supplier.code, member.acting, clock.now())
    buyer, hotel = await making.hotel()
    quotation = await asked(member, hotel.id, buyer.id)
    await sign_in(client, buyer.id)
    assert "Ina Heka" not in (await client.get(f"/en/hotel/quotations/{quotation.reference}")).text
    await sign_in(client, bumdes.person.id)
    path = f"/en/supplier/requests/{quotation.reference}"
    offer = {
        "unit_price_minor": "1000",
        "deliver_on": ahead(9).isoformat(),
        "valid_until": ahead(9).isoformat(),
    }
    assert (await post_form(client, path, offer, action="/answer")).status_code == 303
    await worker.drain(tools)
    await sign_in(client, buyer.id)
    page = await client.get(f"/en/hotel/quotations/{quotation.reference}")
    assert "BUMDes Ajaobaki" in page.text
    assert "Ina Heka" in page.text
    told = await fetch("SELECT body FROM delivery WHERE recipient = $1", buyer.email)
    assert "on the supplier&#39;s behalf" in told[0]["body"] or "on the supplier's behalf" in told[0]["body"]


async def test_the_other_side_and_strangers_see_nothing(client: httpx.AsyncClient):
    made, other = await making.supplier(), await making.supplier()
    buyer, hotel = await making.hotel()
    stranger, _ = await making.hotel("Another")
    quotation = await asked(made, hotel.id, buyer.id)
    await sign_in(client, stranger.id)
    assert (await client.get(f"/en/hotel/quotations/{quotation.reference}")).status_code == 404
    assert quotation.reference not in (await client.get("/en/hotel/quotations")).text
    assert (await client.get(f"/en/supplier/requests/{quotation.reference}")).status_code == 403
    await sign_in(client, other.person.id)
    assert (await client.get(f"/en/supplier/requests/{quotation.reference}")).status_code == 404
    assert (await client.get(f"/en/hotel/quotations/{quotation.reference}")).status_code == 403
    assert (await client.get("/en/supplier/requests/NOBODY99")).status_code == 404


async def test_one_form_sent_twice_is_one_request_and_keys_are_not_shared():
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    first, again = await asked(made, hotel.id, buyer.id), await asked(made, hotel.id, buyer.id)
    assert first.id == again.id
    assert (await asked(made, hotel.id, buyer.id, "other" * 4)).id != first.id


async def test_an_offer_is_taken_as_shown_in_time_and_once():
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    quotation = await asked(made, hotel.id, buyer.id)
    today, now = clock.today(), clock.now()

    async def accept(total: int, day: date = today) -> None:
        await quotations.accept(quotation.id, by=buyer.id, total_minor=total, today=day, now=now)

    with pytest.raises(DomainError, match="quotation_closed"):
        await accept(1)
    await answered(made, quotation, 100_000)
    await answered(made, quotation, 90_000)
    with pytest.raises(DomainError, match="offer_changed"):
        await accept(2_050_000)
    with pytest.raises(DomainError, match="offer_over"):
        await accept(1_850_000, ahead(21))
    await accept(1_850_000, ahead(20))
    for act in (
        accept(1_850_000),
        answered(made, quotation),
        quotations.refuse(quotation.id, "", by=buyer.id, now=now),
        quotations.withdraw(quotation.id, by=buyer.id, now=now),
        quotations.decline(quotation.id, "", made.acting, now=now),
    ):
        with pytest.raises(DomainError, match="quotation_closed"):
            await act
    assert await ExpectedPurchase.all().count() == 1


async def test_of_many_who_accept_at_once_one_does():
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    quotation = await asked(made, hotel.id, buyer.id)
    await answered(made, quotation)
    results = await asyncio.gather(
        *(
            quotations.accept(
                quotation.id, by=buyer.id, total_minor=2_050_000, today=clock.today(), now=clock.now()
            )
            for _ in range(5)
        ),
        return_exceptions=True,
    )
    assert [result for result in results if result is None] == [None]
    assert await ExpectedPurchase.all().count() == 1


@pytest.mark.parametrize("ending", ["declined", "refused", "withdrawn"])
async def test_the_other_endings_tell_the_other_side(tools, ending):
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    quotation = await asked(made, hotel.id, buyer.id)
    now = clock.now()
    match ending:
        case "declined":
            await quotations.decline(quotation.id, "Rains", made.acting, now=now)
        case "withdrawn":
            await quotations.withdraw(quotation.id, by=buyer.id, now=now)
        case _:
            await answered(made, quotation)
            await quotations.refuse(quotation.id, "Too dear", by=buyer.id, now=now)
    await worker.drain(tools)
    to = buyer.email if ending == "declined" else made.person.email
    last = (await fetch("SELECT recipient, body FROM delivery ORDER BY id DESC"))[0]
    assert last["recipient"] == to
    row = await desk_queries.get_quotation_by_id(quotation.id)
    assert row is not None
    assert row.state is State(ending)
    assert not row.open


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.5"}, "quantity"),
        ({"quantity": "9" * 20}, "quantity"),
        ({"wanted_on": "2020-01-01"}, "wanted_on"),
        ({"wanted_on": "tomorrow"}, "wanted_on"),
        ({"hotel": "1"}, "hotel"),
        ({"note": "x" * 1001}, "note"),
    ],
)
async def test_a_wrong_request_is_refused_at_its_field(client: httpx.AsyncClient, change, field):
    made = await making.supplier()
    buyer, _ = await making.hotel()
    await sign_in(client, buyer.id)
    path = f"/en/suppliers/{made.supplier.slug}/{made.product.slug}/ask"
    good = {"quantity": "2", "wanted_on": ahead(3).isoformat()}
    answer = await post_form(client, path, {**good, **change}, action="")
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert await Quotation.all().count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_price_minor": ""}, "unit_price_minor"),
        ({"unit_price_minor": "45.5"}, "unit_price_minor"),
        ({"unit_price_minor": "0"}, "unit_price_minor"),
        ({"delivery_minor": "-1"}, "delivery_minor"),
        ({"deliver_on": "2020-01-01"}, "deliver_on"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        ({"unit_price_minor": "99999999999", "delivery_minor": "99999999999"}, None),
    ],
)
async def test_a_wrong_offer_is_refused_at_its_field(client: httpx.AsyncClient, change, field):
    made = await making.supplier()
    buyer, hotel = await making.hotel()
    quotation = await asked(made, hotel.id, buyer.id)
    await sign_in(client, made.person.id)
    good = {
        "unit_price_minor": "1000",
        "delivery_minor": "0",
        "deliver_on": ahead(3).isoformat(),
        "valid_until": ahead(3).isoformat(),
    }
    answer = await post_form(
        client, f"/en/supplier/requests/{quotation.reference}", {**good, **change}, action="/answer"
    )
    if field is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text


async def test_an_officer_finds_an_origin_after_confirming_who_they_are(client: httpx.AsyncClient):
    made = await making.supplier()
    officer = await factories.make_person(name="Adriana")
    office = await making.organisation("office", "Kantor Pajak")
    await factories.make_member(officer, "officer", office.id)
    await sign_in(client, officer.id)
    assert "Madu hutan" in (await client.get("/id/officer/origins")).text
    path = f"/en/officer/origins/{made.product.id}"
    values = {"origin": "A", "evidence_id": "Dilihat di kebun.", "expires_on": ahead(300).isoformat()}
    for wrong in ({"evidence_id": "x"}, {"origin": "Z"}, {"expires_on": ahead(-1).isoformat()}):
        assert (await post_form(client, path, {**values, **wrong}, action="")).status_code == 400
    assert (await post_form(client, path, values, action="")).status_code == 303
    product = (await rows.load_products_by_id([made.product.id], clock.today()))[made.product.id]
    assert product.decision is not None
    assert (product.decision.office, product.decision.decided_by) == ("Kantor Pajak", officer.id)
    assert "Madu hutan" not in (await client.get("/id/officer/origins")).text
    assert (await client.get("/en/officer/origins/999999999")).status_code == 404
    assert (await client.get(f"/en/officer/origins/{10**25}")).status_code == 404
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        late = await client.get(path)
        assert late.status_code == 303
        assert "/officer/origins/" not in late.headers["location"].split("?")[0]
