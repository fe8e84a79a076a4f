"""Hosts' bank details, payout batches approved by two people, and what villages spend from their funds."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PayoutAccount(Model):
    """Where a host wants to be paid, from `usable_from` on. The newest row counts; rows never change."""

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField()
    way = fields.TextField()
    bank = fields.TextField(default="")
    masked = fields.TextField()
    entered_by = fields.BigIntField()
    entered_at = fields.DatetimeField()
    usable_from = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "payout_account"


class PayoutAccountSecret(Model):
    """The account itself, sealed with the installation's key."""

    account_id = fields.BigIntField(primary_key=True, generated=False)
    sealed = fields.TextField()

    class Meta(Model.Meta):
        table = "payout_account_secret"


class PayoutBatch(Model):
    """Payouts that one operator proposed and another one approved."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    state = fields.TextField()
    proposed_by = fields.BigIntField()
    proposed_at = fields.DatetimeField()
    approved_by = fields.BigIntField(null=True)
    approved_at = fields.DatetimeField(null=True)
    declined_by = fields.BigIntField(null=True)
    declined_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "payout_batch"


class Payout(Model):
    """One transfer to one host. `reference` is what the bank is told and gives back."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    batch_id = fields.BigIntField()
    organisation_id = fields.BigIntField()
    account_id = fields.BigIntField()
    way = fields.TextField()
    state = fields.TextField()
    amount_minor = fields.BigIntField()
    netted_minor = fields.BigIntField(default=0)
    bank_reference = fields.TextField(default="")
    problem = fields.TextField(default="")
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "payout"


class PayoutItem(Model):
    """A booking's money inside a payout. While `live`, no other payout can hold the same booking."""

    id = fields.BigIntField(primary_key=True)
    payout_id = fields.BigIntField()
    booking_reference = fields.TextField()
    host_minor = fields.BigIntField()
    guide_minor = fields.BigIntField()
    netted_minor = fields.BigIntField(default=0)
    live = fields.BooleanField()

    class Meta(Model.Meta):
        table = "payout_item"


class PayoutEvent(Model):
    """Something that happened to a batch or one of its payouts: who, when, why. Never changed."""

    id = fields.BigIntField(primary_key=True)
    batch_id = fields.BigIntField()
    payout_id = fields.BigIntField(null=True)
    name = fields.TextField()
    person_id = fields.BigIntField(null=True)
    note = fields.TextField(default="")
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "payout_event"


class FundMember(Model):
    """Somebody whom a village trusts with its fund."""

    id = fields.BigIntField(primary_key=True)
    village_id = fields.BigIntField()
    person_id = fields.BigIntField()
    appointed_by = fields.BigIntField(null=True)
    appointed_at = fields.DatetimeField()
    ended_by = fields.BigIntField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "fund_member"


class FundSpending(Model):
    """Money a village spent from its fund: proposed by one member, counted once a second one signed."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    village_id = fields.BigIntField()
    state = fields.TextField()
    spent_on = fields.DateField()
    amount_minor = fields.BigIntField()
    purpose = fields.TextField()
    receipt = fields.TextField(default="")
    proposed_by = fields.BigIntField()
    proposed_at = fields.DatetimeField()
    signed_by = fields.BigIntField(null=True)
    signed_at = fields.DatetimeField(null=True)
    withdrawn_by = fields.BigIntField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "fund_spending"
