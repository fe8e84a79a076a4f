"""The inbound shapes of a message and of a report about one."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from market.messaging.reports import Reason
from market.messaging.rules import LONGEST
from market.values.text import Text, lazy
from market.web.forms import Inbound


class MessageForm(Inbound):
    """What somebody wrote: plain text."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"body": {"missing": lazy("Write your message first.")}}

    body: Annotated[str, Field(max_length=LONGEST)]


class ReportForm(Inbound):
    """Why a message is reported."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"reason": {"any": lazy("Choose what is wrong with it.")}}

    reason: Reason
    body: Annotated[str, Field(max_length=600)] = ""
