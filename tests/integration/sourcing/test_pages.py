"""The ledger's pages as a browser without a script sees them: list, form, document, receipts, answers, registration."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO

import httpx
import pytest
from PIL import Image

from market import clock
from market import db as database
from market.app import handlers as _handlers
from market.outbox import worker
from market.sourcing import locks, opening, queries
from market.sourcing.models import (
    ConfirmationAnswer,
    ConfirmationRequest,
    Evidence,
    HotelProfile,
    OrganisationRequest,
    PurchaseDocument,
)
from market.suppliers import quotations
from market.suppliers.models import Quotation
from market.suppliers.rules import Offer
from market.values.csv_cells import safe_cell
from tests import factories
from tests.integration.sourcing.buying import bought, hotel, line, of, paper, supplier
from tests.web import follow, form_with, sign_in

LEDGER = "/en/hotel/purchases"


class Desk:
    """A hotel's person at the browser."""

    def __init__(self, client: httpx.AsyncClient, person, house, made) -> None:
        self.client, self.person, self.house, self.made = client, person, house, made

    async def see(self, path: str) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    async def send(self, path: str, values: dict, *, field: str, files=None) -> httpx.Response:
        form = form_with(await self.see(path), field=field)
        return await self.client.post(form["action"] or path, data={**form["data"], **values}, files=files)

    async def log(self, values: dict, **more) -> httpx.Response:
        usual = {
            "seller": "Toko Makmur",
            "invoice_on": clock.today().isoformat(),
            "description_0": "Beras 25 kg",
            "amount_0": "1.250.000",
            "act": "save",
        }
        return await self.send(f"{LEDGER}/new", {**usual, **values}, field="seller", **more)

    async def only(self) -> PurchaseDocument:
        return await PurchaseDocument.get()


@pytest.fixture
async def desk(client) -> Desk:
    person, house = await hotel()
    made = await supplier()
    await sign_in(client, person.id)
    return Desk(client, person, house, made)


def photo(colour: str = "teal") -> tuple[str, tuple[str, bytes, str]]:
    file = BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "JPEG")
    return "photos", ("nota.jpg", file.getvalue(), "image/jpeg")


# The list -------------------------------------------------------------------------------------------------
async def test_an_empty_month_says_what_to_do(desk):
    html = await desk.see(LEDGER)
    assert "Nothing logged in this month yet" in html


async def test_the_list_filters_and_adds_up(desk):
    await bought(of(desk.made, line(2_000_000), number="A-1", days_ago=0), desk.house.id, desk.person.id)
    await bought(paper(line(500_000, category="textile"), days_ago=0), desk.house.id, desk.person.id)
    html = await desk.see(LEDGER)
    assert "Madu Mutis" in html
    assert "Rp 2,500,000" in html.replace("\u00a0", " ")
    assert "Toko Makmur" not in await desk.see(f"{LEDGER}?q=mutis")
    assert "Madu Mutis" not in await desk.see(f"{LEDGER}?category=textile")
    assert "Toko Makmur" not in await desk.see(f"{LEDGER}?state=asked")
    assert "Nothing like that" in await desk.see(f"{LEDGER}?state=void")
    assert "Nothing like that" in await desk.see(f"{LEDGER}?q=100%25_\\")
    for odd in ("month=2026-13", "page=99999", "state=%00", "category=gold", "hotel=1e9", "q=" + "x" * 200):
        await desk.see(f"{LEDGER}?{odd}")


async def test_another_hotels_ledger_is_not_found(desk):
    person, other = await hotel("Hotel Lain")
    reference = await bought(paper(), other.id, person.id)
    for path in (f"{LEDGER}?hotel={other.id}", f"{LEDGER}/{reference}", f"{LEDGER}/{reference}/credit"):
        assert (await desk.client.get(path)).status_code == 404, path
    assert reference not in await desk.see(LEDGER)
    own = await bought(paper(), desk.house.id, desk.person.id)
    token = form_with(await desk.see(f"{LEDGER}/{own}"), action="/void")["data"]["csrf"]
    for act in ("void", "undo", "ask-again", "photos", "correct", "credit"):
        answer = await desk.client.post(f"{LEDGER}/{reference}/{act}", data={"csrf": token, "reason": "x"})
        assert answer.status_code == 404, act
    assert (await PurchaseDocument.get(reference=reference)).status == "live"


async def test_the_file_has_every_line_and_no_formula(desk):
    await bought(
        paper(line(description="=1+1"), line(700_000), seller_name="@toko", days_ago=0),
        desk.house.id,
        desk.person.id,
    )
    answer = await desk.client.get(f"{LEDGER}.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 3
    assert rows[1][5] == "'@toko"
    assert rows[1][7] == "'=1+1"
    assert rows[2][15] == "700000"
    assert "Purchases in" in await desk.see(f"{LEDGER}/sheet")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=A1", "'=A1"),
        ("+62", "'+62"),
        ("-5", "-5"),
        ("-x", "'-x"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("5", "5"),
        ("", ""),
    ],
)
def test_cells_that_begin_like_a_formula_are_text(cell, written):
    assert safe_cell(cell) == written


# The form -------------------------------------------------------------------------------------------------
async def test_a_purchase_is_logged_with_vat_taken_out(desk):
    answer = await desk.log(
        {"amount_0": "11.100.000", "basis_0": "gross", "vat_0": "11", "quantity_0": "12,5", "unit_0": "kg"}
    )
    assert answer.status_code == 303
    document = await desk.only()
    assert (document.net_minor, document.vat_minor) == (10_000_000, 1_100_000)
    row = (await queries.list_lines([document.id]))[document.id][0]
    assert (row.quantity_milli, row.unit, row.amount) == (12_500, "kg", "11100000")
    html = (await follow(desk.client, answer)).text
    assert "Logged as" in html
    assert "Undo" in html


async def test_foreign_money_at_the_stated_rate(desk):
    answer = await desk.log({"currency": "usd", "rate": "16.412,50", "amount_0": "250.00"})
    assert answer.status_code == 303
    assert (await desk.only()).net_minor == 4_103_125


async def test_every_error_stands_at_its_field_and_nothing_is_lost(desk):
    answer = await desk.log(
        {
            "seller": "",
            "paper": "invoice",
            "number": "",
            "currency": "USD",
            "rate": "lots",
            "amount_0": "1.2.3",
            "vat_0": "200",
            "description_0": "Sesuatu",
            "amount_1": "50.000",
            "quantity_1": "-1",
            "description_1": "Baris dua",
        },
        files=[photo()],
    )
    assert answer.status_code == 400
    for name in ("seller", "rate", "amount_0", "vat_0", "quantity_1", "number"):
        assert f'id="{name}-error"' in answer.text, name
    for kept in ("Sesuatu", "Baris dua", "lots", "1.2.3"):
        assert kept in answer.text
    reference = (await Evidence.get()).reference
    assert f'value="{reference}" checked' in answer.text
    assert await PurchaseDocument.all().count() == 0


async def test_more_lines_and_photos_that_came_before(desk):
    answer = await desk.log({"act": "more"}, files=[photo()])
    assert 'name="amount_3"' in answer.text
    evidence = await Evidence.get()
    form = form_with(answer.text, field="amount_3")
    sent = {
        **form["data"],
        "act": "save",
        "evidence": evidence.reference,
        "amount_2": "10.000",
        "description_2": "Tali",
    }
    answer = await desk.client.post(f"{LEDGER}/new", data=sent)
    assert answer.status_code == 303, re.findall(r'class="err"[^>]*>.*?</p>', answer.text)
    document = await desk.only()
    assert document.net_minor == 1_260_000
    assert (await Evidence.get()).document_id == document.id
    assert document.source == "photo"


async def test_a_supplier_is_found_by_name_and_its_product_by_what_is_written(desk):
    answer = await desk.log({"seller": "madu mutis", "act": "seller"})
    assert "Forest honey" in answer.text
    assert (await desk.log({"seller": "Madu Mutis", "description_0": "forest honey"})).status_code == 303
    document = await desk.only()
    assert (document.supplier_id, document.confirmation) == (desk.made.supplier.id, "asked")
    row = (await queries.list_lines([document.id]))[document.id][0]
    assert row.product_id == desk.made.product.id


async def test_two_suppliers_of_a_name_are_asked_about(desk):
    other = await supplier()
    answer = await desk.log({"seller": "Madu Mutis"})
    assert answer.status_code == 400
    assert other.supplier.code in answer.text
    assert (await desk.log({"seller": "Madu Mutis", "supplier": other.supplier.code})).status_code == 303
    assert (await desk.only()).supplier_id == other.supplier.id


async def test_the_same_paper_leads_to_the_first(desk):
    assert (await desk.log({"number": "INV/0012"})).status_code == 303
    first = (await desk.only()).reference
    answer = await desk.log({"number": "inv-12"})
    assert answer.status_code == 400
    assert f"{LEDGER}/{first}" in answer.text
    assert 'id="number-error"' in answer.text


async def test_a_submitted_month_asks_for_an_adjustment(desk):
    await locks.freeze(desk.house.id, f"{clock.today():%Y-%m}", 7, clock.now())
    answer = await desk.log({})
    assert answer.status_code == 400
    assert 'name="adjustment"' in answer.text
    assert (await desk.log({"adjustment": "yes"})).status_code == 303
    assert (await desk.only()).is_adjustment


async def test_what_was_agreed_on_is_logged_with_one_press(desk):
    now, today = clock.now(), clock.today()
    reference = await quotations.ask(
        product_id=desk.made.product.id, hotel_id=desk.house.id, quantity=60, wanted_on=today, place="", note="",
        by=desk.person.id, request_key="key-0123456789abcdef", today=today, now=now,
    )  # fmt: skip
    quotation = await Quotation.get(reference=reference)
    offer = Offer(25_000, 0, today, today + timedelta(days=5))
    await quotations.answer(quotation.id, offer, desk.made.acting, today=today, now=now)
    await quotations.accept(quotation.id, by=desk.person.id, total_minor=1_500_000, today=today, now=now)
    html = await desk.see(LEDGER)
    path = re.search(r'href="(/en/hotel/purchases/new\?expected=\d+)"', html)
    assert path is not None
    answer = await desk.send(path[1], {"act": "save"}, field="amount_0")
    assert answer.status_code == 303
    document = await desk.only()
    assert (document.net_minor, document.source, document.supplier_id) == (
        1_500_000,
        "quotation",
        desk.made.supplier.id,
    )
    assert path[1] not in await desk.see(LEDGER)
    assert (await desk.client.get(path[1])).status_code == 404
    person, _ = await hotel("Hotel Lain")
    await sign_in(desk.client, person.id)
    assert (await desk.client.get(path[1])).status_code == 404


# A document -----------------------------------------------------------------------------------------------
async def test_undo_void_correct_and_credit(desk):
    await desk.log({"number": "7"})
    first = (await desk.only()).reference
    form = form_with(await desk.see(f"{LEDGER}/{first}"), action="/undo")
    assert (await desk.client.post(form["action"], data=form["data"])).status_code == 303
    assert (await PurchaseDocument.get(reference=first)).status == "void"
    html = await desk.see(f"{LEDGER}/{first}")
    assert "/undo" not in html
    assert f"?copy={first}" in html
    assert 'value="1,250,000"' in await desk.see(f"{LEDGER}/new?copy={first}")
    await desk.log({"number": "8"})
    second = (await PurchaseDocument.get(number="8")).reference
    answer = await desk.send(f"{LEDGER}/{second}", {"reason": ""}, field="reason")
    assert answer.status_code == 400
    assert 'id="reason-error"' in answer.text
    wrong = await desk.send(
        f"{LEDGER}/{second}/correct", {"amount_0": "900.000", "reason": ""}, field="amount_0"
    )
    assert wrong.status_code == 400
    answer = await desk.send(
        f"{LEDGER}/{second}/correct", {"amount_0": "900.000", "reason": "Salah baca"}, field="amount_0"
    )
    assert answer.status_code == 303
    third = await PurchaseDocument.get(number="8", status="live")
    assert third.net_minor == 900_000
    assert "Salah baca" in await desk.see(f"{LEDGER}/{second}")
    answer = await desk.send(f"{LEDGER}/{third.reference}/credit", {"amount_0": "950.000"}, field="amount_0")
    assert answer.status_code == 400
    answer = await desk.send(f"{LEDGER}/{third.reference}/credit", {"amount_0": "100.000"}, field="amount_0")
    assert answer.status_code == 303
    credit = await PurchaseDocument.get(kind="credit_note")
    assert (credit.credits_id, credit.net_minor) == (third.id, 100_000)


async def test_photos_are_added_served_and_taken_off(desk):
    await desk.log({})
    document = await desk.only()
    html = await desk.see(f"{LEDGER}/{document.reference}")
    form = form_with(html, action="/photos")
    answer = await desk.client.post(form["action"], data=form["data"], files=[photo()])
    assert answer.status_code == 303
    answer = await desk.client.post(form["action"], data=form["data"], files=[photo()])
    assert answer.status_code == 400
    assert document.reference in answer.text
    answer = await desk.client.post(form["action"], data=form["data"])
    assert answer.status_code == 400
    evidence = await Evidence.get()
    original = await desk.client.get(f"/en/hotel/receipts/{evidence.reference}")
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["content-type"] == "image/jpeg"
    person, _ = await hotel("Hotel Lain")
    await sign_in(desk.client, person.id)
    for path in ("", "/preview"):
        assert (await desk.client.get(f"/en/hotel/receipts/{evidence.reference}{path}")).status_code == 404
    await sign_in(desk.client, desk.made.person.id)
    assert (await desk.client.get(f"/en/hotel/receipts/{evidence.reference}")).status_code == 403


async def test_the_inbox_keeps_photos_for_later(desk, tools):
    form = form_with(await desk.see("/en/hotel/receipts"), action="/receipts", field="csrf")
    path = "/en/hotel/receipts"
    assert (await desk.client.post(path, data=form["data"])).status_code == 400
    bad = ("photos", ("a.txt", b"no picture", "text/plain"))
    assert (await desk.client.post(path, data=form["data"], files=[bad])).status_code == 400
    answer = await desk.client.post(path, data=form["data"], files=[photo(), photo("red")])
    assert answer.status_code == 303
    await worker.drain(tools)
    html = await desk.see(path)
    assert html.count("/preview") == 2
    first, second = [row.reference for row in await Evidence.all().order_by("id")]
    assert (await desk.client.get(f"{path}/{first}/preview")).headers["content-type"] == "image/webp"
    assert "2 receipts wait" in await desk.see(LEDGER)
    answer = await desk.send(
        f"{LEDGER}/new?photo={first}",
        {"seller": "Toko", "description_0": "x", "amount_0": "5000", "act": "save"},
        field="seller",
    )
    assert answer.status_code == 303
    assert (await Evidence.get(reference=first)).document_id is not None
    form = form_with(await desk.see(path), action=f"/{second}/remove")
    assert (await desk.client.post(form["action"], data=form["data"])).status_code == 303
    assert (await Evidence.get(reference=second)).state == "withdrawn"
    person, _ = await hotel("Hotel Lain")
    await sign_in(desk.client, person.id)
    token = form_with(await desk.see(path), field="csrf")["data"]["csrf"]
    for act in ("remove", "take-off"):
        answer = await desk.client.post(f"{path}/{first}/{act}", data={"csrf": token})
        assert answer.status_code == 404


# The supplier's side --------------------------------------------------------------------------------------
async def link_of(desk: Desk) -> tuple[str, str, str]:
    """The link, the reference and the digits of the newest letter to the supplier."""
    rows = await database.fetch(
        "SELECT body FROM delivery WHERE recipient = $1 ORDER BY id DESC LIMIT 1", desk.made.person.email
    )
    body = rows[0]["body"]
    path = re.search(r"http://testserver(/en/confirm/\S+)", body)
    code = re.search(r"reference (\w+), code (\d{3} \d{3})", body)
    assert path is not None
    assert code is not None
    return path[1], code[1], code[2]


async def test_a_link_answers_without_an_account(desk, tools):
    reference = await bought(of(desk.made, line(2_500_000)), desk.house.id, desk.person.id)
    await worker.drain(tools)
    path, _, _ = await link_of(desk)
    desk.client.cookies.clear()
    html = await desk.see(path)
    assert "Hotel Teluk" in html
    form = form_with(html, field="amount")
    wrong = await desk.client.post(path, data={**form["data"], "said": "other_amount", "amount": "x"})
    assert wrong.status_code == 400
    answer = await desk.client.post(
        path, data={**form["data"], "said": "other_amount", "amount": "2.400.000"}
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == path
    document = await PurchaseDocument.get(reference=reference)
    assert (document.confirmation, document.confirmed_net_minor) == ("other_amount", 2_400_000)
    assert (await ConfirmationAnswer.get()).way == "link"
    seen = await desk.client.get(path)
    assert "no longer open" in seen.text
    assert seen.headers["referrer-policy"] == "no-referrer"
    assert (await desk.client.get("/en/confirm/AAAAAAAAAAAAAAAAAAAAAA")).status_code == 404
    await worker.drain(tools)
    mails = await database.fetch("SELECT body FROM delivery WHERE recipient = $1", desk.person.email)
    assert any("does not count yet" in mail["body"] or "does not count" in mail["body"] for mail in mails)


async def test_six_digits_open_the_question_three_times_at_most(desk, tools):
    await bought(of(desk.made), desk.house.id, desk.person.id)
    await worker.drain(tools)
    path, reference, code = await link_of(desk)
    desk.client.cookies.clear()

    async def enter(digits: str) -> httpx.Response:
        form = form_with(await desk.see("/en/confirm"), field="code")
        return await desk.client.post(
            "/en/confirm", data={**form["data"], "reference": reference.lower(), "code": digits}
        )

    answer = await enter(code)
    assert answer.headers["location"] == path
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**6:06d}"
    for _ in range(3):
        assert (await enter(wrong)).status_code == 400
    assert (await enter(code)).status_code == 400
    assert (await desk.client.get(path)).status_code == 200
    assert (await ConfirmationRequest.get()).tries == 4


async def test_after_seven_days_it_was_silence_and_the_hotel_may_ask_again(desk, tools):
    reference = await bought(of(desk.made), desk.house.id, desk.person.id)
    await worker.drain(tools)
    path, _, _ = await link_of(desk)
    for days, expected in ((2, 1), (3, 2), (5, 2), (6, 3)):
        with clock.frozen(clock.now() + timedelta(days=days, minutes=1)):
            await _handlers.sourcing.remind(tools)
        found = await database.fetch("SELECT id FROM delivery WHERE recipient = $1", desk.made.person.email)
        assert len(found) == expected, days
    assert (await link_of(desk))[0] == path
    with clock.frozen(clock.now() + timedelta(days=8)):
        await _handlers.sourcing.remind(tools)
        assert "no longer open" in await desk.see(path)
    assert (await PurchaseDocument.get(reference=reference)).confirmation == "silent"
    form = form_with(await desk.see(f"{LEDGER}/{reference}"), action="ask-again")
    assert (await desk.client.post(form["action"], data=form["data"])).status_code == 303
    assert (await PurchaseDocument.get(reference=reference)).confirmation == "asked"


async def test_the_workspace_shows_and_answers_everything(desk, tools):
    reference = await bought(of(desk.made, line(2_500_000)), desk.house.id, desk.person.id)
    other = await supplier(name="Lain")
    foreign = await bought(of(other), desk.house.id, desk.person.id)
    await sign_in(desk.client, desk.made.person.id)
    path = "/en/supplier/purchases"
    html = await desk.see(path)
    assert "Hotel Teluk" in html
    assert foreign not in html
    form = form_with(html, action=reference)
    assert (
        await desk.client.post(f"{path}/{foreign}", data={**form["data"], "said": "yes"})
    ).status_code == 404
    bad = await desk.client.post(
        f"{path}/{reference}", data={**form["data"], "said": "other_amount", "amount": ""}
    )
    assert bad.status_code == 400
    assert f'id="amount-{reference}-error"' in bad.text
    answer = await desk.client.post(f"{path}/{reference}", data={**form["data"], "said": "yes"})
    assert answer.status_code == 303
    assert (await PurchaseDocument.get(reference=reference)).confirmation == "yes"
    assert (await ConfirmationAnswer.get()).person_id == desk.made.person.id
    assert "Confirmed by the supplier" in await desk.see(path)


async def test_nobody_confirms_their_own_hotels_purchase(desk):
    reference = await bought(of(desk.made), desk.house.id, desk.person.id)
    await factories.make_member(desk.person, "supplier", desk.made.supplier.organisation_id)
    form = form_with(await desk.see("/en/supplier/purchases"), action=reference)
    answer = await desk.client.post(form["action"], data={**form["data"], "said": "yes"})
    assert answer.status_code == 400
    assert (await PurchaseDocument.get(reference=reference)).confirmation == "asked"


# Profile and opening --------------------------------------------------------------------------------------
async def test_a_hotels_facts_are_checked_and_kept(desk):
    path = "/en/hotel/profile"
    bad = await desk.send(path, {"area": "Kelapa Lima", "npwp": "123", "room_count": "60"}, field="npwp")
    assert bad.status_code == 400
    assert 'id="npwp-error"' in bad.text
    answer = await desk.send(
        path,
        {"area": "Lasiana", "nib": "1234567890123", "room_count": "60", "address": "Jalan Timor"},
        field="npwp",
    )
    assert answer.status_code == 303, re.findall(r'class="err"[^>]*>.*?</p>', answer.text)
    row = await HotelProfile.get(organisation_id=desk.house.id)
    assert (row.nib, row.room_count, row.area_code) == ("1234567890123", 60, "53.71.03.1011")
    assert "Lasiana" in await desk.see(path)


@pytest.mark.parametrize("kind", ["hotel", "supplier"])
async def test_somebody_registers_and_staff_decide(client, tools, kind):
    person = await factories.make_person()
    operator = await factories.make_person(name="Operator")
    await factories.make_member(operator, "operator")
    await sign_in(client, person.id)
    path = f"/en/register/{kind}"
    form = form_with((await client.get(path)).text, field="npwp")
    assert (await client.post(path, data={**form["data"], "name": "x", "area": "Nowhere"})).status_code == 400
    sent = {**form["data"], "name": "Penginapan Baru", "area": "Lasiana", "phone": "0812 3456 7890"}
    assert (await client.post(path, data=sent)).status_code == 303
    assert "Being looked at" in (await client.get(path)).text
    request = await OrganisationRequest.get()
    with pytest.raises(Exception, match="own request"):
        await opening.approve(request.reference, by=person.id, now=clock.now())
    await sign_in(client, operator.id)
    queue = "/en/operator/registrations"
    html = (await client.get(queue)).text
    assert "Penginapan Baru" in html
    form = form_with(html, action=request.reference)
    refused = await client.post(
        f"{queue}/{request.reference}", data={**form["data"], "decision": "refuse", "reason": ""}
    )
    assert refused.status_code == 400
    answer = await client.post(f"{queue}/{request.reference}", data={**form["data"], "decision": "approve"})
    assert answer.status_code == 303
    await sign_in(client, person.id)
    assert (await client.get(LEDGER if kind == "hotel" else "/en/supplier/")).status_code == 200
    assert (await client.get("/en/register/bank")).status_code == 404
    await worker.drain(tools)
    mail = str((await database.fetch_one("SELECT * FROM delivery WHERE recipient = $1", person.email)) or "")
    assert "Penginapan Baru" in mail


async def test_who_asked_reads_why_not(client, tools):
    person = await factories.make_person()
    operator = await factories.make_person(name="Operator")
    wish = opening.Wish("supplier", "Kios Baru", "53.71.03.1011")
    reference = await opening.ask(wish, by=person.id, now=clock.now())
    await opening.refuse(reference, "The village does not know it.", by=operator.id, now=clock.now())
    await worker.drain(tools)
    await worker.drain(tools)
    rows = await database.fetch("SELECT * FROM delivery WHERE recipient = $1", person.email)
    assert len(rows) == 1
    assert "The village does not know it." in str(rows[0])
    notices = await database.fetch("SELECT words FROM notice WHERE person_id = $1", person.id)
    assert "Kios Baru" in str(notices)


async def test_own_requests_can_be_withdrawn_by_their_owner_only(client):
    person, other = await factories.make_person(), await factories.make_person()
    wish = opening.Wish("hotel", "Hotel Baru", "53.71.03.1011")
    reference = await opening.ask(wish, by=person.id, now=clock.now())
    await sign_in(client, other.id)
    token = form_with((await client.get("/en/register/hotel")).text, field="npwp")["data"]["csrf"]
    answer = await client.post("/en/register/hotel", data={"csrf": token, "withdraw": reference})
    assert answer.status_code == 404
    await sign_in(client, person.id)
    token = form_with((await client.get("/en/register/hotel")).text, field="npwp")["data"]["csrf"]
    assert (
        await client.post("/en/register/hotel", data={"csrf": token, "withdraw": reference})
    ).status_code == 303
    assert (await OrganisationRequest.get()).state == "withdrawn"
