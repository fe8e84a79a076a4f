"""Every mail and SMS that leaves the house, kept with its fate; notices inside the site; who wants what how."""

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
    person_id = fields.BigIntField(null=True)
    topic = fields.TextField(default="")
    forgotten_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "delivery"


class Notice(Model):
    """What a person was told inside the site: a sentence by language, and where it leads (without a language)."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    topic = fields.TextField()
    words = json_field()
    href = fields.TextField(default="")
    dedupe_key = fields.CharField(max_length=400, unique=True)
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notice"


class NoticeChoice(Model):
    """A way of being told that differs from the default."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    topic = fields.TextField()
    channel = fields.TextField()
    wanted = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "notice_choice"


class SmsConsent(Model):
    """A phone number that a person proved with a code, and may take back."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(unique=True)
    number = fields.TextField()
    code_hash = fields.TextField(default="")
    tries = fields.IntField(default=0)
    asked_count = fields.IntField(default=1)
    asked_at = fields.DatetimeField()
    first_asked_at = fields.DatetimeField()
    consented_at = fields.DatetimeField(null=True)
    stopped_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "sms_consent"


class DeliveryReply(Model):
    """Where answers to a mail go, by the key of its delivery."""

    dedupe_key = fields.CharField(max_length=400, primary_key=True)
    address = fields.TextField()

    class Meta(Model.Meta):
        table = "delivery_reply"
