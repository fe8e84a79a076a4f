"""How suppliers and hotels are called in public: companies, BUMDes and cooperatives by name, sole traders by code.

Pure. No number of a person or a business leaves this module: no NIK, NPWP, phone or account is ever read here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from market.opendata.suppression import area_shown
from market.places import areas
from market.suppliers.rows import SupplierRow


@dataclass(frozen=True, slots=True)
class Party:
    """A supplier as open data shows it. `name` is the code where the name may not be told."""

    id: int
    code: str
    name: str
    kind: str
    named: bool
    area_code: str

    @property
    def kecamatan(self) -> str:
        """The kecamatan, or "" where only a wider place is told."""
        return _name(self.area_code, 3)

    @property
    def kabupaten(self) -> str:
        return _name(self.area_code, 2)


def _name(code: str, depth: int) -> str:
    parts = code.split(".")
    wanted = ".".join(parts[:depth])
    return areas.get(wanted).name if len(parts) >= depth and areas.exists(wanted) else ""


def parties(suppliers: Iterable[SupplierRow], traders_in: Mapping[str, int]) -> dict[int, Party]:
    """Suppliers as they are called in public, by id."""
    found: dict[int, Party] = {}
    for row in suppliers:
        kecamatan = ".".join(row.area_code.split(".")[:3])
        found[row.id] = Party(
            id=row.id,
            code=row.code,
            name=row.public_name,
            kind=row.kind.value,
            named=row.named,
            area_code=kecamatan if row.named else area_shown(row.area_code, traders_in),
        )
    return found


def traders_by_area(area_codes: Iterable[str]) -> Counter[str]:
    """How many unnamed sole traders there are in every kecamatan, kabupaten and province."""
    found: Counter[str] = Counter()
    for code in area_codes:
        parts = code.split(".")
        for depth in range(1, min(3, len(parts)) + 1):
            found[".".join(parts[:depth])] += 1
    return found
