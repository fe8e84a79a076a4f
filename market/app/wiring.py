"""Builds the process's adapters from its settings. The only place that chooses between them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from market import db
from market.calendars.adapters.fetching import CalendarFetcher
from market.media.adapters.disk import DiskStorage
from market.media.storage import Storage
from market.notifications.mailer import Mailer, build_mailer
from market.notifications.sms_gateway import OutboxSmsGateway, SmsGateway
from market.outbox.tools import Tools
from market.payments.adapters import build_card_provider
from market.payments.port import CardProvider
from market.settings import Settings
from market.sms.adapters.gammu import GammuSpool
from market.sms.adapters.http import HttpSmsGateway
from market.transparency.keys import LogKeys, load_keys

MEDIA_URL = "/media"


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncGenerator[Tools]:
    """Everything pages and handlers may ask for, open for as long as the process serves."""
    async with AsyncExitStack() as stack:
        yield Tools(
            {
                Settings: settings,
                Storage: await _storage(settings, stack),
                Mailer: build_mailer(settings),
                CardProvider: build_card_provider(settings),
                SmsGateway: _sms_gateway(settings),
                LogKeys: load_keys(settings),
                CalendarFetcher: CalendarFetcher(),
            }
        )


def _sms_gateway(settings: Settings) -> SmsGateway:
    sms = settings.sms
    if sms.gammu_dir is not None:
        return GammuSpool(sms.gammu_dir)
    return HttpSmsGateway(sms.gateway_url, sms.gateway_secret) if sms.gateway_url else OutboxSmsGateway()


async def _storage(settings: Settings, stack: AsyncExitStack) -> Storage:
    if settings.s3 is None:
        return DiskStorage(settings.data_dir / "media", MEDIA_URL)
    from market.media.adapters.s3 import open_s3  # noqa: PLC0415 - its client is an optional extra and slow to load

    s3 = settings.s3
    return await stack.enter_async_context(
        open_s3(
            endpoint=s3.endpoint,
            bucket=s3.bucket,
            region=s3.region,
            access_key=s3.access_key,
            secret_key=s3.secret_key,
            base_url=MEDIA_URL,
            before_call=db.assert_idle,
        )
    )
