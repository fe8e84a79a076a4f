"""Every page that the rules are checked on, listed once: its path, and who opens it.

`{…}` in a path is filled from the world that the fixture `world` made: a few bookings and what the demo content has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GUEST, NOBODY = "guest", "nobody"


@dataclass(frozen=True, slots=True)
class Place:
    """A page. `who` is a demo role, the guest who booked without an account, or nobody."""

    name: str
    path: str
    who: str = NOBODY
    status: int = 200


FIRST_VIEWS: Final = (
    Place("home", "/"),
    Place("search", "/search"),
    Place("tour", "/listings/{tour}"),
    Place("homestay", "/listings/{stay}"),
    Place("class", "/listings/{lesson}"),
    Place("quote", "/listings/{tour}/book?slot={slot}&adults=2"),
    Place("checkout", "/bookings/{held}/checkout", GUEST),
)
PUBLIC: Final = (
    *FIRST_VIEWS[:6],
    Place("search-dates", "/search?kind=homestay&place=timor&from={start}&to={end}&adults=2"),
    Place("search-none", "/search?q=zzzzqqqq"),
    Place("homestay-dates", "/listings/{stay}?from={start}&to={end}"),
    Place("quote-empty", "/listings/{tour}/book"),
    Place("quote-homestay", "/listings/{stay}/book?from={start}&to={end}&adults=2&room={room}"),
    Place("waiting-list", "/listings/{tour}/waiting?slot={full_slot}&adults=2"),
    Place("quote-wrong", "/listings/{stay}/book?from={end}&to={start}&adults=0"),
    Place("money", "/money"),
    Place("about", "/about"),
    Place("terms", "/terms"),
    Place("privacy", "/privacy"),
    Place("village", "/villages/{village}"),
    Place("village-fund", "/villages/{village}/fund"),
    Place("trips-none", "/trips"),
    Place("sign-in", "/sign-in"),
    Place("sign-up", "/sign-up"),
    Place("reset", "/reset"),
    Place("suppliers", "/suppliers"),
    Place("suppliers-none", "/suppliers?q=zzzzqqqq"),
    Place("supplier", "/suppliers/{supplier}"),
    Place("product", "/suppliers/{product}"),
    Place("programme", "/programme"),
    Place("open-data", "/data"),
    Place("log", "/log"),
    Place("log-entry", "/log/0"),
    Place("verify", "/verify"),
    Place("verify-printed", "/verify?entry=0&leaf=00000000"),
    Place("gallery", "/gallery"),
    Place("outbox", "/outbox"),
    Place("letter", "/outbox/{letter}"),
    Place("sms", "/sms"),
    Place("not-found", "/nothing-here", status=404),
)
BOOKED: Final = (
    FIRST_VIEWS[6],
    Place("card-page", "/pay/demo/{payment}", GUEST),
    Place("booking", "/bookings/{booked}", GUEST),
    Place("booking-transfer", "/bookings/{waiting}", GUEST),
    Place("booking-cancelled", "/bookings/{cancelled}", GUEST),
    Place("messages", "/bookings/{booked}/messages", GUEST),
    Place("cancel", "/bookings/{booked}/cancel", GUEST),
    Place("change", "/bookings/{booked}/change", GUEST),
    Place("change-planned", "/bookings/{booked}/change?slot={booked_slot}&adults=3", GUEST),
    Place("trips", "/trips", GUEST),
    Place("booking-called-off", "/bookings/{choosing}", "traveller"),
    Place("choose-another-date", "/bookings/{choosing}/choose", "traveller"),
    Place("profile", "/profile", "traveller"),
    Place("new-address", "/profile/email", "traveller"),
    Place("trips", "/trips", "traveller"),
    Place("second-factor", "/profile/second-factor", "traveller"),
    Place("delete-account", "/profile/delete", "traveller"),
)
DESKS: Final = (
    Place("host", "/host/", "host"),
    Place("host-guests", "/host/guests", "host"),
    Place("host-messages", "/host/messages", "host"),
    Place("host-listings", "/host/listings", "host"),
    Place("host-new", "/host/new", "host"),
    Place("host-calendar", "/host/calendar", "host"),
    Place("host-calendar-tour", "/host/calendar?listing={tour}", "host"),
    Place("host-departure", "/host/departures/{full_slot}", "host"),
    Place("host-waiting", "/host/waiting", "host"),
    Place("host-cancel", "/host/bookings/{coming}/cancel", "host"),
    Place("host-listing", "/host/listings/{stay}", "host"),
    Place("host-allotment", "/host/listings/{stay}/allotment", "host"),
    Place("host-sleeping", "/host/listings/{tour}/sleeping", "host"),
    Place("host-quick", "/host/new/homestay", "host"),
    Place("host-team", "/host/team", "host"),
    Place("host-village", "/host/village", "host"),
    Place("coordinator-village", "/host/village", "coordinator"),
    Place("coordinator-families", "/host/families", "coordinator"),
    Place("become-a-host", "/become-a-host", "host"),
    Place("host-photos", "/host/listings/{stay}/photos", "host"),
    Place("host-words", "/host/listings/{stay}/edit/words", "host"),
    Place("host-rooms", "/host/listings/{stay}/edit/rooms", "host"),
    Place("host-sms", "/host/sms", "host"),
    Place("host-booking", "/bookings/{booked}", "host"),
    Place("host-arrivals", "/host/arrivals", "host"),
    Place("host-arrivals-none", "/host/arrivals?day=2020-01-01", "host"),
    Place("host-arrival", "/host/arrivals/{arriving}", "host"),
    Place("host-register", "/host/register", "host"),
    Place("host-register-stay", "/host/register/{registered}", "host"),
    Place("host-reviews", "/host/reviews", "host"),
    Place("host-review", "/bookings/{visited}/review", "host"),
    Place("review-report", "/reviews/{review}/report", "traveller"),
    Place("operator-no-shows", "/operator/no-shows", "operator"),
    Place("operator-reviews", "/operator/reviews", "operator"),
    Place("host-money", "/host/money", "host"),
    Place("host-bank", "/host/money/{own_host}/bank", "host"),
    Place("village-fund-committee", "/villages/{village}/fund", "host"),
    Place("operator", "/operator/", "operator"),
    Place("operator-transfers", "/operator/transfers", "operator"),
    Place("operator-witnesses", "/operator/witnesses", "operator"),
    Place("operator-refunds", "/operator/refunds", "operator"),
    Place("operator-payouts", "/operator/payouts", "operator"),
    Place("operator-batch", "/operator/payouts/{batch}", "operator"),
    Place("operator-host-money", "/operator/hosts/{own_host}", "operator"),
    Place("operator-disputes", "/operator/disputes", "operator"),
    Place("operator-dispute", "/operator/disputes/{dispute}", "operator"),
    Place("operator-funds", "/operator/funds", "operator"),
    Place("operator-fund", "/operator/funds/{fund}", "operator"),
    Place("operator-ledger", "/operator/ledger", "operator"),
    Place("operator-jobs", "/operator/jobs", "operator"),
    Place("operator-bookings", "/operator/bookings", "operator"),
    Place("operator-booking", "/operator/bookings/{booked}", "operator"),
    Place("operator-cancel", "/operator/bookings/{booked}/cancel", "operator"),
    Place("operator-sms", "/operator/sms", "operator"),
    Place("operator-settings", "/operator/settings", "operator"),
    Place("operator-acts", "/operator/acts", "operator"),
    Place("supplier-desk", "/supplier/", "supplier"),
    Place("supplier-products", "/supplier/pages/{own_supplier}/products", "supplier"),
    Place("supplier-keepers", "/supplier/pages/{own_supplier}/keepers", "supplier"),
    Place("hotel-quotations", "/hotel/quotations", "hotel"),
    Place("hotel-share", "/hotel/share?tax=60000000", "hotel"),
    Place("hotel-share-wrong", "/hotel/share?tax=much", "hotel", 400),
    Place("hotel-claims", "/hotel/claims", "hotel"),
    Place("hotel-ask", "/suppliers/{product}/ask", "hotel"),
    Place("officer-origins", "/officer/origins", "officer1"),
)
ALL: Final = PUBLIC + BOOKED + DESKS
