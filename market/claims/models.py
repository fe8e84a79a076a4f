"""Tables of the programme that are handled row by row; lines, lots and undo are plain SQL (migration 0032).

Ids are plain numbers: the foreign keys live in the database. Once a claim is submitted its facts cannot be
written any more, so a row is changed with `filter(id=…).update(column=…)` or SQL, never with `save()`.
Decides nothing.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class RuleRow(Model):
    """A version of the rule; `body` is what `rule_json.parse_rule` reads."""

    id = fields.BigIntField(primary_key=True)
    version = fields.CharField(max_length=40, unique=True)
    state = fields.TextField()
    installed = fields.BooleanField(default=False)
    body = json_field()
    sha256 = fields.TextField()
    effective_from = fields.DateField()
    effective_to = fields.DateField(null=True)
    note = fields.TextField(default="")
    drafted_by = fields.BigIntField(null=True)
    drafted_at = fields.DatetimeField()
    proposed_by = fields.BigIntField(null=True)
    proposed_at = fields.DatetimeField(null=True)
    approved_by = fields.BigIntField(null=True)
    approved_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)
    log_index = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "rule_version"


class Claim(Model):
    """A hotel's claim for one period: what it stated, what was reckoned, what was decided."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    hotel_id = fields.BigIntField()
    period = fields.TextField()
    kind = fields.TextField()
    corrects_id = fields.BigIntField(null=True)
    rule_id = fields.BigIntField()
    state = fields.TextField()
    stated_total_minor = fields.BigIntField(null=True)
    difference_note = fields.TextField(default="")
    tax_principal_minor = fields.BigIntField(null=True)
    statements = json_field()
    documents = json_field()
    assessment = json_field(null=True)
    local = fields.TextField(default="")
    denominator_minor = fields.BigIntField(null=True)
    share = fields.TextField(default="")
    award_minor = fields.BigIntField(null=True)
    capped_by = fields.TextField(default="")
    line_count = fields.IntField(default=0)
    snapshot_sha256 = fields.TextField(default="")
    decided_assessment = json_field(null=True)
    decided_share = fields.TextField(default="")
    decided_award_minor = fields.BigIntField(null=True)
    adjustment_minor = fields.BigIntField(default=0)
    payable_minor = fields.BigIntField(null=True)
    submitted_by = fields.BigIntField(null=True)
    submitted_at = fields.DatetimeField(null=True)
    submitted_index = fields.BigIntField(null=True)
    due_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    objection_until = fields.DatetimeField(null=True)
    effective_at = fields.DatetimeField(null=True)
    created_by = fields.BigIntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "claim"


class Question(Model):
    """A question to the hotel, with the instant by which it is to be answered."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    claim_id = fields.BigIntField()
    line_id = fields.BigIntField(null=True)
    flag_id = fields.BigIntField(null=True)
    question = fields.TextField()
    asked_by = fields.BigIntField()
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    answer = fields.TextField(default="")
    documents = json_field()
    answered_by = fields.BigIntField(null=True)
    answered_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "claim_question"


class Objection(Model):
    """What a hotel says against a decision; somebody outside the chain decides about it."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    claim_id = fields.BigIntField()
    decision_id = fields.BigIntField()
    body = fields.TextField()
    documents = json_field()
    raised_by = fields.BigIntField()
    raised_at = fields.DatetimeField()
    state = fields.TextField()
    decided_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "claim_objection"


class Decision(Model):
    """A step's decision. Only ever added; an undo is a row of its own."""

    id = fields.BigIntField(primary_key=True)
    claim_id = fields.BigIntField()
    kind = fields.TextField()
    chair = fields.TextField()
    person_id = fields.BigIntField()
    outcome = fields.TextField()
    reasons = json_field()
    note = fields.TextField()
    assessment = json_field()
    award_minor = fields.BigIntField()
    objection_id = fields.BigIntField(null=True)
    log_index = fields.BigIntField()
    decided_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "claim_decision"


class AwardCertificate(Model):
    """The certificate of an award in effect, and whether it still holds."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    claim_id = fields.BigIntField(unique=True)
    facts = json_field()
    state = fields.TextField()
    superseded_by = fields.BigIntField(null=True)
    reason = fields.TextField(default="")
    issued_at = fields.DatetimeField()
    changed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "award_certificate"
