"""What a guest and a host write to each other about a booking, and what one of them reported."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


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


class MessageReport(Model):
    """One side tells staff about a message of the other; they warn its author or let it be."""

    id = fields.BigIntField(primary_key=True)
    message_id = fields.BigIntField()
    side = fields.TextField()
    person_id = fields.BigIntField(null=True)
    reason = fields.TextField()
    body = fields.TextField(default="")
    at = fields.DatetimeField()
    outcome = fields.TextField(default="")
    note = fields.TextField(default="")
    closed_by = fields.BigIntField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "message_report"


class MessageTemplate(Model):
    """A text a host uses again, in each language, with words in braces for what differs."""

    id = fields.BigIntField(primary_key=True)
    host_id = fields.BigIntField()
    title = fields.TextField()
    texts = json_field()
    changed_by = fields.BigIntField(null=True)
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "message_template"


class MessagePicture(Model):
    """A picture of a message: kept as it came until the worker has made clean sizes of it."""

    id = fields.BigIntField(primary_key=True)
    message_id = fields.BigIntField()
    state = fields.TextField()
    original_key = fields.TextField()
    small_key = fields.TextField(default="")
    large_key = fields.TextField(default="")
    width = fields.IntField(default=0)
    height = fields.IntField(default=0)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "message_picture"


class MessageMasking(Model):
    """That a message had contact details before the booking was confirmed, and of which kinds."""

    id = fields.BigIntField(primary_key=True)
    message_id = fields.BigIntField()
    kinds = fields.TextField()
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "message_masking"


class MailInbound(Model):
    """A mail that came in, known again by a hash of its id."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    outcome = fields.TextField()
    message_id = fields.BigIntField(null=True)
    received_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "mail_inbound"
