"""Gammu SMSD with its files backend: a folder to put messages into, and one to find them in.

The spool has the sub-folders `inbox`, `outbox` and `sent` (docs/howto/connect-a-modem.md). The daemon looks only
at names that begin with OUT, so a message is written under another name and renamed when it is whole.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from market import clock, db
from market.errors import Upstream
from market.notifications.sms_gateway import Sms, SmsRefused
from market.values.dates import WITA

_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_KEY = re.compile(r"[^A-Za-z0-9]")
_INBOX = re.compile(
    r"IN(?P<day>\d{8})_(?P<time>\d{6})_(?P<serial>\d+)_(?P<sender>[^/]*)_(?P<part>\d+)\.txt", re.ASCII
)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_SETTLED_SECONDS = 1.0
"""A file younger than this may still be growing."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message of the inbox, from one file or from the parts of a long one."""

    sender: str
    text: str
    sent_at: datetime
    files: tuple[Path, ...]


class GammuSpool:
    """Sends by writing files; `collect` reads what came in, `forget` removes what was taken over."""

    keeps_only = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, sms: Sms) -> None:
        db.assert_idle()
        if not _NUMBER.fullmatch(sms.to):
            raise SmsRefused(detail="not a phone number")
        try:
            await asyncio.to_thread(self._write, sms, clock.now())
        except OSError as error:
            raise Upstream("sms", detail=f"{type(error).__name__}: {error}") from error

    def _write(self, sms: Sms, now: datetime) -> None:
        key = _KEY.sub("", sms.key)[:40]
        outbox = self.folder / "outbox"
        for place in (outbox, self.folder / "sent"):
            if any(place.glob(f"OUT*_{key}*.txt")):
                return  # a try whose end we did not see
        stamp = now.astimezone(WITA).strftime("%Y%m%d_%H%M%S")
        unfinished = outbox / f"writing-{key}"
        unfinished.write_text(sms.text, encoding="utf-8")
        unfinished.replace(outbox / f"OUTC{stamp}_00_{sms.to}_{key}.txt")

    async def collect(self) -> list[Received]:
        """The messages that came in, oldest first. Raises Upstream when the folder cannot be read."""
        db.assert_idle()
        try:
            return await asyncio.to_thread(self._read)
        except OSError as error:
            raise Upstream("sms", detail=f"{type(error).__name__}: {error}") from error

    def _read(self) -> list[Received]:
        parts: dict[str, list[tuple[int, Path]]] = {}
        settled = time.time() - _SETTLED_SECONDS
        for path in sorted((self.folder / "inbox").glob("IN*.txt")):
            named = _INBOX.fullmatch(path.name)
            if named is None:
                self._set_aside(path)
            elif path.stat().st_mtime <= settled:
                parts.setdefault(path.name.rpartition("_")[0], []).append((int(named["part"]), path))
        return [self._message([path for _, path in sorted(files)]) for files in parts.values()]

    def _message(self, files: list[Path]) -> Received:
        named = _INBOX.fullmatch(files[0].name)
        if named is None:
            raise AssertionError("only files with a readable name are gathered")
        sent_at = _stamp(named["day"] + named["time"])
        if sent_at is None:  # a service centre without a clock
            sent_at = datetime.fromtimestamp(files[0].stat().st_mtime, WITA)
        text = "".join(decode(path.read_bytes()) for path in files)
        return Received(named["sender"], text, sent_at, tuple(files))

    def _set_aside(self, path: Path) -> None:
        unread = self.folder / "unread"
        unread.mkdir(exist_ok=True)
        path.replace(unread / path.name)

    async def forget(self, received: Received) -> None:
        """Remove the files of a message that is in our own log now."""
        for path in received.files:
            await asyncio.to_thread(path.unlink, missing_ok=True)


def _stamp(digits: str) -> datetime | None:
    """The time in a file's name, if there is such a time in this century; networks here write it in WITA."""
    try:
        stamp = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=WITA)
    except ValueError:
        return None
    return stamp if _FIRST_YEAR <= stamp.year <= _LAST_YEAR else None


def decode(content: bytes) -> str:
    """What the daemon wrote: UTF-16 with a byte order mark, or UTF-8; without the NULs it leaves at the end."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        even = content[: len(content) - len(content) % 2]
        text = even.decode("utf-16", errors="replace")
    else:
        text = content.decode("utf-8-sig", errors="replace")
    return text.rstrip("\x00").replace("\x00", "")
