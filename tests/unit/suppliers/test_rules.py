"""What holds for pages, papers, origins and offers; words, villages and seasons as people write and read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.errors import Invalid, Refused
from market.suppliers import forms, rules, villages, words
from market.suppliers.offering import (
    Category,
    CertificateDraft,
    CertificateKind,
    MonthDraft,
    Origin,
    PageDraft,
    ProductDraft,
    SupplierKind,
    Unit,
)
from market.suppliers.pages import views
from market.suppliers.rows import MonthRow, ProductRow
from market.suppliers.rules import Offer, OriginState, State, Validity
from market.web.forms import parse

TODAY = date(2026, 9, 15)
PAGE = PageDraft("Madu Mutis", SupplierKind.PRODUCER, "53.02.12.2004", sole_trader=False, name_consent=False)
YEAR = tuple(MonthDraft(10, in_season=True) for _ in range(12))
HONEY = ProductDraft(Category.FOOD, Unit.LITRE, {"id": {"name": "Madu"}}, YEAR, Origin.A)


def test_one_person_is_named_only_with_consent():
    assert rules.public_name("Ina", "S-1", sole_trader=True, name_consent=False) == "S-1"
    assert rules.public_name("Ina", "S-1", sole_trader=True, name_consent=True) == "Ina"
    assert rules.public_name("PT Ina", "S-1", sole_trader=False, name_consent=False) == "PT Ina"


def test_a_page_stands_in_a_village():
    assert rules.checked_page(PAGE).area_code == "53.02.12.2004"
    for code in ("53", "53.02", "53.02.12", "53.02.12.9999", "99.99.99.9999", ""):
        with pytest.raises(Invalid) as wrong:
            rules.checked_page(replace(PAGE, area_code=code))
        assert wrong.value.field == "area_code"


def test_identifiers_are_stored_in_one_form_and_named_when_wrong():
    page = rules.checked_page(replace(PAGE, nib="9120-1234-56789", npwp="01.234.567.4-922.000"))
    assert (page.nib, page.npwp) == ("9120123456789", "0012345674922000")
    for field in ("nib", "npwp"):
        with pytest.raises(Invalid) as wrong:
            rules.checked_page(replace(PAGE, **{field: "123"}))
        assert wrong.value.field == field


def test_a_bumdes_is_never_one_person():
    with pytest.raises(Invalid):
        rules.checked_page(replace(PAGE, kind=SupplierKind.BUMDES, sole_trader=True))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price_low_minor": 10}, "price_high_minor"),
        ({"price_high_minor": 10}, "price_low_minor"),
        ({"price_low_minor": 20, "price_high_minor": 10}, "price_high_minor"),
        ({"months": tuple(MonthDraft(None, in_season=False) for _ in range(12))}, "season"),
        ({"months": (*YEAR[:11], MonthDraft(5, in_season=False))}, "season"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused(change, field):
    rules.check_product(HONEY)
    with pytest.raises(Invalid) as wrong:
        rules.check_product(replace(HONEY, **change))
    assert wrong.value.field == field


def test_certificates_name_their_issuer_and_a_declaration_does_not():
    rules.check_certificate(CertificateDraft(CertificateKind.DECLARED_NON_HALAL))
    rules.check_certificate(CertificateDraft(CertificateKind.HALAL, number="1", issuer="BPJPH"))
    for draft, field in (
        (CertificateDraft(CertificateKind.HALAL, issuer="BPJPH"), "number"),
        (CertificateDraft(CertificateKind.P_IRT, number="1"), "issuer"),
        (CertificateDraft(CertificateKind.OTHER, number="1", issuer="X"), "title"),
    ):
        with pytest.raises(Invalid) as wrong:
            rules.check_certificate(draft)
        assert wrong.value.field == field


def test_the_last_day_of_a_paper_still_counts():
    assert rules.validity(None, TODAY) is Validity.WITHOUT_END
    assert rules.validity(TODAY, TODAY) is Validity.ENDING
    assert rules.validity(TODAY - timedelta(days=1), TODAY) is Validity.EXPIRED
    assert rules.validity(TODAY + timedelta(days=60), TODAY) is Validity.ENDING
    assert rules.validity(TODAY + timedelta(days=61), TODAY) is Validity.VALID


@dataclass(frozen=True)
class Found:
    about: str
    expires_on: date


def test_an_origin_holds_until_it_expires_or_the_product_changes():
    assert rules.origin_state(None, "x", TODAY) is OriginState.STATED
    assert rules.origin_state(Found("x", TODAY), "x", TODAY) is OriginState.DECIDED
    assert rules.origin_state(Found("x", TODAY - timedelta(days=1)), "x", TODAY) is OriginState.EXPIRED
    assert rules.origin_state(Found("x", TODAY), "y", TODAY) is OriginState.CHANGED
    texts = {"id": {"name": "Madu", "about": "a"}}
    assert rules.judged_as("food", texts) == rules.judged_as("food", {"id": {"name": "Madu", "about": "b"}})
    assert rules.judged_as("food", texts) != rules.judged_as("drink", texts)


def test_nobody_decides_about_their_own_and_not_forever():
    rules.check_origin(decided_on=TODAY, expires_on=TODAY + timedelta(days=365), related=False)
    with pytest.raises(Refused):
        rules.check_origin(decided_on=TODAY, expires_on=TODAY + timedelta(days=365), related=True)
    for days in (0, -1, 3 * 366 + 1):
        with pytest.raises(Invalid):
            rules.check_origin(decided_on=TODAY, expires_on=TODAY + timedelta(days=days), related=False)


def test_a_settled_quotation_goes_nowhere():
    assert {state for state in State if not rules.TRANSITIONS[state]} == set(State) - rules.OPEN
    assert rules.may_become(State.ANSWERED, State.ACCEPTED)
    assert not rules.may_become(State.ASKED, State.ACCEPTED)
    for state in set(State) - rules.OPEN:
        assert not any(rules.may_become(state, other) for other in State)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 10**6))
def test_an_offer_adds_up(quantity, price, delivery):
    assert Offer(price, delivery, TODAY, TODAY).total(quantity) - delivery == price * quantity


def test_offers_and_requests_lie_ahead_and_an_offer_runs_out():
    good = Offer(1000, 0, TODAY, TODAY)
    rules.check_offer(good, 5, TODAY)
    for wrong in (
        replace(good, deliver_on=TODAY - timedelta(days=1)),
        replace(good, valid_until=date(2020, 1, 1)),
        replace(good, unit_price_minor=rules.MOST_MONEY),
    ):
        with pytest.raises(Invalid):
            rules.check_offer(wrong, 5, TODAY)
    for quantity, day in ((0, TODAY), (1, TODAY - timedelta(days=1))):
        with pytest.raises(Invalid):
            rules.check_request(quantity, day, TODAY)
    rules.check_acceptance(TODAY, TODAY)
    with pytest.raises(Refused):
        rules.check_acceptance(TODAY - timedelta(days=1), TODAY)


def test_capacity_that_nobody_stated_refuses_nothing():
    assert not rules.over_capacity(10**6, None)
    assert rules.over_capacity(11, 10)
    assert not rules.over_capacity(10, 10)


def test_search_forgives_slips_accents_and_beginnings():
    known = ["madu", "mutis", "sei", "tenun", "tenunan", "kelor"]
    assert words.understand("Se'i", known)[0].words == ("sei",)
    assert words.understand("tenu", known)[0].words == ("tenun", "tenunan")
    slip = words.understand("mutsi", known)[0]
    assert slip.corrected
    assert slip.words == ("mutis",)
    assert words.understand("xylophone", known)[0].words == ()
    assert words.understand("dan di yang", known) == []
    assert len(words.understand(" ".join(f"kata{n}" for n in range(50)), known)) == 6
    kept = words.indexed(["Gula Lempeng"], ["dari lontar"])
    assert kept == {"gula": True, "lempeng": True, "gulalempeng": True, "lontar": False}


def test_a_village_is_found_by_its_name_and_settled_by_a_choice():
    assert villages.find("Kolbano").code == "53.02.19.2001"
    several = villages.find("Fatumnasi")
    assert several.code is None
    assert len(several.choices) >= 2
    assert villages.find("Fatumnasi", several.choices[1].code).code == several.choices[1].code
    assert villages.find("Fatumnasi", "53.71.01.1001").code is None
    for code in ("53.02.12.2004", "53.01.06.1004", "53.71.06.1008"):
        assert villages.find(villages.label(code)).code in {code, None}
        assert villages.find(code).code == code
    assert villages.find("Kabupaten Belu") == villages.Meant(None)
    assert villages.find("zzzzzzzz") == villages.Meant(None)


def product(*season: int) -> ProductRow:
    months = tuple(MonthRow(n, 5 if n in season else None, n in season) for n in range(1, 13))
    return ProductRow(
        1,
        1,
        "madu",
        True,
        Category.FOOD,
        {"id": {"name": "Madu"}},
        Unit.KG,
        None,
        None,
        Origin.A,
        "",
        months,
        None,
        OriginState.STATED,
    )


@pytest.mark.parametrize(
    ("season", "said"),
    [
        (range(1, 13), "All year"),
        ((4, 5, 6, 10), "April–June, October"),
        ((11, 12, 1, 2), "November–February"),
        ((1, 12), "December–January"),
        ((3,), "March"),
    ],
)
def test_a_season_reads_as_runs_of_months(season, said):
    assert views.season_line(product(*season), "en") == said


def test_out_of_season_nothing_can_be_delivered():
    row = product(4, 5)
    assert row.capacity_in(4) == 5
    assert row.capacity_in(6) == 0


@pytest.mark.parametrize(
    "raw",
    [
        {"category": ["nonsense"], "q": ["madu"]},
        {"page": ["0"], "q": ["madu"]},
        {"page": ["9" * 30], "q": ["madu"]},
        {"kind": [""], "certificate": ["x" * 9999], "q": ["madu"]},
        {"place": ["y" * 500], "q": ["madu"]},
    ],
)
def test_a_query_string_may_hold_anything(raw):
    assert forms.forgiven(raw, "id").q == "madu"


def test_a_broken_word_is_left_out():
    assert forms.forgiven({"q": ["a\x00b"]}, "id").q == ""
    assert forms.forgiven({"q": ["z" * 30_000]}, "en").q == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("45000", 45_000),
        ("45.000", 45_000),
        ("Rp 45.000", 45_000),
        ("rp1,250,000", 1_250_000),
        ("45", 45),
        ("45.5", None),
        ("45,50", None),
        ("1.2345", None),
        ("4.500,00", None),
        ("٤٥", None),
        ("1e3", None),
        ("0", None),
    ],
)
def test_money_is_read_as_people_write_it_and_never_a_thousand_times_too_small(written, meant):
    raw = {"unit_price_minor": [written], "deliver_on": ["2026-09-20"], "valid_until": ["2026-09-20"]}
    form = parse(forms.OfferForm, raw, "id")
    assert (form.data.unit_price_minor if form.data else None) == meant
    assert form.ok or [name for name, _ in form.errors] == ["unit_price_minor"]
