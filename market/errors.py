"""The five kinds of refusal. Domain errors subclass one of them and carry typed facts.

`market.web.problems` is the one place that maps a kind to an HTTP status and a page. An expected refusal is
information, not an incident: it is logged as info.
"""

from __future__ import annotations

from typing import Any

from market.values.text import Text, lazy


class DomainError(Exception):
    """A refusal with a stable `code`, a late-translated `message` and the facts that explain it."""

    code = "error"
    message: Text = lazy("Something did not work.")

    def __init__(self, code: str | None = None, message: Text | None = None, **facts: Any) -> None:
        self.code = code or type(self).code
        self.message = message or type(self).message
        self.facts: dict[str, Any] = facts
        super().__init__(f"{self.code}: {self.message}")


class NotFound(DomainError):
    """It does not exist, or it is not yours: the answer is the same."""

    code = "not_found"
    message = lazy("We could not find this page.")


class Forbidden(DomainError):
    """You are known, and this is not for your role."""

    code = "forbidden"
    message = lazy("This page is not open to your account.")


class Refused(DomainError):
    """The request is understood and the rules say no (sold out, too late, already decided)."""

    code = "refused"
    message = lazy("This cannot be done now.")


class Invalid(DomainError):
    """What was sent is not right; `field` names the form field where that is known."""

    code = "invalid"
    message = lazy("Please check what you entered.")

    def __init__(
        self, code: str | None = None, message: Text | None = None, *, field: str | None = None, **facts: Any
    ) -> None:
        super().__init__(code, message, **facts)
        self.field = field


class TooMany(Refused):
    """Asked too often; `retry_after` seconds is among the facts."""

    code = "too_many"
    message = lazy("Too many attempts. Please wait a few minutes and try again.")


class Upstream(DomainError):
    """A service outside (payment, mail, SMS, storage) did not do its part."""

    code = "upstream"
    message = lazy("A service we depend on did not answer. Nothing was lost; please try again in a moment.")
