"""The real gammu-smsd over its dummy device: a spool folder for us, a fake SIM card for the test."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from market.values.dates import WITA

PROGRAM = shutil.which("gammu-smsd")
_CONFIG = """\
[gammu]
model = dummy
connection = none
port = {modem}
gammuloc = /dev/null

[smsd]
service = files
logfile = {folder}/smsd.log
debuglevel = 1
inboxpath = {spool}/inbox/
outboxpath = {spool}/outbox/
sentsmspath = {spool}/sent/
errorsmspath = {spool}/error/
inboxformat = unicode
loopsleep = 1
receivefrequency = 1
statusfrequency = 0
commtimeout = 1
checksecurity = 0
checksignal = 0
checkbattery = 0
"""


class Smsd:
    """A running daemon. `receive` plays the network: it puts a message on the SIM card."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spool = folder / "spool"
        self._modem = folder / "modem"
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        for name in ("inbox", "outbox", "sent", "error"):
            (self.spool / name).mkdir(parents=True)
        for memory in range(1, 6):
            (self._modem / "sms" / str(memory)).mkdir(parents=True)
        config = self.folder / "smsdrc"
        config.write_text(_CONFIG.format(modem=self._modem, folder=self.folder, spool=self.spool))
        self._process = subprocess.Popen(
            [PROGRAM or "gammu-smsd", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)

    def receive(self, sender: str, text: str, sent_at: datetime) -> None:
        """A message arrives at the modem: a backup file renamed into the card's inbox."""
        lines = [
            "[SMSBackup000]",
            "PDU = Deliver",
            f'SMSC = "{sender}"',
            "State = UnRead",
            f'Number = "{sender}"',
            f"NumberUnicode = {_hex(sender)}",
            f"DateTime = {sent_at.astimezone(WITA):%Y%m%dT%H%M%S}",
            "Coding = " + ("Default_No_Compression" if text.isascii() else "Unicode_No_Compression"),
            "Folder = 1",
            "Class = -1",
            "RejectDuplicates = False",
            "ReplaceMessage = 0",
            f"Text00 = {_hex(text)}",
            "",
        ]
        unfinished = self.folder / "arriving"
        unfinished.write_text("\n".join(lines))
        unfinished.rename(self._modem / "sms" / "1" / str(next(self._numbers)))

    def log(self) -> str:
        path = self.folder / "smsd.log"
        return path.read_text(errors="replace") if path.exists() else ""


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()
