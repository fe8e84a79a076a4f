"""Tables of the public log. Written only by `log`, `checkpoints`, `seals` and `witnesses`; see migration 0030."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LogHead(Model):
    """The one row that hands out positions: how many entries there are, and the tree's right edge."""

    id = fields.IntField(primary_key=True)
    size = fields.BigIntField()
    peaks = fields.TextField()

    class Meta(Model.Meta):
        table = "log_head"


class LogEntry(Model):
    """An entry. All columns but the first and the hash only repeat what stands in `leaf`."""

    position = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    subject = fields.TextField()
    version = fields.IntField()
    at = fields.DatetimeField()
    leaf = fields.TextField()
    leaf_hash = fields.TextField()

    class Meta(Model.Meta):
        table = "log_entry"


class LogOpening(Model):
    """Salt and facts of an entry's commitment; gone once they are erased."""

    position = fields.BigIntField(primary_key=True, generated=False)
    salt = fields.TextField()
    facts = fields.TextField()

    class Meta(Model.Meta):
        table = "log_opening"


class LogCheckpoint(Model):
    """A checkpoint that was signed. There is never a second one of the same size."""

    id = fields.BigIntField(primary_key=True)
    size = fields.BigIntField(unique=True)
    root = fields.TextField()
    note = fields.TextField()
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "log_checkpoint"


class LogWitness(Model):
    """Somebody outside who is sent checkpoints."""

    id = fields.BigIntField(primary_key=True)
    name = fields.TextField()
    address = fields.TextField()
    locale = fields.TextField()
    added_by = fields.BigIntField()
    added_at = fields.DatetimeField()
    removed_by = fields.BigIntField(null=True)
    removed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "log_witness"


class LogWitnessMail(Model):
    """A checkpoint that was put on its way to a witness; its fate stands in `delivery` under the same key."""

    id = fields.BigIntField(primary_key=True)
    witness_id = fields.BigIntField()
    checkpoint_id = fields.BigIntField()
    purpose = fields.TextField()
    dedupe_key = fields.CharField(max_length=400, unique=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "log_witness_mail"


class LogSeal(Model):
    """Rows `first_id` to `last_id` of a table are covered by the entry at `position`."""

    id = fields.BigIntField(primary_key=True)
    table_name = fields.TextField()
    first_id = fields.BigIntField()
    last_id = fields.BigIntField()
    position = fields.BigIntField(unique=True)

    class Meta(Model.Meta):
        table = "log_seal"
