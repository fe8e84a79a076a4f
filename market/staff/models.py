"""What staff did with people's things, written once and never changed; and money given out of our own pocket."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class StaffAct(Model):
    """One act: who (and who really), on whom or what, and why."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor_id = fields.BigIntField()
    real_actor_id = fields.BigIntField()
    name = fields.TextField()
    person_id = fields.BigIntField(null=True)
    subject = fields.TextField(default="")
    reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "staff_act"


class Goodwill(Model):
    """A refund beyond the terms; above the limit somebody else approves it."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    booking_reference = fields.TextField()
    amount_minor = fields.BigIntField()
    reason = fields.TextField()
    state = fields.TextField()
    needs_second = fields.BooleanField()
    proposed_by = fields.BigIntField()
    proposed_at = fields.DatetimeField()
    approved_by = fields.BigIntField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "goodwill"
