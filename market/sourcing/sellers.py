"""Which supplier of the directory somebody means by the name they typed as the seller of a paper.

A seller who is in no directory is simply the name. The names offered for choosing give away nobody who did not
agree to be named; somebody who knows a name finds them all the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from market import db
from market.sourcing.forms import Seller
from market.sourcing.keys import folded
from market.suppliers import rows, rules

_MOST_NAMES: Final = 2_000
_CODE: Final = re.compile(r"\bS-[0-9A-Z]{6}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """A supplier that a paper may be of. `shown` is what anybody may read."""

    id: int
    code: str
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class Meant:
    """The seller found, or the suppliers it may be."""

    seller: Seller | None
    choices: tuple[Known, ...] = ()


async def list_known() -> list[Known]:
    """Every supplier with a page, public or paused, by the name anybody may read."""
    found = await db.fetch(
        "SELECT id, code, name, sole_trader, name_consent FROM supplier WHERE status <> 'draft'"
        f" ORDER BY name, id LIMIT {_MOST_NAMES}"
    )
    known = [
        Known(
            row["id"],
            row["code"],
            row["name"],
            rules.public_name(
                row["name"],
                row["code"],
                sole_trader=bool(row["sole_trader"]),
                name_consent=bool(row["name_consent"]),
            ),
        )
        for row in found
    ]
    return sorted(known, key=lambda one: one.shown.casefold())


async def find(typed: str, chosen: str, known: Sequence[Known], today: date) -> Meant:
    """The seller behind what was typed; `chosen` is the code picked among several of a name."""
    code = _CODE.search(typed)
    wanted = code[0].upper() if code else ""
    name = folded(typed)
    same = [
        one for one in known if one.code == wanted or (name and name in {folded(one.name), folded(one.shown)})
    ]
    picked = [one for one in same if one.code == chosen.upper()] or same
    if not picked:
        return Meant(Seller(typed.strip()))
    if len(picked) > 1:
        return Meant(None, tuple(picked))
    return Meant(await of_supplier(picked[0].id, picked[0].name, today))


async def of_supplier(supplier_id: int, name: str, today: date) -> Seller:
    """A supplier as a seller, with what it offers."""
    products = await rows.load_products([supplier_id], today)
    return Seller(name, supplier_id, tuple(products[supplier_id]))
