"""People, their sessions and one-time tokens, organisations, and who may act for which."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from market.db.fields import json_field


class Person(Model):
    """Somebody with an account. `deleted_at` set means the personal data is gone."""

    id = fields.BigIntField(primary_key=True)
    email = fields.CharField(max_length=400, null=True, unique=True)
    name = fields.TextField()
    phone = fields.TextField(default="")
    password_hash = fields.TextField(null=True)
    totp_secret = fields.TextField(null=True)
    totp_step = fields.BigIntField(default=0)
    locale = fields.TextField(default="id")
    created_at = fields.DatetimeField()
    verified_at = fields.DatetimeField(null=True)
    locked_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "person"


class Organisation(Model):
    """A host family, supplier, hotel, village or office that people act for."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.TextField()
    slug = fields.CharField(max_length=400, unique=True)
    name = fields.TextField()
    village_id = fields.BigIntField(null=True)
    phone = fields.TextField(default="")
    since = fields.IntField(null=True)
    answers_hours = fields.IntField(default=12)
    languages = fields.TextField(default="id")
    texts = json_field()
    created_at = fields.DatetimeField()
    reachable_from = fields.TextField(default="00:00")
    reachable_to = fields.TextField(default="24:00")
    needs_review = fields.BooleanField(default=False)
    closed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "organisation"


class Membership(Model):
    """A person's role, for one organisation or (staff roles) for the platform.

    Of a host, `rights` are all or some of what may be done (see `rights`), perhaps only until `expires_at`.
    """

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField(null=True)
    role = fields.TextField()
    created_at = fields.DatetimeField()
    rights = fields.TextField(default="all")
    expires_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "membership"


class HostInvitation(Model):
    """Somebody was asked by mail to help a host, with which rights. Only the hash of the link is kept."""

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField()
    email = fields.TextField()
    rights = fields.TextField()
    until_at = fields.DatetimeField(null=True)
    token_hash = fields.CharField(max_length=200, unique=True)
    invited_by = fields.BigIntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "host_invitation"


class WebSession(Model):
    """A signed-in browser. Only the hash of its secret is kept.

    An operator's may show the site as somebody else sees it (`viewing_id`) until a moment.
    """

    token_hash = fields.CharField(max_length=200, primary_key=True)
    person_id = fields.BigIntField()
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    stepped_up_at = fields.DatetimeField(null=True)
    device = fields.TextField(default="")
    viewing_id = fields.BigIntField(null=True)
    viewing_until = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "web_session"


class OneTimeToken(Model):
    """A link that works once: sign in, reset a password, prove an address."""

    token_hash = fields.CharField(max_length=200, primary_key=True)
    kind = fields.TextField()
    email = fields.TextField()
    next_path = fields.TextField(default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "one_time_token"


class AddressChange(Model):
    """An account that waits for the link to its new address to be opened."""

    person_id = fields.BigIntField(primary_key=True, generated=False)
    token_hash = fields.CharField(max_length=200, unique=True)
    email = fields.TextField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "address_change"


class Attempt(Model):
    """One use of something that is limited (sign-in, reset); counted in a window."""

    id = fields.BigIntField(primary_key=True)
    key = fields.TextField()
    at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "attempt"


class RecoveryCode(Model):
    """A spare second factor for somebody who lost their phone; works once. Only its hash is kept."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    code_hash = fields.CharField(max_length=200, unique=True)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "recovery_code"
