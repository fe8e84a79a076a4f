"""The register of foreign guests: stays with their deadline, sealed envelopes, and who did what with them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class RegisterStay(Model):
    """A stay whose foreign guests have to be reported, or the host's word that there are none."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField(unique=True)
    host_id = fields.BigIntField()
    state = fields.TextField()
    due_at = fields.DatetimeField()
    reported_at = fields.DatetimeField(null=True)
    reported_by = fields.BigIntField(null=True)
    report_reference = fields.TextField(default="")
    leaves_on = fields.DateField()
    created_at = fields.DatetimeField()
    erased_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "register_stay"


class RegisterGuest(Model):
    """One guest's facts, sealed under a key of their own that is itself wrapped."""

    id = fields.BigIntField(primary_key=True)
    stay_id = fields.BigIntField()
    wrapped_key = fields.TextField()
    sealed = fields.TextField()
    filled_by = fields.TextField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "register_guest"


class RegisterAct(Model):
    """Somebody wrote, read, exported, reported or erased. Never changed, never deleted."""

    id = fields.BigIntField(primary_key=True)
    stay_id = fields.BigIntField()
    act = fields.TextField()
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "register_act"
