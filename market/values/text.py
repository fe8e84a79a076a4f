"""A message that is translated late, when somebody's language is known.

Rules and errors run below the languages floor, so they carry the English msgid and its facts; rendering
(`market.i18n.messages.translate`) turns it into words. Extraction finds msgids by the keywords `_l` and `_ln`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """An English msgid with its placeholders, and the plural form where a number decides."""

    msgid: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    plural: str | None = None
    count: int | None = None

    def __str__(self) -> str:
        """The English words: for logs and tests, never for a person's screen."""
        chosen = self.plural if self.plural is not None and self.count != 1 else self.msgid
        return chosen % self.params if self.params else chosen


def _l(msgid: str, **params: Any) -> Text:
    """A late-translated message; `params` fill `%(name)s` placeholders."""
    return Text(msgid, params)


def _ln(singular: str, plural: str, count: int, **params: Any) -> Text:
    """A late-translated message whose wording depends on `count` (also a placeholder, `%(count)s`)."""
    return Text(singular, {"count": count, **params}, plural, count)


# The underscored names are what message extraction looks for; these are for importing without lint noise.
lazy = _l
lazy_n = _ln
