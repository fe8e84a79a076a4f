"""What every mailer promises, and what the SMTP one does on the wire."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from market import db as database
from market.errors import Upstream
from market.notifications import mailer as mailers
from market.notifications.mailer import Attachment, Mail, MailRefused, OutboxMailer, SmtpMailer, build_mailer
from market.settings import Settings
from tests.contract.mail.fake_smtp import FakeSmtp, fake_smtp

MAIL = Mail(
    to="maria@example.org",
    locale="id",
    subject="Voucher Anda — Sumba & Alor",
    text="Halo Maria,\n\n.titik di awal baris\nSampai jumpa di Bena.\n",
    html="<p>Halo <b>Maria</b></p>",
    attachments=(Attachment("trip.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n"),),
    key="abc123",
)


@pytest.fixture
async def server() -> AsyncGenerator[FakeSmtp]:
    async with fake_smtp() as fake:
        yield fake


@pytest.fixture
def smtp(server: FakeSmtp) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{server.port}", "Benang & Co <no-reply@benang.example>")


async def test_a_mail_arrives_whole(smtp: SmtpMailer, server: FakeSmtp) -> None:
    await smtp.send(MAIL)
    assert server.recipients == [["maria@example.org"]]
    (message,) = server.messages
    assert message["subject"] == MAIL.subject
    assert message["to"] == MAIL.to
    assert message["from"].addresses[0].addr_spec == "no-reply@benang.example"
    assert message["message-id"] == "<abc123@benang.example>"
    assert message["content-language"] == "id"
    assert message["auto-submitted"] == "auto-generated"
    assert message["date"] is not None
    plain = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text
    assert "<b>Maria</b>" in html.get_content()
    (file,) = message.iter_attachments()
    assert file.get_filename() == "trip.ics"
    assert file.get_content_type() == "text/calendar"


async def test_every_line_is_short_enough_for_any_server(smtp: SmtpMailer, server: FakeSmtp) -> None:
    await smtp.send(replace(MAIL, text="x" * 5000, html=f"<p>{'y' * 5000}</p>"))
    assert max(len(line) for line in server.raw[0].split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "",
        "A@Example.org",
        "<a@example.org>",
    ],
)
async def test_anything_but_one_mailbox_is_refused_before_the_wire(
    smtp: SmtpMailer, server: FakeSmtp, to: str
) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        await smtp.send(replace(MAIL, to=to))
    assert server.raw == []


async def test_a_subject_cannot_add_a_header(smtp: SmtpMailer, server: FakeSmtp) -> None:
    await smtp.send(replace(MAIL, subject="Hello\r\nBcc: victim@example.org\r\n\r\nbody"))
    (message,) = server.messages
    assert message["bcc"] is None
    assert message["subject"] == "Hello Bcc: victim@example.org body"


@pytest.mark.parametrize("verb", ["RCPT", "MAIL"])
async def test_a_final_no_is_told_apart(smtp: SmtpMailer, server: FakeSmtp, verb: str) -> None:
    server.answers[verb] = "550 no such mailbox"
    with pytest.raises(MailRefused) as refused:
        await smtp.send(MAIL)
    assert "550" in refused.value.facts["detail"]


@pytest.mark.parametrize(
    ("verb", "answer"),
    [("RCPT", "451 try later"), ("DATA", "452 full"), ("EHLO", "421 busy"), ("MAIL", "hang up")],
)
async def test_trouble_that_may_pass_is_upstream(
    smtp: SmtpMailer, server: FakeSmtp, verb: str, answer: str
) -> None:
    server.answers[verb] = answer
    if verb == "EHLO":
        server.answers["HELO"] = answer
    with pytest.raises(Upstream) as failed:
        await smtp.send(MAIL)
    assert not isinstance(failed.value, MailRefused)


async def test_no_server_at_all_is_upstream() -> None:
    with pytest.raises(Upstream):
        await SmtpMailer("smtp://127.0.0.1:9", "x <x@example.org>").send(MAIL)


async def test_a_silent_server_is_given_up(
    monkeypatch: pytest.MonkeyPatch, smtp: SmtpMailer, server: FakeSmtp
) -> None:
    monkeypatch.setattr(mailers, "TIMEOUT_SECONDS", 0.2)
    server.answers["RCPT"] = "250-and so on"
    with pytest.raises(Upstream):
        await smtp.send(MAIL)


async def test_a_password_never_travels_in_the_open(server: FakeSmtp) -> None:
    mailer = SmtpMailer(f"smtp://user:secret@127.0.0.1:{server.port}", "x <x@example.org>")
    with pytest.raises(Upstream):
        await mailer.send(MAIL)
    assert server.raw == []


@pytest.mark.parametrize("kind", ["smtp", "outbox"])
async def test_no_mail_leaves_inside_a_transaction(
    db: str, kind: str, smtp: SmtpMailer, server: FakeSmtp
) -> None:
    mailer = smtp if kind == "smtp" else OutboxMailer()
    async with database.transaction():
        with pytest.raises(RuntimeError, match="no network"):
            await mailer.send(MAIL)
    assert server.raw == []


async def test_the_outbox_keeps_and_sends_nothing() -> None:
    mailer = OutboxMailer()
    await mailer.send(MAIL)
    assert mailer.keeps_only


def test_settings_choose_the_mailer(tmp_path: Path) -> None:
    settings = Settings(database_url="sqlite:///x.db", data_dir=tmp_path)
    assert isinstance(build_mailer(settings), OutboxMailer)
    assert isinstance(build_mailer(replace(settings, smtp_url="smtps://u:p@mail.example:465")), SmtpMailer)
