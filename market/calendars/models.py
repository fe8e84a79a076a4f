"""Feeds of rooms, linked calendars, and what was read in them. Of strangers' events only days are kept."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class CalendarFeed(Model):
    """A room type's secret address; only the hash of its token is kept."""

    room_type_id = fields.BigIntField(primary_key=True)
    version = fields.IntField()
    token_hash = fields.CharField(max_length=64, unique=True)
    made_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "calendar_feed"


class CalendarLink(Model):
    """An address of another calendar that a host linked to a room type, and how fetching it went."""

    id = fields.BigIntField(primary_key=True)
    room_type_id = fields.BigIntField()
    name = fields.TextField()
    source = fields.TextField()
    url = fields.TextField()
    problem = fields.TextField(default="")
    failures = fields.IntField(default=0)
    echoes = fields.IntField(default=0)
    created_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    asked_at = fields.DatetimeField()
    checked_at = fields.DatetimeField(null=True)
    good_at = fields.DatetimeField(null=True)
    next_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "calendar_link"


class CalendarWindow(Model):
    """An event of a linked calendar: its days and whether somebody reserved them."""

    id = fields.BigIntField(primary_key=True)
    link_id = fields.BigIntField()
    uid_hash = fields.TextField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    kind = fields.TextField()
    first_seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "calendar_window"


class CalendarNight(Model):
    """What a window did to a night of our stock."""

    id = fields.BigIntField(primary_key=True)
    window_id = fields.BigIntField()
    slot_id = fields.BigIntField()
    state = fields.TextField()
    since_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "calendar_night"


class CalendarEntry(Model):
    """An event as a feed last told it."""

    id = fields.BigIntField(primary_key=True)
    room_type_id = fields.BigIntField()
    link_id = fields.BigIntField(default=0)
    uid = fields.TextField()
    subject = fields.TextField()
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    sequence = fields.IntField(default=0)
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "calendar_entry"
