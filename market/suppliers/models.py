"""Tables of the directory that are handled row by row; months, words, acts and agents are plain SQL.

Ids are plain numbers: the foreign keys live in the database (migration 0010). Decides nothing.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Supplier(Model):
    """A supplier's page. Its public address is `slug` when it may be named, and `code` always."""

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField(unique=True)
    code = fields.CharField(max_length=40, unique=True)
    slug = fields.CharField(max_length=400, unique=True)
    kind = fields.TextField()
    status = fields.TextField()
    name = fields.TextField()
    sole_trader = fields.BooleanField()
    name_consent = fields.BooleanField(default=False)
    area_code = fields.TextField()
    kabupaten = fields.TextField()
    island = fields.TextField()
    people_count = fields.IntField(null=True)
    nib = fields.TextField(default="")
    npwp = fields.TextField(default="")
    street = fields.TextField(default="")
    account_keys = fields.TextField(default="")
    texts = json_field()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "supplier"


class Product(Model):
    """Something a supplier sells; its year is in `product_month`, what it counts as in `origin_decision`."""

    id = fields.BigIntField(primary_key=True)
    supplier_id = fields.BigIntField()
    slug = fields.TextField()
    position = fields.IntField(default=0)
    status = fields.TextField()
    category = fields.TextField()
    texts = json_field()
    unit = fields.TextField()
    price_low_minor = fields.BigIntField(null=True)
    price_high_minor = fields.BigIntField(null=True)
    stated_origin = fields.TextField()
    stated_evidence = fields.TextField(default="")
    judged_as = fields.TextField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "supplier_product"


class OriginDecision(Model):
    """Somebody's finding where a product comes from. Only ever added; the newest one holds."""

    id = fields.BigIntField(primary_key=True)
    product_id = fields.BigIntField()
    origin = fields.TextField()
    evidence = json_field()
    about = fields.TextField()
    decided_by = fields.BigIntField()
    office = fields.TextField()
    decided_on = fields.DateField()
    expires_on = fields.DateField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "origin_decision"


class Certificate(Model):
    """A certificate as the supplier entered it, for the whole page or for one product."""

    id = fields.BigIntField(primary_key=True)
    supplier_id = fields.BigIntField()
    product_id = fields.BigIntField(null=True)
    kind = fields.TextField()
    title = fields.TextField(default="")
    number = fields.TextField(default="")
    issuer = fields.TextField(default="")
    expires_on = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "certificate"


class Quotation(Model):
    """A hotel's request for a price and its answer."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    request_key = fields.CharField(max_length=200, unique=True)
    state = fields.TextField()
    hotel_id = fields.BigIntField()
    supplier_id = fields.BigIntField()
    product_id = fields.BigIntField()
    quantity = fields.BigIntField()
    unit = fields.TextField()
    wanted_on = fields.DateField()
    place = fields.TextField(default="")
    note = fields.TextField(default="")
    asked_by = fields.BigIntField()
    asked_at = fields.DatetimeField()
    unit_price_minor = fields.BigIntField(null=True)
    delivery_minor = fields.BigIntField(null=True)
    total_minor = fields.BigIntField(null=True)
    deliver_on = fields.DateField(null=True)
    valid_until = fields.DateField(null=True)
    answer = fields.TextField(default="")
    answered_by = fields.BigIntField(null=True)
    answered_for = fields.BigIntField(null=True)
    answered_at = fields.DatetimeField(null=True)
    decided_by = fields.BigIntField(null=True)
    decided_at = fields.DatetimeField(null=True)
    reason = fields.TextField(default="")

    class Meta(Model.Meta):
        table = "quotation"


class ExpectedPurchase(Model):
    """What a hotel will buy because it accepted a quotation; the purchase ledger reads it."""

    id = fields.BigIntField(primary_key=True)
    quotation_id = fields.BigIntField(unique=True)
    hotel_id = fields.BigIntField()
    supplier_id = fields.BigIntField()
    product_id = fields.BigIntField()
    category = fields.TextField()
    quantity = fields.BigIntField()
    unit = fields.TextField()
    net_minor = fields.BigIntField()
    currency = fields.TextField()
    expected_on = fields.DateField()
    accepted_by = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "expected_purchase"
