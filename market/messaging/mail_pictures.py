"""Files that came with a mailed answer: pictures are taken in like uploaded ones, everything else is named as left out.

The same limits hold as on the site (`pictures`): so many, so large, still pictures only, and only once the booking is
confirmed. What is smaller than any photograph is decoration of a mail program and passed over without a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from market.bookings.states import State
from market.errors import Invalid
from market.i18n.messages import translate
from market.media import decoding
from market.messaging import pictures, rules
from market.messaging.mail_text import Attached
from market.values.text import Text, lazy

_DECORATION: Final = 8 * 1024
_NAMED: Final = 6
_TOO_EARLY: Final = lazy("Left out, because pictures can be sent once the booking is confirmed: %(names)s")
_LEFT_OUT: Final = lazy(
    "Left out, because only still pictures up to 15 MB, four a message, are passed on: %(names)s"
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What came with a mail: pictures that may be taken in, and the names of the rest with why."""

    files: tuple[bytes, ...]
    left_out: tuple[str, ...]
    early: bool

    def said(self, body: str, locale: str) -> str:
        """The words of the mail with what was left out below them; a picture alone gets a few words."""
        if not body and self.files:
            body = translate(lazy("A picture for you."), locale)
        if not self.left_out:
            return body
        why: Text = _TOO_EARLY if self.early else _LEFT_OUT
        names = ", ".join(self.left_out[:_NAMED]) + (", …" if len(self.left_out) > _NAMED else "")
        note = f"({translate(why, locale) % {'names': names}})"
        return f"{body[: rules.LONGEST - len(note) - 2].rstrip()}\n\n{note}".strip()


async def sort(attached: Sequence[Attached], state: State) -> Sorted:
    """Judge each file as an upload would be judged."""
    early = state not in rules.KNOWN_TO_EACH_OTHER
    good, bad = list[bytes](), list[str]()
    for file in attached:
        if file.is_picture and len(file.data) < _DECORATION:
            continue
        if early or len(good) >= pictures.MOST or not await _is_fit(file):
            bad.append(file.name)
        else:
            good.append(file.data)
    return Sorted(tuple(good), tuple(bad), early and bool(bad))


async def _is_fit(file: Attached) -> bool:
    if not file.is_picture or len(file.data) > pictures.MAX_BYTES:
        return False
    try:
        await asyncio.to_thread(decoding.probe, file.data)
    except Invalid:
        return False
    return True
