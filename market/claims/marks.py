"""By what hotels, suppliers and officers are recognised as related: people, tax numbers, phones, accounts.

Values become keyed hashes before anything compares or keeps them. What a shared mark means is decided by the
flag RELATED and by `conflicts`; an officer's own declarations are marks too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from market import db
from market.claims.flags.facts import Party
from market.db.sql import Row

_DIGITS: Final = re.compile(r"[^0-9]")
_WORDS: Final = re.compile(r"[\W_]+", re.UNICODE)
Mark = tuple[str, str]


def mark(kind: str, value: str, secret: str) -> Mark | None:
    """The keyed hash of a tax number, phone, account or address however it is written; None for an empty one."""
    plain = _plain(kind, value)
    if not plain:
        return None
    key = hashlib.sha256(b"related parties|" + secret.encode()).digest()
    return kind, hmac.new(key, f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest()


def _plain(kind: str, value: str) -> str:
    if kind == "address":
        return _WORDS.sub(" ", value.casefold()).strip()
    digits = _DIGITS.sub("", value)
    if kind == "phone" and digits.startswith("0"):
        return "62" + digits[1:]
    # A tax number of 15 digits is the one of 16 with a 0 before it.
    return "0" + digits if kind == "npwp" and len(digits) == 15 else digits


class _Found:
    """Parties as they are put together from several reads."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.secrets = secrets
        self.marks: defaultdict[str, set[Mark]] = defaultdict(set)
        self.names: dict[str, str] = {}
        self.papers: dict[str, int] = {}

    def add(self, key: str, **values: str) -> None:
        for kind, value in values.items():
            # Under the previous key too: declarations made before a rotation keep their force.
            made = (mark(kind, value, secret) for secret in self.secrets)
            self.marks[key].update(one for one in made if one is not None)

    def party(self, key: str) -> Party:
        role = {"h": "hotel", "s": "supplier", "o": "officer"}[key[0]]
        return Party(role, key, self.names[key], frozenset(self.marks[key]), self.papers.get(key))  # type: ignore[arg-type]


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
        " COALESCE(h.bank_key, '') AS bank_key FROM claim c JOIN organisation o ON o.id = c.hotel_id"
        " LEFT JOIN hotel_profile h ON h.organisation_id = o.id WHERE c.id = $1",
        claim_id,
    )
    for row in rows:
        key = f"h:{row['id']}"
        found.names[key] = row["name"]
        found.add(key, phone=row["phone"], npwp=row["npwp"], address=row["address"])
        if row["bank_key"]:
            found.marks[key].add(("bank", row["bank_key"]))
        found.marks[key].add(("declared", f"org:{row['id']}"))


async def _suppliers(claim_id: int, found: _Found) -> None:
    rows = await db.fetch(
        "SELECT s.id, s.name, s.npwp, s.organisation_id, o.phone, MIN(l.document_id) AS document_id"
        " FROM claim_line l JOIN supplier s ON s.id = l.supplier_id JOIN organisation o ON o.id = s.organisation_id"
        " WHERE l.claim_id = $1 GROUP BY s.id, s.name, s.npwp, s.organisation_id, o.phone",
        claim_id,
    )
    for row in rows:
        key = f"s:{row['id']}"
        found.names[key] = row["name"]
        found.papers[key] = row["document_id"]
        found.add(key, phone=row["phone"], npwp=row["npwp"])
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
