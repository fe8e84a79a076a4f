"""Ties between hotel and supplier as the registers hold them: addresses, accounts, and circles of money without
tax numbers. What each rule makes of them is tests/unit/claims/test_flags.py.
"""

from __future__ import annotations

from datetime import date

import pytest

from market import db as database
from market.claims import flag_reading, steps
from market.claims.flags import circular, related
from market.claims.flags.facts import ClaimFacts, Finding
from market.sourcing.models import HotelProfile
from market.values import marks
from market.values.dates import local_instant
from tests import factories
from tests.integration.claims import office
from tests.integration.claims.hotel_making import make_supplier

VILLAGE = "53.71.03.1011"
ACCOUNT = "0123 4567 89"


async def read(hotel_id: int, person_id: int) -> ClaimFacts:
    reference = await office.submit(hotel_id, person_id)
    return await flag_reading.read((await steps.get(reference)).id, office.SECRETS)


async def found_between(street: str, account: str, *, village: str = VILLAGE) -> list[str]:
    """What hotel and supplier turn out to share: Jalan Timor Raya No. 5 and one account are the hotel's."""
    hotel, person = await office.make_hotel(), await factories.make_person()
    await factories.make_member(person, "hotel", hotel.id)
    await HotelProfile.filter(organisation_id=hotel.id).update(
        address="Jalan Timor Raya No. 5",
        area_code=VILLAGE,
        bank_key=marks.kept("bank", ACCOUNT, office.SECRETS),
    )
    supplier = await make_supplier(
        area=village, street=street, account_keys=marks.kept("bank", account, office.SECRETS)
    )
    await office.buy(hotel.id, person.id, 9_000_000, supplier_id=supplier.id, seller=supplier.name)
    facts = await read(hotel.id, person.id)
    return [one.sentence for one in related.find(facts)]


@pytest.mark.parametrize("street", ["Jl. Timor Raya no 05", "JALAN TIMOR RAYA, Nomor 5", "Jln Timor Raya 5"])
async def test_one_address_is_found_however_it_is_written(db: str, street: str):
    assert await found_between(street, "") == ["address"]


@pytest.mark.parametrize(
    ("street", "village"),
    [("Jalan Timor Raya 6", VILLAGE), ("Jalan Timor Raya", VILLAGE), ("Jalan Timor Raya 5", "53.71.03.1004")],
)
async def test_the_neighbour_is_not_the_same_address(db: str, street: str, village: str):
    assert await found_between(street, "", village=village) == []


async def test_one_account_is_found_and_another_is_not(db: str):
    assert await found_between("", "0123456789") == ["bank"]
    assert await found_between("", "0123456798") == []


async def circle(*, nib: str = "", person_of_both: bool = False) -> list[Finding]:
    """Two hotels without tax numbers: the second's supplier sells to the first, the first's to the second."""
    hotels = [await office.make_hotel(npwp="") for _ in range(2)]
    people = [await factories.make_person() for _ in hotels]
    suppliers = []
    for n, (hotel, person) in enumerate(zip(hotels, people, strict=True)):
        await factories.make_member(person, "hotel", hotel.id)
        own = f"{nib}{n}" if nib else ""
        await HotelProfile.filter(organisation_id=hotel.id).update(nib=own)
        supplier = await make_supplier(f"Usaha {n}", nib=own)
        if person_of_both:
            await factories.make_member(person, "supplier", supplier.organisation_id)
        suppliers.append(supplier)
    for buyer, seller in ((0, 1), (1, 0)):
        supplier = suppliers[seller]
        await office.buy(
            hotels[buyer].id,
            people[buyer].id,
            9_000_000,
            supplier_id=supplier.id,
            seller=supplier.name,
            at=local_instant(date(2026, 9, 5 + buyer)),
        )
    return list(circular.find(await read(hotels[0].id, people[0].id)))


async def test_money_that_comes_back_is_found_without_tax_numbers(db: str):
    assert len(await circle(nib="912345678901")) == 1
    assert len(await circle(person_of_both=True)) == 1
    assert await circle() == []


async def test_the_numbers_themselves_are_not_kept(db: str):
    await found_between("Jalan Timor Raya 5", ACCOUNT)
    for table in ("supplier", "hotel_profile"):
        rows = str(await database.fetch(f"SELECT * FROM {table}"))
        assert "0123456789" not in rows
        assert "0123 4567 89" not in rows
