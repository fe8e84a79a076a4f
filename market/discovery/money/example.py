"""The usual split of a price, for pages that explain it. Pure: the same rule that every booking follows.

The service fee is added to the host's price; the village fund, and the guides and materials a host names, come
out of the host's price; the rest is the family's. A listing's own page shows its own figures.
"""

from __future__ import annotations

from typing import Final

from market.bookings.quote import Part
from market.values.money import allocate, share_of

EXAMPLE_MINOR: Final = 1_050_000
HOST_MINOR: Final = 1_000_000
SERVICE_FEE_BP: Final = 500
FUND_BP: Final = 500


def usual_split(total: int) -> tuple[Part, ...]:
    """Family, village fund and platform of a shown price, to the rupiah; ties go to the family."""
    fee, host = allocate(total, [SERVICE_FEE_BP, 10_000])
    fund = share_of(host, FUND_BP)
    return (Part("family", host - fund, {}), Part("fund", fund, {}), Part("platform", fee, {}))
