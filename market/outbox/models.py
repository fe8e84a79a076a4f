"""Jobs that must happen because a fact was committed, and the signs of life of the workers."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Job(Model):
    """One handler's work for one fact: at least once, so handlers are safe to run twice."""

    id = fields.BigIntField(primary_key=True)
    handler = fields.TextField()
    payload = json_field()
    dedupe_key = fields.CharField(max_length=400, null=True, unique=True)
    state = fields.TextField()
    priority = fields.IntField(default=5)
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    lease_token = fields.TextField(null=True)
    lease_until = fields.DatetimeField(null=True)
    last_error = fields.TextField(default="")
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "job"


class WorkerBeat(Model):
    """When a worker last showed that it lives."""

    worker = fields.CharField(max_length=200, primary_key=True)
    beat_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "worker_beat"


class TimedRun(Model):
    """When a timed duty is next due; claimed by moving it forward."""

    name = fields.CharField(max_length=200, primary_key=True)
    next_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "timed_run"


class Maintenance(Model):
    """The one row of a site under repair; none while it is open."""

    id = fields.IntField(primary_key=True)
    reason = fields.TextField()
    since = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "maintenance"
