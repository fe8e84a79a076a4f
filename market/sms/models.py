"""Phones that hosts answer from, the codes they were told, and what they sent."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SmsNumber(Model):
    """A phone of one organisation. Nothing but the invitation is sent before `consented_at`."""

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(max_length=400, unique=True)
    organisation_id = fields.BigIntField()
    invited_by = fields.BigIntField(null=True)
    invited_by_name = fields.TextField()
    locale = fields.TextField()
    state = fields.TextField()
    invited_at = fields.DatetimeField()
    consented_at = fields.DatetimeField(null=True)
    stopped_at = fields.DatetimeField(null=True)
    answers_from = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sms_number"


class SmsCode(Model):
    """Four digits that mean something to one number only: a booking, or one strong act for ten minutes."""

    id = fields.BigIntField(primary_key=True)
    number_id = fields.BigIntField()
    code = fields.TextField()
    purpose = fields.TextField()
    subject = fields.TextField()
    delivery_key = fields.TextField()
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sms_code"


class SmsInbound(Model):
    """A message that came in; `key` recognises its duplicates for a week and is then forgotten."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=400, unique=True, null=True)
    sender = fields.TextField()
    number_id = fields.BigIntField(null=True)
    body = fields.TextField()
    via = fields.TextField()
    sent_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    outcome = fields.TextField(default="")
    handled_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sms_inbound"
