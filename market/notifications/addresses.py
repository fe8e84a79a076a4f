"""Mail addresses and phone numbers as people type them, made into one form that can be compared and sent to.

Exactly one ASCII mailbox comes out, so nothing typed into a form can add a header or a second recipient.
`MailAddress` and `PhoneNumber` are for inbound shapes; the functions below them for everything else.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from market.values.text import lazy
from market.web.forms import wrong

_MAILBOX = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_SEPARATORS = re.compile(r"[\s().\-\u00a0\u2010-\u2013]")
_MAX_LOCAL, _MAX_WHOLE = 64, 254


def mail_address(typed: str) -> str | None:
    """The one mailbox in `typed`, lower-case and with its domain in ASCII; None when it is not one."""
    local, _, domain = typed.strip().lower().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else f"{local}@{domain}"
    except UnicodeError:
        return None
    if len(local) > _MAX_LOCAL or len(address) > _MAX_WHOLE or not _MAILBOX.fullmatch(address):
        return None
    return address


def phone_number(typed: str) -> str | None:
    """`+6281234567890` from the ways people write it; a number that starts with 0 is an Indonesian one."""
    digits = _SEPARATORS.sub("", typed)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+62{digits[1:]}"
    return digits if _PHONE.fullmatch(digits) else None


def _checked_address(typed: str) -> str:
    address = mail_address(typed)
    if address is None:
        raise wrong(lazy("Enter an email address, for example maria@example.org."))
    return address


def _checked_phone(typed: str) -> str:
    number = phone_number(typed)
    if number is None:
        raise wrong(lazy("Enter the phone number with its country code, for example +62 812 3456 7890."))
    return number


MailAddress = Annotated[str, AfterValidator(_checked_address)]
PhoneNumber = Annotated[str, AfterValidator(_checked_phone)]
