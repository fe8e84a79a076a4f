"""Everything the environment can set, in one place, checked at start.

`load(environ)` gives a frozen `Settings` or raises `BadSettings` listing every problem at once.
`docs/settings.md` is kept equal to `DOCUMENTED` by a test. Secrets do not show in `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

DOCUMENTED: Final[dict[str, str]] = {
    "MARKET_DATABASE_URL": "Database: `sqlite:///var/benang.db` (default, inside MARKET_DATA_DIR) or `postgres://user:password@host:5432/name`.",
    "MARKET_DATA_DIR": "Folder for the SQLite file, media and other local state. Default `var`.",
    "MARKET_BASE_URL": "Public address, used in mails, calendar files and canonical links. Default `http://127.0.0.1:PORT`.",
    "HOST": "Address to listen on. Default `127.0.0.1`.",
    "PORT": "Port to listen on. Default 8000.",
    "MARKET_PROCESSES": "Web processes. Default 1; more than one needs PostgreSQL or a separate worker.",
    "MARKET_POOL_SIZE": "PostgreSQL connections per process. Default 10.",
    "MARKET_SECRET_KEY": "Signs links, cookies and forms; at least 32 characters. Required outside demo mode.",
    "MARKET_SECRET_KEY_OLD": "The previous key while rotating: still accepted, never used to sign.",
    "MARKET_LOG_KEY": "Signs the public log's checkpoints: what `python -m market new-log-key NAME` prints. Required outside demo mode, where one is made in MARKET_DATA_DIR.",  # noqa: E501
    "MARKET_LOG_KEY_OLD": "The previous log key while rotating: checkpoints carry both signatures.",
    "MARKET_DEMO": "`1` fills an empty database with demo content, shows one-click sign-ins, offers the demo card page and puts mail and SMS into a viewable outbox. Never in production.",  # noqa: E501
    "MARKET_BRAND": "Name of the marketplace. Default `Benang`.",
    "MARKET_OCID_PREFIX": "Prefix of the ids in OCDS packages, as registered with Open Contracting. Default `ocds-benang`.",  # noqa: E501
    "MARKET_CITY": "The city that runs it. Default `Kupang`.",
    "MARKET_HELP_PHONE": "Phone number that guests may call, write an SMS or a WhatsApp message to, as `+62…`: at the foot of every page. Without it no help by phone is promised.",  # noqa: E501
    "MARKET_ALLOWED_HOSTS": "Comma-separated host names the site answers to. Default: the host of MARKET_BASE_URL, and loopback.",  # noqa: E501
    "MARKET_PROXIES": "Comma-separated addresses of reverse proxies whose X-Forwarded-For is believed. Default none.",
    "MARKET_SMTP_URL": "Outgoing mail: `smtp://user:password@host:587` or `smtps://…:465`. Without it mail stays in the outbox.",  # noqa: E501
    "MARKET_MAIL_FROM": "Sender of mails. Default `Benang <no-reply@HOST>`.",
    "MARKET_MAIL_INBOUND": "Domain whose mail reaches `/webhooks/mail`, for example `reply.benang.example`: notices of messages can then be answered by mail. Without it they are answered on the site.",  # noqa: E501
    "MARKET_MAIL_INBOUND_SECRET": "Signs the mails that the mail server hands to `/webhooks/mail`; at least 32 characters. Required with MARKET_MAIL_INBOUND.",  # noqa: E501
    "MARKET_SMS_GAMMU_DIR": "Spool folder of Gammu SMSD (with `inbox`, `outbox`, `sent`): SMS through a modem and a local SIM. Without a gateway SMS stay in the outbox.",  # noqa: E501
    "MARKET_SMS_GATEWAY_URL": "Address of a signed HTTP gateway for SMS; it delivers incoming ones to `/webhooks/sms`. Not together with MARKET_SMS_GAMMU_DIR.",  # noqa: E501
    "MARKET_SMS_GATEWAY_SECRET": "Signs messages to and from the HTTP gateway; at least 32 characters. Required with MARKET_SMS_GATEWAY_URL.",  # noqa: E501
    "MARKET_SMS_NUMBER": "The number hosts write to, as `+62…`: shown to them, and never answered.",
    "MARKET_HOLD_LIMIT": "New holds that one network address may make in ten minutes, so that nobody freezes a village's places. Default 30; 0 counts nothing (measuring only).",  # noqa: E501
    "MARKET_REGISTER_KEEP_DAYS": "Days after a stay that the register of foreign guests is kept, then erased. Default 365; ask the immigration office for the term that holds for you.",  # noqa: E501
    "MARKET_DELIVERY_KEEP_DAYS": "Days that sent mails, SMS and notices are kept with their words and recipients; afterwards only that something was sent. Default 180.",  # noqa: E501
    "MARKET_GOODWILL_LIMIT": "Rupiah that one operator may give back beyond a booking's terms; more needs a second one. Default 250000.",  # noqa: E501
    "MARKET_BEACON_URL": "Public randomness for lots among officers: a drand node serving the quicknet chain, for example `https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971`. Without it seeds come from the log's own checkpoints.",  # noqa: E501
    "STRIPE_SECRET_KEY": "Turns on card payments through Stripe Checkout.",
    "STRIPE_WEBHOOK_SECRET": "Signing secret of the webhook endpoint `/webhooks/stripe`. Required with STRIPE_SECRET_KEY.",  # noqa: E501
    "STRIPE_API_BASE": "Where the Stripe client talks to. Default Stripe itself; tests point it at a local fake.",
    "MARKET_BANK": "Bank account for transfers, as `Bank name|account number|account holder`. Without it transfers are not offered outside demo mode.",  # noqa: E501
    "MARKET_S3_ENDPOINT": "S3-compatible storage for media, for example `http://storage:9000`. Without it media are files in MARKET_DATA_DIR.",  # noqa: E501
    "MARKET_S3_BUCKET": "Bucket for media. Required with MARKET_S3_ENDPOINT.",
    "MARKET_S3_REGION": "Region name the storage expects. Default `us-east-1`.",
    "MARKET_S3_ACCESS_KEY": "Access key of the storage.",
    "MARKET_S3_SECRET_KEY": "Secret key of the storage.",
    "MARKET_LOG": "`text` (default) or `json`.",
}
_MIN_SECRET = 32
_DEMO_SECRET = "demo-secret-that-protects-nothing-at-all"  # noqa: S105 - demo mode only; start refuses it elsewhere


class BadSettings(Exception):
    """The environment cannot be used; `problems` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True, slots=True)
class Bank:
    """The account travellers transfer to."""

    name: str
    account: str
    holder: str


@dataclass(frozen=True, slots=True)
class Stripe:
    """Card provider access."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = ""


@dataclass(frozen=True, slots=True)
class S3:
    """Object storage access."""

    endpoint: str
    bucket: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SmsAccess:
    """How SMS leave and arrive: a Gammu spool folder, a signed HTTP gateway, or neither."""

    gammu_dir: Path | None = None
    gateway_url: str = ""
    gateway_secret: str = field(default="", repr=False)
    number: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's configuration. Build it with `load`, or directly in tests."""

    database_url: str = field(repr=False)
    data_dir: Path
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1
    pool_size: int = 10
    secret_key: str = field(default=_DEMO_SECRET, repr=False)
    secret_key_old: str = field(default="", repr=False)
    log_key: str = field(default="", repr=False)
    log_key_old: str = field(default="", repr=False)
    demo: bool = False
    brand: str = "Benang"
    city: str = "Kupang"
    help_phone: str = ""
    ocid_prefix: str = "ocds-benang"
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "testserver")
    proxies: tuple[str, ...] = ()
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "Benang <no-reply@localhost>"
    mail_inbound: str = ""
    mail_inbound_secret: str = field(default="", repr=False)
    sms: SmsAccess = SmsAccess()
    stripe: Stripe | None = None
    bank: Bank | None = None
    s3: S3 | None = None
    hold_limit: int = 30
    beacon_url: str = ""
    register_keep_days: int = 365
    delivery_keep_days: int = 180
    goodwill_limit: int = 250_000
    log: str = "text"

    @property
    def secure(self) -> bool:
        """True when the public address is https: cookies are then marked Secure and HSTS is sent."""
        return self.base_url.startswith("https://")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The signing key first, then the previous one while rotating."""
        return (self.secret_key, self.secret_key_old) if self.secret_key_old else (self.secret_key,)


class _Reader:
    """Reads the environment and collects every problem, so that all of them are told at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name)
        if not raw:
            return default
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            self.problems.append(f"{name} must be a whole number from {low} to {high}, not {raw!r}")
            return default
        return int(raw)

    def flag(self, name: str) -> bool:
        raw = self.text(name, "0").lower()
        if raw not in {"0", "1", "true", "false", "yes", "no"}:
            self.problems.append(f"{name} must be 1 or 0, not {raw!r}")
        return raw in {"1", "true", "yes"}

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        if raw and urlsplit(raw).scheme not in schemes:
            self.problems.append(f"{name} must start with {' or '.join(s + '://' for s in schemes)}")
        return raw

    def phone(self, name: str) -> str:
        """A number with its country code, as it was written."""
        number = self.text(name)
        digits = number.replace(" ", "").replace("-", "")
        if number and not (digits.startswith("+") and digits[1:].isdigit() and 8 <= len(digits) <= 16):
            self.problems.append(f"{name} must be a phone number such as +6281234567890")
        return number

    def several(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment. Raises BadSettings with every problem found."""
    env = _Reader(environ)
    data_dir = Path(env.text("MARKET_DATA_DIR", "var"))
    port = env.number("PORT", 8000, 1, 65535)
    base_url = env.url("MARKET_BASE_URL", f"http://127.0.0.1:{port}", ("http", "https")).rstrip("/")
    hostname = urlsplit(base_url).hostname or "localhost"
    demo = env.flag("MARKET_DEMO")
    settings = Settings(
        database_url=env.url(
            "MARKET_DATABASE_URL",
            f"sqlite:///{data_dir / 'benang.db'}",
            ("sqlite", "postgres", "postgresql"),
        ),
        data_dir=data_dir,
        base_url=base_url,
        host=env.text("HOST", "127.0.0.1"),
        port=port,
        processes=env.number("MARKET_PROCESSES", 1, 1, 64),
        pool_size=env.number("MARKET_POOL_SIZE", 10, 1, 200),
        secret_key=_secret(env, demo=demo),
        secret_key_old=_old_secret(env, demo=demo),
        log_key=_log_key(env, demo=demo),
        log_key_old=env.text("MARKET_LOG_KEY_OLD"),
        demo=demo,
        brand=env.text("MARKET_BRAND", "Benang"),
        city=env.text("MARKET_CITY", "Kupang"),
        help_phone=_help_phone(env, demo=demo),
        ocid_prefix=env.text("MARKET_OCID_PREFIX", "ocds-benang"),
        allowed_hosts=env.several("MARKET_ALLOWED_HOSTS") or (hostname, "127.0.0.1", "localhost"),
        proxies=env.several("MARKET_PROXIES"),
        smtp_url=env.url("MARKET_SMTP_URL", "", ("smtp", "smtps")),
        mail_from=env.text("MARKET_MAIL_FROM", f"Benang <no-reply@{hostname}>"),
        mail_inbound=_mail_inbound(env),
        mail_inbound_secret=env.text("MARKET_MAIL_INBOUND_SECRET"),
        sms=_sms(env),
        stripe=_stripe(env),
        bank=_bank(env, demo=demo),
        s3=_s3(env),
        hold_limit=env.number("MARKET_HOLD_LIMIT", 30, 0, 100_000),
        beacon_url=env.text("MARKET_BEACON_URL"),
        register_keep_days=env.number("MARKET_REGISTER_KEEP_DAYS", 365, 1, 36_500),
        delivery_keep_days=env.number("MARKET_DELIVERY_KEEP_DAYS", 180, 1, 36_500),
        goodwill_limit=env.number("MARKET_GOODWILL_LIMIT", 250_000, 0, 1_000_000_000),
        log=env.text("MARKET_LOG", "text"),
    )
    if settings.log not in {"text", "json"}:
        env.problems.append("MARKET_LOG must be text or json")
    if env.problems:
        raise BadSettings(env.problems)
    return settings


def _secret(env: _Reader, *, demo: bool) -> str:
    secret = env.text("MARKET_SECRET_KEY")
    if not secret and demo:
        return _DEMO_SECRET
    if not secret:
        env.problems.append("MARKET_SECRET_KEY is required (or MARKET_DEMO=1 to try things out)")
    elif len(secret) < _MIN_SECRET or (secret == _DEMO_SECRET and not demo):
        env.problems.append(f"MARKET_SECRET_KEY must be a secret of at least {_MIN_SECRET} characters")
    return secret


def _old_secret(env: _Reader, *, demo: bool) -> str:
    """The previous key opens what it signed, so it must be as good as the present one."""
    old = env.text("MARKET_SECRET_KEY_OLD")
    if old and (len(old) < _MIN_SECRET or (old == _DEMO_SECRET and not demo)):
        env.problems.append(f"MARKET_SECRET_KEY_OLD must be a secret of at least {_MIN_SECRET} characters")
    return old


def _log_key(env: _Reader, *, demo: bool) -> str:
    """Only whether there is one that looks like one; `market.transparency.keys` reads it."""
    key = env.text("MARKET_LOG_KEY")
    if (key and not key.startswith("PRIVATE+KEY+")) or not (key or demo):
        env.problems.append("MARKET_LOG_KEY is required: `python -m market new-log-key NAME` prints one")
    return key


def _help_phone(env: _Reader, *, demo: bool) -> str:
    return env.phone("MARKET_HELP_PHONE") or ("+62 812-0000-0000" if demo else "")


def _mail_inbound(env: _Reader) -> str:
    name = env.text("MARKET_MAIL_INBOUND").lower()
    if name and not ("." in name and name.replace("-", "").replace(".", "").isalnum() and name.isascii()):
        env.problems.append("MARKET_MAIL_INBOUND must be a domain such as reply.example.org")
    if name and len(env.text("MARKET_MAIL_INBOUND_SECRET")) < _MIN_SECRET:
        env.problems.append(
            f"MARKET_MAIL_INBOUND_SECRET must be a secret of at least {_MIN_SECRET} characters"
        )
    return name


def _sms(env: _Reader) -> SmsAccess:
    folder = env.text("MARKET_SMS_GAMMU_DIR")
    url = env.url("MARKET_SMS_GATEWAY_URL", "", ("http", "https")).rstrip("/")
    secret, number = (
        env.text("MARKET_SMS_GATEWAY_SECRET"),
        env.phone("MARKET_SMS_NUMBER").replace(" ", "").replace("-", ""),
    )
    if folder and url:
        env.problems.append("MARKET_SMS_GAMMU_DIR and MARKET_SMS_GATEWAY_URL exclude each other")
    if url and len(secret) < _MIN_SECRET:
        env.problems.append(
            f"MARKET_SMS_GATEWAY_SECRET must be a secret of at least {_MIN_SECRET} characters"
        )
    return SmsAccess(Path(folder) if folder else None, url, secret, number)


def _stripe(env: _Reader) -> Stripe | None:
    key, webhook = env.text("STRIPE_SECRET_KEY"), env.text("STRIPE_WEBHOOK_SECRET")
    if not key:
        return None
    if not webhook:
        env.problems.append("STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY")
    return Stripe(key, webhook, env.url("STRIPE_API_BASE", "", ("http", "https")).rstrip("/"))


def _bank(env: _Reader, *, demo: bool) -> Bank | None:
    raw = env.text("MARKET_BANK")
    if not raw:
        return Bank("Bank Contoh", "000-0000-0000", "Benang (demo)") if demo else None
    parts = [part.strip() for part in raw.split("|")]
    if len(parts) != 3 or not all(parts):  # name, account, holder
        env.problems.append("MARKET_BANK must be `Bank name|account number|account holder`")
        return None
    return Bank(*parts)


def _s3(env: _Reader) -> S3 | None:
    endpoint = env.url("MARKET_S3_ENDPOINT", "", ("http", "https"))
    if not endpoint:
        return None
    bucket = env.text("MARKET_S3_BUCKET")
    if not bucket:
        env.problems.append("MARKET_S3_BUCKET is required with MARKET_S3_ENDPOINT")
    return S3(
        endpoint,
        bucket,
        env.text("MARKET_S3_REGION", "us-east-1"),
        env.text("MARKET_S3_ACCESS_KEY"),
        env.text("MARKET_S3_SECRET_KEY"),
    )
