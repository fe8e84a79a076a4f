"""Handing messages over, one job each. The outbox retries; what never works is parked where staff sees it."""

from __future__ import annotations

import structlog

from market.errors import Upstream
from market.notifications import queries, service
from market.notifications.mailer import Mail, Mailer, MailRefused
from market.notifications.queries import Delivery
from market.notifications.sms_gateway import OutboxSmsGateway, Sms, SmsGateway, SmsRefused
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools

log = structlog.get_logger()


@handles("notifications.send")
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
