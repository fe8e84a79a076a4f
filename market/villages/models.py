"""Villages as hosts: who is in the pool, whose turn a booking is, and what coordinators do for families."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PoolMember(Model):
    """A family in the turns of a village's listing, with the room it hosts in.

    `start_nights` is what it is counted to have hosted when it joined, so that a new family takes its turn
    among the others instead of every guest.
    """

    id = fields.BigIntField(primary_key=True)
    listing_id = fields.BigIntField()
    host_id = fields.BigIntField()
    room_type_id = fields.BigIntField()
    state = fields.TextField()
    start_nights = fields.IntField(default=0)
    asked_at = fields.DatetimeField()
    joined_at = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "pool_member"


class HostingTurn(Model):
    """Which family hosts a booking; the newest row of a booking holds. Only ever added."""

    id = fields.BigIntField(primary_key=True)
    booking_id = fields.BigIntField()
    listing_id = fields.BigIntField()
    host_id = fields.BigIntField()
    room_type_id = fields.BigIntField()
    rooms = fields.IntField()
    nights = fields.IntField()
    before_id = fields.BigIntField(null=True)
    reason = fields.TextField(default="")
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "hosting_turn"


class Coordination(Model):
    """A family agreed that the village's coordinators act for it; until it ended that."""

    id = fields.BigIntField(primary_key=True)
    village_org_id = fields.BigIntField()
    host_id = fields.BigIntField()
    agreed_by = fields.BigIntField()
    agreed_at = fields.DatetimeField()
    ended_by = fields.BigIntField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "coordination"


class HostAct(Model):
    """What a coordinator (`person_id`) did in a family's name (`host_id`). Only ever added."""

    id = fields.BigIntField(primary_key=True)
    host_id = fields.BigIntField()
    village_org_id = fields.BigIntField()
    person_id = fields.BigIntField()
    name = fields.TextField()
    subject = fields.TextField(default="")
    detail = fields.TextField(default="")
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "host_act"
