"""What the mails of this feature say: the words are in templates/accounts/mail_*.txt; this fills them."""

from __future__ import annotations

from typing import Final

from market.accounts import tokens
from market.accounts.tokens import OneTime
from market.notifications.wording import Wording, mail_from_template
from market.settings import Settings
from market.web import urls

_LINK_MAILS: Final = {
    tokens.SIGN_IN: ("accounts/mail_sign_in", "accounts:magic"),
    tokens.RESET: ("accounts/mail_reset", "accounts:reset_new"),
    tokens.VERIFY: ("accounts/mail_welcome", "accounts:welcome"),
}


def with_link(request: OneTime, token: str, *, name: str, locale: str, settings: Settings) -> Wording:
    """The mail that carries a one-time link."""
    template, route = _LINK_MAILS[request.kind]
    address = settings.base_url + urls.path(route, locale=locale, token=token)
    return mail_from_template(template, {"name": name, "address": address}, locale, settings)


def new_address(token: str, *, name: str, locale: str, settings: Settings) -> Wording:
    """To the new mailbox of an account: the link that moves the account there."""
    address = settings.base_url + urls.path("accounts:new_address", locale=locale, token=token)
    return mail_from_template(
        "accounts/mail_new_address", {"name": name, "address": address}, locale, settings
    )


def address_asked(email: str, *, name: str, locale: str, settings: Settings) -> Wording:
    """To the old mailbox: somebody wants the account to move."""
    return mail_from_template("accounts/mail_address_asked", {"name": name, "email": email}, locale, settings)


def address_changed(email: str, *, name: str, locale: str, settings: Settings) -> Wording:
    """To the old mailbox: the account has moved."""
    return mail_from_template(
        "accounts/mail_address_changed", {"name": name, "email": email}, locale, settings
    )


def already_there(*, name: str, locale: str, settings: Settings) -> Wording:
    """Somebody wanted to start an account for a mailbox that has one."""
    return mail_from_template("accounts/mail_exists", {"name": name}, locale, settings)


def notice(what: str, *, name: str, locale: str, settings: Settings) -> Wording:
    """Something about the account's safety changed: password_changed, second_factor_on, second_factor_off."""
    return mail_from_template(f"accounts/mail_{what}", {"name": name}, locale, settings)
