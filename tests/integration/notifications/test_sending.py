"""Mails and SMS are kept once, handed over after the commit, retried, and parked when nothing helps."""

from __future__ import annotations

import pytest

from market import db as database
from market.errors import Upstream
from market.notifications import queries, service
from market.notifications.mailer import Attachment, Mail, Mailer, MailRefused
from market.outbox import queue, worker
from market.outbox.tools import Tools
from market.settings import Settings


class ScriptedMailer:
    """A mail server that fails as told, then takes everything."""

    keeps_only = False

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.taken: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        database.assert_idle()
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)


def with_mailer(settings: Settings, mailer: Mailer) -> Tools:
    return Tools({Settings: settings, Mailer: mailer})


async def send(key: str = "k1", to: str = "maria@example.org", *, confidential: bool = False) -> bool:
    async with database.transaction():
        return await service.send_mail(
            to=to,
            locale="id",
            subject="Voucher",
            body_text="Halo",
            html="<p>Halo</p>",
            attachments=[Attachment("a.ics", "text/calendar", b"\x00\xffics")],
            dedupe_key=key,
            confidential=confidential,
        )


async def only() -> queries.Delivery:
    (line,) = await queries.list_deliveries(10, 0)
    found = await queries.find_delivery(line.id)
    assert found is not None
    return found


async def test_a_mail_is_handed_over_once(db: str, settings: Settings) -> None:
    assert await send()
    assert not await send()
    mailer = ScriptedMailer()
    await worker.drain(with_mailer(settings, mailer))
    await database.execute("UPDATE job SET state = 'ready'")
    await worker.drain(with_mailer(settings, mailer))
    (mail,) = mailer.taken
    assert (mail.to, mail.locale, mail.subject) == ("maria@example.org", "id", "Voucher")
    assert mail.attachments[0].content == b"\x00\xffics"
    assert (await only()).state == "sent"


async def test_what_was_rolled_back_is_not_sent(db: str, settings: Settings) -> None:
    async def fails_after_sending() -> None:
        async with database.transaction():
            await service.send_mail(
                to="a@example.org", locale="en", subject="s", body_text="b", dedupe_key="k"
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails_after_sending()
    mailer = ScriptedMailer()
    await worker.drain(with_mailer(settings, mailer))
    assert mailer.taken == []
    assert await queries.count_deliveries() == 0


async def test_outside_a_transaction_nothing_is_sent(db: str) -> None:
    with pytest.raises(RuntimeError):
        await service.send_mail(to="a@example.org", locale="en", subject="s", body_text="b", dedupe_key="k")


@pytest.mark.parametrize("to", ["", "a@example.org,b@example.org", "not an address"])
async def test_only_one_mailbox(db: str, to: str) -> None:
    with pytest.raises(ValueError, match="one mailbox"):
        await send(to=to)


async def test_a_busy_server_is_tried_again(db: str, settings: Settings) -> None:
    await send()
    mailer = ScriptedMailer(Upstream("mail", detail="451 later"))
    tools = with_mailer(settings, mailer)
    await worker.drain(tools)
    waiting = await only()
    assert waiting.state == "queued"
    (row,) = await database.fetch("SELECT attempts, last_error FROM delivery")
    assert (row["attempts"], row["last_error"]) == (1, "451 later")
    await database.execute("UPDATE job SET due_at = created_at")
    await worker.drain(tools)
    assert (await only()).state == "sent"


async def test_what_never_works_is_parked_for_staff(db: str, settings: Settings) -> None:
    await send()
    tools = with_mailer(settings, ScriptedMailer(*[MailRefused("mail_refused", detail="550 gone")] * 20))
    for _ in range(queue.PARK_AFTER + 2):
        await worker.drain(tools)
        await database.execute("UPDATE job SET due_at = created_at WHERE state = 'ready'")
    (job,) = await database.fetch("SELECT state, last_error FROM job")
    assert job["state"] == "parked"
    assert (await only()).state == "failed"


async def test_confidential_words_are_erased_after_the_handover(db: str, settings: Settings) -> None:
    await send(confidential=True)
    mailer = ScriptedMailer()
    await worker.drain(with_mailer(settings, mailer))
    assert mailer.taken[0].text == "Halo"
    kept = await only()
    assert (kept.body, kept.html, kept.attachments) == ("", "", ())
    assert kept.subject == "Voucher"


async def test_the_outbox_keeps_confidential_words(db: str, tools: Tools) -> None:
    await send(confidential=True)
    await worker.drain(tools)
    kept = await only()
    assert kept.state == "sent"
    assert kept.body == "Halo"


async def test_an_sms_is_kept_in_one_part(db: str, tools: Tools) -> None:
    async with database.transaction():
        assert await service.send_sms(
            to="0812 3456 7890", locale="id", text="“Besok” " + "ya " * 99, dedupe_key="s"
        )
        assert not await service.send_sms(to="0812 3456 7890", locale="id", text="again", dedupe_key="s")
        with pytest.raises(ValueError, match="phone"):
            await service.send_sms(to="x", locale="id", text="x", dedupe_key="s2")
    await worker.drain(tools)
    sms = await only()
    assert (sms.channel, sms.recipient, sms.state) == ("sms", "+6281234567890", "sent")
    assert sms.body.startswith('"Besok" ya')
    assert len(sms.body) <= 160


async def test_forgetting_an_address_erases_and_stops_its_mails(db: str, settings: Settings) -> None:
    await send("one")
    await send("two", to="other@example.org")
    await service.forget("maria@example.org")
    mailer = ScriptedMailer()
    await worker.drain(with_mailer(settings, mailer))
    assert [mail.to for mail in mailer.taken] == ["other@example.org"]
    assert "maria" not in str(await database.fetch("SELECT * FROM delivery"))
