"""Every mail and SMS that leaves the house, kept with its fate."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Delivery(Model):
    """A message to one recipient; `dedupe_key` makes sending it twice impossible."""

    id = fields.BigIntField(primary_key=True)
    channel = fields.TextField()
    recipient = fields.TextField()
    locale = fields.TextField()
    subject = fields.TextField()
    body = fields.TextField()
    html = fields.TextField(default="")
    attachments = json_field()
    dedupe_key = fields.CharField(max_length=400, unique=True)
    state = fields.TextField()
    attempts = fields.IntField(default=0)
    last_error = fields.TextField(default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    confidential = fields.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "delivery"
