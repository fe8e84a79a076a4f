"""Handing messages over, one job each. The outbox retries; what never works is parked where staff sees it, and can
be sent again from there. Old deliveries lose their words.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from market import clock
from market.errors import Upstream
from market.notifications import queries, service
from market.notifications.mailer import Mail, Mailer, MailRefused
from market.notifications.queries import Delivery
from market.notifications.sms_gateway import OutboxSmsGateway, Sms, SmsGateway, SmsRefused
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings

log = structlog.get_logger()
PORTION: Final = 1000


@handles("notifications.send", flushed=False)
async def send(payload: Payload, tools: Tools) -> None:
    """Hand one delivery over. A delivery that is already sent, gone or erased is left alone."""
    delivery = await queries.find_delivery(int(payload["delivery"]))
    if delivery is None or delivery.state == "sent" or not delivery.recipient:
        return
    if delivery.channel == service.SMS:
        await _send_sms(delivery, tools.find(SmsGateway) or OutboxSmsGateway())
        return
    mailer = tools.of(Mailer)
    mail = Mail(
        to=delivery.recipient,
        locale=delivery.locale,
        subject=delivery.subject,
        text=delivery.body,
        html=delivery.html,
        attachments=delivery.attachments,
        key=delivery.message_key,
        reply_to=delivery.reply_to,
    )
    try:
        await mailer.send(mail)
    except Upstream as error:
        detail = str(error.facts.get("detail", error))
        await service.mark_failed(delivery.id, detail, for_good=isinstance(error, MailRefused))
        log.warning("mail not taken", delivery=delivery.id, code=error.code)
        raise
    await service.mark_sent(delivery.id, erase=delivery.confidential and not mailer.keeps_only)


async def _send_sms(delivery: Delivery, gateway: SmsGateway) -> None:
    try:
        await gateway.send(Sms(delivery.recipient, delivery.body, delivery.message_key))
    except Upstream as error:
        detail = str(error.facts.get("detail", error))
        refused = isinstance(error, SmsRefused)
        await service.mark_failed(delivery.id, detail, for_good=refused)
        log.warning("SMS not taken", delivery=delivery.id, code=error.code)
        if refused:
            return
        raise
    await service.mark_sent(delivery.id, erase=False)


@every(timedelta(hours=6), "notifications.forget_old")
async def forget_old(tools: Tools) -> None:
    """Old deliveries lose their words and recipients, in portions, once the term of the settings is over."""
    older_than = clock.now() - timedelta(days=tools.of(Settings).delivery_keep_days)
    done = PORTION
    while done == PORTION:
        done = await service.forget_old(older_than, PORTION)
