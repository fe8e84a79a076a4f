"""The demo's suppliers: sixty, everywhere in the province, in both languages, with what their files promise."""

from __future__ import annotations

from collections import Counter

from market.demo import suppliers
from market.i18n.locales import LOCALES
from market.places import areas
from market.places.areas import Level
from market.suppliers.offering import Category, CertificateKind, Origin, SupplierKind, Unit

RECORDS = suppliers.read()
PRODUCTS = [product for record in RECORDS for product in record["product"]]


def test_sixty_suppliers_in_all_regencies():
    assert len(RECORDS) == 60
    assert len({record["name"] for record in RECORDS}) == 60
    assert {record["code"][:5] for record in RECORDS} == {area.code for area in areas.kabupaten()}
    assert all(areas.get(record["code"]).level in {Level.DESA, Level.KELURAHAN} for record in RECORDS)


def test_every_kind_category_and_class_is_there():
    assert {record["kind"] for record in RECORDS} == set(SupplierKind)
    assert {product["category"] for product in PRODUCTS} == set(Category)
    assert {product["origin"] for product in PRODUCTS} == set(Origin)
    assert {product["unit"] for product in PRODUCTS} <= set(Unit)
    kinds = Counter(c["kind"] for record in RECORDS for c in record.get("certificate", ()))
    assert set(kinds) == set(CertificateKind)
    assert any(record.get("sole") and not record.get("consent") for record in RECORDS)


def test_texts_are_in_both_languages_and_not_the_same():
    for record in RECORDS:
        assert record["about_id"] != record["about_en"]
    for product in PRODUCTS:
        for locale in LOCALES:
            assert product[f"name_{locale}"]
            assert product[f"about_{locale}"]
            assert "found_days" not in product or product[f"evidence_{locale}"]


def test_numbers_of_papers_are_marked_as_invented():
    for record in RECORDS:
        for certificate in record.get("certificate", ()):
            assert certificate["kind"] == "declared_non_halal" or "DEMO" in certificate["number"]
