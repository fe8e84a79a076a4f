"""Entering, voiding and replacing documents; duplicates, credit notes, locks, standing. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from market import clock
from market import db as database
from market.accounts.models import Membership
from market.errors import Invalid, NotFound, Refused
from market.sourcing import entry, locks, queries, standing
from market.sourcing.entry import Duplicate, Source, WrongDocument
from market.sourcing.models import HotelProfile, PurchaseDocument, PurchaseEvent, PurchaseLine
from market.sourcing.rules import Confirmation, Kind, Paper
from market.suppliers import origins
from market.suppliers.offering import Origin
from tests import factories
from tests.integration.sourcing.buying import bought, hotel, line, of, paper, supplier


async def test_a_document_and_its_lines_are_entered(db):
    person, house = await hotel()
    made = await supplier()
    reference = await bought(of(made, line(3_000_000), line(2_000_000), number="N-0012"), house.id, person.id)
    row = await queries.get_document(reference)
    assert row is not None
    assert (row.net_minor, row.hotel_id, row.confirmation) == (5_000_000, house.id, Confirmation.ASKED)
    assert await queries.get_document(reference, frozenset({house.id + 1})) is None
    lines = (await queries.list_lines([row.id]))[row.id]
    assert [one.net_minor for one in lines] == [3_000_000, 2_000_000]
    assert [event.name for event in await PurchaseEvent.all()] == ["entered"]
    jobs = await database.fetch("SELECT handler FROM job WHERE handler = 'sourcing.ask'")
    assert len(jobs) == 1


async def test_an_invoice_after_midnight_in_wita_belongs_to_the_next_month(db):
    person, house = await hotel()
    instant = datetime(2025, 9, 30, 16, 30, tzinfo=UTC)
    reference = await bought(paper(at=instant), house.id, person.id)
    row = await queries.get_document(reference)
    assert row is not None
    assert (row.period, row.invoice_on) == ("2025-10", date(2025, 10, 1))


async def test_everything_wrong_is_said_at_once(db):
    person, house = await hotel()
    wrong = paper(
        line(description=" ", category="gold", amount="0", vat_percent="101"),
        seller_name="",
        paper=Paper.INVOICE,
        currency="rupiah",
        days_ago=-3,
    )
    with pytest.raises(WrongDocument) as caught:
        await bought(wrong, house.id, person.id)
    codes = {(one.field, one.line_index) for one in caught.value.facts["problems"]}
    assert {("seller", None), ("number", None), ("currency", None), ("invoice_on", None)} <= codes
    assert {("description", 0), ("category", 0), ("amount", 0), ("vat_percent", 0)} <= codes


async def test_one_paper_is_logged_once_whoever_writes_it(db):
    person, house = await hotel()
    other_person, other = await hotel("Hotel Lain")
    made = await supplier()
    first = await bought(of(made, number="INV/0012"), house.id, person.id)
    with pytest.raises(Duplicate) as caught:
        await bought(of(made, number="inv-12"), house.id, person.id)
    assert caught.value.facts == {"reference": first, "own": True}
    with pytest.raises(Duplicate) as caught:
        await bought(of(made, number="Inv 12"), other.id, other_person.id)
    assert not caught.value.facts["own"]
    assert first not in str(caught.value.message)
    await entry.void(first, hotel_id=house.id, by=person.id, reason="Twice", now=clock.now())
    assert await bought(of(made, number="inv-12"), house.id, person.id)


async def test_void_keeps_the_document_and_takes_it_out_of_the_reckoning(db):
    person, house = await hotel()
    _, other = await hotel("Hotel Lain")
    reference = await bought(paper(), house.id, person.id)
    now = clock.now()
    with pytest.raises(Invalid):
        await entry.void(reference, hotel_id=house.id, by=person.id, reason=" ", now=now)
    with pytest.raises(NotFound):
        await entry.void(reference, hotel_id=other.id, by=person.id, reason="Wrong", now=now)
    await entry.void(reference, hotel_id=house.id, by=person.id, reason="Wrong", now=now)
    with pytest.raises(Refused):
        await entry.void(reference, hotel_id=house.id, by=person.id, reason="Again", now=now)
    row = await queries.get_document(reference)
    assert row is not None
    assert (row.live, row.void_reason, row.voided_by) == (False, "Wrong", person.name)
    assert await queries.grouped_lines(house.id, row.period) == []


async def test_facts_cannot_be_changed(db):
    person, house = await hotel()
    await bought(paper(), house.id, person.id)
    for statement in (
        "UPDATE purchase_document SET net_minor = 1",
        "UPDATE purchase_line SET category = 'drink'",
        "DELETE FROM purchase_line",
        "DELETE FROM purchase_document",
        "UPDATE purchase_event SET name = 'x'",
    ):
        with pytest.raises(Exception, match="append-only"):
            await database.execute(statement)


async def test_replace_keeps_both_and_what_the_supplier_said_before(db):
    person, house = await hotel()
    made = await supplier()
    reference = await bought(of(made, line(2_500_000), number="7"), house.id, person.id)
    await PurchaseDocument.filter(reference=reference).update(
        confirmation="other_amount", confirmed_net_minor=2_400_000
    )
    new = of(made, line(2_400_000), number="7")
    again = await entry.replace(
        reference, new, hotel_id=house.id, by=person.id, reason="As they said", now=clock.now()
    )
    old, made_row = await queries.get_document(reference), await queries.get_document(again)
    assert old is not None
    assert made_row is not None
    assert (old.live, old.replaced_by, made_row.replaces) == (False, again, reference)
    assert made_row.confirmation is Confirmation.YES
    assert (await PurchaseLine.get(document_id=made_row.id)).confirmed


async def test_a_credit_note_takes_back_what_is_left(db):
    person, house = await hotel()
    made = await supplier()
    reference = await bought(of(made, line(3_000_000)), house.id, person.id)
    back = of(made, line(2_000_000), kind=Kind.CREDIT_NOTE, credits=reference)
    credit = await bought(back, house.id, person.id)
    with pytest.raises(Invalid, match="more than is left"):
        await bought(back, house.id, person.id)
    with pytest.raises(Invalid, match="no purchase"):
        await bought(replace(back, credits="P999"), house.id, person.id)
    with pytest.raises(Refused, match=credit):
        await entry.void(reference, hotel_id=house.id, by=person.id, reason="Wrong", now=clock.now())
    row = await queries.get_document(credit)
    assert row is not None
    assert (row.credits, row.confirmation) == (reference, Confirmation.NONE)
    groups = await queries.grouped_lines(house.id, row.period)
    assert {(group.credit_note, group.net_minor) for group in groups} == {
        (False, 3_000_000),
        (True, 2_000_000),
    }


async def test_a_submitted_month_takes_adjustments_only(db):
    person, house = await hotel()
    reference = await bought(paper(), house.id, person.id)
    period = (await PurchaseDocument.get(reference=reference)).period
    now = clock.now()
    assert await locks.freeze(house.id, period, 77, now) == 1
    assert await locks.freeze(house.id, period, 77, now) == 0
    with pytest.raises(locks.Locked):
        await locks.freeze(house.id, period, 78, now)
    assert await locks.is_locked(house.id, period)
    with pytest.raises(locks.Locked):
        await entry.void(reference, hotel_id=house.id, by=person.id, reason="Wrong", now=now)
    with pytest.raises(locks.Locked):
        await bought(paper(), house.id, person.id)
    late = await bought(paper(adjustment=True), house.id, person.id)
    assert (await PurchaseDocument.get(reference=late)).is_adjustment
    await locks.release(house.id, period, 77)
    assert not await locks.is_locked(house.id, period)
    await entry.void(reference, hotel_id=house.id, by=person.id, reason="Wrong", now=now)


async def decide(made, origin=Origin.A, *, days: int = 300) -> None:
    officer = await factories.make_person(name="Officer")
    today = clock.today()
    await origins.decide(
        made.product.id,
        origin,
        evidence={"id": "Kunjungan kebun"},
        office="Dinas",
        by=officer.id,
        expires_on=today + timedelta(days=days),
        today=today,
        now=clock.now(),
    )


async def test_only_a_decided_origin_counts_and_frozen_lines_keep_theirs(db):
    person, house = await hotel()
    made = await supplier()
    reference = await bought(of(made), house.id, person.id)
    row = await PurchaseDocument.get(reference=reference)
    assert ((await PurchaseLine.get(document_id=row.id)).origin, row.period) == ("X", row.period)
    await decide(made)
    assert await standing.refresh(supplier_id=made.supplier.id) == 1
    own = await PurchaseLine.get(document_id=row.id)
    assert (own.origin, own.origin_decided) == ("A", True)
    await locks.freeze(house.id, row.period, 5, clock.now())
    await decide(made, Origin.C)
    assert await standing.refresh(product_id=made.product.id) == 0
    assert (await PurchaseLine.get(document_id=row.id)).origin == "A"


async def test_small_papers_need_a_picture_and_large_ones_a_stronger_paper(db):
    person, house = await hotel()
    small = await bought(paper(line(5_000_000)), house.id, person.id)
    large = await bought(paper(line(5_000_001)), house.id, person.id)
    strong = await bought(paper(line(9_000_000), paper=Paper.DELIVERY_NOTE), house.id, person.id)
    tax = paper(line(9_000_000), paper=Paper.TAX_INVOICE, number="04002500123456789")
    machine = await bought(tax, house.id, person.id, source=Source.CORETAX)
    rows = {row.reference: row for row in await PurchaseDocument.all()}
    for n, reference in enumerate((small, large, strong)):
        await database.execute(
            "INSERT INTO evidence (reference, hotel_id, document_id, media_type, filename, byte_count, sha256,"
            " storage_key, state, added_by, added_at) VALUES ($1, $2, $3, 'image/jpeg', 'a.jpg', 1, $1, 'k', 'ready',"
            " $4, $5)",
            f"E{n}",
            house.id,
            rows[reference].id,
            person.id,
            clock.now(),
        )
    await standing.refresh([row.id for row in rows.values()])
    evidenced = {row.reference: row.evidenced for row in await PurchaseDocument.all()}
    assert evidenced == {small: True, large: False, strong: True, machine: True}
    await standing.set_evidence_limit("2020-01", 6_000_000, clock.now())
    assert (await PurchaseDocument.get(reference=large)).evidenced
    assert await standing.evidence_limit("2026-01") == 6_000_000
    assert {bool(one.evidenced) for one in await PurchaseLine.all()} == {True}


async def test_a_shared_person_or_tax_number_makes_them_related(db):
    person, house = await hotel()
    made = await supplier()
    reference = await bought(of(made), house.id, person.id)
    document = await PurchaseDocument.get(reference=reference)
    assert not (await PurchaseLine.get(document_id=document.id)).related
    shared = await Membership.create(
        person_id=person.id,
        organisation_id=made.supplier.organisation_id,
        role="supplier",
        created_at=clock.now(),
    )
    await standing.refresh(hotel_id=house.id, period=document.period)
    assert (await PurchaseLine.get(document_id=document.id)).related
    await shared.delete()
    await HotelProfile.create(
        organisation_id=house.id,
        code="H-1",
        area_code="53.71.03",
        npwp="0123456789012345",
        updated_at=clock.now(),
    )
    made.supplier.npwp = "0123456789012345"
    await made.supplier.save()
    await standing.refresh(hotel_id=house.id)
    assert (await PurchaseLine.get(document_id=document.id)).related


async def test_products_are_their_suppliers(db):
    person, house = await hotel()
    made, other = await supplier(), await supplier(name="Lain")
    with pytest.raises(Invalid):
        await bought(replace(of(made), supplier_id=other.supplier.id), house.id, person.id)
    with pytest.raises(Invalid):
        await bought(paper(supplier_id=999_999), house.id, person.id)


async def test_many_documents_take_few_statements_and_duplicates_are_named(db, statements):
    person, house = await hotel()
    made = await supplier()
    first = await bought(of(made, number="B-3"), house.id, person.id)
    documents = [of(made, line(100_000 + n), line(50_000), number=f"B-{n}") for n in range(2_000)]
    documents.append(of(made, number="b 0001"))
    statements.clear()
    entered = await entry.enter_many(
        documents, hotel_id=house.id, by=person.id, now=clock.now(), source=Source.CSV
    )
    assert len(statements) < 50
    assert len([one for one in entered if one.duplicate is None]) == 1_999
    assert entered[3].duplicate is not None
    assert entered[3].reference == first
    assert entered[2_000].duplicate is not None
    assert [one.index for one in entered] == list(range(2_001))
    jobs = await database.fetch("SELECT handler FROM job WHERE handler = 'sourcing.ask'")
    assert len(jobs) == 2
    period = documents[0].period
    groups = await queries.grouped_lines(house.id, period)
    seen = [one async for one in queries.stream_lines(house.id, period)]
    assert sum(group.line_count for group in groups) == len(seen) == 2 * 1_999 + 1
    assert sum(group.net_minor for group in groups) == sum(one.net_minor for one in seen)
