"""What guests and hosts say about each other, when it may be shown, and what was done about reports."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Review(Model):
    """Stars and words of one side about a visit. Sealed until `published_at`; `hidden_at` takes it away again."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    host_id = fields.BigIntField()
    booking_id = fields.BigIntField(null=True)
    side = fields.TextField(default="guest")
    person_id = fields.BigIntField(null=True)
    author = fields.TextField()
    country = json_field()
    stars = fields.IntField()
    notes = json_field()
    body = fields.TextField()
    locale = fields.TextField()
    written_at = fields.DatetimeField()
    published_at = fields.DatetimeField(null=True)
    hidden_at = fields.DatetimeField(null=True)
    reply = fields.TextField(default="")
    reply_locale = fields.TextField(default="")
    replied_at = fields.DatetimeField(null=True)
    replied_by = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "review"


class ReviewWindow(Model):
    """The time in which both sides of a finished visit may write."""

    booking_id = fields.BigIntField(primary_key=True)
    opened_at = fields.DatetimeField()
    closes_at = fields.DatetimeField()
    reminded_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "review_window"


class ReviewReport(Model):
    """Somebody's word that a review should not stand."""

    id = fields.BigIntField(primary_key=True)
    review_id = fields.BigIntField()
    person_id = fields.BigIntField()
    reason = fields.TextField()
    body = fields.TextField(default="")
    at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "review_report"


class ReviewAct(Model):
    """A review was shown, hidden, restored or kept: who, why, when. Never changed, never deleted."""

    id = fields.BigIntField(primary_key=True)
    review_id = fields.BigIntField()
    act = fields.TextField()
    reason = fields.TextField(default="")
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "review_act"
