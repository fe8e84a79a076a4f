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
    hosting_id = fields.BigIntField(null=True)

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


class CheckIn(Model):
    """A guest was seen to arrive, or that was taken back. Never changed, never deleted."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    act = fields.TextField()
    how = fields.TextField()
    stated_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    person_id = fields.BigIntField(null=True)
    key = fields.CharField(max_length=400, null=True, unique=True)
    reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "check_in"


class NoShow(Model):
    """The host says that nobody arrived; what the guest says to that, and what was decided."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    stated_at = fields.DatetimeField()
    stated_by = fields.BigIntField(null=True)
    contest_until = fields.DatetimeField()
    refund_minor = fields.BigIntField()
    freed = json_field()
    contested_at = fields.DatetimeField(null=True)
    contest_text = fields.TextField(default="")
    outcome = fields.TextField(default="")
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)
    note = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "no_show"


class WaitingEntry(Model):
    """Somebody who waits for a place of a start or of nights that are sold out. The rank is the id."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    listing_id = fields.BigIntField()
    slot_id = fields.BigIntField(null=True)
    room_type_id = fields.BigIntField(null=True)
    rooms = fields.IntField(default=0)
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    starts_at = fields.DatetimeField()
    cutoff_at = fields.DatetimeField()
    adults = fields.IntField()
    children = fields.IntField(default=0)
    infants = fields.IntField(default=0)
    extras = json_field()
    person_id = fields.BigIntField(null=True)
    name = fields.TextField(default="")
    email = fields.TextField(default="")
    locale = fields.TextField()
    state = fields.TextField()
    booking_id = fields.BigIntField(null=True)
    joined_at = fields.DatetimeField()
    offered_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "waiting_entry"
