"""What people type on this feature's pages. Passwords keep their blanks; where to go next stays here."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from market.accounts.passwords import LONGEST
from market.i18n.locales import is_locale
from market.notifications.addresses import MailAddress, PhoneNumber
from market.values.text import Text, lazy
from market.web.forms import Inbound, wrong

_TOO_LONG_A_PATH = 500

Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=LONGEST)]


def _one_line(typed: str) -> str:
    return " ".join(typed.split())


Name = Annotated[str, StringConstraints(max_length=80), AfterValidator(_one_line)]


def local_path(typed: str) -> str:
    """A path of this site, or an empty string: two slashes, backslashes and schemes lead elsewhere."""
    if not typed.startswith("/") or typed[1:2] in {"/", "\\"} or len(typed) > _TOO_LONG_A_PATH:
        return ""
    return typed if typed.isascii() and typed.isprintable() and "\\" not in typed else ""


def _known_locale(typed: str) -> str:
    if not is_locale(typed):
        raise wrong(lazy("Choose one of the options."))
    return typed


NextPath = Annotated[str, AfterValidator(local_path)]
_EMAIL: dict[str, Text] = {"missing": lazy("Enter your email address.")}
_NEW_PASSWORD: dict[str, Text] = {"missing": lazy("Choose a password.")}
_CODE: dict[str, Text] = {"missing": lazy("Enter the code.")}


class SignIn(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "email": _EMAIL,
        "password": {"missing": lazy("Enter your password.")},
    }
    email: MailAddress
    password: Password
    next: NextPath = ""


class LinkRequest(Inbound):
    """Ask for a sign-in link; the field has a name of its own because it stands beside the sign-in form."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"link_email": _EMAIL}
    link_email: MailAddress
    next: NextPath = ""


class MailboxRequest(Inbound):
    """Start an account, or ask for a reset."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"email": _EMAIL}
    email: MailAddress
    next: NextPath = ""


class Welcome(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "name": {"missing": lazy("Enter your name.")},
        "new_password": _NEW_PASSWORD,
    }
    name: Name
    new_password: Password


class NewPassword(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"new_password": _NEW_PASSWORD}
    new_password: Password


class ChangePassword(NewPassword):
    current_password: Password = ""


class NewAddress(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"new_email": {"missing": lazy("Enter the new address.")}}
    new_email: MailAddress
    current_password: Password = ""


class Code(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"code": _CODE}
    code: Annotated[str, StringConstraints(max_length=60)]
    next: NextPath = ""


class Enrolment(Code):
    """The first code of a new app, and the sealed secret it was made from."""

    sealed: Annotated[str, StringConstraints(max_length=600)] = ""


class Confirm(Inbound):
    """Prove again who one is: a code for those with a second factor, the password for the others."""

    code: Annotated[str, StringConstraints(max_length=60)] = ""
    current_password: Password = ""
    next: NextPath = ""


class Details(Inbound):
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"name": {"missing": lazy("Enter your name.")}}
    name: Name
    phone: PhoneNumber | None = None
    language: Annotated[str, AfterValidator(_known_locale)]


class Deletion(Inbound):
    """The word typed to confirm; which word depends on the language of the page."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "confirmation": {"missing": lazy("Type the word shown above the field.")}
    }
    confirmation: str


class DemoSignIn(Inbound):
    email: Annotated[str, Field(max_length=100)]
    next: NextPath = ""


class EndSession(Inbound):
    session: Annotated[str, Field(max_length=40)]
