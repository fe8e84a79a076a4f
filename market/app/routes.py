"""Every route of the product, gathered from the features. Start-up fails when one declares no access."""

from __future__ import annotations

from starlette.routing import BaseRoute

from market.accounts.pages import routes as accounts
from market.app.pages import routes as own
from market.arrivals.pages import routes as arrivals
from market.bookings.pages import routes as bookings
from market.calendars.pages import routes as calendars
from market.claims.hotel_pages import routes as hotel_claims
from market.claims.officer_pages import routes as officer_claims
from market.console.pages import routes as console
from market.discovery.pages import routes as discovery
from market.media.pages import routes as media
from market.messaging.pages import routes as messaging
from market.notifications.pages import routes as notifications
from market.opendata.pages import routes as opendata
from market.payments.pages import routes as payments
from market.payouts.pages import routes as payouts
from market.register.pages import routes as register
from market.reviews.pages import routes as reviews
from market.sms.pages import routes as sms
from market.sms.supply_pages import routes as supply_sms
from market.sourcing.pages import routes as sourcing
from market.staff.pages import routes as staff
from market.suppliers.pages import routes as suppliers
from market.transparency.pages import routes as transparency
from market.web.guards import GuardedRoute


def routes() -> list[BaseRoute]:
    """All routes; more specific paths first."""
    gathered: list[BaseRoute] = [
        *own,
        *accounts,
        *media,
        *calendars,
        *payments,
        *payouts,
        *notifications,
        *staff,
        *messaging,
        *arrivals,
        *register,
        *reviews,
        *bookings,
        *sms,
        *supply_sms,
        *console,
        *hotel_claims,
        *opendata,
        *officer_claims,
        *sourcing,
        *suppliers,
        *transparency,
        *discovery,
    ]
    for route in gathered:
        if not isinstance(route, GuardedRoute):
            raise TypeError(f"{route} declares no access")
    return gathered
