"""Who is in the demo: one account per role with a well-known address, and the organisations they act for.

Every name, number and address is invented. None of them has a password: demo mode signs in with one click,
and outside demo mode these addresses open nothing. Hosts come from `content/hosts.toml` (see `loader`).
"""

from __future__ import annotations

from dataclasses import dataclass

from market import clock
from market.accounts.models import Membership, Organisation, Person

TRAVELLER, HOST, SUPPLIER = "traveller@demo.test", "host@demo.test", "supplier@demo.test"
HOTEL, OPERATOR = "hotel@demo.test", "operator@demo.test"
OPERATOR_2, FUND = "operator2@demo.test", "fund@demo.test"
COORDINATOR = "coordinator@demo.test"
# Somebody who helps the demo's host with some things, and somebody whose time to help is over.
COHOST, FORMER_COHOST = "cohost@demo.test", "former-cohost@demo.test"
OFFICERS = ("officer1@demo.test", "officer2@demo.test", "officer3@demo.test")
# Enough of them that an objection finds somebody outside the chain.
MORE_OFFICERS = ("officer4@demo.test", "officer5@demo.test")
DEMO_EMAILS: tuple[str, ...] = (
    *(TRAVELLER, HOST, SUPPLIER, HOTEL, *OFFICERS, *MORE_OFFICERS),
    *(OPERATOR, OPERATOR_2, FUND, COORDINATOR, COHOST, FORMER_COHOST),
)

# The demo host acts for this organisation of hosts.toml: it has a tour, a homestay and a class.
DEMO_HOST = "soleman-messakh"


@dataclass(frozen=True, slots=True)
class _Office:
    """An organisation that hosts nobody."""

    kind: str
    slug: str
    name: str
    phone: str
    since: int
    about: dict[str, str]


_SUPPLIER = _Office(
    "supplier",
    "koperasi-mutis-lestari",
    "Koperasi Mutis Lestari (demo)",
    "+62 812-0000-0801",
    2016,
    {
        "en": "A cooperative of honey gatherers, weavers and maize growers in the hills of Mollo. Invented.",
        "id": "Koperasi pemanen madu, penenun, dan petani jagung di perbukitan Mollo. Rekaan untuk demo.",
    },
)
_HOTEL = _Office(
    "hotel",
    "hotel-cendana-teluk",
    "Hotel Cendana Teluk (demo)",
    "+62 812-0000-0802",
    2009,
    {
        "en": "Sixty rooms above the bay of Kupang, with a kitchen that buys from the islands. Invented.",
        "id": "Enam puluh kamar di atas teluk Kupang, dapurnya belanja dari pulau-pulau. Rekaan untuk demo.",
    },
)
_OFFICE = _Office(
    "office",
    "kantor-pajak-daerah-demo",
    "Kantor Pajak Daerah (demo)",
    "+62 812-0000-0803",
    2000,
    {
        "en": "The desk that checks what hotels buy from local producers. Invented.",
        "id": "Meja yang memeriksa belanja hotel dari produsen setempat. Rekaan untuk demo.",
    },
)


async def create_people() -> None:
    """The accounts that do not come with a host: traveller, supplier, hotel, officers, operators, a fund's member."""
    await create_person("Hannah Lindqvist", TRAVELLER, "+62 812-0000-0901", locale="en")
    supplier = await create_person("Marselina Tnunay", SUPPLIER, "+62 812-0000-0902")
    await create_membership(supplier, "supplier", await _create_office(_SUPPLIER))
    hotel = await create_person("Benyamin Lay", HOTEL, "+62 812-0000-0903")
    await create_membership(hotel, "hotel", await _create_office(_HOTEL))
    office = await _create_office(_OFFICE)
    for n, (name, email) in enumerate(
        zip(("Adriana Foeh", "Krisantus Bria", "Salma Djawas"), OFFICERS, strict=True), 4
    ):
        officer = await create_person(name, email, f"+62 812-0000-090{n}")
        await create_membership(officer, "officer", office)
    for n, (name, email) in enumerate(
        zip(("Petronela Kase", "Agustinus Manafe"), MORE_OFFICERS, strict=True), 18
    ):
        await create_membership(await create_person(name, email, f"+62 812-0000-09{n}"), "officer", office)
    operator = await create_person("Yeremias Oematan", OPERATOR, "+62 812-0000-0907")
    await create_membership(operator, "operator", None)
    second = await create_person("Paulina Ndun", OPERATOR_2, "+62 812-0000-0908")
    await create_membership(second, "operator", None)
    await create_person("Yakomina Radja", FUND, "+62 812-0000-0909")


async def create_person(name: str, email: str, phone: str, *, locale: str = "id") -> int:
    """An account whose address counts as proved; its id."""
    now = clock.now()
    person = await Person.create(
        name=name, email=email, phone=phone, locale=locale, created_at=now, verified_at=now
    )
    return person.id


async def create_membership(person_id: int, role: str, organisation_id: int | None) -> None:
    """The person acts in this role, for one organisation or for the platform."""
    await Membership.create(
        person_id=person_id, role=role, organisation_id=organisation_id, created_at=clock.now()
    )


async def _create_office(office: _Office) -> int:
    made = await Organisation.create(
        kind=office.kind,
        slug=office.slug,
        name=office.name,
        phone=office.phone,
        since=office.since,
        texts={locale: {"about": about} for locale, about in office.about.items()},
        created_at=clock.now(),
    )
    return made.id
