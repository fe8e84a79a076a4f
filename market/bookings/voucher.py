"""The voucher of a confirmed booking: what to show at the door, where that is, and whom to call."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import segno
from PIL import Image, ImageOps

from market.bookings import arrival_codes
from market.bookings.queries import BookingView, ListingWords
from market.i18n.locales import pick
from market.settings import Settings
from market.web import urls

_SCALE: Final = 6
_BORDER: Final = 4
_DARK_ON_LIGHT: Final = bytes([255, 0]) + bytes(254)


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a guest needs to arrive. `qr_src` is a data URI of `qr_size` pixels square, `code` what to read out."""

    qr_src: str
    qr_size: int
    code: str
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
        code=arrival_codes.short_code(view.row.reference, config.secrets),
        guest_name=view.row.guest_name,
        starts_at=view.row.starts_at,
        host_name=view.host_name,
        host_phone=view.host_phone,
        address=view.address,
        map_href=f"https://www.openstreetmap.org/?mlat={view.lat}&mlon={view.lon}#map=16/{view.lat}/{view.lon}",
        access=pick(view.access, locale) if view.access else "",
        included=about.included,
        excluded=about.excluded,
        manners=about.manners,
    )


def _code(view: BookingView, locale: str, config: Settings) -> segno.QRCode:
    """Where a host checks this guest in, with a secret nobody can guess; to a stranger it opens nothing."""
    token = arrival_codes.qr_token(view.row.reference, config.secrets)
    link = config.base_url + urls.path("console:host_scan", locale=locale, token=token)
    # A fixed mask: trying all eight for the prettiest costs ten times the drawing, and any of them reads well.
    return segno.make(link, error="m", micro=False, mask=3)


def qr_png(view: BookingView, locale: str, config: Settings) -> bytes:
    """The same code as a picture for a mail."""
    modules = _code(view, locale, config).matrix
    size = len(modules)
    # Every step in the picture library: writing the dots of a picture in Python takes many times as long.
    dots = Image.frombytes("L", (size, size), b"".join(modules).translate(_DARK_ON_LIGHT))
    framed = ImageOps.expand(dots, border=_BORDER, fill=255).convert("1", dither=Image.Dither.NONE)
    picture = io.BytesIO()
    framed.resize((framed.width * _SCALE, framed.height * _SCALE), Image.Resampling.NEAREST).save(
        picture, format="PNG"
    )
    return picture.getvalue()
