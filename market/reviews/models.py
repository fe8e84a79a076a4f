"""What guests said."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Review(Model):
    """Stars and words of one guest about one listing."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    booking_id = fields.BigIntField(null=True, unique=True)
    author = fields.TextField()
    country = json_field()
    stars = fields.IntField()
    body = fields.TextField()
    locale = fields.TextField()
    published_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "review"
