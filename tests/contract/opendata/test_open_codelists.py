"""Codes of the standard's open lists in our packages: those of OCDS 1.1, or our own, marked as such and explained.

The checker beside this one judges closed lists; an open list takes any word, so a misspelt role would pass it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from tests.integration.opendata.test_opendata import make_award

# Where an open list is used in what we publish, and its codes in OCDS 1.1.
OPEN: Final[Mapping[str, frozenset[str]]] = {
    "partyRole": frozenset(
        [
            *("buyer", "procuringEntity", "supplier", "tenderer", "funder"),
            *("enquirer", "payer", "payee", "reviewBody", "interestedParty"),
        ]
    ),
    "itemClassificationScheme": frozenset(["CPV", "CPVS", "GSIN", "UNSPSC", "CPC", "OKDP", "OKPD", "CUCOP"]),
}
HOWTO: Final = Path(__file__).parents[3] / "docs" / "howto" / "read-the-open-data.md"
OWN: Final = "x_benang_"


def _used(package: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for release in package["releases"]:
        for party in release["parties"]:
            yield from (("partyRole", role) for role in party["roles"])
        for award in release["awards"]:
            for item in award["items"]:
                schemes = [item["classification"], *item["additionalClassifications"]]
                yield from (("itemClassificationScheme", one["scheme"]) for one in schemes)


async def test_codes_of_open_lists_are_the_standards_or_marked_and_explained(
    client: httpx.AsyncClient,
) -> None:
    await make_award()
    used = set(_used((await client.get("/data/ocds/2026-09.json")).json()))
    assert {name for name, _ in used} == set(OPEN)
    own = {code for name, code in used if code not in OPEN[name]}
    assert own == {"x_benang_category", "x_benang_origin"}
    explained = HOWTO.read_text()
    assert all(code.startswith(OWN) and code in explained for code in own)
