"""What hosts offer and the stock behind it. Capacity is guarded by the database (see `slots`)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Listing(Model):
    """A tour, homestay or lesson. Prices are the host's, in whole rupiah; `shown_price_minor` adds the fee."""

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(max_length=400, unique=True)
    kind = fields.TextField()
    status = fields.TextField()
    host_id = fields.BigIntField()
    village_id = fields.BigIntField()
    island = fields.TextField()
    kabupaten = fields.TextField()
    region = fields.TextField()
    emblem = fields.TextField()
    instant = fields.BooleanField()
    policy = fields.TextField()
    min_party = fields.IntField()
    max_party = fields.IntField()
    min_guests = fields.IntField(default=1)
    capacity = fields.IntField(default=0)
    notice_hours = fields.IntField(default=0)
    cutoff_hours = fields.IntField(default=0)
    days = fields.IntField(default=1)
    minutes = fields.IntField(default=0)
    start_time = fields.TextField(default="09:00")
    min_nights = fields.IntField(default=1)
    max_nights = fields.IntField(default=28)
    price_minor = fields.BigIntField()
    shown_price_minor = fields.BigIntField()
    currency = fields.TextField(default="IDR")
    service_fee_bp = fields.IntField(default=500)
    fund_bp = fields.IntField(default=500)
    bands = json_field()
    group_prices = json_field()
    weekday_percent = json_field()
    lat = fields.FloatField()
    lon = fields.FloatField()
    address = fields.TextField(default="")
    rating_sum = fields.IntField(default=0)
    rating_count = fields.IntField(default=0)
    rank = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    review = fields.TextField(default="")
    review_reason = fields.TextField(default="")
    pooled = fields.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "listing"


class ListingStep(Model):
    """A day of a tour (perhaps sleeping in a listed room) or a part of a lesson."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    position = fields.IntField()
    room_type_id = fields.BigIntField(null=True)
    meals = json_field()
    texts = json_field()

    class Meta(Model.Meta):
        table = "listing_step"


class RoomType(Model):
    """`count` identical rooms of a homestay, each for `sleeps` guests, at a price per night."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    position = fields.IntField()
    key = fields.TextField()
    count = fields.IntField()
    sleeps = fields.IntField()
    price_minor = fields.BigIntField()
    texts = json_field()

    class Meta(Model.Meta):
        table = "room_type"


class Season(Model):
    """Days of the year (MM-DD, inclusive, may wrap) on which room prices are `percent` of normal."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    from_md = fields.TextField()
    to_md = fields.TextField()
    percent = fields.IntField()
    texts = json_field()

    class Meta(Model.Meta):
        table = "season"


class Extra(Model):
    """Something a guest may add: per person, per booking, per night, or per person and night."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    position = fields.IntField()
    key = fields.TextField()
    price_minor = fields.BigIntField()
    per = fields.TextField()
    texts = json_field()

    class Meta(Model.Meta):
        table = "extra"


class Payee(Model):
    """A named guide, cook or material share of the host's price, in basis points."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    position = fields.IntField()
    kind = fields.TextField()
    bp = fields.IntField()
    texts = json_field()

    class Meta(Model.Meta):
        table = "payee"


class Closure(Model):
    """Days (inclusive) on which a listing is closed, with the reason shown: adat, harvest, rest."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    from_on = fields.DateField()
    to_on = fields.DateField()
    texts = json_field()

    class Meta(Model.Meta):
        table = "closure"


class Slot(Model):
    """Stock at a time: a room type on a night, a departure, or a session. `held + confirmed + blocked <= capacity`."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.TextField()
    listing_id = fields.BigIntField()
    room_type_id = fields.BigIntField(null=True)
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    book_until = fields.DatetimeField()
    capacity = fields.IntField()
    held = fields.IntField(default=0)
    confirmed = fields.IntField(default=0)
    blocked = fields.IntField(default=0)
    imported = fields.IntField(default=0)
    price_minor = fields.BigIntField(null=True)
    min_guests = fields.IntField(default=1)
    status = fields.TextField(default="open")

    class Meta(Model.Meta):
        table = "slot"


class Allotment(Model):
    """`units` rooms of a type, or seats of every session, that are always on sale from a day on."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    room_type_id = fields.BigIntField(null=True)
    units = fields.IntField()
    from_on = fields.DateField()
    until_on = fields.DateField(null=True)
    created_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    withdrawn_by = fields.BigIntField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "allotment"


class SleepConsent(Model):
    """Whether a tour may sleep in another host's room: asked, yes or no."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    room_type_id = fields.BigIntField()
    state = fields.TextField()
    note = fields.TextField(default="")
    asked_by = fields.BigIntField(null=True)
    asked_at = fields.DatetimeField()
    answer = fields.TextField(default="")
    answered_by = fields.BigIntField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sleep_consent"


class ListingReview(Model):
    """A look at a host's first listing by the operators: asked for, approved, or returned with the reason."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    decision = fields.TextField()
    reason = fields.TextField(default="")
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "listing_review"


class DepartureDecision(Model):
    """Whether a departure that needs a minimum of guests runs: decided once, never changed."""

    id = fields.BigIntField(primary_key=True)
    slot_id = fields.BigIntField(unique=True)
    outcome = fields.TextField()
    guests = fields.IntField()
    needed = fields.IntField()
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "departure_decision"
