"""Tables of the purchase ledger that are handled row by row; likenesses, locks and limits are plain SQL.

Ids are plain numbers: the foreign keys live in the database (migrations 0031 and 0033), and so do the triggers
that keep facts from being changed. Decides nothing.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class HotelProfile(Model):
    """What the programme knows of a hotel beyond its name."""

    organisation_id = fields.BigIntField(primary_key=True, generated=False)
    code = fields.CharField(max_length=40, unique=True)
    area_code = fields.TextField()
    address = fields.TextField(default="")
    npwp = fields.TextField(default="")
    nib = fields.TextField(default="")
    nitku = fields.TextField(default="")
    regional_tax_number = fields.TextField(default="")
    room_count = fields.IntField(default=0)
    bank_key = fields.TextField(default="")
    updated_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "hotel_profile"


class PurchaseDocument(Model):
    """A nota, invoice or credit note of one seller. Below `entered_at` stands what others say about it."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    hotel_id = fields.BigIntField()
    kind = fields.TextField()
    credits_id = fields.BigIntField(null=True)
    paper = fields.TextField()
    supplier_id = fields.BigIntField(null=True)
    seller_name = fields.TextField()
    seller_npwp = fields.TextField(default="")
    seller_key = fields.TextField()
    number = fields.TextField(default="")
    number_key = fields.TextField(default="")
    invoice_at = fields.DatetimeField()
    invoice_on = fields.DateField()
    period = fields.TextField()
    currency = fields.TextField(default="IDR")
    rate = fields.TextField(default="1")
    net_minor = fields.BigIntField()
    vat_minor = fields.BigIntField(default=0)
    source = fields.TextField()
    batch_id = fields.BigIntField(null=True)
    replaces_id = fields.BigIntField(null=True, unique=True)
    expected_purchase_id = fields.BigIntField(null=True)
    is_adjustment = fields.BooleanField(default=False)
    note = fields.TextField(default="")
    entered_by = fields.BigIntField()
    entered_at = fields.DatetimeField()
    status = fields.TextField(default="live")
    voided_by = fields.BigIntField(null=True)
    voided_at = fields.DatetimeField(null=True)
    void_reason = fields.TextField(default="")
    evidenced = fields.BooleanField(default=False)
    confirmation = fields.TextField(default="none")
    confirmed_net_minor = fields.BigIntField(null=True)
    claim_id = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "purchase_document"


class PurchaseLine(Model):
    """One line of a document; `live` and what follows is its standing."""

    id = fields.BigIntField(primary_key=True)
    document_id = fields.BigIntField()
    position = fields.IntField()
    hotel_id = fields.BigIntField()
    supplier_id = fields.BigIntField(null=True)
    seller_key = fields.TextField()
    period = fields.TextField()
    invoice_at = fields.DatetimeField()
    credit_note = fields.BooleanField()
    product_id = fields.BigIntField(null=True)
    description = fields.TextField()
    category = fields.TextField()
    quantity_milli = fields.BigIntField(null=True)
    unit = fields.TextField(default="")
    amount = fields.TextField()
    vat_percent = fields.TextField(default="0")
    net_minor = fields.BigIntField()
    vat_minor = fields.BigIntField(default=0)
    live = fields.BooleanField(default=True)
    origin = fields.TextField(default="X")
    origin_decided = fields.BooleanField(default=False)
    evidenced = fields.BooleanField(default=False)
    confirmed = fields.BooleanField(default=False)
    related = fields.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "purchase_line"


class Evidence(Model):
    """A photo or file of a document; what lies under its two keys in the storage is encrypted."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    hotel_id = fields.BigIntField()
    document_id = fields.BigIntField(null=True)
    media_type = fields.TextField()
    filename = fields.TextField()
    byte_count = fields.BigIntField()
    sha256 = fields.TextField()
    look = fields.TextField(default="")
    storage_key = fields.TextField()
    preview_key = fields.TextField(default="")
    sealed_key = fields.TextField(default="")
    state = fields.TextField()
    problem = fields.TextField(default="")
    added_by = fields.BigIntField()
    added_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "evidence"


class ConfirmationRequest(Model):
    """A question to a supplier about one document. Link and code are kept as hashes only."""

    id = fields.BigIntField(primary_key=True)
    document_id = fields.BigIntField()
    supplier_id = fields.BigIntField()
    token_hash = fields.CharField(max_length=200, unique=True)
    code_hash = fields.TextField(default="")
    tries = fields.IntField(default=0)
    asked_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    reminded_at = fields.DatetimeField(null=True)
    state = fields.TextField()

    class Meta(Model.Meta):
        table = "confirmation_request"


class ConfirmationAnswer(Model):
    """What a supplier said about a document, and by which way. Only ever added; the newest one holds."""

    id = fields.BigIntField(primary_key=True)
    document_id = fields.BigIntField()
    request_id = fields.BigIntField(null=True)
    answer = fields.TextField()
    net_minor = fields.BigIntField(null=True)
    words = fields.TextField(default="")
    way = fields.TextField()
    person_id = fields.BigIntField(null=True)
    agent_id = fields.BigIntField(null=True)
    answered_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "confirmation_answer"


class PurchaseEvent(Model):
    """Something that happened to a document, for people to read."""

    id = fields.BigIntField(primary_key=True)
    hotel_id = fields.BigIntField()
    document_id = fields.BigIntField(null=True)
    batch_id = fields.BigIntField(null=True)
    name = fields.TextField()
    reason = fields.TextField(default="")
    person_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "purchase_event"


class ImportBatch(Model):
    """A file of purchases on its way into the ledger."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    hotel_id = fields.BigIntField()
    format = fields.TextField()
    filename = fields.TextField()
    sha256 = fields.TextField()
    storage_key = fields.TextField()
    state = fields.TextField()
    settings = json_field()
    row_count = fields.IntField(default=0)
    done_count = fields.IntField(default=0)
    new_count = fields.IntField(default=0)
    changed_count = fields.IntField(default=0)
    duplicate_count = fields.IntField(default=0)
    error_count = fields.IntField(default=0)
    problem = fields.TextField(default="")
    created_by = fields.BigIntField()
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    applied_at = fields.DatetimeField(null=True)
    undone_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "import_batch"


class OrganisationRequest(Model):
    """Somebody's wish to open a hotel or a supplier, and what staff said."""

    id = fields.BigIntField(primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    kind = fields.TextField()
    name = fields.TextField()
    area_code = fields.TextField()
    address = fields.TextField(default="")
    phone = fields.TextField(default="")
    npwp = fields.TextField(default="")
    nib = fields.TextField(default="")
    note = fields.TextField(default="")
    person_id = fields.BigIntField()
    asked_at = fields.DatetimeField()
    state = fields.TextField()
    decided_by = fields.BigIntField(null=True)
    decided_at = fields.DatetimeField(null=True)
    reason = fields.TextField(default="")
    organisation_id = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "organisation_request"
