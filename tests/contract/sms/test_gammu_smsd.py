"""The whole way through the real gammu-smsd: invited, agreed, asked, accepted, answered, with a real radio's files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import rows
from market.bookings.states import State
from market.notifications.sms_gateway import SmsGateway
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings, SmsAccess
from market.sms import numbers
from market.sms.adapters.gammu import GammuSpool
from market.sms.handlers import collect
from tests import factories
from tests.contract.sms.smsd import PROGRAM, Smsd
from tests.integration.bookings import flows

NUMBER, OWN = "+6281234567890", "+6281100000000"
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="gammu-smsd is not installed (apt-get install gammu-smsd)"
)


@pytest.fixture
def smsd(tmp_path: Path) -> Generator[Smsd]:
    daemon = Smsd(tmp_path / "gammu")
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def settings(settings: Settings, smsd: Smsd) -> Settings:
    return replace(settings, sms=SmsAccess(gammu_dir=smsd.spool, number=OWN))


@pytest.fixture
async def daylight(db: str) -> AsyncGenerator[datetime]:
    """Tomorrow at ten in the morning, WITA: nothing waits for the quiet hours to end."""
    at = (clock.now() + timedelta(days=1)).astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    with clock.frozen(at):
        yield at


async def sent_files(smsd: Smsd, count: int, tools: Tools) -> list[str]:
    """The texts of the first `count` messages that the daemon has put on the air, working meanwhile."""
    for _ in range(150):
        await collect(tools)
        await worker.drain(tools)
        sent = sorted((smsd.spool / "sent").glob("OUT*.txt"), key=lambda path: path.stat().st_mtime_ns)
        if len(sent) >= count:
            return [path.read_text(encoding="utf-8") for path in sent]
        await asyncio.sleep(0.1)
    raise AssertionError(f"not {count} messages sent\n{smsd.log()}")


async def texts_of(number: str) -> list[str]:
    return [
        row["body"]
        for row in await db.fetch("SELECT body FROM delivery WHERE recipient = $1 ORDER BY id", number)
    ]


async def test_a_host_accepts_a_booking_with_a_cheap_phone(smsd: Smsd, tools: Tools, daylight: datetime):
    with clock.frozen(daylight):
        assert isinstance(tools.of(SmsGateway), GammuSpool)
        listing = await factories.make_listing(instant=False, price_minor=1_000_000)
        session = await factories.make_start(listing, days=40)
        await numbers.invite(
            NUMBER,
            organisation_id=listing.host_id,
            by=None,
            by_name="Yeremias",
            locale="id",
            own=OWN,
            now=daylight,
        )
        assert (await sent_files(smsd, 1, tools))[0].startswith("Yeremias mendaftarkan nomor ini")

        smsd.receive(NUMBER, "Iya 🙏", daylight)
        await sent_files(smsd, 2, tools)
        assert (await numbers.find(NUMBER)).state is numbers.State.ACTIVE

        reference = await flows.hold_seat(listing, session, adults=2)
        await flows.go_on(reference, tools, method="on_arrival")
        await sent_files(smsd, 3, tools)
        code = re.match(r"Pesanan (\d{4}): Hannah 2org", (await texts_of(NUMBER))[-1])[1]

        smsd.receive(NUMBER, f"ya{code} pak", daylight + timedelta(minutes=1))
        smsd.receive(
            NUMBER, f"ya{code} pak", daylight + timedelta(minutes=1)
        )  # the network delivers it twice
        smsd.receive("TELKOMSEL", "Paket murah!", daylight)
        assert await sent_files(smsd, 4, tools)
        assert (await rows.get(reference)).state is State.CONFIRMED
        await asyncio.sleep(2.5)
        await collect(tools)
        await worker.drain(tools)
        everything = await texts_of(NUMBER)
        assert everything[-1].startswith(f"OK, {code} diterima dan pasti: 2org")
        assert len(everything) == 4
        assert list((smsd.spool / "inbox").iterdir()) == []
        assert list((smsd.spool / "error").iterdir()) == []
        row = await db.fetch_one("SELECT COUNT(*) AS n FROM sms_inbound WHERE via = 'gammu'")
        assert row["n"] == 3  # the yes, the answer once, the advertisement that is never answered
