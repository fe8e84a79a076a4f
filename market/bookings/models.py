"""Bookings, the stock each one owns, changes under way, and the append-only story of every transition."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Booking(Model):
    """One party's booking. `offer` is the promise it was sold under: quote lines, split, policy."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    request_key = fields.CharField(max_length=400, unique=True)
    state = fields.TextField()
    kind = fields.TextField()
    listing_id = fields.BigIntField()
    host_id = fields.BigIntField()
    person_id = fields.BigIntField(null=True)
    slot_id = fields.BigIntField(null=True)
    locale = fields.TextField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    cutoff_at = fields.DatetimeField()
    adults = fields.IntField()
    children = fields.IntField(default=0)
    infants = fields.IntField(default=0)
    instant = fields.BooleanField()
    method = fields.TextField(default="")
    guest_name = fields.TextField(default="")
    guest_email = fields.TextField(default="")
    guest_phone = fields.TextField(default="")
    note = fields.TextField(default="")
    currency = fields.TextField(default="IDR")
    total_minor = fields.BigIntField()
    paid_minor = fields.BigIntField(default=0)
    refunded_minor = fields.BigIntField(default=0)
    offer = json_field()
    held_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    deadline_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "booking"


class Amendment(Model):
    """A change of dates or party that holds its new stock until it is paid or applied."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    booking_id = fields.BigIntField()
    state = fields.TextField()
    slot_id = fields.BigIntField(null=True)
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    cutoff_at = fields.DatetimeField()
    adults = fields.IntField()
    children = fields.IntField()
    infants = fields.IntField()
    total_minor = fields.BigIntField()
    difference_minor = fields.BigIntField()
    refund_minor = fields.BigIntField(default=0)
    offer = json_field()
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "amendment"


class Allocation(Model):
    """So many of one slot, owned by a booking: held until `expires_at`, confirmed, or released."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    amendment_id = fields.BigIntField(null=True)
    slot_id = fields.BigIntField()
    quantity = fields.IntField()
    state = fields.TextField()
    expires_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "allocation"


class BookingEvent(Model):
    """A transition that happened: who, why, when. Never changed, never deleted."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    name = fields.TextField()
    from_state = fields.TextField()
    to_state = fields.TextField()
    actor = fields.TextField()
    person_id = fields.BigIntField(null=True)
    reason = fields.TextField(default="")
    key = fields.CharField(max_length=400, null=True, unique=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "booking_event"
