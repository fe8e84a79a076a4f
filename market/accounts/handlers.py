"""Reactions outside a request: mails with one-time links, notices, and forgetting what nobody needs."""

from __future__ import annotations

from datetime import timedelta

from market import db
from market.accounts import emails, limits, new_address, queries, sessions, tokens
from market.notifications import service as notifications
from market.notifications import telling
from market.notifications.topics import Topic
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.web import urls


@handles("accounts.send_link")
async def send_link(payload: Payload, tools: Tools) -> None:
    """Write the mail somebody asked for, if the mailbox should get one; then the request is gone."""
    settings = tools.of(Settings)
    async with db.transaction():
        request = await tokens.asked(payload["asked"])
        if request is None:
            return
        person = await queries.find_by_email(request.email)
        locale = person.locale if person else payload["locale"]
        name = person.name if person else ""
        starts_account = request.kind == tokens.VERIFY
        if starts_account == (person is None):
            token = await tokens.make_link(request)
            wording = emails.with_link(request, token, name=name, locale=locale, settings=settings)
        else:
            await tokens.drop(request)
            if person is None:
                return
            wording = emails.already_there(name=name, locale=locale, settings=settings)
        await notifications.send_wording(
            wording,
            to=request.email,
            locale=locale,
            dedupe_key=f"accounts.link:{request.hash}",
            confidential=True,
        )


@handles("accounts.ask_new_address")
async def ask_new_address(payload: Payload, tools: Tools) -> None:
    """Write the mails about an account that wants another address."""
    await new_address.write_mails(payload["asked"], tools.of(Settings))


@handles("accounts.send_notice")
async def send_notice(payload: Payload, tools: Tools) -> None:
    """Tell somebody that something about the safety of their account changed."""
    settings = tools.of(Settings)
    try:
        person = await queries.get_person(int(payload["person"]))
    except LookupError:
        return
    if not person.email:
        return
    wording = emails.notice(payload["what"], name=person.name, locale=person.locale, settings=settings)
    async with db.transaction():
        await telling.tell(
            wording,
            topic=Topic.SAFETY,
            to=person.email,
            locale=person.locale,
            dedupe_key=f"accounts.notice:{payload['key']}",
            href=urls.path("accounts:profile", locale=person.locale),
        )


@every(timedelta(hours=1), "accounts.forget")
async def forget(tools: Tools) -> None:
    """Drop expired sessions, old links and old counts."""
    await sessions.forget_expired()
    await tokens.forget_old()
    await limits.forget_old()
