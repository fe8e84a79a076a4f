"""A mail server of a few commands on a local port, which can be told to refuse, to stall or to hang up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class FakeSmtp:
    """Takes mails; `answers` replaces the reply to a command (`{"RCPT": "550 no such mailbox"}`)."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.port = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.raw]  # type: ignore[arg-type]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []

        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        try:
            await say("220 fake")
            while line := await reader.readline():
                text = line.decode().strip()
                verb = text[:4].upper()
                answer = self.answers.get(verb)
                if answer == "hang up":
                    return
                if answer is not None:
                    await say(answer)
                    continue
                if verb == "RCPT":
                    recipients.append(text.partition("<")[2].partition(">")[0])
                if verb == "DATA":
                    await say("354 go on")
                    await self._take(reader, recipients)
                    recipients = []
                await say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, recipients: list[str]) -> None:
        raw = await reader.readuntil(b"\r\n.\r\n")
        self.raw.append(raw[:-3].replace(b"\r\n..", b"\r\n."))
        self.recipients.append(recipients)


@asynccontextmanager
async def fake_smtp() -> AsyncGenerator[FakeSmtp]:
    fake = FakeSmtp()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()
