"""What a guest and a host write to each other about a booking."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Message(Model):
    """One message of a booking's conversation."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    author = fields.TextField()
    person_id = fields.BigIntField(null=True)
    body = fields.TextField()
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "message"
