"""The public directory: found by words, category, kind, place and paper; and nobody named who did not agree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from market import clock
from market.errors import Invalid
from market.suppliers import origins, queries, service, words
from market.suppliers.models import Supplier
from market.suppliers.offering import Category, CertificateDraft, CertificateKind, Origin, SupplierKind
from market.suppliers.queries import Wanted
from market.web import page_cache
from tests import factories
from tests.integration.suppliers import making

pytestmark = pytest.mark.usefixtures("db")


async def found(text: str = "", **wanted) -> list[int]:
    meant = words.understand(text, await queries.list_words()) if text else []
    return await queries.find(Wanted(**wanted), meant, clock.today())


async def test_suppliers_are_found_by_what_they_are_and_where():
    honey = await making.supplier()
    cloth = await making.supplier(
        name="Penenun Kolbano",
        kind=SupplierKind.WEAVER,
        area_code="53.02.19.2001",
        product=replace(
            making.HONEY, category=Category.TEXTILE, texts={"id": {"name": "Selendang", "about": ""}}
        ),
    )
    hidden = await making.supplier(name="Belum Siap", public=False)
    both = [honey.supplier.id, cloth.supplier.id]
    assert sorted(await found()) == sorted(both)
    assert hidden.supplier.id not in await found("belum")
    assert await found(category=Category.TEXTILE) == [cloth.supplier.id]
    assert await found(kind=SupplierKind.PRODUCER) == [honey.supplier.id]
    assert await found(place="53.02", category=Category.FOOD) == [honey.supplier.id]
    assert await found(place="flores") == []
    assert sorted(await found(place="timor")) == sorted(both)
    assert await found("selendng") == [cloth.supplier.id]
    assert await found("kolbano") == [cloth.supplier.id]
    assert await found("forest honey") == [honey.supplier.id]
    assert await found("pangan") or await found("food")
    counts = await queries.count_by_place(Wanted(place="flores"), [], clock.today())
    assert [(c.island, c.kabupaten, c.count) for c in counts] == [("timor", "53.02", 2)]


async def test_an_expired_certificate_finds_nobody():
    made = await making.supplier()
    today = clock.today()
    for days, finds in ((-1, []), (0, [made.supplier.id])):
        draft = CertificateDraft(CertificateKind.HALAL, "", "1", "BPJPH", today + timedelta(days=days))
        await service.add_certificate(made.supplier.id, draft, made.acting, clock.now())
        assert await found(certificate=CertificateKind.HALAL) == finds
    assert await found(certificate=CertificateKind.P_IRT) == []


async def test_a_sole_trader_without_consent_appears_by_code_and_kecamatan(client: httpx.AsyncClient):
    made = await making.supplier(
        name="Ina Heka Rahasia",
        sole_trader=True,
        nib="9120123456789",
        area_code="53.02.10.2006",
        texts={"id": {"about": "Nama saya Heka Rahasia."}},
    )
    await service.add_certificate(
        made.supplier.id,
        CertificateDraft(CertificateKind.HALAL, "", "NOMOR-77", "BPJPH"),
        made.acting,
        clock.now(),
    )
    page_cache.forget()
    secrets = ("Heka", "Rahasia", "NOMOR-77", "9120123456789", "Boti", "Pohon ampupu", made.supplier.slug)
    for path in (
        "/id/suppliers",
        f"/id/suppliers/{made.supplier.code}",
        f"/id/suppliers/{made.supplier.code}/madu-hutan",
        "/id/suppliers?place=53.02",
    ):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert made.supplier.code in answer.text
        for secret in secrets:
            assert secret not in answer.text, (path, secret)
    assert "Ki&#39;e" in (await client.get(f"/id/suppliers/{made.supplier.code}")).text
    assert (await client.get(f"/id/suppliers/{made.supplier.slug}")).status_code == 404
    assert await found("rahasia") == []
    assert await found("boti") == []


async def test_consent_shows_the_name_and_taking_it_back_hides_it(client: httpx.AsyncClient):
    made = await making.supplier(name="Ina Heka", sole_trader=True, name_consent=True)
    assert (await client.get(f"/en/suppliers/{made.supplier.slug}")).status_code == 200
    draft = replace(making.PAGE, name="Ina Heka", sole_trader=True)
    await service.save_page(made.supplier.id, draft, made.acting, clock.now())
    assert (await client.get(f"/en/suppliers/{made.supplier.slug}")).status_code == 404
    assert (await client.get(f"/en/suppliers/{made.supplier.code}")).status_code == 200


async def test_two_of_one_name_have_two_addresses_and_the_code_leads_to_both():
    first, second = await making.supplier(), await making.supplier()
    assert first.supplier.slug != second.supplier.slug
    for made in (first, second):
        for address in (made.supplier.slug, made.supplier.code):
            entry = await queries.get_entry(address, clock.today())
            assert entry is not None
            assert entry.supplier.id == made.supplier.id


async def test_the_pages_say_what_is_checked_by_whom_and_until_when(client: httpx.AsyncClient):
    made = await making.supplier()
    product_page = f"/en/suppliers/{made.supplier.slug}/{made.product.slug}"
    assert "Stated, not checked yet" in (await client.get(product_page)).text
    officer = await factories.make_person(name="Adriana")
    today = clock.today()
    await origins.decide(
        made.product.id,
        Origin.B,
        evidence={"id": "Dilihat di Mollo", "en": "Seen in Mollo"},
        office="Tax office",
        by=officer.id,
        expires_on=today + timedelta(days=100),
        today=today,
        now=clock.now(),
    )
    text = (await client.get(product_page)).text
    for words_shown in ("Class B", "Seen in Mollo", "Tax office", "Checked"):
        assert words_shown in text
    renamed = replace(making.HONEY, texts={"id": {"name": "Madu lain", "about": ""}})
    await service.save_product(made.supplier.id, made.product.id, renamed, made.acting, clock.now())
    text = (await client.get(product_page)).text
    assert "Product changed since the check" in text
    assert "Class A" in text


async def test_who_acts_for_the_supplier_decides_nothing_about_it():
    made = await making.supplier()
    today = clock.today()
    with pytest.raises(Exception, match="related"):
        await origins.decide(
            made.product.id,
            Origin.A,
            evidence={"id": "x"},
            office="y",
            by=made.person.id,
            expires_on=today + timedelta(days=9),
            today=today,
            now=clock.now(),
        )
    with pytest.raises(Invalid):
        await origins.decide(
            made.product.id,
            Origin.A,
            evidence={"id": "x"},
            office="y",
            by=(await factories.make_person()).id,
            expires_on=today,
            today=today,
            now=clock.now(),
        )


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=madu",
        "?q=mdau",
        "?q=pizzaria",
        "?q=%00",
        "?category=gold",
        "?page=99",
        "?page=-1",
        "?place=53.99",
        "?place=flores",
        "?place=%27%20OR%201=1",
        "?kind=weaver&certificate=halal&category=food",
        "?q=" + "a" * 400,
    ],
)
@pytest.mark.parametrize("locale", ["id", "en"])
async def test_any_query_string_gives_a_page(client: httpx.AsyncClient, query, locale):
    await making.supplier()
    answer = await client.get(f"/{locale}/suppliers{query}")
    assert answer.status_code == 200
    assert "<h1>" in answer.text


async def test_many_suppliers_come_in_pages(client: httpx.AsyncClient):
    for number in range(26):
        await making.supplier(name=f"Madu {number:02}")
    page_cache.forget()
    first, second = [(await client.get(f"/en/suppliers?page={n}")).text for n in (1, 2)]
    named = [re.findall(r'/en/suppliers/(madu-\d\d)"', text) for text in (first, second)]
    assert [len(names) for names in named] == [24, 2]
    assert not set(named[0]) & set(named[1])
    assert "26 suppliers" in first


@pytest.mark.parametrize("path", ["/en/suppliers/nobody", "/en/suppliers/S-NOBODY/x", "/xx/suppliers"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path):
    assert (await client.get(path)).status_code == 404


async def test_a_draft_or_paused_page_is_not_public(client: httpx.AsyncClient):
    made = await making.supplier(public=False)
    assert (await client.get(f"/en/suppliers/{made.supplier.code}")).status_code == 404
    await service.publish(made.supplier.id, made.acting, clock.now())
    assert (await client.get(f"/en/suppliers/{made.supplier.code}")).status_code == 200
    await service.pause(made.supplier.id, made.acting, clock.now())
    assert (await client.get(f"/en/suppliers/{made.supplier.code}")).status_code == 404
    assert (await Supplier.get(id=made.supplier.id)).status == "paused"
