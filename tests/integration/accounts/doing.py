"""What these tests do again and again: people with passwords, links out of mails, codes of an app."""

from __future__ import annotations

import re
from typing import Any

import httpx
from pyotp.totp import TOTP

from market import clock, db
from market.accounts import passwords, second_factor
from market.accounts.models import Person
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests.factories import make_person

PASSWORD = "kami duduk di lopo sampai malam"
OTHER_PASSWORD = "besok hujan turun di Fatumnasi"


async def with_password(**fields: Any) -> Person:
    return await make_person(password_hash=await passwords.hash_password(PASSWORD), **fields)


async def with_second_factor(settings: Settings, **fields: Any) -> tuple[Person, str]:
    secret = second_factor.new_secret()
    sealed = second_factor.seal(secret, settings.secrets)
    return await with_password(totp_secret=sealed, **fields), secret


def code_of(secret: str) -> str:
    return TOTP(secret).at(clock.now())


async def mails_to(address: str) -> list[dict[str, Any]]:
    return await db.fetch(
        "SELECT subject, body, html, locale FROM delivery WHERE recipient = $1 ORDER BY id", address
    )


async def link_to(address: str, tools: Tools) -> str:
    """The path of the link in the newest mail to an address, once the worker has written it."""
    await worker.drain(tools)
    mails = await mails_to(address)
    found = re.search(r"http://testserver(/\S+)", mails[-1]["body"])
    assert found, mails[-1]["body"]
    return found[1]


async def is_signed_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/en/profile")).status_code == 200


def told(response: httpx.Response) -> list[str]:
    """The messages at the fields and in the problem box, each once."""
    found = re.findall(r'<li><a href="#\w+">([^<]+)</a></li>|<li>([^<]+)</li>', response.text)
    return list(dict.fromkeys(a or b for a, b in found))
