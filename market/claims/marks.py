"""By what hotels, suppliers and officers are recognised as related: people, tax numbers, phones, accounts.

Values become keyed hashes before anything compares or keeps them. What a shared mark means is decided by the
flag RELATED and by `conflicts`; an officer's own declarations are marks too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from market import db
from market.claims.flags.facts import Party
from market.db.sql import Row
from market.values.marks import Mark, address, mark


class _Found:
    """Parties as they are put together from several reads."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets
        self.marks: defaultdict[str, set[Mark]] = defaultdict(set)
        self.names: dict[str, str] = {}
        self.papers: dict[str, int] = {}
        self.places: dict[str, tuple[str, str]] = {}

    def add(self, key: str, **values: str) -> None:
        for kind, value in values.items():
            # Under the previous key too: declarations made before a rotation keep their force.
            made = (mark(kind, value, secret) for secret in self.secrets)
            self.marks[key].update(one for one in made if one is not None)

    def add_place(self, key: str, street: str, area_code: str) -> None:
        self.add(key, address=address(street, area_code))
        self.places[key] = (street, area_code)

    def add_accounts(self, key: str, kept: str) -> None:
        self.marks[key].update(("bank", one) for one in kept.split())

    def party(self, key: str) -> Party:
        role = {"h": "hotel", "s": "supplier", "o": "officer"}[key[0]]
        known = frozenset(self.marks[key])
        return Party(role, key, self.names[key], known, self.papers.get(key), *self.places.get(key, ("", "")))  # type: ignore[arg-type]


async def parties_of(claim_id: int, secrets: tuple[str, ...]) -> list[Party]:
    """The claim's hotel, the suppliers of its lines, and every officer, each with its marks."""
    found = _Found(secrets)
    await _hotel(claim_id, found)
    await _suppliers(claim_id, found)
    await _members(claim_id, found)
    await _officers(found)
    return [found.party(key) for key in sorted(found.names)]


async def _hotel(claim_id: int, found: _Found) -> None:
    rows = await db.fetch(
        "SELECT o.id, o.name, o.phone, COALESCE(h.npwp, '') AS npwp, COALESCE(h.address, '') AS address,"
        " COALESCE(h.area_code, '') AS area_code, COALESCE(h.bank_key, '') AS account_keys FROM claim c"
        " JOIN organisation o ON o.id = c.hotel_id"
        " LEFT JOIN hotel_profile h ON h.organisation_id = o.id WHERE c.id = $1",
        claim_id,
    )
    for row in rows:
        key = f"h:{row['id']}"
        found.names[key] = row["name"]
        found.add(key, phone=row["phone"], npwp=row["npwp"])
        found.add_place(key, row["address"], row["area_code"])
        found.add_accounts(key, row["account_keys"])
        found.marks[key].add(("declared", f"org:{row['id']}"))


async def _suppliers(claim_id: int, found: _Found) -> None:
    rows = await db.fetch(
        "SELECT s.id, s.name, s.npwp, s.organisation_id, s.street, s.area_code, s.account_keys, o.phone,"
        " MIN(l.document_id) AS document_id"
        " FROM claim_line l JOIN supplier s ON s.id = l.supplier_id JOIN organisation o ON o.id = s.organisation_id"
        " WHERE l.claim_id = $1 GROUP BY s.id, s.name, s.npwp, s.organisation_id, s.street, s.area_code,"
        " s.account_keys, o.phone",
        claim_id,
    )
    for row in rows:
        key = f"s:{row['id']}"
        found.names[key] = row["name"]
        found.papers[key] = row["document_id"]
        found.add(key, phone=row["phone"], npwp=row["npwp"])
        found.add_place(key, row["street"], row["area_code"])
        found.add_accounts(key, row["account_keys"])
        found.marks[key].add(("declared", f"org:{row['organisation_id']}"))


async def _members(claim_id: int, found: _Found) -> None:
    """The people who act for the hotel and for the suppliers."""
    rows = await db.fetch(
        "SELECT x.key, m.person_id, p.phone FROM ("
        " SELECT 'h:' || CAST(c.hotel_id AS TEXT) AS key, c.hotel_id AS organisation_id FROM claim c WHERE c.id = $1"
        " UNION SELECT 's:' || CAST(s.id AS TEXT), s.organisation_id FROM claim_line l"
        " JOIN supplier s ON s.id = l.supplier_id WHERE l.claim_id = $1) x"
        " JOIN membership m ON m.organisation_id = x.organisation_id JOIN person p ON p.id = m.person_id"
        " WHERE m.role IN ('hotel', 'supplier')",
        claim_id,
    )
    for row in rows:
        found.marks[row["key"]].add(("person", str(row["person_id"])))
        found.add(row["key"], phone=row["phone"])


async def _officers(found: _Found) -> None:
    rows = await db.fetch(
        "SELECT p.id, p.name, p.phone, c.kind, c.organisation_id, c.key_hash FROM person p"
        " LEFT JOIN officer_conflict c ON c.person_id = p.id AND c.ended_at IS NULL"
        " WHERE p.deleted_at IS NULL AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = p.id"
        " AND m.role = 'officer')"
    )
    for row in rows:
        key = f"o:{row['id']}"
        found.names[key] = row["name"]
        found.marks[key].add(("person", str(row["id"])))
        found.add(key, phone=row["phone"])
        found.marks[key].update(_declared(row))


def _declared(row: Row) -> Iterable[Mark]:
    if row["kind"] in {"hotel", "supplier"}:
        yield "declared", f"org:{row['organisation_id']}"
    elif row["kind"] is not None:
        yield row["kind"], row["key_hash"]
