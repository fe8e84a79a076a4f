"""The settings an installation runs with, as operators may read them: never a secret, only whether it is set.

Every documented setting has a line here; a test tells which one was forgotten. They are changed in the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from market.console.settings_words import ABOUT
from market.settings import DOCUMENTED, Settings
from market.values.text import Text


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: its name, what it is for, and its value; a secret has none but may be set."""

    name: str
    about: Text
    value: str
    secret: bool
    is_set: bool


# Not a value but a way in: only whether it is set is told.
_SECRETS: Final[dict[str, Callable[[Settings], bool]]] = {
    "MARKET_SECRET_KEY": lambda s: bool(s.secret_key),
    "MARKET_SECRET_KEY_OLD": lambda s: bool(s.secret_key_old),
    "MARKET_LOG_KEY": lambda s: bool(s.log_key),
    "MARKET_LOG_KEY_OLD": lambda s: bool(s.log_key_old),
    "MARKET_SMS_GATEWAY_SECRET": lambda s: bool(s.sms.gateway_secret),
    "MARKET_MAIL_INBOUND_SECRET": lambda s: bool(s.mail_inbound_secret),
    "STRIPE_SECRET_KEY": lambda s: s.stripe is not None,
    "STRIPE_WEBHOOK_SECRET": lambda s: s.stripe is not None,
    "MARKET_S3_ACCESS_KEY": lambda s: s.s3 is not None,
    "MARKET_S3_SECRET_KEY": lambda s: s.s3 is not None,
}
_VALUES: Final[dict[str, Callable[[Settings], str]]] = {
    "MARKET_DATABASE_URL": lambda s: urlsplit(s.database_url).scheme,
    "MARKET_DATA_DIR": lambda s: str(s.data_dir),
    "MARKET_BASE_URL": lambda s: s.base_url,
    "HOST": lambda s: s.host,
    "PORT": lambda s: str(s.port),
    "MARKET_PROCESSES": lambda s: str(s.processes),
    "MARKET_POOL_SIZE": lambda s: str(s.pool_size),
    "MARKET_DEMO": lambda s: "1" if s.demo else "0",
    "MARKET_BRAND": lambda s: s.brand,
    "MARKET_OCID_PREFIX": lambda s: s.ocid_prefix,
    "MARKET_CITY": lambda s: s.city,
    "MARKET_HELP_PHONE": lambda s: s.help_phone,
    "MARKET_ALLOWED_HOSTS": lambda s: ", ".join(s.allowed_hosts),
    "MARKET_PROXIES": lambda s: ", ".join(s.proxies),
    "MARKET_SMTP_URL": lambda s: _host(s.smtp_url),
    "MARKET_MAIL_FROM": lambda s: s.mail_from,
    "MARKET_MAIL_INBOUND": lambda s: s.mail_inbound,
    "MARKET_SMS_GAMMU_DIR": lambda s: str(s.sms.gammu_dir or ""),
    "MARKET_SMS_GATEWAY_URL": lambda s: _host(s.sms.gateway_url),
    "MARKET_SMS_NUMBER": lambda s: s.sms.number,
    "MARKET_HOLD_LIMIT": lambda s: str(s.hold_limit),
    "MARKET_REGISTER_KEEP_DAYS": lambda s: str(s.register_keep_days),
    "MARKET_DELIVERY_KEEP_DAYS": lambda s: str(s.delivery_keep_days),
    "MARKET_GOODWILL_LIMIT": lambda s: str(s.goodwill_limit),
    "MARKET_BEACON_URL": lambda s: _host(s.beacon_url),
    "STRIPE_API_BASE": lambda s: s.stripe.api_base if s.stripe else "",
    "MARKET_BANK": lambda s: f"{s.bank.name}, {s.bank.holder}" if s.bank else "",
    "MARKET_S3_ENDPOINT": lambda s: s.s3.endpoint if s.s3 else "",
    "MARKET_S3_BUCKET": lambda s: s.s3.bucket if s.s3 else "",
    "MARKET_S3_REGION": lambda s: s.s3.region if s.s3 else "",
    "MARKET_LOG": lambda s: s.log,
}


NAMES: Final = frozenset({*_SECRETS, *_VALUES})


def _host(url: str) -> str:
    """A URL without the user and password it may carry."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else ""


def effective(config: Settings) -> list[SettingRow]:
    """Every documented setting with what it is now."""
    rows: list[SettingRow] = []
    for name in DOCUMENTED:
        secret = name not in _VALUES
        value = "" if secret else _VALUES[name](config)
        is_set = _SECRETS[name](config) if secret else bool(value)
        rows.append(SettingRow(name, ABOUT[name], value, secret, is_set))
    return rows
