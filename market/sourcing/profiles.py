"""A hotel's own facts for the programme: where it stands, its tax and business numbers, its rooms.

Numbers are checked for their shape (`suppliers.identifiers`), never for their owner. A change of NPWP or NIB changes
who is related to the hotel, so its open months are reckoned again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market import db
from market.errors import Invalid
from market.places import areas
from market.places.areas import Level
from market.sourcing import standing
from market.sourcing.models import HotelProfile
from market.suppliers import identifiers
from market.suppliers.identifiers import Checked, WrongIdentifier
from market.values.ids import new_reference
from market.values.text import Text, lazy

_VILLAGES = frozenset({Level.DESA, Level.KELURAHAN})
_MOST_ROOMS = 5_000


@dataclass(frozen=True, slots=True)
class Profile:
    """What a hotel says about itself. `area_code` is the village or kelurahan; `account_keys` are hashes of its bank
    account (`values.marks.kept`), "" when saved for the one that is kept already.
    """

    area_code: str
    address: str = ""
    npwp: str = ""
    nib: str = ""
    nitku: str = ""
    regional_tax_number: str = ""
    room_count: int = 0
    account_keys: str = ""


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A hotel's stored facts; `code` names it where a short key is needed."""

    code: str
    profile: Profile


async def get(hotel_id: int) -> ProfileRow | None:
    """A hotel's facts; None before it entered any."""
    row = await HotelProfile.get_or_none(organisation_id=hotel_id)
    if row is None:
        return None
    profile = Profile(
        area_code=row.area_code,
        address=row.address,
        npwp=row.npwp,
        nib=row.nib,
        nitku=row.nitku,
        regional_tax_number=row.regional_tax_number,
        room_count=row.room_count,
        account_keys=row.bank_key,
    )
    return ProfileRow(row.code, profile)


async def save(hotel_id: int, profile: Profile, *, now: datetime) -> Text | None:
    """Write a hotel's facts; what should be looked at again, if anything. Raises Invalid with the field."""
    checked, warning = check(profile)
    columns: dict[str, Any] = {
        "area_code": checked.area_code,
        "address": checked.address,
        "npwp": checked.npwp,
        "nib": checked.nib,
        "nitku": checked.nitku,
        "regional_tax_number": checked.regional_tax_number,
        "room_count": checked.room_count,
        "updated_at": now,
        **({"bank_key": checked.account_keys} if checked.account_keys else {}),
    }
    async with db.transaction():
        row = await HotelProfile.get_or_none(organisation_id=hotel_id)
        if row is None:
            await HotelProfile.create(organisation_id=hotel_id, code=f"H-{new_reference(6)}", **columns)
        else:
            row.update_from_dict(columns)
            await row.save()
        await standing.refresh(hotel_id=hotel_id)
    return warning


def check(profile: Profile) -> tuple[Profile, Text | None]:
    """The facts in their stored form, and what a person should look at again. Raises Invalid with the field."""
    if not areas.exists(profile.area_code) or areas.get(profile.area_code).level not in _VILLAGES:
        raise Invalid("unknown_village", lazy("Choose the village or kelurahan from the list."), field="area")
    if not 0 <= profile.room_count <= _MOST_ROOMS:
        raise Invalid("too_many_rooms", lazy("Enter the number of rooms."), field="room_count")
    npwp = _checked("npwp", profile.npwp)
    nib = _checked("nib", profile.nib)
    nitku = _checked("nitku", profile.nitku)
    if npwp.value and nitku.value and not nitku.value.startswith(npwp.value):
        words = lazy("A NITKU begins with the NPWP of its owner. Please compare the two.")
        raise Invalid("other_owner", words, field="nitku")
    done = Profile(
        area_code=profile.area_code,
        address=profile.address.strip(),
        npwp=npwp.value,
        nib=nib.value,
        nitku=nitku.value,
        regional_tax_number=profile.regional_tax_number.strip(),
        room_count=profile.room_count,
        account_keys=profile.account_keys,
    )
    return done, npwp.warning


def _checked(field: str, written: str) -> Checked:
    if not written.strip():
        return Checked("")
    read = {"npwp": identifiers.npwp, "nib": identifiers.nib, "nitku": identifiers.nitku}[field]
    try:
        return read(written)
    except WrongIdentifier as wrong:
        raise Invalid(wrong.code, wrong.message, field=field) from wrong
