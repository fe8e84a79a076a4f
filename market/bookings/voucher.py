"""The voucher of a confirmed booking: what to show at the door, where that is, and whom to call."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno

from market.bookings.queries import BookingView, ListingWords
from market.settings import Settings
from market.web import urls

_SCALE: Final = 6
_BORDER: Final = 4


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a guest needs to arrive. `qr_src` is a data URI of `qr_size` pixels square."""

    qr_src: str
    qr_size: int
    guest_name: str
    starts_at: datetime
    host_name: str
    host_phone: str
    address: str
    map_href: str
    access: str
    included: Sequence[str]
    excluded: Sequence[str]
    manners: Sequence[str]


def voucher(view: BookingView, about: ListingWords, locale: str, config: Settings) -> Voucher:
    """The voucher of a booking; only for one that is confirmed."""
    code = _code(view, locale, config)
    return Voucher(
        qr_src=code.svg_data_uri(scale=_SCALE, border=_BORDER, light="#fff", dark="#000"),
        qr_size=int(code.symbol_size(scale=_SCALE, border=_BORDER)[0]),
        guest_name=view.row.guest_name,
        starts_at=view.row.starts_at,
        host_name=view.host_name,
        host_phone=view.host_phone,
        address=view.address,
        map_href=f"https://www.openstreetmap.org/?mlat={view.lat}&mlon={view.lon}#map=16/{view.lat}/{view.lon}",
        access=about.access,
        included=about.included,
        excluded=about.excluded,
        manners=about.manners,
    )


def _code(view: BookingView, locale: str, config: Settings) -> segno.QRCode:
    """The booking's address: the host who reads it and is signed in sees the booking; a stranger sees nothing."""
    link = config.base_url + urls.path("bookings:show", locale=locale, reference=view.row.reference)
    # A fixed mask: trying all eight for the prettiest costs ten times the drawing, and any of them reads well.
    return segno.make(link, error="m", micro=False, mask=3)


def qr_png(view: BookingView, locale: str, config: Settings) -> bytes:
    """The same code as a picture for a mail."""
    picture = io.BytesIO()
    _code(view, locale, config).save(
        picture, kind="png", scale=_SCALE, border=_BORDER, light="#fff", dark="#000"
    )
    return picture.getvalue()
