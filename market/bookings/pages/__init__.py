"""The booking pages, one module a task: choosing, checking out, looking, cancelling, changing, and finding trips."""

from __future__ import annotations

from market.bookings.pages import calendar, cancel, change, checkout, choose, quote, show, trips, waiting

routes = [
    *quote.routes,
    *trips.routes,
    *checkout.routes,
    *cancel.routes,
    *change.routes,
    *choose.routes,
    *waiting.routes,
    *calendar.routes,
    *show.routes,
]
