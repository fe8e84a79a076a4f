"""Photos of listings: the original's hash, the state of the work, and the finished variants."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Photo(Model):
    """`variants` is a list of {format, width, height, key}; `progress` counts to 100 while `working`."""

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    position = fields.IntField(default=0)
    state = fields.TextField()
    progress = fields.IntField(default=0)
    original_key = fields.TextField()
    sha256 = fields.TextField()
    width = fields.IntField(default=0)
    height = fields.IntField(default=0)
    colour = fields.TextField(default="")
    placeholder = fields.TextField(default="")
    variants = json_field()
    texts = json_field()
    problem = fields.TextField(default="")
    created_at = fields.DatetimeField()
    hidden_at = fields.DatetimeField(null=True)
    hidden_reason = fields.TextField(default="")
    looked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "photo"
