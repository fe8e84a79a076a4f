"""The port mail leaves through, and its two adapters: SMTP, and an outbox that only keeps.

One mail has one recipient. Nothing here knows what a mail says or whether it was sent before; that is
`market.notifications.service` and its handler.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from market import clock, db
from market.errors import Upstream
from market.notifications.addresses import mail_address
from market.settings import Settings

TIMEOUT_SECONDS = 15
_SUBMISSION_PORT, _TLS_PORT = 587, 465


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient, in the recipient's language. `key` stays the same when it is tried again."""

    to: str
    locale: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    key: str = ""
    reply_to: str = ""


class MailRefused(Upstream):
    """The mail server will never take this mail (no such mailbox, policy): trying again does not help."""

    code = "mail_refused"


class Mailer(Protocol):
    """Hands mails over. Raises Upstream when that did not work and may work later, MailRefused when never.

    `keeps_only` tells that nothing leaves the house: what was "sent" is read in the outbox.
    """

    @property
    def keeps_only(self) -> bool: ...

    async def send(self, mail: Mail) -> None: ...


class OutboxMailer:
    """Sends nothing: the delivery row is the mail, and the outbox page shows it."""

    keeps_only = True

    async def send(self, mail: Mail) -> None:
        db.assert_idle()


class SmtpMailer:
    """Hands each mail to one SMTP server: TLS from the start for `smtps`, STARTTLS when offered otherwise.

    With a password in the URL an unencrypted connection is refused.
    """

    keeps_only = False

    def __init__(self, url: str, sender: str, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_TLS_PORT if self._tls else _SUBMISSION_PORT)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender
        self._context = context

    async def send(self, mail: Mail) -> None:
        db.assert_idle()
        message = compose(mail, self._sender)
        start_tls = None if self._password is None and not self._tls else not self._tls
        try:
            await aiosmtplib.send(
                message,
                sender=parseaddr(self._sender)[1],
                recipients=[mail.to],
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                start_tls=start_tls,
                tls_context=self._context,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code, str(error.recipients[0])) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, f"{error.code} {error.message}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Upstream("mail", detail=f"{type(error).__name__}: {error}") from error


def _refusal(code: int, detail: str) -> Upstream:
    """A 5xx to the mail itself is final; a wrong password or a busy server is not the mail's fault."""
    permanent = 500 <= code < 600 and code not in {530, 534, 535, 538}
    return (MailRefused if permanent else Upstream)("mail_refused" if permanent else "mail", detail=detail)


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message as it goes over the wire. Raises ValueError for a recipient that is not one mailbox."""
    if mail_address(mail.to) != mail.to:
        raise ValueError("a mail has exactly one recipient")
    message = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    message["From"] = Address(name, addr_spec=address)
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(clock.now())
    if mail.key:
        message["Message-ID"] = f"<{mail.key}@{domain}>"
    if mail_address(mail.reply_to):
        message["Reply-To"] = mail.reply_to
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for file in mail.attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    # Last: adding parts would move a content header into the first of them.
    message["Content-Language"] = mail.locale
    return message


def build_mailer(settings: Settings) -> Mailer:
    """SMTP when it is configured; otherwise mails stay in the outbox."""
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url, settings.mail_from)
    return OutboxMailer()
