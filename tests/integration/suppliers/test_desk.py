"""The supplier's desk: keep a page, by oneself or for a member; nobody else's page is there."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from market import clock
from market.db import execute, fetch, fetch_one
from market.errors import NotFound, Refused
from market.suppliers import service
from market.suppliers.models import Certificate, Product, Supplier
from market.suppliers.offering import SupplierKind
from tests import factories
from tests.integration.suppliers import making
from tests.web import follow, post_form, sign_in

pytestmark = pytest.mark.usefixtures("db")


async def test_a_business_opens_its_page_and_goes_public(client: httpx.AsyncClient):
    person = await factories.make_person()
    own = await making.organisation("supplier", "Madu Baru", person)
    await sign_in(client, person.id)
    values = {
        "name": "Madu Baru",
        "kind": "producer",
        "village": "Kolbano",
        "sole_trader": "no",
        "about_id": "Madu.",
        "people_count": "4",
        "npwp": "1234567890123456",
    }
    opened = await post_form(client, f"/en/supplier/open/{own.id}", values, action="/open/")
    assert opened.status_code == 303
    page = await follow(client, opened)
    assert "compare it with the card" in page.text  # the number is kept, with a warning
    supplier = await Supplier.get(organisation_id=own.id)
    assert (supplier.area_code, supplier.island, supplier.status) == ("53.02.19.2001", "timor", "draft")
    desk = f"/en/supplier/pages/{supplier.code}"
    refused = await follow(client, await post_form(client, desk, {"public": "yes"}, action="/public"))
    assert "Add at least one product first" in refused.text
    product = {
        "name_id": "Madu",
        "name_en": "Honey",
        "category": "food",
        "unit": "litre",
        "stated_origin": "A",
        "season": ["4", "5"],
        "capacity_4": "100",
        "price_low_minor": "90000",
        "price_high_minor": "100000",
    }
    added = await post_form(client, f"{desk}/products/new", product, action="")
    assert added.status_code == 303, added.text
    public = await follow(client, await post_form(client, desk, {"public": "yes"}, action="/public"))
    assert "The page is public" in public.text
    shown = await client.get(f"/en/suppliers/{supplier.slug}")
    assert "Honey" in shown.text
    assert "April–May" in shown.text
    assert "1234567890123456" not in shown.text
    assert (await client.get(f"/en/supplier/open/{own.id}")).status_code == 404


async def test_several_villages_of_a_name_are_offered_to_choose_from(client: httpx.AsyncClient):
    made = await making.supplier()
    await sign_in(client, made.person.id)
    desk = f"/en/supplier/pages/{made.supplier.code}"
    kept = await making.send(client, desk, {"name": "Madu Mutis"})
    assert kept.status_code == 303
    again = await making.send(client, desk, {"village": "Oebelo"})
    assert again.status_code == 400
    assert "There are several of this name" in again.text
    assert 'value="53.01.08.2010"' in again.text
    chosen = await making.send(client, desk, {"village": "Oebelo", "area_code": "53.01.08.2010"})
    assert chosen.status_code == 303
    assert (await Supplier.get(id=made.supplier.id)).kabupaten == "53.01"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"kind": "king"}, "kind"),
        ({"village": "zzzz"}, "village"),
        ({"nib": "12"}, "nib"),
        ({"npwp": "012345675922000"}, "npwp"),
        ({"people_count": "-3"}, "people_count"),
        ({"people_count": "9" * 30}, "people_count"),
        ({"name": "a\x00b"}, "name"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_saved(client: httpx.AsyncClient, change, field):
    made = await making.supplier()
    await sign_in(client, made.person.id)
    desk = f"/en/supplier/pages/{made.supplier.code}"
    answer = await making.send(client, desk, {"about_id": "Baru", **change})
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert (await Supplier.get(id=made.supplier.id)).texts == making.PAGE.texts


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"season": []}, "season"),
        ({"season": ["13"]}, "season"),
        ({"capacity_3": "x"}, "capacity_3"),
        ({"capacity_3": "99999999999999"}, "capacity_3"),
        ({"price_low_minor": "45.5"}, "price_low_minor"),
        ({"price_low_minor": "5", "price_high_minor": "4"}, "price_high_minor"),
        ({"unit": "elephant"}, "unit"),
        ({"category": ""}, "category"),
        ({"stated_origin": "D"}, "stated_origin"),
        ({"name_id": "x"}, "name_id"),
    ],
)
async def test_a_wrong_product_is_refused_at_its_field(client: httpx.AsyncClient, change, field):
    made = await making.supplier()
    await sign_in(client, made.person.id)
    path = f"/en/supplier/pages/{made.supplier.code}/products/{made.product.id}"
    answer = await post_form(client, path, change, action="")
    assert answer.status_code == 400, change
    assert f'href="#{field}"' in answer.text
    assert (await Product.get(id=made.product.id)).price_low_minor == 100_000


async def test_the_last_product_of_a_public_page_stays(client: httpx.AsyncClient):
    made = await making.supplier()
    with pytest.raises(Refused):
        await service.offer_product(
            made.supplier.id, made.product.id, made.acting, clock.now(), offered=False
        )
    await service.add_product(made.supplier.id, making.HONEY, made.acting, clock.now())
    await service.offer_product(made.supplier.id, made.product.id, made.acting, clock.now(), offered=False)
    assert (await client.get(f"/en/suppliers/{made.supplier.slug}/{made.product.slug}")).status_code == 404
    slugs = [row["slug"] for row in await fetch("SELECT slug FROM supplier_product ORDER BY id")]
    assert slugs == ["madu-hutan", "madu-hutan-2"]


async def test_certificates_come_and_go(client: httpx.AsyncClient):
    made = await making.supplier()
    other = await making.supplier()
    await sign_in(client, made.person.id)
    path = f"/en/supplier/pages/{made.supplier.code}/certificates"
    for wrong in (
        {"kind": "halal"},
        {"kind": "other", "number": "1", "issuer": "x"},
        {"kind": "gold"},
        {"kind": "declared_non_halal", "product": str(other.product.id)},
        {"kind": "declared_non_halal", "expires_on": "soon"},
    ):
        assert (await post_form(client, path, wrong, action="")).status_code == 400, wrong
    good = {"kind": "halal", "number": "ID1", "issuer": "BPJPH", "product": str(made.product.id)}
    assert (await post_form(client, path, good, action="")).status_code == 303
    assert "ID1" in (await client.get(f"/en/suppliers/{made.supplier.slug}")).text
    certificate = await Certificate.get(number="ID1")
    gone = await post_form(client, path, action=f"/certificates/{certificate.id}/remove")
    assert gone.status_code == 303
    assert "ID1" not in (await client.get(f"/en/suppliers/{made.supplier.slug}")).text


async def test_a_bumdes_keeps_a_members_page_and_that_is_shown(client: httpx.AsyncClient):
    member = await making.supplier()
    bumdes = await making.supplier(name="BUMDes Ajaobaki", kind=SupplierKind.BUMDES)
    await sign_in(client, bumdes.person.id)
    desk = f"/en/supplier/pages/{member.supplier.code}"
    assert (await client.get(desk)).status_code == 404
    await service.name_agent(member.supplier.id, bumdes.supplier.code, member.acting, clock.now())
    assert "on behalf of BUMDes Ajaobaki" in (await client.get(desk)).text
    saved = await making.send(client, desk, {"name": "Madu Mutis Baru"})
    assert saved.status_code == 303
    log = await client.get(f"{desk}/keepers")
    assert "Marselina, for BUMDes Ajaobaki" in log.text
    row = await fetch_one(
        "SELECT agent_id FROM supplier_act WHERE supplier_id = $1 ORDER BY id DESC", member.supplier.id
    )
    assert row == {"agent_id": bumdes.supplier.organisation_id}
    public = await client.get(f"/en/suppliers/{member.supplier.code}")
    assert "BUMDes Ajaobaki keeps this page" in public.text
    ended = await post_form(client, f"{desk}/keepers", {"end": "yes"}, action="/keepers")
    assert ended.status_code == 303
    assert (await client.get(desk)).status_code == 404


async def test_an_agent_cannot_pass_the_page_on_and_only_a_bumdes_can_be_one():
    member, other = await making.supplier(), await making.supplier()
    bumdes = await making.supplier(name="BUMDes A", kind=SupplierKind.BUMDES)
    with pytest.raises(Exception, match="no_such_agent"):
        await service.name_agent(member.supplier.id, other.supplier.code, member.acting, clock.now())
    with pytest.raises(Exception, match="own_agent"):
        await service.name_agent(bumdes.supplier.id, bumdes.supplier.code, bumdes.acting, clock.now())
    await service.name_agent(member.supplier.id, bumdes.supplier.code, member.acting, clock.now())
    acting = replace(bumdes.acting, agent_id=bumdes.supplier.organisation_id)
    with pytest.raises(NotFound):
        await service.name_agent(member.supplier.id, bumdes.supplier.code, acting, clock.now())


async def test_a_bumdes_opens_a_page_for_a_member_who_agreed(client: httpx.AsyncClient):
    bumdes = await making.supplier(name="BUMDes A", kind=SupplierKind.BUMDES)
    await sign_in(client, bumdes.person.id)
    path = "/en/supplier/members/new"
    values = {
        "name": "Mama Yuli",
        "kind": "weaver",
        "village": "Kolbano",
        "sole_trader": "yes",
        "phone": "0812",
    }
    assert (await post_form(client, path, values, action="/members/")).status_code == 400
    opened = await post_form(client, path, {**values, "agreed": "yes"}, action="/members/")
    assert opened.status_code == 303
    member = await Supplier.get(name="Mama Yuli")
    assert (await client.get(f"/en/supplier/pages/{member.code}")).status_code == 200
    producer = await making.supplier()
    await sign_in(client, producer.person.id)
    assert (await client.get(path)).status_code == 404


async def test_foreign_pages_products_and_papers_are_not_there(client: httpx.AsyncClient):
    mine, other = await making.supplier(), await making.supplier()
    await sign_in(client, mine.person.id)
    theirs = f"/en/supplier/pages/{other.supplier.code}"
    own = f"/en/supplier/pages/{mine.supplier.code}"
    huge = 10**25
    for path in (
        theirs,
        f"{theirs}/products",
        f"{theirs}/products/new",
        f"{theirs}/certificates",
        f"{theirs}/keepers",
        f"{own}/products/{other.product.id}",
        f"{own}/products/{huge}",
        "/en/supplier/pages/S-NOBODY",
        f"/en/supplier/open/{other.supplier.organisation_id}",
        f"/en/supplier/open/{huge}",
    ):
        assert (await client.get(path)).status_code == 404, path
    token = (await making.send(client, own, {"name": "Madu Mutis"})).request.content.decode()
    csrf = next(part for part in token.split("&") if part.startswith("csrf=")).removeprefix("csrf=")
    for path in (
        f"{theirs}/public",
        f"{own}/products/{other.product.id}/offer",
        f"{own}/certificates/{huge}/remove",
        f"{own}/certificates/999/remove",
        f"{theirs}/certificates/1/remove",
        theirs,
    ):
        assert (await client.post(path, data={"csrf": csrf})).status_code == 404, path


@pytest.mark.parametrize("table", ["origin_decision", "supplier_act"])
async def test_findings_and_acts_cannot_be_changed(table):
    made = await making.supplier()
    if table == "origin_decision":
        await execute(
            "INSERT INTO origin_decision (product_id, origin, evidence, about, decided_by, office, decided_on,"
            " expires_on, created_at) VALUES ($1, 'A', '{}', 'x', $2, 'y', $3, $4, $5)",
            made.product.id,
            made.person.id,
            clock.today(),
            clock.today().replace(year=2099),
            clock.now(),
        )
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"):
            await execute(statement)
