"""Villages that take part: where they lie, their fund, and a few words about them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Village(Model):
    """A village with hosts on the marketplace; `code` is its Kemendagri code."""

    id = fields.BigIntField(primary_key=True)
    slug = fields.CharField(max_length=400, unique=True)
    name = fields.TextField()
    code = fields.TextField()
    island = fields.TextField()
    region = fields.TextField()
    lat = fields.FloatField()
    lon = fields.FloatField()
    fund_bp = fields.IntField(default=500)
    texts = json_field()

    class Meta(Model.Meta):
        table = "village"
