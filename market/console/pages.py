"""All pages of the desks, host's and operator's. The endpoints are in the `*_pages` modules beside this one."""

from __future__ import annotations

from market.console import (
    arrivals_offline_pages,
    arrivals_operator_pages,
    arrivals_pages,
    arrivals_register_pages,
    calendar_pages,
    cancelling_pages,
    departure_pages,
    listing_pages,
    money_dispute_pages,
    money_fund_pages,
    money_pages,
    money_payout_pages,
    operator_desk_pages,
    operator_pages,
    photo_pages,
    reviews_pages,
    section_pages,
    today_pages,
)

routes = [
    *arrivals_offline_pages.routes,
    *arrivals_pages.routes,
    *arrivals_register_pages.routes,
    *arrivals_operator_pages.routes,
    *today_pages.routes,
    *listing_pages.routes,
    *section_pages.routes,
    *photo_pages.routes,
    *reviews_pages.routes,
    *calendar_pages.routes,
    *departure_pages.routes,
    *cancelling_pages.routes,
    *money_pages.routes,
    *money_payout_pages.routes,
    *money_dispute_pages.routes,
    *money_fund_pages.routes,
    *operator_pages.routes,
    *operator_desk_pages.routes,
]
