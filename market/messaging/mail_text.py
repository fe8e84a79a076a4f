"""Reading a mail somebody sent as an answer: what they wrote, without what they quoted, and what they attached.

Pure: bytes in, words and files out. Which files are passed on is `mail_pictures`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Final

from market.messaging.rules import LONGEST
from market.notifications.addresses import mail_address

_TOKEN: Final = re.compile(r"reply\+([a-z0-9.]{10,58})@([a-z0-9.-]+)", re.IGNORECASE)
# Where an answer ends and what it answers begins, as mail programs write it in our languages and some others.
_QUOTED: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*(on|pada|am|le|el|op)\b.{0,200}\b(wrote|menulis|schrieb|a écrit|escribió|schreef)\s*:\s*$",
        r"\s*-{2,}\s*(original message|pesan asli|forwarded message|pesan terusan|ursprüngliche).*$",
        r"\s*_{10,}\s*$",
        r"\s*(from|dari|von)\s*:\s.*@.*$",
    )
)
_SIGNATURE: Final = re.compile(r"^\s*(--|—)\s*$")
_SENT_FROM: Final = re.compile(r"^\s*(sent from my|dikirim dari|get outlook for)\b.*$", re.IGNORECASE)
_MOST_FILES: Final = 30
_LONGEST_NAME: Final = 60
_BLANK: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along, under the name its sender gave it."""

    name: str
    is_picture: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as far as it matters. `key` knows it again; `token` is "" for one that answers nothing of ours."""

    key: str
    sender: str
    token: str
    body: str
    is_automatic: bool
    attached: tuple[Attached, ...] = ()


def read(raw: bytes, domain: str) -> Incoming:
    """What a mail says. Whatever is wrong with it, something comes out: an empty body or sender if need be."""
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
        return Incoming(
            key=_key(message, raw),
            sender=_sender(message),
            token=_token(message, domain),
            body=answer_in(_text(message)),
            is_automatic=_is_automatic(message),
            attached=tuple(_attached(message)),
        )
    except (MessageError, ValueError, LookupError, IndexError, AttributeError, TypeError):
        return Incoming(hashlib.sha256(raw).hexdigest(), "", "", "", is_automatic=True)


def _key(message: EmailMessage, raw: bytes) -> str:
    told = str(message.get("Message-ID", "")).strip().encode("utf-8", "replace") or raw
    return hashlib.sha256(told).hexdigest()


def _sender(message: EmailMessage) -> str:
    """The one mailbox it says it comes from; "" when that is none or several."""
    found = getaddresses([str(each) for each in message.get_all("From", [])])
    return (mail_address(found[0][1]) or "") if len(found) == 1 else ""


def _token(message: EmailMessage, domain: str) -> str:
    for name in ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc"):
        for value in message.get_all(name, []):
            for match in _TOKEN.finditer(str(value)):
                if match[2].lower() == domain:
                    return match[1].lower()
    return ""


def _is_automatic(message: EmailMessage) -> bool:
    """An answering machine, a bounce or a list: never answered, or two machines never stop."""
    auto = str(message.get("Auto-Submitted", "no")).strip().lower()
    bulk = str(message.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    bounced = str(message.get("Return-Path", "x")).strip() == "<>"
    return auto != "no" or bulk or bounced or "X-Autoreply" in message or "List-Id" in message


def _text(message: EmailMessage) -> str:
    """The plain part, or the words of the HTML one."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return _words(text) if part.get_content_type() == "text/html" else text


def _attached(message: EmailMessage) -> list[Attached]:
    """Every part that is no text of the mail itself, in order; at most so many as anybody looks at."""
    found: list[Attached] = []
    for part in message.walk():
        name = part.get_filename() or ""
        if part.is_multipart() or (part.get_content_maintype() == "text" and not name):
            continue
        raw = part.get_payload(decode=True)
        if isinstance(raw, bytes) and len(found) < _MOST_FILES:
            shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
            found.append(
                Attached(
                    shown[:_LONGEST_NAME] or part.get_content_type(),
                    part.get_content_maintype() == "image",
                    raw,
                )
            )
    return found


class _Reader(HTMLParser):
    """The words of a page; quotes, styles and scripts left out."""

    _BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3"})
    _SILENT = frozenset({"style", "script", "head", "blockquote", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in self._SILENT))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(" ".join(data.split("\n")))


def _words(html: str) -> str:
    reader = _Reader()
    reader.feed(html[:500_000])
    return "".join(reader.parts)


def answer_in(text: str) -> str:
    """What somebody wrote above the quoted mail and their signature."""
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    for at, line in enumerate(lines[:2000]):
        folded = line + " " + lines[at + 1].strip() if at + 1 < len(lines) else line
        if any(pattern.match(line) or pattern.match(folded) for pattern in _QUOTED) or _SIGNATURE.match(line):
            break
        if line.lstrip().startswith(">") or _SENT_FROM.match(line):
            continue
        kept.append(line.rstrip())
    return _BLANK.sub("\n\n", "\n".join(kept)).strip()[:LONGEST]
