"""Money asked for, received and given back, the raw provider inbox, and the double-entry ledger."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Payment(Model):
    """One attempt to collect a booking's (or a change's) price by one method.

    `reference` is our own id and idempotency key.
    """

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    booking_reference = fields.TextField()
    purpose = fields.TextField()
    subject = fields.TextField()
    method = fields.TextField()
    state = fields.TextField()
    capture_later = fields.BooleanField(default=False)
    amount_minor = fields.BigIntField()
    currency = fields.TextField(default="IDR")
    captured_minor = fields.BigIntField(default=0)
    refunded_minor = fields.BigIntField(default=0)
    transfer_code = fields.CharField(max_length=400, null=True, unique=True)
    session_ref = fields.TextField(null=True)
    provider_ref = fields.TextField(null=True)
    url = fields.TextField(default="")
    expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "payment"


class Refund(Model):
    """Money owed back to a guest from one payment; posted once when due and once when confirmed."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    booking_reference = fields.TextField()
    payment_id = fields.BigIntField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField(default="IDR")
    reason = fields.TextField()
    state = fields.TextField()
    provider_ref = fields.TextField(null=True)
    bank_account = fields.TextField(default="")
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "refund"


class ProviderEvent(Model):
    """A webhook as it came, under the provider's own unique id."""

    id = fields.BigIntField(primary_key=True)
    provider = fields.TextField()
    event_id = fields.TextField()
    kind = fields.TextField()
    payload = fields.TextField()
    received_at = fields.DatetimeField()
    outcome = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "provider_event"


class BankReceipt(Model):
    """Money that arrived in the bank, entered by an operator and matched to a payment."""

    id = fields.BigIntField(primary_key=True)
    bank_reference = fields.CharField(max_length=400, unique=True)
    received_on = fields.DateField()
    amount_minor = fields.BigIntField()
    payer = fields.TextField(default="")
    payment_id = fields.BigIntField(null=True)
    matched_by = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "bank_receipt"


class LedgerEntry(Model):
    """One event of money; its unique `key` makes a repetition harmless."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=400, unique=True)
    kind = fields.TextField()
    booking_reference = fields.TextField(default="")
    note = fields.TextField(default="")
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "ledger_entry"


class LedgerTransfer(Model):
    """An amount moved from the credited to the debited account: balanced by its very shape."""

    id = fields.BigIntField(primary_key=True)
    entry_id = fields.BigIntField()
    debit = fields.TextField()
    credit = fields.TextField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField(default="IDR")

    class Meta(Model.Meta):
        table = "ledger_transfer"


class DemoCheckout(Model):
    """A page of the demonstration card provider, in its own books (demo mode only)."""

    id = fields.BigIntField(primary_key=True)
    payment_reference = fields.CharField(max_length=400, unique=True)
    request_key = fields.TextField()
    state = fields.TextField()
    amount_minor = fields.BigIntField()
    refunded_minor = fields.BigIntField(default=0)
    capture_later = fields.BooleanField()
    description = fields.TextField()
    return_url = fields.TextField()
    cancel_url = fields.TextField()
    refunds = json_field()
    expires_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "demo_checkout"


class Dispute(Model):
    """A cardholder's bank or a person says that something is wrong with a booking; its payout waits meanwhile."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=400, unique=True)
    kind = fields.TextField()
    booking_reference = fields.TextField()
    provider_ref = fields.CharField(max_length=400, null=True, unique=True)
    charge_ref = fields.TextField(default="")
    amount_minor = fields.BigIntField(default=0)
    state = fields.TextField()
    opened_by = fields.TextField()
    person_id = fields.BigIntField(null=True)
    body = fields.TextField(default="")
    outcome = fields.TextField(default="")
    refund_minor = fields.BigIntField(default=0)
    reason = fields.TextField(default="")
    closed_by = fields.BigIntField(null=True)
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "dispute"
